"""In which order files are checked: what is imported first, so that its facts are there when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .sources import Layout

# Imports at the margin only: those inside functions are often there to break a cycle.
_IMPORT = re.compile(r"^(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+\(?([\w \t,]*)|import[ \t]+([\w.]+))", re.MULTILINE)


def imported_first(paths: Sequence[str], texts: Mapping[str, str], layout: Layout) -> list[str]:
    """The paths, each after those it imports as far as there are no cycles; the same input gives the same order."""
    wanted = set(paths)
    state: dict[str, bool] = {}
    order: list[str] = []
    for start in paths:
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            path, finished = stack.pop()
            if finished:
                order.append(path)
                continue
            if path in state:
                continue
            state[path] = True
            stack.append((path, True))
            stack += [
                (other, False) for other in reversed(_imports(path, texts.get(path, ""), layout)) if other in wanted and other not in state
            ]
    return order


def _imports(path: str, text: str, layout: Layout) -> list[str]:
    """The files that a file imports at its margin."""
    here = Path(path)
    module, is_package = layout.module_name(here)
    found: dict[str, None] = {}
    for start, names, plain in _IMPORT.findall(text):
        base = plain or start
        if base.startswith("."):
            dots = len(base) - len(base.lstrip("."))
            package = module.split(".") if module else []
            drop = dots - 1 if is_package else dots
            package = package[: len(package) - drop] if drop else package
            base = ".".join(filter(None, [*package, base.lstrip(".")]))
        if not base:
            continue
        for candidate in (*(f"{base}.{name.split()[0]}" for name in names.split(",") if name.split()), base):
            if all(part.isidentifier() for part in candidate.split(".")) and (other := layout.find(candidate, here)) and other != path:
                found[other] = None
    return list(found)
