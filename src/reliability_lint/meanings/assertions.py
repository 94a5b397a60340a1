"""What an `assert` is for, where it is more than a note to whoever reads the code: it checks what came from outside, or does something on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import libcst as cst

from ..concepts.concurrency import Launch, Submission, TaskSpawn
from ..concepts.data import Commit, Rollback, Write
from ..concepts.http import HttpRequest
from ..concepts.queues import Requeue
from ..concepts.retry import Payment
from ..concepts.time import Blocking
from ..concepts.trust import Validator
from ..model.places import Assertion, Call, Class, Function
from ..model.scopes import Binding, reaching
from ..model.semantic import dotted
from ..model.swallowing import last_name, own
from ..model.values import Constant, Made, Reference
from ..syntax.tree import walk

if TYPE_CHECKING:
    from ..model.semantic import SemanticModel, Where

Purpose: TypeAlias = Literal["effect", "value", "access", "validator", "request", "answer", "setting", "parameter"]
"""
What is lost where assertions are left out: a call, the value of a name, the question who may do something, a whole validator, a check of what a client
sent, of what somebody else answered, of a setting, or of what a caller passed.
"""


@dataclass(frozen=True, slots=True)
class Asserted:
    """An `assert` with a purpose. `what` is the code, or the name, that it is about; `refuses` the exception by which its validator says no."""

    place: Assertion
    purpose: Purpose
    what: str
    served: bool
    refuses: str = ""


def asserted(model: SemanticModel) -> Iterator[Asserted]:
    """The assertions of a file that do more than to state what is true by construction. `served`: a client waits for the code in which they stand."""
    for place in model.assertions:
        function = place.function
        if _is_about_types(place) or (function is not None and function.name.startswith(("assert_", "_assert_"))):
            continue
        found = _effect(place) or _outward(place)
        if found is not None:
            purpose, what, refuses = found
            yield Asserted(place, purpose, what, _is_served(function), refuses)


_Found: TypeAlias = "tuple[Purpose, str, str] | None"


def _is_served(function: Function | None) -> bool:
    if function is None:
        return False
    meanings = function.model.meanings
    root = meanings.handled_by(function)
    return root is not None and meanings.task(root) is None


def _is_about_types(place: Assertion) -> bool:
    """Whether this is for type checkers, or marks what is never reached."""
    if isinstance(place.test, cst.Name) and place.test.value in ("False", "True"):
        return True
    if isinstance(place.evaluate(place.test), Constant):
        return True
    return any(
        frame.kind == "if" and isinstance(frame.node, cst.If) and dotted(frame.node.test).endswith("TYPE_CHECKING")
        for frame in place.frame.outward()
    )


# -- what happens in the test itself

# Methods that change what they are called on, and give something that is worth a look.
_CHANGING = frozenset(
    {
        "pop", "popitem", "popleft", "setdefault", "acquire", "delete", "save", "commit", "flush", "send", "sendall", "write", "put", "put_nowait",
        "get_nowait", "read", "readline", "readexactly", "recv", "remove", "discard", "setnx", "incr", "decr", "lpop", "rpop", "spop", "getdel", "unlink",
        "rename", "mkdir", "connect", "login", "publish", "execute",
    }
)  # fmt: skip
_EFFECTS = (Commit, Launch, Payment, Requeue, Rollback, Submission, TaskSpawn, Write)
_ASKING = frozenset({"get", "head", "options"})


def _effect(place: Assertion) -> _Found:
    for node in own(place.test):
        if isinstance(node, cst.NamedExpr) and isinstance(node.target, cst.Name) and _is_read_later(node.target.value, place):
            return "value", node.target.value, ""
        if isinstance(node, cst.Call) and _changes(node, place):
            return "effect", dotted(node.func) or last_name(node), ""
    return None


def _is_read_later(name: str, place: Assertion) -> bool:
    around = place.function.node.body if place.function is not None else place.model.tree
    return any(isinstance(node, cst.Name) and node.value == name for node in _outside(around, place.node))


def _outside(node: cst.CSTNode, without: cst.CSTNode) -> Iterator[cst.CSTNode]:
    inside = set(map(id, walk(without)))
    return (one for one in walk(node) if id(one) not in inside)


def _changes(node: cst.Call, place: Assertion) -> bool:
    """Whether a call in a test does something that the code behind it counts on."""
    meanings = place.model.meanings
    call = meanings.at(node)
    if call is not None:
        if any(meanings.means(call, kind) is not None for kind in _EFFECTS):
            return True
        request = meanings.means(call, HttpRequest)
        if request is not None:
            return bool(request.method) and request.method not in _ASKING
    if not isinstance(node.func, cst.Attribute) or node.func.attr.value not in _CHANGING:
        return False
    if node.func.attr.value == "execute":
        return any(isinstance(one, cst.SimpleString) and _WRITES.match(str(one.evaluated_value)) for arg in node.args for one in walk(arg))
    return not isinstance(place.evaluate(node.func.value), Reference) and not _is_made_here(node.func.value)


_WRITES = re.compile(r"\s*(insert|update|delete|merge|replace)\b", re.IGNORECASE)


def _is_made_here(node: cst.BaseExpression) -> bool:
    """Whether what changes is a copy that nobody else has: `set(found).pop()`."""
    return isinstance(node, cst.Call | cst.List | cst.Dict | cst.Set | cst.ListComp | cst.SetComp | cst.DictComp)


# -- what the test is about


def _outward(place: Assertion) -> _Found:
    access = _access(place)
    if access:
        return "access", access, ""
    if place.message is None and _narrows(place.test):
        return None
    validator = validator_of(place.function)
    if validator is not None and place.function is not None:
        return "validator", place.function.name, validator.refuses
    found = [origin for node in _read(place.test) for origin in _origins(node, place, place.model, _DEEPEST)]
    for purpose in ("request", "answer", "setting", "parameter"):
        for kind, what in found:
            if kind == purpose:
                return purpose, what, ""
    return None


def _narrows(test: cst.BaseExpression) -> bool:
    """Whether a test tells a type checker what is there: something that is not None, or an object of a class."""
    match test:
        case cst.Name() | cst.Attribute():
            return True
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.IsNot() | cst.Is(), comparator=cst.Name(value="None"))]):
            return True
        case cst.Call(func=cst.Name(value="isinstance" | "issubclass" | "callable" | "hasattr")):
            return True
        case cst.BooleanOperation():
            return _narrows(test.left) and _narrows(test.right)
        case cst.UnaryOperation(operator=cst.Not()):
            return _narrows(test.expression)
    return False


_ASKS_FOR_ACCESS = re.compile(
    r"^_?(is_(staff|super_?user|admin|administrator|authenticated|authori[sz]ed|logged_in|owner|owner_of|owned_by|member|member_of)"
    r"|has_((obj|object|any|all|admin|required|module)_)?(perms?|permissions?|roles?|scopes?|access|privileges?)|has_access_to"
    r"|check_(password|permissions?|access|credentials|signature|csrf\w*|hmac)"
    r"|(verify|is_valid|valid|validate|check)_(\w+_)?(password|signature|token|csrf|credentials|hmac|otp|api_key)|compare_digest)$"
)
_MAY = re.compile(r"^(can|may)_[a-z]\w*$")
_ACTORS = re.compile(r"(^|_)(user|account|member|actor|principal|customer|caller|me)$")


def _access(place: Assertion) -> str:
    """The question in a test who may do something, as it is written; "" without one."""
    for node in own(place.test):
        match node:
            case cst.Call():
                word = last_name(node)
                asks = _ASKS_FOR_ACCESS.match(word) or (_MAY.match(word) and _names_actor(node))
                if asks and not _is_own(node.func, place):
                    return f"{dotted(node.func) or word}()"
            case cst.Attribute(value=owner, attr=cst.Name(value=word)) if _names_actor(owner) and _ASKS_FOR_ACCESS.match(word):
                return dotted(node) or word
    return ""


def _names_actor(node: cst.CSTNode) -> bool:
    return any(isinstance(one, cst.Name) and _ACTORS.search(one.value) for one in walk(node))


def _is_own(func: cst.BaseExpression, place: Assertion) -> bool:
    """Whether something is asked of the object itself, of which others may have asked before."""
    function = place.function
    first = function.parameters[0].name.value if function is not None and function.owner is not None and function.parameters else ""
    return (
        bool(first) and dotted(func) == f"{first}.{func.attr.value if isinstance(func, cst.Attribute) else ''}" and not _is_served(function)
    )


def validator_of(function: Function | None) -> Validator | None:
    """What makes a function check what somebody sent: a decorator, or a base of its class."""
    if function is None:
        return None
    meanings = function.model.meanings
    for decorator in function.decorators:
        found = meanings.means(decorator, Validator)
        if found is not None and not found.methods:
            return found
    return next((base for base in validators_among(function.owner) if base.validates(function.name)), None)


def validators_among(owner: Class | None) -> list[Validator]:
    """The bases of a class some of whose methods check what somebody sent."""
    if owner is None:
        return []
    meanings = owner.model.meanings
    bases = owner.model.base_names(owner.model.qualified(owner.qualname))
    known = [meanings.index.known(name) for base in bases for name in (base, *meanings.index.lineage(base))]
    found = [one.concepts.get(Validator) for one in known if one is not None]
    return [one for one in found if isinstance(one, Validator) and one.methods]


# -- where it comes from

_DEEPEST = 8
_Origin: TypeAlias = "tuple[Purpose, str]"
# What gives its argument in another form, or asks something of it.
_FORMING = frozenset(
    {"abs", "all", "any", "bool", "dict", "float", "int", "isinstance", "len", "list", "max", "min", "set", "sorted", "str", "sum", "tuple"}
)
_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv"})
_SETTINGS = re.compile(r"(^|_|\.)(settings|config|conf|cfg)$", re.IGNORECASE)
# What a request has from its sender. Whatever else it carries may have been put there on the way.
_SENT = frozenset(
    {
        "COOKIES", "FILES", "GET", "META", "POST", "args", "arguments", "body", "body_arguments", "content_length", "content_type", "cookies", "data",
        "files", "form", "forms", "get_json", "get_media", "headers", "host", "json", "match_info", "media", "method", "mimetype", "params", "path", "path_params", "post", "query",
        "query_arguments", "query_params", "query_string", "read", "rel_url", "remote_addr", "stream", "text", "url", "values", "view_args",
    }
)  # fmt: skip
_PARAMETERS = re.compile(r"^get_((query|body|path|header|cookie)_)?(arguments?|params?|param_as_\w+|header|cookie|query)$")
_TOOLS = frozenset({"background_tasks", "context", "ctx", "db", "info", "resp", "response", "root", "session", "user", "current_user"})


def _read(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The parts of a test that are compared or asked something."""
    match node:
        case cst.BooleanOperation(left=left, right=right):
            yield from _read(left)
            yield from _read(right)
        case cst.UnaryOperation(expression=inner):
            yield from _read(inner)
        case cst.Comparison(left=left, comparisons=targets):
            yield left
            for target in targets:
                yield target.comparator
        case cst.BaseExpression():
            yield node


