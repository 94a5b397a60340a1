"""`fix --interactive`: in this process, and as a program on a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from reliability_lint.fronts.cli import cli, run

HEAD = "import asyncio\nimport time\n\n\nasync def settle(order):\n"
TWO = HEAD + "    time.sleep(1)  # one\n    time.sleep(2)  # two\n    await asyncio.sleep(1)\n"
DOUBTFUL = "import time\n\n\nasync def settle(order):\n    time.sleep(1)\n"
PROMPT = "[q]uit: "
FIXED = "await asyncio.sleep"


@pytest.fixture
def answer(here, capsysbinary, monkeypatch) -> Callable[..., tuple[int, str, str]]:
    def invoke(*answers: str, arguments: tuple[str, ...] = ()) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{one}\n" for one in answers)))
        code = run(["fix", "--interactive", *arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


def test_yes_and_no(here, answer):
    (here / "a.py").write_text(TWO)
    code, out, err = answer("n", "y")
    assert (code, err) == (0, "")
    assert (here / "a.py").read_text() == TWO.replace("time.sleep(2)", f"{FIXED}(2)")
    assert "[1/2] a.py:6:5: error: time.sleep() sleeps" in out
    assert "-    time.sleep(1)  # one\n+    await asyncio.sleep(1)  # one\n" in out
    assert out.endswith("a.py:7: fixed\nFixed 1 finding in 1 file (blocking-call-in-async ×1); 1 left, none new.\n")


def test_each_diff_is_that_of_one_fix_in_the_text_that_there_is_then(here, answer):
    (here / "a.py").write_text(DOUBTFUL + "    time.sleep(2)\n")
    out = answer("y", "y")[1]
    first, second = out.split(PROMPT)[:2]
    assert [line for line in first.splitlines() if re.match("[+-] *[^+ -]", line)] == [
        "+import asyncio",
        "-    time.sleep(1)",
        "+    await asyncio.sleep(1)",
    ]
    # There is one line more now, and the import is there already.
    assert "a.py:7:5: error" in second
    assert [line for line in second.splitlines() if re.match("[+-] *[^+ -]", line)] == ["-    time.sleep(2)", "+    await asyncio.sleep(2)"]


def test_all_of_a_rule(here, answer):
    (here / "a.py").write_text(TWO)
    (here / "b.py").write_text(TWO)
    code, out, _ = answer("a")
    assert (code, out.count(PROMPT)) == (0, 1)
    assert {path.read_text() for path in here.iterdir()} == {TWO.replace("time.sleep", FIXED)}


def test_all_of_a_rule_takes_no_suggestion_unseen(here, answer):
    (here / "a.py").write_text(TWO)
    (here / "b.py").write_text(DOUBTFUL)
    code, out, _ = answer("a", "n")
    assert (code, out.count(PROMPT)) == (0, 2)
    assert "(a suggestion: read it before you take it)" in out
    assert (here / "b.py").read_text() == DOUBTFUL


def test_who_takes_suggestions_takes_safe_ones_too(here, answer):
    (here / "a.py").write_text(DOUBTFUL)
    (here / "b.py").write_text(TWO)
    assert answer("all")[1].count(PROMPT) == 1
    assert "time.sleep" not in (here / "a.py").read_text().replace(FIXED, "")
    assert (here / "b.py").read_text() == TWO.replace("time.sleep", FIXED)


def test_with_a_reason(here, answer):
    (here / "a.py").write_text(TWO)
    code, out, _ = answer("s", "todo", "s", "", "s", "nobody else waits for it", "y")
    assert code == 0
    assert "the reason 'todo' is no reason" in out
    comment = "    # reliability: ignore[blocking-call-in-async] nobody else waits for it\n"
    assert (here / "a.py").read_text() == TWO.replace("    time.sleep(1)", comment + "    time.sleep(1)").replace(
        "time.sleep(2)", f"{FIXED}(2)"
    )
    assert out.endswith("Fixed 1 finding in 1 file (blocking-call-in-async ×1), silenced 1 finding; nothing left.\n")


def test_a_reason_that_the_file_has_no_letters_for(here, answer):
    data = b"# coding: latin-1\n" + TWO.replace("one", "\xe9").encode("latin-1")
    (here / "a.py").write_bytes(data)
    code, out, _ = answer("s", "\u5f85\u3061\u307e\u3059 \u3060\u3044\u3058\u3087\u3046\u3076", "n", "n")
    assert code == 0
    assert "has no way to write the reason" in out
    assert (here / "a.py").read_bytes() == data


def test_an_explanation_and_help(here, answer):
    (here / "a.py").write_text(TWO)
    code, out, _ = answer("e", "what?", "q")
    assert code == 0
    assert "# blocking-call-in-async (REL701)" in out
    assert "  q  stop here; what was accepted is written\n" in out
    assert (here / "a.py").read_text() == TWO


@pytest.mark.parametrize("end", [("q",), ("quit",), ()], ids=["q", "quit", "end of input"])
def test_what_was_accepted_stays_whatever_ends_it(here, answer, end):
    (here / "a.py").write_text(TWO)
    code, out, err = answer("y", *end)
    assert (code, err) == (0, "")
    assert (here / "a.py").read_text() == TWO.replace("time.sleep(1)", f"{FIXED}(1)")
    assert out.endswith("; 1 left, none new.\n")


def test_nobody_who_answers_is_a_mistake(here, answer):
    (here / "a.py").write_text(TWO)
    code, _, err = answer()
    assert code == 2
    assert err.startswith("error: --interactive needs somebody who answers")
    assert (here / "a.py").read_text() == TWO


def test_where_there_is_nothing_to_ask_nobody_is_needed(here, answer):
    (here / "a.py").write_text("x = 1\n")
    assert answer() == (0, "Nothing to fix.\n", "")


def test_a_file_that_changes_meanwhile_is_left_alone(here, monkeypatch, capsys):
    (here / "a.py").write_text(TWO)
    (here / "b.py").write_text(TWO)

    class Editing(io.StringIO):
        def readline(self, *_: int) -> str:
            (here / "a.py").write_text("x = 1\n")
            return super().readline()

    monkeypatch.setattr(sys, "stdin", Editing("y\ny\nq\n"))
    assert run(["fix", "--interactive"]) == 2
    out = capsys.readouterr().out
    assert "a.py:6: not fixed, for it has changed since it was checked\n" in out
    assert (here / "a.py").read_text() == "x = 1\n"
    assert (here / "b.py").read_text() == TWO.replace("time.sleep(1)", f"{FIXED}(1)")


def test_for_hooks_a_change_is_a_failure(here, answer):
    (here / "a.py").write_text(TWO)
    assert answer("n", "n", arguments=("--exit-non-zero-on-fix",))[0] == 0
    assert answer("y", arguments=("--exit-non-zero-on-fix",))[0] == 1


def test_a_link_that_leads_elsewhere_is_not_asked_about(here, answer):
    (here / "a.py").write_text(TWO)
    (here / "shop").mkdir()
    (here / "shop" / "a.py").symlink_to(here / "a.py")
    code, out, err = answer(arguments=("shop",))
    assert (code, out) == (0, "Fixed nothing; 2 left.\n")
    assert err == "shop/a.py: not fixed, for it is a link to a file elsewhere, which was not asked for\n"


def test_in_click_s_own_runner(here):
    (here / "a.py").write_text(TWO)
    done = CliRunner().invoke(cli, ["fix", "--interactive"], input="y\nn\n")
    assert done.exit_code == 0
    assert (here / "a.py").read_text() == TWO.replace("time.sleep(1)", f"{FIXED}(1)")


def _at_the_terminal() -> None:
    os.close(os.open(os.ttyname(0), os.O_RDWR))  # which makes it the terminal that Ctrl-C is typed in
    # A shell gives what it runs in the background an ignored SIGINT, and these tests with it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """The real program on a terminal."""

    def __init__(self, folder: Path) -> None:
        self.end, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "RELIABILITY_LINT_NO_CACHE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reliability_lint", "fix", "--interactive"],
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_at_the_terminal,
        )
        os.close(theirs)
        self.seen = ""

    def until(self, text: str) -> str:
        """What is written up to a text, which has to come."""
        deadline = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.end], [], [], 1)[0]:
                try:
                    self.seen += os.read(self.end, 65536).decode()
                except OSError:  # they have gone
                    break
        head, found, self.seen = self.seen.partition(text)
        assert found, head
        return head

    def type(self, keys: str) -> None:
        os.write(self.end, keys.encode())


@pytest.fixture
def terminal(here) -> Iterator[Terminal]:
    (here / "a.py").write_text(TWO)
    opened = Terminal(here)
    yield opened
    if opened.process.poll() is None:
        opened.process.kill()
    opened.process.wait()
    os.close(opened.end)


def test_on_a_terminal(here, terminal):
    shown = terminal.until(PROMPT)
    assert "\x1b[1;31m-    time.sleep(1)  # one\x1b[0m" in shown
    terminal.type("n\n")
    terminal.until(PROMPT)
    terminal.type("y\n")
    assert "a.py:7: fixed" in terminal.until("1 left, none new.")
    assert terminal.process.wait(60) == 0
    assert (here / "a.py").read_text() == TWO.replace("time.sleep(2)", f"{FIXED}(2)")


@pytest.mark.parametrize("keys", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_keys_that_end_it(here, terminal, keys):
    terminal.until(PROMPT)
    terminal.type("y\n")
    terminal.until(PROMPT)
    terminal.type(keys)
    terminal.until("Fixed 1 finding in 1 file (blocking-call-in-async ×1); 1 left, none new.")
    assert terminal.process.wait(60) == 0
    assert (here / "a.py").read_text() == TWO.replace("time.sleep(1)", f"{FIXED}(1)")


def test_a_terminal_that_is_closed_takes_nothing_back(here, terminal):
    terminal.until(PROMPT)
    terminal.type("y\n")
    terminal.until(PROMPT)
    os.killpg(terminal.process.pid, signal.SIGKILL)
    terminal.process.wait()
    assert (here / "a.py").read_text() == TWO.replace("time.sleep(1)", f"{FIXED}(1)")
    assert [path.name for path in here.iterdir()] == ["a.py"]
