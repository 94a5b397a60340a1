"""`check --fix` and `check --diff`, in this process."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from reliability_lint.fronts.cli import fixing, run

BAD = "import asyncio\nimport time\n\n\nasync def settle(order):\n    time.sleep(1)  # why\n    await asyncio.sleep(1)\n"
GOOD = BAD.replace("time.sleep(1)  #", "await asyncio.sleep(1)  #")
DOUBTFUL = "import time\n\n\nasync def settle(order):\n    time.sleep(1)\n"
MENDED = "import asyncio\nimport time\n\n\nasync def settle(order):\n    await asyncio.sleep(1)\n"


@pytest.fixture
def call(here, capsysbinary, monkeypatch):
    def invoke(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(["check", *arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


def test_the_safe_ones_are_made(here, call):
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(DOUBTFUL)
    code, out, err = call("--fix", "-f", "concise")
    assert (here / "a.py").read_text() == GOOD
    assert (here / "b.py").read_text() == DOUBTFUL
    assert code == 1
    assert [line.partition(" ")[0] for line in out.splitlines()] == ["b.py:5:5:"], "what is left is told"
    assert err == "Fixed 1 finding in 1 file (blocking-call-in-async ×1).\n"
    code, out, err = call("--fix", "--unsafe-fixes")
    assert (here / "b.py").read_text() == MENDED
    assert (code, err) == (0, "Fixed 1 finding in 1 file (blocking-call-in-async ×1).\n")
    assert out.startswith("All clear: 2 files")
    assert call("--fix", "--unsafe-fixes")[2] == "", "there is nothing to say of"


def test_what_is_kept_between_runs_is_that_of_the_new_text(here, call, monkeypatch):
    monkeypatch.delenv("RELIABILITY_LINT_NO_CACHE")
    monkeypatch.setenv("RELIABILITY_LINT_CACHE_DIR", str(here / "kept"))
    (here / "a.py").write_text(BAD)
    assert call("a.py")[0] == 1
    assert call("a.py", "--fix")[0] == 0
    assert (here / "a.py").read_text() == GOOD
    assert call("a.py")[0] == 0
    (here / "a.py").write_text(BAD)
    code, out, _ = call("a.py", "-f", "json")
    assert code == 1
    (finding,) = json.loads(out)["findings"]
    assert finding["fix"] == {
        "title": "await asyncio.sleep() instead",
        "safe": True,
        "changes": [{"path": "a.py", "line": 6, "column": 5, "end_line": 6, "end_column": 15, "text": "await asyncio.sleep"}],
    }


def test_in_several_processes(here, call):
    for number in range(30):
        (here / f"part{number}.py").write_text(BAD)
    code, _, err = call("--fix", "--jobs", "2")
    assert (code, err) == (0, "Fixed 30 findings in 30 files (blocking-call-in-async ×30).\n")
    assert {(here / f"part{number}.py").read_text() for number in range(30)} == {GOOD}


def test_a_diff_shows_and_writes_nothing(here, call):
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(DOUBTFUL)
    before = {path.name: path.stat().st_mtime_ns for path in here.iterdir()}
    code, out, err = call("--diff")
    assert code == 1
    assert out.startswith("--- a/a.py\n+++ b/a.py\n@@ ")
    assert "-    time.sleep(1)  # why\n+    await asyncio.sleep(1)  # why\n" in out
    assert "b.py" not in out
    assert err == "Would fix 1 finding in 1 file; nothing was written. 1 more with --unsafe-fixes.\n"
    assert call("--diff", "--fix", "--unsafe-fixes")[2] == "Would fix 2 findings in 2 files; nothing was written.\n"
    assert {path.name: path.stat().st_mtime_ns for path in here.iterdir()} == before
    assert call("--diff", "--exit-zero")[0] == 0


@pytest.mark.parametrize("text", [BAD, BAD.rstrip("\n"), BAD.replace("\n", "\r\n")], ids=["plain", "no end of line", "windows"])
def test_a_diff_can_be_applied(here, call, text):
    (here / "a.py").write_bytes(text.encode())
    _, out, _ = call("--diff", "--output-file", "a.diff")
    assert out == ""
    subprocess.run(["git", "apply", "-p1", "a.diff"], cwd=here, check=True)
    assert (here / "a.py").read_bytes() == text.replace("time.sleep(1)  #", "await asyncio.sleep(1)  #").encode()


def test_standard_input(here, call):
    code, out, err = call("-", "--diff", "--stdin-filename", "shop/service.py", stdin=BAD.encode())
    assert code == 1
    assert out.startswith("--- a/shop/service.py\n")
    assert "+    await asyncio.sleep(1)  # why\n" in out
    assert list(here.iterdir()) == []
    code, out, err = call("-", "--fix", stdin=BAD.encode())
    assert (code, out) == (2, "")
    assert "--fix cannot write standard input" in err


def test_suggestions_alone_make_no_sense(call):
    code, _, err = call("--unsafe-fixes")
    assert code == 2
    assert "--unsafe-fixes needs --fix or --diff" in err


def test_a_file_that_changes_meanwhile_is_left_alone_and_told_of_as_it_is(here, call, monkeypatch):
    (here / "a.py").write_text(BAD)
    original = fixing.together

    def slow(*arguments):
        found = original(*arguments)
        (here / "a.py").write_text(BAD + "\n# edited\n")
        return found

    monkeypatch.setattr(fixing, "together", slow)
    code, out, err = call("--fix", "-f", "concise")
    assert (here / "a.py").read_text() == BAD + "\n# edited\n"
    assert err == "a.py: not fixed, for it has changed since it was checked\n"
    assert (code, out.count("REL701")) == (1, 1)


def test_of_a_link_the_file_is_written(here, call):
    (here / "elsewhere").mkdir()
    (here / "elsewhere" / "a.py").write_text(BAD)
    (here / "shop").mkdir()
    (here / "shop" / "a.py").symlink_to(here / "elsewhere" / "a.py")
    code, out, err = call("shop", "--fix", "-f", "concise")
    assert (here / "elsewhere" / "a.py").read_text() == BAD, "it was not asked for"
    assert err == "shop/a.py: not fixed, for it is a link to a file elsewhere, which was not asked for\n"
    assert (code, out.count("REL701")) == (1, 1)
    assert call("shop/a.py", "--fix")[0] == 0
    assert (here / "elsewhere" / "a.py").read_text() == GOOD
    assert (here / "shop" / "a.py").is_symlink()


def test_only_what_is_asked_for_is_written(here, call):
    for name in ("a.py", "b.py"):
        (here / name).write_text(BAD)
    assert call("a.py", "--fix")[0] == 0
    assert (here / "b.py").read_text() == BAD


def test_a_read_only_file_is_left_alone(here, call):
    (here / "a.py").write_text(BAD)
    (here / "a.py").chmod(0o444)
    code, _, err = call("--fix")
    assert (code, err) == (1, "a.py: not fixed, for it is read-only\n")
    assert (here / "a.py").read_text() == BAD


def test_the_full_report_says_what_can_be_done(here, call):
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(DOUBTFUL)
    out = call()[1]
    assert "  = edit  await asyncio.sleep() instead  --fix\n" in out
    assert "  = edit  await asyncio.sleep() instead  --fix --unsafe-fixes\n" in out
    assert out.endswith("can be repaired: 1 with --fix · 1 with --fix --unsafe-fixes\n")


# None of this is loaded, and no text is looked at twice, where nobody asks for it.
_LOADED = """
import sys
from reliability_lint.fronts.cli import run
code = run(["check", "--no-cache", "--jobs", "1", *sys.argv[1:]])
print(sorted(name for name in sys.modules if name in ("difflib", "reliability_lint.engine.fixes", "reliability_lint.engine.writing")))
"""


@pytest.mark.parametrize(("arguments", "loaded"), [((), False), (("--fix",), True)])
def test_it_costs_nothing_where_nobody_asks(here, arguments, loaded):
    (here / "a.py").write_text(BAD)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments], cwd=here, env=environment, capture_output=True, text=True, check=True
    )
    assert ("engine.fixes" in done.stdout.splitlines()[-1]) is loaded
