"""Doing it again by hand: loops that try something until it succeeds, and whatever else runs a call more than once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import urlsplit

import libcst as cst

from ..concepts.data import SqlExecution
from ..concepts.http import HttpRequest
from ..concepts.retry import OwnRetries, Payment, RetryPolicy
from ..concepts.time import Blocking, Sleep, Wait
from ..model.endings import LEAVES, ON, Ends, Statement, always, ends, statements, then
from ..model.frames import Frame
from ..model.places import Call, Function, Handler, Loop
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import last_name
from ..model.values import Constant, Reference
from ..syntax.tree import children, walk
from .match import Meanings
from .policies import active, answered, only_conflicts, policy_of
from .telling import tells

# What is waited for within the own process, or only listened to: none of these is a request that somebody else has to answer.
_NEAR = re.compile(
    r"\b(task|thread|lock|process|queue|semaphore|futures?|tasks|subscription|log handler|end of the server|filling of the pool|pooled?)\b"
)
_WORDS = frozenset({"append", "format", "join", "write"})
_TIMEOUTS = re.compile(r"timeout|timedout|deadline", re.IGNORECASE)
_OWN_MISTAKES = re.compile(
    r"^builtins\.(ValueError|KeyError|TypeError|IndexError|LookupError|AttributeError|AssertionError|Unicode\w+|StopIteration|StopAsyncIteration|"
    r"NameError|ArithmeticError|ZeroDivisionError|FileNotFoundError|FileExistsError|PermissionError|ImportError|EOFError|KeyboardInterrupt)$"
    r"|(JSON|Decode|Pars|Valid|Empty|Full)\w*(Error|Exception)?$"
)
# Calls by other names that may wait, or put an end to the attempts.
_MAY_PAUSE = re.compile(
    r"sleep|wait(?!_for$|_closed$)|backoff|back_off|delay|pause|throttl|limiter|rate_?limit|retry_?after|cooldown|jitter", re.IGNORECASE
)
_MAY_END = re.compile(
    r"raise|check|fail|abort|exit|retr|backoff|attempt|expire|deadline|limit|next|increment|handle|should|assert|stop|tick|on_",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attempts:
    """
    A loop that tries calls until they succeed: success leaves it, and after the failures that `handlers` catch it goes round again.

    `certain`: success always leaves the loop, not on some condition only. `limit` is the number of rounds, None where it is not known; `endless`: no way
    out is left while the calls keep failing.
    """

    loop: Loop
    tries: cst.Try | cst.TryStar
    calls: tuple[Call, ...]
    handlers: tuple[Handler, ...]
    certain: bool
    limit: int | None
    endless: bool

    @property
    def catches(self) -> frozenset[str] | None:
        """The names of the failures after which the loop goes round; None where one of them is not known."""
        names = {name for handler in self.handlers for name in handler.catches}
        return None if "" in names else frozenset(names)


def outbound(call: Call) -> bool:
    """Whether a call asks somebody outside of the process and waits for the answer."""
    meanings = call.model.meanings
    if any(meanings.means(call, kind) is not None for kind in (HttpRequest, Payment)):
        return True
    sql = meanings.means(call, SqlExecution)
    if sql is not None and not sql.wrapper and not sql.fragment:
        return True
    wait = meanings.means(call, Wait)
    if wait is not None and _NEAR.search(wait.what):
        return False
    blocking = meanings.means(call, Blocking)
    if blocking is not None:
        return blocking.kind in ("network", "database")
    return wait is not None and wait.asynchronous and call.awaited


def asks(call: Call) -> bool:
    """
    Whether a call is outbound, or calls a function of this module that makes an outbound call itself and lets its failures through.

    A function that asks the user does not count: it fails for other reasons.
    """
    if outbound(call):
        return True
    callee = call.model.meanings.callee(call)
    if callee is None or callee.generator or any(inner.name == "builtins.input" for inner in callee.calls):
        return False
    return any(outbound(inner) and not absorbed(inner) for inner in callee.calls)


def absorbed(call: Call, *, wholly: bool = True) -> bool:
    """Whether a handler around a call takes its failures, or (not `wholly`) some of them, so that nobody further out hears of these."""
    for frame in call.frame.within_function():
        if frame.kind == "try" and isinstance(frame.node, cst.Try | cst.TryStar):
            for handler in frame.node.handlers:
                found = ends(handler.body)
                if "raise" not in found or (not wholly and found != {"raise"}):
                    return True
    return False


# -- loops


def attempts(loop: Loop) -> Attempts | None:
    """What a loop tries again, if that is what it is for."""
    if loop.function is None:
        return None
    parts = _parts(loop.node.body)
    if parts is None or not _turns(loop):
        return None
    before, tries, after = parts
    handlers = tuple(handler for handler in loop.model.handlers if handler.tries is tries and _goes_round(handler, tries, after))
    if not handlers:
        return None
    succeeding = [*before, *statements(tries.body), *(statements(tries.orelse.body) if tries.orelse is not None else ()), *after]
    success = ends(succeeding)
    flagged = isinstance(loop.node, cst.While) and _sets(loop.node.test, succeeding)
    if not (success & {"return", "break"} or flagged):
        return None
    if all(_is_conflict(handler) for handler in handlers):
        return None  # somebody else was faster: to try again at once is right
    calls = tuple(call for call in loop.function.calls if _within(call, tries) and asks(call))
    if not calls or _varies(loop, calls, succeeding, handlers):
        return None
    certain = not success & {"on", "continue"}
    if (
        not certain
        and not flagged
        and (not isinstance(loop.node, cst.For) or not all(_is_request(call) for call in calls) or _advances(succeeding, calls))
    ):
        return None
    return Attempts(loop, tries, calls, handlers, certain, _rounds(loop), _is_endless(loop, before, tries, after, handlers, calls))


def _is_conflict(handler: Handler) -> bool:
    """Whether a handler lets everything pass that is not a conflict: it looks at a status, and that is 409 or 412."""
    tests = [node.test for node in walk(handler.node.body) if isinstance(node, cst.If)]
    return any(isinstance(part, cst.Integer) and part.value in ("409", "412") for test in tests for part in walk(test))


def _parts(body: cst.BaseSuite) -> tuple[list[Statement], cst.Try | cst.TryStar, list[Statement]] | None:
    """What stands before the one `try` of a loop's body, the `try`, and what stands after it; a `with` around it does not matter."""
    inside = list(statements(body))
    for index, statement in enumerate(inside):
        if isinstance(statement, cst.Try | cst.TryStar) and statement.handlers:
            return inside[:index], statement, inside[index + 1 :]
        if isinstance(statement, cst.With):
            parts = _parts(statement.body)
            if parts is not None:
                return [*inside[:index], *parts[0]], parts[1], [*parts[2], *inside[index + 1 :]]
    return None


