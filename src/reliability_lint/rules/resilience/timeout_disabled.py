from __future__ import annotations

from reliability_lint.rule import NONE, Bound, Call, Deadline, Findings, Missing, Note, SemanticModel, Wait, find, handed_on, rule


@rule("REL102", severity="error")
def timeout_disabled(model: SemanticModel) -> Findings:
    """
    A timeout that is switched off.

    Whoever passes None, or what means the same to this library, gives up the one thing that gets a worker back from a peer that has gone silent.
    If five seconds are too short, sixty are a better answer than never.

    What is meant to stay open is left alone: streams, subscriptions, and functions and clients named after them. Waits that nobody waits for, such
    as those for a process in a script, are not reported either.

    Bad:

        import httpx
        import requests

        client = httpx.Client(timeout=None)  # REL102 "waits for ever"
        NEVER = httpx.Timeout(None)

        def rate(currency):
            requests.get(URL, timeout=None)  # REL102
            client.get(URL, timeout=NEVER)  # REL102
            return httpx.get(URL, timeout=float("inf"))  # REL102

    Bad (zero, or a minus, may mean never):

        import aiohttp

        async def rate(session: aiohttp.ClientSession, currency):
            async with session.get(URL, timeout=0) as answer:  # REL102
                await answer.json()
            async with session.get(URL, timeout=aiohttp.ClientTimeout(total=None)) as answer:  # REL102
                return await answer.json()

    Bad (a deadline that never comes):

        import asyncio

        async def handle(event):
            await asyncio.wait_for(store(event), None)  # REL102
            async with asyncio.timeout(None):  # REL102
                await publish(event)

    Good:

        import httpx
        import requests

        client = httpx.Client(timeout=httpx.Timeout(10, connect=3))

        def rate(currency, timeout=None):
            requests.get(URL, timeout=timeout)
            return client.get(URL, timeout=60)

    Good (meant to stay open):

        import asyncio

        import httpx
        import requests

        events_stream = httpx.AsyncClient(timeout=None)

        def download(url):
            return requests.get(url, stream=True, timeout=(5, None))

        async def relay(url):
            async with httpx.AsyncClient(timeout=None) as client, client.stream("GET", url) as answer:
                async for line in answer.aiter_lines():
                    yield line

        async def patient():
            async with asyncio.timeout(None) as limit:
                limit.reschedule(await when())
                await work()

    Good (None is not "never" here):

        import psycopg
        import redis

        cache = redis.Redis(host="cache", socket_timeout=2)

        def connect():
            cache.xread({"orders": "0"}, block=None)  # does not wait at all
            return psycopg.connect("dbname=shop", connect_timeout=None)  # 130 seconds
    """
    meanings = model.meanings
    for call, wait in meanings.of(Wait):
        if wait.timeout is None or wait.tier == "never" or not _matters(call, wait):
            continue
        verdict = meanings.verdict(call, wait)
        if verdict.bound is not Bound.NONE or not verdict.given or verdict.maker is not None:
            continue
        if not meanings.endless_by_design(call, wait) and not meanings.has_deadline(call, wait):
            maker = meanings.made_at(given if not isinstance(given := find(wait.timeout, call.made), Missing) else None)
            yield call.finding(
                f"{call.title}() waits for ever: the timeout of the {wait.what} is switched off",
                cure="give it a number of seconds, as long as the slowest answer that is still of use",
                notes=(
                    *((Note(maker, "the timeout that never ends"),) if maker is not None and find(wait.timeout, call.made) != NONE else ()),
                    *handed_on(call),
                ),
            )
    for call, deadline in meanings.of(Deadline):
        verdict = meanings.limit(call, deadline)
        # A scope with a name may be given its deadline later.
        scope_alone = deadline.awaits is None and any(
            item.item is call.node and item.asname is None for item in getattr(call.statement, "items", ())
        )
        if verdict.bound is Bound.NONE and verdict.given and (deadline.awaits is not None or scope_alone):
            yield call.finding(
                f"{call.title}() without a time limit has no effect: what it waits for may take for ever",
                cure="give it a number of seconds",
            )


def _matters(call: Call, wait: Wait) -> bool:
    """Whether somebody waits for the call; a client's own default that was switched off matters everywhere."""
    meanings = call.model.meanings
    match wait.tier:
        case "sensitive":
            return meanings.sensitive(call)
        case "opt-in":
            return meanings.handled_by(call.function) is not None
    return True
