"""
What is known of a file, place by place, as plain data with positions: for people who ask, and for tests of what is known.

Rules do not use it: they ask `Meanings`, which says the same of one call without saying why.
"""

from __future__ import annotations

import typing
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import libcst as cst
import msgspec

from ..concepts.base import Concept
from ..concepts.bounds import Bound, Verdict, find
from ..concepts.http import ErrorHandler, Route
from ..concepts.retry import Task
from ..concepts.time import Deadline, Timeout, TimeoutClass, Wait
from ..diagnostics import Region
from ..finding import Note
from ..libraries.load import shipped
from ..libraries.schema import Entry
from ..model.places import Call, Function
from ..model.scopes import Binding
from ..model.values import Constant, Datum, Instance, Items, Made, Missing, Reference, Site, Unknown
from ..syntax.spans import every
from ..syntax.tree import excerpt
from ..text.source import SourceFile
from .match import Meanings
from .trail import called, gap, reasons
from .wrappers import handed_on

KEYS: Mapping[type[Concept], str] = {
    kind: field.encode_name
    for field in msgspec.structs.fields(Entry)
    for kind in typing.get_args(field.type)
    if isinstance(kind, type) and issubclass(kind, Concept)
} | {TimeoutClass: "timeout-class"}
"""The key under which a library model has each concept."""


class Reason(msgspec.Struct, frozen=True):
    """A place that tells something, in this file or another one."""

    message: str
    path: str
    line: int


class Limit(msgspec.Struct, frozen=True):
    """How long a call waits at most: `bound` in the words of `Bound`, `seconds` where they are known, and `because` who says so."""

    what: str
    bound: str
    because: str
    seconds: float | None = None
    at: Reason | None = None


class Explained(msgspec.Struct, frozen=True):
    """
    One place.

    `name` is the canonical name of what is called (for a function, its own), `receiver` the type of the object it is called on, `concepts` are keys of
    library models, `why` the places that tell it. `unknown` says why the name is not known; either it or `name` is empty.
    """

    kind: Literal["call", "function"]
    region: Region
    code: str
    name: str = ""
    receiver: str = ""
    concepts: tuple[str, ...] = ()
    why: tuple[Reason, ...] = ()
    limit: Limit | None = None
    unknown: str = ""


class Named(msgspec.Struct, frozen=True):
    """A name, or what else is given something on a line, and the type of what it is given; "" where that is not known."""

    line: int
    name: str
    type: str


def explain(meanings: Meanings, source: SourceFile) -> tuple[Explained, ...]:
    """All calls of a file and all functions that mean something, in the order of the source."""
    drafts = [*_calls(meanings), *_functions(meanings)]
    return _finished(drafts, _Located(meanings, source, _nodes(drafts)))


def known(meanings: Meanings, source: SourceFile) -> tuple[tuple[Explained, ...], tuple[Named, ...]]:
    """The same, and what names, attributes and parameters are given, and statements that are but a call, each with its type."""
    drafts = [*_calls(meanings), *_functions(meanings)]
    given = list(_given(meanings))
    located = _Located(meanings, source, [*_nodes(drafts), *(node for node, _, _ in given)])
    named = [Named(located.region(node).line, name, meanings.model.type_of(datum)) for node, name, datum in given]
    return _finished(drafts, located), tuple(sorted(named, key=lambda one: (one.line, one.name)))


def _nodes(drafts: Iterable[_Draft]) -> list[cst.CSTNode]:
    return [node for draft in drafts for node in draft.nodes]


def _finished(drafts: Iterable[_Draft], located: _Located) -> tuple[Explained, ...]:
    return tuple(sorted((draft.finished(located) for draft in drafts), key=lambda one: (one.region, one.kind, one.name)))


