"""
The language server: buffers come in, findings, repairs and explanations go out.

The thread that reads messages only notes what they say; one other checks. What it finds is shown if the buffer is still the one that was checked, else it is
checked again. Standard output belongs to the protocol alone.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.uris import to_fs_path

from ... import __version__
from ...engine.mistake import Mistake
from . import answers
from .answers import EXPLAIN, SOURCE, Buffer, Document
from .desk import Desk, Look
from .positions import Positions
from .worker import Worker

# Who types does not wait for it, and a burst of changes is one.
PAUSE = 0.05
_PATIENCE = 5.0
_WATCHED = ("**/*.py", "**/pyproject.toml", "**/reliability-lint.toml", "**/.reliability-baseline.json", "**/.gitignore")


class Protocol(LanguageServerProtocol):
    """Answers requests, too, that are not what the protocol says: who asks would wait for ever."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as problem:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=problem.to_response_error())
            raise


class Server(LanguageServer):
    """What is open, and what was last found in it."""

    def __init__(self, config: str) -> None:
        super().__init__(SOURCE, __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full, protocol_cls=Protocol)
        self.buffers: dict[str, Buffer] = {}  # by the real paths of their files
        self.looks: dict[str, tuple[Buffer, Look]] = {}
        self.desk = Desk(config)
        self.worker = Worker(self.check)
        self._stale_files: deque[str] = deque()
        self._stale = False
        self._said = ""
        self._warm = False

    @property
    def encoding(self) -> str:
        """In which units the editor counts columns."""
        told = self.workspace.position_encoding
        return told.value if isinstance(told, types.PositionEncodingKind) else str(told)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002
        """Whatever a client has sent that is none: it goes to the log, and nobody is disturbed."""
        print(f"{SOURCE}: {type(error).__name__}: {error}", file=sys.stderr)

    # -- what the editor says

    def hold(self, uri: str, version: int | None, text: str, pause: float) -> None:
        """Takes over what a buffer holds now."""
        path = path_of(uri)
        if path:
            self.buffers[path] = Buffer(uri, version, text)
            self.worker.ask(path, pause)

    def stale(self, files: Sequence[str] | None = None) -> None:
        """Notes that something has changed on disk: in these files, or anything at all; all that is open is looked at again."""
        if files is None:
            self._stale = True
        else:
            self._stale_files.extend(files)
        for path in list(self.buffers):
            self.worker.ask(path, PAUSE)

    # -- what is found

    def check(self, path: str) -> None:
        """Looks at a buffer, and shows what is found. Runs in the worker's thread."""
        buffer = self.buffers.get(path)
        if buffer is None:
            return
        try:
            self._refresh()
            look = self.desk.look(path, {path: one.text for path, one in list(self.buffers.items())})
        except Mistake as mistake:
            self._say(str(mistake))
            return
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return
        self._said = ""
        if self.buffers.get(path) is not buffer:
            return  # a newer one is due, or it was closed
        self.looks[path] = buffer, look
        document = self.document(path)
        if document is not None:
            shown = answers.diagnostics(document, self.place_of())
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(buffer.uri, shown, buffer.version))
        if not self._warm:
            # What all checks need is there now, and is needed to the end: the collector need not look through it again and again.
            self._warm = True
            gc.collect()
            gc.freeze()

    def _refresh(self) -> None:
        if self._stale:
            self._stale = False
            self.desk.reload()
        while self._stale_files:
            self.desk.reload_files([self._stale_files.popleft()])

    def _say(self, what: str) -> None:
        """Tells of a mistake in the settings, once and not for every file and key stroke."""
        if what != self._said:
            self._said = what
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"{SOURCE}: {what}"))

    def document(self, path: str) -> Document | None:
        """A buffer with what is found in just this text; None where that is not known yet."""
        buffer, (seen, look) = self.buffers.get(path), self.looks.get(path, (None, None))
        if buffer is None or look is None or seen is not buffer:
            return None
        return Document(buffer.uri, buffer.version, look, Positions(buffer.text, self.encoding))

    def place_of(self) -> answers.PlaceOf:
        """Where files are."""
        return answers.places_in(dict(self.buffers), self.encoding)


