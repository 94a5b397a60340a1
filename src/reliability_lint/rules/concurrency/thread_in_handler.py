from __future__ import annotations

import re

import libcst as cst

from reliability_lint.rule import Call, Entries, Findings, Function, Instance, Items, Launch, Made, Note, Offload, excerpt, rule, walk

# What ends or replaces the process cannot be done before the answer is sent, nor by anybody else.
_ENDS_PROCESS = re.compile(r"(?<![a-z])(shut_?down|_?exit|kill|re_?start|stop|terminate|quit|reboot|reload|signal)", re.IGNORECASE)
_SETTINGS = frozenset({"daemon", "name"})


@rule("REL712", severity="warning")
def thread_in_handler(call: Call, launch: Launch) -> Findings:
    """
    A thread that a request leaves behind.

    The server that runs the handler knows nothing of it. When it replaces the worker, at each deployment and after some thousand requests, the work is
    gone, though the client was told that all is well; a failure is seen by nobody; and as nothing limits how many there are, many requests at once
    are as many threads.

    Threads that are joined, kept somewhere, or that the handler hears from are left alone; so are those that are given nothing of the request, such as
    a check that any request may set off, and what ends the process itself.

    Bad:

        import threading

        from flask import Flask

        app = Flask(__name__)

        @app.post("/orders/<order>")
        def ordered(order):
            threading.Thread(target=mail_invoice, args=(order,)).start()  # REL712 "a thread"
            return "ordered"

    Bad:

        from multiprocessing import Process
        from threading import Timer

        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/reports")
        def report(year: int):
            process = Process(target=render, args=(year,))
            process.start()  # REL712 "a process"
            return "it will come"

        @app.post("/orders")
        def order(sku: str):
            remind_later(sku)
            return "ordered"

        def remind_later(sku):
            timer = Timer(600, remind, (sku,))
            timer.daemon = True
            timer.start()  # REL712 "a timer"

    Good:

        import queue
        import threading

        from flask import Flask

        app = Flask(__name__)
        threads = []

        def main():
            threading.Thread(target=work_off_orders, daemon=True).start()
            app.run()

        @app.post("/orders")
        def order():
            orders.send("mail_invoice")
            return "ordered"

        @app.get("/offers")
        def offers():
            thread = threading.Thread(target=ask_second_shop)
            thread.start()
            found = ask_first_shop()
            thread.join(timeout=5)
            return found

        @app.get("/rates")
        def rates():
            answers = queue.Queue()
            threading.Thread(target=ask, args=(answers,)).start()
            return answers.get(timeout=5)

        @app.post("/prices")
        def prices():
            thread = threading.Thread(target=fetch_prices)
            threads.append(thread)  # somebody may look after it
            thread.start()
            return "begun"

        @app.get("/health")
        def health():
            if due():
                threading.Thread(target=check_disks, name="disks").start()
            return "ok"

        @app.post("/shutdown")
        def shutdown():
            threading.Timer(1, shut_server_down).start()
            return "bye"
    """
    meanings = call.model.meanings
    handler = meanings.handled_by(call.function)
    route = meanings.route(handler)
    if call.function is None or handler is None or route is None or meanings.keeps_connection(route):
        return
    maker = _left_behind(call, call.function)
    if (
        maker is None
        or _given(maker).isdisjoint(call.function.inner.bindings)
        or _hears(call.function, maker)
        or _ENDS_PROCESS.search(excerpt(maker.node, 200))
        or _ENDS_PROCESS.search(handler.name)
    ):
        return
    yield call.finding(
        f"a {launch.what} that a request leaves behind: its work is lost with the worker, its failure is seen by nobody, and nothing limits how many run",
        cure="hand the work to a job queue, or wait for it before the answer",
        notes=(Note(handler.at, "requests come in here"),) if handler is not call.function else (),
    )


def _left_behind(call: Call, function: Function) -> Call | None:
    """The call that made what is started, where nothing in the function keeps that or looks at it again."""
    if not isinstance(call.node, cst.Call) or not isinstance(call.node.func, cst.Attribute):
        return None
    started = call.node.func.value
    if isinstance(started, cst.Name):
        bindings = function.inner.bindings.get(started.value, [])
        if (
            len(bindings) != 1
            or bindings[0].kind not in ("assign", "annotation")
            or _used_otherwise(function, started.value, call.node.func)
        ):
            return None
        started = bindings[0].value or started
    maker = next((other for other in function.calls if other.node is started), None)
    return maker if maker is not None and function.model.meanings.means(maker, Offload) is not None else None


def _used_otherwise(function: Function, name: str, start: cst.Attribute) -> bool:
    """Whether a name is used for more than to be bound, set up and started."""
    allowed = {id(start.value)}
    for node in walk(function.node.body):
        match node:
            case cst.AssignTarget(target=cst.Name() as target) | cst.AnnAssign(target=cst.Name() as target):
                allowed.add(id(target))
            case cst.AssignTarget(target=cst.Attribute(value=cst.Name() as owner, attr=cst.Name(value=attribute))) if (
                attribute in _SETTINGS
            ):
                allowed.add(id(owner))
            case cst.Attribute(attr=cst.Name() as attr):
                allowed.add(id(attr))
            case cst.Arg(keyword=cst.Name() as keyword):
                allowed.add(id(keyword))
    return any(isinstance(node, cst.Name) and node.value == name and id(node) not in allowed for node in walk(function.node.body))


def _given(maker: Call) -> set[str]:
    """The names that are passed to what is started."""
    assert isinstance(maker.node, cst.Call)
    return {node.value for arg in maker.node.args for node in walk(arg.value) if isinstance(node, cst.Name)}


def _hears(function: Function, maker: Call) -> bool:
    """Whether the function goes on to use an object that it shares with what it started: a queue, an event, a list for results."""
    nested = [place for place in function.model.functions if place.function is function and place.name in _given(maker)]
    given = _given(maker) | {node.value for place in nested for node in walk(place.node.body) if isinstance(node, cst.Name)}
    shared = {name for name in given if _is_shared(function, name)}
    nodes = walk(function.node.body)
    inside = {id(node) for place in nested for node in walk(place.node)} | {id(node) for node in walk(maker.node)}
    after = next((index for index, node in enumerate(nodes) if node is maker.node), 0)
    return any(isinstance(node, cst.Name) and node.value in shared and id(node) not in inside for node in nodes[after:])


def _is_shared(function: Function, name: str) -> bool:
    """Whether a local name holds a container, or an object of a kind that is known."""
    for binding in function.inner.bindings.get(name, []):
        if binding.kind in ("assign", "annotation") and binding.value is not None:
            datum = function.model.evaluate(binding.value, binding)
            if isinstance(datum, Items | Entries) or (isinstance(datum, Made | Instance) and function.model.type_of(datum)):
                return True
            if isinstance(binding.value, cst.List | cst.Dict | cst.Set):
                return True
    return False