def _turns(loop: Loop) -> bool:
    """Whether a loop only counts, or goes on while something holds, rather than go through things."""
    if isinstance(loop.node, cst.While):
        return True
    node = loop.node.iter
    return isinstance(node, cst.Call) and loop.model.name_of(node.func, loop) in ("builtins.range", "itertools.count")


def _rounds(loop: Loop) -> int | None:
    """How often a counting loop goes round, where that is written."""
    if not isinstance(loop.node, cst.For) or not isinstance(loop.node.iter, cst.Call):
        return None
    bounds = [loop.evaluate(arg.value) for arg in loop.node.iter.args if not arg.star]
    numbers = [bound.value for bound in bounds if isinstance(bound, Constant) and isinstance(bound.value, int)]
    if len(numbers) != len(bounds) or not 0 < len(numbers) <= 2 or loop.model.name_of(loop.node.iter.func, loop) != "builtins.range":
        return None
    return numbers[-1] - (numbers[0] if len(numbers) == 2 else 0)


def _goes_round(handler: Handler, tries: cst.Try | cst.TryStar, after: Sequence[Statement]) -> bool:
    final = ends(tries.finalbody.body) if tries.finalbody is not None else ON
    path: Ends = then(then(ends(handler.node.body), final), ends(after))
    return bool(path & {"on", "continue"})


def _within(call: Call, tries: cst.Try | cst.TryStar) -> bool:
    return any(frame.kind == "try" and frame.node is tries for frame in call.frame.within_function())


def _sets(test: cst.BaseExpression, block: Iterable[Statement]) -> bool:
    """Whether a block changes what a loop's condition looks at: `while not done: …; done = True`."""
    names = {node.value for node in walk(test) if isinstance(node, cst.Name)}
    return any(
        isinstance(statement, cst.Assign)
        and any(isinstance(target.target, cst.Name) and target.target.value in names for target in statement.targets)
        for statement in block
    )


def _varies(loop: Loop, calls: Iterable[Call], succeeding: Iterable[Statement], handlers: Iterable[Handler]) -> bool:
    """Whether one round differs from the next: it uses the loop's own variable, or a handler changes what the next round asks."""
    if isinstance(loop.node, cst.For) and isinstance(loop.node.target, cst.Name) and _uses(loop.node.target.value, succeeding, loop.model):
        return True
    used = {node.value for call in calls for node in walk(call.node) if isinstance(node, cst.Name)}
    tried = used | {node.value for statement in succeeding for node in walk(statement) if isinstance(node, cst.Name)}
    return any(name in tried for handler in handlers for name in _assigned(handler.node.body))


