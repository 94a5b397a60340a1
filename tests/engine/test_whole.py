"""Rules that see all files together: when they run, what silences them, and what is kept of what they say."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from reliability_lint import registry
from reliability_lint.api import check_paths
from reliability_lint.engine import whole
from reliability_lint.engine.cache import Cache
from reliability_lint.engine.discover import discover
from reliability_lint.engine.memory import Memory
from reliability_lint.engine.run import run
from reliability_lint.engine.settings import Lookup

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
PROBE = "from shop.app import app\n\n\n@app.get('/healthz')\ndef probe():\n    return {}\n"


def lookup(**changes):
    return Lookup(isolated=True, change=lambda one: msgspec.structs.replace(one, **{"select": ("REL174",), **changes}))


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "app.py").write_text(APP)
    return folder


def found(folder, **changes):
    return [(one.code, one.region.line) for one in check_paths([str(folder)], lookup(**changes)).diagnostics]


def test_what_is_nowhere_is_found_where_the_application_is_made(shop):
    assert found(shop) == [("REL174", 3)]


def test_of_a_file_alone_nobody_can_say_what_is_missing(shop):
    assert found(shop / "app.py") == []


def test_another_file_may_have_it(shop):
    (shop / "probes.py").write_text(PROBE)
    assert found(shop) == []


def test_only_what_is_selected_is_run(shop):
    assert found(shop, select=(), preset="recommended") == []
    assert ("REL174", 3) in found(shop, select=(), preset="strict")
    assert found(shop, ignore=("missing-health-endpoint",)) == []


def test_an_application_of_the_tests_is_none(shop):
    (shop / "app.py").rename(shop / "test_app.py")
    assert found(shop) == []


def test_a_comment_silences_it_and_is_not_called_unused(shop):
    (shop / "app.py").write_text(APP.replace("FastAPI()\n", "FastAPI()  # reliability: ignore[REL174] the sidecar answers\n"))
    report = check_paths([str(shop)], lookup(select=("REL174", "REL002")))
    assert report.diagnostics == ()
    assert [one.code for one in report.suppressed] == ["REL174"]


def test_a_rule_that_raises_does_not_stop_the_others(shop, monkeypatch):
    def fails(project):
        raise KeyError("x")
        yield

    rule = registry.rules()["REL174"]
    monkeypatch.setitem(registry._rules, "REL174", dataclasses.replace(rule, check=fails))
    assert [code for code, _ in found(shop, select=("REL174", "REL111"))] == ["REL000"]


def test_what_cannot_be_read_tells_nothing(shop):
    (shop / "broken.py").write_text("def (:\n")
    (shop / "odd.py").write_bytes(b"\xff\xfe\x00")
    assert ("REL174", 3) in found(shop)


def test_where_nothing_has_changed_it_is_remembered(shop, tmp_path, monkeypatch):
    def checked():
        files = discover([str(shop)], lookup()).files
        return [one.code for one in run(files, memory=Memory(Cache(tmp_path / "kept")), whole=True).diagnostics]

    assert checked() == ["REL174"]
    monkeypatch.setattr(whole, "project_reports", lambda *_: pytest.fail("made anew"))
    assert checked() == ["REL174"]
    monkeypatch.undo()
    (shop / "probes.py").write_text(PROBE)
    assert checked() == []
    (shop / "probes.py").unlink()
    assert checked() == ["REL174"]
