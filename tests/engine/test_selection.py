"""Which rules are run."""

from __future__ import annotations

import pytest
from still_rules import RULES

from reliability_lint.engine.selection import chosen, expand, options, problem, severity
from reliability_lint.engine.settings import Settings

META = ("REL000", "REL001", "REL002", "REL003", "REL005")
ALWAYS = ("REL000", "REL001")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), (*META, "REL101", "REL102", "REL301")),
        (Settings(preset="strict"), ("REL000", "REL001", "REL002", "REL003", "REL004", "REL005", "REL101", "REL102", "REL121", "REL301")),
        (Settings(preset="audit"), tuple(RULES)),
        (Settings(select=("all",)), tuple(RULES)),
        (Settings(select=("missing-timeout",)), (*ALWAYS, "REL101")),
        (Settings(select=("REL10", "data")), (*ALWAYS, "REL101", "REL102", "REL301")),
        (Settings(extend_select=("REL121",)), (*META, "REL101", "REL102", "REL121", "REL301")),
        (Settings(ignore=("resilience", "meta")), (*ALWAYS, "REL301")),
        # the more specific wins, whichever way
        (Settings(select=("REL1",), ignore=("missing-timeout",)), (*ALWAYS, "REL102", "REL121", "REL153")),
        (Settings(select=("missing-timeout",), ignore=("REL1",)), (*ALWAYS, "REL101")),
        (Settings(select=("REL1",), ignore=("resilience",)), ALWAYS),
        (Settings(select=("REL10",), ignore=("resilience",)), (*ALWAYS, "REL101", "REL102")),
        (Settings(select=("missing-timeout",), ignore=("REL101",)), ALWAYS),
        (Settings(ignore=("all",)), ALWAYS),
        # a file that cannot be read is told of, unless that very rule is switched off
        (Settings(select=("REL101",), ignore=("syntax-error", "internal-error")), ("REL000", "REL101")),
    ],
)
def test_chosen(settings, expected):
    assert chosen(settings) == expected


def test_per_file_ignores_are_relative_to_the_settings_file():
    settings = Settings(root="/repo", per_file_ignores=(("scripts/", ("resilience",)), ("*_old.py", ("REL301",))))
    assert chosen(settings, "/repo/scripts/a.py") == (*META, "REL301")
    assert chosen(settings, "/repo/shop/x_old.py") == (*META, "REL101", "REL102")
    assert chosen(settings, "/repo/shop/a.py") == chosen(settings)
    assert chosen(settings, "/elsewhere/scripts/a.py") == chosen(settings)


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("mising-timeout", "did you mean 'missing-timeout'?"),
        ("missing_timeout", "did you mean 'missing-timeout'?"),
        ("rel101", "did you mean 'REL101'?"),
        ("REL999", ""),
        ("resiliance", "did you mean 'resilience'?"),
        ("Recommended", "did you mean 'recommended'?"),
        ("xyzzy", "list them with: reliability-lint rules"),
        ("", "list them with: reliability-lint rules"),
    ],
)
def test_unknown_selectors(selector, hint):
    message, said = problem(selector)
    assert message == f"unknown rule, family or preset '{selector}'"
    assert hint in said


def test_reserved_codes_are_known_but_cannot_be_selected():
    assert expand("lock-without-expiry") == {"REL113"}
    assert "is not there yet" in problem("lock-without-expiry")[0]
    assert problem("REL1") is None
    assert problem("all") is None


def test_every_name_is_one_thing_only():
    """A family that is called like a rule, or a rule like a preset, would be two things at once."""
    from reliability_lint.engine.selection import catalogue
    from reliability_lint.engine.settings import PRESETS

    entries = catalogue().values()
    names = [entry.name for entry in entries]
    words = [*names, *{entry.family for entry in entries}, *PRESETS, "all"]
    assert len(words) == len(set(words))
    assert all(len(expand(name)) == 1 for name in names)


def test_severity_and_options_come_from_the_settings_first():
    settings = Settings(rules=(("missing-timeout", (("severity", "error"), ("suggest", 3.0))),))
    rule = RULES["REL101"]
    assert severity(settings, rule) == "error"
    assert severity(settings, RULES["REL102"]) == "warning"
    assert options(settings, rule) == {**rule.options, "suggest": 3.0}
    assert options(Settings(), rule) == dict(rule.options)
