"""All models joined into one index, for one set of library versions: what the semantic model and the rules ask."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property, lru_cache
from operator import attrgetter
from pathlib import Path

import msgspec

from ..concepts.base import Concept
from ..concepts.bounds import find
from ..concepts.data import Connection, SqlExecution
from ..concepts.http import (
    ErrorHandler,
    HandlerClass,
    HttpRequest,
    Inclusion,
    Injection,
    Middleware,
    Refusal,
    Response,
    Route,
    Router,
    StatusCheck,
)
from ..concepts.lifecycle import Application
from ..concepts.queues import Acknowledgement, Delivery, JobLimit, JobWait, Publication, Requeue
from ..concepts.retry import Limit, OwnRetries, RetryPolicy, Strategy, Task
from ..concepts.speech import ExceptionText, Log, Metric, MetricLabel
from ..concepts.time import Blocking, Timeout, TimeoutClass, VersionedDefault, Wait
from ..concepts.trust import Guard, Validator, Verification
from ..model.values import UNKNOWN, Constant, Datum, Made, Missing, Reference
from .load import filled, has_holes, installed, load, names, shipped, spellings
from .schema import Entry, Generated, Model, Type, parameters
from .versions import Versions

_SKIP = frozenset({"name", "versions", "returns", "enters", "raises", "truth"})
_given = attrgetter(
    *(field for field in Entry.__struct_fields__ if field not in _SKIP)
)  # what an entry may say of a callable, most of it None
_PLAIN: frozenset[type] = frozenset({bool, float, int, str})
# What a function that hands its arguments on does as if it were the callable itself.
_HANDED_ON: frozenset[type[Concept]] = frozenset({Wait, HttpRequest, SqlExecution, Response})
_SETTING_UP: frozenset[type[Concept]] = frozenset({Route, Inclusion, Middleware, ErrorHandler, Task})
# What is worth telling of: who calls a function cannot see that it waits in there.
_TOLD = frozenset({"network", "sleep"})
_LANDMARKS: frozenset[type[Concept]] = frozenset({Application, JobLimit})
_REPEATING: frozenset[type[Concept]] = frozenset({OwnRetries, RetryPolicy})
# What says how a program is built, or what it says or executes: no finding goes back to where the object was made.
_UNTRACED: frozenset[type[Concept]] = frozenset(
    {
        Acknowledgement,
        Application,
        Delivery,
        ErrorHandler,
        ExceptionText,
        Guard,
        Inclusion,
        Injection,
        JobLimit,
        Log,
        Metric,
        MetricLabel,
        Middleware,
        Publication,
        Refusal,
        Requeue,
        Route,
        Router,
        SqlExecution,
        Validator,
        Verification,
    }
)
# Of two defaults that may both hold, the one that gives less reason for alarm; an unknown default gives none.
_ALARM = {"unknown": -2.0, "client": -1.0, "never": float("inf"), "socket": float("inf")}


class Known(msgspec.Struct):
    """What is known of one callable, all its entries joined."""

    name: str
    returns: str = ""
    enters: str = ""
    raises: tuple[str, ...] = ()
    concepts: dict[type[Concept], Concept] = {}


class Index:
    """The joined models. All names are canonical; see `reliability_lint.model.knowledge.Knowledge` for what each answer means."""

    def __init__(self, models: tuple[Model, ...], versions: Versions) -> None:
        self.roots = frozenset(model.library for model in models)
        self.calls: dict[str, Known] = {}
        self.types: dict[str, Type] = {}
        self.instances: dict[str, str] = {}
        self.tools: list[Generated] = []
        self.aliases: dict[str, str] = {}
        self.timeout_classes: dict[str, TimeoutClass] = {}
        self.strategies: dict[str, Strategy] = {}
        self.handler_classes: dict[str, HandlerClass] = {}
        self.records: set[str] = set()
        self._canonical: dict[str, str] = {}
        self._dated: dict[str, str] = {}
        self._undecided: dict[str, bool] = {}
        self._fewest: dict[str, int] = {}
        for model in models:
            self._add(model, versions)
        renamed = (alias for alias, target in self.aliases.items() if target in self.calls)  # `redis.StrictRedis` is `redis.Redis`
        self.tails = frozenset(name.rpartition(".")[2] for name in (*self.calls, *renamed)) | {"__call__"}
        self.altering = frozenset(name for kind in self.types.values() for name in (*kind.hooks, *kind.settings))
        self.mounting = frozenset(name for kind in self.types.values() for name in kind.mounts)
        self.ignored_attributes = frozenset(name for kind in self.types.values() for name in kind.ignored_attributes)
        self.any_method = frozenset(kind.name.partition(".")[0] for kind in self.types.values() if kind.every_method)
        self.told_hooks = frozenset(name for kind in self.types.values() for name in kind.always_passed)
        self.heeding = frozenset(
            name.partition(".")[0] for name, known in self.calls.items() if _heeds(known)
        )  # libraries that ask for a global timeout

    def _add(self, model: Model, versions: Versions) -> None:
        distribution = model.distribution or model.library
        self.aliases |= model.aliases
        self.instances |= {instance.name: instance.type for instance in model.instance}
        for item in model.timeout_class:
            self.timeout_classes[item.name] = item
            self.calls.setdefault(item.name, Known(item.name)).concepts = {TimeoutClass: item}
        self.records.update(model.records)
        self.handler_classes |= {item.name: item for item in model.handler_class}
        for strategy in model.strategy:
            self.strategies |= dict.fromkeys(strategy.name, strategy)
        self.tools += model.generated
        for kind in model.type:
            self.types[kind.name] = kind
            for maker in kind.made_by:
                known = self.calls.setdefault(maker, Known(maker))
                known.returns = known.returns or kind.name
        for entry in model.call:
            if entry.versions and not versions.certain(distribution, entry.versions):
                continue
            same = None if has_holes(entry) else _concepts(entry, distribution, versions)
            default = entry.wait.timeout.default if entry.wait is not None and entry.wait.timeout is not None else None
            for pattern in names(entry.name):
                for name, holes in spellings(pattern, model.sets):
                    its = entry if same is not None else filled(entry, holes)
                    concepts = same if same is not None else _concepts(its, distribution, versions)
                    known = self.calls.setdefault(name, Known(name))
                    known.returns = its.returns or known.returns
                    known.enters = its.enters or known.enters
                    known.raises = its.raises or known.raises
                    known.concepts = known.concepts | concepts if known.concepts else concepts
                    if entry.own_retries is not None and isinstance(entry.own_retries.default, tuple):
                        self._fewest[name] = int(min(map(float, _possible(entry.own_retries.default, distribution, versions)), default=0))
                    if isinstance(default, tuple):
                        self._undecided[name] = len(_possible(default, distribution, versions)) > 1
                        self._dated[name] = f"{distribution} {versions.specifiers(distribution).removeprefix('==')}".rstrip()

    @cached_property
    def retrying(self) -> frozenset[str]:
        """The libraries that are there to repeat functions."""
        policies = ((name, known.concepts.get(RetryPolicy)) for name, known in self.calls.items())
        return frozenset(
            name.partition(".")[0] for name, policy in policies if isinstance(policy, RetryPolicy) and policy.subject == "function"
        )

    @cached_property
    def answers(self) -> frozenset[str]:
        """The types of what HTTP requests give."""
        asking = (known for known in self.calls.values() if HttpRequest in known.concepts)
        return frozenset(kind for known in asking for kind in (known.returns, known.enters) if kind)

    @cached_property
    def local_stores(self) -> frozenset[str]:
        """The libraries whose connections all lead to a file of this machine."""
        local: dict[str, bool] = {}
        for name, known in self.calls.items():
            if isinstance(connection := known.concepts.get(Connection), Connection):
                root = name.partition(".")[0]
                local[root] = local.get(root, True) and connection.local
        return frozenset(root for root, always in local.items() if always)

    @cached_property
    def status_errors(self) -> frozenset[str]:
        """The exceptions that say that the other side has answered, with a status of failure."""
        checks = (known.concepts.get(StatusCheck) for known in self.calls.values())
        return frozenset(check.error for check in checks if isinstance(check, StatusCheck))

    # -- what the semantic model asks

    def canonical(self, name: str) -> str:
        """The spelling under which a library's object is modelled."""
        known = self._canonical.get(name)
        if known is None:
            known = self._rewritten(name)
            self._canonical[name] = known
        return known

    def _rewritten(self, name: str) -> str:
        for _ in range(4):  # an alias may lead to another
            prefix, rest = name, ""
            while prefix:
                target = self.aliases.get(prefix)
                if target is not None:
                    break
                prefix, _, last = prefix.rpartition(".")
                rest = f".{last}{rest}"
            else:
                return name
            if target + rest == name:
                return name
            name = target + rest
        return name

    def modelled(self, name: str) -> bool:
        """Whether the name's root is a modelled library."""
        return name.partition(".")[0] in self.roots

    def instance(self, name: str) -> str:
        """The type of a module-level object, or ""."""
        return self.instances.get(name, "")

    def attribute(self, type_name: str, attribute: str) -> str:
        """The type that an attribute of an instance holds, or ""."""
        for kind in self._lineage(type_name):
            if attribute in kind.attributes:
                return kind.attributes[attribute]
        return ""

    @cached_property
    def parameter_names(self) -> frozenset[str]:
        """The names of all parameters with which it matters what a modelled callable is given."""
        # Most callables of an entry share its concepts.
        concepts = {id(concept): concept for known in self.calls.values() for kind, concept in known.concepts.items() if kind in _HANDED_ON}
        return frozenset(keyword for concept in concepts.values() for parameter in parameters(concept) for keyword in parameter.keywords)

    @cached_property
    def setting_up(self) -> frozenset[str]:
        """The last parts of all callables that set an application up."""
        return frozenset(name.rpartition(".")[2] for name in self.calls if self.sets_up(name))

    def sets_up(self, name: str) -> bool:
        """Whether a call sets an application up: it makes a function a handler, puts a router somewhere, or has something run around requests."""
        known = self.calls.get(name)
        return known is not None and Router not in known.concepts and not _SETTING_UP.isdisjoint(known.concepts)

    def takes_arguments(self, name: str) -> bool:
        """Whether it matters what a callable is given: it waits, asks somebody, runs SQL or answers."""
        known = self.calls.get(name)
        return known is not None and not _HANDED_ON.isdisjoint(known.concepts)

    def tells(self, name: str) -> bool:
        """Whether those who call a function have to reckon with this call in it: it keeps its thread for the sake of somebody else."""
        known = self.calls.get(name)
        blocking = known.concepts.get(Blocking) if known is not None else None
        return (isinstance(blocking, Blocking) and blocking.kind in _TOLD) or (known is not None and JobWait in known.concepts)

    def asks(self, name: str) -> bool:
        """Whether a call asks another service."""
        return self.has(name, HttpRequest)

    @cached_property
    def repeating(self) -> frozenset[str]:
        """The libraries that have clients with retries of their own."""
        return frozenset(name.partition(".")[0] for name, known in self.calls.items() if OwnRetries in known.concepts)

    def repeats(self, name: str) -> bool:
        """Whether what is called makes something that repeats: a client with retries of its own, or the policy of a function."""
        known = self.calls.get(name)
        return known is not None and not _REPEATING.isdisjoint(known.concepts)

    @cached_property
    def landmarks(self) -> frozenset[str]:
        """The last parts of all callables that may say what a program is there for."""
        return frozenset(name.rpartition(".")[2] for name, known in self.calls.items() if not _LANDMARKS.isdisjoint(known.concepts))

    def is_landmark(self, call: Made) -> bool:
        """Whether a call says what a program is there for, or that a background job may run for ever."""
        known = self.calls.get(call.name)
        if known is None:
            return False
        limit = known.concepts.get(JobLimit)
        return Application in known.concepts or (isinstance(limit, JobLimit) and is_endless(limit, call))

    def returns(self, name: str) -> str:
        """The type that calling `name` gives, or ""."""
        known = self.calls.get(name)
        if known is not None and known.returns:
            return known.returns
        return name if name in self.types else ""

    def enters(self, name: str) -> str:
        """The type that `with name(…) as x` gives, where it is not that of the call itself, or ""."""
        known = self.calls.get(name)
        return known.enters if known is not None else ""

    def is_type(self, name: str) -> bool:
        """Whether `name` is a modelled type."""
        return name in self.types or name in self.handler_classes

    def is_traced(self, type_name: str) -> bool:
        return type_name in self.types and any(name in self._traced for name in self.lineage(type_name))

    @cached_property
    def _traced(self) -> frozenset[str]:
        """What a finding may go back to: what is told something that counts, or has a method that does or gives what counts."""
        found: set[str] = set()
        for name, known in self.calls.items():
            if not known.concepts.keys() <= _UNTRACED:
                found.update((name, name.rpartition(".")[0]))
        size = -1
        while len(found) > size:
            size = len(found)
            found.update(name.rpartition(".")[0] for name, known in self.calls.items() if known.returns in found or known.enters in found)
        return frozenset(found)

    def method(self, type_name: str, method: str) -> str:
        """The name under which a type's method is modelled, which may be a base's."""
        for kind in self._lineage(type_name):
            name = f"{kind.name}.{method}"
            if name in self.calls:
                return name
            if kind.every_method:
                return kind.every_method
        return self.canonical(f"{type_name}.{method}")

    def generated(self, name: str) -> Generated | None:
        """What is known of a class that a tool wrote into the checked project."""
        module, _, last = name.rpartition(".")
        for item in self.tools:
            if last.endswith(item.name) and module.endswith(item.module):
                return item
        return None

    def keeps_result(self, name: str) -> bool:
        """Whether a decorator leaves what the decorated function gives as it is: routes, retries, tasks."""
        from ..concepts.http import ErrorHandler, Route
        from ..concepts.retry import RetryPolicy
        from ..concepts.trust import Guard

        known = self.calls.get(name)
        return known is not None and any(kind in known.concepts for kind in (Route, ErrorHandler, RetryPolicy, Guard))

    def becomes(self, decorator: str) -> str:
        """The type of which a function is an object that stands under this decorator, or ""."""
        known = self.calls.get(decorator)
        task = known.concepts.get(Task) if known is not None else None
        return task.becomes if isinstance(task, Task) else ""

    def injected(self, marker: Made) -> Datum | None:
        """What a marker such as `Depends(f)` takes its value from; None where it is no such marker."""
        known = self.calls.get(marker.name)
        injection = known.concepts.get(Injection) if known is not None else None
        if not isinstance(injection, Injection):
            return None
        provider = find(injection.provider, marker)
        return UNKNOWN if isinstance(provider, Missing) else provider

    @cached_property
    def delivering(self) -> frozenset[str]:
        """The last parts of all callables that have a function called with what arrives."""
        return frozenset(name.rpartition(".")[2] for name, known in self.calls.items() if Delivery in known.concepts)

    def delivered(self, registration: Made) -> tuple[Datum, tuple[str, ...]] | None:
        """The function, or functions, that a call has called with what arrives, and the types of what they are given; None where it does not."""
        known = self.calls.get(registration.name)
        delivery = known.concepts.get(Delivery) if known is not None else None
        handler = find(delivery.handler, registration) if isinstance(delivery, Delivery) else Missing.ABSENT
        return (handler, delivery.passes) if isinstance(delivery, Delivery) and not isinstance(handler, Missing) else None

    def hooks(self, type_name: str) -> frozenset[str]:
        """The methods by which a subclass of this type would change what we know of it."""
        return frozenset(hook for kind in self._lineage(type_name) for hook in kind.hooks)

    def _lineage(self, type_name: str) -> list[Type]:
        found: list[Type] = []
        pending = [type_name]
        while pending:
            kind = self.types.get(pending.pop(0))
            if kind is not None and kind not in found:
                found.append(kind)
                pending.extend(kind.bases)
        return found

    def altered(self, type_name: str, name: str, parts: tuple[str, ...] | None) -> frozenset[str]:
        """Of a type and its bases, those that are changed by assigning to `name`, or by calling it with parts of these types."""
        if parts is None:
            return frozenset(kind.name for kind in self._lineage(type_name) if name in kind.hooks or name in kind.settings)
        return frozenset(
            kind.name for kind in self._lineage(type_name) if name in kind.mounts and not set(parts) <= set(kind.harmless_mounts)
        )

    def lineage(self, type_name: str) -> list[str]:
        """A modelled type and all its modelled bases."""
        return [kind.name for kind in self._lineage(type_name)]

    def passes(self, bases: Collection[str], imports: Collection[str], method: str, parameters: int, index: int) -> str:
        """
        The type of what a framework passes to a method of a class with these bases as its argument `index` after `self`, or "".
        """
        for handler in self._handlers(self._passing, bases, imports):
            if index < len(handler.takes) and handler.serves(method, parameters) is not None:
                return handler.takes[index]
        return ""

    # -- what the rules ask

    def handlers(self, bases: Collection[str], imports: Collection[str]) -> Iterator[HandlerClass]:
        """What makes methods of a class with these bases, in a file with these imports, answer requests."""
        known = (self.handler_classes[base] for base in bases if base in self.handler_classes)
        yield from known
        yield from self._handlers(self._formless, bases, imports)

    @cached_property
    def _formless(self) -> list[HandlerClass]:
        """Those that are not known by the name of their base."""
        return [handler for handler in self.handler_classes.values() if handler.bare or handler.generated]

    @cached_property
    def _passing(self) -> list[HandlerClass]:
        return [handler for handler in self.handler_classes.values() if handler.takes]

    @staticmethod
    def _handlers(handlers: list[HandlerClass], bases: Collection[str], imports: Collection[str]) -> Iterator[HandlerClass]:
        for handler in handlers:
            library, _, last = handler.name.partition(".")
            if handler.bare:
                fits = any(name == library or name.startswith(f"{library}.") for name in imports)
            elif handler.generated:
                fits = any(base.endswith(last) and base.rpartition(".")[0].endswith(handler.generated) for base in bases)
            else:
                fits = handler.name in bases
            if fits:
                yield handler

    @cached_property
    def sending(self) -> dict[str, tuple[str, ...]]:
        """The attributes whose value reaches the client, and the types that have them."""
        found: dict[str, tuple[str, ...]] = {}
        for kind in self.types.values():
            for name in kind.sent_attributes:
                found[name] = (*found.get(name, ()), kind.name)
        return found

    @cached_property
    def told_of_exceptions(self) -> frozenset[str]:
        """The methods that are passed what `sys.exc_info()` gives, in any framework."""
        return frozenset(name for handler in self.handler_classes.values() for name in handler.exc_info)

    @cached_property
    def sending_items(self) -> dict[str, tuple[str, ...]]:
        """The attributes whose items reach the client, and the types that have them; "" stands for the items of the object itself."""
        found: dict[str, tuple[str, ...]] = {}
        for kind in self.types.values():
            for name in kind.sent_items:
                found[name] = (*found.get(name, ()), kind.name)
        return found

    def dated(self, name: str) -> str:
        """The version that decides what a call waits by default, as the project's files have it (`redis 7.1.0`); "" where versions do not differ."""
        return self._dated.get(name, "")

    def undecided(self, name: str) -> bool:
        """Whether versions that the project may use differ in how long a call waits by default, so that only the least alarming answer is known."""
        return self._undecided.get(name, False)

    def fewest_retries(self, name: str, own: OwnRetries) -> int:
        """How often a client repeats a request by itself if it is told nothing: of what may hold in the project's possible versions, the least."""
        return self._fewest.get(name, own.default if isinstance(own.default, int) else 0)

    def has(self, name: str, kind: type[Concept]) -> bool:
        """Whether a call of this name means a concept."""
        known = self.known(name)
        return known is not None and kind in known.concepts

    def known(self, name: str) -> Known | None:
        """What is known of a callable."""
        return self.calls.get(name)


