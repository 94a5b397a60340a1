"""
The facts that a file exports. They depend on its text and on nothing else, so they can be computed in any order, in any process, and kept.

Names that the file imports stay as they are written there: whoever asks follows them, file by file.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..model.exports import ClassFacts, FunctionFacts, Landmark, Raising, Use
from ..model.values import Datum


class FileFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What one module exports.

    `path` is as it is to be shown; `starred` are the modules whose names it brings in by `import *`. `uses` is how it puts an application together, `raises`
    with which words it raises exceptions, by the dotted names of their classes, and `program` whether it does something of its own when it is run. `landmarks` say what it is there for.
    """

    module: str
    path: str
    names: dict[str, Datum] = {}
    functions: dict[str, FunctionFacts] = {}
    classes: dict[str, ClassFacts] = {}
    starred: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    raises: dict[str, Raising] = {}
    program: bool = False
    landmarks: tuple[Landmark, ...] = ()

    def handing_on(self) -> frozenset[str]:
        """The last names of functions and methods that hand something on to a call."""
        return frozenset(name for name, one in self._functions() if one.forwards)

    def telling(self) -> frozenset[str]:
        """The last names of functions and methods in whose result the text of an exception is that they are given."""
        return frozenset(name for name, one in self._functions() if one.tells)

    def _functions(self) -> Iterator[tuple[str, FunctionFacts]]:
        yield from self.functions.items()
        for its in self.classes.values():
            yield from its.methods.items()


def encode(facts: FileFacts) -> bytes:
    """Deterministic bytes: equal facts give equal bytes."""
    return msgspec.json.encode(facts, order="deterministic")


def decode(data: bytes) -> FileFacts:
    """The facts that `encode` wrote."""
    return msgspec.json.decode(data, type=FileFacts)
