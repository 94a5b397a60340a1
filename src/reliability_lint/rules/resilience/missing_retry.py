from __future__ import annotations

from collections import defaultdict

from reliability_lint.rule import (
    REPEATABLE_METHODS,
    Call,
    Findings,
    HttpRequest,
    SemanticModel,
    far_side,
    knows_retries,
    method_of,
    needs_no_retry,
    rule,
)


@rule("REL120", severity="note", set="strict")
def missing_retry(model: SemanticModel) -> Findings:
    """
    A harmless request that is given up at the first failure.

    Connections break, servers restart, load balancers move: one request in some thousands fails for no reason that lasts. Where it may be sent twice
    without harm, a second attempt after a short pause spares the user an error page, or the operator a failed task.

    One finding stands for all such requests of a module to the same client or host.

    Bad:

        import requests
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/parcels/{parcel}")
        def track(parcel: str):
            response = requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5)  # REL120 "and 1 more"
            depot = requests.get(f"{CARRIER}/depots/{response.json()['depot']}", timeout=5)
            return depot.json()

    Good:

        # shop/http.py

        import httpx
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry

        client = httpx.Client(transport=httpx.HTTPTransport(retries=2))

        def session():
            made = requests.Session()
            made.mount("https://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0.3)))
            return made

        carrier = session()

        # shop/parcels.py

        from fastapi import FastAPI
        from shop.http import carrier, client

        app = FastAPI()

        @app.get("/parcels/{parcel}")
        def track(parcel: str):
            return carrier.get(f"{CARRIER}/parcels/{parcel}", timeout=5).json()

        @app.get("/depots")
        def depots():
            return client.get("/depots").json()

        @app.get("/offers")
        def offers(gateway):  # a client of unknown making
            return gateway.get("/offers").json()

        @app.post("/pickups")
        def pickup(parcel: dict):  # not to be repeated just like that
            return client.post("/pickups", json=parcel).json()

    Good (the function that asks is repeated):

        import requests
        from fastapi import FastAPI
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        app = FastAPI()

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=2))
        def ask(parcel):
            return requests.get(f"{CARRIER}/parcels/{parcel}", timeout=5)

        @app.get("/parcels/{parcel}")
        def track(parcel: str):
            return ask(parcel).json()
    """
    meanings = model.meanings
    groups: dict[str, list[Call]] = defaultdict(list)
    for call, request in meanings.of(HttpRequest):
        if method_of(call, request) in REPEATABLE_METHODS and meanings.handled_by(call.function) is not None:
            groups[far_side(call, request) or ""].append(call)
    groups.pop("", None)
    if not groups or knows_retries(model):
        return
    for calls in groups.values():
        asking = [call for call in calls if not needs_no_retry(call)]
        if asking:
            rest = f" (and {len(asking) - 1} more to the same side in this module)" if len(asking) > 1 else ""
            yield asking[0].finding(
                f"{asking[0].name}() is given up at the first failure, though it could be sent again{rest}",
                cure="repeat it a few times, after pauses that grow and vary, or tell its client to",
            )
