from __future__ import annotations

from reliability_lint.rule import Call, Findings, Metric, made_anew, rule


@rule("REL551", severity="error")
def metric_created_per_call(call: Call, metric: Metric) -> Findings:
    """
    A metric that each call makes anew.

    A process has one metric of a name. The first request makes it, and all others fail where they make it again: in tests, where a function often runs once,
    nothing of that is to be seen.

    Bad:

        from flask import Flask
        from prometheus_client import Counter

        app = Flask(__name__)

        @app.get("/rates")
        def rates():
            views = Counter("rate_views_total", "How often rates were asked for")  # REL551 "rates()"
            views.inc()
            return load_rates()

        def charge(order):
            Counter("charges_total", "Charges", ["currency"]).labels(order.currency).inc()  # REL551
            return send(order)

    Good:

        import functools

        from flask import Flask
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        app = Flask(__name__)
        views = Counter("rate_views_total", "How often rates were asked for")

        @app.get("/rates")
        def rates():
            views.inc()
            return load_rates()

        def init_metrics(app):
            app.charges = Counter("charges_total", "Charges")  # runs once

        def counter_of(name):
            return Counter(name, "One for each name")

        @functools.cache
        def latency():
            return Histogram("latency_seconds", "Of charges")

        def export(rows):
            registry = CollectorRegistry()  # a registry of its own, for one push
            exported = Gauge("rows_exported", "Rows", registry=registry)
            exported.set(len(rows))
            push(registry)
    """
    function = made_anew(call, metric)
    if function is not None:
        yield call.finding(
            f"each call of {function.name}() makes this metric anew, and the second one {metric.again}",
            cure="make it once, at the level of the module, and use it here",
        )
