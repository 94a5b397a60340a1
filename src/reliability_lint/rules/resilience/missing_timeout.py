from __future__ import annotations

from reliability_lint.rule import Bound, Call, Findings, Note, Wait, handed_on, rule


@rule("REL101", severity="warning")
def missing_timeout(call: Call, wait: Wait) -> Findings:
    """
    A call that may wait for ever.

    A peer that accepts the connection and then says nothing keeps this worker until someone restarts the process. As many such peers as there
    are workers stop the service.

    Some calls matter everywhere, such as HTTP requests without any default; others only where somebody waits for them: in request handlers, in
    background jobs, in coroutines, and in what these call within their module. Defaults that changed from version to version are those of the
    version that the project's lock file or requirements name; where they name none, nothing is said.

    Bad:

        import requests

        def rate(currency):
            session = requests.Session()
            requests.get(URL)  # REL101 "the HTTP request has no timeout"
            return session.get(URL, headers=HEADERS)  # REL101

    Bad (the client comes from another module):

        # shop/http.py
        import requests

        carrier = requests.Session()

        # shop/shipping.py
        from shop.http import carrier

        def label(parcel):
            return carrier.post("https://carrier.example/labels", json=parcel)  # REL101

    Bad (a default of the installed version):

        # requirements.txt
        redis==7.1.0

        # shop/cache.py
        import redis

        cache = redis.Redis(host="cache")  # REL101 "redis 7.1.0"

    Bad (a handler waits for it):

        import subprocess

        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/thumbnails")
        def thumbnail(path: str):
            convert(path)

        def convert(path):
            subprocess.run(["convert", path, "-thumbnail", "200", path + ".png"], check=True)  # REL101

    Good:

        import httpx
        import requests

        def rate(currency, **options):
            requests.get(URL, timeout=(1, 5))
            requests.get(URL, **options)
            requests.get(URL, **{"timeout": 5, **options})
            return httpx.get(URL)  # httpx waits five seconds if not told otherwise

    Good (the session sees to it):

        import functools

        import requests
        from requests.adapters import HTTPAdapter

        class WithTimeout(HTTPAdapter):
            def send(self, request, **kwargs):
                if kwargs.get("timeout") is None:
                    kwargs["timeout"] = 10
                return super().send(request, **kwargs)

        session = requests.Session()
        session.mount("https://", WithTimeout())

        class Carrier(requests.Session):
            def request(self, method, url, **kwargs):
                kwargs.setdefault("timeout", 10)
                return super().request(method, url, **kwargs)

        def rate(currency):
            Carrier().get(URL)
            return session.get(URL)

    Good (a session that another module has seen to):

        # shop/http.py
        import requests
        from requests.adapters import HTTPAdapter

        class WithTimeout(HTTPAdapter):
            def send(self, request, **kwargs):
                if kwargs.get("timeout") is None:
                    kwargs["timeout"] = 10
                return super().send(request, **kwargs)

        def new_session():
            session = requests.Session()
            session.mount("https://", WithTimeout())
            return session

        class Carrier:
            def __init__(self):
                self.session = new_session()

        # shop/shipping.py
        from shop.http import Carrier, new_session

        def label(parcel, carrier: Carrier):
            new_session().get(URL)
            return carrier.session.post(URL, json=parcel)

    Good (something around it ends it):

        import asyncio

        async def greet(host):
            async with asyncio.timeout(10):
                reader, writer = await asyncio.open_connection(host, 25)
                return await reader.readline()

        async def answer(reader: asyncio.StreamReader):
            return await asyncio.wait_for(reader.readline(), 5)

    Good (nobody waits for it, or it is there to wait):

        import asyncio
        import queue
        import subprocess

        jobs = queue.Queue()

        def build():
            subprocess.run(["make", "assets"], check=True)

        async def serve(reader: asyncio.StreamReader, handle):
            while line := await reader.readline():
                await handle(line)

        def work():
            while True:
                jobs.get()()

    Good (something else of this name):

        class Report:
            def __init__(self, requests):
                self.requests = requests

            def first(self):
                return self.requests.get("first")
    """
    meanings = call.model.meanings
    if not (wait.tier == "always" or (wait.tier == "sensitive" and meanings.sensitive(call))):
        return
    verdict = meanings.verdict(call, wait)
    if verdict.bound is not Bound.NONE or verdict.given or meanings.has_deadline(call, wait):
        return
    if meanings.partly_bounded(call, wait) or (wait.arrives and meanings.endless_by_design(call, wait)):
        return
    handler = meanings.handled_by(call.function)
    notes = [Note(handler.at, "a handler that waits for it")] if handler is not None and handler is not call.function else []
    if verdict.maker is not None and (maker := meanings.made_at(verdict.maker)) is not None:
        notes.append(Note(maker, "made here, without a timeout either"))
    notes += handed_on(call)
    version = meanings.index.dated(call.name)
    yield call.finding(
        f"{call.title}() may wait for ever: the {wait.what} has no timeout"
        + (f", and none is the default of {version}" if version else ""),
        cure=wait.cure
        or (f"pass {wait.timeout.keyword}=" if wait.timeout is not None and wait.timeout.keyword else "use a call that takes a timeout"),
        notes=tuple(notes),
        severity="error" if handler is not None else None,
    )
