from __future__ import annotations

from reliability_lint.rule import Findings, Note, SemanticModel, excerpt, rule, stops


@rule("REL720", severity="warning")
def shutdown_only_on_keyboard_interrupt(model: SemanticModel) -> Findings:
    """
    A process that leaves things in order on Ctrl-C, and only then.

    Nobody presses Ctrl-C in production. Containers, systemd and every orchestrator send SIGTERM, which ends a Python process on the spot: no `except`, no
    `finally`, no exit function. So the code that was written for the end runs on the desk alone, and each deployment loses what was in flight.

    Only the main function of a process is looked at, where something keeps it going: a loop without end that waits, or a call that serves. Nothing is said
    of a file that has to do with signals at all, nor of a loop that prints: somebody looks at that one, and presses Ctrl-C.

    Bad:

        from confluent_kafka import Consumer

        consumer = Consumer(SETTINGS)

        def main():
            try:
                while True:
                    handle(consumer.poll(1.0))
            except KeyboardInterrupt:  # REL720 "consumer.close()"
                consumer.close()

    Bad (the same in other words):

        from http.server import HTTPServer

        server = HTTPServer(("", 8000), Metrics)

        try:
            server.serve_forever()
        except KeyboardInterrupt:  # REL720
            pass
        finally:
            rates.flush()

    Good:

        import signal
        import threading

        from confluent_kafka import Consumer

        consumer = Consumer(SETTINGS)
        stop = threading.Event()

        def main():
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
            try:
                while not stop.is_set():
                    handle(consumer.poll(1.0))
            except KeyboardInterrupt:
                pass
            consumer.close()

    Good (nothing is left in disorder, or somebody sits at the keyboard):

        import time

        def main():
            try:
                while True:
                    measure()
                    time.sleep(60)
            except KeyboardInterrupt:
                print("bye")

        def shell():
            try:
                while True:
                    run(input("> "))
            except KeyboardInterrupt:
                history.save()

        if __name__ == "__main__":
            shell()
    """
    for stop in stops(model):
        yield stop.handler.finding(
            f"{excerpt(stop.cleanup.func)}() is called after Ctrl-C only: SIGTERM, by which services are stopped, ends this process without it",
            cure="let a handler for SIGTERM set what ends the loop, or raise what is caught here",
            notes=(Note(stop.going, "this goes on until the process is told to end"),),
        )
