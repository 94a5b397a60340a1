"""An editor as a test plays it: it starts the server, says what it is told to say, and keeps what it hears."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Any

PATIENCE = 60.0
OURS = ("reliability_lint", "server")
Message = dict[str, Any]


class Editor:
    """A session over standard input and output, in a folder."""

    def __init__(self, folder: Path, *arguments: str, program: Sequence[str] = OURS, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.log = folder / ".server.log"
        self._errors = self.log.open("wb")
        command = [sys.executable, "-m", *program, *arguments]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._errors, cwd=folder, env=environment)
        self._heard: Queue[Message] = Queue()
        self._kept: list[Message] = []
        self._number = 0
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self.process.stdin is not None
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdin.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                size = 0
                while (line := self.process.stdout.readline()) not in (b"\r\n", b""):
                    if line.startswith(b"Content-Length:"):
                        size = int(line.split(b":")[1])
                if not size:
                    return
                self._heard.put(json.loads(self.process.stdout.read(size)))
        except ValueError:  # the session is over
            return

    # -- saying

    def bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method: str, **params: Any) -> None:
        self.send(method=method, params=params)

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request."""
        answer = self.ask_for_all(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def ask_for_all(self, method: str, **params: Any) -> Message:
        self._number += 1
        number = self._number
        self.send(id=number, method=method, params=params)
        return self.hear(lambda one: one.get("id") == number and "method" not in one)

    def begin(self, folders: Sequence[str] = (), **capabilities: Any) -> Message:
        """Begins in the editor's folder, or in some below it."""
        opened = [{"uri": self.uri(name), "name": name} for name in folders] or None
        self.began: Message = self.ask(
            "initialize", processId=None, rootUri=self.uri(""), workspaceFolders=opened, capabilities=capabilities
        )
        self.tell("initialized")
        return self.began

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str) -> None:
        self.texts[name], self.versions[name] = text, 1
        self.tell("textDocument/didOpen", textDocument={"uri": self.uri(name), "languageId": "python", "version": 1, "text": text})

    def change(self, name: str, text: str) -> None:
        self.texts[name] = text
        self.versions[name] += 1
        self.tell("textDocument/didChange", textDocument=self.version_of(name), contentChanges=[{"text": text}])

    def version_of(self, name: str) -> Message:
        return {"uri": self.uri(name), "version": self.versions[name]}

    def apply(self, edit: Message) -> None:
        """What an editor does with an action that was chosen."""
        for change in edit["documentChanges"]:
            (name,) = [name for name in self.texts if self.version_of(name) == change["textDocument"]]
            text = self.texts[name]
            for one in sorted(change["edits"], key=lambda one: offset(text, one["range"]["start"]), reverse=True):
                start, end = (offset(text, one["range"][side]) for side in ("start", "end"))
                text = text[:start] + one["newText"] + text[end:]
            self.change(name, text)

    # -- hearing

    def hear(self, wanted: Callable[[Message], bool]) -> Message:
        """The first message of a kind that was not taken yet; the others wait."""
        for message in self._kept:
            if wanted(message):
                self._kept.remove(message)
                return message
        while True:
            message = self._heard.get(timeout=PATIENCE)
            if wanted(message):
                return message
            self._kept.append(message)

    def shown(self, name: str, version: int = 0) -> list[Message]:
        """What is shown in a file as it is now."""
        wanted = {"uri": self.uri(name), "version": version or self.versions[name]}

        def is_it(one: Message) -> bool:
            return one.get("method") == "textDocument/publishDiagnostics" and wanted.items() <= one["params"].items()

        shown: list[Message] = self.hear(is_it)["params"]["diagnostics"]
        return shown

    def actions(self, name: str, line: int, character: int) -> dict[str, Message]:
        """What is offered at a place, by title."""
        place = {"line": line, "character": character}
        params = {"textDocument": {"uri": self.uri(name)}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
        return {one["title"]: one for one in self.ask("textDocument/codeAction", **params)}

    def hover(self, name: str, line: int, character: int) -> str:
        found = self.ask("textDocument/hover", textDocument={"uri": self.uri(name)}, position={"line": line, "character": character})
        return found["contents"]["value"] if found else ""


def offset(text: str, place: Message) -> int:
    """Where a place is in a text, in code points; its column counts UTF-16 units."""
    lines = text.replace("\r\n", "\n").split("\n")
    before = lines[place["line"]].encode("utf-16-le")[: place["character"] * 2].decode("utf-16-le")
    return sum(len(line) + 1 for line in lines[: place["line"]]) + len(before)