def _origins(node: cst.BaseExpression, where: Where, model: SemanticModel, depth: int) -> Iterator[_Origin]:
    """Where a value comes from, as far as it is known: parts of what came from there came from there, too."""
    if depth == 0:
        return
    parts: list[cst.BaseExpression] = []
    match node:
        case cst.Name():
            yield from _of_name(node, where, model, depth)
        case cst.Attribute(value=owner, attr=cst.Name(value=attribute)):
            if _is_request(owner, where, model):
                if attribute in _SENT or _PARAMETERS.match(attribute) or _is_message(where):
                    yield "request", dotted(node)
            elif _PARAMETERS.match(attribute) and dotted(owner) == "self" and model.meanings.route(where.scope.function) is not None:
                yield "request", dotted(node)
            elif _is_setting(owner, attribute, where):
                yield "setting", dotted(node)
            else:
                parts = [owner]
        case cst.Subscript(value=owner):
            if model.name_of(owner, where) == "os.environ":
                yield "setting", _text(node.slice[0].slice.value) if isinstance(node.slice[0].slice, cst.Index) else ""
            elif _SETTINGS.search(dotted(owner)) and _is_loud(node):
                yield "setting", dotted(owner)
            else:
                parts = [owner]
        case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
            parts = [inner]
        case cst.BinaryOperation(left=left, right=right):
            parts = [left, right]
        case cst.Call():
            yield from _of_call(node, where, model, depth)
    for part in parts:
        yield from _origins(part, where, model, depth - 1)


