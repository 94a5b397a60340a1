"""What is added to TOML: it means what was meant, and everything that was there is there still."""

from __future__ import annotations

import difflib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability_lint.engine.toml_edits import with_item, with_table

LINT = ("tool", "ruff", "lint")
SHAPES = {
    "a list on one line": '[tool.ruff.lint]\nexternal = ["V"] # vulture\n',
    "a list over lines": '[tool.ruff.lint]\nexternal = [\n    "V",  # vulture\n]\n\n[tool.x]\na = 1\n',
    "no last comma": '[tool.ruff.lint]\nexternal = [\n    "V"  # vulture\n]\n',
    "an empty list": "[tool.ruff.lint]\nexternal = []\n",
    "no table yet": "[tool.ruff]\nline-length = 3 # wide\n\n# about x\n[tool.x]\na = 1\n",
    "a table beside": "[tool.ruff]\nline-length = 3\n\n[tool.ruff.format]\nq = 1\n\n# about x\n[tool.x]\na = 1\n",
    "tables below": '[tool.ruff.lint]\nselect = ["E"]\n\n# of isort\n[tool.ruff.lint.isort]\na = 1\n',
    "tables below alone": "# of isort\n[tool.ruff.lint.isort]\na = 1\n\n[tool.x]\nb = 1\n",
    "braces": '[tool.ruff]\nlint = { select = ["E"] }\n',
    "dots": '[tool.ruff]\nlint.select = ["E"]\nline-length = 3\n\n[tool.y]\nb = 2\n',
    "apart": '[tool.ruff]\na = 1\n[tool.x]\nb = 1\n[tool.ruff.lint]\nselect = ["E"]\n\n[project]\nname = "a"\n',
    "no last line end": '[tool.ruff.lint]\nselect = ["E"]',
    "comments at the end": '[tool.ruff.lint]\nselect = ["E"]\n# last words\n\n# of x\n[tool.x]\na = 1\n',
    "a header in a text": '[tool.x]\na = """\n[tool.ruff.lint]\n"""\n\n[tool.ruff.lint]\nselect = ["E"]\n',
    "an empty table": "[tool.ruff.lint]\n\n[tool.x]\na = 1\n",
    "nothing": "",
}
shapes = pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SHAPES.items()])


@shapes
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_an_item_is_added_and_nothing_is_lost(text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    after = with_item(text, LINT, "external", "REL")
    assert after is not None
    wanted = tomllib.loads(text)
    wanted.setdefault("tool", {}).setdefault("ruff", {}).setdefault("lint", {}).setdefault("external", []).append("REL")
    assert tomllib.loads(after) == wanted
    gone = [line[2:] for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line.startswith("- ")]
    # A list or table on one line, and a comma, change the line that they stand in; no other.
    assert all("external" in line or "lint = {" in line or "vulture" in line for line in gone)
    assert all(comment in after for comment in ("# vulture", "# about x", "# of isort", "# wide", "# last words") if comment in text)
    assert newline == "\n" or not text or "\n" not in after.replace("\r\n", "")


def test_a_comment_stays_with_the_table_it_stands_above() -> None:
    after = with_item(SHAPES["no table yet"], LINT, "external", "REL")
    assert after is not None
    assert "\n# about x\n[tool.x]\n" in after


@shapes
def test_a_table_is_added_at_the_end(text: str) -> None:
    after = with_table(text, ("tool", "reliability-lint"), {"preset": "strict"})
    assert after is not None
    assert after.startswith(text)
    assert tomllib.loads(after)["tool"]["reliability-lint"] == {"preset": "strict"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("tool = { x = 1 }\n", id="braces cannot be added to from outside"),
        pytest.param("[tool.reliability-lint]\nignore = []\n", id="it is there"),
        pytest.param("tool = 3\n", id="no table"),
        pytest.param("a = 1\r\nb = 2\n", id="two kinds of line ends"),
    ],
)
def test_what_cannot_be_added_to_is_left_alone(text: str) -> None:
    assert with_table(text, ("tool", "reliability-lint"), {"preset": "strict"}) is None


def test_what_is_no_list_is_left_alone() -> None:
    assert with_item('[tool.ruff.lint]\nexternal = "V"\n', LINT, "external", "REL") is None


_keys = st.sampled_from(["a", "lint", "tool", "ruff", "x-y"])
_documents = st.recursive(
    st.one_of(st.integers(), st.text(st.sampled_from("a[]#=\"'\n{ ")), st.lists(st.sampled_from(["V", "#", "[tool]"]))),
    lambda inner: st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_keys, _documents, max_size=4))
def test_whatever_stands_there_it_is_right_or_nothing(document: dict[str, object]) -> None:
    import tomlkit

    text = tomlkit.dumps(document)
    for table in ((), ("tool",), ("tool", "ruff"), LINT):
        after = with_item(text, table, "external", "REL")
        if after is not None:
            found = tomllib.loads(after)
            home = found
            for key in table:
                home = home[key]
            assert home.pop("external") == ["REL"]
            for depth in range(len(table), 0, -1):
                around = found
                for key in table[: depth - 1]:
                    around = around[key]
                if around[table[depth - 1]] == {} and not _has(document, table[:depth]):
                    del around[table[depth - 1]]
            assert found == tomllib.loads(text)


def _has(document: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True
