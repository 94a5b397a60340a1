"""A rule's docstring, taken apart."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from sample import RULES

from reliability_lint import registry
from reliability_lint.diagnostics import Severity
from reliability_lint.registry import Rule
from reliability_lint.reports.documentation import documentation, markdown, toml


def test_parts_in_order():
    doc = documentation(RULES["REL101"])
    assert doc.summary == "A request that may wait for ever."
    assert [title for title, _ in doc.parts] == ["", "Bad", "Good", "", "Options", "See"]
    assert doc.why == "A peer that says nothing keeps this worker until someone restarts it"
    assert dict(doc.parts)["Bad"] == "requests.get(URL)"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("One.", ""),
        ("One.\n\nBad:\n\n    x = 1\n", ""),
        ("One.\n\nIt is i.e. 3.5 s. More.", "It is i.e. 3.5 s"),
        ("One.\n\nOver two\nlines! `x` follows.", "Over two lines!"),
    ],
)
def test_why(text, why):
    rule = Rule("REL101", "x", "resilience", "recommended", Severity.NOTE, text, MappingProxyType({}))
    assert documentation(rule).why == why


def test_markdown():
    page = markdown(RULES["REL101"])
    assert page.startswith(
        "# missing-timeout (REL101)\n\nerror · family resilience · preset recommended\n\nA request that may wait for ever.\n\n"
    )
    assert "## Bad\n\n```python\nrequests.get(URL)\n```\n\n## Good\n" in page
    assert "\n- `suggest` = `10`: The timeout that is suggested, in seconds.\n- `max-size` = `3`: How much.\n" in page
    assert page.endswith("```python\n# reliability: ignore[missing-timeout] the reason\n```\n")
    assert page.count("suggest") == 2
    assert "Silence" not in markdown(RULES["REL000"])


def test_defaults_are_written_as_in_settings():
    values = {True: "true", 'a"\\': '"a\\"\\\\"', 2.5: "2.5", None: "unset", ("a", 1): '["a", 1]', frozenset("ba"): '["a", "b"]'}
    assert {value: toml(value) for value in values} == values


def test_the_rules_about_the_run_are_documented():
    rules = [rule for rule in registry.rules().values() if rule.family == "meta"]
    assert [rule.code for rule in rules][:4] == ["REL000", "REL001", "REL002", "REL003"]
    for rule in rules:
        doc = documentation(rule)
        titles = {title for title, _ in doc.parts}
        assert {"Bad", "Good"} <= titles, rule.name
        assert doc.summary.endswith("."), rule.name
        assert len(doc.summary) <= 80, rule.name
        assert doc.why, rule.name
        assert rule.everywhere
        assert rule.check is None
