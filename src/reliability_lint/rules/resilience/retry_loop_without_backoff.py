from __future__ import annotations

from reliability_lint.rule import Findings, Loop, Note, attempts, hurries, rule


@rule("REL129")
def retry_loop_without_backoff(loop: Loop) -> Findings:
    """
    A loop that tries again at once.

    What has just failed has had no time to recover: all attempts are spent within milliseconds, and a service that stumbles under its load gets several
    times that load.

    Bad:

        import requests

        def track(parcel):
            for attempt in range(3):  # REL129 "3 attempts"
                try:
                    return requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5).json()
                except requests.RequestException:
                    if attempt == 2:
                        raise

        def label(parcel):
            tries = 0
            while tries < 5:  # REL129
                try:
                    return requests.get(f"{CARRIER}/labels/{parcel}", timeout=5).content
                except requests.RequestException:
                    tries += 1

    Good:

        import random
        import time

        import requests
        from sqlalchemy.exc import IntegrityError

        def track(parcel):
            for attempt in range(3):
                try:
                    return requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5).json()
                except requests.RequestException:
                    if attempt == 2:
                        raise
                    time.sleep(random.uniform(0, 2**attempt))

        def depots(hosts):
            for host in hosts:  # another host each time
                try:
                    return requests.get(f"https://{host}/depots", timeout=5).json()
                except requests.RequestException:
                    continue

        def offers(hosts):
            for number in range(len(hosts)):
                try:
                    return requests.get(f"https://{hosts[number]}/offers", timeout=5).json()
                except requests.RequestException:
                    continue

        def place(session, order):
            for attempt in range(3):
                try:
                    session.execute(order)
                    return session.commit()
                except IntegrityError:  # somebody else was faster
                    session.rollback()

        def pages():
            for page in range(1, 100):  # each round asks for something else
                try:
                    if not requests.get(OFFERS, params={"page": page}, timeout=5).json():
                        break
                except requests.RequestException:
                    continue
    """
    tried = attempts(loop)
    if tried is None or tried.limit in (1, 2) or not hurries(tried):
        return
    often = f"up to {tried.limit} attempts" if tried.limit is not None else "the attempts"
    yield loop.finding(
        f"{often} to call {tried.calls[0].word}() follow each other without a pause and hit what has just failed",
        cure="sleep before the next attempt, longer each time and by a random share",
        notes=tuple(Note(handler.node, "the next attempt follows from here") for handler in tried.handlers[:1]),
    )
