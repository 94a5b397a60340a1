from __future__ import annotations

import re

from reliability_lint.rule import Findings, Function, FunctionFacts, Note, Reach, holds_thread, led_to, rule, short, way_in_words

_HOLDS = {"sleep": "sleeps", "network": "waits for the network"}
# What runs once, before anybody waits.
_START = re.compile(r"^_*(on_|handle_|do_|app_)?(start(_?up)?|init(ialize|ialise)?|setup|main|launch|bootstrap|lifespan)(_|$)")


@rule("REL702", severity="warning")
def blocking_call_reached_from_async(function: Function) -> Findings:
    """
    A coroutine calls a function that blocks the event loop.

    The call that blocks stands in another function, often in another file, and looks innocent where it is made: `create_otp(user)`. While it waits
    for the network, no other coroutine of the process goes on: one slow answer stops all requests, health checks among them.

    Functions of the project are followed over up to three calls. What they wait for must be the network or a pause; what a cache keeps, what coroutines
    of the program's start call, and pauses that are made in some cases only are left alone. A call that blocks in the coroutine itself is REL701.

    Bad:

        import requests

        def rate(currency):
            return requests.get(f"{RATES}/{currency}", timeout=3).json()["rate"]

        def total(order):
            return order.amount * rate(order.currency)

        async def invoice(order):
            return {"total": total(order)}  # REL702 "total() → rate() → requests.get()"

    Bad (in another file, behind a class):

        # shop/mail.py
        import smtplib
        import time

        class Mailer:
            def __init__(self, host):
                time.sleep(1)
                self.host = host

            def send(self, message):
                with smtplib.SMTP(self.host, timeout=5) as server:
                    server.send_message(message)

        # shop/api.py
        from shop.mail import Mailer

        mailer = Mailer("localhost")

        async def invite(user):
            mailer.send(user.invitation)  # REL702

        async def invite_elsewhere(user):
            Mailer(user.host)  # REL702 "sleeps"

    Good:

        import asyncio
        import time
        from functools import lru_cache

        import httpx
        import requests

        def rate(currency):
            return requests.get(f"{RATES}/{currency}", timeout=3).json()["rate"]

        @lru_cache
        def countries():
            return requests.get(f"{RATES}/countries", timeout=3).json()

        def rates(currencies):
            for currency in currencies:
                yield rate(currency)

        async def rate_of(currency, http: httpx.AsyncClient):
            return (await http.get(f"{RATES}/{currency}")).json()["rate"]

        def cleared(path):
            if path.exists():
                time.sleep(0.1)  # a second try, hardly ever
            return path

        async def invoice(order, http: httpx.AsyncClient):
            amount = order.amount * await asyncio.to_thread(rate, order.currency)
            lazy = rates(["EUR"])
            started = rate_of(order.currency, http)
            return amount, lazy, countries(), await started, cleared(order.path)

        async def startup():
            return rate("EUR")
    """
    if not function.asynchronous or _START.match(function.name):
        return
    meanings = function.model.meanings
    told: set[str] = set()
    for call in function.calls:
        if call.awaited or call.bare or not call.name or call.name in told or meanings.index.modelled(call.name):
            continue
        for reach in led_to(meanings, call.name, _runs):
            kind = holds_thread(reach, meanings)
            if kind == "network" or (kind == "sleep" and not reach.conditional):
                told.add(call.name)
                yield call.finding(
                    f"{short(call.name)}() {_HOLDS[kind]} on the event loop, and nothing else in this process goes on meanwhile: {way_in_words(reach.way, reach.call.name)}",
                    cure="hand it to asyncio.to_thread(), or make it a coroutine that awaits",
                    notes=_where(reach),
                )
                break


def _runs(facts: FunctionFacts) -> bool:
    """Whether calling a function runs its body here and now."""
    return not facts.asynchronous and not facts.generator


def _where(reach: Reach) -> tuple[Note, ...]:
    return (Note(reach.site, f"{short(reach.way[-1])}() waits here"),) if reach.site is not None else ()