def _uses(name: str, block: Iterable[cst.CSTNode], model: SemanticModel) -> bool:
    """Whether a block uses a counter for more than to count: in tests, log records, pauses and timeouts it may stand."""
    pending = list(block)
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Name):
            if node.value == name:
                return True
        elif isinstance(node, cst.Call):
            call = model.meanings.at(node)
            word = last_name(node)
            spoken = (
                word in _WORDS
                or _MAY_PAUSE.search(word)
                or tells(node, model)
                or (call is not None and model.meanings.means(call, Sleep) is not None)
            )
            if not spoken:
                pending.append(node.func)
                pending += [arg.value for arg in node.args if arg.keyword is None or "timeout" not in arg.keyword.value]
        elif isinstance(node, cst.If):
            pending += [*_calls_below(node.test), node.body, *([node.orelse] if node.orelse is not None else [])]
        elif isinstance(node, cst.Comparison):
            pending += _calls_below(node)
        elif not isinstance(node, cst.Raise):
            pending += children(node)
    return False


def _calls_below(node: cst.CSTNode) -> list[cst.CSTNode]:
    return [inner for inner in walk(node) if isinstance(inner, cst.Call)]


def _assigned(block: cst.CSTNode) -> Iterator[str]:
    """The names, or the names of the objects, that a block assigns to; counting up or down is no change of this kind."""
    for node in walk(block):
        if isinstance(node, cst.Assign):
            for target in node.targets:
                inner: cst.CSTNode = target.target
                while isinstance(inner, cst.Attribute | cst.Subscript):
                    inner = inner.value
                for part in walk(inner):
                    if isinstance(part, cst.Name):
                        yield part.value


def _advances(succeeding: Iterable[Statement], calls: Iterable[Call]) -> bool:
    """Whether a round prepares the next one: what its calls are given is assigned, or taken from something that gives another thing each time."""
    given = [arg for call in calls if isinstance(call.node, cst.Call) for arg in call.node.args]
    used = {node.value for arg in given for node in walk(arg) if isinstance(node, cst.Name)}
    changed = {name for statement in succeeding for name in _assigned(statement)}
    changed |= {
        dotted(node.target).partition(".")[0] for statement in succeeding for node in walk(statement) if isinstance(node, cst.AugAssign)
    }
    return bool(used & changed) or any(isinstance(node, cst.Call) for arg in given for node in walk(arg))


def _is_request(call: Call) -> bool:
    return call.model.meanings.means(call, HttpRequest) is not None


def _is_endless(
    loop: Loop,
    before: Sequence[Statement],
    tries: cst.Try | cst.TryStar,
    after: Sequence[Statement],
    handlers: Iterable[Handler],
    calls: Sequence[Call],
) -> bool:
    """Whether no way out is left while the calls keep failing, as far as every statement and the names of all calls tell."""
    if isinstance(loop.node, cst.While):
        if not always(loop.node.test):
            return False
    elif not (isinstance(loop.node.iter, cst.Call) and loop.model.name_of(loop.node.iter.func, loop) == "itertools.count"):
        return False
    first = min(calls, key=lambda call: call.order)
    ahead = list(takewhile(lambda statement: all(node is not first.node for node in walk(statement)), statements(tries.body)))
    final = list(statements(tries.finalbody.body)) if tries.finalbody is not None else []
    for handler in handlers:
        own = list(statements(handler.node.body))
        path = [*before, *ahead, *own, *final, *(after if "on" in ends(own) else ())]
        if not any(ends([statement]) & LEAVES for statement in path) and not any(_may_end(statement) for statement in path):
            return True
    return False


def _may_end(statement: cst.CSTNode) -> bool:
    return any(
        isinstance(node, cst.Yield) or (isinstance(node, cst.Call) and _MAY_END.search(dotted(node.func).rpartition(".")[2] or "next"))
        for node in walk(statement)
    )


