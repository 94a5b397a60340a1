"""Money: which calls move it, whether they carry a key by which a repetition is known, and who may run them twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import libcst as cst

from ..concepts.base import Parameter
from ..concepts.bounds import find
from ..concepts.http import HttpRequest, Route
from ..concepts.retry import Fresh, IdempotencyKey, Payment
from ..concepts.speech import Log
from ..model.places import Call, Function
from ..model.semantic import SemanticModel
from ..model.values import NONE, Constant, Missing
from ..syntax.tree import walk
from .idempotency import address, has_key, method_of
from .policies import members

_MONEY = re.compile(
    r"(?<![a-z])(pay|payments?|charges?|checkout|transfers?|refunds?|payouts?|withdraw(al)?s?|deposits?|top_?ups?|subscri(be|ptions?)|invoices?|"
    r"purchases?|bookings?|redeem|orders?)(?![a-z])",
    re.IGNORECASE,
)
_CHARGES = re.compile(
    r"^(charge(_card|_customer)?|(create|make|process|capture)_(charge|payment|payout|refund)|refund(_payment)?|issue_refund|payout|withdraw|transfer_(funds|money))$"
)
_PAYS = re.compile(r"/(charges|payments|refunds|payouts)/?(?=[?\s]|$)", re.IGNORECASE)
# An invoice, or a link to pay by, moves nothing; and an invoice is paid once, whoever pays.
_ASKS_TO_BE_PAID = re.compile(
    r"invoice|session|checkout|link|intent|prepare|quote|bill|notif|report|record|import|sync|log|test", re.IGNORECASE
)
_WEBHOOK = re.compile(r"web_?hook|(?<![a-z])(hooks?|callback|ipn|notif(y|ications?)|events?)(?![a-z])", re.IGNORECASE)
_GUARD = re.compile(
    r"status|state$|paid|charged|captured|refunded|settled|processed|completed|done|already|exists|(?<![a-z])count(?![a-z])", re.IGNORECASE
)
_GUARDING = re.compile(r"get_or_create|update_or_create|IntegrityError|UniqueViolation|for_update|setnx|(?<![a-z])lock", re.IGNORECASE)


def verbs(function: Function, route: Route) -> frozenset[str]:
    """The verbs that a handler serves, in lower case; none where that is not known."""
    if route.methods or route.methods_argument is None:
        return frozenset(route.methods)
    for way in function.model.meanings.ways(function):
        if function.model.meanings.means(way, Route) is route:
            value = find(route.methods_argument, way.made)
            return frozenset(route.methods_default if value is Missing.ABSENT else (text.lower() for text in members(value)))
    return frozenset()


def title(function: Function) -> str:
    """What a handler is called by: its name and its class's, and the path under which it is reached as far as that is written."""
    words = [function.name, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function.owner.name) if function.owner is not None else ""]
    meanings = function.model.meanings
    for way in meanings.ways(function):
        route = meanings.means(way, Route)
        if route is not None and route.path is not None:
            words += [_text(find(route.path, way.made)), *meanings.prefixes(way)]
    return " ".join(words)


def _text(value: object) -> str:
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else ""


def is_about_money(function: Function) -> bool:
    """Whether a handler's name or path speaks of money."""
    return _MONEY.search(title(function)) is not None


def is_webhook(function: Function) -> bool:
    """Whether a handler is called by a service that repeats its call until it is answered."""
    return function.model.meanings.route(function) is not None and _WEBHOOK.search(title(function)) is not None


def without_key(call: Call, payment: Payment) -> bool:
    """Whether a payment call surely carries no key."""
    value = find(payment.key, call.made)
    return not call.made.open and (value is Missing.ABSENT or value == NONE)


def takes_now(call: Call, payment: Payment) -> bool:
    """Whether a payment call moves money by itself, not only after the customer has confirmed it."""
    if payment.takes == "now":
        return True
    if payment.confirm is None:
        return False
    value = find(payment.confirm, call.made)
    return isinstance(value, Constant) and bool(value.value)


def is_payment_request(call: Call, request: HttpRequest) -> bool:
    """Whether a request creates a payment, as its address tells, and nothing near it speaks of a key."""
    name = call.function.name if call.function is not None else ""
    if method_of(call, request) != "post" or not _PAYS.search(address(call, request)) or _ASKS_TO_BE_PAID.search(name):
        return False
    return not call.made.open and not has_key(call)


def charge(function: Function, hops: int = 1) -> Call | None:
    """The call by which a function takes money without a key, directly or by a function of this module."""
    meanings = function.model.meanings
    for call in function.calls:
        payment = meanings.means(call, Payment)
        request = meanings.means(call, HttpRequest)
        if payment is not None:
            if payment.again == "adds" and takes_now(call, payment) and (without_key(call, payment) or fresh_key(call) is not None):
                return call
        elif request is not None:
            if is_payment_request(call, request):
                return call
        elif (callee := meanings.callee(call)) is not None:
            if hops and charge(callee, hops - 1) is not None and not is_guarded(callee):
                return call
        elif _CHARGES.match(call.word) and not meanings.index.modelled(call.name):
            return call
    return None


