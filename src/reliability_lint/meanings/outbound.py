"""Which calls leave the process: to another host, a database, a broker, another program."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from ..concepts.data import SqlExecution
from ..concepts.http import HttpRequest, Response, Route
from ..concepts.retry import Payment
from ..concepts.time import Blocking, Wait
from ..model.places import Function
from .attempts import asks

if TYPE_CHECKING:
    import libcst as cst

    from ..libraries.index import Index, Known
    from ..model.semantic import SemanticModel

# Libraries whose errors tell of this side: of a task that was ended, of a stream that was closed.
_NEAR = frozenset({"builtins", "asyncio", "anyio", "trio"})
_OUTSIDE = ("network", "database", "process")
_REMOTE = ("HTTP", "Redis", "SQL", "database", "query", "gRPC", "mail", "API", "broker", "peer", "connection")


def speaks(known: Known) -> bool:
    """Whether a call talks to another host or another program and waits for the answer."""
    blocking, wait, sql = known.concepts.get(Blocking), known.concepts.get(Wait), known.concepts.get(SqlExecution)
    return (
        any(kind in known.concepts for kind in (HttpRequest, Payment))
        or (isinstance(sql, SqlExecution) and not sql.wrapper and not sql.fragment)
        or (isinstance(blocking, Blocking) and blocking.kind in _OUTSIDE)
        or (isinstance(wait, Wait) and any(word in wait.what for word in _REMOTE))
    )


def asks_others(nodes: Iterable[cst.CSTNode], function: Function | None, model: SemanticModel) -> str:
    """
    The name of the first call among these nodes that talks to somebody else, by itself or in the function of this file that it calls; "" without one.
    """
    calls = {id(call.node): call for call in (function.calls if function is not None else model.calls)}
    for node in nodes:
        call = calls.get(id(node))
        if call is not None and asks(call):
            return f"{call.title}()"
    return ""


@lru_cache(maxsize=8)
def clients(index: Index) -> tuple[frozenset[str], frozenset[str]]:
    """The libraries that do nothing but talk to others, by their root; and the modules of the exceptions that calls which do are known to raise."""
    speaking = {name.partition(".")[0] for name, known in index.calls.items() if speaks(known)}
    serving = {name.partition(".")[0] for name, known in index.calls.items() if {Response, Route} & known.concepts.keys()}
    modules = {name.rpartition(".")[0] for known in index.calls.values() if speaks(known) for name in known.raises}
    return frozenset(speaking - serving - _NEAR), frozenset(modules - _NEAR - {""})


@lru_cache(maxsize=8)
def failures(index: Index) -> frozenset[str]:
    """
    The exceptions by which libraries that talk to others say that anything at all went wrong: those that their calls are known to raise, and `OSError`. That
    a connection was closed is an end like any other.
    """
    named = {index.canonical(name) for known in index.calls.values() if speaks(known) for name in known.raises if "." in name}
    return frozenset(name for name in named if not name.endswith("Closed")) | {"builtins.OSError"}


def of_a_client(name: str, index: Index) -> bool:
    """Whether an exception comes from a library that talks to others."""
    if name == "asyncio.TimeoutError":
        return False
    roots, modules = clients(index)
    return name.partition(".")[0] in roots or name.rpartition(".")[0] in modules