def _of_call(node: cst.Call, where: Where, model: SemanticModel, depth: int) -> Iterator[_Origin]:
    call = model.meanings.at(node)
    if call is not None and _is_asked(call):
        yield "answer", f"{call.title}()"
    elif model.name_of(node.func, where) in _ENVIRONMENT:
        yield "setting", _text(node.args[0].value) if node.args else ""
    elif isinstance(node.func, cst.Name) and node.func.value in _FORMING:
        for arg in node.args:
            yield from _origins(arg.value, where, model, depth - 1)
    elif isinstance(node.func, cst.Attribute):
        # What a method of an argument gives may be anything; what one of a request, or an answer, gives is a part of it.
        yield from (found for found in _origins(node.func, where, model, depth - 1) if found[0] in ("request", "answer"))


def _is_asked(call: Call) -> bool:
    """Whether a call asks another host or another program."""
    meanings = call.model.meanings
    blocking = meanings.means(call, Blocking)
    return meanings.means(call, HttpRequest) is not None or (blocking is not None and blocking.kind == "process")


def _text(node: cst.BaseExpression) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""


def _is_setting(owner: cst.BaseExpression, attribute: str, where: Where) -> bool:
    """Whether this is a setting of the program: an attribute in capitals of what an import calls settings."""
    if not attribute.isupper() or not _SETTINGS.search(dotted(owner)):
        return False
    found = where.scope.find(dotted(owner).partition(".")[0])
    return found is not None and found[1][0].kind == "import"


