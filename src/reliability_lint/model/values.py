"""
What is known of a value, as plain data that crosses files and processes.

There are always three answers: a value, none (`Missing.ABSENT`, for arguments), or unknown (`UNKNOWN`). Nothing here guesses.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Literal, TypeAlias

import msgspec


class Missing(Enum):
    """Why a call has no value for a parameter."""

    ABSENT = "absent"
    UNKNOWN = "unknown"  # the call unpacks something that may hold it


class Site(msgspec.Struct, frozen=True):
    """A place in some file, for explanations. Line and column from 1."""

    path: str
    line: int
    column: int
    end_column: int


class Unknown(msgspec.Struct, frozen=True, tag_field="is", tag="unknown"):
    """Nothing is known."""


class Constant(msgspec.Struct, frozen=True, tag_field="is", tag="constant"):
    """A literal, or what constants add up to."""

    value: bool | int | float | str | None


class Items(msgspec.Struct, frozen=True, tag_field="is", tag="items"):
    """A tuple, list or set display."""

    kind: Literal["tuple", "list", "set"]
    items: tuple[Datum, ...]


class Entries(msgspec.Struct, frozen=True, tag_field="is", tag="entries"):
    """A dictionary display. `open`: it unpacks something else, so there may be more keys."""

    entries: tuple[tuple[Datum, Datum], ...]
    open: bool = False

    def get(self, key: bool | int | float | str | None) -> Datum | Missing:
        """The value under a key, which is text for the most part."""
        for name, value in reversed(self.entries):
            if isinstance(name, Constant) and name.value == key:
                return value
        if self.open or any(not isinstance(name, Constant) for name, _ in self.entries):
            return Missing.UNKNOWN
        return Missing.ABSENT


class Reference(msgspec.Struct, frozen=True, tag_field="is", tag="reference"):
    """A module, class, function or method by its dotted name; `owner` is the instance through which a method was reached."""

    name: str
    owner: Datum | None = None


class Instance(msgspec.Struct, frozen=True, tag_field="is", tag="instance"):
    """An object of a known type; `made` is the call that made it or what it belongs to, where that is known."""

    type: str
    made: Made | None = None


class Made(msgspec.Struct, frozen=True, tag_field="is", tag="made"):
    """
    What calling `name` gives. `open`: the call unpacks `*` or `**` of unknown content, so further arguments may be there.

    `key` is the `id()` of the call's node within its own file, 0 from elsewhere, when `site` may say where it stands. `changed`: from a file that
    changes such objects after they were made.
    """

    name: str
    arguments: tuple[Datum, ...] = ()
    keywords: dict[str, Datum] = {}
    open: bool = False
    owner: Datum | None = None
    site: Site | None = None
    key: int = 0
    changed: bool = False

    @property
    def maker(self) -> Made | None:
        """The call that made the object on which this one is made, where that is known."""
        by = self.owner.made if isinstance(self.owner, Instance) else self.owner
        return by if isinstance(by, Made) else None

    def argument(self, *keywords: str, position: int | None = None) -> Datum | Missing:
        """The value that the call passes for a parameter, by any of its keywords or by position."""
        for keyword in keywords:
            if keyword in self.keywords:
                return self.keywords[keyword]
        if position is not None and position < len(self.arguments):
            return self.arguments[position]
        return Missing.UNKNOWN if self.open else Missing.ABSENT


Datum: TypeAlias = Unknown | Constant | Items | Entries | Reference | Instance | Made

UNKNOWN = Unknown()
NONE = Constant(None)


def agree(data: Iterable[Datum]) -> Datum:
    """
    The one thing that is known of a name with several definitions.

    A name that starts as None and becomes an object is that object: code that calls its methods has checked. So it is with modules and functions that
    are None where an import has failed. Numbers and text must be equal.
    """
    distinct: list[Datum] = []
    for datum in data:
        if isinstance(datum, Unknown):
            return UNKNOWN
        if not any(anonymous(datum) == anonymous(other) for other in distinct):
            distinct.append(datum)
    if len(distinct) > 1 and NONE in distinct:
        objects = [datum for datum in distinct if datum != NONE]
        if all(isinstance(datum, Made | Instance | Reference) for datum in objects):
            distinct = objects
    return distinct[0] if len(distinct) == 1 else UNKNOWN


def anonymous(datum: Datum) -> Datum:
    """The same datum without the identity of its call: equal calls are equal."""
    if isinstance(datum, Made) and (datum.key or datum.site):
        return msgspec.structs.replace(datum, key=0, site=None)
    return datum
