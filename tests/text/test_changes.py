"""Splices of a text."""

import pytest

from reliability_lint.text.changes import Overlap, Splice, apply, clash, moved, ordered
from reliability_lint.text.source import SourceFile, decode, encode

TEXT = "a(b, c)\n"


def test_they_are_made_in_the_order_of_the_text():
    assert apply(TEXT, [Splice(5, 6, "d"), Splice(0, 1, "await a"), Splice(6, 6, ", e")]) == "await a(b, d, e)\n"
    assert apply(TEXT, []) == TEXT


def test_of_two_at_one_place_the_first_stays_first():
    assert apply(TEXT, [Splice(2, 2, "x"), Splice(2, 2, "y")]) == "a(xyb, c)\n"
    assert apply(TEXT, [Splice(2, 3, "z"), Splice(2, 2, "x")]) == "a(xz, c)\n"


def test_what_is_said_twice_is_done_once():
    assert apply(TEXT, [Splice(2, 2, "x"), Splice(2, 2, "x")]) == "a(xb, c)\n"


@pytest.mark.parametrize("other", [Splice(0, 3, ""), Splice(2, 6, "x"), Splice(2, 3, "y"), Splice(3, 3, "y")])
def test_overlapping_ones_are_refused(other):
    with pytest.raises(Overlap):
        ordered([Splice(2, 4, "x"), other])


def test_those_of_two_authors_must_not_even_touch():
    mine = [Splice(2, 3, "x")]
    assert clash(mine, [Splice(3, 3, "y")])
    assert clash(mine, [Splice(0, 2, "y")])
    assert clash(mine, [Splice(2, 3, "y")])
    assert not clash(mine, [Splice(4, 5, "y")])
    assert not clash(mine, mine), "what both want is wanted once"


def test_where_things_stand_afterwards():
    splices = ordered([Splice(0, 1, "await a"), Splice(2, 3, ""), Splice(6, 6, ", e")])
    after = apply(TEXT, splices)
    assert after[moved(1, splices)] == "("
    assert after[moved(5, splices)] == "c"
    assert after[moved(7, splices)] == "\n"
    assert moved(0, splices) == 0
    assert moved(3, ordered([Splice(2, 5, "xyz")])) == 2, "in the midst of a change: where it begins"


def test_offsets_of_positions():
    source = SourceFile("", "é = 1\r\nx = 2\ry")
    for offset in range(len(source.text) + 1):
        if source.text[offset - 1 : offset + 1] != "\r\n":
            assert source.at(*source.position(offset)) == offset
    assert source.at(9, 1) == len(source.text)


@pytest.mark.parametrize(
    "data",
    [b"x = 1\n", "x = 'é'\r\n".encode(), b"\xef\xbb\xbfx = 1\n", "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1")],
    ids=["ascii", "utf-8", "mark", "declared"],
)
def test_bytes_come_back_as_they_were(data):
    assert encode(decode(data), data) == data
