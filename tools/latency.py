"""
What somebody who writes waits for, from a change to what is found in the text as it is then: the server itself, over its standard input and output.

Nothing is subtracted: not the moment for which the server lets a burst of changes rest, and not the time in which both sides read and write JSON.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

SERVER = (sys.executable, "-m", "reliability_lint", "server")
_REST = 0.15  # between two changes, as between two words


class Change(NamedTuple):
    """What was changed, and the seconds until its findings were shown."""

    kind: str
    seconds: float


class Session:
    """An editor that opens one file in a folder."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._uri = path.as_uri()
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        pipe, none = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(SERVER, stdin=pipe, stdout=pipe, stderr=none, cwd=folder, env=environment)
        self._version = 0
        self._tell("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}}, id=1)
        while self._hear().get("id") != 1:
            pass
        self._tell("initialized", {})

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def shown(self, text: str) -> float:
        """The seconds from handing over a text to hearing what is found in it; the first one opens the file."""
        self._version += 1
        about: dict[str, Any] = {"uri": self._uri, "version": self._version}
        started = time.perf_counter()
        if self._version == 1:
            self._tell("textDocument/didOpen", {"textDocument": {**about, "languageId": "python", "text": text}})
        else:
            self._tell("textDocument/didChange", {"textDocument": about, "contentChanges": [{"text": text}]})
        while True:
            heard = self._hear()
            if heard.get("method") == "textDocument/publishDiagnostics" and about.items() <= heard["params"].items():
                return time.perf_counter() - started

    def _tell(self, method: str, params: dict[str, Any], **more: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        size = 0
        while line := self._process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        if not size:
            raise SystemExit(f"the server has ended with exit status {self._process.wait()}")
        heard: dict[str, Any] = json.loads(self._process.stdout.read(size))
        return heard


_DEFINED = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)
_BODY = re.compile(r"^( {4,})return\b", re.MULTILINE)


def texts(text: str) -> Iterator[tuple[str, str]]:
    """Twenty changes of a file as people make them, each a kind and the whole text after it."""
    bodies, names = list(_BODY.finditer(text)), list(_DEFINED.finditer(text))
    for number in range(5):
        at = bodies[len(bodies) * number // 5]
        yield "a line in a body", text[: at.start()] + f"{at[1]}logger.info('step {number}')\n" + text[at.start() :]
    for number in range(4):
        name = names[len(names) * number // 4][1]
        yield "an exported name", re.sub(rf"\b{name}\b", f"{name}_{number}", text)
    for number in range(4):
        at = bodies[len(bodies) * number // 4]
        yield "a syntax error", text[: at.end()] + " (" + text[at.end() :]
        yield "back to what it was", text
    yield "an import more", "import httpx\n" + text
    yield "a finding more", text + "\n\ndef added():\n    import requests\n\n    return requests.get('https://rates.example')\n"
    yield "a function less", text[: names[-1].start()]


def changes(folder: Path, path: Path) -> tuple[float, list[Change]]:
    """The seconds that opening a file takes in a fresh server, and those that each of twenty changes takes afterwards."""
    text = path.read_text(encoding="utf-8")
    with Session(folder, path) as session:
        first = session.shown(text)
        found = []
        for kind, changed in texts(text):
            time.sleep(_REST)
            found.append(Change(kind, session.shown(changed)))
    return first, found
