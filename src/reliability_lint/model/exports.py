"""What other places may know of a function or class: plain data, for this file and, as part of its facts, for all others."""

from __future__ import annotations

import msgspec

from .values import UNKNOWN, Datum


class FunctionFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A function or method. `gives` is what calling it gives (awaited, where it is a coroutine function), `yields` what it yields.

    `decorators` are their dotted names. A function with decorators of unknown effect gives nothing that is known.
    """

    gives: Datum = UNKNOWN
    yields: Datum = UNKNOWN
    asynchronous: bool = False
    generator: bool = False
    decorators: tuple[str, ...] = ()


class ClassFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """A class: its bases as dotted names, its methods, what its instances' attributes hold."""

    bases: tuple[str, ...] = ()
    methods: dict[str, FunctionFacts] = {}
    attributes: dict[str, Datum] = {}
