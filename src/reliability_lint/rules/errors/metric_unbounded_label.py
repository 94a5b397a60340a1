from __future__ import annotations

from reliability_lint.rule import Call, Findings, MetricLabel, excerpt, rule, unbounded

_CURES = {
    "address": "use the template of the route, which is the same for all that it serves",
    "identity": "leave it to logs and traces, and label with a kind of which there are few",
    "error": "use type(error).__name__",
    "fresh": "leave it to logs and traces",
}


@rule("REL550", severity="warning")
def metric_unbounded_label(call: Call, label: MetricLabel) -> Findings:
    """
    A label of a metric that may have any number of values.

    Each new value begins a series of its own, which the process keeps until it ends and the store of metrics for much longer. With an address, a customer or
    the text of an error as label there are soon millions: memory grows with the traffic, and queries of dashboards and alerts time out.

    Bad:

        from prometheus_client import Counter

        requests_seen = Counter("requests_total", "Requests", ["path", "user"])
        failures = Counter("failures_total", "Failures", ["error"])

        async def measure(request, call_next):
            requests_seen.labels(
                path=request.url.path,  # REL550 "request.url.path"
                user=request.user.id,  # REL550 "request.user.id"
            ).inc()
            try:
                return await call_next(request)
            except Exception as error:
                failures.labels(str(error)).inc()  # REL550
                raise

    Good:

        from prometheus_client import Counter

        requests_seen = Counter("requests_total", "Requests", ["route", "status"])
        failures = Counter("failures_total", "Failures", ["error"])

        async def measure(request, call_next):
            try:
                response = await call_next(request)
            except Exception as error:
                failures.labels(type(error).__name__).inc()
                raise
            requests_seen.labels(route=request.scope["route"].path, status=str(response.status_code)).inc()
            return response
    """
    for at, value, kind in unbounded(call, label):
        yield call.finding(
            f"{excerpt(value)} as a label of {call.title}() may be anything: each new value begins a series that stays",
            cure=_CURES[kind],
            at=at,
        )
