from __future__ import annotations

from reliability_lint.rule import Findings, Note, SemanticModel, ends_only_thread, leavings, rule


@rule("REL724", severity="error")
def hard_exit(model: SemanticModel) -> Findings:
    """
    A request, job or thread that ends the process it runs in.

    A worker serves many requests. One that exits takes the others with it: their clients get no answer, their transactions are left as they are, and the
    process has to start anew. In a thread the same line does the opposite: `SystemExit` ends the thread alone, without a word, and the process goes on
    without it.

    Command lines may exit, and so may the child of a fork. A thread that watches over the process and ends it by `os._exit` means what it says, and one that
    exits without a status, or with 0, may only want to leave.

    Bad:

        import os
        import sys

        from flask import Flask

        app = Flask(__name__)

        @app.get("/rates")
        def rates():
            if not RATES.exists():
                sys.exit("no rates")  # REL724 "sys.exit()"
            return RATES.read_text()

        @app.post("/reload")
        def reload():
            os._exit(0)  # REL724 "at once"

    Bad (a thread that was meant to stop the process):

        import sys
        import threading

        def consume():
            for message in queue:
                if message.poison:
                    sys.exit(1)  # REL724 "ends this thread only"

        threading.Thread(target=consume).start()

    Bad (a job):

        from celery import shared_task

        @shared_task
        def import_orders(path):
            if not path:
                raise SystemExit("no path")  # REL724 "counts as lost"

    Good:

        import os
        import signal
        import sys
        import threading

        from flask import Flask, abort

        app = Flask(__name__)

        @app.get("/rates")
        def rates():
            if not RATES.exists():
                abort(503, "no rates")
            return RATES.read_text()

        @app.post("/stop")
        def stop():
            os.kill(os.getpid(), signal.SIGTERM)  # the server finishes what it has begun
            return "", 202

        def watch(heart):
            if not heart.beats(within=30):
                os._exit(70)  # a watchdog, and nothing else would end a process that hangs

        def main():
            threading.Thread(target=watch, args=(HEART,), daemon=True).start()
            if not app.config:
                sys.exit("no configuration")
            app.run()

    Good (what exits is another process, or is caught):

        import os
        import sys

        from flask import Flask

        app = Flask(__name__)

        @app.post("/report")
        def report():
            if os.fork() == 0:
                render()
                os._exit(0)
            return "", 202

        @app.post("/check")
        def check():
            try:
                validate()
                sys.exit(0)
            except SystemExit as left:
                return {"code": left.code}
    """
    meanings = model.meanings
    for leaving in leavings(model):
        place = leaving.place
        function = place.function
        assert function is not None
        root, thread = meanings.handled_by(function), None
        job = meanings.task(root)
        if root is None:
            thread = ends_only_thread(function)
            if thread is None or leaving.at_once or not leaving.failed:
                continue
            message = f"{leaving.title} ends this thread only, and silently: the process goes on without it"
            cure = "log the failure and set an event on which the main thread exits, or let the exception through to threading.excepthook"
        elif leaving.at_once:
            message = (
                f"{leaving.title} ends the process at once: everything else that this worker is doing is lost, and nothing is cleaned up"
            )
            cure = "raise an exception for this one; to stop the service, send it SIGTERM"
        elif job is None:
            message = (
                f"{leaving.title} in a request: the client gets no answer, and the worker may end with everything else that it is doing"
            )
            cure = "answer with an error status, or raise an exception that becomes one"
        elif job.loses_worker:
            message = f"{leaving.title} in a job: the worker ends with it, and the job counts as lost"
            cure = "raise an exception, or return"
        else:
            continue
        notes = [Note(root.at, "it runs for this")] if root is not None and root is not function else []
        notes += [Note(thread.at, "the thread is made here")] if thread is not None else []
        yield place.finding(message, cure=cure, notes=tuple(notes), severity="warning" if root is None or job is not None else None)
