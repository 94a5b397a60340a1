"""
The settings as a JSON Schema (draft 2020-12), for editors and validators: made from what the settings and the rules declare.

It says what can be said of a table by itself. Whether a file of `libraries` is there, and whether a pattern can be read, only reading the settings tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_type_hints

from .. import registry
from ..diagnostics import Severity
from ..peers import PEERS, deferrable
from .selection import catalogue, is_prefix, problem
from .settings import KEYS, PRESETS, Settings

Schema = dict[str, object]

_ABOUT = {
    "select": "Run these rules instead of the preset's.",
    "ignore": "Leave these rules out.",
    "extend-select": "Run these rules besides those of the preset or of `select`.",
    "preset": "The set of rules: each contains the one before.",
    "exclude": "Files and folders that are not checked, as in a .gitignore; takes the place of the default.",
    "extend-exclude": "Files and folders that are not checked, besides those of `exclude`.",
    "force-exclude": "Leave excluded files out even if they are named on the command line.",
    "include-tests": "Let rules about running services speak in tests, scripts and migrations, too.",
    "libraries": "Models of libraries besides those that are built in; `*` and `**` are allowed.",
    "per-file-ignores": "Rules to leave out in the files that match a pattern.",
    "rules": "Severity and options of single rules, by name or code.",
    "defer-to": "Other linters that are run as well: what they report is left to them.",
    "cache-dir": "The folder for what is kept between runs.",
    "baseline": "The file with the findings that were accepted.",
    "local-rules": "Python files and folders with rules of the project's own; they are run only where whoever checks it allows that.",
    "strict-baseline": "Exit with 1 if the baseline has entries of which nothing is found any more.",
}


def settings_schema() -> Schema:
    """The schema of a `reliability-lint.toml`, and of the table in a `pyproject.toml`."""
    special: dict[str, Schema] = {
        "preset": {"enum": list(PRESETS)},
        "per-file-ignores": {"type": "object", "additionalProperties": _list_of({"$ref": "#/$defs/selector"})},
        "rules": _rules(),
        "defer-to": _list_of({"enum": [*PEERS, *(name for name in sorted(deferrable()) if name not in PEERS)]}),
    }
    special |= {key: _list_of({"$ref": "#/$defs/selector"}) for key in ("select", "ignore", "extend-select")}
    hints = get_type_hints(Settings)
    properties: Schema = {}
    for key in KEYS:
        field = key.replace("-", "_")
        default = getattr(Settings(), field)
        shape = special.get(key) or _shape(hints[field])
        value: object = {} if key in ("per-file-ignores", "rules") else list(default) if isinstance(default, tuple) else default
        properties[key] = {"description": _ABOUT[key], **shape, "default": value} if key in _ABOUT else {**shape, "default": value}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of reliability-lint",
        "description": "A reliability-lint.toml, or the table [tool.reliability-lint] of a pyproject.toml.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": {"selector": {"description": "A code, the beginning of one, a name, a family, a preset, or all.", "enum": selectors()}},
    }


def selectors() -> list[str]:
    """Every selector that means a rule that is there."""
    entries = catalogue()
    codes = {code[:length] for code in entries for length in range(len(code) - 3, len(code) + 1)}
    named = {name for entry in entries.values() for name in (entry.name, entry.family)}
    known = [*PRESETS, "all", *sorted(named), *sorted(code for code in codes if is_prefix(code))]
    return [name for name in known if problem(name) is None]


def _rules() -> Schema:
    """A table for each rule, under its name and its code."""
    found: Schema = {}
    for rule in registry.described().values():
        shape: Schema = {
            "type": "object",
            "description": rule.summary,
            "properties": {
                "severity": {"enum": [severity.value for severity in Severity], "default": rule.severity.value},
                **{name.replace("_", "-"): _option(default) for name, default in rule.options.items()},
            },
            "additionalProperties": False,
        }
        found[rule.name] = shape
        found[rule.code] = {"$ref": f"#/properties/rules/properties/{rule.name}"}
    return {"type": "object", "properties": found, "additionalProperties": False}


def _option(default: object) -> Schema:
    """A value of the type that the default has."""
    if default is None:
        return {"type": ["string", "number", "boolean"]}
    if isinstance(default, tuple | list | set | frozenset):
        items = sorted(default) if isinstance(default, set | frozenset) else list(default)
        return {**_list_of(_of_type(type(items[0]) if items else str)), "default": items}
    return {**_of_type(type(default)), "default": default}


def _of_type(kind: type) -> Schema:
    names: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": names[kind]}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _shape(hint: object) -> Schema:
    return _of_type(hint) if isinstance(hint, type) and hint in (bool, int, float, str) else _list_of(_of_type(str))