def path_of(uri: str) -> str:
    """The real path of a file; empty for what is in no file."""
    try:
        path = to_fs_path(uri)
    except ValueError:
        return ""
    return os.path.realpath(path) if path and "\0" not in path else ""


# -- messages


def initialized(ls: Server, _: types.InitializedParams) -> None:
    workspace = ls.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace is not None else None
    if watching is None or not watching.dynamic_registration:
        return
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in _WATCHED])
    wish = types.Registration("watched-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    ls.client_register_capability(types.RegistrationParams([wish]))


def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    opened = params.text_document
    if opened.language_id == "python" or opened.uri.endswith(".py"):
        ls.hold(opened.uri, opened.version, opened.text, 0.0)


def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    buffer = ls.buffers.get(path_of(params.text_document.uri))
    if buffer is None:
        return  # never opened, or no Python
    text = buffer.text
    for change in params.content_changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            places = Positions(text, ls.encoding)
            start = places.offset(change.range.start.line, change.range.start.character)
            end = places.offset(change.range.end.line, change.range.end.character)
            text = text[:start] + change.text + text[max(start, end) :]
        else:
            text = change.text
    ls.hold(buffer.uri, params.text_document.version, text, PAUSE)


def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Others import what was saved; and where the editor watches no files, it may be the settings."""
    if params.text_document.uri.endswith(".py"):
        ls.stale([])
    else:
        ls.stale()


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    path = path_of(params.text_document.uri)
    buffer = ls.buffers.pop(path, None)
    if buffer is not None:
        ls.worker.drop(path)
        ls.looks.pop(path, None)
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(buffer.uri, []))


def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    modules = [change for change in params.changes if change.uri.endswith(".py")]
    if len(modules) == len(params.changes) and all(change.type == types.FileChangeType.Changed for change in modules):
        ls.stale([path_of(change.uri) for change in modules])
    else:
        ls.stale()  # settings, or other modules than before


def did_change_configuration(ls: Server, _: types.DidChangeConfigurationParams) -> None:
    ls.stale()


def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    path = path_of(params.text_document.uri)
    ls.worker.wait_for(path, _PATIENCE)
    document = ls.document(path)
    only = params.context.only
    if document is None or (only and not any(types.CodeActionKind.QuickFix.value.startswith(_kind(kind)) for kind in only)):
        return []
    return list(answers.actions(document, params.range, ls.place_of()))


def _kind(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    path = path_of(params.text_document.uri)
    ls.worker.wait_for(path, _PATIENCE)
    document = ls.document(path)
    if document is None:
        return None
    places = document.places
    offset = places.offset(params.position.line, params.position.character)
    line, column = places.place(offset)
    found = answers.hover(document.look, line, column)
    if found is None:
        return None
    text, region = found
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), answers.range_of(region, places))


def explain(ls: Server, code: str) -> str | None:
    """Shows what a rule is about, and gives its whole page to editors that ask for it."""
    found = answers.explanation(code)
    if found is None:
        return None
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, found[0]))
    return found[1]


_NOTED: dict[str, Callable[..., None]] = {
    types.INITIALIZED: initialized,
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: did_change_watched_files,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
}


def make(config: str = "") -> Server:
    """A server that knows what to answer."""
    ls = Server(config)
    for message, note in _NOTED.items():
        ls.feature(message)(note)
    # These may have to wait for a check, and nothing else has to wait for them.
    ls.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind.QuickFix]))(ls.thread()(code_action))
    ls.feature(types.TEXT_DOCUMENT_HOVER)(ls.thread()(hover))
    ls.command(EXPLAIN)(explain)
    return ls


def serve(config: str) -> None:
    """Answers the editor at standard input, until it ends. What anybody prints goes to standard error."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    protocol = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    make(config).start_io(sys.stdin.buffer, protocol)
