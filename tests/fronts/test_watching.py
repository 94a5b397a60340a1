"""`check --watch`, as a process of its own: it reports, waits, and reports again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reliability_lint.fronts.cli import run

SOURCE = Path(__file__).parents[2] / "src"
BAD = 'import requests\n\nrequests.get("https://rates.example")\n'
GOOD = 'import requests\n\nrequests.get("https://rates.example", timeout=3)\n'
PATIENCE = 60.0  # seconds, for slow machines


class Watcher:
    """A process that watches a folder, and what it has said so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.said = folder.parent / "said.txt"
        command = [sys.executable, "-m", "reliability_lint", "check", "--watch", "-f", "concise", *arguments]
        with self.said.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                # A shell gives what it runs in the background an ignored SIGINT, and these tests with it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        self.reports = 0

    def report(self) -> str:
        """What it says until it waits again, for as long as it takes."""
        self.reports += 1
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            parts = self.said.read_text().split("Watching for changes. Ctrl-C ends it.\n")
            if len(parts) > self.reports:
                return parts[self.reports - 1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no report number {self.reports}; it said:\n{self.said.read_text()}")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("")
    (folder / "shop" / "rates.py").write_text(BAD)
    return folder


@pytest.fixture
def watch(folder: Path) -> Iterator[Callable[..., Watcher]]:
    started: list[Watcher] = []

    def start(*arguments: str) -> Watcher:
        started.append(Watcher(folder, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def test_it_reports_again_after_each_change_until_ctrl_c(folder, watch):
    watcher = watch()
    first = watcher.report()
    assert first.startswith("shop/rates.py:3:1: warning REL101")
    (folder / "shop" / "rates.py").write_text(GOOD)
    assert watcher.report() == "shop/rates.py changed.\n"
    (folder / "shop" / "stock.py").write_text(BAD)
    assert watcher.report().startswith("shop/stock.py changed.\nshop/stock.py:3:1: warning REL101")
    (folder / "shop" / "stock.py").unlink()
    assert watcher.report() == "shop/stock.py changed.\n"
    assert watcher.end() == 130
    assert "Traceback" not in watcher.said.read_text()


def test_what_changes_while_it_reports_is_not_missed(folder, watch):
    """The first file changes as soon as there is a report on it; whatever it does just then, it must come to know."""
    watcher = watch()
    for _ in range(3):
        watcher.report()
        (folder / "shop" / "rates.py").write_text(GOOD)
        watcher.report()
        (folder / "shop" / "rates.py").write_text(BAD)
    assert "REL101" in watcher.report()


def test_versions_of_libraries_are_read_again(folder, watch):
    (folder / "requirements.txt").write_text("redis==7.1.0\n")
    (folder / "shop" / "rates.py").write_text("import redis\n\ncache = redis.Redis()\ncache.get('rate')\n")
    watcher = watch()
    assert "none is the default of redis 7.1.0" in watcher.report()
    (folder / "requirements.txt").write_text("redis==7.0.1\n")
    told = watcher.report()
    assert told.startswith("requirements.txt changed.\n")
    assert "none is the default of redis 7.0.1" in told


def test_a_mistake_in_the_settings_is_told_and_it_goes_on(folder, watch):
    watcher = watch()
    watcher.report()
    (folder / "reliability-lint.toml").write_text("selct = []\n")
    assert "reliability-lint.toml:1:1: unknown option 'selct'" in watcher.report()
    (folder / "reliability-lint.toml").write_text("rules.missing-timeout.severity = 'note'\n")
    assert "shop/rates.py:3:1: note REL101" in watcher.report()


def test_a_mistake_at_the_beginning_ends_it(folder, watch):
    (folder / "reliability-lint.toml").write_text("selct = []\n")
    watcher = watch()
    assert watcher.process.wait(PATIENCE) == 2
    assert "unknown option 'selct'" in watcher.said.read_text()


def test_its_own_report_is_no_change(folder, watch):
    """Else it would never come to an end."""
    watcher = watch("-f", "json=found.txt")
    watcher.report()
    (folder / "shop" / "rates.py").write_text(GOOD)
    watcher.report()
    (folder / "found.txt").write_text("")
    (folder / "shop" / "stock.py").write_text(BAD)
    assert watcher.report().startswith("shop/stock.py changed.\n")
    assert [one["path"] for one in json.loads((folder / "found.txt").read_text())["findings"]] == ["shop/stock.py"]


@pytest.mark.parametrize("options", [["--fix"], ["--diff"], ["--staged"], ["-"]])
def test_what_it_does_not_go_with(folder, monkeypatch, capsys, options):
    monkeypatch.chdir(folder)
    assert run(["check", "--watch", *options]) == 2
    assert "--watch goes with neither" in capsys.readouterr().err


def test_the_package_that_it_needs_is_named(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert run(["check", "--watch"]) == 2
    assert "pip install 'reliability-lint[watch]'" in capsys.readouterr().err
