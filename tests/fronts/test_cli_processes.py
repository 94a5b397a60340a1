"""What only a process of its own shows: exit codes, pipes, signals, and what is imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reliability_lint.fronts.cli.reporting import FORMATS

SOURCE = Path(__file__).parents[2] / "src"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "", "RELIABILITY_LINT_NO_CACHE": "1"}
PROGRAM = [sys.executable, "-m", "reliability_lint"]
BLANKET = "x = 1  # reliability: ignore\n"


def program(*arguments: str, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8", timeout=60, **options
    )


def imported(*arguments: str, cwd: Path) -> set[str]:
    code = f"import sys; from reliability_lint.fronts.cli import run; run({list(arguments)!r}); print('\\n'.join(sys.modules), file=sys.stderr)"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    return set(ran.stderr.split())


def test_exit_codes(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    assert program("check", cwd=tmp_path).returncode == 0
    (tmp_path / "a.py").write_text(BLANKET)
    assert program("check", cwd=tmp_path).returncode == 1
    assert program("check", "--nope", cwd=tmp_path).returncode == 2


def test_standard_input(tmp_path):
    ran = program("check", "-", "-f", "concise", cwd=tmp_path, input=BLANKET)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith("<stdin>:1:8: warning REL003")


@pytest.mark.parametrize("output_format", ["full", "concise", "json"])
def test_a_reader_who_leaves(tmp_path, output_format):
    (tmp_path / "a.py").write_text(BLANKET * 30)
    process = subprocess.Popen(
        [*PROGRAM, "check", "-f", output_format], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()  # before anything can have been written: pipes may hold more than any report
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


def test_ctrl_c(tmp_path):
    """While it waits for standard input, which is as early as a test can be sure of."""
    process = subprocess.Popen(
        [*PROGRAM, "check", "-"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell gives what it runs in the background an ignored SIGINT, and these tests with it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_until_it_reads(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


def wait_until_it_reads(process: subprocess.Popen[bytes]) -> None:
    waiting = Path(f"/proc/{process.pid}/wchan")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        time.sleep(0.1)
        status = Path(f"/proc/{process.pid}/syscall")
        try:
            # read(0, …): system call 0 on x86-64, 63 on arm64, of file descriptor 0
            fields = status.read_text().split()
        except OSError:
            time.sleep(3)
            return
        if fields[:2] in (["0", "0x0"], ["63", "0x0"]):
            return
    raise AssertionError(f"it never reads: {waiting}")


def test_version_and_help_import_next_to_nothing(tmp_path):
    for arguments in (["--version"], ["--help"], ["check", "--help"]):
        modules = imported(*arguments, cwd=tmp_path)
        assert "click" in modules
        for heavy in ("libcst", "rich", "msgspec", "pathspec", "reliability_lint.registry", "reliability_lint.engine.settings"):
            assert heavy not in modules, (arguments, heavy)


def test_what_one_command_needs_no_other_imports(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.ruff.lint]\nexternal = []\n")
    assert "tomlkit" in imported("init", "--diff", cwd=tmp_path)
    for arguments in (["check"], ["config", "show"], ["files"], ["doctor"]):
        assert "tomlkit" not in imported(*arguments, cwd=tmp_path), arguments


def test_reports_never_import_rich(tmp_path):
    (tmp_path / "a.py").write_text(BLANKET)
    for output_format in FORMATS:
        modules = imported("check", "-f", output_format, cwd=tmp_path)
        assert "reliability_lint.engine.run" in modules
        assert "rich" not in modules, output_format


def test_many_jobs_give_the_same_bytes(tmp_path):
    for number in range(60):
        (tmp_path / f"m{number}.py").write_text(BLANKET * (number % 3))
    outputs = {program("check", "-f", "json", "--jobs", jobs, cwd=tmp_path).stdout for jobs in ("1", "2", "3")}
    assert len(outputs) == 1
    assert '"findings": 60' in outputs.pop()


def _children(process: subprocess.Popen[bytes]) -> list[str]:
    return subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False).stdout.split()


def test_workers_end_when_the_run_is_killed(tmp_path):
    for number in range(40):
        (tmp_path / f"part{number}.py").write_text("import requests\n" + "def price(sku):\n    return requests.get(sku)\n\n\n" * 1000)
    process = subprocess.Popen(
        [*PROGRAM, "check", "--jobs", "2"], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while len(_children(process)) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=60)  # the workers have the pipes open for as long as they live