def _is_loud(node: cst.Subscript) -> bool:
    index = node.slice[0].slice if len(node.slice) == 1 else None
    return isinstance(index, cst.Index) and _text(index.value).isupper()


def _of_name(node: cst.Name, where: Where, model: SemanticModel, depth: int) -> Iterator[_Origin]:
    found = where.scope.find(node.value)
    if found is None:
        return
    scope, bindings = found
    for binding in reaching(bindings, scope, where.scope, where.order, where.frame):
        if binding.kind == "parameter":
            yield from _of_parameter(node.value, binding, model)
        elif binding.kind in ("assign", "annotation", "unpack", "for") and binding.value is not None and binding.scope.kind != "class":
            yield from _origins(binding.value, binding, model, depth - 1)


def _of_parameter(name: str, binding: Binding, model: SemanticModel) -> Iterator[_Origin]:
    function = binding.scope.function
    if function is None or name in ("self", "cls") or _is_put_in(name, binding, model):
        return
    if model.meanings.route(function) is not None:
        if not _is_named_request(name, binding, model):
            yield "request", name
    elif not function.name.startswith("_") or function.name == "__init__":
        yield "parameter", name


def _is_put_in(name: str, binding: Binding, model: SemanticModel) -> bool:
    """Whether a framework, and not a client, fills a parameter."""
    given = model.evaluate(binding.value, binding) if binding.value is not None else None
    declared = model.evaluate(binding.annotation, binding) if binding.annotation is not None else None
    marks = [given, *(declared.arguments if isinstance(declared, Made) else ())]
    if name in _TOOLS or any(isinstance(mark, Made) and model.meanings.index.injected(mark) is not None for mark in marks):
        return True
    kind = declared.name if isinstance(declared, Reference) else ""
    return model.meanings.index.is_type(kind) and not kind.endswith("Request")


def _is_request(node: cst.BaseExpression, where: Where, model: SemanticModel) -> bool:
    """Whether this is the request that is being answered: passed to a handler, kept by its object, or what a framework gives under that name."""
    if isinstance(node, cst.Attribute):
        if node.attr.value != "request":
            return False
        if dotted(node.value) == "self":
            return model.meanings.route(where.scope.function) is not None
        return model.meanings.index.modelled(model.name_of(node, where))
    if not isinstance(node, cst.Name):
        return False
    found = where.scope.find(node.value)
    binding = found[1][0] if found is not None else None
    if binding is None:
        return False
    if binding.kind == "import":
        name = model.name_of(node, where)
        return name.endswith(".request") and model.meanings.index.modelled(name)
    function = binding.scope.function
    return binding.kind == "parameter" and function is not None and _is_served(function) and _is_named_request(node.value, binding, model)


def _is_named_request(name: str, binding: Binding, model: SemanticModel) -> bool:
    annotation = binding.annotation
    if isinstance(annotation, cst.Name | cst.Attribute):
        known = model.name_of(annotation, binding) or dotted(annotation)
        if known.endswith("Request"):
            return model.class_named(known) is None
    return name in ("request", "req", "_request") and annotation is None


def _is_message(where: Where) -> bool:
    """Whether the request is a message whose fields are those that the client has filled in, and nothing else."""
    function = where.scope.function
    if function is None or function.owner is None:
        return False
    model = function.model
    bases = model.base_names(model.qualified(function.owner.qualname))
    return any(handler.generated for handler in model.meanings.index.handlers(bases, model.imports))


__all__ = ["Asserted", "Purpose", "asserted", "validator_of", "validators_among"]
