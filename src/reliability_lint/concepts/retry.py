"""Doing it again: who repeats what, how often, and with which pauses."""

from __future__ import annotations

from typing import Literal

import msgspec

from .base import Concept, Parameter
from .time import VersionedDefault


class Limit(Parameter, frozen=True):
    """
    A parameter that ends a retry policy. The policy is bounded when any of its limits is.

    `default` is what holds if the argument is absent: a number of attempts or seconds, or "never". `endless` lists the literal values that
    mean "never" (`"None"`, `-1`); strategies that never stop are marked as such where they are modelled. `attempts`: the number counts
    attempts (or, with `retries`, repetitions).
    """

    default: float | Literal["never", "unknown"] | tuple[VersionedDefault, ...] = "never"
    endless: tuple[int | str, ...] = ("None",)
    counts: Literal["attempts", "retries", "seconds", "either"] = "either"


class Pause(Parameter, frozen=True):
    """The wait between attempts; `default` is the first pause in seconds if the argument is absent. 0 means none."""

    default: float | Literal["unknown"] = 0
    none: Literal["zero", "default", "error"] = "zero"


class Jitter(Parameter, frozen=True):
    """
    What makes the pauses of a policy differ at random, so that those who failed together do not come back together.

    `default`: whether it does if the argument is absent. `needs` is a keyword without which it does nothing. `number_is_fixed`: a number only makes all
    pauses longer, and a range is what is random. `instead` is what to do, where passing the argument is not it.
    """

    default: bool | Literal["unknown"] = False
    needs: str = ""
    number_is_fixed: bool = False
    instead: str = ""


class Heeding(Parameter, frozen=True):
    """
    Whether a policy waits as long as an answer tells it to. `answers` are the statuses of such answers, `instead` is what to do rather than to switch
    it off.
    """

    default: bool = True
    answers: tuple[int, ...] = ()
    instead: str = ""


class Dependent(Parameter, frozen=True):
    """A parameter of a retry policy that does nothing unless another, `needs`, is given too. `then` says what is not repeated without it."""

    needs: Parameter
    then: str


class RetryPolicy(Concept, frozen=True):
    """
    The making of a retry policy: a decorator, an adapter's policy, a task's options.

    `subject` says what is repeated: "function" (the decorated function), "request" (what a transport sends), "task" (a background job),
    "command" (what a client sends to a store). `optional`: without any of `activated_by` the call sets up no retry at all (a plain task).
    `methods` is the argument that lists the verbs that are repeated, `methods_default` those repeated without it, and `all_methods` the
    literal values that mean every verb. `exceptions` is the argument that says after which failures. `generators` says what becomes of a
    generator: it is made "once" and whatever fails in its body is not repeated, or its body is run "again" from the beginning. `exceptions_default`
    are the failures after which it repeats if none are named, empty where that is not known; `narrowed_by` are keywords that take some of them away.
    `catches_all`: where it is told to, it repeats after what is no `Exception`, too.
    `handed_to` says, for an object that does nothing
    by itself, to what it is handed. `jitter` are the parameters that make its pauses random, any one of which is enough; what is passed as the pause may
    do so, too. `statuses` is the argument that lists the statuses of answers after which it repeats, `statuses_default` those that hold without it, `heeds` the one that says whether it obeys such an
    answer, and `between` takes functions that run between attempts. `dependent` are parameters that do nothing alone, and `renamed` maps keywords that are an error by now to
    those that took their place. `wraps_unless`: unless this argument is true, the last failure reaches the caller inside of another exception.
    """

    library: str
    subject: Literal["function", "request", "task", "command"]
    limits: tuple[Limit, ...] = ()
    pause: Pause | None = None
    optional: bool = False
    activated_by: tuple[str, ...] = ()
    methods: Parameter | None = None
    methods_default: tuple[str, ...] = ()
    all_methods: tuple[str, ...] = ()
    exceptions: Parameter | None = None
    exceptions_default: tuple[str, ...] = ()
    narrowed_by: tuple[str, ...] = ()
    catches_all: bool = False
    generators: Literal["once", "again", "unknown"] = "unknown"
    handed_to: str = ""
    jitter: tuple[Jitter, ...] = ()
    statuses: Parameter | None = None
    statuses_default: tuple[int, ...] = ()
    heeds: Heeding | None = None
    between: tuple[Parameter, ...] = ()
    dependent: tuple[Dependent, ...] = ()
    renamed: dict[str, str] = msgspec.field(default_factory=dict)
    wraps_unless: Parameter | None = None


