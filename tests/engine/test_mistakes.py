"""How mistakes are shown."""

from __future__ import annotations

from reliability_lint.mistake import Mistake, did_you_mean, in_text


def test_a_mistake_in_a_file_shows_its_line():
    text = 'a = 1\r\n\tselct = ["REL1"]\r\n'
    start = text.index("selct")
    mistake = in_text("unknown option 'selct'", "pyproject.toml", text, (start, start + 5), "did you mean 'select'?")
    assert str(mistake).splitlines() == [
        "error: pyproject.toml:2:2: unknown option 'selct'",
        '2 |     selct = ["REL1"]',
        "  |     ^^^^^ did you mean 'select'?",
    ]


def test_a_mistake_over_several_lines_is_underlined_on_its_first():
    text = "a = [\n1,\n]"
    assert str(in_text("no", "x.toml", text, (4, len(text)))).splitlines()[-1] == "  |     ^"


def test_a_mistake_without_a_place():
    assert str(Mistake("cannot be read", path="x.toml", hint="try again")) == "error: x.toml: cannot be read\n  try again"
    assert str(Mistake("no such thing")) == "error: no such thing"


def test_what_was_meant():
    assert did_you_mean("Select", ["select", "ignore"]) == "did you mean 'select'?"
    assert did_you_mean("xyz", ["select", "ignore"]) == ""
