"""
The hash by which GitHub's code scanning knows an alert again when its line has moved: `primaryLocationLineHash`.

Its uploader computes the same and warns of another value, so the definition is to be kept exactly. A line's hash is that of the hundred UTF-16 units that begin with
it, blanks and tabs left out and every line end counted as one; the end of the file counts as one unit, and zeros fill up what is missing. Equal hashes within
a file are numbered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_END_OF_FILE = 65535
_LINE_END = re.compile(r"\r\n|\r")
_BLANKS = str.maketrans("", "", " \t")


def line_hashes(text: str, wanted: Collection[int]) -> dict[int, str]:
    """The hashes of some lines, by their numbers from 1."""
    if not wanted:
        return {}
    packed = _LINE_END.sub("\n", text).translate(_BLANKS)
    raw = packed.encode("utf-16-le", "surrogatepass")
    units = [*memoryview(raw).cast("H")] if _little_endian() else [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)]
    units.append(_END_OF_FILE)
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == 10)]
    seen: Counter[int] = Counter()
    found: dict[int, str] = {}
    last = max(wanted)
    for number, start in enumerate(starts[:last], 1):
        value = 0
        window = units[start : start + _WINDOW]
        for unit in window:
            value = (value * _BASE + unit) & _MASK
        value = value * pow(_BASE, _WINDOW - len(window), 1 << 64) & _MASK
        seen[value] += 1
        if number in wanted:
            found[number] = f"{value:x}:{seen[value]}"
    return found


def _little_endian() -> bool:
    import sys

    return sys.byteorder == "little"
