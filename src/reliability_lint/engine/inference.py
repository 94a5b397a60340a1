"""
What another tool's inference adds where our own evaluation ends.

A front that has one, as pylint has astroid, gives it to the checker. It is asked for the types of objects whose methods are called and of which we know
nothing, and for nothing else. With its answers the file is understood once more; what is found then and was not found before rests on them, and is kept
apart, so that whoever shows it can say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from ..diagnostics import Diagnostic, FileReport
from ..text.source import SourceFile, Span
from .check import Prepared, crash, examine, understand
from .settings import Settings
from .suppress import UNUSED

if TYPE_CHECKING:
    from ..model.knowledge import Sources
    from ..model.values import Instance


class Inference(Protocol):
    """What is asked of the other tool. An answer that it does not have is ""."""

    def types(self, source: SourceFile, spans: Sequence[Span]) -> Sequence[str]:
        """For each expression of a file, given by where it stands: the dotted name of the one class whose instance it is, as its definition has it."""

    def origin(self, name: str) -> str:
        """The dotted name, as its definition has it, of the class that a module offers under this one."""


def with_inferred(prepared: Prepared, sources: Sources | None, settings: Settings, told: FileReport, inference: Inference) -> FileReport:
    """The report of a file that has just been examined, together with what is found only with `inference`."""
    try:
        assumed = _assumed(prepared, inference)
        if not assumed:
            return told
        source, model = prepared.source, prepared.model
        again = understand(
            model.tree,
            prepared.path,
            source,
            settings,
            model.module_name,
            is_package=model.is_package,
            index=prepared.index,
            assumed=assumed,
        )
        try:
            return _joined(told, examine(again, sources, settings))
        finally:
            again.model.release()
    except Exception as problem:  # what was found without it stays
        return msgspec.structs.replace(told, diagnostics=(crash(told.path, None, problem), *told.diagnostics))


def _assumed(prepared: Prepared, inference: Inference) -> Mapping[int, Instance]:
    """The types that `inference` knows of what we do not, by the `id()` of the expressions' nodes."""
    from ..syntax.spans import spans

    unknown = prepared.model.unknown_receivers()
    if not unknown:
        return {}
    placed = spans(prepared.model.tree, prepared.source, unknown)
    names = inference.types(prepared.source, [placed[id(node)] for node, _ in unknown])
    types = {name: _type(prepared, name, inference) for name in {*names} if name}
    return {id(node): _object(prepared, types[name]) for (node, _), name in zip(unknown, names, strict=True) if types.get(name)}


def _type(prepared: Prepared, name: str, inference: Inference) -> str:
    """
    The type that we know a class by, or "". Libraries define their classes elsewhere than they offer them, and models have the name that is offered.

    A class of the project is known by its own name. One of another library, which may override what matters of a modelled one, stays unknown.
    """
    index = prepared.index
    if index.is_type(given := index.canonical(name)):
        return given
    if prepared.model.class_named(name) is not None:
        return name
    root, tail = _root(name), name.rpartition(".")[2]
    offered = (one for one in index.types if one.rpartition(".")[2] == tail and _root(one) == root)
    return next((one for one in offered if inference.origin(one) == name), "")


def _object(prepared: Prepared, type_name: str) -> Instance:
    """
    An object of a type. Nothing is known of how it was made.

    Where such an object can be given a timeout later on, it may have been: that may even be why we know nothing of it, and inference does not see it.
    """
    from ..model.values import Instance, Made

    index = prepared.index
    lineage = {kind for base in (type_name, *prepared.model.base_names(type_name)) for kind in index.lineage(base)}
    kinds = [index.types[kind] for kind in lineage]
    if any(kind.hooks or kind.mounts or kind.settings for kind in kinds):
        return Instance(type_name, Made(type_name, open=True, changed=True))
    return Instance(type_name)


def _root(name: str) -> str:
    return name.partition(".")[0].lstrip("_")  # `_queue.SimpleQueue` is what `queue` offers


def _joined(first: FileReport, second: FileReport) -> FileReport:
    """What was found at first stays, except that a comment is not unused where it silences what is found now."""
    known = {_key(one) for one in (*first.diagnostics, *first.suppressed)}
    told = {_key(one) for one in second.diagnostics}
    kept = tuple(one for one in first.diagnostics if one.code != UNUSED or _key(one) in told)
    more = tuple(one for one in second.diagnostics if one.code != UNUSED and _key(one) not in known)
    return msgspec.structs.replace(first, diagnostics=kept, suppressed=second.suppressed, inferred=more)


def _key(one: Diagnostic) -> tuple[object, ...]:
    return one.region, one.code
