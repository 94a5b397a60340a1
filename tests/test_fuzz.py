"""A minute's worth of `tools.fuzz`, the same ways of spelling each time; and that it would notice something."""

from __future__ import annotations

from collections import Counter

import libcst as cst
import pytest

from tools import fuzz

TEXT = '''"""A service."""

from __future__ import annotations

import requests
from shop.http import carrier as ship, rates


@rates.cached
def price(sku, currency="eur"):
    # How long may it take?
    answer = requests.get(f"https://rates.example/{sku}", timeout=3, headers={"Accept": "text/plain"})
    return answer.text if answer else ship(answer=answer)
'''


def _everywhere(change):
    return fuzz.changed(TEXT, change, frozenset(range(fuzz.places(TEXT, change))))


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (fuzz.Locals, "answer.text if answer else ship(answer=answer)", "answer_.text if answer_ else ship(answer=answer_)"),
        (fuzz.Imports, "import carrier as ship, rates", "import carrier as ship, rates as rates_"),
        (fuzz.Imports, "requests.get(", "requests_.get("),
        (fuzz.Keywords, 'timeout=3, headers={"Accept": "text/plain"}', 'headers={"Accept": "text/plain"}, timeout=3'),
        (fuzz.Parentheses, "timeout=3", "timeout=(3)"),
        (fuzz.Wraps, "timeout=3, headers", "timeout=3,\n            headers"),
        (fuzz.Quotes, '"text/plain"', "'text/plain'"),
        (fuzz.Lines, "    return", "\n    # so\n    return"),
        (fuzz.Decorators, "def price", "@typing.no_type_check\ndef price"),
    ],
)
def test_changes(change, old, new):
    text = _everywhere(change)
    assert old in TEXT
    assert new in text
    assert len(fuzz._statements(text)) == len(fuzz._statements(TEXT)) > 5
    cst.parse_module(text)


def test_a_comment_that_may_be_about_the_next_statement_stays_with_it():
    assert "# How long may it take?\n    answer" in _everywhere(fuzz.Lines)


def test_it_notices_what_is_found_no_more(monkeypatch):
    """As if nothing were found in text that was spelled otherwise."""
    fixture = next(one for one in fuzz.fixtures() if one.name.endswith("missing_timeout/with_requests.py"))
    assert fixture.verdicts
    monkeypatch.setattr(fuzz, "fixtures", lambda: (fixture,))
    monkeypatch.setattr(fuzz, "verdicts", lambda found, text: Counter())
    with pytest.raises(fuzz.Difference, match="no more REL101"):
        fuzz.check(5, None)


def test_spelling_changes_nothing():
    fuzz.check(150, None)