class Strategy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """
    A building block of a retry policy.

    `kind`: "stop", "pause" or "condition". `seconds` gives a fixed pause's length, `attempts` the number after which a stop stops; `endless`: a stop
    that never stops; `spread` says whether pauses are random: "yes", "no", or if "any" of those is that it is made of; `instead` is the one that is, where it
    is not. `instance`: an object to be passed as it is, where all others are classes or factories that must be called; `optional`: without arguments
    they say something sensible, too. `repeats` says after
    which failures a condition repeats: those that are "listed" by its arguments (from `exceptions` on, `builtins.Exception` if there are none), all
    "others", "all", "none", those of "any" of the conditions that it is given, or "unknown".
    """

    name: tuple[str, ...]
    kind: Literal["stop", "pause", "condition"]
    seconds: Parameter | None = None
    attempts: Parameter | None = None
    no_pause: bool = False
    endless: bool = False
    spread: Literal["yes", "no", "any", "unknown"] = "unknown"
    instead: str = ""
    instance: bool = False
    optional: bool = False
    repeats: Literal["listed", "others", "all", "none", "any", "unknown"] = "unknown"
    exceptions: Parameter | None = None


class OwnRetries(Concept, frozen=True):
    """
    A client that repeats requests by itself. `default` repetitions, unless `parameter` says otherwise; 0 switches them off. `after` are the failures of which
    it has repeated some in vain when they reach the caller, empty where that is not known.
    """

    parameter: Parameter
    default: int | tuple[VersionedDefault, ...] = 0
    after: tuple[str, ...] = ()


class Task(Concept, frozen=True):
    """
    Makes a function a background job, which a broker may deliver more than once. `loses_worker`: a `SystemExit` that leaves it ends the worker, and is no
    failure of the job. `becomes` is the type of which the decorated function is an object from then on: `send_mail.delay()`; `bound_by` is the argument that,
    when true, has the function called with that object first. `done` is what a job counts as that returns, in the words of its framework; "" where nobody keeps
    that.
    """

    framework: str
    redelivers: bool = False
    loses_worker: bool = False
    becomes: str = ""
    bound_by: Parameter | None = None
    done: str = ""


class Payment(Concept, frozen=True):
    """
    A call that moves money or creates something that does. `key` is the idempotency key's argument; `options` an argument that may hold it.

    `automatic`: the SDK adds a key of its own to each call, so its own network retries are safe, a second run of this code is not.
    `again` says what a second call does: it "adds" a second effect, or all is the "same" as after the first, or an error. `takes`: "later" where the
    customer confirms it elsewhere before any money moves, unless the argument `confirm` is true.
    """

    key: Parameter
    options: Parameter | None = None
    automatic: bool = False
    again: Literal["adds", "same"] = "adds"
    takes: Literal["now", "later"] = "now"
    confirm: Parameter | None = None


class IdempotencyKey(Concept, frozen=True):
    """A call with an argument by which the receiver recognises a repetition."""

    key: Parameter


class Fresh(Concept, frozen=True):
    """A call that gives something else each time: a random value, or the moment."""


class Breaker(Concept, frozen=True):
    """
    Makes a circuit breaker, which counts the failures of what goes through it. `calls` are its methods that let something through, `entered`: it may be
    entered by `with`, `decorates`: it may stand above a function. `shared` are arguments that have the count kept elsewhere, for all breakers of that place.
    """

    calls: tuple[str, ...] = ()
    entered: bool = False
    decorates: bool = False
    shared: tuple[Parameter, ...] = ()
