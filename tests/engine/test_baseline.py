"""Baselines: each entry accepts one finding, which it follows through changes, and no more."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability_lint.api import check_source
from reliability_lint.diagnostics import Anchor, Diagnostic, Region, Severity
from reliability_lint.engine import days
from reliability_lint.engine.baseline import Baseline, Entry, entry_of, matching, read, text_of
from reliability_lint.engine.settings import Settings
from reliability_lint.mistake import Mistake
from tools import fuzz

HEAD = "import requests\n\nBASE = 'https://rates.example'\n"
FUNCTIONS = (
    "\n\ndef price(sku):\n    return requests.get(BASE + f'/price/{sku}', headers={'Accept': 'text/plain'})\n",
    "\n\nclass Rates:\n    def load(self):\n        return requests.get(BASE + '/rates')\n\n    def again(self):\n        return requests.get(BASE + '/rates')\n",
    "\n\ndef both():\n    requests.get(BASE)\n    requests.get(BASE)\n",
)
TEXT = HEAD + "".join(FUNCTIONS)
CHOSEN = Settings(select=("missing-timeout",))


def found(text: str, path: str = "rates.py") -> list[tuple[Diagnostic, str]]:
    return [(one, path) for one in check_source(text, path, CHOSEN).diagnostics]


def accepted(text: str, path: str = "rates.py") -> Baseline:
    return Baseline("/service/b.json", tuple(entry_of(one, where) for one, where in found(text, path)))


def new(baseline: Baseline, *now: tuple[Diagnostic, str], gone: int = 0, exists: bool = True) -> list[Diagnostic]:
    said = matching(baseline, now, lambda _: True, lambda _: exists)
    assert len(said.gone) == gone
    assert len(said.new) + len(said.old) == len(now)
    assert len({number for _, number in said.old}) == len(said.old), "no entry accepts two"
    return list(said.new)


BEFORE = accepted(TEXT)


def test_what_was_accepted_is_not_new():
    assert len(BEFORE.entries) == 5
    assert new(BEFORE, *found(TEXT)) == []


@given(st.lists(st.sampled_from(["", "# a comment", "import os", "LIMIT = 3", "def other():\n    return LIMIT"]), max_size=8))
def test_lines_above_make_nothing_new(lines):
    assert new(BEFORE, *found("\n".join([HEAD, *lines, *FUNCTIONS]))) == []


@given(st.permutations(FUNCTIONS))
def test_functions_that_move_make_nothing_new(functions):
    assert new(BEFORE, *found(HEAD + "".join(functions))) == []


@given(st.data())
@settings(max_examples=30)
def test_layout_makes_nothing_new(data):
    text = TEXT
    for change in (fuzz.Parentheses, fuzz.Wraps, fuzz.Quotes, fuzz.Lines):
        text = fuzz.changed(text, change, frozenset(data.draw(st.sets(st.integers(0, fuzz.places(text, change) - 1)))))
    assert new(BEFORE, *found(text)) == []


@given(st.sampled_from(range(3)), st.integers(1, 4))
def test_one_more_of_the_same_is_new_and_nothing_else(which, times):
    """However often it is repeated: the old ones stay accepted, and of the others each is told."""
    name = f"more{which}"
    more = "".join(f"\n\ndef {name}{number}():\n    return requests.get(BASE)\n" for number in range(times))
    assert len(new(BEFORE, *found(TEXT + more))) == times
    assert len(new(BEFORE, *found(TEXT.replace("    requests.get(BASE)\n", "    requests.get(BASE)\n" * (times + 1), 1)))) == times


def test_a_call_that_was_edited_is_followed_within_its_function():
    assert new(BEFORE, *found(TEXT.replace("/price/", "/prices/"))) == []
    assert (
        len(
            new(
                BEFORE,
                *found(
                    TEXT.replace("/price/", "/prices/").replace(
                        "    return requests.get(BASE + f", "    requests.get(BASE)\n    return requests.get(BASE + f"
                    )
                ),
            )
        )
        == 1
    )


def test_a_function_with_a_new_name_is_followed():
    assert new(BEFORE, *found(TEXT.replace("def price", "def cost"))) == []


def test_a_file_with_a_new_name_is_followed():
    now = [(one, "prices.py") for one, _ in found(TEXT)]
    assert new(BEFORE, *now, exists=False) == []


def test_a_function_that_went_to_another_file_is_followed():
    rest, moved = HEAD + FUNCTIONS[1] + FUNCTIONS[2], HEAD + FUNCTIONS[0]
    assert new(BEFORE, *found(rest), *found(moved, "prices.py")) == []


def test_words_alone_are_not_followed_from_one_margin_to_another():
    text = HEAD + "requests.get(BASE)\n"
    there = [(one, "b.py") for one, _ in found(text)]
    assert len(new(accepted(text), *there, gone=1)) == 1
    assert new(accepted(text), *there, exists=False) == []


def test_what_is_repaired_is_gone():
    said = matching(
        BEFORE,
        found(TEXT.replace("requests.get(BASE + f'/price/{sku}', ", "requests.get(BASE, timeout=3, ")),
        lambda _: True,
        lambda _: True,
    )
    assert [BEFORE.entries[number].scope for number in said.gone] == ["price"]
    assert said.new == ()


def test_another_rule_is_another_finding():
    (one, path), *_ = found(TEXT)
    other = msgspec.structs.replace(one, code="REL102")
    assert new(BEFORE, (other, path), gone=5) == [other]


def test_of_what_was_not_looked_at_nothing_is_said():
    said = matching(BEFORE, [], lambda entry: entry.scope == "price", lambda _: True)
    assert [BEFORE.entries[number].scope for number in said.gone] == ["price"]


def test_an_internal_error_is_never_accepted():
    failed = Diagnostic(Region("a.py", 1, 1, 1, 1), "REL000", "internal-error", Severity.ERROR, "it failed")
    assert new(Baseline("/b.json", (Entry("a.py", "REL000"),)), (failed, "a.py"), gone=1) == [failed]


def test_an_entry_may_end(monkeypatch):
    ended = Baseline("/b.json", tuple(msgspec.structs.replace(entry, until="2026-11-26") for entry in BEFORE.entries))
    monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-11-26")
    assert new(ended, *found(TEXT)) == []
    monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-11-27")
    assert len(new(ended, *found(TEXT))) == 5


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("fg"), st.sampled_from("xy"), st.sampled_from(["REL101", "REL102"])), max_size=12
    ),
    st.data(),
)
def test_never_more_than_was_accepted(before, data):
    """Whatever has changed: at most as many findings are silenced as there are entries, and all that are quite the same are."""
    after = data.draw(st.lists(st.sampled_from([*before, ("d", "h", "z", "REL101")]), max_size=16))

    def made(items):
        for line, (path, scope, gist, code) in enumerate(items, 1):
            region = Region(path, line, 1, line, 2)
            yield Diagnostic(region, code, "name", Severity.ERROR, "m", anchor=Anchor(scope, gist)), path

    baseline = Baseline("/b.json", tuple(entry_of(one, path) for one, path in made(before)))
    said = matching(baseline, list(made(after)), lambda _: True, lambda _: True)
    assert len(said.old) + len(said.gone) == len(before)
    same = sum(min(before.count(one), after.count(one)) for one in set(before))
    assert len(said.old) >= same
    if sorted(before) == sorted(after):
        assert (said.new, said.gone) == ((), ())


class TestFile:
    def test_comes_back_as_it_was_written(self, tmp_path):
        path = tmp_path / "b.json"
        path.write_text(text_of(BEFORE.entries, ("recommended",)))
        again = read(str(path))
        assert sorted(again.entries, key=lambda one: one.order) == sorted(BEFORE.entries, key=lambda one: one.order)
        assert again.selectors == ("recommended",)

    def test_has_a_line_for_each_finding_in_order(self):
        text = text_of(BEFORE.entries, ())
        lines = [line for line in text.splitlines() if '"rule"' in line]
        assert len(lines) == 5
        assert text == text_of(reversed(BEFORE.entries), ())
        msgspec.json.decode(text)

    def test_none_at_all(self):
        assert msgspec.json.decode(text_of((), ()))["findings"] == []

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "this is no baseline, or a damaged one"),
            (text_of(BEFORE.entries, ()).encode()[:300], "this is no baseline, or a damaged one"),
            (b"\x00\xff", "this is no baseline, or a damaged one"),
            (b"[]", "this is no baseline, or a damaged one"),
            (b'{"schema": "reliability-lint/baseline/1"}', "missing required field `findings`"),
            (b'{"schema": "reliability-lint/baseline/1", "findings": [{"path": 3, "rule": "REL101"}]}', "expected `str`, got `int`"),
            (b'{"schema": "other/1", "findings": []}', "its schema is 'other/1'"),
            (
                b'{"schema": "reliability-lint/baseline/1", "findings": [{"path": "a", "rule": "REL101", "until": "soon"}]}',
                "ends on 'soon', which is no day",
            ),
            (b'{"schema": "reliability-lint/baseline/2", "findings": [], "more": 1}', "was written by a newer version of reliability-lint"),
            (b'{"schema": "reliability-lint/baseline/17", "entries": {}}', "(format 17, and "),
            (b"{\n<<<<<<< HEAD\n}\n", "marks of a merge that was not finished"),
        ],
    )
    def test_what_is_wrong_with_it_is_told_with_what_to_do(self, tmp_path, data, said):
        path = tmp_path / "b.json"
        path.write_bytes(data)
        with pytest.raises(Mistake) as caught:
            read(str(path))
        assert said in str(caught.value)
        assert "b.json" in str(caught.value)
        assert caught.value.hint or "its schema is" in said

    def test_one_that_is_not_there(self, tmp_path):
        with pytest.raises(Mistake, match="no such baseline"):
            read(str(tmp_path / "b.json"))
        with pytest.raises(Mistake, match="cannot be read: Is a directory"):
            read(str(tmp_path))

    @given(st.binary(max_size=200))
    def test_nothing_that_it_holds_is_more_than_a_mistake(self, tmp_path_factory, data):
        path: Path = tmp_path_factory.getbasetemp() / "any.json"
        path.write_bytes(data)
        with pytest.raises(Mistake):
            read(str(path))
