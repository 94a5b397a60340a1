"""Where each setting of a file comes from: a line of a settings file, an option of the command line, or the default."""

# ruff: noqa: PTH113, PTH118, PTH119, PTH120

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import msgspec

from .. import registry
from ..text.paths import shown_path
from .settings import KEYS, OWN_FILE, TABLE, Settings, text_and_prefix
from .toml_places import places

DEFAULT = "default"


class Origin(msgspec.Struct, frozen=True):
    """A setting by its dotted key, its value as TOML and JSON have it, and where it comes from; `path` and `line` where that is a line of a file."""

    key: tuple[str, ...]
    value: object
    origin: str
    path: str = ""
    line: int = 0


def origins(settings: Settings, plain: Settings, options: Mapping[str, str]) -> Iterator[Origin]:
    """
    Every setting. `plain` are the settings without what the command line says; `options` names, by key, the options that may have changed it.
    """
    lines = _Lines(plain.source)
    for key in KEYS:
        field = key.replace("-", "_")
        value, before = getattr(settings, field), getattr(plain, field)
        if key == "per-file-ignores":
            if not value:
                yield Origin((key,), {}, DEFAULT)
            for pattern, selectors in value:
                yield lines.origin((key, pattern), list(selectors))
        elif key == "rules":
            yield from _of_rules(settings, lines)
        else:
            shown = [shown_path(path) for path in value] if key == "libraries" else list(value) if isinstance(value, tuple) else value
            told = lines.origin((key,), shown)
            if value != before or (key in options and told.origin == DEFAULT):
                kept = f"{told.origin} and " if told.line and isinstance(value, tuple) and set(value) & set(before) else ""
                told = Origin((key,), shown, f"{kept}{options.get(key, 'command line')}", *((told.path, told.line) if kept else ()))
            yield told


def _of_rules(settings: Settings, lines: _Lines) -> Iterator[Origin]:
    told = {name: dict(values) for name, values in settings.rules}
    for rule in registry.described().values():
        said = told.get(rule.name, {})
        if "severity" in said:
            yield lines.of_rule(rule, "severity", said["severity"])
        for option, default in rule.options.items():
            value = said.get(option, default)
            plain = sorted(value) if isinstance(value, set | frozenset) else list(value) if isinstance(value, tuple) else value
            yield lines.of_rule(rule, option.replace("_", "-"), plain)


class _Lines:
    """The lines of the keys of a settings file."""

    def __init__(self, source: str) -> None:
        self._shown = shown_path(source) if source else ""
        self._text, self._prefix = text_and_prefix(source) if source else ("", ())
        self._keys, self._values = places(self._text) if source else ({}, {})

    def origin(self, key: tuple[str, ...], value: object) -> Origin:
        place = self._keys.get((*self._prefix, *key)) or self._values.get((*self._prefix, *key))
        if place is None:
            return Origin(key, value, DEFAULT)
        line = self._text.count("\n", 0, place[0]) + 1
        return Origin(key, value, f"{self._shown}:{line}", self._shown, line)

    def of_rule(self, rule: registry.Rule, option: str, value: object) -> Origin:
        """An option of a rule, which may stand under its name or its code."""
        told = [self.origin(("rules", name, option), value) for name in (rule.name, rule.code)]
        one = next((one for one in told if one.line), told[0])
        return Origin(("rules", rule.name, option), value, one.origin, one.path, one.line)


def why(settings: Settings, folder: str, *, config: str, isolated: bool) -> list[str]:
    """Which settings file holds for the files of a folder (its real path), and why it is that one, in sentences."""
    if isolated:
        return ["no settings file is read: --isolated"]
    if config:
        return [f"{shown_path(settings.source)} holds, for --config names it"]
    passed = []
    home = os.path.dirname(settings.source)
    while folder != home:
        if os.path.isfile(path := os.path.join(folder, "pyproject.toml")):
            passed.append(f"{shown_path(path)} is passed over: it has no table [{TABLE}]")
        if (above := os.path.dirname(folder)) == folder:
            break
        folder = above
    if not settings.source:
        return ["no settings file holds: none is above it", *passed]
    hidden = os.path.join(home, "pyproject.toml")
    if os.path.basename(settings.source) == OWN_FILE and os.path.isfile(hidden) and TABLE in text_and_prefix(hidden)[0]:
        passed.append(f"{shown_path(hidden)} is passed over: {OWN_FILE} lies beside it")
    return [f"{shown_path(settings.source)} holds, the closest above it", *passed]
