"""What all concepts share: how a callable takes one of its arguments."""

from __future__ import annotations

import msgspec


class Concept(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """Something that code does. Subclasses are what rules ask for in their second parameter."""


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """
    Where a callable takes an argument.

    `position` counts from 0 as written at the call, `self` excluded; None where only the keyword works. `also` lists other keywords
    for the same argument. `inside` names a key within the argument's own keywords or dictionary, for options handed over in an
    object: `{keyword = "config", inside = "read_timeout"}` reads `client(config=Config(read_timeout=5))`.
    """

    keyword: str = ""
    position: int | None = None
    also: tuple[str, ...] = ()
    inside: str = ""

    @property
    def keywords(self) -> tuple[str, ...]:
        return (self.keyword, *self.also) if self.keyword else self.also
