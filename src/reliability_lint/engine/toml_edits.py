"""
Adds to TOML that somebody has written: everything that was there stays as it is, byte for byte.

Whole tables and new keys are put in as text, since a comment above a table belongs to it and must not be parted from it; lists and what stands within braces
are extended by tomlkit. What comes of it is read again, and is only taken if it means what was meant.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from .toml_places import places


def with_table(text: str, keys: Sequence[str], values: Mapping[str, str]) -> str | None:
    """A text with a new table of strings at its end; None where that cannot be done without touching something else."""

    def extend(unix: str) -> str:
        body = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        head = f"[{'.'.join(keys)}]\n" if keys else ""
        return f"{_ended(unix)}{chr(10) if unix.strip() else ''}{head}{body}"

    def meant(document: dict[str, Any]) -> None:
        _below(document, keys).update(values)

    return _checked(text, extend, meant)


def with_item(text: str, table: Sequence[str], key: str, item: str) -> str | None:
    """A text in which a list of strings in a table has one item more; the list, and the table, are made if they are not there. None as above."""
    document = tomllib.loads(text)
    home = _find(document, table)

    def extend(unix: str) -> str:
        if home is None:
            return _with_new_table(unix, table, f"{key} = [{json.dumps(item)}]\n")
        if key not in home and (at := _end_of(unix, table)) is not None:
            return f"{_ended(unix[:at])}{key} = [{json.dumps(item)}]\n{unix[at:]}"
        return _by_tomlkit(unix, table, key, item)

    def meant(document: dict[str, Any]) -> None:
        _below(document, table).setdefault(key, []).append(item)

    return _checked(text, extend, meant)


def _checked(text: str, extend: Callable[[str], str], meant: Callable[[dict[str, Any]], None]) -> str | None:
    newline = "\r\n" if "\r\n" in text and "\n" not in text.replace("\r\n", "") else "\n"
    unix = text.replace("\r\n", "\n") if newline == "\r\n" else text
    if newline == "\n" and "\r" in text:
        return None  # two kinds of line ends
    wanted = copy.deepcopy(tomllib.loads(unix))
    try:
        meant(wanted)
        after = extend(unix)
        if tomllib.loads(after) != wanted:
            return None
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        return None  # what stands there is no table, or no list
    return after.replace("\n", newline)


def _find(document: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any] | None:
    found: object = document
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _below(document: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    for key in keys:
        document = document.setdefault(key, {})
    return document


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _header(unix: str, table: Sequence[str]) -> re.Match[str] | None:
    names = r"[ \t]*\.[ \t]*".join(rf"[\"']?{re.escape(key)}[\"']?" for key in table)
    return re.search(rf"^[ \t]*\[[ \t]*{names}[ \t]*\][^\n]*(?:\n|\Z)", unix, re.MULTILINE)


def _end_of(unix: str, table: Sequence[str]) -> int | None:
    """Where the last value of a table ends that has a header of its own, or is the file's first one: the beginning of the next line."""
    header = _header(unix, table) if table else None
    if table and header is None:
        return None
    _, values = places(unix)
    ends = [end for path, (_, end) in values.items() if path[:-1] == tuple(table)]
    return _next_line(unix, max(ends)) if ends else header.end() if header else None


def _next_line(unix: str, at: int) -> int:
    line = unix.find("\n", at)
    return len(unix) if line < 0 else line + 1


def _with_new_table(unix: str, table: Sequence[str], body: str) -> str:
    """A table behind the one it belongs to, so that what is about a tool stays together."""
    around = tuple(table[:-1])
    keys, values = places(unix)
    spans = [span for path, span in (*values.items(), *keys.items()) if around and path[: len(around)] == around]
    at = _next_line(unix, max(end for _, end in spans)) if spans else len(unix)
    before = _ended(unix[:at])
    gap = "\n" if before.strip() else ""
    return f"{before}{gap}[{'.'.join(table)}]\n{body}{unix[at:]}"


def _by_tomlkit(unix: str, table: Sequence[str], key: str, item: str) -> str:
    import tomlkit

    document = tomlkit.parse(unix)
    found: Any = document
    for name in table:
        found = found[name]
    if key in found:
        found[key].append(item)
    else:
        new = tomlkit.array()
        new.append(item)
        found[key] = new
    return document.as_string()
