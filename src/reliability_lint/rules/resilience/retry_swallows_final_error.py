from __future__ import annotations

import libcst as cst

from reliability_lint.rule import (
    Attempts,
    Edit,
    Findings,
    Fix,
    Function,
    Handler,
    Loop,
    Note,
    aside,
    attempts,
    dotted,
    ends,
    explained,
    following,
    mentions,
    only_conflicts,
    own,
    rule,
    statements,
    tells,
    trap_of,
    walk,
)


@rule("REL128", severity="warning")
def retry_swallows_final_error(loop: Loop) -> Findings:
    """
    A loop that gives up without a word.

    After the last attempt it simply ends, and so does the function. Its caller gets None, or nothing, as after a success, and goes on with it: the
    order is marked as sent, the price is missing three calls later, and what really went wrong is known to nobody.

    A function whose annotation says that it may give None is left alone, and so is one that says or does anything after the loop.

    Bad:

        import time

        import requests

        def label(shipment):
            for _ in range(3):  # REL128 "returns None"
                try:
                    return requests.get(f"{CARRIER}/labels/{shipment}", timeout=5).content
                except requests.RequestException:
                    time.sleep(1)

        def announce(shipment):
            for attempt in range(5):  # REL128 "as if it had succeeded"
                try:
                    requests.put(f"{CARRIER}/announcements/{shipment}", timeout=5)
                    break
                except requests.RequestException as error:
                    print(error)
                    time.sleep(attempt)

    Fixed:

        import time

        import requests

        def label(shipment):
            for attempt in range(3):
                try:
                    return requests.get(f"{CARRIER}/labels/{shipment}", timeout=5).content
                except requests.RequestException:
                    if attempt == 2:
                        raise
                    time.sleep(1)

        def announce(shipment):
            for attempt in range(5):
                try:
                    requests.put(f"{CARRIER}/announcements/{shipment}", timeout=5)
                    break
                except requests.RequestException as error:
                    if attempt == 4:
                        raise
                    print(error)
                    time.sleep(attempt)

    Good:

        import time

        import requests

        def label(shipment):
            for attempt in range(3):
                try:
                    return requests.get(f"{CARRIER}/labels/{shipment}", timeout=5).content
                except requests.RequestException:
                    if attempt == 2:
                        raise
                    time.sleep(1)

        def price(sku):
            for _ in range(3):
                try:
                    return requests.get(f"{PRICES}/{sku}", timeout=5).json()
                except requests.RequestException:
                    time.sleep(1)
            else:
                raise LookupError(sku)

        def rating(sku) -> float | None:  # who calls it knows that there may be none
            for _ in range(3):
                try:
                    return requests.get(f"{RATINGS}/{sku}", timeout=5).json()
                except requests.RequestException:
                    time.sleep(1)

        def delivered(shipment):
            for _ in range(3):
                try:
                    requests.put(f"{SHOP}/deliveries/{shipment}", timeout=5)
                    return True
                except requests.RequestException:
                    time.sleep(1)
            return False  # that is an answer
    """
    tried = attempts(loop)
    if tried is None or not _ends_by_itself(tried) or only_conflicts(tried.catches):
        return
    function = loop.function
    assert function is not None
    if function.generator or any(frame.kind == "loop" for frame in loop.frame.within_function()):
        return
    if _may_give_nothing(function) or any(_keeps(handler) or _is_harmless(handler) for handler in tried.handlers):
        return
    rest = [*(statements(loop.node.orelse.body) if loop.node.orelse is not None else ()), *following(loop.node, loop)]
    if any(not _is_empty_return(statement) for statement in rest):
        return
    empty = any(isinstance(statement, cst.Return) and isinstance(statement.value, cst.List | cst.Dict) for statement in rest)
    outcome = "returns an empty result" if empty else "returns None" if _gives_value(tried) else "ends as if it had succeeded"
    yield loop.finding(
        f"when {tried.calls[0].word}() fails in every attempt nobody is told: {function.name}() {outcome}",
        cure="let the last failure through: raise it in the last attempt, or after the loop",
        notes=tuple(Note(handler.node, "the last failure ends here too") for handler in tried.handlers[:1]),
        fix=_raised_last(tried),
    )


