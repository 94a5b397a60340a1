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
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from cattrs import transform_error
from cattrs.errors import ClassValidationError
from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.uris import to_fs_path

from ... import __version__
from ...mistake import Mistake
from . import answers
from .answers import EXPLAIN, SOURCE, Buffer, Document
from .desk import Desk, Look
from .notebooks import joined
from .positions import Positions
from .worker import Worker

# Who types does not wait for it, and a burst of changes is one.
PAUSE = 0.03
_COLLECT = 50  # checks, which leave next to nothing behind
Answer = TypeVar("Answer")
# Code, settings and models of libraries, what tells versions, what leaves files or findings out.
_WATCHED = ("**/*.py", "**/*.toml", "**/*.lock", "**/requirements*.txt", "**/setup.cfg", "**/.reliability-baseline.json", "**/.gitignore")


class Protocol(LanguageServerProtocol):
    """
    Takes what is not of the protocol for what it is: it is told in a sentence, and the next message is read. Requests of that kind are answered, too: who asks
    would wait for ever.

    A handler may give a future for an answer. In a thread it would wait in the way of others, for messages are read by the same few threads.
    """

    def _execute_handler(self, msg_id: Any, handler: Any, callback: Any, args: Any = None, kwargs: Any = None) -> None:
        if getattr(handler, "func", handler) not in _WAITING:
            super()._execute_handler(msg_id, handler, callback, args, kwargs)
            return
        future = handler(*(args or ()), **(kwargs or {}))
        self._request_futures[msg_id] = future
        future.add_done_callback(callback)

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as problem:
            told = JsonRpcInvalidParams(f"{data.get('method') or 'an answer'}: {_reason(problem)}")
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=told.to_response_error())
            raise told from None

    def handle_message(self, message: Any) -> None:
        if not hasattr(message, "jsonrpc"):
            raise JsonRpcInvalidParams("it has no 'jsonrpc'")
        super().handle_message(message)


def _reason(problem: JsonRpcException) -> str:
    cause = problem.__cause__
    if isinstance(cause, ClassValidationError):
        return "; ".join(transform_error(cause))
    return str(cause or problem)


