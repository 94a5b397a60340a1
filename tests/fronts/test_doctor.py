"""`doctor`: what it finds in the way, with the cure, and that it changes nothing."""

from __future__ import annotations

import json
import shutil
import sys
from importlib import metadata

import pytest
from repository import Repository, quiet

from reliability_lint import __version__
from reliability_lint.fronts.cli import run

PASSED = "x = 1  # reliability: ignore\n"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    quiet(monkeypatch)
    monkeypatch.delenv("RELIABILITY_LINT_NO_CACHE")
    monkeypatch.delenv("RELIABILITY_LINT_CACHE_DIR", raising=False)
    made = Repository(tmp_path / "shop")
    made.write({"pyproject.toml": "[tool.reliability-lint]\n", "a.py": PASSED})
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def call(capsysbinary):
    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


@pytest.fixture
def doctor(shop, call):
    """The lines about something, and the exit code."""

    def invoke(about: str) -> tuple[int, list[tuple[str, str, str]]]:
        before = shop.state()
        code, out, err = call("doctor", "-f", "json")
        assert err == ""
        assert shop.state() == before
        return code, [(one["level"], one["message"], one["cure"]) for one in json.loads(out)["lines"] if one["about"] == about]

    return invoke


def test_a_project_in_which_nothing_is_wrong(shop, call):
    code, out, err = call("doctor")
    assert (code, err) == (0, "")
    assert f"reliability-lint {__version__} · Python {sys.version.split()[0]} · LibCST " in out
    assert out.endswith("\n\nNothing is wrong.\n")


def test_broken_settings(shop, doctor):
    shop.write({"pyproject.toml": "[tool.reliability-lint]\nselekt = []\n"})
    assert doctor("settings") == (
        2,
        [("problem", "pyproject.toml:2:1: unknown option 'selekt' in [tool.reliability-lint]", "did you mean 'select'?")],
    )
    shop.write({"pyproject.toml": "[tool.reliability-lint]\n", "reliability-lint.toml": ""})
    code, lines = doctor("settings")
    assert code == 0
    assert (
        "warning",
        "[tool.reliability-lint] in pyproject.toml is passed over, for reliability-lint.toml lies beside it",
        "keep one",
    ) in lines


def test_the_cache(shop, doctor, call):
    assert doctor("cache")[1] == [("ok", ".reliability_lint_cache: there is none yet", "")]
    call("check")
    ((level, message, _),) = doctor("cache")[1]
    assert level == "ok"
    assert message.endswith(" MB")
    (database,) = (shop.folder / ".reliability_lint_cache").glob("*.sqlite")
    data = bytearray(database.read_bytes())
    data[:] = b"damaged" * (len(data) // 7)
    database.write_bytes(data)
    ((level, message, cure),) = doctor("cache")[1]
    assert (level, cure) == ("warning", "reliability-lint clean")
    assert "is damaged" in message
    assert call("clean")[0] == 0
    assert doctor("cache")[1][0][0] == "ok"
    (shop.folder / ".reliability_lint_cache").mkdir()
    (shop.folder / ".reliability_lint_cache" / "theirs.txt").touch()
    assert doctor("cache")[1][0][1] == ".reliability_lint_cache holds what is not ours, so nothing is kept"


def test_the_baseline(shop, doctor, call):
    assert doctor("baseline")[1] == [("ok", "there is none", "")]
    assert call("baseline", "create")[0] == 0
    assert doctor("baseline")[1][0][:2] == (
        "ok",
        ".reliability-baseline.json: 1 entry; `reliability-lint baseline status` tells whether all are still found",
    )
    shop.write({"a.py": None})
    assert doctor("baseline")[1] == [
        ("warning", ".reliability-baseline.json: 1 entry, 1 of files that are gone", "reliability-lint baseline prune")
    ]
    call("baseline", "prune")
    assert doctor("baseline")[1][0][0] == "ok"
    shop.write({".reliability-baseline.json": "{"})
    code, ((level, message, cure),) = doctor("baseline")
    assert (code, level) == (2, "problem")
    assert message.startswith(".reliability-baseline.json: this is no baseline")
    assert cure


def test_ruff_would_delete_our_comments_until_init_has_run(shop, doctor, call):
    shop.write({"ruff.toml": "line-length = 80\n"})
    code, ((level, message, cure),) = doctor("Ruff")
    assert (code, level) == (0, "warning")
    assert message.startswith("ruff.toml: with RUF100 or RUF102, --fix deletes ")
    assert cure == 'add "REL" to lint.external: `reliability-lint init` does'
    assert call("init", "--yes")[0] == 0
    assert [line[0] for line in doctor("Ruff")[1]] == ["ok"]


def test_findings_that_are_told_twice(shop, doctor):
    shop.write({".flake8": "[flake8]\nmax-line-length = 80\n"})
    assert doctor("flake8")[1] == [("ok", ".flake8: it shows our rules", "")]
    shop.write({".pre-commit-config.yaml": "repos:\n  - repo: local\n    hooks:\n      - id: reliability-lint\n"})
    ((level, message, cure),) = doctor("flake8")[1]
    assert (level, cure) == ("warning", "leave one out: `extend-ignore = REL` in .flake8")
    assert ".pre-commit-config.yaml runs them too" in message
    shop.write({".flake8": "[flake8]\nextend-ignore = E203, REL\n"})
    assert doctor("flake8")[1] == [("ok", ".flake8: it leaves our rules out", "")]


def test_a_plugin_for_a_pylint_that_is_not_there(shop, doctor, monkeypatch):
    shop.write({".pylintrc": "[MAIN]\nload-plugins=reliability_lint.fronts.pylint\n"})
    assert doctor("pylint")[1] == [("ok", ".pylintrc: it loads our plugin", "")]
    shop.write({".github/workflows/lint.yml": "on: push  # reliability-lint\njobs: {a: {steps: [{run: reliability-lint check}]}}\n"})
    assert doctor("pylint")[1][0][0] == "warning"
    assert ".github/workflows/lint.yml calls us too" in doctor("pylint")[1][0][1]
    lacking(monkeypatch, "pylint")
    assert doctor("pylint")[1][0][::2] == ("warning", "install both in one environment: pip install 'reliability-lint[pylint]'")
    assert any(
        "not installed: pylint; to have one: pip install 'reliability-lint[pylint]'" in message for _, message, _ in doctor("extras")[1]
    )


def test_an_installation_that_lacks_something(shop, doctor, monkeypatch):
    lacking(monkeypatch, "pathspec")
    code, ((level, message, cure),) = doctor("installation")
    assert (code, level) == (2, "problem")
    assert message.startswith("it needs pathspec")
    assert cure.startswith("pip install 'pathspec")


def lacking(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name == absent:
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)


def test_a_hook_that_git_does_not_call(shop, doctor):
    shop.write({".pre-commit-config.yaml": "repos:\n  - repo: local\n    hooks:\n      - id: reliability-lint\n"})
    assert doctor("pre-commit")[1][0][::2] == ("warning", "pre-commit install")
    shop.write({".git/hooks/pre-commit": "#!/bin/sh\n"})
    assert doctor("pre-commit")[1] == [("ok", ".pre-commit-config.yaml has our hook", "")]
    shop.write({".pre-commit-config.yaml": "repos: []  # reliability-lint\n"})
    assert doctor("pre-commit")[1] == []


def test_without_git(shop, doctor, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert doctor("git")[1][0][0] == "warning"


def test_a_folder_that_is_not_there(call, shop):
    assert call("doctor", "nowhere") == (2, "", "error: nowhere: there is no such folder\n")
