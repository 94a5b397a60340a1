from __future__ import annotations

from reliability_lint.rule import Bound, Findings, Items, SemanticModel, TimeoutClass, Wait, find, rule


@rule("REL103", severity="error")
def partial_timeout(model: SemanticModel) -> Findings:
    """
    A timeout for one phase of a call and none for another.

    Connecting is the short part. A server that accepts the connection and never answers is the common way to hang, and a limit for connecting does
    nothing about it. In some libraries naming one phase even takes the default away from all the others.

    An object of timeouts is reported where it is made, once, and not at the clients that share it.

    Bad:

        import aiohttp
        import requests

        def feed(url):
            return requests.get(url, timeout=(3, None))  # REL103 "read"

        async def rates(url):
            limits = aiohttp.ClientTimeout(connect=5)  # REL103 "total or sock_read"
            async with aiohttp.ClientSession(timeout=limits) as session, session.get(url) as answer:
                return await answer.json()

    Bad (by two parameters):

        # requirements.txt
        redis==5.0.8

        # shop/cache.py
        import redis

        cache = redis.Redis(host="cache", socket_connect_timeout=1)  # REL103 "socket_timeout"

    Good:

        import aiohttp
        import httpx
        import redis
        import requests
        import urllib3

        cache = redis.Redis(host="cache", socket_connect_timeout=1, socket_timeout=2)
        limits = aiohttp.ClientTimeout(total=15, connect=5)
        slow_start = aiohttp.ClientTimeout(connect=60, sock_read=30)
        phases = httpx.Timeout(10, connect=3)
        pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=10, connect=None))

        def feed(url, seconds):
            requests.get(url, timeout=(3, seconds))
            return requests.get(url, timeout=(3, 30))

    Good (a stream has no last byte):

        import httpx
        import requests

        stream_timeout = httpx.Timeout(10, read=None)

        def download(url):
            return requests.get(url, stream=True, timeout=(5, None))

        async def chat(url, question):
            client = httpx.AsyncClient(timeout=httpx.Timeout(10, read=None))
            async with client.stream("POST", url, json=question) as answer:
                async for line in answer.aiter_lines():
                    yield line
    """
    meanings = model.meanings
    for call, kind in meanings.of(TimeoutClass):
        verdict = meanings.phases(call, kind)
        if verdict.bound is Bound.PARTIAL and not meanings.made_for_streams(call):
            phases = verdict.open_phase if kind.needs_all else verdict.open_phase.replace(" and ", " or ")
            yield call.finding(
                f"{call.title}() sets no limit for {phases}: a peer that falls silent at that point is waited for without end",
                cure=f"set {phases} too",
            )
    for call, wait in meanings.of(Wait):
        if wait.timeout is None or wait.tier in ("opt-in", "never") or not (wait.timeout.phases or wait.partial):
            continue
        verdict = meanings.verdict(call, wait)
        if verdict.maker is not None or (wait.tier == "sensitive" and not meanings.sensitive(call)):
            continue
        open_phase = ""
        if verdict.bound is Bound.PARTIAL and isinstance(find(wait.timeout, call.made), Items):
            open_phase = verdict.open_phase
        elif verdict.bound is Bound.NONE and not verdict.given and meanings.partly_bounded(call, wait):
            open_phase = wait.timeout.keyword
        if open_phase and not meanings.endless_by_design(call, wait) and not meanings.has_deadline(call, wait):
            yield call.finding(
                f"{call.title}() may wait for ever: the timeout of the {wait.what} leaves out {open_phase}",
                cure=f"set {open_phase} too",
            )