def _raised_last(tried: Attempts) -> Fix | None:
    """The last failure raised where it is caught, if the loop counts its attempts or would if the number had a name."""
    node = tried.loop.node
    last = _last(node.iter) if isinstance(node, cst.For) else ""
    if not last or not isinstance(node, cst.For) or not isinstance(node.target, cst.Name):
        return None
    name, edits = node.target.value, []
    if not name.strip("_"):
        name = "attempt"
        edits.append(Edit(node.target, name))
        if tried.loop.scope.find(name) is not None:
            return None
    for handler in tried.handlers:
        body = handler.node.body
        if not isinstance(body, cst.IndentedBlock):
            return None
        edits.append(Edit(body.body[0], f"if {name} == {last}:\n    raise", at="before"))
    return Fix("raise it in the last attempt", tuple(edits))


def _last(iterable: cst.BaseExpression) -> str:
    """The last number of a `range`, as it is written; "" where it is not one that goes up by one."""
    match iterable:
        case cst.Call(func=cst.Name(value="range"), args=[*_, cst.Arg(value=stop, keyword=None, star="")] as args) if len(args) <= 2:
            match stop:
                case cst.Integer():
                    return str(stop.evaluated_value - 1)
                case cst.Name() | cst.Attribute() if dotted(stop):
                    return f"{dotted(stop)} - 1"
                case cst.BinaryOperation(left=cst.Name() | cst.Attribute() as count, operator=cst.Add(), right=cst.Integer(value="1")):
                    return dotted(count)
    return ""


def _ends_by_itself(tried: Attempts) -> bool:
    """Whether success leaves the loop at once, failure never does, and the loop has an end."""
    if tried.endless or not tried.certain or tried.limit == 1:
        return False
    if isinstance(tried.loop.node, cst.While) and tried.loop.node.orelse is not None:
        return False
    return all(ends(handler.node.body) <= {"on", "continue"} for handler in tried.handlers)


def _may_give_nothing(function: Function) -> bool:
    """Whether the annotation says that there may be no result."""
    returns = function.node.returns
    if returns is None:
        return False
    words = {node.value for node in walk(returns.annotation) if isinstance(node, cst.Name)}
    text = "".join(node.value for node in walk(returns.annotation) if isinstance(node, cst.SimpleString))
    if isinstance(returns.annotation, cst.Name) and returns.annotation.value == "None":
        return False
    return bool(words & {"Optional", "None", "Any", "bool"}) or "None" in text or "Optional" in text


def _keeps(handler: Handler) -> bool:
    """Whether a handler does anything with the failure but to write it down: it stores it, or hands it to something else."""
    function = handler.function
    for node in own(handler.node.body):
        if isinstance(node, cst.Assign | cst.AugAssign | cst.AnnAssign) and handler.bound and mentions(node, handler.bound):
            return True
    for call in function.calls if function is not None else ():
        if handler.inside.encloses(call.frame) and handler.bound and isinstance(call.node, cst.Call):
            spoken = call.word in _TEXTS or tells(call.node, handler.model)
            if not spoken and any(mentions(arg, handler.bound) for arg in call.node.args) and not call.name.startswith("builtins."):
                return True
    return False


_TEXTS = frozenset({"format", "write"})


def _is_harmless(handler: Handler) -> bool:
    """Whether a comment says why nothing is done, or what is tried is of the kind that may fail without harm."""
    trap = trap_of(handler)
    return aside(trap) or explained(trap)


def _is_empty_return(statement: cst.CSTNode) -> bool:
    """Whether a statement gives back nothing, or what looks like there was nothing."""
    if not isinstance(statement, cst.Return):
        return isinstance(statement, cst.Pass)
    match statement.value:
        case None | cst.Name(value="None"):
            return True
        case cst.List(elements=()) | cst.Dict(elements=()):
            return True
    return False


def _gives_value(tried: Attempts) -> bool:
    """Whether success gives something back."""
    function = tried.loop.function
    return function is not None and any(place.value is not None and tried.loop.inside.encloses(place.frame) for place in function.returns)
