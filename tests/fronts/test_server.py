"""The server, as an editor talks to it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from editor import PATIENCE, Editor

from reliability_lint.fronts.editor.positions import Positions

RATE = "import requests\n\n\ndef rate(currency):\n    return requests.get(currency)\n"
SAFE = "import requests\n\n\ndef rate(currency):\n    return requests.get(currency, timeout=3)\n"
WATCHING = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    (tmp_path / "pyproject.toml").touch()
    with Editor(tmp_path) as editor:
        editor.begin(**WATCHING)
        yield editor


_PLACE = {"line": 0, "character": 0}
_RANGE = {"start": _PLACE, "end": _PLACE}


def codes(shown: list[dict[str, object]]) -> list[object]:
    return [one["code"] for one in shown]


# -- findings


def test_what_is_found_comes_and_goes_with_the_text(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    (found,) = editor.shown("rates.py")
    assert found["code"] == "REL101"
    assert found["source"] == "reliability-lint"
    assert found["message"].startswith("missing-timeout: ")
    assert found["range"] == {"start": {"line": 4, "character": 11}, "end": {"line": 4, "character": 33}}
    editor.change("rates.py", SAFE)
    assert editor.shown("rates.py") == []
    editor.change("rates.py", "\n" + RATE)
    (found,) = editor.shown("rates.py")
    assert found["range"]["start"]["line"] == 5
    editor.tell("textDocument/didClose", textDocument={"uri": editor.uri("rates.py")})
    closed = editor.hear(lambda one: one.get("method") == "textDocument/publishDiagnostics")
    assert closed["params"]["diagnostics"] == []
    assert not (editor.folder / "rates.py").exists(), "nothing is ever written"


def test_columns_are_those_of_the_editor(editor: Editor) -> None:
    editor.open("rates.py", "import requests\n\n\ndef größe(a): return '😀', requests.get(a)\n")
    (found,) = editor.shown("rates.py")
    assert (found["range"]["start"]["character"], found["range"]["end"]["character"]) == (27, 42)


def test_an_editor_may_count_otherwise(tmp_path: Path) -> None:
    with Editor(tmp_path) as editor:
        assert editor.begin(general={"positionEncodings": ["utf-8", "utf-16"]})["capabilities"]["positionEncoding"] == "utf-8"
        editor.open("rates.py", "import requests\n\n\ndef größe(a): return '😀', requests.get(a)\n")
        (found,) = editor.shown("rates.py")
        assert found["range"]["start"]["character"] == 31


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_places_are_found_again(encoding: str) -> None:
    text = "a = 'ä😀'\r\nb\x0c = 1\rc\u2028 = 2\n\nlast"
    places = Positions(text, encoding)
    for at in range(len(text)):
        if text[at] not in "\r\n":
            assert places.offset(*places.at(at)) == at
            assert places.of(*places.place(at)) == places.at(at)
    assert places.at(len(text)) == (4, 4)
    assert places.offset(99, 0) == places.offset(4, 99) == len(text)
    assert places.offset(0, 99) == text.index("\r")


def test_other_buffers_count_and_not_what_is_on_disk(editor: Editor) -> None:
    (editor.folder / "client.py").write_text("import requests\n\nsession = requests.Session()\n")
    editor.open("rates.py", "from client import session\n\n\ndef rate(currency):\n    return session.get(currency)\n")
    assert codes(editor.shown("rates.py")) == ["REL101"]
    editor.open("client.py", "from own import session\n")
    assert editor.shown("client.py") == []
    editor.tell("textDocument/didSave", textDocument={"uri": editor.uri("client.py")})
    assert editor.shown("rates.py") == []


def test_a_module_need_not_be_on_disk(editor: Editor) -> None:
    editor.open("rates.py", "from client import session\n\n\ndef rate(currency):\n    return session.get(currency)\n")
    assert editor.shown("rates.py") == []
    editor.open("client.py", "import requests\n\nsession = requests.Session()\n")
    assert editor.shown("client.py") == []
    editor.change("rates.py", editor.texts["rates.py"] + "\n")
    (found,) = editor.shown("rates.py")
    assert found["code"] == "REL101"


def test_related_places_are_told(editor: Editor) -> None:
    (editor.folder / "web.py").write_text(
        "import requests\n\n\ndef fetch(url, timeout=None):\n    return requests.get(url, timeout=timeout)\n"
    )
    editor.open("rates.py", "from web import fetch\n\n\ndef rate(currency):\n    return fetch(currency)\n")
    (found,) = editor.shown("rates.py")
    assert {one["location"]["uri"] for one in found["relatedInformation"]} == {editor.uri("web.py")}
    assert found["relatedInformation"][0]["location"]["range"]["start"]["line"] in (3, 4)


def test_a_finding_has_the_name_that_it_has_in_reports(editor: Editor) -> None:
    (editor.folder / ".git").mkdir()
    (editor.folder / "shop").mkdir()
    (editor.folder / "shop" / "rates.py").write_text(RATE)
    editor.open("shop/rates.py", "# rates\n" + RATE)
    (found,) = editor.shown("shop/rates.py")
    done = subprocess.run(
        [sys.executable, "-m", "reliability_lint", "check", "--no-cache", "-f", "json"],
        cwd=editor.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    (told,) = json.loads(done.stdout)["findings"]
    assert found["data"] == {"fingerprint": told["fingerprint"]}


def test_who_types_fast_is_told_of_the_last_text(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    editor.shown("rates.py")
    for number in range(40):
        editor.change("rates.py", SAFE + f"# {number}\n")
    editor.change("rates.py", RATE + "# and so on\n")
    assert codes(editor.shown("rates.py")) == ["REL101"]
    assert len(editor._kept) < 20, "most texts were never looked at"


def test_what_a_baseline_has_and_what_is_excluded_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.reliability-lint]\nextend-exclude = ['old']\n")
    (tmp_path / "rates.py").write_text(RATE)
    (tmp_path / "old").mkdir()
    subprocess.run([sys.executable, "-m", "reliability_lint", "baseline", "create"], cwd=tmp_path, check=True, capture_output=True)
    with Editor(tmp_path) as editor:
        editor.begin()
        editor.open("rates.py", RATE)
        assert editor.shown("rates.py") == []
        editor.change("rates.py", RATE + "\n\ndef more(currency):\n    return requests.get(currency)\n")
        (found,) = editor.shown("rates.py")
        assert found["range"]["start"]["line"] == 8
        editor.open("old/rates.py", RATE)
        assert editor.shown("old/rates.py") == []


# -- texts that are no Python


def test_while_a_text_does_not_parse_the_last_findings_stay(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    editor.shown("rates.py")
    editor.change("rates.py", "import requests\n\nwait = (1,\n\n\ndef rate(currency):\n    return requests.get(currency)\n")
    found = {one["code"]: one["range"]["start"]["line"] for one in editor.shown("rates.py")}
    assert sorted(found) == ["REL001", "REL101"]
    assert found["REL101"] == 6, "it has moved with its line"
    titles = editor.actions("rates.py", 6, 15)
    assert titles == {}, "nothing is changed in a text that nobody can read"
    editor.change("rates.py", SAFE)
    assert editor.shown("rates.py") == []


def test_what_stood_where_a_text_is_broken_is_not_guessed(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    editor.shown("rates.py")
    editor.change("rates.py", RATE.replace("get(currency)", "get(currency"))
    assert codes(editor.shown("rates.py")) == ["REL001"]


# -- what can be done


def test_a_finding_is_silenced_by_an_action(editor: Editor) -> None:
    editor.open("rates.py", RATE.replace("rate(", "größe("))
    editor.shown("rates.py")
    action = editor.actions("rates.py", 4, 15)["Silence missing-timeout with a comment that gives the reason"]
    editor.apply(action["edit"])
    assert editor.texts["rates.py"].splitlines()[4] == "    # reliability: ignore[missing-timeout] TODO reason"
    assert "REL101" not in codes(editor.shown("rates.py"))


def test_a_finding_is_repaired_by_an_action(editor: Editor) -> None:
    editor.open("rates.py", SAFE.replace("timeout=3)", "timeout=3)  # reliability: ignore[missing-timeout] it answers at once"))
    (found,) = editor.shown("rates.py")
    assert found["code"] == "REL002"
    (action,) = [one for one in editor.actions("rates.py", 4, found["range"]["start"]["character"]).values() if one.get("isPreferred")]
    editor.apply(action["edit"])
    assert editor.texts["rates.py"] == SAFE
    assert editor.shown("rates.py") == []


UNUSED = "  # reliability: ignore[missing-timeout] it answers at once"
TWO = (SAFE + "\n\ndef more(currency):\n    return requests.get(currency, timeout=3)\n").replace("timeout=3)", "timeout=3)" + UNUSED)


def test_all_safe_repairs_are_made_at_once(editor: Editor) -> None:
    editor.open("rates.py", TWO)
    assert codes(editor.shown("rates.py")) == ["REL002", "REL002"]
    start, end = {"line": 0, "character": 0}, {"line": 8, "character": 0}
    for only in (["source.fixAll.reliability"], ["source.fixAll"], ["source"]):
        about = {"textDocument": {"uri": editor.uri("rates.py")}, "range": {"start": start, "end": end}}
        (action,) = editor.ask("textDocument/codeAction", **about, context={"diagnostics": [], "only": only})
    assert action["kind"] == "source.fixAll.reliability"
    editor.apply(action["edit"])
    assert editor.texts["rates.py"] == TWO.replace(UNUSED, "")
    assert editor.shown("rates.py") == []
    assert editor.ask("textDocument/codeAction", **about, context={"diagnostics": [], "only": ["source.fixAll"]}) == []
    capabilities = editor.began["capabilities"]["codeActionProvider"]
    assert capabilities["codeActionKinds"] == ["quickfix", "source.fixAll.reliability"]


def test_what_is_not_safe_is_not_among_all_repairs(editor: Editor) -> None:
    """The repair of a misspelt name is a guess at what was meant."""
    text = RATE.replace("get(currency)", "get(currency)  # reliability: ignore[mising-timeout] it answers at once")
    editor.open("rates.py", text)
    editor.shown("rates.py")
    repairs = [one for one in editor.actions("rates.py", 4, 60).values() if "(look at what it does)" in one["title"]]
    assert repairs
    assert all("isPreferred" not in one for one in repairs)
    about = {"textDocument": {"uri": editor.uri("rates.py")}, "range": {"start": _PLACE, "end": _PLACE}}
    assert editor.ask("textDocument/codeAction", **about, context={"diagnostics": [], "only": ["source.fixAll"]}) == []


def test_actions_are_those_of_the_place(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    editor.shown("rates.py")
    assert editor.actions("rates.py", 0, 0) == {}
    place = {"line": 4, "character": 15}
    only = {
        "textDocument": {"uri": editor.uri("rates.py")},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": [], "only": ["refactor"]},
    }
    assert editor.ask("textDocument/codeAction", **only) == []


def test_actions_wait_for_the_text_they_are_about(editor: Editor) -> None:
    editor.open("rates.py", SAFE)
    editor.change("rates.py", RATE)
    assert "Explain missing-timeout" in editor.actions("rates.py", 4, 15)


def test_a_rule_is_explained(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    editor.shown("rates.py")
    command = editor.actions("rates.py", 4, 15)["Explain missing-timeout"]["command"]
    page = editor.ask("workspace/executeCommand", command=command["command"], arguments=command["arguments"])
    assert page.startswith("# missing-timeout (REL101)")
    said = editor.hear(lambda one: one.get("method") == "window/showMessage")
    assert said["params"]["message"].startswith("missing-timeout (REL101): ")
    assert editor.ask("workspace/executeCommand", command=command["command"], arguments=["REL9"]) is None


def test_a_comment_tells_what_it_silences(editor: Editor) -> None:
    comment = "  # reliability: ignore[missing-timeout] it answers at once"
    editor.open("rates.py", RATE.replace("currency)\n", "currency)" + comment + "\n").replace("rate(currency)" + comment, "rate(currency)"))
    assert editor.shown("rates.py") == []
    line = editor.texts["rates.py"].splitlines()[4]
    text = editor.hover("rates.py", 4, line.index("missing") + 3)
    assert "It silences here:" in text
    assert "# missing-timeout (REL101)" in text
    assert editor.hover("rates.py", 4, 5) == ""


def test_a_finding_tells_of_its_rule(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    (found,) = editor.shown("rates.py")
    text = editor.hover("rates.py", 4, 20)
    assert "# missing-timeout (REL101)" in text
    assert found["message"].split(": ")[1].splitlines()[0] in text
    assert editor.hover("rates.py", 4, 5) == ""


def test_a_code_tells_what_it_is_about(editor: Editor) -> None:
    editor.open("rates.py", "x = 1  # noqa: REL101\n")
    editor.shown("rates.py")
    assert editor.hover("rates.py", 0, 17).startswith("# missing-timeout (REL101)")


def test_a_question_may_be_taken_back(editor: Editor) -> None:
    """It is answered all the same, as the protocol wants it: with the word that it was taken back, if it still had to wait."""
    editor.open("rates.py", RATE)
    place = {"line": 4, "character": 15}
    params = {"textDocument": {"uri": editor.uri("rates.py")}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    editor.send(id="mine", method="textDocument/codeAction", params=params)
    editor.tell("$/cancelRequest", id="mine")
    editor.tell("$/cancelRequest", id="nobody's")
    answer = editor.hear(lambda one: one.get("id") == "mine")
    assert answer["error"]["code"] == -32800, "the first check takes longer than to say so"
    assert "Explain missing-timeout" in editor.actions("rates.py", 4, 15)


def test_questions_that_wait_are_in_nobodys_way(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    about = {"textDocument": {"uri": editor.uri("rates.py")}, "position": {"line": 4, "character": 15}}
    for number in range(40):
        editor.send(id=f"hover {number}", method="textDocument/hover", params=about)
    editor.tell("$/cancelRequest", id="hover 39")
    answers = [editor.hear(lambda one: str(one.get("id")).startswith("hover")) for _ in range(40)]
    assert answers[0]["id"] == "hover 39", "the others wait for the first check"
    assert all("# missing-timeout (REL101)" in one["result"]["contents"]["value"] for one in answers[1:])


# -- settings


def test_settings_are_read_again(editor: Editor) -> None:
    registered = editor.hear(lambda one: one.get("method") == "client/registerCapability")
    assert registered["params"]["registrations"][0]["method"] == "workspace/didChangeWatchedFiles"
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    settings = {"uri": editor.uri("pyproject.toml"), "type": 2}
    (editor.folder / "pyproject.toml").write_text("[tool.reliability-lint]\nignore = ['missing-timeout']\n")
    editor.tell("workspace/didChangeWatchedFiles", changes=[settings])
    assert editor.shown("rates.py") == []
    (editor.folder / "pyproject.toml").write_text("[tool.reliability-lint]\n")
    editor.tell("workspace/didChangeConfiguration", settings=None)
    assert codes(editor.shown("rates.py")) == ["REL101"]


def test_a_mistake_in_the_settings_is_told_once(editor: Editor) -> None:
    (editor.folder / "pyproject.toml").write_text("[tool.reliability-lint]\nignroe = []\n")
    editor.open("rates.py", RATE)
    said = editor.hear(lambda one: one.get("method") == "window/showMessage")
    assert "ignroe" in said["params"]["message"]
    editor.change("rates.py", RATE + "\n")
    assert editor.actions("rates.py", 4, 15) == {}
    (editor.folder / "pyproject.toml").write_text("")
    editor.tell("workspace/didChangeWatchedFiles", changes=[{"uri": editor.uri("pyproject.toml"), "type": 2}])
    assert codes(editor.shown("rates.py")) == ["REL101"]
    assert [one for one in editor._kept if one.get("method") == "window/showMessage"] == []


def test_what_changes_on_disk_is_read_again(editor: Editor) -> None:
    client = editor.folder / "client.py"
    client.write_text("import requests\n\nsession = requests.Session()\n")
    editor.open("rates.py", "from client import session\n\n\ndef rate(currency):\n    return session.get(currency)\n")
    assert codes(editor.shown("rates.py")) == ["REL101"]
    client.write_text("from own import session\n")
    editor.tell("workspace/didChangeWatchedFiles", changes=[{"uri": editor.uri("client.py"), "type": 2}])
    assert editor.shown("rates.py") == []


def test_a_file_of_settings_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("ignore = ['missing-timeout']\n")
    with Editor(tmp_path, "--stdio", "--config", "own.toml") as editor:
        editor.begin()
        editor.open("rates.py", RATE)
        assert editor.shown("rates.py") == []


# -- clients that send nonsense

_NONSENSE = (
    b"Content-Length: 5\r\n\r\nhello",
    b"Content-Length: 2\r\n\r\n[]",
    b"Content-Length: 2\r\n\r\n{}",
    b"Content-Length: many\r\n\r\n",
    b"\x00\xff\xfe\r\n\r\n",
    b'Content-Length: 33\r\n\r\n{"jsonrpc":"2.0","method":"what"}',
    b'Content-Length: 40\r\n\r\n{"jsonrpc":"2.0","id":7,"method":"what"}',
)
_NOTES: tuple[tuple[str, object], ...] = (
    ("textDocument/didChange", {"textDocument": {"uri": "file:///never.py", "version": 3}, "contentChanges": [{"text": "x"}]}),
    ("textDocument/didChange", {"textDocument": {"uri": "nowhere", "version": 3}, "contentChanges": []}),
    ("textDocument/didChange", {"textDocument": 3}),
    ("textDocument/didClose", {"textDocument": {"uri": "file:///never.py"}}),
    ("textDocument/didSave", {"textDocument": {"uri": "untitled:Untitled-1"}}),
    ("textDocument/didOpen", {"textDocument": {"uri": "http://[x", "languageId": "python", "version": 1, "text": ""}}),
    ("textDocument/didOpen", {"textDocument": {"uri": "untitled:", "languageId": "python", "version": 1, "text": "x"}}),
    ("textDocument/didOpen", {"textDocument": {"uri": "git:/rates.py?HEAD", "languageId": "python", "version": 1, "text": "x"}}),
    ("textDocument/didOpen", {"textDocument": {"uri": "file:///a%00b.py", "languageId": "python", "version": 1, "text": "x"}}),
    ("workspace/didChangeWatchedFiles", {"changes": [{"uri": "::", "type": 9}]}),
    ("textDocument/didOpen", None),
)


def test_nonsense_between_messages_does_no_harm(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    for number, nonsense in enumerate(_NONSENSE):
        editor.bytes(nonsense)
        editor.change("rates.py", RATE + f"# {number}\n")
        assert codes(editor.shown("rates.py")) == ["REL101"], nonsense
    log = editor.log.read_text()
    assert "Traceback" not in log
    assert "is not what the protocol says, and is passed over; if something is missing, tell the makers of the editor's client" in log
    assert all(line.startswith("reliability-lint: ") for line in log.splitlines())


def test_notes_about_nothing_do_no_harm(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    for number, (method, params) in enumerate(_NOTES):
        editor.send(method=method, params=params)
        editor.change("rates.py", RATE + f"# {number}\n")
        assert codes(editor.shown("rates.py")) == ["REL101"], (method, params)
    log = editor.log.read_text()
    assert "Traceback" not in log
    assert "textDocument/didChange: " in log, "it is told which message was wrong"
    assert "could not be followed; what is missing comes back when the file is closed and opened again" in log


def test_what_comes_before_the_beginning_does_no_harm(tmp_path: Path) -> None:
    with Editor(tmp_path) as editor:
        editor.open("rates.py", RATE)
        assert editor.hover("rates.py", 0, 0) == ""
        editor.begin()
        editor.open("rates.py", RATE)
        assert codes(editor.shown("rates.py")) == ["REL101"]


def test_requests_about_nothing_are_answered(editor: Editor) -> None:
    never = {"uri": "file:///never.py"}
    assert editor.ask("textDocument/hover", textDocument=never, position=_PLACE) is None
    assert editor.ask("textDocument/codeAction", textDocument=never, range=_RANGE, context={"diagnostics": []}) == []
    wrong = editor.ask_for_all("textDocument/hover", textDocument=never, position={"line": "x"})["error"]
    assert wrong["code"] == -32602
    assert wrong["message"].startswith("textDocument/hover: ")
    assert "$.params.position" in wrong["message"]
    assert "error" in editor.ask_for_all("workspace/executeCommand", command="format-the-disk")
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    assert editor.hover("rates.py", 4000, 4000) == ""


def test_an_editor_may_send_pieces(editor: Editor) -> None:
    """Though it was asked for whole texts; and a piece may lie outside of the text."""
    editor.open("rates.py", "# 😀\n" + RATE)
    editor.shown("rates.py")
    editor.versions["rates.py"] = 2
    start, end = {"line": 5, "character": 32}, {"line": 5, "character": 32}
    pieces = [
        {"range": {"start": start, "end": end}, "text": ", timeout=3"},
        {"range": {"start": {"line": 99, "character": 9}, "end": {"line": 99, "character": 9}}, "text": "\n"},
    ]
    editor.tell("textDocument/didChange", textDocument=editor.version_of("rates.py"), contentChanges=pieces)
    assert editor.shown("rates.py") == []


# -- notebooks


def test_cells_are_one_program(editor: Editor) -> None:
    texts = {
        "one": "%pip install requests\nimport requests",
        "two": "%%bash\nls (",
        "three": "# 😀\nfound = requests.get('https://rates.example')",
        "four": "found.status_code?",
    }
    cells = [{"kind": 2, "document": cell(name)} for name in texts]
    items = [{"uri": cell(name), "languageId": "python", "version": 1, "text": text} for name, text in texts.items()]
    notebook = {"uri": editor.uri("a.ipynb"), "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
    editor.tell("notebookDocument/didOpen", notebookDocument=notebook, cellTextDocuments=items)
    shown = {name: shown_in(editor, name) for name in texts}
    assert {name: codes(found) for name, found in shown.items()} == {"one": [], "two": [], "three": ["REL101"], "four": []}
    assert shown["three"][0]["range"] == {"start": {"line": 1, "character": 8}, "end": {"line": 1, "character": 45}}

    place = {"line": 1, "character": 20}
    params = {"textDocument": {"uri": cell("three")}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    silence = editor.ask("textDocument/codeAction", **params)[0]
    (change,) = silence["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": cell("three"), "version": 1}
    assert change["edits"][0]["range"]["start"]["line"] == 1

    end = {"line": 1, "character": 44}
    piece = {"document": {"uri": cell("three"), "version": 2}, "changes": [{"range": {"start": end, "end": end}, "text": ", timeout=3"}]}
    identifier = {"uri": editor.uri("a.ipynb"), "version": 2}
    editor.tell("notebookDocument/didChange", notebookDocument=identifier, change={"cells": {"textContent": [piece]}})
    assert shown_in(editor, "three", 2) == []

    closed = [{"uri": cell(name)} for name in texts]
    editor.tell("notebookDocument/didClose", notebookDocument={"uri": editor.uri("a.ipynb")}, cellTextDocuments=closed)
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]


def test_a_cell_may_come_and_go(editor: Editor) -> None:
    notebook = {"uri": editor.uri("a.ipynb"), "notebookType": "jupyter-notebook", "version": 1, "cells": []}
    editor.tell("notebookDocument/didOpen", notebookDocument=notebook, cellTextDocuments=[])
    item = {"uri": cell("new"), "languageId": "python", "version": 1, "text": "import requests\nrequests.get('https://rates.example')"}
    array = {"start": 0, "deleteCount": 0, "cells": [{"kind": 2, "document": cell("new")}]}
    identifier = {"uri": editor.uri("a.ipynb"), "version": 2}
    editor.tell(
        "notebookDocument/didChange", notebookDocument=identifier, change={"cells": {"structure": {"array": array, "didOpen": [item]}}}
    )
    assert codes(shown_in(editor, "new")) == ["REL101"]
    gone = {"array": {"start": 0, "deleteCount": 1, "cells": []}, "didClose": [{"uri": cell("new")}]}
    editor.tell("notebookDocument/didChange", notebookDocument={**identifier, "version": 3}, change={"cells": {"structure": gone}})
    emptied = editor.hear(lambda one: one.get("method") == "textDocument/publishDiagnostics" and one["params"]["uri"] == cell("new"))
    assert emptied["params"]["diagnostics"] == []


def cell(name: str) -> str:
    return f"vscode-notebook-cell:/a.ipynb#{name}"


def shown_in(editor: Editor, name: str, version: int = 1) -> list[dict[str, object]]:
    wanted = {"uri": cell(name), "version": version}
    told = editor.hear(lambda one: one.get("method") == "textDocument/publishDiagnostics" and wanted.items() <= one["params"].items())
    shown: list[dict[str, object]] = told["params"]["diagnostics"]
    return shown


# -- beginning and end


def test_it_ends_when_the_editor_says_so(editor: Editor) -> None:
    assert editor.ask("shutdown") is None
    editor.send(method="exit")
    assert editor.process.wait(PATIENCE) == 0


def test_it_ends_when_the_editor_is_gone(editor: Editor) -> None:
    assert editor.process.stdin is not None
    editor.process.stdin.close()
    editor.process.wait(PATIENCE)
    assert "Traceback" not in editor.log.read_text()


def test_what_it_needs_is_asked_for_in_words(tmp_path: Path) -> None:
    """Where the extra is not installed, and where the settings that are named are not there."""
    without = "import importlib.util; importlib.util.find_spec = lambda name: None"
    program = f"{without}; from reliability_lint.fronts.cli import main; main(['server'])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'reliability-lint[lsp]'" in done.stderr
    command = [sys.executable, "-m", "reliability_lint", "server", "--config", "none.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.toml" in done.stderr


# -- the page about editors


def test_what_the_page_about_editors_has_people_copy_is_valid() -> None:
    page = (Path(__file__).parents[2] / "docs" / "editors.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for language, text in blocks:
        if language == "json":
            json.loads(text)
        elif language == "toml":
            tomllib.loads(text)
        else:
            assert language in ("console", "lua", "elisp")
            assert text.count("(") == text.count(")")
            assert text.count("{") == text.count("}")
    starting = [text for _, text in blocks if "reliability-lint" in text and "pip" not in text]
    assert len(starting) == 6
    assert all(re.search(r"reliability-lint.*\bserver\b", text, re.DOTALL) for text in starting)
