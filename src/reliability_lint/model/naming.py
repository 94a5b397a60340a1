"""How something that a library exports is called at a place: by a name that the file has already, or by one that it would have to import."""

from __future__ import annotations

import builtins
import sys
from typing import NamedTuple

from .places import Place
from .scopes import Scope

_BUILTINS = frozenset(dir(builtins))


class Spelling(NamedTuple):
    """What to write, and the imports that it needs besides those that are there."""

    text: str
    imports: tuple[str, ...] = ()


def spelling(name: str, place: Place) -> Spelling | None:
    """
    How to write a library's dotted name at a place; None where a name is taken or not certain.

    Modules of the standard library are imported whole (`import asyncio`), from others the name alone (`from sqlalchemy.orm import joinedload`).
    """
    module, _, last = name.rpartition(".")
    scopes = _scopes(place)
    for scope in scopes:
        for local, bindings in scope.bindings.items():
            for wanted, text in ((name, local), (module, f"{local}.{last}")):
                if any(binding.dotted == wanted for binding in bindings) and _is_seen(local, wanted, place):
                    return Spelling(text)
    whole = module in sys.stdlib_module_names
    local = module if whole else last
    if local in _BUILTINS or place.scope.find(local) is not None or any(scope.starred for scope in scopes):
        return None
    return Spelling(name, (f"import {module}",)) if whole else Spelling(last, (f"from {module} import {last}",))


def _scopes(place: Place) -> list[Scope]:
    found: list[Scope] = []
    scope: Scope | None = place.scope
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return found


def _is_seen(local: str, wanted: str, place: Place) -> bool:
    """Whether a local name is that import at a place, and nothing else: it is bound once, and surely before."""
    found = place.scope.find(local)
    if found is None or len(found[1]) != 1:
        return False
    (binding,) = found[1]
    if binding.dotted != wanted or binding.scope is not found[0] or not binding.frame.encloses(place.frame):
        return False
    return found[0] is not place.scope or binding.order < place.order
