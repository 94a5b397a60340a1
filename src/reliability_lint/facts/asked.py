"""
What one file asks of another file's facts, part by part.

A report that rests on `shop.http` seldom rests on all of it. So it is noted which names were looked up, and the report holds as long as these have the same
answers, whatever else comes into that file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from ..model.exports import ClassFacts, FunctionFacts, Raising
from ..model.values import Datum
from .facts import FileFacts

_Kind = TypeVar("_Kind")
_Told = TypeVar("_Told", covariant=True)


class Exports(Protocol):
    """What files ask of each other's facts: `FileFacts`, or `Asked`, which notes what was. The rest is for rules that see all files together."""

    @property
    def module(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def names(self) -> Mapping[str, Datum]: ...
    @property
    def functions(self) -> Mapping[str, FunctionFacts]: ...
    @property
    def classes(self) -> Mapping[str, ClassFacts]: ...
    @property
    def starred(self) -> tuple[str, ...]: ...
    @property
    def raises(self) -> Mapping[str, Raising]: ...

    def handing_on(self) -> frozenset[str]: ...
    def telling(self) -> frozenset[str]: ...


def part(facts: FileFacts, name: str) -> object:
    """A part of some facts by the name under which it was noted: `names:client` is one name, `names` are all."""
    kind, colon, key = name.partition(":")
    if colon:
        return getattr(facts, kind).get(key)
    held = getattr(facts, kind)
    return sorted(held()) if callable(held) else held


class _Noting(Mapping[str, _Told], Generic[_Told]):
    """A dictionary that notes which keys are looked up; whoever goes through it has asked for all."""

    __slots__ = ("_held", "_kind", "_noted")

    def __init__(self, held: Mapping[str, _Told], kind: str, noted: set[str]) -> None:
        self._held = held
        self._kind = kind
        self._noted = noted

    def __getitem__(self, key: str) -> _Told:
        self._noted.add(f"{self._kind}:{key}")
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        self._noted.add(f"{self._kind}:{key}")
        return key in self._held

    def __iter__(self) -> Iterator[str]:
        self._noted.add(self._kind)
        return iter(self._held)

    def __len__(self) -> int:
        self._noted.add(self._kind)
        return len(self._held)


class Asked:
    """Facts that note what is asked of them. How the file is shown always counts, for reports name it."""

    __slots__ = ("classes", "facts", "functions", "module", "names", "noted", "path")

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self.module, self.path = facts.module, facts.path
        self.noted = {"path"}
        self.names: Mapping[str, Datum] = _Noting(facts.names, "names", self.noted)
        self.functions: Mapping[str, FunctionFacts] = _Noting(facts.functions, "functions", self.noted)
        self.classes: Mapping[str, ClassFacts] = _Noting(facts.classes, "classes", self.noted)

    @property
    def starred(self) -> tuple[str, ...]:
        self.noted.add("starred")
        return self.facts.starred

    @property
    def raises(self) -> Mapping[str, Raising]:
        self.noted.add("raises")
        return self.facts.raises

    def handing_on(self) -> frozenset[str]:
        self.noted.add("handing_on")
        return self.facts.handing_on()

    def telling(self) -> frozenset[str]:
        self.noted.add("telling")
        return self.facts.telling()
