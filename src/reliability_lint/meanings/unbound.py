"""Names that a handler or a `finally` reads although what should have bound them is what failed."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import libcst as cst

from ..concepts.data import SqlExecution
from ..concepts.http import HttpRequest
from ..concepts.lifecycle import Exit
from ..concepts.retry import Payment
from ..concepts.speech import Log
from ..concepts.time import Blocking, Wait
from ..model.course import Happening, course
from ..model.endings import ON, ends
from ..model.frames import Frame
from ..model.places import Call, Handler, Place, Raise, Try
from ..model.scopes import Binding
from ..model.semantic import SemanticModel, dotted
from ..model.swallowing import BROAD, last_name, rest_of_round
from ..syntax.tree import walk
from .groups import name_of_raised
from .lookups import calls_by_node

_NAME_ERRORS = frozenset({"", *BROAD, "builtins.NameError", "builtins.UnboundLocalError"})
# With these, code asks whether a name is there.
_ASKS = frozenset({"locals", "vars", "dir", "globals"})
# What builtins raise for the value that they are given.
_CONVERSIONS = {
    "builtins.int": ("builtins.ValueError", "builtins.TypeError"),
    "builtins.float": ("builtins.ValueError", "builtins.TypeError"),
    "builtins.next": ("builtins.StopIteration",),
    "builtins.open": ("builtins.OSError",),
}
_LOOKUPS = ("builtins.KeyError", "builtins.IndexError", "builtins.TypeError")
_IMPORTS = ("builtins.ImportError", "builtins.ModuleNotFoundError")
# Calls that make an object or look at one, by their last names. They may fail, and hardly ever do.
_HARMLESS = re.compile(
    r"_?[A-Z]\w*|get\w*_?logger|(perf_counter|monotonic|time|process_time)(_ns)?|now|utcnow|today|timestamp|isoformat|uuid[145]?|token_\w+|getenv|get|set"
    r"|keys|values|items|copy|deepcopy|[lr]?strip|r?split|splitlines|join|lower|upper|title|format|replace|startswith|endswith|append|extend|add|update"
    r"|setdefault|encode|count|getLogger|bind|currentframe|current_task|getpid|get_ident|deque|defaultdict|partial|fileno|cast|super|suppress|nullcontext"
    r"|cursor|start_(as_current_)?span|(new|get)_(event|running)_loop|((get|create|make|new|build)_(\w+_)?)?(session|client|engine|executor)(_?maker)?",
)
_PAUSES = frozenset({"sleep", "checkpoint"})
# Calls after which a handler surely goes on, besides those that write logs.
_COMES_BACK = re.compile(
    r"(.*\.)?(append|add|update|discard|get|rollback|print_exc|format_exc|capture_exception|record_exception|inc|increment|labels"
    r"|_*log(ger|ging)?\.(debug|info|warn(ing)?|error|exception|critical|log))",
    re.IGNORECASE,
)
# What is modelled fails where it waits for somebody else.
_ASKING = frozenset({Wait, Blocking, HttpRequest, SqlExecution, Payment})
Way: TypeAlias = Literal["handler", "finally", "after"]


@dataclass(frozen=True, slots=True)
class Unbound:
    """
    Code that runs when something has failed, and the names that it reads although they are bound only behind what failed.

    `read` is where the first of them is read, `cause` what fails, or leaves, before. `way`: a handler reads it, a `finally`, or what comes after a handler
    that goes on. `error` is the exception that comes of it.
    """

    names: tuple[str, ...]
    read: Happening
    cause: Happening
    way: Way
    error: str


def unbound(model: SemanticModel) -> Iterator[Unbound]:
    """The handlers and `finally` blocks of a file that surely fail themselves for want of a name, if what may fail before it is bound does."""
    if not model.tries:
        return
    handlers: dict[int, list[Handler]] = {}
    for handler in model.handlers:
        handlers.setdefault(id(handler.tries), []).append(handler)
    calls = calls_by_node(model)
    raises = {id(raised.node): raised for raised in model.raises}
    for place in model.tries:
        if place.scope.kind in ("function", "module"):
            yield from _Tried(place, handlers.get(id(place.node), []), calls, raises).unbound()


class _Tried:
    """One `try` statement."""

    def __init__(self, place: Try, handlers: Sequence[Handler], calls: dict[int, Call], raises: dict[int, Raise]) -> None:
        self.place, self.handlers, self.calls, self.raises = place, handlers, calls, raises
        self.fresh: set[str] = set()
        self.told: set[str] = set()

    @cached_property
    def course(self) -> list[Happening]:
        return course(self.place.node.body)

    def unbound(self) -> Iterator[Unbound]:
        final = self.place.node.finalbody
        candidates = {name for name, bindings in self.place.scope.bindings.items() if self._is_bound_inside(bindings)}
        if not candidates or candidates.isdisjoint(self._mentioned()):
            return  # mostly: to say in which order things happen, and which may fail, takes long
        blocks = [course(handler.node.body) for handler in self.handlers]
        last = course(final.body) if final is not None else []
        rests = [
            self._rest() if final is None and ends(handler.node.body) == ON and all(map(self._comes_back, block)) else []
            for handler, block in zip(self.handlers, blocks, strict=True)
        ]
        bound = {one.name for one in self.course if one.kind == "bind"}
        self.fresh = {name for name in bound & _read_in(*blocks, *rests, last) if _is_fresh(name, self.place)}
        elsewhere: set[str] = set()  # bound by a handler
        for index, (handler, block, rest) in enumerate(zip(self.handlers, blocks, rests, strict=True)):
            elsewhere.update(one.name for one in block if one.kind == "bind")
            names = self.fresh & _read_in(block, rest)
            if names:
                causes = self._causes(names, handler, self.handlers[:index])
                yield from self._found(block, causes, "handler", {handler.bound})
                yield from self._found(rest, {name: causes[name] for name in causes.keys() - elsewhere}, "after")
        names = (self.fresh - elsewhere) & _read_in(last)
        yield from self._found(last, {name: cause for name in names if (cause := self._cause_of_final(name)) is not None}, "finally")

    def _is_bound_inside(self, bindings: Sequence[Binding]) -> bool:
        """Whether a name is bound in the body, and not before."""
        return bindings[-1].order > self.place.order and any(
            frame.kind == "try" and frame.node is self.place.node for binding in bindings for frame in binding.frame.within_function()
        )

    def _mentioned(self) -> set[str]:
        """The names that stand in the handlers, in `finally`, or in what follows a handler that may go on."""
        node = self.place.node
        nodes: list[cst.CSTNode] = [handler.body for handler in node.handlers]
        if node.finalbody is not None:
            nodes.append(node.finalbody)
        elif any("on" in ends(handler.body) for handler in node.handlers):
            nodes += rest_of_round(node, self.place)
        # By class: LibCST's classes are abstract base classes, for which `isinstance` is slow.
        return {dotted(one) for below in nodes for one in walk(below) if one.__class__ is cst.Name}

    def _found(self, block: list[Happening], causes: Mapping[str, Happening], way: Way, bound: Collection[str] = ()) -> Iterator[Unbound]:
        """The names without which a block fails, told once for each `try`, at the first that is read."""
        if not causes or any(isinstance(one.node, cst.Call) and last_name(one.node) in _ASKS for one in block):
            return
        changed = {one.name for one in (*self.course, *block) if one.kind == "bind"}.union(bound)
        reads = {name: read for name in causes.keys() - self.told if (read := self._read(name, block, changed, way)) is not None}
        if reads:
            self.told.update(reads)
            order = {id(one): index for index, one in enumerate(block)}
            names = sorted(reads, key=lambda name: order[id(reads[name])])
            error = "UnboundLocalError" if self.place.function is not None else "NameError"
            yield Unbound(tuple(names), reads[names[0]], causes[names[0]], way, error)

    def _rest(self) -> list[Happening]:
        """What comes after the `try`, within the round if it stands in a loop."""
        return [one for statement in rest_of_round(self.place.node, self.place) for one in course(statement)]

    def _comes_back(self, one: Happening) -> bool:
        """Whether something that a handler does is no call, or one that surely returns."""
        if not isinstance(one.node, cst.Call) or one.kind != "fail":
            return True
        call = self.calls.get(id(one.node))
        if call is None:
            return False
        if self.place.model.meanings.means(call, Log) is not None or _COMES_BACK.fullmatch(dotted(one.node.func)):
            return True
        return call.name.startswith("builtins.") and self.place.model.meanings.means(call, Exit) is None

    def _read(self, name: str, block: list[Happening], changed: Collection[str], way: Way) -> Happening | None:
        """Where a block first reads a name, if it comes to that in any case, or on a condition that says nothing of what was done before."""
        for one in block:
            if one.kind == "leave":
                return None
            if one.name == name:
                caught = any(self._catches_it(around) for around in one.within)
                hangs = one.conditions if way == "after" else [test for test in one.conditions if not _is_settled(test, changed)]
                return one if one.kind == "read" and not hangs and not caught else None
        return None

    def _before(self, name: str) -> tuple[list[Happening], list[Happening]]:
        """What happens until a name is bound for the first time, and what happens from there on."""
        first = next(index for index, one in enumerate(self.course) if one.kind == "bind" and one.name == name)
        return self.course[:first], self.course[first:]

    def _failing(self, happenings: Sequence[Happening]) -> list[Happening]:
        """What may fail and be felt outside of the body of the `try`."""
        return [one for one in happenings if one.kind == "fail" and not any(map(self._catches, one.within))]

    def _causes(self, names: Iterable[str], handler: Handler, earlier: Sequence[Handler]) -> dict[str, Happening]:
        """Of some names those that are not bound yet when something fails that comes to a handler, each with what fails."""
        caught = frozenset(handler.catches)
        taken = {name for other in earlier for name in other.catches}
        causes = {}
        for name in names:
            before, rest = self._before(name)
            nothing_else = not any(one.kind == "fail" or one.repeated for one in rest)
            comes = [one for one in self._failing(before) if not self._is_taken(one, taken)]
            likely = [one for one in comes if self._is_felt(one, caught)]
            if likely or (nothing_else and comes):
                causes[name] = (likely or comes)[0]
        return causes

    def _is_taken(self, one: Happening, taken: Collection[str]) -> bool:
        """Whether what fails here may be taken by an earlier handler of the same `try`."""
        kinds = self._kinds(one)
        return "" in taken or not BROAD.isdisjoint(taken) or not kinds.isdisjoint(taken)

    def _is_felt(self, one: Happening, caught: frozenset[str]) -> bool:
        """Whether something fails every now and then, with what a handler is for."""
        return self._is_likely(one) if caught & BROAD else bool(self._kinds(one) & caught)

    def _cause_of_final(self, name: str) -> Happening | None:
        before, _ = self._before(name)
        leaving = (one for one in before if one.kind == "leave" and not isinstance(one.node, cst.Raise))
        return next((one for one in self._failing(before) if self._is_likely(one)), None) or next(leaving, None)

    @staticmethod
    def _catches(around: cst.CSTNode) -> bool:
        """Whether what fails in the body of this statement may end there."""
        if isinstance(around, cst.With):
            return any(isinstance(item.item, cst.Call) and last_name(item.item) == "suppress" for item in around.items)
        return isinstance(around, cst.Try | cst.TryStar) and bool(around.handlers)

    def _catches_it(self, around: cst.CSTNode) -> bool:
        """Whether it may end there that a name is not bound."""
        if isinstance(around, cst.With):
            return self._catches(around)
        return any(not _NAME_ERRORS.isdisjoint(one.catches) for one in self.place.model.handlers if one.tries is around)

    def _kinds(self, one: Happening) -> frozenset[str]:
        """The exceptions, with their bases, of which it is known that this may raise them; none where nothing is known."""
        model, node = self.place.model, one.node
        names: tuple[str, ...] = ()
        match node:
            case cst.Raise():
                names = (name_of_raised(self.raises[id(node)]),)
            case cst.Subscript() if _looks_up(node):
                names = _LOOKUPS
            case cst.Import() | cst.ImportFrom():
                names = _IMPORTS
            case cst.Call() if (call := self.calls.get(id(node))) is not None:
                names = self._kinds_of_call(call)
        every = [name if "." in name else f"builtins.{name}" for name in names if name]
        return frozenset(base for name in every for base in (name, *model.base_names(name), *_bases(name)))

    def _kinds_of_call(self, call: Call) -> tuple[str, ...]:
        meanings = self.place.model.meanings
        callee = meanings.callee(call)
        if callee is not None:
            return tuple(map(name_of_raised, callee.raises))
        known = meanings.index.known(call.name)
        return known.raises if known is not None and known.raises else _CONVERSIONS.get(call.name, ())

    def _is_likely(self, one: Happening) -> bool:
        """Whether this fails every now and then."""
        match one.node:
            case cst.Raise() | cst.Yield():
                return True
            case cst.Await(expression=awaited):
                return not (isinstance(awaited, cst.Call) and last_name(awaited) in _PAUSES)
            case cst.With() | cst.For() | cst.CompFor() as node:
                return node.asynchronous is not None
            case cst.Call() as node:
                return self._may_fail(node)
        return False  # a key is there, unless the handler is for those that are not

    def _may_fail(self, node: cst.Call) -> bool:
        call = self.calls.get(id(node))
        if call is None:
            return False
        if call.name.startswith("builtins."):
            return call.name in _CONVERSIONS
        meanings = self.place.model.meanings
        if meanings.means(call, Log) is not None:
            return False
        known = meanings.index.known(call.name)
        if known is not None:
            return bool(known.raises) or not _ASKING.isdisjoint(known.concepts)
        return bool(call.word) and _HARMLESS.fullmatch(call.word) is None


def _is_fresh(name: str, place: Try) -> bool:
    """Whether nothing can have bound a name when a `try` is begun for the first time."""
    scope = place.scope
    if not name or name in scope.nonlocals or scope.starred or (scope.kind == "module" and hasattr(builtins, name)):
        return False
    return all(_is_later(binding, place) for binding in scope.bindings.get(name, ()))


def _is_later(binding: Binding, place: Try) -> bool:
    if binding.scope is not place.scope:
        return False
    if binding.order > place.order or isinstance(binding.node, cst.CompFor):
        return True
    if binding.kind == "annotation" and binding.value is None:
        return True
    return _is_elsewhere(binding.frame, place)


def _is_elsewhere(frame: Frame, place: Place) -> bool:
    """Whether a frame is the other branch of an `if` around a place, and no loop comes back to it."""
    branches = {id(one.node): one.kind for one in frame.within_function() if one.kind in ("if", "else")}
    for one in place.frame.within_function():
        if one.kind == "loop":
            return False
        if one.kind in ("if", "else") and branches.get(id(one.node), one.kind) != one.kind:
            return True
    return False


def _is_settled(condition: cst.CSTNode, changed: Collection[str]) -> bool:
    """Whether a condition looks at nothing but names that stay as they were before the `try`."""
    if isinstance(condition, cst.Name):
        return condition.value not in changed
    if isinstance(condition, cst.UnaryOperation):
        return _is_settled(condition.expression, changed)
    if isinstance(condition, cst.BooleanOperation):
        return _is_settled(condition.left, changed) and _is_settled(condition.right, changed)
    if isinstance(condition, cst.Comparison):
        return all(_is_settled(part, changed) for part in (condition.left, *(target.comparator for target in condition.comparisons)))
    return isinstance(condition, cst.Integer | cst.SimpleString)


def _read_in(*blocks: Iterable[Happening]) -> set[str]:
    """The names that are read in some blocks, or deleted."""
    return {one.name for block in blocks for one in block if one.name and one.kind != "bind"}


def _looks_up(node: cst.Subscript) -> bool:
    """Whether something is looked up under a key that is written out, and may not be there."""
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString()))]:
            return True
    return False


def _bases(name: str) -> list[str]:
    """The bases of a builtin exception."""
    kind = getattr(builtins, name.removeprefix("builtins."), None) if name.startswith("builtins.") else None
    return [f"builtins.{base.__name__}" for base in kind.__mro__[1:]] if isinstance(kind, type) else []


__all__ = ["Unbound", "unbound"]
