from __future__ import annotations

from reliability_lint.rule import Findings, Loop, Note, attempts, only_conflicts, rule, starts_something


@rule("REL127", severity="error")
def retry_loop_without_limit(loop: Loop) -> Findings:
    """
    A loop that tries until it succeeds, however long that takes.

    When the failure stays, so does the caller: in a handler the request never ends, in a worker nothing else is done, and the log fills with the same line.

    Bad:

        import time

        import requests

        def label(shipment):
            while True:  # REL127
                try:
                    response = requests.get(f"{CARRIER}/labels/{shipment}", timeout=5)
                    response.raise_for_status()
                    return response.content
                except requests.RequestException:
                    time.sleep(2)

    Good:

        import time

        import redis
        import requests

        client = redis.Redis(socket_timeout=5)

        def label(shipment):
            deadline = time.monotonic() + 60
            while True:
                try:
                    return requests.get(f"{CARRIER}/labels/{shipment}", timeout=5).content
                except requests.RequestException:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(2)

        def work():
            while True:  # success does not end this loop either: it is a worker
                try:
                    job = requests.get(f"{QUEUE}/next", timeout=30).json()
                    done(job)
                except requests.RequestException:
                    time.sleep(2)

        def reserve(sku):
            with client.pipeline() as pipe:
                while True:
                    try:
                        pipe.watch(sku)
                        pipe.multi()
                        pipe.decr(sku)
                        return pipe.execute()
                    except redis.WatchError:  # somebody else was faster
                        continue

        def wait_for_warehouse():
            while not ready():  # somebody else ends it
                try:
                    requests.get(WAREHOUSE, timeout=5)
                    break
                except requests.RequestException:
                    time.sleep(2)
    """
    tried = attempts(loop)
    if tried is None or not tried.endless or only_conflicts(tried.catches):
        return
    function = loop.function
    assert function is not None
    if function.generator or all(loop.model.meanings.ends_in_time(call) for call in tried.calls):
        return
    yield loop.finding(
        f"{tried.calls[0].word}() is tried again for ever: no way leads out of this loop while it keeps failing",
        cure="count the attempts or set a deadline, and let the last failure through",
        notes=tuple(Note(handler.node, "the next attempt follows from here") for handler in tried.handlers[:1]),
        severity="note" if starts_something(function) else None,
    )
