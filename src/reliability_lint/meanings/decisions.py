"""Functions that decide who or what gets through, by their names, and handlers that let everybody through when such a decision fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import libcst as cst

from ..concepts.bounds import find
from ..concepts.http import Response
from ..concepts.trust import Verification
from ..model.endings import Statement, ends, statements
from ..model.places import Call, Function, Handler
from ..model.semantic import dotted
from ..model.swallowing import BROAD, Trap, explained, following, imports, last_name, own, trap_of, traps, tried
from ..model.values import Constant
from ..syntax.tree import alike, walk
from .lookups import handlers_by_node
from .once import once
from .outbound import asks_others, of_a_client
from .telling import tells

if TYPE_CHECKING:
    from ..model.semantic import SemanticModel

About: TypeAlias = Literal["access", "rate", "validity"]
"""What a decision is about: who may do something, how often, or whether something is what it claims to be."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a function decides. `inverted`: yes keeps out, as of `is_banned`. `raises`: it says no by an exception, and otherwise nothing."""

    about: About
    inverted: bool = False
    raises: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """
    A handler that lets through what could not be decided: `trap` is what catches, `name` the function that decides, `what` the call that may fail.

    It `answers` by a value; or it `passes` on the request, in a middleware or past a check that was called; or it returns where it should have raised.
    """

    trap: Trap
    decision: Decision
    name: str
    what: str
    answers: bool = False
    passes: bool = False


@once
def openings(model: SemanticModel) -> list[Opening]:
    """The handlers of a file that let everybody through when a decision fails, the first of each `try` that does."""
    found: dict[int, Opening] = {}
    for trap in _traps(model):
        opening = _opening(trap)
        if opening is not None:
            found.setdefault(id(trap.whole), opening)
    return list(found.values())


def lets_through(trap: Trap) -> bool:
    """Whether a handler lets everybody through."""
    return any(opening.trap.whole is trap.whole for opening in openings(trap.place.model))


def _traps(model: SemanticModel) -> Iterator[Trap]:
    """What catches failures: of any kind, of whoever is asked, or the refusal itself. What is caught because it is expected tells nothing."""
    for handler in model.handlers:
        if handler.function is not None and (caught := tuple(handler.catches)) and _is_failure(caught, handler):
            yield trap_of(handler)
    for trap in traps(model, BROAD):
        if trap.reaction is None and trap.place.function is not None:
            yield trap


