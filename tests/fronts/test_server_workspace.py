"""The server and what lies around a file: folders, settings that have a mistake, files that are renamed, and what was never saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from editor import Editor, Message

RATE = "import requests\n\n\ndef rate(currency):\n    return requests.get(currency)\n"
USING = "from client import session\n\n\ndef rate(currency):\n    return session.get(currency)\n"
CLIENT = "import requests\n\nsession = requests.Session()\n"
WRONG = "[tool.reliability-lint]\nignore = ['missing-timeuot']\n"


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    (tmp_path / "pyproject.toml").touch()
    with Editor(tmp_path) as editor:
        yield editor


def codes(shown: list[Message]) -> list[object]:
    return [one["code"] for one in shown]


def shown_at(editor: Editor, uri: str) -> list[Message]:
    """What is shown next in a document, of whatever version."""
    told = editor.hear(lambda one: one.get("method") == "textDocument/publishDiagnostics" and one["params"]["uri"] == uri)
    shown: list[Message] = told["params"]["diagnostics"]
    return shown


def write(editor: Editor, name: str, text: str, kind: int = 2) -> None:
    """Writes a file, and tells of it as an editor does that watches: it was made (1), changed (2)."""
    path = editor.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    editor.tell("workspace/didChangeWatchedFiles", changes=[{"uri": editor.uri(name), "type": kind}])


# -- folders


def test_each_folder_has_its_settings(editor: Editor) -> None:
    for name, settings in (("rates", ""), ("stock", "ignore = ['missing-timeout']\n")):
        (editor.folder / name).mkdir()
        (editor.folder / name / "reliability-lint.toml").write_text(settings)
    editor.begin(folders=["rates", "stock"])
    editor.open("rates/web.py", RATE)
    editor.open("stock/web.py", RATE)
    assert codes(editor.shown("rates/web.py")) == ["REL101"]
    assert editor.shown("stock/web.py") == []


def test_folders_come_and_go(editor: Editor) -> None:
    for name in ("rates", "stock"):
        (editor.folder / name).mkdir()
        (editor.folder / name / "pyproject.toml").touch()
        (editor.folder / name / "client.py").write_text(CLIENT)
    editor.begin(folders=["rates"])
    editor.open("rates/web.py", USING)
    assert codes(editor.shown("rates/web.py")) == ["REL101"]
    come, gone = ({"uri": editor.uri(name), "name": name} for name in ("stock", "rates"))
    editor.tell("workspace/didChangeWorkspaceFolders", event={"added": [come], "removed": [gone]})
    editor.open("stock/web.py", USING)
    assert codes(editor.shown("stock/web.py")) == ["REL101"]
    editor.change("rates/web.py", USING + "\n")
    assert codes(editor.shown("rates/web.py")) == ["REL101"], "what is open is looked at, wherever it lies"


# -- a mistake in the settings


def test_a_mistake_is_shown_where_it_stands_until_it_is_mended(editor: Editor) -> None:
    editor.begin()
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    write(editor, "pyproject.toml", WRONG)
    (found,) = shown_at(editor, editor.uri("pyproject.toml"))
    assert found["range"] == {"start": {"line": 1, "character": 10}, "end": {"line": 1, "character": 27}}
    assert found["severity"] == 1
    assert "missing-timeuot" in found["message"]
    assert "did you mean 'missing-timeout'?" in found["message"]
    said = editor.hear(lambda one: one.get("method") == "window/showMessage")
    assert said["params"]["message"].startswith("reliability-lint: pyproject.toml:2:11: ")
    write(editor, "pyproject.toml", "")
    assert shown_at(editor, editor.uri("pyproject.toml")) == []
    assert codes(editor.shown("rates.py")) == ["REL101"]


def test_a_mistake_in_one_folder_is_told_once_and_leaves_the_other_alone(editor: Editor) -> None:
    for name, settings in (("rates", ""), ("stock", "ignroe = []\n")):
        (editor.folder / name).mkdir()
        (editor.folder / name / "reliability-lint.toml").write_text(settings)
    editor.begin(folders=["rates", "stock"])
    editor.open("stock/web.py", RATE)
    assert len(shown_at(editor, editor.uri("stock/reliability-lint.toml"))) == 1
    editor.open("stock/more.py", RATE)
    for number in range(3):
        editor.change("stock/web.py", RATE + f"# {number}\n")
        if number:
            editor.change("rates/web.py", RATE + f"# {number}\n")
        else:
            editor.open("rates/web.py", RATE)
        assert codes(editor.shown("rates/web.py")) == ["REL101"]
    assert editor.actions("stock/web.py", 4, 15) == {}
    said = [one for one in editor._kept if one.get("method") == "window/showMessage"]
    assert len(said) == 1
    editor.tell("textDocument/didClose", textDocument={"uri": editor.uri("stock/web.py")})
    write(editor, "stock/reliability-lint.toml", "ignore = ['missing-timeout']\n")
    assert editor.shown("stock/more.py") == []
    assert shown_at(editor, editor.uri("stock/reliability-lint.toml")) == []


def test_who_ignores_syntax_errors_keeps_the_last_findings_too(editor: Editor) -> None:
    (editor.folder / "pyproject.toml").write_text("[tool.reliability-lint]\nignore = ['syntax-error']\n")
    editor.begin()
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    editor.change("rates.py", RATE + "\nwait = (1,\n")
    assert codes(editor.shown("rates.py")) == ["REL101"]
    editor.change("rates.py", RATE.replace("get(currency)", "get(currency, timeout=3)"))
    assert editor.shown("rates.py") == []


# -- files that come, go, and get other names


def test_a_file_gets_another_name(editor: Editor) -> None:
    """Editors close it and open another one, and tell of both."""
    editor.begin()
    write(editor, "client.py", CLIENT, 1)
    editor.open("rates.py", USING)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    (editor.folder / "client.py").rename(editor.folder / "other.py")
    made, gone = {"uri": editor.uri("other.py"), "type": 1}, {"uri": editor.uri("client.py"), "type": 3}
    editor.tell("workspace/didChangeWatchedFiles", changes=[gone, made])
    assert editor.shown("rates.py") == []
    editor.tell("textDocument/didClose", textDocument={"uri": editor.uri("rates.py")})
    assert shown_at(editor, editor.uri("rates.py")) == []
    editor.open("prices.py", USING.replace("client", "other"))
    assert codes(editor.shown("prices.py")) == ["REL101"]


def test_a_file_that_is_open_is_deleted(editor: Editor) -> None:
    editor.begin()
    write(editor, "rates.py", RATE, 1)
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    (editor.folder / "rates.py").unlink()
    editor.tell("workspace/didChangeWatchedFiles", changes=[{"uri": editor.uri("rates.py"), "type": 3}])
    assert codes(editor.shown("rates.py")) == ["REL101"], "its text is still there"


def test_what_was_never_saved_is_looked_at_with_what_lies_in_the_folder(editor: Editor) -> None:
    (editor.folder / "client.py").write_text(CLIENT)
    editor.begin()
    new = {"uri": "untitled:Untitled-1", "languageId": "python", "version": 1}
    editor.tell("textDocument/didOpen", textDocument={**new, "text": USING})
    assert codes(shown_at(editor, "untitled:Untitled-1")) == ["REL101"]
    place = {"line": 4, "character": 15}
    about = {"textDocument": {"uri": "untitled:Untitled-1"}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    (edit,) = [one["edit"] for one in editor.ask("textDocument/codeAction", **about) if one["title"].startswith("Silence")]
    assert edit["documentChanges"][0]["textDocument"]["uri"] == "untitled:Untitled-1"
    editor.tell("textDocument/didClose", textDocument={"uri": "untitled:Untitled-1"})
    assert shown_at(editor, "untitled:Untitled-1") == []


def test_no_other_side_of_a_comparison_is_looked_at(editor: Editor) -> None:
    editor.begin()
    old = {"uri": editor.uri("rates.py").replace("file:", "git:"), "languageId": "python", "version": 1, "text": RATE}
    editor.tell("textDocument/didOpen", textDocument=old)
    editor.open("rates.py", RATE)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    assert [one for one in editor._kept if one.get("method") == "textDocument/publishDiagnostics"] == []


# -- sizes


@pytest.mark.parametrize("more", ["x = 1\n" * 30_000, "x = [" + "1, " * 100_000 + "]\n"], ids=["many lines", "one long line"])
def test_a_text_may_be_very_large(editor: Editor, more: str) -> None:
    editor.begin()
    editor.open("rates.py", RATE + more)
    assert codes(editor.shown("rates.py")) == ["REL101"]
    assert "Explain missing-timeout" in editor.actions("rates.py", 4, 15)
