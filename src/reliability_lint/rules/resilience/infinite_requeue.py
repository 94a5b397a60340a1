from __future__ import annotations

import re

import libcst as cst

from reliability_lint.rule import BROAD, Call, Constant, Findings, Handler, Missing, Note, Requeue, ends, find, rule, walk

# What fails once for such a reason fails every time.
_PERMANENT = re.compile(
    r"^builtins\.(ValueError|KeyError|TypeError|IndexError|LookupError|AttributeError|AssertionError|Unicode\w+)$|\.\w*(Decode|Validation|Schema)Error$"
)
_COUNTS = re.compile(r"attempt|retr(?:y|ies)|(?<![a-z])tries|redeliver|_count|deliveries|dead_?letter|dlq|poison", re.IGNORECASE)


@rule("REL139", severity="error")
def infinite_requeue(call: Call, requeue: Requeue) -> Findings:
    """
    A message that is given back to its queue whatever went wrong with it.

    One that can never be handled, for it is broken or meets a bug, is delivered again at once, fails again, and so on without end: a consumer does
    nothing else, its log fills, and what stands behind in the queue waits.

    Where the code looks at how often a message was delivered, or what has gone wrong, nothing is said.

    Bad:

        import pika

        connection = pika.BlockingConnection(pika.ConnectionParameters("queue"))
        channel = connection.channel()

        def on_order(channel, method, properties, body):
            try:
                book(body)
            except Exception:
                channel.basic_nack(method.delivery_tag)  # REL139 "without end"
            else:
                channel.basic_ack(method.delivery_tag)

        channel.basic_consume("orders", on_order)

    Bad (a context manager that does it):

        from aio_pika.abc import AbstractIncomingMessage

        async def on_order(message: AbstractIncomingMessage):
            async with message.process(requeue=True):  # REL139
                await book(message.body)

    Good:

        import pika

        connection = pika.BlockingConnection(pika.ConnectionParameters("queue"))
        channel = connection.channel()

        def on_order(channel, method, properties, body):
            try:
                book(body)
            except ConnectionError:  # another time it may succeed
                channel.basic_nack(method.delivery_tag)
            except Exception:
                channel.basic_nack(method.delivery_tag, requeue=False)  # to the dead-letter exchange
            else:
                channel.basic_ack(method.delivery_tag)

        def on_return(channel, method, properties, body):
            try:
                take_back(body)
            except Exception:
                channel.basic_nack(method.delivery_tag, requeue=not method.redelivered)

        channel.basic_consume("orders", on_order)
        channel.basic_consume("returns", on_return)

    Good (the second failure is the last):

        from aio_pika.abc import AbstractIncomingMessage

        async def on_order(message: AbstractIncomingMessage):
            async with message.process(requeue=True, reject_on_redelivered=True):
                await book(message.body)
    """
    function = call.function
    if function is None or not _gives_back(call, requeue) or _counts(call, requeue):
        return
    cure = f"drop the message ({requeue.switch.keyword}=False)" if requeue.switch is not None else "reject the message"
    cure += " so that it goes to a dead-letter queue, or count its deliveries"
    if requeue.block:
        if _is_entered(call) and not any(_takes_all(handler) and _stands_in(handler, call) for handler in call.model.handlers):
            yield call.finding(
                f"{call.title}() gives the message back whatever goes wrong in the block: one that always fails is delivered again without end",
                cure=cure,
            )
        return
    handler = _handler_around(call)
    if handler is not None and not _sorted_out(handler):
        yield call.finding(
            f"{call.title}() gives the message back whatever went wrong: one that always fails is delivered again without end",
            cure=cure,
            notes=(Note(handler.node, "failures that never pass come here too"),),
        )


def _gives_back(call: Call, requeue: Requeue) -> bool:
    """Whether a call certainly gives the message back, and any number of times."""
    if requeue.once is not None and find(requeue.once, call.made) not in (Missing.ABSENT, Constant(False)):
        return False
    given = find(requeue.switch, call.made) if requeue.switch is not None else Missing.ABSENT
    return requeue.default if given is Missing.ABSENT else isinstance(given, Constant) and bool(given.value)


def _counts(call: Call, requeue: Requeue) -> bool:
    """Whether the module looks at how often a message was delivered, or the function speaks of it."""
    everywhere = {_text(node) for node in walk(call.model.tree)}
    function = call.function
    here = {_text(node) for node in walk(function.node)} if function is not None else set()
    return bool(everywhere & set(requeue.counted)) or any(_COUNTS.search(text) for text in here)


def _text(node: cst.CSTNode) -> str:
    if isinstance(node, cst.SimpleString):
        value = node.evaluated_value
        return value if isinstance(value, str) else ""
    return node.value if isinstance(node, cst.Name) else ""


def _handler_around(call: Call) -> Handler | None:
    """The handler in which a call always runs, if that catches what never passes."""
    for frame in call.frame.within_function():
        if frame.kind in ("if", "else", "case", "loop", "loop-else"):
            return None
        if frame.kind == "handler":
            handler = next((one for one in call.model.handlers if one.inside is frame), None)
            return handler if handler is not None and (_takes_all(handler) or _permanent(handler)) else None
    return None


def _takes_all(handler: Handler) -> bool:
    return not BROAD.isdisjoint(handler.catches)


def _permanent(handler: Handler) -> bool:
    return any(_PERMANENT.search(name) for name in handler.catches)


def _sorted_out(handler: Handler) -> bool:
    """Whether another handler of the same `try` takes the failures that never pass, or drops the message."""
    meanings = handler.model.meanings
    for other in handler.model.handlers:
        if other is handler or other.tries is not handler.tries:
            continue
        dropping = any(
            other.inside.encloses(call.frame) and not _gives_back(call, requeue) and not requeue.block
            for call, requeue in meanings.of(Requeue)
        )
        if dropping or (_permanent(other) and _takes_all(handler)):
            return True
    return False


def _is_entered(call: Call) -> bool:
    return any(item.item is call.node for place in call.model.withs for item in place.node.items)


def _stands_in(handler: Handler, call: Call) -> bool:
    """Whether a handler stands in the block that a call opens, and keeps the failure to itself."""
    inside = any(
        isinstance(frame.node, cst.With) and any(item.item is call.node for item in frame.node.items)
        for frame in handler.frame.within_function()
    )
    return inside and "raise" not in ends(handler.node.body)