class Server(LanguageServer):
    """What is open, and what was last found in it."""

    def __init__(self, config: str) -> None:
        cells = types.NotebookDocumentFilterWithCells([types.NotebookCellLanguage("python")])
        super().__init__(
            SOURCE,
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            notebook_document_sync=types.NotebookDocumentSyncOptions([cells], save=True),
            protocol_cls=Protocol,
        )
        self.buffers: dict[str, Buffer] = {}  # by the real paths of their files
        self.looks: dict[str, tuple[Buffer, Look]] = {}
        self.cells: dict[str, tuple[int | None, str]] = {}  # versions and texts, by URI
        self.desk = Desk(config)
        self.worker = Worker(self.check)
        self._stale_files: deque[tuple[str, bool]] = deque()  # and whether they have come or gone
        self._stale = False
        self._mistaken: dict[str, Mistake] = {}  # the files that cannot be checked for now, and why
        self._checks = 0  # since the collector has run

    @property
    def encoding(self) -> str:
        """In which units the editor counts columns."""
        told = self.workspace.position_encoding
        return told.value if isinstance(told, types.PositionEncodingKind) else str(told)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Whatever a client has sent that is none: it goes to the log, and nobody is disturbed."""
        if source is FeatureNotificationError:
            what = "could not be followed; what is missing comes back when the file is closed and opened again"
        else:
            what = "is not what the protocol says, and is passed over; if something is missing, tell the makers of the editor's client"
        print(f"{SOURCE}: a message of the editor {what} ({type(error).__name__}: {error})", file=sys.stderr, flush=True)

    # -- what the editor says

    def hold(self, uri: str, version: int | None, text: str, pause: float) -> None:
        """Takes over what a buffer holds now."""
        path = path_of(uri)
        if path:
            self.buffers[path] = Buffer(uri, version, text)
            self.worker.ask(path, pause)

    def hold_notebook(self, uri: str, pause: float) -> None:
        """Takes over what the cells of a notebook hold now."""
        notebook, path = self.workspace.get_notebook_document(notebook_uri=uri), path_of(uri)
        if notebook is None or not path:
            return
        code = [cell.document for cell in notebook.cells if cell.kind == types.NotebookCellKind.Code and cell.document in self.cells]
        text, cells = joined((one, *self.cells[one]) for one in code)
        before = self.buffers.get(path)
        self.buffers[path] = Buffer(uri, notebook.version, text, cells)
        for cell in (before.cells or ()) if before is not None else ():
            if cell.uri not in code:
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(cell.uri, []))
        self.worker.ask(path, pause)

    def stale(self, files: Sequence[tuple[str, bool]] | None = None) -> None:
        """Notes that something has changed on disk: these files (True: they have come or gone), or anything at all; all that is open is looked at again."""
        if files is None:
            self._stale = True
        else:
            self._stale_files.extend(files)
        for path in list(self.buffers):
            self.worker.ask(path, PAUSE)

    # -- what is found

    def check(self, path: str) -> None:
        """Looks at a buffer, and shows what is found. Runs in the worker's thread, which goes on whatever happens here."""
        buffer = self.buffers.get(path)
        if buffer is None:
            return
        try:
            self._refresh()
            look = self.desk.look(path, {path: one.text for path, one in list(self.buffers.items())})
            self._mended(path)
            if self.buffers.get(path) is buffer:  # else a newer one is due, or it was closed
                self._show(path, buffer, look)
        except Mistake as mistake:
            self._say(path, mistake)
        except Exception:
            traceback.print_exc(file=sys.stderr)
        self._tidy()

    def _tidy(self) -> None:
        """
        Does what Python's garbage collector would do, which is switched off: it would do it while somebody waits for a check.

        What all checks need is there after the first one, and is needed to the end, so it is never looked through again.
        """
        self._checks += 1
        if self._checks == 1 or (self._checks >= _COLLECT and not self.worker.is_asked):
            gc.collect()
            if not gc.get_freeze_count():
                gc.freeze()
            self._checks = 1

    def _show(self, path: str, buffer: Buffer, look: Look) -> None:
        self.looks[path] = buffer, look
        for document in answers.documents(buffer, look, self.encoding):
            shown = answers.diagnostics(document, self.location_of())
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, shown, document.version))
        if path not in self.buffers:  # closed just now
            self.forget(path, buffer)

    def forget(self, path: str, buffer: Buffer) -> None:
        """Takes back what is shown in a buffer that was closed."""
        self.looks.pop(path, None)
        self._mended(path)
        for uri in [buffer.uri] if buffer.cells is None else [cell.uri for cell in buffer.cells]:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def _refresh(self) -> None:
        if self._stale:
            self._stale = False
            self.desk.reload()
        while self._stale_files:
            path, moved = self._stale_files.popleft()
            if moved:
                self.desk.reload_modules([path])
            else:
                self.desk.reload_files([path])

    def _say(self, path: str, mistake: Mistake) -> None:
        """Tells of a mistake in the settings, where it stands and once in words, and not for every file and key stroke."""
        known = {str(one) for other, one in self._mistaken.items() if other != path}
        before = self._mistaken.get(path)
        if before is not None and str(before) == str(mistake):
            return
        self._mended(path)
        self._mistaken[path] = mistake
        if str(mistake) in known:
            return
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, answers.sentence(mistake)))
        if mistake.path:
            shown = answers.mistake(mistake, self.encoding)
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(_uri_of(mistake), [shown]))

    def _mended(self, path: str) -> None:
        """Takes back what was told of a mistake, if it was in the way of this file alone."""
        before = self._mistaken.pop(path, None)
        if before is not None and before.path and before.path not in {one.path for one in self._mistaken.values()}:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(_uri_of(before), []))

    def about(self, uri: str, answer: Callable[[Document | None], Answer]) -> Future[Answer]:
        """An answer about a document, as soon as it is known what is found in it as it is now. Until then it can be taken back, and no thread waits."""
        answered: Future[Answer] = Future()

        def known(_: Future[None]) -> None:
            if answered.set_running_or_notify_cancel():
                try:
                    answered.set_result(answer(self.document(uri)))
                except Exception as problem:
                    answered.set_exception(problem)

        self.worker.rest(self.path_with(uri)).add_done_callback(known)
        return answered

    def document(self, uri: str) -> Document | None:
        """A document with what is found in just this text; None where that is not known."""
        path = self.path_with(uri)
        buffer, (seen, look) = self.buffers.get(path), self.looks.get(path, (None, None))
        if buffer is None or look is None or seen is not buffer:
            return None
        found = answers.documents(buffer, look, self.encoding)
        return found[0] if buffer.cells is None else next((one for one in found if one.uri == uri), None)

    def path_with(self, uri: str) -> str:
        """The real path of a file, or of the notebook that has a cell."""
        if uri in self.cells:
            return next((path for path, one in list(self.buffers.items()) if any(cell.uri == uri for cell in one.cells or ())), "")
        return path_of(uri)

    def location_of(self) -> answers.LocationOf:
        """How the editor calls regions of files."""
        return answers.locations(dict(self.buffers), self.encoding)


def path_of(uri: str) -> str:
    """
    The real path of a file; empty for what is in no file, as the other side of a comparison.

    What was never saved lies where it would be saved, for all that can be told: in the working directory.
    """
    scheme, _, rest = uri.partition(":")
    try:
        path = unquote(rest) if scheme == "untitled" else to_fs_path(uri)
    except ValueError:
        return ""
    return os.path.realpath(path) if path and "\0" not in path else ""


def _uri_of(mistake: Mistake) -> str:
    return Path(os.path.realpath(mistake.path)).as_uri()


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
    ls.hold(buffer.uri, params.text_document.version, _changed(ls, buffer.text, params.content_changes), PAUSE)


