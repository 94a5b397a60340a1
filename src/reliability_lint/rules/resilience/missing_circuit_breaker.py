from __future__ import annotations

from reliability_lint.project import Finding, Findings, Handler, HttpRequest, Note, Project, Visit, rule, short, way_in_words

_BREAKERS = r"breaker|bulkhead|circuit"
_HOPS = 3  # functions from the handler to the one that asks


@rule("REL153", severity="warning", set="strict")
def missing_circuit_breaker(project: Project) -> Findings:
    """
    A service that several request handlers ask without a circuit breaker.

    When a service that is asked in every request becomes slow, each request waits for its timeout, and the callers' requests pile up behind. A circuit
    breaker notices after a few failures, answers at once from then on, and lets a trial through now and then.

    It is one finding for each client or host that at least two handlers lead to, over up to three functions and in other files too; addresses that are
    only known when the request comes are left alone. A file that speaks of breakers, bulkheads or circuits is taken for one that has them, on the way and where the client is made. What a mesh or a gateway does is
    not seen from here, so the rule is strict.

    Bad:

        # shop/stock.py
        import httpx

        client = httpx.Client(base_url=STOCK, timeout=2)

        def stock(sku):
            return client.get(f"/{sku}").json()  # REL153 "stock() → httpx.Client.get()"

        def reserve(sku):
            return client.post(f"/{sku}/reservations").json()

        # shop/api.py
        from fastapi import FastAPI

        from shop.stock import reserve, stock

        app = FastAPI()

        @app.get("/products/{sku}")
        def product(sku: str):
            return {"stock": stock(sku)}

        @app.post("/products/{sku}/reservations")
        def reservation(sku: str):
            return reserve(sku)

    Good:

        # shop/stock.py
        import httpx
        import pybreaker

        client = httpx.Client(base_url=STOCK, timeout=2)
        breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)

        @breaker
        def stock(sku):
            return client.get(f"/{sku}").json()

        # shop/api.py
        from fastapi import FastAPI

        from shop.stock import stock

        app = FastAPI()

        @app.get("/products/{sku}")
        def product(sku: str):
            return {"stock": stock(sku)}

        # shop/nightly.py
        import httpx

        def collect(url):
            return httpx.get(url, timeout=5)
    """
    asked: dict[str, list[tuple[Handler, Visit]]] = {}
    for handler in project.handlers():
        for visit in project.led_to(handler.name, _HOPS):
            key = _dependency(visit)
            if key and project.means(visit, HttpRequest) and not _is_guarded(handler, visit, project):
                asked.setdefault(key, []).append((handler, visit))
    for by in asked.values():
        handler, visit = by[0]
        served = {one.name: one.serves or short(one.name) for one, _ in by}
        if len(served) < 2:
            continue
        way = way_in_words(visit.way, visit.call.name)
        yield Finding(
            project.site(visit),
            f"{len(served)} handlers wait for this service, and no circuit breaker stands before it: while it is slow, so are they all: {way}",
            "put the calls behind a circuit breaker, or say in a comment what else does its work",
            tuple(Note(project.site(one), f"asked for {served[other.name]} here") for other, one in by[1:3]),
        )


def _dependency(visit: Visit) -> str:
    """Something to tell apart what is asked: the client where one is known, else the host; "" where the address may be any."""
    maker = visit.call.maker
    if maker is not None and maker.site is not None and (visit.step.to or not visit.call.arguments):
        return f"{maker.site.path}:{maker.site.line}:{maker.site.column}"
    return visit.step.to if visit.step.to != "/" else ""


def _is_guarded(handler: Handler, visit: Visit, project: Project) -> bool:
    """Whether a file on the way speaks of breakers."""
    paths = {handler.file.path, visit.file.path}
    if visit.call.maker is not None and visit.call.maker.site is not None:
        paths.add(visit.call.maker.site.path)
    for name in visit.way:
        found = project.function(name)
        if found is not None:
            paths.add(found[1].path)
    return any(project.file_speaks_of(path, _BREAKERS) for path in paths)
