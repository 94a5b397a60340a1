"""`files`: what would be checked, and why a path would not be."""

from __future__ import annotations

import json

import pytest
from repository import quiet


@pytest.fixture
def here(tmp_path, monkeypatch):
    quiet(monkeypatch)
    monkeypatch.chdir(tmp_path)
    for name in ("shop/a.py", "shop/a_pb2.py", "build/b.py", "c.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_the_files_that_check_would_check(call):
    assert call("files") == (0, "c.py\nshop/a.py\n", "")
    assert call("files", "build", "shop/a_pb2.py") == (0, "build/b.py\nshop/a_pb2.py\n", "")
    assert call("files", "build", "shop", "--force-exclude") == (0, "shop/a.py\n", "")
    checked = json.loads(call("check", "-f", "json")[1])["summary"]["checked"]
    assert checked == len(call("files")[1].splitlines())


def test_for_programs(here, call):
    (here / "reliability-lint.toml").touch()
    assert json.loads(call("files", "shop", "-f", "json")[1]) == {
        "schema": "reliability-lint/files/1",
        "files": [{"path": "shop/a.py", "settings": "reliability-lint.toml"}],
        "skipped": [{"path": "shop/a_pb2.py", "reason": "generated code"}],
    }
    said = json.loads(call("files", "--why", "build/b.py", "-f", "json")[1])
    assert (said["path"], said["checked"]) == ("build/b.py", False)


def test_why(call):
    code, out, err = call("files", "--why", "build/b.py")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["build/b.py is not checked", "  build/ is excluded by 'build/' (the default of `exclude`)"]
    assert call("files", "--why", "shop")[1].splitlines()[:2] == ["shop is checked", "  it is looked into"]
    assert call("files", "--why", "nope") == (2, "", "error: nope: no such file or folder\n")


def test_what_is_said_is_what_is_done(here, call):
    """Under --config and --isolated, too."""
    (here / "other.toml").write_text('extend-exclude = ["shop/"]\n')
    assert call("files", "--config", "other.toml")[1] == "c.py\n"
    out = call("files", "--config", "other.toml", "--why", "shop/a.py")[1]
    assert "  shop/ is excluded by 'shop/' (`extend-exclude`, other.toml:1)\n" in out
    assert "  other.toml holds, for --config names it\n" in out
    (here / "reliability-lint.toml").write_text('extend-exclude = ["shop/"]\n')
    assert call("files", "--isolated", "--why", "shop/a.py")[1].startswith("shop/a.py is checked\n")
