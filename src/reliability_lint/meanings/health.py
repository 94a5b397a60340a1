"""Health checks: handlers that tell load balancers and orchestrators how a service is, by their paths and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from ..concepts.bounds import find
from ..concepts.data import Connection
from ..concepts.http import Route
from ..model.places import Call, Function
from ..model.values import Constant

Probe: TypeAlias = Literal["live", "ready", "general"]
"""What a check is for: whether to restart the process, whether to send it requests, or both, for all that can be seen."""

_LIVE = re.compile(r"^(livez?|liveness|alive|is_?alive|live(ness)?_?(check|probe))$")
_READY = re.compile(r"^(readyz?|readiness|is_?ready|(ready|readiness)_?(check|probe))$")
_GENERAL = re.compile(r"^(_?_?health_?|healthz|health_?checks?|health_?status|_?_?heartbeat_?|lbheartbeat|ping|status|hc)$")
# What may stand before it without making it the health of something else.
_BEFORE = re.compile(
    r"^(|api|v\d+|_|-|internal|system|public|app|server|service|probes?|monitor(ing)?|management|actuator|k8s|healthz?|checks?)$"
)
_SPEAKS_OF_HEALTH = re.compile(r"liveness|livez|alive|health|probe|check", re.IGNORECASE)
_PATTERN = re.compile(r"\\Z|[\^$\\?]")
_NAME = re.compile(
    r"^(?:get_)?(?:(?P<live>livez|liveness(?:_check|_probe)?|(?:health_)?live(?:_check|_probe)?)|(?P<ready>readyz|readiness(?:_check|_probe)?|(?:health_)?ready(?:_check|_probe)?)"
    r"|(?P<general>health|healthz|health_?check))$"
)
_CLASS = re.compile(
    r"^(?:(?P<live>Live(?:z|ness)?)|(?P<ready>Read(?:y|yz|iness))|(?P<general>Healthz?))(?:Check|Probe)?(?:View|Resource|Handler|Endpoint|Controller|API)?$"
)


def probe(function: Function | None) -> Probe | None:
    """Which kind of health check a request handler is; None where it is none. Of a handler whose path stands elsewhere, its name tells."""
    if function is None:
        return None
    meanings = function.model.meanings
    if meanings.route(function) is None:
        return None
    paths = [path for way in meanings.ways(function) if (path := _path(function, way)) is not None]
    if paths:
        kinds = {_of_path(path, function.name) for path in paths}
        return kinds.pop() if len(kinds) == 1 else "general" if None not in kinds else None
    found = _NAME.match(function.name) or (_CLASS.match(function.owner.name) if function.owner is not None else None)
    return found.lastgroup if found is not None else None  # type: ignore[return-value]


def checked(function: Function, hops: int = 2) -> Iterator[tuple[Call, Call]]:
    """The calls that a handler makes, here and in functions of this module that it calls, each with the one of the handler's own that leads to it."""
    meanings = function.model.meanings
    for call in function.calls:
        yield call, call
        callee = meanings.callee(call)
        if hops and callee is not None and callee is not function and not callee.generator:
            for _, inner in checked(callee, hops - 1):
                yield call, inner


def is_local(call: Call) -> bool:
    """Whether what a call asks is a file of this machine and no other host: a database without a server."""
    root, index = call.name.partition(".")[0], call.model.meanings.index
    for name, known in index.calls.items():
        if name.startswith(f"{root}."):
            connection = known.concepts.get(Connection)
            if isinstance(connection, Connection) and connection.local:
                return True
    return False


def _path(function: Function, way: Call) -> str | None:
    """The path of a decorator or registration, with what is put before it; None where it is not known."""
    meanings = function.model.meanings
    route = meanings.means(way, Route)
    given = find(route.path, way.made) if route is not None and route.path is not None else None
    if not (isinstance(given, Constant) and isinstance(given.value, str)):
        return None
    return "/".join([*reversed(meanings.prefixes(way)), given.value])


def _of_path(path: str, name: str) -> Probe | None:
    parts = [part for part in _PATTERN.sub("", path).lower().replace("-", "_").split("/") if part]
    if not parts or not all(_BEFORE.match(part) for part in parts[:-1]):
        return None
    last = parts[-1].removesuffix(".json")
    if last in ("live", "alive") and len(parts) == 1 and not _SPEAKS_OF_HEALTH.search(name):
        return None  # much else is live
    return "live" if _LIVE.match(last) else "ready" if _READY.match(last) else "general" if _GENERAL.match(last) else None