def is_endless(limit: JobLimit, call: Made) -> bool:
    """Whether a call says that a background job may run for ever."""
    match find(limit.limit, call):
        case Constant(value=value):
            return value in limit.limit.endless or str(value) in limit.limit.endless
        case Reference(name=name):
            return name in limit.limit.endless
    return False


def _heeds(known: Known) -> bool:
    wait = known.concepts.get(Wait)
    return isinstance(wait, Wait) and wait.tier == "always" and wait.timeout is not None and wait.timeout.default == "socket"


def _concepts(entry: Entry, distribution: str, versions: Versions) -> dict[type[Concept], Concept]:
    """The concepts of an entry by type, their versioned defaults decided."""
    return {type(concept): _settled(concept, distribution, versions) for concept in _given(entry) if concept is not None}


def _settled(concept: Concept, distribution: str, versions: Versions) -> Concept:
    """A concept with its versioned defaults decided: of those that may hold, the least alarming."""
    changes: dict[str, object] = {}
    for field in concept.__struct_fields__:
        value = getattr(concept, field)
        if value is None or value.__class__ in _PLAIN:
            continue
        if isinstance(value, Timeout | Limit | OwnRetries) and isinstance(value.default, tuple):
            changes[field] = msgspec.structs.replace(value, default=_least_alarming(value.default, distribution, versions))
        elif isinstance(value, tuple) and any(isinstance(item, Limit) for item in value):
            changes[field] = tuple(
                msgspec.structs.replace(item, default=_least_alarming(item.default, distribution, versions))
                if isinstance(item, Limit) and isinstance(item.default, tuple)
                else item
                for item in value
            )
    if isinstance(concept, OwnRetries) and isinstance(concept.default, tuple):
        changes["default"] = int(max(float(row.value) for row in concept.default if versions.possible(distribution, row.versions)))
    return msgspec.structs.replace(concept, **changes) if changes else concept


def _possible(rows: tuple[VersionedDefault, ...], distribution: str, versions: Versions) -> list[float | str]:
    return [row.value for row in rows if versions.possible(distribution, row.versions)]


def _least_alarming(rows: tuple[VersionedDefault, ...], distribution: str, versions: Versions) -> float | str:
    possible = _possible(rows, distribution, versions)
    if not possible:
        return "unknown"
    return min(possible, key=lambda value: _ALARM[value] if isinstance(value, str) else value)


@lru_cache(maxsize=64)
def index_for(versions: Versions, extra: tuple[str, ...] = ()) -> Index:
    """
    The index for a project: our models, then those of other distributions, then its own (`extra` are paths of TOML files). The last that names a callable wins.
    """
    return Index((*shipped(), *installed(), *(load(Path(path)) for path in extra)), versions)
