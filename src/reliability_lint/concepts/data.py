"""Databases."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from .base import Concept, Parameter
from .time import Timeout

Answer: TypeAlias = Literal["yes", "no", "unknown"]


class SqlExecution(Concept, frozen=True):
    """
    A call that takes SQL text.

    `text` is the statement, `parameters` the argument for bound values; `parameters_rest`: every positional argument from that index on is
    a bound value. `placeholder` is the driver's style, for messages. `fragment`: the text is a piece of a statement, so it need not begin with
    a verb. `sequence`: parameters must be a sequence or mapping, a bare scalar is a mistake. `plain_string`: "error" where a `str` raises and a
    text construct is wanted, and `construct` is what makes one. `wrapper`: renders its argument as it stands and is not executed here (`text()`, `sql.SQL()`).
    """

    text: Parameter
    parameters: Parameter | None = None
    parameters_rest: int | None = None
    placeholder: Literal["%s", "?", ":name", "$1", "$name", "@name", "{}", ""] = ""
    fragment: bool = False
    sequence: bool = False
    plain_string: Literal["ok", "error"] = "ok"
    construct: str = ""
    wrapper: bool = False


class Sanitiser(Concept, frozen=True):
    """A call whose result may stand in SQL text: quoted by the driver, or of a type that cannot hurt. `position`: what it makes safe."""

    makes: Literal["value", "identifier", "anything"] = "anything"


# -- connections and transactions


class Connection(Concept, frozen=True):
    """
    A call that gives a connection or a session, by which statements are executed.

    `autocommit`: without being told anything, every statement outside of a transaction is kept at once; "no": what was written is lost unless it is
    committed. `told_by` is the argument that, when true, makes it so after all. `local`: there is no server, the data is a file of this machine or its memory.
    """

    autocommit: Answer = "unknown"
    told_by: Parameter | None = None
    local: bool = False


class OnExit(Concept, frozen=True):
    """
    What leaving `with X` does where X is what the call gives, or what the object is that it makes.

    `commits` after the last statement of the block, `rolls_back` after an exception, `closes` (or gives back to its pool) in any case. Each says what
    the exit itself does: of a connection that is closed uncommitted, the server forgets what was written.
    """

    commits: Answer = "unknown"
    rolls_back: Answer = "unknown"
    closes: Answer = "unknown"


class Transaction(Concept, frozen=True):
    """
    Begins a transaction.

    `block`: not the call begins it, but entering the `with`, or the function that it decorates. `savepoint`: it lies in another one, and undoing it
    undoes nothing else.
    """

    block: bool = False
    savepoint: bool = False


class Commit(Concept, frozen=True):
    """Keeps what was written since the transaction began, and ends it."""


class Rollback(Concept, frozen=True):
    """Undoes what was written since the transaction or its savepoint began."""


class Write(Concept, frozen=True):
    """
    Changes what is stored, by a method of its own and not by SQL text.

    `kind`: what it does to records. `many`: to any number of them at once. `deferred`: it is only sent with the next flush or commit.
    """

    kind: Literal["insert", "update", "delete", "upsert", "any"] = "any"
    many: bool = False
    deferred: bool = False


class Setting(Parameter, frozen=True):
    """A number or a switch, and what holds if it is not given. `unlimited` lists the literal values that mean that there is no limit."""

    default: bool | float | Literal["unlimited", "unknown"] = "unknown"
    unlimited: tuple[int | str, ...] = ()


class Pool(Concept, frozen=True):
    """
    Makes a pool of connections.

    `size` is how many are kept open, `limit` how many there are at most, `overflow` how many beyond `size`. `wait` is the wait for a free one. `recycle`:
    after how many seconds a connection is replaced by a new one. `pre_ping`: each is tried before it is handed out.
    """

    size: Setting | None = None
    limit: Setting | None = None
    overflow: Setting | None = None
    wait: Timeout | None = None
    recycle: Setting | None = None
    pre_ping: Setting | None = None


class Builder(Parameter, frozen=True):
    """What makes an address of its parts: the argument with the scheme, and the one with what stands behind the question mark."""

    query: Parameter | None = None


class QueryLimit(Concept, frozen=True):
    """
    Makes a connection, or something that makes connections, and may be told how long a query may take.

    Any of `limits` ends a query from here, or has the server end it. `words` are those by which the server's own limit is set in SQL, in a connection string
    or in code, `texts` the arguments whose text may hold one, and `attributes` those of a connection by which it is told afterwards. With one of the arguments `hidden`, something else may see to it, where nobody looks.

    `drivers` are for what opens its connections by a driver: from the scheme of the address (`url`; "" is any) to the driver's own call, which is given what
    the argument `options` holds. `builders` are callables that make such an address.
    """

    what: str = "query"
    limits: tuple[Timeout, ...] = ()
    texts: tuple[Parameter, ...] = ()
    words: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    hidden: tuple[Parameter, ...] = ()
    url: Parameter | None = None
    options: Parameter | None = None
    builders: dict[str, Builder] = msgspec.field(default_factory=dict)
    drivers: dict[str, str] = msgspec.field(default_factory=dict)
    cure: str = ""


class CacheWrite(Concept, frozen=True):
    """Puts something into a cache. `lifetime` is the argument that says for how long; "never" means until somebody removes it."""

    lifetime: Timeout | None = None


class Lease(Concept, frozen=True):
    """
    Takes a lock that is kept outside of this process, and so outlives it.

    Any of `lifetimes` ends it by itself; without one it is held until somebody gives it back. `asked_by` is the argument without which the call takes
    nothing. `name` is the argument with the lock's name, for calls with other business too: only one whose name says so takes a lock. `limited_by`
    are callables that give it a lifetime afterwards.
    """

    lifetimes: tuple[Timeout, ...] = ()
    asked_by: Parameter | None = None
    name: Parameter | None = None
    limited_by: tuple[str, ...] = ()
    cure: str = ""
