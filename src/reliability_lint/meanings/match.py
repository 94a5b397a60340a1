"""
The meanings of a file: which of its places are which concepts.

They are found once; rules and facts start from the same ones. What data cannot say, because it needs more than one call to be seen, is
recognised beside: handlers in classes and views known by what they take and return by `recognisers`, functions that only handlers call here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import libcst as cst

from ..concepts.base import Concept
from ..concepts.bounds import Bound, Verdict, bound, find, instance
from ..concepts.data import Lease, SqlExecution
from ..concepts.http import ErrorHandler, HttpRequest, Inclusion, Injection, Middleware, Route, Router
from ..concepts.queues import JobWait
from ..concepts.retry import RetryPolicy, Task
from ..concepts.time import Blocking, Deadline, GlobalTimeout, Sleep, Timeout, TimeoutClass, Wait
from ..libraries.index import Index
from ..model.altered import Altered, altered, is_altered
from ..model.places import AttributeAssignment, Call, Class, Function, Place
from ..model.semantic import SemanticModel, dotted
from ..model.values import NONE, Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Site
from ..syntax.tree import walk
from .recognisers import RECOGNISERS
from .statements import Statement, statements
from .wrappers import Wrapped, Wrappers

if TYPE_CHECKING:
    from ..facts.asked import Exports
    from ..facts.facts import FileFacts
    from ..model.exports import FunctionFacts, Quoted

AnyConcept = TypeVar("AnyConcept", bound=Concept)

_DEEPEST = 5  # of routers in each other
_OF_FUNCTIONS = frozenset({Route, Task, ErrorHandler, Middleware, RetryPolicy})  # what a call says of a function
_HOPS = 2  # from a handler to what it calls within its module


class Meanings:
    """The pairs of place and concept of one file, and what follows from them."""

    def __init__(self, model: SemanticModel, index: Index, exported: FileFacts | None = None) -> None:
        """`exported` are the facts of the model's own file, where its wrappers stand."""
        self.model = model
        self.index = index
        self.exported = exported
        self.wrappers = Wrappers(model, index, self.facts_of)
        self.wrapped: dict[int, Wrapped] = {}
        self.calls: dict[type[Concept], list[tuple[Call, Concept]]] = defaultdict(list)
        self.by_call: dict[int, tuple[Call, dict[type[Concept], Concept]]] = {}
        self.routes: dict[int, Route] = {}
        self.tasks: dict[int, Task] = {}
        self.error_handlers: dict[int, ErrorHandler] = {}
        self.middlewares: dict[int, Middleware] = {}
        self._ways: dict[int, list[Call]] = defaultdict(list)
        self.dependencies: set[int] = set()
        self.functions: dict[int, Function] = {}
        model.meanings = self
        self._retries: dict[int, Call] = {}
        self._distance: dict[int, tuple[Function, int]] | None = None
        self._callers: dict[int, list[Call]] | None = None
        self._statements: dict[int, Statement] | None = None
        self._altered: Altered | None = None
        self._neighbours: list[Exports] | None = None
        self._streaming: frozenset[int | str] | None = None
        self.kept: dict[tuple[Callable[..., Any], int], Any] = {}  # what was asked before: see `once`
        self._look_at_classes()
        if model.learn_deliveries():
            self._look_at_classes()
        self._match_calls()
        self._recognise()

    # -- finding them

    def _look_at_classes(self) -> None:
        """Before any of their methods is looked at, so that one attribute may be made from another."""
        for place in self.model.classes:
            if place.attributes:
                self.model.class_facts(place)

    def _match_calls(self) -> None:
        tails, known_calls = self.index.tails, self.index.calls
        any_name = any(module.endswith(item.module) for item in self.index.tools for module in self.model.imports) or any(
            module.partition(".")[0] in self.index.any_method for module in self.model.imports
        )
        handing_on = frozenset[str]().union(*(facts.handing_on() for facts in self._near()))
        for call in self.model.calls:
            func = call.node.func if isinstance(call.node, cst.Call) else call.node
            if func.__class__ is cst.Attribute and func.attr.value not in tails and not any_name and func.attr.value not in handing_on:
                # Most calls end here, with one look into a set.
                continue
            if func.__class__ is cst.Name and func.value not in handing_on and not self._worth(func.value, call):
                continue
            name = call.name
            if not name:
                continue
            known = known_calls.get(name)
            if known is None:
                if name.rpartition(".")[2] in handing_on and not self.index.modelled(name):
                    self._match_wrapper(call, name)
                continue
            if not known.concepts:
                continue
            self.by_call[id(call.node)] = (call, known.concepts)
            for kind, concept in known.concepts.items():
                self.calls[kind].append((call, concept))
            if Injection in known.concepts:
                self._match_dependency(call.made)
            if not _OF_FUNCTIONS.isdisjoint(known.concepts):
                self._match_function(call, call.made, known.concepts)

    def _match_wrapper(self, call: Call, name: str) -> None:
        """A call of a function of the project that hands on what it is given."""
        wrapped = self.wrappers.of(name)
        concepts = dict(wrapped.concepts)
        if self.model.defined(name) is not None:
            concepts.pop(SqlExecution, None)  # in its own file a statement is followed to where it is executed
        if concepts and not call.bare:
            self.wrapped[id(call.node)] = wrapped
            self.by_call[id(call.node)] = (call, concepts)
            for kind, concept in concepts.items():
                self.calls[kind].append((call, concept))

    def tellers(self) -> dict[int, list[cst.CSTNode]]:
        """The calls of functions whose result has the text of an exception that they are given, by the `id()` of their nodes: these arguments."""
        names = frozenset[str]().union(*(facts.telling() for facts in self._near()))
        found: dict[int, list[cst.CSTNode]] = {}
        for call in self.model.calls if names else ():
            if call.may_be(names) and not call.bare and (facts := self.facts_of(call.name)) is not None and facts.tells:
                nodes = [call.argument_node(given.name, position=given.position) for given in facts.tells]
                found[id(call.node)] = [node for node in nodes if node is not None]
        return found

    def quotes_of(self, name: str) -> Iterator[tuple[str, Quoted]]:
        """
        What exceptions of a class of the project, or of one that derives from it, quote of others, each with its own class: where this file raises them,
        the files that it imports, and the one that defines the class.
        """
        near = {facts.module: facts for facts in self._near()}
        head = name.rpartition(".")[0]
        home = self.model.sources.facts(head) if head and self.model.sources is not None and head not in near else None
        for facts in (*near.values(), *((home,) if home is not None else ())):
            for raised, raising in facts.raises.items():
                if not raising.quotes:
                    continue
                found = self.model.follow(raised)
                actual = found.name if isinstance(found, Reference) else raised
                if actual == name or name in self.model.base_names(actual):
                    yield from ((actual, quote) for quote in raising.quotes)

    def _near(self) -> list[Exports]:
        """The facts of this file and of those that it imports."""
        if self._neighbours is None:
            found: dict[str, Exports] = {self.exported.module: self.exported} if self.exported is not None else {}
            for name in self.model.imports if self.model.sources is not None else ():
                for facts in self._imported(name):
                    found.setdefault(facts.module, facts)
            self._neighbours = list(found.values())
        return self._neighbours

    def _imported(self, name: str, hops: int = 3) -> Iterator[Exports]:
        """The facts of the module that is imported, or of which something is, and of that from which it has it in turn."""
        sources = self.model.sources
        assert sources is not None
        if self.index.modelled(name):
            return
        if (whole := sources.facts(name)) is not None:
            yield whole
            return
        module, _, member = name.rpartition(".")
        facts = sources.facts(module) if module else None
        if facts is not None:
            yield facts
            origin = facts.names.get(member)
            if hops and isinstance(origin, Reference):
                yield from self._imported(origin.name, hops - 1)
            elif hops and member not in facts.functions and member not in facts.classes:
                for starred in facts.starred:
                    yield from self._imported(f"{starred}.{member}", hops - 1)

    def facts_of(self, name: str) -> FunctionFacts | None:
        """The facts of a function by its dotted name; of one of this file those that it exports, which tell what it hands on."""
        place = self.model.defined(name)
        if place is None:
            return self.model.function_named(name)
        if self.exported is None or not isinstance(place, Function):
            return None
        if place.scope is self.model.scope:
            return self.exported.functions.get(place.name)
        its = self.exported.classes.get(place.owner.name) if place.owner is not None and place.owner.scope is self.model.scope else None
        return its.methods.get(place.name) if its is not None else None

    def _worth(self, name: str, call: Call) -> bool:
        """Whether a plain name may refer to anything modelled: it is imported, or holds an object."""
        found = call.scope.find(name)
        if found is None:
            return name in _CALLED_BUILTINS or any(scope_starred(call))
        return any(binding.kind not in ("function", "class") for binding in found[1])

    def _match_function(self, call: Call, made: Made, concepts: dict[type[Concept], Concept]) -> None:
        route, task, handler, middleware = (concepts.get(kind) for kind in (Route, Task, ErrorHandler, Middleware))
        target = call.decorated if isinstance(call.decorated, Function) else None
        for concept in (route, handler, middleware):
            if target is None and isinstance(concept, Route | ErrorHandler | Middleware) and concept.handler is not None:
                target = self._given(made.argument(*concept.handler.keywords, position=concept.handler.position))
        if isinstance(route, Route):
            at = call.decorated or (self._placed(find(route.handler, made)) if route.handler is not None else None)
            if at is not None:
                self._ways[id(at)].append(call)
        if isinstance(handler, ErrorHandler):
            if handler.delegates:
                target = call.function
            if handler.table is not None:
                for _, function in self.listed(handler, call):
                    self.functions[id(function)] = function
                    self.error_handlers[id(function)] = handler
        if target is not None:
            self.functions[id(target)] = target
            if isinstance(route, Route):
                self.routes[id(target)] = route
            if isinstance(task, Task):
                self.tasks[id(target)] = task
            if isinstance(handler, ErrorHandler):
                self.error_handlers[id(target)] = handler
            if isinstance(middleware, Middleware):
                self.middlewares[id(target)] = middleware
            if RetryPolicy in concepts and call.decorated is target:
                self._retries[id(target)] = call

    def _given(self, datum: Datum | Missing) -> Function | None:
        """The function of this file that is passed as an argument."""
        place = self._placed(datum)
        return place if isinstance(place, Function) else None

    def _placed(self, datum: Datum | Missing) -> Function | Class | None:
        """The function or class of this file that is passed as an argument, or the class of which an instance is."""
        return self.model.defined(datum.name) if isinstance(datum, Reference | Made) else None

    def listed(self, handler: ErrorHandler, call: Call) -> Iterator[tuple[Datum, Function]]:
        """The exceptions, or status codes, for which a table names handlers of this file."""
        assert handler.table is not None
        table = call.argument(*handler.table.keywords, position=handler.table.position)
        for key, value in table.entries if isinstance(table, Entries) else ():
            function = self._given(value)
            if function is not None:
                yield key, function

    def _match_dependency(self, depends: Made) -> None:
        given = self.index.injected(depends)
        place = self.model.defined(given.name) if isinstance(given, Reference) else None
        if isinstance(place, Function):
            self.dependencies.add(id(place))
            self.functions[id(place)] = place

    def _recognise(self) -> None:
        """What no single call tells; what stands above a function wins over what its class or its form says."""
        for recogniser in RECOGNISERS:
            for function, concept in recogniser(self):
                table: dict[int, Any] = (
                    self.routes
                    if isinstance(concept, Route)
                    else self.middlewares
                    if isinstance(concept, Middleware)
                    else self.error_handlers
                )
                table.setdefault(id(function), concept)
                self.functions[id(function)] = function

    # -- asking

    def of(self, kind: type[AnyConcept]) -> list[tuple[Call, AnyConcept]]:
        """All calls of a concept, in source order."""
        return self.calls.get(kind, [])  # type: ignore[return-value]

    def means(self, call: Call, kind: type[AnyConcept]) -> AnyConcept | None:
        """What a call means as a concept, or None."""
        found = self.by_call.get(id(call.node))
        return found[1].get(kind) if found is not None else None  # type: ignore[return-value]

    def made_as(self, datum: Datum, kind: type[AnyConcept]) -> AnyConcept | None:
        """What making an object of this type means as a concept, or None."""
        known = self.index.known(self.model.type_of(datum))
        return known.concepts.get(kind) if known is not None else None  # type: ignore[return-value]

    def raised_by(self, call: Call) -> tuple[str, ...]:
        """The exceptions that whoever makes a call should expect."""
        known = self.index.known(call.name)
        return known.raises if known is not None else ()

    def at(self, node: cst.CSTNode) -> Call | None:
        """The call place of a node, where the call means something."""
        found = self.by_call.get(id(node))
        return found[0] if found is not None else None

    def route(self, function: Function | None) -> Route | None:
        """What makes a function a request handler, if it is one."""
        return self.routes.get(id(function)) if function is not None else None

    def keeps_connection(self, route: Route) -> bool:
        """Whether a handler lives as long as its connection does, and not for one request."""
        return "websocket" in route.methods

    def ways(self, function: Function) -> list[Call]:
        """The decorators and registrations that make a function, or the class in which it stands, a request handler."""
        owner = self._ways.get(id(function.owner), []) if function.owner is not None else []
        return [*self._ways.get(id(function), []), *owner]

    def prefixes(self, call: Call) -> list[str]:
        """What is put before the path of a route: by its router, and where this file takes that into another; the outermost last, unknown parts left out."""
        found: list[str] = []
        owner = call.made.maker
        for _ in range(_DEEPEST):
            if owner is None:
                break
            known = self.index.known(owner.name)
            router = known.concepts.get(Router) if known is not None else None
            including = next(
                ((taking, inclusion) for taking, inclusion in self.of(Inclusion) if _is_made(find(inclusion.child, taking.made), owner)),
                None,
            )
            parts = [find(router.prefix, owner)] if isinstance(router, Router) and router.prefix is not None else []
            if including is not None and including[1].prefix is not None:
                parts.append(find(including[1].prefix, including[0].made))
            found += [part.value for part in parts if isinstance(part, Constant) and isinstance(part.value, str)]
            owner = including[0].made.maker if including is not None else None
        return found

    def task(self, function: Function | None) -> Task | None:
        """What makes a function a background job, if it is one."""
        return self.tasks.get(id(function)) if function is not None else None

    def error_handler(self, function: Function | None) -> ErrorHandler | None:
        """What makes a function a handler of exceptions, if it is one."""
        return self.error_handlers.get(id(function)) if function is not None else None

    def middleware(self, function: Function | None) -> Middleware | None:
        """What makes a function run around every request, if it does."""
        return self.middlewares.get(id(function)) if function is not None else None

    def retry_of(self, function: Function) -> Call | None:
        """The retry decorator of a function."""
        return self._retries.get(id(function))

    def handled_by(self, function: Function | None) -> Function | None:
        """The handler, task or dependency from which a function is reached within this module in at most two calls; itself, if it is one."""
        if self._distance is None:
            self._distance = self._reach()
        found = self._distance.get(id(function)) if function is not None else None
        return found[0] if found is not None else None

    def sensitive(self, place: Place) -> bool:
        """Whether somebody waits for this place: it runs in a handler, a task or a coroutine, or in what these call."""
        function = place.function
        while function is not None:
            if function.asynchronous or self.handled_by(function) is not None:
                return True
            function = function.function  # a nested function runs for the one around it
        return False

    @property
    def of_program(self) -> bool:
        """Whether the file does something of its own when it is run."""
        return self.exported is not None and self.exported.program

    # -- what a call runs

    def statement(self, call: Call) -> Statement | None:
        """The SQL that a call takes; None for a construct that another call of this file executes."""
        if self._statements is None:
            self._statements = statements(self)
        return self._statements.get(id(call.node))

    # -- how long a call waits

    def verdict(self, call: Call, wait: Wait) -> Verdict:
        """How long a call waits at most, by its own arguments or by those with which its object was made."""
        if wait.timeout is None:
            return Verdict(Bound.NONE)
        made = call.made
        if call.bare or self._settled(call, wait):
            return Verdict(Bound.UNKNOWN)
        asked = find(wait.switch, made) if wait.switch is not None else Missing.ABSENT
        if asked not in (Missing.ABSENT, NONE, Constant(True)):
            return Verdict(Bound.FINITE, given=True, seconds=0) if asked == Constant(False) else Verdict(Bound.UNKNOWN)
        maker = self._maker_timeout(made)
        verdict = bound(wait.timeout, made, self.index, maker=maker, streams=_asks_for_stream(made, wait))
        decides = maker if wait.timeout.default == "client" else wait.timeout
        if not verdict.given and decides is not None and decides.default == "socket" and self._socket_default():
            return Verdict(Bound.UNKNOWN)
        # What was done to the object may replace a timeout that is missing, hardly one that stands here.
        stands = verdict.given and verdict.maker is None and verdict.bound is not Bound.NONE
        return verdict if stands or not self._changed(made) else Verdict(Bound.UNKNOWN)

    def patience(self, call: Call) -> Verdict:
        """How long the client of a call waits for each answer, as its maker was told; unknown where that differs between the project's possible versions."""
        maker = call.made.maker
        timeout = self._maker_timeout(call.made)
        if maker is None or timeout is None or self._changed(call.made):
            return Verdict(Bound.UNKNOWN)
        verdict = bound(timeout, maker, self.index)
        if not verdict.given and self.index.undecided(maker.name):
            return Verdict(Bound.UNKNOWN)
        return Verdict(verdict.bound, verdict.given, verdict.seconds, verdict.open_phase, maker)

    def waits(self, call: Call) -> bool:
        """
        Whether a call that can wait does: it was not told, as far as is to be seen, to return at once (`block=False`, `timeout=0`), and what it takes
        was not made here a moment ago, when nobody else can have it.
        """
        wait = self.means(call, Wait)
        if wait is None:
            return True
        if wait.switch is not None:
            if find(wait.switch, call.made) not in (Missing.ABSENT, NONE, Constant(True)):
                return False
            maker, here = call.made.maker, call.function.calls if call.function is not None else ()
            if maker is not None and maker.name == self.model.type_of(maker) and any(id(other.node) == maker.key for other in here):
                return False
        verdict = self.verdict(call, wait)
        return not (verdict.given and verdict.maker is None and verdict.seconds == 0)

    def blocks(self, call: Call) -> Blocking | None:
        """How a call keeps its thread waiting, where it does for long enough to be worth a word; reading and writing files is not."""
        blocking = self.means(call, Blocking)
        if blocking is None or blocking.kind == "file" or call.awaited or call.bare or not self.waits(call):
            return None
        sleep = self.means(call, Sleep)
        return None if sleep is not None and find(sleep.seconds, call.made) == Constant(0) else blocking

    def endless_by_design(self, call: Call, wait: Wait) -> bool:
        """
        Whether a wait without end may be what is wanted: streams, by keyword, by method, by name or by what the function does, the client that is made
        for one, and consumers that wait in a loop for something to arrive.
        """
        if _opens_stream(call, wait):
            return True
        if wait.arrives and (
            isinstance(call.statement, cst.While) or any(isinstance(frame.node, cst.While) for frame in call.frame.within_function())
        ):
            return True
        if self._streaming is None:
            # The call that made the object, where that is known; else any that makes one of its type for an object to keep.
            owners = [other.made.owner for other, kind in self.of(Wait) if _opens_stream(other, kind) and other.made.owner is not None]
            makers = [(owner.made if isinstance(owner, Instance) else owner, self.model.type_of(owner)) for owner in owners]
            self._streaming = frozenset(made.key if isinstance(made, Made) and made.key else name for made, name in makers)
        kept = any(isinstance(target, cst.Attribute) for target in _targets(call))
        if call.made.key in self._streaming or (kept and self.model.type_of(call.made) in self._streaming) or named_for_streams(call):
            return True
        return call.function is not None and any(_STREAM.search(other.word) for other in call.function.calls)

    def partly_bounded(self, call: Call, wait: Wait) -> bool:
        """Whether a call names a limit for one phase by a parameter of its own."""
        return any(find(part, call.made) not in (Missing.ABSENT, NONE) for part in wait.partial)

    def phases(self, call: Call, kind: TimeoutClass) -> Verdict:
        """What the timeout object that a call makes bounds."""
        if call.bare or (kind.default == "socket" and self._socket_default()):
            return Verdict(Bound.UNKNOWN)
        return instance(kind, call.made)

    def limit(self, call: Call, deadline: Deadline) -> Verdict:
        """When a scope or wrapper ends what runs in it."""
        return Verdict(Bound.UNKNOWN) if call.bare else bound(deadline.seconds, call.made, self.index)

    def lifetime(self, call: Call, lease: Lease) -> Bound:
        """Whether the lock that a call takes ends by itself: by any argument that says so."""
        found = [bound(lifetime, call.made, self.index).bound for lifetime in lease.lifetimes]
        return next((one for one in (Bound.FINITE, Bound.UNKNOWN) if one in found), Bound.UNKNOWN if call.made.open else Bound.NONE)

    def ignored(self, assignment: AttributeAssignment) -> str:
        """The type that never reads the attribute that is assigned to one of its instances, or ""."""
        if assignment.target.attr.value not in self.index.ignored_attributes:
            return ""
        kinds = self.index.lineage(self.model.type_of(assignment.evaluate(assignment.target.value)))
        return next((kind for kind in kinds if assignment.target.attr.value in self.index.types[kind].ignored_attributes), "")

    def always_passed(self, function: Function) -> tuple[str, tuple[str, ...]]:
        """The library type whose hook a method overrides, and the keywords with which that is called in any case."""
        if function.owner is None or function.name not in self.index.told_hooks:
            return "", ()
        for base in self.model.base_names(self.model.qualified(function.owner.qualname)):
            kind = self.index.types.get(base)
            if kind is not None and function.name in kind.always_passed:
                return base, kind.always_passed[function.name]
        return "", ()

    def unheard(self, call: Call) -> Call | None:
        """
        A request that the global timeout set by a call was meant for and that does not ask for it; None where the module does anything that does.
        """
        roots = {name.partition(".")[0] for name in self.model.imports} - {call.name.partition(".")[0]}
        if roots & self.index.heeding or any(wait.timeout is not None and wait.timeout.default == "socket" for _, wait in self.of(Wait)):
            return None
        for other, wait in self.of(Wait):
            if self.means(other, HttpRequest) is not None and wait.timeout is not None and wait.timeout.default == "never":
                verdict = self.verdict(other, wait)
                if verdict.bound is Bound.NONE and not verdict.given:
                    return other
        return None

    def made_for_streams(self, call: Call) -> bool:
        """
        Whether a timeout object is made for streams: it is named for them, or passed to one. An open end that is written out, in an object that only
        its own function knows, is taken for one too where nothing that is modelled receives it.
        """
        if named_for_streams(call):
            return True
        users = [(user, wait) for user, wait in self.of(Wait) if wait.timeout is not None and wait.timeout.keyword and _passes(user, call)]
        if users:
            return any(self.endless_by_design(user, wait) for user, wait in users)
        return call.function is not None and NONE in call.made.keywords.values()

    def made_at(self, datum: Datum | None) -> cst.CSTNode | Site | None:
        """Where the call stands that made something, here or in another file."""
        made = datum.made if isinstance(datum, Instance) else datum
        if not isinstance(made, Made):
            return None
        return made.site or next((call.node for call in self.model.calls if id(call.node) == made.key), None)

    def _settled(self, call: Call, wait: Wait) -> bool:
        """Whether something before a call, in the same function, has done the waiting already, or the job was done as soon as it was sent."""
        if self.means(call, JobWait) is not None and any(
            frame.kind == "if" and isinstance(frame.node, cst.If) and _asks_for_eager_jobs(frame.node.test)
            for frame in call.frame.within_function()
        ):
            return True
        if not wait.settled_by or call.function is None:
            return False
        return any(other.order < call.order and other.name in wait.settled_by for other in call.function.calls)

    def _maker_timeout(self, made: Made) -> Timeout | None:
        maker = made.maker
        known = self.index.known(maker.name) if maker is not None else None
        wait = known.concepts.get(Wait) if known is not None else None
        return wait.timeout if isinstance(wait, Wait) else None

    def _socket_default(self) -> bool:
        """Whether this module sets a timeout for all sockets."""
        return any(find(setting.seconds, call.made) != NONE for call, setting in self.of(GlobalTimeout))

    def _changed(self, made: Made) -> bool:
        """Whether the object of a call was changed after it was made, in ways that may give it a timeout or take it away."""
        if made.owner is None:
            return False
        if self._altered is None:
            self._altered = altered(self.model)
        return is_altered(self.model, made.owner, self._altered)

    def has_deadline(self, call: Call, wait: Wait) -> bool:
        """Whether something around an awaited call ends it: `async with timeout(…)`, or a wrapper such as `wait_for`, here or where it is called."""
        if not (wait.asynchronous or call.awaited):
            return False
        return self.ends_in_time(call)

    def ends_in_time(self, call: Call) -> bool:
        """Whether a deadline stands around a call, here or around every call of the function in which it stands."""
        return self._within_deadline(call, 0)

    def _within_deadline(self, call: Call, depth: int) -> bool:
        for frame in call.frame.within_function():
            if frame.kind == "with" and isinstance(frame.node, cst.With):
                for item in frame.node.items:
                    scope = self.at(item.item)
                    if (scope is not None and self.means(scope, Deadline) is not None) or _named_for_limits(item.item):
                        return True
        for wrapper, deadline in self.of(Deadline):
            if deadline.awaits is not None:
                awaited = wrapper.argument_node(*deadline.awaits.keywords, position=deadline.awaits.position)
                if awaited is not None and any(node is call.node for node in walk(awaited)):
                    return True
        function = call.function
        if function is not None and any(_named_for_limits(decorator.node) for decorator in function.decorators):
            return True
        if function is None or depth >= _HOPS:
            return False
        callers = self.callers(function)
        return bool(callers) and all(self._within_deadline(caller, depth + 1) for caller in callers)

    def callers(self, function: Function) -> list[Call]:
        """The calls of a function within its module."""
        if self._callers is None:
            table: dict[int, list[Call]] = defaultdict(list)
            for caller in self.model.functions:
                for call, callee in self._calls_within(caller):
                    table[id(callee)].append(call)
            self._callers = table
        return self._callers.get(id(function), [])

    def _reach(self) -> dict[int, tuple[Function, int]]:
        roots = [self.functions[key] for key in (*self.routes, *self.tasks, *self.dependencies, *self.error_handlers, *self.middlewares)]
        found = {id(function): (function, 0) for function in roots}
        pending = list(roots)
        while pending:
            function = pending.pop(0)
            root, distance = found[id(function)]
            if distance == _HOPS:
                continue
            for _, callee in self._calls_within(function):
                if id(callee) not in found:
                    found[id(callee)] = (root, distance + 1)
                    pending.append(callee)
        return found

    def _calls_within(self, function: Function) -> Iterator[tuple[Call, Function]]:
        """The functions of this module that a function calls."""
        for call in function.calls:
            callee = self.callee(call)
            if callee is not None:
                yield call, callee

    def callee(self, call: Call) -> Function | None:
        """The function of this module that is called, if it is one."""
        func = call.node.func if isinstance(call.node, cst.Call) else call.node
        if isinstance(func, cst.Name):
            found = call.scope.find(func.value)
            if found is None or all(binding.kind not in ("function", "import") for binding in found[1]):
                return None
        elif not (isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name)):
            return None
        name = self.model.name_of(func, call)
        callee = self.model.defined(name) if name else None
        return callee if isinstance(callee, Function) else None


