from __future__ import annotations

from reliability_lint.project import Application, Finding, Findings, Project, rule

# Paths, functions, packages and settings of health checks: whoever has one uses one of these words somewhere.
_HEALTH = r"health|readiness|liveness|heartbeat|watchman|\bis_?alive\b|\bready(z|_?check)?\b|\blivez?\b|[/\"'_]ping\b|/_?status\b|\bstatusz\b|[\"'/]up[\"'/]"


@rule("REL174", severity="warning", set="strict")
def missing_health_endpoint(project: Project) -> Findings:
    """
    A web service that cannot be asked whether it is well.

    An orchestrator that has no address to ask can only see that the process is there. One that has lost its database, or hangs, keeps getting requests
    until somebody looks; and a new version gets traffic before it can answer.

    It is one finding for each application, and only where whole folders are checked: any word of health, readiness, a ping or the like, in any file,
    is taken for an endpoint. Where a gateway or a sidecar answers, say so in the settings or a comment.

    Bad:

        # shop/app.py
        from fastapi import FastAPI

        app = FastAPI()  # REL174

        # shop/orders.py
        from shop.app import app

        @app.get("/orders")
        def orders():
            return []

    Good:

        # shop/app.py
        from fastapi import FastAPI

        app = FastAPI()

        # shop/probes.py
        from shop.app import app

        @app.get("/healthz")
        def probe():
            return {"status": "ok"}

    Good (nothing is served):

        import httpx

        def orders():
            return httpx.get(SHOP, timeout=3).json()
    """
    if project.speaks_of(_HEALTH):
        return
    for _, landmark, concept in project.landmarks(Application):
        if isinstance(concept, Application) and concept.serves == "requests":
            yield Finding(
                landmark.site,
                "no health endpoint is to be found anywhere: whoever runs this service can see that the process is there, not whether it works",
                "add a path for liveness and one for readiness, and name them to whoever runs it",
            )
