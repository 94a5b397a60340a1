"""What shells are told: asked through a real bash, and by the protocol of the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reliability_lint import registry
from reliability_lint.engine.selection import expand
from reliability_lint.fronts.cli import _COMMANDS, run
from reliability_lint.fronts.cli.completing import SHELLS
from reliability_lint.fronts.cli.reporting import FORMATS

SOURCE = Path(__file__).parents[2] / "src"
NAMES = {rule.name for rule in registry.rules().values()}
CODES = set(registry.rules())
FAMILIES = {rule.family for rule in registry.rules().values()}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """One in which a shell finds us."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "reliability-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reliability_lint "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(SOURCE)}


_ASK = """
eval "$(reliability-lint completions bash)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_reliability_lint_completion reliability-lint
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def bash(environment, tmp_path):
    """What bash offers for the last word of a line."""

    def ask(*words: str) -> set[str]:
        done = subprocess.run(
            ["bash", "--norc", "-c", _ASK, "bash", "reliability-lint", *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stderr == ""
        return set(done.stdout.split())

    return ask


def test_commands_and_options(bash):
    assert bash("") == set(_COMMANDS)
    assert bash("comp") == {"completions"}
    assert bash("config", "") == {"schema", "show", "validate"}
    assert {"--select", "--output-format", "--diff-base"} <= bash("check", "--")
    assert bash("completions", "") == set(SHELLS)


def test_selectors(bash):
    everything = bash("check", "--select", "")
    assert everything == NAMES | CODES | FAMILIES | {"recommended", "strict", "audit", "all"}
    assert bash("check", "--ignore", "missing-t") == {name for name in NAMES if name.startswith("missing-t")}
    assert bash("config", "show", "--extend-select", "REL12") == expand("REL12") & CODES
    # The word ends at the last comma, and nothing is offered twice.
    assert bash("check", "--select", "REL101,missing-timeout,missing-t") == {
        f"REL101,missing-timeout,{name}" for name in NAMES - {"missing-timeout"} if name.startswith("missing-t")
    }


def test_single_rules_and_formats(bash):
    assert bash("explain", "") == NAMES | CODES
    assert bash("suppress", "resi") == {"resilience"}
    assert bash("rules", "--family", "") == FAMILIES
    assert bash("check", "-f", "") == set(FORMATS)
    assert bash("check", "-f", "s") == {"sarif"}


def test_a_line_that_makes_no_sense_shows_nothing(bash):
    assert bash("nonsense", "--select", "") == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script(capsysbinary, shell):
    assert run(["completions", shell]) == 0
    out, err = capsysbinary.readouterr()
    assert err == b""
    assert f"{shell}_complete".encode() in out
    assert b"%(" not in out


def test_fish_keeps_what_stands_behind_a_comma(capsysbinary):
    run(["completions", "fish"])
    assert b'string split --max 1 "," $completion' in capsysbinary.readouterr()[0]


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_every_shell_gets_an_answer(environment, shell):
    words = "reliability-lint\nexplain\nmissing-t" if shell == "powershell" else "reliability-lint explain missing-t"
    current = "2" if shell == "zsh" else "missing-t"
    asked = {"COMP_WORDS": words, "COMP_CWORD": current, "_RELIABILITY_LINT_COMPLETE": f"{shell}_complete"}
    done = subprocess.run(["reliability-lint"], env={**environment, **asked}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "missing-timeout" in done.stdout
    assert "swallowed" not in done.stdout


def test_an_answer_imports_no_rule(environment, tmp_path):
    """It is awaited by somebody who is typing."""
    code = "import sys; from reliability_lint.fronts.cli import run; run([]); print('\\n'.join(sys.modules), file=sys.stderr)"
    asked = {"COMP_WORDS": "reliability-lint check --select ", "COMP_CWORD": "3", "_RELIABILITY_LINT_COMPLETE": "bash_complete"}
    done = subprocess.run([sys.executable, "-c", code], env={**environment, **asked}, capture_output=True, text=True, check=True)
    assert "missing-timeout" in done.stdout
    assert not {"libcst", "rich", "reliability_lint.rules"} & set(done.stderr.split())


def test_an_unknown_shell_is_a_mistake(capsysbinary):
    assert run(["completions", "tcsh"]) == 2