def _asks_for_eager_jobs(test: cst.BaseExpression) -> bool:
    """Whether a condition is the setting by which jobs run where they are sent."""
    return any(isinstance(node, cst.Name) and "eager" in node.value.lower() for node in walk(test))


def _is_made(datum: Datum | Missing, made: Made) -> bool:
    """Whether an object is the one that a call made."""
    its = datum.made if isinstance(datum, Instance) else datum
    return isinstance(its, Made) and bool(its.key) and its.key == made.key


def _passes(user: Call, call: Call) -> bool:
    return any(isinstance(given, Made) and given.key == call.made.key for given in (*user.made.arguments, *user.made.keywords.values()))


# Scopes and decorators that nobody modelled, but whose names promise an end.
_LIMIT = re.compile(r"time_?out|time_?limit|deadline", re.IGNORECASE)


def _named_for_limits(node: cst.BaseExpression) -> bool:
    return bool(_LIMIT.search(dotted(node.func if isinstance(node, cst.Call) else node).rpartition(".")[2]))


def _asks_for_stream(made: Made, wait: Wait) -> bool:
    asked = made.argument(wait.streams) if wait.streams else Missing.ABSENT
    return not (asked is Missing.ABSENT or (isinstance(asked, Constant) and not asked.value))


# Names of what stays open until the other side has something to say.
_STREAM = re.compile(
    r"(?<!up)(?<!down)stream|(?<![a-z])(sse|tail|follow)(?![a-z])|web_?socket|watch|listen|subscri|long_?poll|event_?source|iter_(chunk|content|line|any|raw|byte)",
    re.IGNORECASE,
)