def _changed(ls: Server, text: str, changes: Sequence[types.TextDocumentContentChangeEvent]) -> str:
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            places = Positions(text, ls.encoding)
            start = places.offset(change.range.start.line, change.range.start.character)
            end = places.offset(change.range.end.line, change.range.end.character)
            text = text[:start] + change.text + text[max(start, end) :]
        else:
            text = change.text
    return text


def notebook_did_open(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    _open_cells(ls, params.cell_text_documents)
    ls.hold_notebook(params.notebook_document.uri, 0.0)


def _open_cells(ls: Server, opened: Sequence[types.TextDocumentItem]) -> None:
    ls.cells.update({one.uri: (one.version, one.text) for one in opened if one.language_id == "python"})


def notebook_did_change(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    changes = params.change.cells
    if changes is None:
        return
    if changes.structure is not None:
        _open_cells(ls, changes.structure.did_open or ())
        for closed in changes.structure.did_close or ():
            ls.cells.pop(closed.uri, None)
    for content in changes.text_content or ():
        if content.document.uri in ls.cells:
            _, text = ls.cells[content.document.uri]
            ls.cells[content.document.uri] = content.document.version, _changed(ls, text, content.changes)
    ls.hold_notebook(params.notebook_document.uri, PAUSE)


def notebook_did_save(ls: Server, _: types.DidSaveNotebookDocumentParams) -> None:
    ls.stale([])


def notebook_did_close(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    _forget(ls, path_of(params.notebook_document.uri))
    for cell in params.cell_text_documents:
        ls.cells.pop(cell.uri, None)


def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Others import what was saved; and where the editor watches no files, it may be the settings."""
    if params.text_document.uri.endswith(".py"):
        ls.stale([])
    else:
        ls.stale()


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    _forget(ls, path_of(params.text_document.uri))


def _forget(ls: Server, path: str) -> None:
    buffer = ls.buffers.pop(path, None)
    if buffer is not None:
        ls.worker.drop(path)
        ls.forget(path, buffer)


def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    if all(change.uri.endswith(".py") for change in params.changes):
        ls.stale([(path_of(change.uri), change.type != types.FileChangeType.Changed) for change in params.changes])
    else:
        ls.stale()  # settings


def did_change_configuration(ls: Server, _: types.DidChangeConfigurationParams) -> None:
    ls.stale()


def code_action(ls: Server, params: types.CodeActionParams) -> Future[list[types.CodeAction]]:
    only = params.context.only

    def answer(document: Document | None) -> list[types.CodeAction]:
        if document is None:
            return []
        found: list[types.CodeAction] = []
        if _wanted(types.CodeActionKind.QuickFix.value, only):
            found += answers.actions(document, params.range, ls.location_of())
        # Who does not ask for it is offered it where one of its repairs is.
        if _wanted(answers.FIX_ALL, only) and (only or any(one.is_preferred for one in found)) and (every := answers.fix_all(document)):
            found.append(every)
        return found

    return ls.about(params.text_document.uri, answer)


def _wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether an editor wants actions of a kind: it names kinds, each with all that begin with it, or none at all."""
    asked = [one.value if isinstance(one, types.CodeActionKind) else one for one in only or ()]
    return not asked or any(not one or f"{kind}.".startswith(f"{one}.") for one in asked)


def hover(ls: Server, params: types.HoverParams) -> Future[types.Hover | None]:
    def answer(document: Document | None) -> types.Hover | None:
        if document is None:
            return None
        places = document.places
        line, column = places.place(places.offset(params.position.line, params.position.character))
        found = answers.hover(document.look, line, column) or answers.findings_at(document.look, line, column)
        if found is None:
            return None
        text, region = found
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), answers.range_of(region, places))

    return ls.about(params.text_document.uri, answer)


def explain(ls: Server, code: str) -> str | None:
    """Shows what a rule is about, and gives its whole page to editors that ask for it."""
    found = answers.explanation(code)
    if found is None:
        return None
    ls.window_show_message(types.ShowMessageParams(types.MessageType.Info, found[0]))
    return found[1]


_WAITING = (code_action, hover)
_NOTED: dict[str, Callable[..., None]] = {
    types.INITIALIZED: initialized,
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebook_did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebook_did_change,
    types.NOTEBOOK_DOCUMENT_DID_SAVE: notebook_did_save,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebook_did_close,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: did_change_watched_files,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
}


def make(config: str = "") -> Server:
    """A server that knows what to answer."""
    ls = Server(config)
    for message, note in _NOTED.items():
        ls.feature(message)(note)
    kinds = [types.CodeActionKind.QuickFix, answers.FIX_ALL]
    ls.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))(code_action)
    ls.feature(types.TEXT_DOCUMENT_HOVER)(hover)
    ls.command(EXPLAIN)(explain)
    return ls


def serve(config: str) -> None:
    """Answers the editor at standard input, until it ends. What anybody prints goes to standard error."""
    # It tells with whole tracebacks of all that it cannot read. We tell of that ourselves, in a sentence.
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    gc.disable()
    protocol = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    make(config).start_io(sys.stdin.buffer, protocol)
