from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Bound, Call, Findings, Note, Wait, dotted, rule


@rule("REL109", severity="error")
def block_exceeds_socket_timeout(call: Call, wait: Wait) -> Findings:
    """
    A blocking command that its client cuts short.

    The store is asked to wait for half a minute, the client gives up reading after five seconds. An idle queue then looks like a broken connection: the
    client sends the command again on a new one, which hides it for a while, and in the end raises. What the store handed to the connection that was
    given up is lost.

    The client's timeout is the one that it was made with, else the default of the version that the project's files name; where they name none, or
    several that differ, nothing is said.

    Bad:

        # requirements.txt
        redis==8.1.0
        # shop/jobs.py
        import redis

        r = redis.Redis()
        impatient = redis.Redis(socket_timeout=10)

        def next_job():
            return r.brpop("jobs", timeout=30)  # REL109 "5 seconds"

        def next_mail():
            return impatient.blpop("mails")  # REL109 "for ever"

        def events():
            return impatient.xread({"events": "$"}, block=10_000)  # REL109 "10 seconds"

    Good:

        # requirements.txt
        redis==8.1.0
        # shop/jobs.py
        import redis

        worker = redis.Redis(socket_timeout=35)
        patient = redis.Redis(socket_timeout=None)
        r = redis.Redis()

        def next_job():
            return worker.brpop("jobs", timeout=30)

        def next_mail():
            return patient.blpop("mails")

        def events():
            return r.xread({"events": "$"}, block=2_000)

        def work():
            while True:
                try:
                    done(r.brpop("jobs", timeout=30))
                except redis.TimeoutError:  # this is expected
                    continue

    Good (nobody says which version it is: up to 7 it has no timeout of its own, since 8 it has):

        import redis

        r = redis.Redis()

        def next_job():
            return r.brpop("jobs", timeout=30)
    """
    if not wait.cut_short:
        return
    meanings = call.model.meanings
    asked = meanings.verdict(call, wait)
    patience = meanings.patience(call)
    if asked.maker is not None or patience.bound is not Bound.FINITE or not patience.seconds or _expected(call):
        return
    if asked.bound is Bound.NONE:
        time = "for ever"
    elif asked.bound is Bound.FINITE and asked.seconds is not None and asked.seconds >= patience.seconds:
        time = f"for {asked.seconds:g} seconds"
    else:
        return
    made = meanings.made_at(patience.maker)
    yield call.finding(
        f"{call.title}() waits {time}, but its client gives up after {patience.seconds:g} seconds: an empty queue looks like a broken connection",
        cure="make a client for blocking commands, whose timeout is longer than theirs, or block for a shorter time",
        notes=(Note(made, f"the client that waits {patience.seconds:g} seconds for each answer is made here"),) if made is not None else (),
    )


def _expected(call: Call) -> bool:
    """Whether something around the call, or around a call of its function in this file, is there for timeouts."""
    callers = call.model.meanings.callers(call.function) if call.function is not None else []
    return any(_minds_timeouts(place) for place in (call, *callers))


def _minds_timeouts(call: Call) -> bool:
    frames = list(call.frame.within_function())
    tries = [frame.node for frame in frames if frame.kind == "try"]
    if any(_is_timeout(name) for handler in call.model.handlers if handler.tries in tries for name in handler.catches):
        return True
    items = [item.item for frame in frames if isinstance(frame.node, cst.With) for item in frame.node.items]
    passed = [arg.value for item in items if isinstance(item, cst.Call) for arg in item.args]
    return any(_is_timeout(call.model.name_of(one, call) or dotted(one)) for one in passed)


def _is_timeout(name: str) -> bool:
    return name.rpartition(".")[2] in ("TimeoutError", "Timeout")