# Failures of whoever is asked, where no library has names of its own for them.
_FAILURES = frozenset(
    f"{module}.{name}"
    for module, names in {
        "builtins": ("OSError", "TimeoutError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "BrokenPipeError"),
        "asyncio": ("TimeoutError",),
        "socket": ("timeout", "error"),
    }.items()
    for name in names
)
# Refusals, by the last part of their names.
_REFUSAL = re.compile(
    r"^(Invalid\w*(Token|Signature|Credentials)\w*|Expired\w*|\w*(Token|Signature)(Expired|Invalid)\w*|BadSignature\w*|SignatureVerification\w*"
    r"|PermissionDenied|\w*Forbidden\w*|\w*Unauthori[sz]ed\w*|\w*AuthenticationFailed|\w*Auth(entication|orization)?Error|AccessDenied\w*"
    r"|NotAuthenticated|JWTError|PyJWTError)$"
)


def _is_failure(caught: tuple[str, ...], handler: Handler) -> bool:
    index = handler.model.meanings.index
    return any(
        name in BROAD or name in _FAILURES or (name and of_a_client(name, index)) or _REFUSAL.match(name.rpartition(".")[2])
        for name in caught
    )


# -- what a function decides


def _vocabulary(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")
_ASKS = _vocabulary(
    "is has have can may check checks verify verifies validate validates authorize authorise authenticate allow allows permit permits require requires "
    "ensure ensures enforce enforces assert within under rate"
)
_ORDERS = _vocabulary("check verify validate authorize authorise require ensure enforce assert")
_ACTORS = _vocabulary("user users request client caller principal actor account member customer tenant token session identity")
_ACCESS = _vocabulary(
    "allow allows allowed permit permits permitted permission permissions perm perms authorize authorise authorized authorised authorization "
    "authorisation authenticate authenticated authentication auth authz access acl rbac role roles scope scopes token tokens jwt apikey credential "
    "credentials password signature signatures signed hmac csrf xsrf captcha recaptcha hcaptcha turnstile otp totp mfa superuser admin staff owner "
    "ownership owns member membership trusted entitled entitlement entitlements privilege privileges clearance ssrf nonce"
)
_DEEDS = _vocabulary("edit view read write delete access manage publish approve administer modify create update use see join invite")
_PLACES = _vocabulary("url uri host hostname redirect domain ip address origin")
_OUT = _vocabulary(
    "blocked denied revoked banned blacklisted blocklisted denylisted forbidden unauthorized unauthorised unauthenticated compromised pwned breached "
    "malicious infected spam fraud fraudulent"
)
_OUT_OF = _vocabulary("expired invalid untrusted suspended locked tampered reused replayed")
_OVER = _vocabulary("limited throttled exceeded exceeds over")
_LIMITS = _vocabulary("throttle throttled throttling quota quotas ratelimit ratelimited")
_OTHER = _vocabulary(
    "not no optional maybe try soft lenient feature features flag flags enabled disabled experiment health healthy alive ready cache cached update "
    "updates version file files cancelled running connected stale empty"
)


def decision(function: Function) -> Decision | None:
    """What a function decides; None where it decides nothing, or where its name does not tell what yes means."""
    words = _words(function.name)
    owner = set(_words(function.owner.name)) if function.owner is not None else set()
    if not words or not (words[0] in _ASKS or (words[0] in _ACTORS and set(words) & {"is", "has", "can", "may"})) or _OTHER & set(words):
        return None
    return _of_words(words, owner, {parameter.name.value for parameter in function.parameters})


def _of_words(words: list[str], owner: set[str], parameters: set[str]) -> Decision | None:
    said = set(words)
    raises = words[0] in _ORDERS
    limits = bool(_LIMITS & (said | (owner if "allow" in said else set()))) or (
        "rate" in said and bool({"limit", "limits", "limited"} & said)
    )
    if limits or (words[0] in ("within", "under") and {"limit", "limits", "budget"} & said):
        return Decision("rate", bool(_OVER & said), raises)
    subject = bool(_ACCESS & said)
    inverted = bool(_OUT & said) or (bool(_OUT_OF & said) and subject) or ("private" in said and bool(_PLACES & said))
    if inverted:
        return None if said & {"allowed", "valid", "permitted", "safe"} else Decision("access", inverted=True)
    if _OVER & said or _OUT_OF & said:
        return None
    may = words[0] in ("can", "may") or said & {"can", "may"}
    if (
        subject
        or ("safe" in said and _PLACES & said)
        or (may and (_DEEDS & said) and (_ACTORS & (said | parameters) or "permission" in owner))
    ):
        return Decision("access", raises=raises)
    if words[0] in ("verify", "validate") or "valid" in said:
        return Decision("validity", raises=raises)
    return None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _HUMP.split(name) if word]


# -- what a handler makes of it


def _opening(trap: Trap) -> Opening | None:
    function = trap.place.function
    assert function is not None
    found = _found(trap, function)
    if found is None or imports(trap) or any(frame.kind == "finally" for frame in trap.place.frame.within_function()):
        return None
    return found if found.what and not _is_meant(trap, function) else None


def _found(trap: Trap, function: Function) -> Opening | None:
    """What a handler does about a decision, whether or not it is meant so."""
    decided = decision(function)
    if decided is not None and not function.generator:
        answers = _answers_yes(trap, decided, function)
        if not answers and not (decided.raises and _returns_after_all(trap, decided, function)):
            return None
        if decided.about != "access" and _logs(trap):
            return None
        return Opening(trap, decided, function.name, _first_call(trap), answers=answers)
    if _hands_on(trap, function):
        return Opening(trap, Decision("access"), function.name, _first_call(trap), passes=True)
    called = _passed_check(trap)
    return Opening(trap, Decision("access", raises=True), called, f"{called}()", passes=True) if called else None


_MEANT = re.compile(r"fail(s|ed|ing)?[\s_-]*open|fail(s|ed|ing)?[\s_-]*safe|best[\s_-]effort", re.IGNORECASE)


_SAYS_SO = re.compile(r"\b(accept|allow|permit|let|pass|skip|proceed|continu|assum|ignor|bypass|default)(t?ing|e?s|ed)?\b", re.IGNORECASE)


def _is_meant(trap: Trap, function: Function) -> bool:
    """
    Whether it is said that everybody is to get through: by a comment, in the words of the function, or in the log, so that whoever reads that knows.
    """
    if explained(trap) or _MEANT.search(cst.Module(()).code_for_node(function.node)):
        return True
    return any(
        isinstance(node, cst.SimpleString | cst.FormattedStringText) and _SAYS_SO.search(node.value)
        for call in (own(trap.reaction) if trap.reaction is not None else ())
        if isinstance(call, cst.Call) and tells(call, trap.place.model)
        for node in walk(call)
    )


def _first_call(trap: Trap) -> str:
    """The call that may fail, as messages name it: the first that asks somebody else, else one that is waited for, else the first."""
    nodes = tried(trap)
    asking = asks_others(nodes, trap.place.function, trap.place.model)
    if asking:
        return asking
    awaited = [node.expression for node in nodes if isinstance(node, cst.Await)]
    calls = [node for node in (*awaited, *nodes) if isinstance(node, cst.Call)]
    return next((f"{name}()" for node in calls if (name := dotted(node.func))), "")


def _answers_yes(trap: Trap, decided: Decision, function: Function) -> bool:
    """Whether the handler gives the answer that lets through, which is not the only one of the function."""
    if any(
        isinstance(node, cst.Raise | cst.If | cst.Match | cst.IfExp) for node in (own(trap.reaction) if trap.reaction is not None else ())
    ):
        return False
    value = _value(trap)
    if value is None or not _lets_in(value, decided):
        return False
    others = [place.value for place in function.returns if place.value is not None and place.value is not value]
    reaction = set(map(id, own(trap.reaction))) if trap.reaction is not None else set()
    return bool(function.raises) or any(id(other) not in reaction and not _lets_in(other, decided) for other in others)


def _value(trap: Trap) -> cst.BaseExpression | None:
    """What the function returns after the handler has run; None where that is not known."""
    body = statements(trap.reaction)
    if body and isinstance(body[-1], cst.Return):
        return _standing_for(body[-1].value, [*_before(trap), *body[:-1]])
    end = ends(trap.reaction)
    if isinstance(trap.whole, cst.Try | cst.TryStar) and trap.whole.orelse is not None and "on" not in ends(trap.whole.orelse.body):
        return None
    loop = next((frame.node for frame in trap.place.frame.within_function() if frame.kind == "loop"), None)
    if loop is not None and (end != {"continue"} or getattr(loop, "orelse", None) is not None):
        return None
    for statement in following(loop if loop is not None else trap.whole, trap.place):
        if isinstance(statement, cst.Return):
            return _standing_for(statement.value, [*_before(trap), *body])
        if not _is_soft(statement, trap):
            return None
    return None


def _standing_for(value: cst.BaseExpression | None, earlier: list[Statement]) -> cst.BaseExpression | None:
    """A value, or what a name was last given on the way."""
    if isinstance(value, cst.Name) and value.value not in ("True", "False", "None"):
        for statement in reversed(earlier):
            if isinstance(statement, cst.Assign) and any(dotted(target.target) == value.value for target in statement.targets):
                return statement.value
            if isinstance(statement, cst.AnnAssign) and dotted(statement.target) == value.value:
                return statement.value
            if any(isinstance(node, cst.Name) and node.value == value.value for node in own(statement)):
                return None
    return value


def _before(trap: Trap) -> list[Statement]:
    """The statements of the function that stand before the guarded block, at its own height."""
    function = trap.place.function
    assert function is not None
    found: list[Statement] = []
    for statement in statements(function.node.body):
        if statement is trap.whole:
            return found
        found.append(statement)
    return []


def _is_soft(statement: Statement, trap: Trap) -> bool:
    """Whether a statement decides nothing: an assignment, a log record."""
    match statement:
        case cst.Pass() | cst.Import() | cst.ImportFrom() | cst.AugAssign() | cst.Global() | cst.Nonlocal():
            return True
        case cst.Assign() | cst.AnnAssign():
            return not any(isinstance(node, cst.Call | cst.Await) for node in own(statement))
        case cst.Expr(value=cst.SimpleString() | cst.Ellipsis() | cst.ConcatenatedString()):
            return True
        case cst.Expr(value=cst.Call() as call):
            return tells(call, trap.place.model)
    return False


def _logs(trap: Trap) -> bool:
    nodes = own(trap.reaction) if trap.reaction is not None else []
    return any(isinstance(node, cst.Call) and tells(node, trap.place.model) for node in nodes)


_YES = re.compile(r"^(allow(ed)?|permit(ted)?|grant(ed)?|authori[sz]ed|accept(ed)?|pass(ed)?)$", re.IGNORECASE)
_KEYS = frozenset({"allowed", "allow", "valid", "is_valid", "authorized", "permitted", "authenticated"})


def _is_yes(name: str) -> bool:
    """Whether a name is that of a class or constant that says yes; variables may have such a name whatever they hold."""
    return name[:1].isupper() and _YES.match(name) is not None


def _lets_in(value: cst.BaseExpression, decided: Decision) -> bool:
    """Whether a value is the answer that lets through, as it stands in the source."""
    yes = "False" if decided.inverted else "True"
    match value:
        case cst.Name(value=name):
            return name == yes or (not decided.inverted and _is_yes(name))
        case cst.Attribute(attr=cst.Name(value=name)):
            return not decided.inverted and _is_yes(name)
        case cst.Call(func=cst.Name() | cst.Attribute()):
            return not decided.inverted and _is_yes(last_name(value))
        case cst.Tuple(elements=[first, *_]):
            return _lets_in(first.value, decided)
        case cst.Dict(elements=elements):
            return not decided.inverted and any(
                isinstance(element, cst.DictElement)
                and isinstance(element.key, cst.SimpleString)
                and element.key.evaluated_value in _KEYS
                and isinstance(element.value, cst.Name)
                and element.value.value == "True"
                for element in elements
            )
    return False


# -- checks that say no by an exception


def _returns_after_all(trap: Trap, decided: Decision, function: Function) -> bool:
    """Whether a function that says no by an exception catches that exception itself, and then returns as if it had said yes."""
    if (
        decided.inverted
        or decided.about == "validity"
        or any(place.value is not None and dotted(place.value) != "None" for place in function.returns)
    ):
        return False
    refuses = any(isinstance(node, cst.Raise) and not _is_inside(node, trap) for node in tried(trap))
    return refuses and _only_speaks(trap) and _nothing_decides(trap)


def _is_inside(node: cst.Raise, trap: Trap) -> bool:
    """Whether an inner handler takes it first."""
    return any(isinstance(inner, cst.Try | cst.TryStar) and any(one is node for one in own(inner)) for inner in tried(trap))


def _only_speaks(trap: Trap) -> bool:
    body = statements(trap.reaction)
    if body and isinstance(body[-1], cst.Return):
        body = body[:-1]
    return all(_is_soft(statement, trap) and not isinstance(statement, cst.Assign | cst.AnnAssign) for statement in body)


def _nothing_decides(trap: Trap) -> bool:
    """Whether nothing that comes after says no."""
    if ends(trap.reaction) == {"return"}:
        return True
    if ends(trap.reaction) != {"on"} or any(frame.kind == "loop" for frame in trap.place.frame.within_function()):
        return False
    return not any(
        isinstance(node, cst.Raise | cst.If | cst.Assert) for statement in following(trap.whole, trap.place) for node in own(statement)
    )


# -- requests that are handed on


def _hands_on(trap: Trap, function: Function) -> bool:
    """Whether what refuses some requests hands on those of which it could not be found out."""
    body = statements(trap.reaction)
    if not body or not isinstance(body[-1], cst.Return) or not _only_speaks(trap):
        return False
    value = body[-1].value
    call = value.expression if isinstance(value, cst.Await) else value
    if not isinstance(call, cst.Call):
        return False
    passed = {parameter.name.value for one in (function, function.function) if one is not None for parameter in one.parameters}
    around = function.model.meanings.middleware(function) is not None
    handed = (isinstance(call.func, cst.Name) and call.func.value in passed) or (around and dotted(call.func).startswith("self."))
    return handed and any(_refuses(node, trap) for node in tried(trap))


def _refuses(node: cst.CSTNode, trap: Trap) -> bool:
    """Whether this answers a request, or ends it, with a status that says no."""
    value = node.value if isinstance(node, cst.Return) else node.exc if isinstance(node, cst.Raise) else None
    meanings = trap.place.model.meanings
    call = meanings.at(value) if isinstance(value, cst.Call) else None
    if call is not None:
        response = meanings.means(call, Response)
        status = find(response.status, call.made) if response is not None and response.status is not None else None
    else:
        known = meanings.index.known(trap.place.model.name_of(value, trap.place)) if isinstance(value, cst.Name | cst.Attribute) else None
        found, status = known.concepts.get(Response) if known is not None else None, None
        response = found if isinstance(found, Response) else None
    return response is not None and (status.value if isinstance(status, Constant) else response.default_status) in (401, 403, 429)


def _passed_check(trap: Trap) -> str:
    """The name of a check that is called for its exception, where the handler takes that and the function goes on behind it; "" without one."""
    guarded = statements(trap.guarded)
    last = guarded[-1] if guarded else None
    value = last.value if isinstance(last, cst.Expr) else None
    call = value.expression if isinstance(value, cst.Await) else value
    if not isinstance(call, cst.Call) or not all(_is_soft(statement, trap) for statement in guarded[:-1]):
        return ""
    if isinstance(trap.whole, cst.Try | cst.TryStar) and trap.whole.orelse is not None:
        return ""
    words = _words(last_name(call))
    said = _of_words(words, set(), set()) if words and words[0] in _ORDERS and not _OTHER & set(words) else None
    if said is None or said.about != "access" or said.inverted or not _only_speaks(trap) or ends(trap.reaction) != {"on"}:
        return ""
    if any(frame.kind == "loop" for frame in trap.place.frame.within_function()):
        return ""
    rest = following(trap.whole, trap.place)
    if rest and isinstance(rest[0], cst.If | cst.Try | cst.TryStar | cst.Raise):
        return ""
    return last_name(call) if any(isinstance(node, cst.Call) for one in rest for node in own(one)) else ""


# -- what was refused, and is read all the same


def unverified(model: SemanticModel) -> Iterator[tuple[Call, Call]]:
    """The calls that, after something was refused, take it for genuine and go on with it; each with the call that refused."""
    looks = model.meanings.of(Verification)
    for call, look in looks:
        if look.switch is None or find(look.switch, call.made) != Constant(False):
            continue
        node = next((frame.node for frame in call.frame.within_function() if frame.kind == "handler"), None)
        handler = handlers_by_node(model).get(id(node))
        if handler is None or explained(trap_of(handler)):
            continue
        for refusing, _ in looks:
            tries = next((frame.node for frame in refusing.frame.within_function() if frame.kind == "try"), None)
            if tries is handler.tries and _takes_its_place(call, refusing, handler):
                yield call, refusing
                break


def _takes_its_place(call: Call, refusing: Call, handler: Handler) -> bool:
    """Whether the result of a call is used as that of the refusing one would have been: returned, or under the same name."""
    match _statement(call), _statement(refusing):
        case cst.Return(), _:
            return True
        case cst.Assign(targets=[one]), cst.Assign(targets=[other]):
            return alike(one.target, other.target) and "on" in ends(handler.node.body)
    return False


def _statement(call: Call) -> cst.CSTNode:
    """The statement of a call, where several share a line."""
    if isinstance(call.statement, cst.SimpleStatementLine):
        return next((one for one in call.statement.body if any(node is call.node for node in own(one))), call.statement)
    return call.statement


__all__ = ["Decision", "Opening", "decision", "lets_through", "openings", "unverified"]
