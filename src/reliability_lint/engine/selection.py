"""
Which rules are run, with which severity and options.

One grammar of selectors serves settings, command line and comments: a code (`REL101`), the beginning of one (`REL1`), a name
(`missing-timeout`), a family (`resilience`), a preset (`recommended`, `strict`, `audit`) or `all`. Where one selector switches a rule on and
another one off, the more specific wins; of two equally specific ones the one that switches off. Rules of third parties are no exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .. import registry
from ..diagnostics import Severity
from ..mistake import closest
from .settings import PRESETS, Settings, below_root, pattern_spec

# Every run needs the catalogue, and a TOML parser takes longer for it than a run that finds nothing changed may.
_ENTRY = re.compile(r'^\[\[rule\]\]\ncode = "(.+)"\nname = "(.+)"\nfamily = "(.+)"\nset = "(.+)"$', re.MULTILINE)
_PREFIX = re.compile(r"([A-Z]{2,3})[0-9]{0,3}")
# A run that cannot read a file must say so, whatever is selected.
_ALWAYS = ("REL000", "REL001")


class Entry(NamedTuple):
    """A line of the catalogue: a rule that is there, or whose code is reserved."""

    code: str
    name: str
    family: str
    set: str


@lru_cache(maxsize=1)
def own_catalogue() -> dict[str, Entry]:
    """Every rule of ours by its code, those included that are not built yet. Nothing is imported to know them."""
    path = Path(__file__).parent.parent / "rules" / "catalogue.toml"
    entries = (Entry(*line) for line in _ENTRY.findall(path.read_text(encoding="utf-8")))
    return {entry.code: entry for entry in sorted(entries)}


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Entry]:
    """Every rule by its code: ours, those included that are not built yet, those of third parties, and local ones that may not be run."""
    theirs = {one.code: Entry(one.code, one.name, one.family, one.set) for one in registry.described().values() if one.origin}
    return {**own_catalogue(), **_idle, **theirs}


_idle: dict[str, Entry] = {}


def know(idle: Iterable[Entry] = ()) -> None:
    """Hears that there are more rules than before: those that the registry has, and `idle` ones, which may be named and are not run."""
    _idle.update((entry.code, entry) for entry in idle)
    for cached in (catalogue, expand, _chosen):
        cached.cache_clear()


def is_idle(name: str) -> bool:
    """Whether this is a local rule, by its code or name, that may not be run."""
    return any(name in (entry.code, entry.name) for entry in _idle.values())


def is_prefix(selector: str) -> bool:
    """Whether this is a code or the beginning of one."""
    match = _PREFIX.fullmatch(selector)
    return match is not None and (match[1] == "REL" or match[1] in {code[:-3] for code in catalogue()})


def specificity(selector: str) -> int:
    """How much a selector says: the name of a rule more than a family, a family more than a preset."""
    if is_prefix(selector):
        return 1 + sum(character.isdecimal() for character in selector)
    if selector in {entry.family for entry in catalogue().values()}:
        return 2
    return 0 if selector == "all" or selector in PRESETS else 4


@lru_cache(maxsize=1024)
def expand(selector: str) -> frozenset[str]:
    """The codes that a selector means, reserved ones included; none where it means nothing."""
    if selector == "all":
        return frozenset(catalogue())
    if selector in PRESETS:
        sets = PRESETS[: PRESETS.index(selector) + 1]
        return frozenset(code for code, entry in catalogue().items() if entry.set in sets)
    if is_prefix(selector):
        letters = selector.rstrip("0123456789")
        return frozenset(code for code in catalogue() if code.startswith(selector) and code[:-3] == letters)
    return frozenset(code for code, entry in catalogue().items() if selector in (entry.name, entry.family))


def problem(selector: str) -> tuple[str, str] | None:
    """What is wrong with a selector: the message, and a hint; None where nothing is."""
    codes = expand(selector)
    if not codes:
        meant = suggestion(selector)
        hint = f"did you mean '{meant}'?" if meant else "list them with: reliability-lint rules"
        return f"unknown rule, family or preset '{selector}'", hint
    if codes.isdisjoint(registry.described()) and codes.isdisjoint(_idle):
        entry = catalogue()[min(codes)]
        return f"'{selector}' is not there yet: its code is reserved", f"reserved for {entry.code} {entry.name}"
    return None


def suggestion(selector: str) -> str:
    """The selector that was probably meant, or the empty string."""
    entries = catalogue().values()
    if is_prefix(selector.upper()) and expand(selector.upper()):
        return selector.upper()
    known = {"all", *PRESETS, *(entry.family for entry in entries), *(entry.name for entry in entries)}
    if re.fullmatch(r"[A-Za-z]{2,3}[0-9]+", selector):
        known = set(catalogue())
    return closest(selector, known)


@lru_cache(maxsize=256)
def _chosen(select: tuple[str, ...], ignore: tuple[str, ...], local: tuple[str, ...]) -> tuple[str, ...]:
    on = _strengths(select)
    off = _strengths(ignore)
    there = (code for code, one in registry.described().items() if not one.local or one.origin in local)
    codes = (code for code in there if on.get(code, -1) > off.get(code, -1))
    always = (code for code in _ALWAYS if code in registry.described() and (code == "REL000" or off.get(code, 0) < 4))
    return tuple(sorted({*codes, *always}))


def _strengths(selectors: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for selector in selectors:
        strength = specificity(selector)
        for code in expand(selector):
            found[code] = max(strength, found.get(code, -1))
    return found


def chosen(settings: Settings, path: str = "") -> tuple[str, ...]:
    """
    The codes of the rules to be run, in order; of a file (its real path), what is ignored in it left out.

    Internal errors are always among them, syntax errors unless ignored by code or name.
    """
    ignore = settings.ignore
    if path and settings.per_file_ignores:
        below = below_root(settings.root, path)
        for pattern, selectors in settings.per_file_ignores:
            if pattern_spec((pattern,)).match_file(below):
                ignore += selectors
    local = settings.local_rules if settings.local_rules_allowed else ()
    return _chosen((*(settings.select or (settings.preset,)), *settings.extend_select), ignore, local)


def severity(settings: Settings, rule: registry.Rule) -> Severity:
    """How loudly a rule speaks: as the settings say, else as it does itself."""
    for name, values in settings.rules:
        if name == rule.name:
            return Severity(str(dict(values).get("severity", rule.severity)))
    return rule.severity


def options(settings: Settings, rule: registry.Rule) -> dict[str, object]:
    """A rule's options: its defaults, and over them what the settings say."""
    found = dict(rule.options)
    for name, values in settings.rules:
        if name == rule.name:
            found.update((key, value) for key, value in values if key in rule.options)
    return found
