"""The SQL statements of a file: for every call that takes SQL, the text that it takes, with the holes that matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ..concepts.data import Sanitiser, SqlExecution
from ..concepts.sql import Position, Spot, spots
from ..model.folding import Folded, Text, fold
from ..model.places import Call, Function

if TYPE_CHECKING:
    from ..libraries.index import Index
    from .match import Meanings


@dataclass(frozen=True, slots=True)
class Statement:
    """
    What a call takes as SQL: the texts that it may be, and the places of the holes in them that are not safe.

    `plain`: it is certainly a `str`, not a text construct.
    """

    texts: tuple[Text, ...]
    spots: tuple[Spot, ...]
    plain: bool = False


class _Lexicon:
    """The library models, as folding asks them."""

    def __init__(self, index: Index, meanings: Meanings) -> None:
        self.index, self.meanings = index, meanings

    def sanitises(self, name: str) -> bool:
        known = self.index.known(name)
        return known is not None and Sanitiser in known.concepts

    def wraps(self, name: str) -> tuple[tuple[str, ...], int | None] | None:
        known = self.index.known(name)
        sql = known.concepts.get(SqlExecution) if known is not None else None
        return (sql.text.keywords, sql.text.position) if isinstance(sql, SqlExecution) and sql.wrapper and sql.placeholder else None

    def callers(self, function: Function) -> list[Call]:
        return self.meanings.callers(function)


def statements(meanings: Meanings) -> dict[int, Statement]:
    """
    The statements of a file by the `id()` of the call's node: each where it is executed.

    A construct such as `text(…)` has a statement of its own only where nothing in the file is seen to execute it. Constructs that no value can be
    bound in have none.
    """
    lexicon = _Lexicon(meanings.index, meanings)
    found: dict[int, Statement] = {}
    executed: set[int] = set()
    for wrapper in (False, True):
        for call, sql in meanings.of(SqlExecution):
            if sql.wrapper is not wrapper or id(call.node) in executed or (sql.fragment and not sql.placeholder):
                continue
            folded = [fold(call.model, node, call, lexicon) for node in _texts(call, sql)]
            for one in folded:
                executed |= one.wrappers
            found[id(call.node)] = _statement(folded, sql)
    return found


def _texts(call: Call, sql: SqlExecution) -> Iterator[cst.BaseExpression]:
    """The expressions that are SQL in a call: its argument, or what a list or a dictionary there holds."""
    if not isinstance(call.node, cst.Call):
        return
    given = call.argument_node(*sql.text.keywords[:1], position=sql.text.position)
    others = [call.argument_node(keyword) for keyword in sql.text.keywords[1:]]
    for node in (given, *others):
        if isinstance(node, cst.List | cst.Tuple):
            yield from (element.value for element in node.elements if not isinstance(element, cst.StarredElement))
        elif isinstance(node, cst.Dict):
            yield from (element.value for element in node.elements if isinstance(element, cst.DictElement))
        elif node is not None:
            yield node


def _statement(folded: list[Folded], sql: SqlExecution) -> Statement:
    texts = tuple(text for one in folded for text in one.texts)
    every = [spot for text in texts for spot in spots(text, fragment=sql.fragment)]
    return Statement(
        texts, tuple(spot for spot in every if not spot.hole.safe and not _paired(spot)), all(one.plain for one in folded) and bool(folded)
    )


def _paired(spot: Spot) -> bool:
    """Whether a hole is one of several results of a call, a piece of SQL beside its values; between quotes it is a value itself."""
    return bool(spot.hole.siblings) and spot.position is not Position.QUOTED