class _Draft(typing.NamedTuple):
    """A place before it has been located."""

    kind: Literal["call", "function"]
    at: cst.CSTNode
    code: str
    name: str = ""
    receiver: str = ""
    concepts: tuple[str, ...] = ()
    why: tuple[Note, ...] = ()
    limit: Limit | None = None
    limit_at: cst.CSTNode | Site | None = None
    unknown: str = ""

    @property
    def nodes(self) -> Iterator[cst.CSTNode]:
        yield self.at
        yield from (note.at for note in self.why if isinstance(note.at, cst.CSTNode))
        if isinstance(self.limit_at, cst.CSTNode):
            yield self.limit_at

    def finished(self, located: _Located) -> Explained:
        limit = self.limit
        if limit is not None and self.limit_at is not None:
            limit = msgspec.structs.replace(limit, at=located.reason(Note(self.limit_at, limit.because)))
        return Explained(
            kind=self.kind,
            region=located.region(self.at),
            code=self.code,
            name=self.name,
            receiver=self.receiver,
            concepts=self.concepts,
            why=tuple(located.reason(note) for note in self.why),
            limit=limit,
            unknown=self.unknown,
        )


class _Located:
    """Where nodes stand: one count for all of them."""

    def __init__(self, meanings: Meanings, source: SourceFile, nodes: Iterable[cst.CSTNode]) -> None:
        self.source = source
        self.spans = every(meanings.model.tree, nodes)  # statement by statement would take longer: nearly all of them are wanted

    def region(self, node: cst.CSTNode) -> Region:
        start, end = self.spans[id(node)]
        first, last = self.source.position(start), self.source.position(end)
        return Region(self.source.path, first.line, first.column, last.line, last.column)

    def reason(self, note: Note) -> Reason:
        if isinstance(note.at, Site):
            return Reason(note.message, note.at.path, note.at.line)
        return Reason(note.message, self.source.path, self.region(note.at).line)


def _calls(meanings: Meanings) -> Iterator[_Draft]:
    model = meanings.model
    for call in model.calls:
        made = call.made
        found = meanings.by_call.get(id(call.node))
        concepts = found[1] if found is not None else {}
        receiver = model.type_of(made.owner) if made.owner is not None else ""
        missing = gap(call) if not made.name else None
        limit, at = _limit(meanings, call, concepts)
        yield _Draft(
            kind="call",
            at=call.node,
            code=excerpt(called(call), 60),
            name=made.name,
            receiver=receiver,
            concepts=tuple(sorted(KEYS[kind] for kind in concepts)),
            why=(*handed_on(call), *reasons(call)) if concepts or receiver else (),
            limit=limit,
            limit_at=at,
            unknown=f"{missing.kind}: {missing.detail}" if missing is not None else "",
        )


def _functions(meanings: Meanings) -> Iterator[_Draft]:
    tables: tuple[tuple[type[Concept], Mapping[int, Concept]], ...] = (
        (Route, meanings.routes),
        (Task, meanings.tasks),
        (ErrorHandler, meanings.error_handlers),
    )
    concepts: dict[int, list[str]] = defaultdict(list)
    for kind, table in tables:
        for key in table:
            concepts[key].append(KEYS[kind])
    for key, keys in concepts.items():
        function = meanings.functions[key]
        yield _Draft(
            kind="function",
            at=function.at,
            code=f"def {function.name}",
            name=meanings.model.qualified(function.qualname),
            concepts=tuple(sorted(keys)),
            why=tuple(_made_a_handler(meanings, function)),
        )


def _made_a_handler(meanings: Meanings, function: Function) -> Iterator[Note]:
    """What makes a function more than a function."""
    kinds = (Route, Task, ErrorHandler)
    decorators = [call for call in function.decorators if any(meanings.means(call, kind) is not None for kind in kinds)]
    for call in decorators:
        yield Note(call.at, f"decorated with {call.name}")
    if decorators:
        return
    for call in meanings.model.calls:
        concept = meanings.means(call, Route) or meanings.means(call, ErrorHandler)
        if concept is not None and concept.handler is not None:
            given = call.argument(*concept.handler.keywords, position=concept.handler.position)
            if isinstance(given, Reference) and meanings.model.defined(given.name) is function:
                yield Note(call.at, f"handed to {call.name}()")
                return
    if function.owner is not None:
        bases = meanings.model.base_names(meanings.model.qualified(function.owner.qualname))
        known = next((base for base in bases if base in meanings.index.handler_classes), "")
        yield Note(function.owner.at, f"a method of a class that derives from {known}")
    else:
        yield Note(function.at, "takes a request and gives a response, as a view does")


