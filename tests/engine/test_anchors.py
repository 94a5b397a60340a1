"""Fingerprints: they stay where nothing has changed but the layout and what stands around, and tell apart what is there twice."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability_lint.api import check_source
from reliability_lint.diagnostics import fingerprint
from reliability_lint.engine.settings import Settings
from tools import fuzz

HEAD = "import requests\n\nBASE = 'https://rates.example'\n"
FUNCTIONS = (
    """
def price(sku):
    return requests.get(BASE + f"/price/{sku}", headers={"Accept": 'text/plain', "Accept-Language": "en"})
""",
    """
class Rates:
    def load(self):
        try:
            return requests.get(BASE + '/rates')
        except Exception:
            pass

    @property
    def latest(self):
        requests.post(BASE)
        return requests.get(BASE + '/rates')
""",
    """
def both():
    requests.get(BASE)
    requests.get(BASE)
    for _ in range(2):
        requests.get(BASE)
""",
)
unhurried = settings(max_examples=40)
SETTINGS = Settings(preset="audit")


def prints(text: str) -> list[str]:
    """The fingerprints of what is found, without those of the rules that speak of a file as a whole."""
    report = check_source(text, "rates.py", SETTINGS)
    return [fingerprint(one, "rates.py") for one in report.diagnostics]


PLAIN = prints(HEAD + "".join(FUNCTIONS))


def test_each_has_its_own():
    assert len(PLAIN) >= 8
    assert len(set(PLAIN)) == len(PLAIN)
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in PLAIN)


@unhurried
@given(st.lists(st.sampled_from(["", "# a comment", "import os", "LIMIT = 3", "def other():\n    return LIMIT"]), max_size=6))
def test_lines_above_change_nothing(lines):
    assert prints("\n".join([HEAD, *lines, *FUNCTIONS])) == PLAIN


@unhurried
@given(st.permutations(FUNCTIONS))
def test_functions_that_move_take_theirs_along(functions):
    assert Counter(prints(HEAD + "".join(functions))) == Counter(PLAIN)


@unhurried
@given(st.data())
def test_layout_changes_nothing(data):
    text = HEAD + "".join(FUNCTIONS)
    for change in (fuzz.Parentheses, fuzz.Wraps, fuzz.Quotes, fuzz.Lines):
        text = fuzz.changed(text, change, frozenset(data.draw(st.sets(st.integers(0, fuzz.places(text, change) - 1)))))
    assert prints(text) == PLAIN


@pytest.mark.parametrize("width", [40, 88, 200])
def test_a_formatter_changes_nothing(width):
    ruff = shutil.which("ruff")
    assert ruff
    text = HEAD + "".join(FUNCTIONS)
    command = [ruff, "format", "--isolated", "--line-length", str(width), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert done.stdout != text
    assert prints(done.stdout) == PLAIN


@unhurried
@given(st.sampled_from(FUNCTIONS), st.integers(1, 3))
def test_one_more_of_the_same_is_new(function, times):
    """Those that were there keep their names, and each one more has its own."""
    more = prints(HEAD + "".join(FUNCTIONS) + function * times)
    assert len(more) > len(PLAIN)
    assert len(set(more)) == len(more)
    assert set(PLAIN) < set(more)


def test_what_is_written_counts():
    text = HEAD + FUNCTIONS[0]
    assert not set(prints(text.replace("def price", "def cost"))) & set(prints(text))
    assert not set(prints(text.replace("/price/", "/cost/"))) & set(prints(text))


def test_the_file_counts():
    one = check_source(HEAD + FUNCTIONS[0], "rates.py", SETTINGS).diagnostics[0]
    assert fingerprint(one, "a/rates.py") != fingerprint(one, "b/rates.py")


def test_silencing_one_of_two_leaves_the_other_its_name():
    text = HEAD + "\n\ndef both():\n    requests.get(BASE)  # reliability: ignore[missing-timeout] so be it\n    requests.get(BASE)\n"
    (left,) = check_source(text, "rates.py", Settings(select=("missing-timeout",))).diagnostics
    plain = check_source(text.replace("  # reliability: ignore[missing-timeout] so be it", ""), "rates.py", Settings(select=("REL101",)))
    assert left.anchor == plain.diagnostics[1].anchor
    assert (left.anchor.scope, left.anchor.number) == ("both", 2)


def test_comments_have_names_too():
    """That of what they speak of, and their words."""
    text = "def a():\n    pass\n\n\n# reliability: ignore[missing-timeout] no more\ndef b():\n    print()  # reliability: ignore[missing-timeout] x\n"
    chosen = Settings(select=("REL101", "REL002"))
    first, second = (one.anchor for one in check_source(text, "rates.py", chosen).diagnostics)
    assert first.scope == second.scope == "b"
    assert first.gist != second.gist
    again = text.replace("  # reliability", "   #   reliability").replace("def a", "x = 1\n\n\ndef a")
    assert [one.anchor for one in check_source(again, "rates.py", chosen).diagnostics] == [first, second]
