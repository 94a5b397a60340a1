"""The plugin in python-lsp-server itself, as an editor talks to it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from editor import Editor, Message

ROOT = Path(__file__).parents[2]
RATE = "import requests\n\n\ndef größe(a): return '😀', requests.get(a)\n"


def installed(folder: Path) -> dict[str, str]:
    """An environment in which our plugin is installed as `pyproject.toml` declares it, whatever else is."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]["pylsp"]
    info = folder / "reliability_lint_here-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: reliability-lint-here\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pylsp]\n" + "".join(f"{name} = {value}\n" for name, value in declared.items()))
    paths = [str(folder), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "pyproject.toml").touch()
    with Editor(shop, program=("pylsp",), environment=installed(tmp_path / "site")) as editor:
        editor.begin()
        yield editor


def ours(shown: list[Message]) -> list[Message]:
    return [one for one in shown if one["source"] == "reliability-lint"]


def test_findings_come_and_go_with_the_text(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    (found,) = ours(editor.shown("rates.py"))
    assert found["code"] == "REL101"
    assert found["severity"] == 2
    assert found["range"] == {"start": {"line": 3, "character": 27}, "end": {"line": 3, "character": 42}}
    editor.change("rates.py", RATE.replace("get(a)", "get(a, timeout=3)"))
    assert ours(editor.shown("rates.py")) == []


def test_other_buffers_count(editor: Editor) -> None:
    editor.open("client.py", "import requests\n\nsession = requests.Session()\n")
    editor.shown("client.py")
    editor.open("rates.py", "from client import session\n\n\ndef rate(currency):\n    return session.get(currency)\n")
    (found,) = ours(editor.shown("rates.py"))
    assert found["code"] == "REL101"


def test_actions_and_explanations_are_offered(editor: Editor) -> None:
    editor.open("rates.py", RATE)
    editor.shown("rates.py")
    offered = editor.actions("rates.py", 3, 30)
    editor.apply(offered["Silence missing-timeout with a comment that gives the reason"]["edit"])
    assert "REL101" not in [one["code"] for one in ours(editor.shown("rates.py"))]
    assert "# missing-timeout (REL101)" in editor.hover("rates.py", 3, 28)
    command = offered["Explain missing-timeout"]["command"]
    page = editor.ask("workspace/executeCommand", command=command["command"], arguments=command["arguments"])
    assert page.startswith("# missing-timeout (REL101)")


def test_a_file_of_settings_may_be_named(editor: Editor) -> None:
    (editor.folder / "own.toml").write_text("ignore = ['missing-timeout']\n")
    plugins = {"reliability_lint": {"config": str(editor.folder / "own.toml")}}
    editor.tell("workspace/didChangeConfiguration", settings={"pylsp": {"plugins": plugins}})
    editor.open("rates.py", RATE)
    assert ours(editor.shown("rates.py")) == []


def test_a_mistake_in_the_settings_is_told(editor: Editor) -> None:
    (editor.folder / "pyproject.toml").write_text("[tool.reliability-lint]\nignroe = []\n")
    editor.open("rates.py", RATE)
    said = editor.hear(lambda one: one.get("method") == "window/showMessage")
    assert "ignroe" in said["params"]["message"]
    assert ours(editor.shown("rates.py")) == []