def hurries(tried: Attempts) -> bool:
    """
    Whether rounds surely follow each other without any pause.

    A handler that repairs something has its reasons to try again at once, and a timeout that has run out was a pause.
    """
    meanings = tried.loop.model.meanings
    for node in walk(tried.loop.node):
        if isinstance(node, cst.Name) and _MAY_PAUSE.search(node.value):
            return False
    for call in _calls_in(tried.loop.inside, tried.loop.function):
        callee = meanings.callee(call)
        if meanings.means(call, Sleep) is not None or (callee is not None and _pauses_inside(callee)):
            return False
    for handler in tried.handlers:
        names = [name for name in handler.catches if not _OWN_MISTAKES.search(name)]
        if not names or only_conflicts(frozenset(names)) or all(_TIMEOUTS.search(name.rpartition(".")[2]) for name in names):
            return False
        if any(not only_says(call) for call in _calls_in(handler.inside, handler.function)):
            return False
    return True


def _calls_in(frame: Frame, function: Function | None) -> list[Call]:
    return [call for call in function.calls if frame.encloses(call.frame)] if function is not None else []


def _pauses_inside(function: Function) -> bool:
    meanings = function.model.meanings
    return any(meanings.means(call, Sleep) is not None or _MAY_PAUSE.search(call.word) for call in function.calls)


def only_says(call: Call) -> bool:
    """Whether a call tells of something, or makes the words for it, and does nothing else."""
    if call.word in _WORDS or call.name.startswith(("builtins.", "time.", "traceback.")):
        return True
    return isinstance(call.node, cst.Call) and tells(call.node, call.model)


# -- anything that repeats


@dataclass(frozen=True, slots=True)
class Repeater:
    """What runs a call more than once: a decorator (`decorated` is its function), a loop over a policy, or a loop that tries. `answers`: see `answered`."""

    at: Call | Loop
    answers: frozenset[str] | None
    words: str


def repeater(call: Call, hops: int = 1) -> Repeater | None:
    """What runs a call again when it fails: around it, on its function, or on those of this module that call that function."""
    meanings = call.model.meanings
    for frame in call.frame.within_function():
        if frame.kind == "loop":
            found = _loop_repeats(frame, call, meanings)
            if found is not None:
                return found
    function = call.function
    while function is not None:
        policy = policy_of(function)
        if policy is not None:
            return Repeater(policy[0], answered(policy[2], policy[1]), f"the decorator repeats {function.name}()")
        if hops:
            for caller in meanings.callers(function):
                found = repeater(caller, hops - 1)
                if found is not None:
                    return found
        function = function.function
    return None


def _loop_repeats(frame: Frame, call: Call, meanings: Meanings) -> Repeater | None:
    loop = next((one for one in meanings.model.loops if one.inside is frame), None)
    if loop is None:
        return None
    if isinstance(loop.node, cst.For):
        over = meanings.at(loop.node.iter)
        policy = meanings.means(over, RetryPolicy) if over is not None else None
        if over is not None and policy is not None:
            return Repeater(over, answered(policy, over.made), "the loop repeats its body")
    tried = attempts(loop)
    if tried is not None and any(other is call for other in tried.calls) and tried.limit != 1:
        return Repeater(loop, tried.catches, "the loop tries again")
    return None


# -- functions


_STARTS = re.compile(
    r"connect|wait_for|wait_until|start|boot|launch|ping|ready|main|serve|worker|daemon|listen|consume|watch|poll|subscribe|forever",
    re.IGNORECASE,
)


def starts_something(function: Function) -> bool:
    """Whether a function is of those that a process runs before or beside its work, by its name; nobody waits for these."""
    return _STARTS.search(function.name) is not None and function.model.meanings.handled_by(function) is None


def reaches_out(function: Function) -> bool:
    """Whether a function makes an outbound call, directly or by those of this module that it calls."""
    return any(asks(call) for call in function.calls)


# -- whether anything repeats a request at all

_SPEAKS_OF_RETRIES = re.compile(r"retr(y|ies|ied|ying)|(?<![a-z])tries|backoff|attempt|resilien|circuit|breaker|hedg", re.IGNORECASE)
_PROBES = re.compile(r"(?<![a-z])(verify|check|test|probe|ping|health|healthz|ready|validate|status)(?![a-z])", re.IGNORECASE)
_MAY_HOLD_RETRIES = re.compile(
    r"transport|mount|retr|adapter|middleware|plugin|hook|extension|session|class|factory|options|config", re.IGNORECASE
)


