"""Several reports of one run, and how a run tells on a terminal how far it has come."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys

import pytest

from reliability_lint.engine import run as engine_run
from reliability_lint.fronts.cli import progress, run
from reliability_lint.fronts.cli.progress import Progress
from reliability_lint.fronts.cli.reporting import FORMATS, Target, targets
from reliability_lint.reports import formats

FOUND = "x = 1  # reliability: ignore\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "RELIABILITY_LINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RELIABILITY_LINT_NO_CACHE", "1")
    (tmp_path / "a.py").write_text(FOUND)
    return tmp_path


@pytest.fixture
def call(here, capsysbinary):
    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(["check", *arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


def test_the_command_line_knows_every_format():
    assert tuple(formats.FORMATS) == FORMATS


def test_several_at_once(here, call):
    code, out, err = call("-f", "concise", "-f", "sarif=out.sarif", "--output-format", "gitlab=gl.json", "-f=html=page.html")
    assert (code, err) == (1, "")
    assert out.startswith("a.py:1:8: warning REL003 ")
    assert len(out.splitlines()) == 1
    assert json.loads((here / "out.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "REL003"
    assert json.loads((here / "gl.json").read_text())[0]["check_name"] == "blanket-suppression"
    assert (here / "page.html").read_text().startswith("<!doctype html>")
    assert sorted(os.listdir(here)) == ["a.py", "gl.json", "out.sarif", "page.html"]


def test_the_files_are_checked_once(call, monkeypatch):
    runs = []
    real = engine_run.run
    monkeypatch.setattr(engine_run, "run", lambda *arguments, **options: runs.append(1) or real(*arguments, **options))
    call("-f", "concise", "-f", "json=a.json", "-f", "jsonl=a.jsonl")
    assert runs == [1]


def test_files_alone_leave_standard_output_empty(here, call):
    assert call("-f", "json=a.json", "-f", "junit=a.xml") == (1, "", "")


def test_output_file_is_for_the_one_that_has_none(here, call):
    code, out, _ = call("-f", "json=a.json", "-f", "concise", "-o", "a.txt")
    assert (code, out) == (1, "")
    assert (here / "a.txt").read_text().startswith("a.py:1:8: ")


def test_a_dash_is_standard_output(call):
    assert call("-f", "concise=-")[1].startswith("a.py:1:8: ")
    assert targets(("json=-",), None) == (Target("json"),)


def test_the_exit_code_depends_on_no_format(here, call):
    everything = [part for name in FORMATS for part in ("-f", f"{name}=report.{name}")]
    assert call(*everything)[0] == 1
    assert call(*everything, "--exit-zero")[0] == 0
    (here / "a.py").write_text("x = 1\n")
    assert call(*everything)[0] == 0
    for name in FORMATS:
        assert call("-f", name)[0] == 0
        (here / "a.py").write_text(FOUND)
        assert call("-f", name)[0] == 1
        (here / "a.py").write_text("x = 1\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-f", "full", "-f", "json"), "error: full and json would both go to standard output\n  give one a file: -f json=FILE\n"),
        (
            ("-f", "full", "-f", "json", "-f", "html=a.html", "-o", "a.txt"),
            "error: full and json would both go to the same file\n  give one a file: -f json=FILE\n",
        ),
        (
            ("-f", "json=a.json", "-f", "sarif=./a.json"),
            "error: a.json: two reports would be written to this file\n  give each a file of its own\n",
        ),
        (("-f", "srif=x"), "error: unknown format 'srif'\n  -f srif=x\n     ^^^^ did you mean 'sarif'?\n"),
        (("-f", "xyzzy"), f"error: unknown format 'xyzzy'\n  -f xyzzy\n     ^^^^^ there is {', '.join(FORMATS)}\n"),
        (("-f", "json="), "error: the file is missing\n  -f json=\n          ^ -f json=FILE, or -f json for standard output\n"),
        (
            ("-f", "json=a.json", "-o", "b.json"),
            "error: every format has a file of its own, so nothing is left for --output-file\n  leave --output-file out\n",
        ),
    ],
)
def test_mistakes(here, call, arguments, message):
    """They are told before anything is checked or written."""
    assert call(*arguments) == (2, "", message)
    assert os.listdir(here) == ["a.py"]


def test_a_file_that_cannot_be_written(call):
    code, out, err = call("-f", "concise", "-f", "json=no/such/folder.json")
    assert (code, out) == (2, "")
    assert err.startswith("error: no/such/folder.json: cannot be written: ")


def test_a_difference_has_no_format(call):
    code, _, err = call("--diff", "-f", "json")
    assert code == 2
    assert "--diff shows changes and no findings, so it takes no --output-format" in err


def test_colours_go_to_standard_output_alone(here, call, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = call("-f", "grouped", "-f", "full=a.txt")[1]
    assert "\x1b[" in out
    assert "\x1b[" not in (here / "a.txt").read_text()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in call("-f", "grouped")[1]


def test_one_name_for_a_finding_wherever_the_run_starts(here, call, monkeypatch):
    (here / ".git").mkdir()
    (here / "backend").mkdir()
    (here / "backend" / "b.py").write_text(FOUND)

    def name(*arguments: str) -> str:
        (found,) = json.loads(call("-f", "gitlab", *arguments)[1])
        assert found["location"]["path"] == "backend/b.py"
        return str(found["fingerprint"])

    from_the_top = name("backend")
    monkeypatch.chdir(here / "backend")
    assert name() == name("b.py") == name(str(here / "backend")) == from_the_top
    assert json.loads(call("-f", "json")[1])["findings"][0]["fingerprint"] == from_the_top


def test_only_a_page_needs_its_template_engine(here):
    code = "import sys\nfrom reliability_lint.fronts.cli import run\nrun(sys.argv[1:])\nprint('jinja2' in sys.modules, file=sys.stderr)"
    for name in FORMATS:
        done = subprocess.run([sys.executable, "-c", code, "check", "-f", name], capture_output=True, text=True, check=True)
        assert done.stderr == f"{name == 'html'}\n", name
    for arguments in (["--version"], ["--help"], ["check", "--help"], ["check"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert done.stderr == "False\n", arguments


# progress ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

        def monotonic(self) -> float:
            return self.now

    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    monkeypatch.setenv("TERM", "xterm")
    return found


def test_progress_is_told_where_it_lasts(clock):
    terminal = Terminal()
    told = Progress(terminal)
    clock.now += 0.69
    told(1, 9)
    assert terminal.getvalue() == ""
    clock.now += 0.02
    told(2, 9)
    clock.now += 0.05
    told(3, 9)
    clock.now += 0.06
    told(4, 9)
    told.close()
    assert terminal.getvalue() == "\r\x1b[2Kchecked 2 of 9 files\r\x1b[2Kchecked 4 of 9 files\r\x1b[2K"


def test_what_is_soon_over_leaves_no_trace(clock):
    terminal = Terminal()
    told = Progress(terminal)
    told(1, 2)
    told.close()
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("why", ["no terminal", "a dumb one"])
def test_progress_is_for_terminals(clock, monkeypatch, why):
    stream = io.StringIO() if why == "no terminal" else Terminal()
    monkeypatch.setenv("TERM", "dumb" if why == "a dumb one" else "xterm")
    told = Progress(stream)
    clock.now += 9
    told(1, 2)
    told.close()
    assert stream.getvalue() == ""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_tells_of_every_file(here, monkeypatch, jobs):
    for number in range(30):
        (here / f"m{number}.py").write_text(FOUND)
    terminal = Terminal()
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_AGAIN", 0.0)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert run(["check", "-f", "concise", "--jobs", jobs]) == 1
    said = terminal.getvalue()
    assert re.search(r"\r\x1b\[2Kchecked \d+ of 31 files", said)  # with several processes some are told of together
    assert said.endswith("\r\x1b[2K")