def _opens_stream(call: Call, wait: Wait) -> bool:
    return wait.tier == "never" or _asks_for_stream(call.made, wait) or bool(_STREAM.search(call.name.rpartition(".")[2]))


def _targets(place: Place) -> list[cst.BaseExpression]:
    """What the statement around a place assigns to."""
    found: list[cst.BaseExpression] = []
    for small in place.statement.body if isinstance(place.statement, cst.SimpleStatementLine) else ():
        if isinstance(small, cst.Assign):
            found += [target.target for target in small.targets]
        elif isinstance(small, cst.AnnAssign):
            found.append(small.target)
    return found


def named_for_streams(place: Place) -> bool:
    """Whether the function or class around a place, or the name it is assigned to, speaks of streams."""
    names = [place.scope.qualname, *(dotted(target) for target in _targets(place))]
    return any(_STREAM.search(name) for name in names)


_CALLED_BUILTINS = frozenset({"exit", "input", "open", "quit"})


def scope_starred(call: Call) -> Iterator[bool]:
    """Whether any scope around a call imports names with a star."""
    scope = call.scope
    while scope is not None:
        yield bool(scope.starred)
        scope = scope.parent  # type: ignore[assignment]


def subclasses(model: SemanticModel, *bases: str) -> list[Class]:
    """The classes of this file that derive from any of these."""
    return [place for place in model.classes if set(model.base_names(model.qualified(place.qualname))) & set(bases)]


def literals(items: Items) -> list[object]:
    """The constant values of a display."""
    return [getattr(item, "value", None) for item in items.items]