def far_side(call: Call, request: HttpRequest) -> str | None:
    """
    Something to tell apart the clients or hosts that a module asks; None where the client may repeat requests by itself, or its making is not known.
    """
    meanings = call.model.meanings
    made, known = call.made, meanings.index.known(call.name)
    if known is not None and OwnRetries in known.concepts:
        return None
    node = call.argument_node(*request.url.keywords, position=request.url.position) if request.url is not None else None
    host = f"{call.name.rpartition('.')[0]} {_host(node, call)}" if node is not None else None
    if made.owner is None:
        return host
    maker = made.maker
    if (
        maker is None
        or maker.open
        or not maker.name
        or meanings.model.type_of(made.owner) not in (maker.name, meanings.index.returns(maker.name))
    ):
        return None
    its = meanings.index.known(maker.name)
    if its is not None and OwnRetries in its.concepts:
        return None
    if any(_MAY_HOLD_RETRIES.search(keyword) for keyword in maker.keywords):
        return None
    kind = meanings.index.types.get(meanings.model.type_of(made.owner))
    mounted = kind is not None and bool(kind.mounts)
    if maker.site is not None and _may_repeat(meanings.model, maker.site.path, mounted=mounted):
        return None
    if mounted and ((maker.site is None and not maker.key) or any(other.word in kind.mounts for other in meanings.model.calls)):  # type: ignore[union-attr]
        return None
    own = next((other for other in call.function.calls if id(other.node) == maker.key), None) if call.function is not None else None
    return host if own is not None else f"{maker.name} {maker.key} {maker.site}"  # a client made for this request alone says nothing


def _host(node: cst.BaseExpression, call: Call) -> str:
    """What an address begins with: its host, or the expression that stands for it."""
    value = call.evaluate(node)
    if isinstance(value, Constant) and isinstance(value.value, str):
        return urlsplit(value.value).netloc
    if isinstance(node, cst.Name):
        found = call.scope.find(node.value)
        if found is not None and len(found[1]) == 1 and found[1][0].kind == "assign" and found[1][0].value is not None:
            return _first(found[1][0].value)
    return _first(node)


def _first(node: cst.CSTNode) -> str:
    for part in walk(node):
        if isinstance(part, cst.FormattedStringText | cst.SimpleString) and "//" in part.value:
            return part.value.partition("//")[2].partition("/")[0]
        if isinstance(part, cst.Attribute | cst.Name) and dotted(part):
            return dotted(part)
    return ""


def _may_repeat(model: SemanticModel, path: str, *, mounted: bool) -> bool:
    """Whether the module in which a client was made may have given it retries."""
    for module in model.imports:
        facts = model.sources.facts(module) if model.sources is not None else None
        if facts is not None and facts.path == path:
            return any(_is_retry(datum.name, model, mounted=mounted) for datum in facts.names.values() if isinstance(datum, Reference))
    return True


def knows_retries(model: SemanticModel) -> bool:
    """Whether a module has to do with repetition at all: it imports, defines or calls something of the kind."""
    if any(_is_retry(name, model, mounted=True) for name in model.imports):
        return True
    if model.meanings.of(RetryPolicy) and any(active(call, policy) for call, policy in model.meanings.of(RetryPolicy)):
        return True
    if any(_SPEAKS_OF_RETRIES.search(function.name) for function in model.functions):
        return True
    if any(
        binding.kind == "import" and _SPEAKS_OF_RETRIES.search(f"{name} {binding.dotted}")
        for name, found in model.scope.bindings.items()
        for binding in found
    ):
        return True
    return any(_SPEAKS_OF_RETRIES.search(call.word) for call in model.calls)


def _is_retry(name: str, model: SemanticModel, *, mounted: bool) -> bool:
    index = model.meanings.index
    known = index.known(index.canonical(name))
    policy = known.concepts.get(RetryPolicy) if known is not None else None
    if isinstance(policy, RetryPolicy):
        return policy.subject == "function" or (policy.subject == "request" and mounted)
    if index.modelled(name):
        return name.partition(".")[0] in index.retrying
    return _SPEAKS_OF_RETRIES.search(name) is not None


def needs_no_retry(call: Call, hops: int = 2) -> bool:
    """
    Whether a loop or a decorator around a call, or around any way to it, may repeat it; or its failure is no harm: something else takes its place, or to
    learn of it is what the function is for.
    """
    if absorbed(call, wholly=False) or any(frame.kind == "loop" for frame in call.frame.within_function()):
        return True
    function = call.function
    while function is not None:
        # A task that is given nothing is one that a clock starts, and starts again.
        if _PROBES.search(function.name) or (call.model.meanings.task(function) is not None and not function.parameters):
            return True
        if policy_of(function) is not None or any(_SPEAKS_OF_RETRIES.search(decorator.word) for decorator in function.decorators):
            return True
        if hops and any(needs_no_retry(caller, hops - 1) for caller in call.model.meanings.callers(function)):
            return True
        function = function.function
    return False