# -- how long it waits, and who says so


def _limit(meanings: Meanings, call: Call, concepts: Mapping[type[Concept], Concept]) -> tuple[Limit | None, cst.CSTNode | Site | None]:
    wait, deadline, kind = concepts.get(Wait), concepts.get(Deadline), concepts.get(TimeoutClass)
    if isinstance(wait, Wait):
        verdict = meanings.verdict(call, wait)
        because, at = _because(meanings, call, wait, verdict)
        return _told(wait.what, verdict, because), at
    if isinstance(deadline, Deadline):
        verdict = meanings.limit(call, deadline)
        return _told("deadline", verdict, _argument(deadline.seconds) if verdict.given else "it is not known what is passed"), None
    if isinstance(kind, TimeoutClass):
        verdict = meanings.phases(call, kind)
        return _told("timeout", verdict, "its arguments" if verdict.bound is not Bound.UNKNOWN else "it is not known what is passed"), None
    return None, None


def _told(what: str, verdict: Verdict, because: str) -> Limit:
    if verdict.open_phase:
        because = f"{because}; without end: {verdict.open_phase}"
    return Limit(what, verdict.bound.value, because, verdict.seconds)


def _because(meanings: Meanings, call: Call, wait: Wait, verdict: Verdict) -> tuple[str, cst.CSTNode | Site | None]:
    """Who says how long a call waits, and where."""
    timeout, made = wait.timeout, call.made
    if timeout is None:
        return "it takes no timeout", None
    if verdict.bound is Bound.UNKNOWN:
        return _doubt(meanings, call, wait, timeout)
    maker = verdict.maker
    if maker is not None:
        its = _timeout_of(meanings, maker.name)
        at = meanings.made_at(maker)
        if verdict.given:
            return f"{_argument(its, maker)} where the object is made, by {maker.name}()", at
        return f"{maker.name}() is told nothing: {_default_of(meanings, maker.name, its)}", at
    if verdict.given:
        if wait.switch is not None and find(wait.switch, made) == Constant(False):
            return f"{wait.switch.keyword or 'an argument'}=False lets it return at once", None
        return f"{_argument(timeout, made)}", call.argument_node(*timeout.keywords, position=timeout.position)
    ignored = "" if find(timeout, made) is Missing.ABSENT else f"{_argument(timeout, made)} means the default: "
    wrapped = meanings.wrapped.get(id(call.node))
    return ignored + _default_of(meanings, wrapped.chain[-1][0] if wrapped is not None and wrapped.chain else made.name, timeout), None


def _doubt(meanings: Meanings, call: Call, wait: Wait, timeout: Timeout) -> tuple[str, cst.CSTNode | Site | None]:
    """Why nobody can say how long a call waits."""
    made = call.made
    if call.bare:
        return "it stands without a call", None
    if wait.settled_by and call.function is not None and any(other.name in wait.settled_by for other in call.function.calls):
        return "the waiting may have been done before", None
    if wait.switch is not None and find(wait.switch, made) not in (Missing.ABSENT, Constant(None), Constant(True)):
        return f"it is not known whether {wait.switch.keyword} lets it return at once", None
    value = find(timeout, made)
    if value is Missing.UNKNOWN:
        return f"the call unpacks what may hold {timeout.keyword or 'a timeout'}", None
    if not isinstance(value, Missing) and value != Constant(None):
        return f"it is not known what {timeout.keyword} is", call.argument_node(*timeout.keywords, position=timeout.position)
    if timeout.carried_by is not None and find(timeout.carried_by, made) is not Missing.ABSENT:
        return f"{timeout.carried_by.keyword} may hold the timeout", None
    maker = made.maker
    if timeout.default == "client":
        if maker is None:
            return "it is not known how the object was made", None
        its = _timeout_of(meanings, maker.name)
        if its is None:
            return f"no model says what {maker.name}() is told", meanings.made_at(maker)
        given = find(its, maker)
        if given is Missing.UNKNOWN:
            return f"{maker.name}() unpacks what may hold {its.keyword}", meanings.made_at(maker)
        if isinstance(given, Unknown):
            return f"it is not known what {its.keyword} is where the object is made, by {maker.name}()", meanings.made_at(maker)
        if given is Missing.ABSENT and its.default == "unknown":
            return f"the default of {maker.name}() is not known", meanings.made_at(maker)
    elif timeout.default == "unknown":
        return "its default is not known", None
    decides = _timeout_of(meanings, maker.name) if maker is not None and timeout.default == "client" else timeout
    if decides is not None and decides.default == "socket":
        return "the module sets a timeout for all sockets", None
    return "the object may be changed after it was made", meanings.made_at(maker)