def is_guarded(function: Function) -> bool:
    """Whether a function, or the class whose method it is, looks before it acts whether it has been done already."""
    for node in walk(function.owner.node if function.owner is not None else function.node):
        if isinstance(node, cst.If | cst.IfExp | cst.While) and any(
            isinstance(part, cst.Name) and _GUARD.search(part.value) for part in walk(node.test)
        ):
            return True
        if isinstance(node, cst.Name) and _GUARDING.search(node.value):
            return True
    return False


def speaks_of_keys(model: SemanticModel) -> bool:
    """Whether a module has anything to do with idempotency by its name: a dependency, a decorator, a middleware may care for all its handlers."""
    return any("idempot" in name.lower() for name in model.scope.bindings) or any("idempot" in module for module in model.imports)


# -- keys


def keys(call: Call) -> Iterator[cst.BaseExpression]:
    """The expressions that a call passes as its idempotency key."""
    meanings = call.model.meanings
    for kind in (Payment, IdempotencyKey):
        concept = meanings.means(call, kind)
        if isinstance(concept, Payment | IdempotencyKey):
            yield from _argument(call, concept.key)
    request = meanings.means(call, HttpRequest)
    if request is not None and request.headers is not None:
        node = call.argument_node(*request.headers.keywords, position=request.headers.position)
        yield from _entries(_display(node, call), lambda name: "idempot" in name.lower())


def _argument(call: Call, key: Parameter) -> Iterator[cst.BaseExpression]:
    node = call.argument_node(*key.keywords, position=key.position)
    if not key.inside:
        if node is not None:
            yield node
        return
    yield from _entries(_display(node, call), lambda name: name == key.inside)


def _display(node: cst.BaseExpression | None, call: Call) -> cst.BaseExpression | None:
    """A dictionary that is passed, or that the passed name was given in the same function."""
    if isinstance(node, cst.Name):
        binding = _local(node.value, call)
        return binding[1] if binding is not None else None
    return node


def _entries(node: cst.BaseExpression | None, wanted: Callable[[str], bool]) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.Dict):
        for element in node.elements:
            if (
                isinstance(element, cst.DictElement)
                and isinstance(element.key, cst.SimpleString)
                and wanted(str(element.key.evaluated_value))
            ):
                yield element.value
    elif isinstance(node, cst.Call):
        for arg in node.args:
            if arg.keyword is not None and wanted(arg.keyword.value):
                yield arg.value


def fresh_key(call: Call) -> Call | None:
    """The call that makes a new key for each call: a random value or the moment, straight or by a local name that is used for nothing else before."""
    for node in keys(call):
        found = _fresh(node, call)
        if found is not None:
            return found
    return None


def _fresh(node: cst.BaseExpression, call: Call, *, follow: bool = True) -> Call | None:
    parts = walk(node)
    if any(isinstance(part, cst.BooleanOperation | cst.IfExp) for part in parts):
        return None  # somebody else may have given one
    for part in parts:
        made = call.model.meanings.at(part)
        if made is not None and call.model.meanings.means(made, Fresh) is not None:
            return made
        if isinstance(part, cst.Name) and follow:
            local = _local(part.value, call)
            found = _fresh(local[1], call, follow=False) if local is not None else None
            if found is not None and not _is_kept(part.value, call) and not _is_repeated_alone(call, found):
                return found
    return None


def _local(name: str, call: Call) -> tuple[cst.CSTNode, cst.BaseExpression] | None:
    """The one assignment of a name in the function of a call."""
    bindings = call.scope.bindings.get(name, [])
    if call.scope.kind != "function" or len(bindings) != 1 or bindings[0].kind not in ("assign", "annotation") or bindings[0].value is None:
        return None
    return bindings[0].node, bindings[0].value


def _is_kept(name: str, call: Call) -> bool:
    """Whether a local name goes anywhere else before the call: into a row, a cache, an object; log records do not count."""
    assert call.function is not None
    meanings = call.model.meanings
    inside = {id(node) for node in walk(call.node)}
    uses = 0
    for node in walk(call.function.node.body):
        if node is call.node:
            break
        said = meanings.at(node)
        if said is not None and meanings.means(said, Log) is not None:
            inside |= {id(part) for part in walk(node)}
        if isinstance(node, cst.Name) and node.value == name and id(node) not in inside:
            uses += 1
    return uses > 1  # the assignment itself is one


def _is_repeated_alone(call: Call, made: Call) -> bool:
    """Whether a loop repeats a call without its key being made anew."""
    return any(frame.kind == "loop" and not frame.encloses(made.frame) for frame in call.frame.within_function())
