"""Notebooks as text: what is read, what gives way, and where lines stand in the file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability_lint.text.notebooks import LINE_END, Foreign, NoNotebook, line_in_file, lines_in_file, python_lines, read
from reliability_lint.text.source import parses


def notebook(*sources: object, kind: str = "code", **metadata: object) -> dict[str, Any]:
    cells = [{"cell_type": kind, "metadata": {}, "source": source, "outputs": []} for source in sources]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def data(document: object, **how: Any) -> bytes:
    return json.dumps(document, **how).encode()


# what is read


def test_cells_of_code_become_one_text() -> None:
    document = notebook("x = 1\ny = 2", ["def f():\n", "    return x\n"])
    document["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "source": "# no code (1"})
    found = read(data(document))
    assert found.text == "x = 1\ny = 2\ndef f():\n    return x\n\n"
    assert [(cell.number, cell.first, cell.lines) for cell in found.cells] == [
        (1, 0, ("x = 1", "y = 2")),
        (3, 2, ("def f():", "    return x", "")),
    ]
    first, second = found.cells
    assert [found.cell_at(line) for line in range(1, 7)] == [first, first, second, second, second, None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_it_is_utf_8(encoding: str) -> None:
    assert read(json.dumps(notebook("x = 'ä😀'"), ensure_ascii=False).encode(encoding)).text == "x = 'ä😀'\n"


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    """And nothing breaks, though nobody can say where its lines are written."""
    text = '{"cells": [{"cell_type": "code", "source": "x"}],\n"cells": [{"cell_type": "code", "source": ["y\\n", "z\\n", "a"]}]}'
    found = read(text.encode())
    assert found.text == "y\nz\na\n"
    assert [line_in_file(lines_in_file(text), found, line) for line in (1, 2, 3, 4)] == [2, 2, 2, 1]


def test_half_a_character_is_exchanged() -> None:
    assert read(data(notebook("x = '\ud83d'"))).text == "x = '\N{REPLACEMENT CHARACTER}'\n"


def test_a_cell_in_another_language_has_no_code() -> None:
    document = notebook("select 1", "x = 1")
    document["cells"][0]["metadata"] = {"vscode": {"languageId": "sql"}}
    found = read(data(document))
    assert found.text == "x = 1\n"
    assert [cell.number for cell in found.cells] == [2]


@pytest.mark.parametrize(
    "metadata", [{"language_info": {"name": "R"}}, {"kernelspec": {"language": "julia"}}, {"jupytext": {"main_language": "R"}}]
)
def test_a_notebook_in_another_language_is_left_alone(metadata: dict[str, object]) -> None:
    with pytest.raises(Foreign, match=r"^a notebook in another language$"):
        read(data(notebook("x <- 1", **metadata)))


@pytest.mark.parametrize(
    "metadata", [{}, {"language_info": {"name": "python"}}, {"kernelspec": {"language": "Python"}}, {"language_info": 3}]
)
def test_what_says_nothing_else_is_python(metadata: dict[str, object]) -> None:
    assert read(data(notebook("x = 1", **metadata))).text == "x = 1\n"


@pytest.mark.parametrize("old", [{"worksheets": [{"cells": []}], "nbformat": 3}, {"nbformat": 3}])
def test_an_old_format_is_left_alone(old: dict[str, object]) -> None:
    with pytest.raises(Foreign, match="nbconvert"):
        read(data(old))


@pytest.mark.parametrize(
    ("raw", "message", "place"),
    [
        (b'{\n "cells": [,]\n}', "it is no JSON: Expecting value", (2, 12)),
        (b"", "it is no JSON", (1, 1)),
        (b"[]", "expected `object`, got `array`", (1, 1)),
        (b"{}", "it has no list of cells", (1, 1)),
        (b'{"cells": {}}', "expected `array | null`, got `object` - at `$.cells`", (1, 1)),
        (b'{"cells": [3]}', "expected `object`, got `int` - at `$.cells[0]`", (1, 1)),
        (b'{"cells": [{"cell_type": "code", "source": 3}]}', "expected `str | array`, got `int`", (1, 1)),
        (b'{"cells": "\xff"}', "byte 11 is not valid UTF-8", (1, 1)),
        ('{"cells": []}'.encode("utf-16"), "byte 0 is not valid UTF-8", (1, 1)),
        (b"[" * 200_000, "nested too deeply", (1, 1)),
    ],
)
def test_what_is_no_notebook_is_told(raw: bytes, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(NoNotebook) as told:
        read(raw)
    assert str(told.value).startswith("this is no notebook")
    assert message in str(told.value)
    assert (told.value.line, told.value.column) == place


# what the kernel understands


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%pip install requests\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls\n", "if x:\n    pass\n"),
        ("!pip install \\\n  requests \\\n  httpx\nx = 1", "pass\npass\npass\nx = 1"),
        ("files = !ls\nx = 1", "files = ...\nx = 1"),
        ("a, b[0] = %sql select 1", "a, b[0] = ..."),
        ("frame.head?\n?frame\nx = 1", "pass\npass\nx = 1"),
        ("%%bash\nls (", "#\n#"),
        ("%%time\nx = f()\n", "#\nx = f()\n"),
        ("\n%%timeit -n 3\nx = f()", "\n#\nx = f()"),
        ("%%time\n%pip list\nx = 1", "#\npass\nx = 1"),
        # What Python takes is Python.
        ("x = (7\n  % y)", "x = (7\n  % y)"),
        ("await client.get(url)  # why?", "await client.get(url)  # why?"),
        # What is neither stays as it is, and is told.
        ("x = (  # why?\n%pip list", "x = (  # why?\npass"),
    ],
)
def test_what_is_meant_for_the_kernel_gives_way(cell: str, text: str) -> None:
    assert "\n".join(python_lines(cell)) == text


@given(
    st.lists(st.sampled_from(["%time f()", "!ls \\", "x = 1", "  y", "if x:", "    pass", "%%time", "?", "x?", "", "a = !b", "(", "# c?"]))
)
def test_every_line_stays_where_it_is(lines: list[str]) -> None:
    cell = "\n".join(lines)
    assert len(python_lines(cell)) == len(LINE_END.split(cell))
    if parses(cell):
        assert python_lines(cell) == LINE_END.split(cell)


# where lines stand in the file

_LINES = st.lists(st.text(st.sampled_from('ax "\\{}[]:,é😀\u2028'), max_size=6), min_size=1, max_size=5).map("\n".join)
_SOURCES = st.lists(st.tuples(_LINES, st.booleans(), st.sampled_from(["code", "markdown"])), max_size=5)


@given(_SOURCES, st.sampled_from([None, 0, 1, 4]), st.booleans())
def test_every_line_is_found_in_the_file(sources: list[tuple[str, bool, str]], indent: int | None, ascii: bool) -> None:  # noqa: A002
    """By asking which piece is written there: each line of a cell ends the piece, or stands in it."""
    document = notebook(outputs=[{"cells": [{"source": ["no\n"]}]}])
    for text, whole, kind in sources:
        source: object = text if whole else text.splitlines(keepends=True) if "\u2028" not in text else [text]
        document["cells"].append({"cell_type": kind, "source": source, "outputs": [{"text": ["source\n", {"source": "x"}]}]})
    written = json.dumps(document, indent=indent, ensure_ascii=ascii)
    found, file = lines_in_file(written), written.split("\n")
    for cell in read(written.encode()).cells:
        places = found[cell.number]
        assert len(places) == len(cell.lines)
        for line, place in zip(cell.lines, places, strict=True):
            assert json.dumps(line, ensure_ascii=ascii)[1:-1] in file[place - 1]
        assert places == sorted(places)
