"""
The plugin for python-lsp-server: the same findings, repairs and explanations as from our own server, in one server with those of other tools.

`pylsp.plugins.reliability_lint.config` in the editor's settings names a file whose settings hold for all files.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, TypeVar

from lsprotocol import types
from lsprotocol.converters import get_converter
from pylsp import hookimpl, lsp
from pylsp.workspace import Document as Open

from ..mistake import Mistake
from .editor import answers
from .editor.answers import Buffer, Document
from .editor.desk import Desk, Look

_NAME = "reliability_lint"
_ENCODING = "utf-16"
_CONVERTER = get_converter()
_Hook = TypeVar("_Hook", bound=Callable[..., Any])
hook: Callable[[_Hook], _Hook] = hookimpl
# Of some questions the first answer counts, and others answer with an empty one.
first: Callable[[_Hook], _Hook] = hookimpl(tryfirst=True)


class _Session:
    """What is kept between questions; they come from several threads."""

    def __init__(self, config: str) -> None:
        self._desk = Desk(config)
        self._lock = Lock()
        self._looks: dict[str, Look] = {}

    def look(self, workspace: Any, document: Any, *, is_saved: bool = False) -> tuple[Document, answers.LocationOf]:
        """What is found in a document, and how the editor calls regions of files. `is_saved`: files on disk may be others than before. Raises `Mistake`."""
        opened = [one for one in list(workspace.documents.values()) if type(one) is Open]
        buffers = {os.path.realpath(one.path): Buffer(one.uri, one.version, one.source) for one in (*opened, document)}
        path = os.path.realpath(document.path)
        with self._lock:
            look = self._looks.get(path)
            if is_saved:
                self._desk.reload()
            if is_saved or look is None or look.text != buffers[path].text:
                look = self._desk.look(path, {path: buffer.text for path, buffer in buffers.items()})
                self._looks = {path: kept for path, kept in self._looks.items() if path in buffers} | {path: look}
        (found,) = answers.documents(buffers[path], look, _ENCODING)
        return found, answers.locations(buffers, _ENCODING)


@cache
def _session(config: str) -> _Session:
    return _Session(config)


def _of(config: Any, document: Any) -> _Session:
    return _session(config.plugin_settings(_NAME, document_path=document.path).get("config") or "")


@hook
def pylsp_settings() -> dict[str, Any]:
    """What can be set, and to what it is set."""
    return {"plugins": {_NAME: {"enabled": True, "config": ""}}}


@hook
def pylsp_lint(config: Any, workspace: Any, document: Any, is_saved: bool) -> list[Any]:
    """What is to be shown in a document."""
    try:
        found, location_of = _of(config, document).look(workspace, document, is_saved=is_saved)
    except Mistake as mistake:
        if is_saved:  # and not at every key stroke
            workspace.show_message(f"{answers.SOURCE}: {mistake}", lsp.MessageType.Error)
        return []
    return [_CONVERTER.unstructure(one) for one in answers.diagnostics(found, location_of)]


@hook
def pylsp_code_actions(config: Any, workspace: Any, document: Any, range: Any) -> list[Any]:  # noqa: A002 -- the hook's own name
    """What can be done about the findings in a range."""
    try:
        found, location_of = _of(config, document).look(workspace, document)
    except Mistake:
        return []
    asked = _CONVERTER.structure(range, types.Range)
    return [_CONVERTER.unstructure(one) for one in answers.actions(found, asked, location_of)]


@first
def pylsp_hover(config: Any, workspace: Any, document: Any, position: Any) -> Any:
    """What a comment is about that silences something; nothing anywhere else, so that others can answer."""
    try:
        found, _ = _of(config, document).look(workspace, document)
    except Mistake:
        return None
    line, column = found.places.place(found.places.offset(position["line"], position["character"]))
    said = answers.hover(found.look, line, column)
    return None if said is None else {"contents": {"kind": "markdown", "value": said[0]}}


@hook
def pylsp_commands() -> list[str]:
    """What can be executed."""
    return [answers.EXPLAIN]


@first
def pylsp_execute_command(workspace: Any, command: str, arguments: Any) -> str | None:
    """Shows what a rule is about."""
    said = answers.explanation(arguments[0]) if command == answers.EXPLAIN and arguments else None
    if said is None:
        return None
    workspace.show_message(said[0])
    return said[1]