def _timeout_of(meanings: Meanings, name: str) -> Timeout | None:
    known = meanings.index.known(name)
    wait = known.concepts.get(Wait) if known is not None else None
    return wait.timeout if isinstance(wait, Wait) else None


def _default_of(meanings: Meanings, name: str, timeout: Timeout | None) -> str:
    root = name.partition(".")[0]
    dated = meanings.index.dated(name) or f"{root} {_seen(root)}".rstrip()
    match timeout.default if timeout is not None else "unknown":
        case "never":
            return f"without {_keyword(timeout)} there is no limit in {dated}"
        case "socket":
            return f"without {_keyword(timeout)} that of all sockets holds, which is none in {dated}"
        case int() | float() as number:
            unit = timeout.unit if timeout is not None else "s"
            return f"without {_keyword(timeout)} it is {number:g} {unit} in {dated}"
    return f"the default of {dated}"


def _seen(root: str) -> str:
    """The version of a library whose source was read."""
    return next((model.seen for model in shipped() if model.library == root), "")


def _keyword(timeout: Timeout | None) -> str:
    if timeout is None or not timeout.keyword:
        return "a timeout"
    return f"{timeout.keyword}={{{timeout.inside}: …}}" if timeout.inside else f"{timeout.keyword}="


def _argument(parameter: object, made: Made | None = None) -> str:
    """A parameter as it is passed."""
    keyword = getattr(parameter, "keyword", "") or "the timeout"
    if made is not None and isinstance(parameter, Timeout):
        value = made.argument(*parameter.keywords, position=parameter.position)
        return f"{keyword}={_shown(value)} is passed" if not isinstance(value, Missing) else keyword
    return f"{keyword}= is passed"


def _shown(datum: Datum) -> str:
    match datum:
        case Constant(value=value):
            return repr(value)
        case Items(items=items):
            return f"({', '.join(_shown(item) for item in items)})"
        case Made(name=name):
            return f"{name}(…)"
        case Reference(name=name):
            return name
        case Instance(type=kind):
            return f"<{kind}>"
    return "…"


# -- what names hold


def _given(meanings: Meanings) -> Iterator[tuple[cst.CSTNode, str, Datum]]:
    model = meanings.model
    scopes = [model.scope, *(function.inner for function in model.functions), *(place.inner for place in model.classes)]
    for scope in scopes:
        for name, bindings in scope.bindings.items():
            yield from ((binding.node, name, model.binding(binding, name)) for binding in bindings if not _says_nothing(binding))
    for assignment in model.attribute_assignments:
        yield assignment.node, excerpt(assignment.target), assignment.evaluate(assignment.value)
    for call in model.calls:
        if call.dropped and isinstance(call.node, cst.Call):
            yield call.node, excerpt(call.node.func), model.evaluate(call.node, call)


def _says_nothing(binding: Binding) -> bool:
    """Whether what a binding gives is no object that could be of a modelled type: a definition, an exception, or a method's own object."""
    function = binding.scope.function
    own = binding.kind == "parameter" and binding.index == 0 and function is not None and function.owner is not None
    return own or binding.kind in ("function", "class", "except", "delete", "augmented")
