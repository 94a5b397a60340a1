"""Says of the diagnostics of a file by what they are known again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from ..diagnostics import Anchor, Diagnostic
from ..text.outline import Outline, gist
from ..text.source import SourceFile

Diagnostics = tuple[Diagnostic, ...]


def anchored(source: SourceFile, kept: Sequence[Diagnostic], suppressed: Sequence[Diagnostic]) -> tuple[Diagnostics, Diagnostics]:
    """
    A file's diagnostics with their anchors.

    Those that are suppressed are counted with the others, so that a comment on one of two that are alike leaves the other its number.
    """
    if not kept and not suppressed:
        return (), ()
    outline = Outline(source)
    seen: Counter[tuple[str, str, str]] = Counter()
    anchors: dict[int, Anchor] = {}
    for one in sorted((*kept, *suppressed), key=lambda one: one.order):
        scope, words = _scope(one, source, outline), gist(_written(one, source))
        seen[one.code, scope, words] += 1
        anchors[id(one)] = Anchor(scope, words, seen[one.code, scope, words])

    def with_anchors(some: Sequence[Diagnostic]) -> Diagnostics:
        return tuple(msgspec.structs.replace(one, anchor=anchors[id(one)]) for one in some)

    return with_anchors(kept), with_anchors(suppressed)


def _written(one: Diagnostic, source: SourceFile) -> str:
    region = one.region
    written = source.text[source.at(region.line, region.column) : source.at(region.end_line, region.end_column)]
    return written.lstrip("#")  # of a comment that is spoken of, the words count


def _scope(one: Diagnostic, source: SourceFile, outline: Outline) -> str:
    start = source.at(one.region.line, 1)
    is_comment = source.text[start : source.at(one.region.line, one.region.column) + 1].lstrip().startswith("#")
    return outline.scope(one.lines[0] or one.region.line, below=is_comment)
