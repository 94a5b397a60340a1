"""`init`: what it finds, what it plans, and what it leaves alone. What it writes is read by the tools that it is for."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from repository import Repository, quiet

from reliability_lint.engine import adoption
from reliability_lint.engine.adoption import with_hook
from reliability_lint.fronts.cli import run

ROOT = Path(__file__).parents[2]
FROM = "reliability-lint @ git+https://git.example/reliability-lint@v1"
PROJECT = """\
[project]
name = "shop"  # ours
requires-python = ">=3.12"
dependencies = ["fastapi>=0.100", "httpx==0.28.1", "celery"]

[tool.ruff]
line-length = 100  # wide

# of others
[tool.other]
a = 1
"""
HOOKS = """\
# what is run before a commit
repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.1
    hooks:
      - id: ruff  # fast

# the end
ci:
  autofix_prs: false
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    quiet(monkeypatch)
    made = Repository(tmp_path / "shop")
    made.write(
        {"pyproject.toml": PROJECT, ".pre-commit-config.yaml": HOOKS, ".github/workflows/test.yml": "on: push\n", "shop/a.py": "x = 1\n"}
    )
    monkeypatch.chdir(made.folder)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return made


@pytest.fixture
def call(capsysbinary):
    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(["init", *arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


def test_it_says_what_it_found(shop, call):
    _, out, _ = call("--requirement", FROM)
    assert "Found  Python >=3.12 (pyproject.toml) · 1 file to check\n" in out
    assert "frameworks: celery, fastapi >=0.100\n" in out
    assert "modelled libraries: httpx 0.28.1\n" in out
    assert "set up: Ruff, pre-commit, GitHub Actions\n" in out


def test_without_a_terminal_nothing_is_written_unless_told(shop, call):
    before = shop.state()
    code, out, err = call("--requirement", FROM)
    assert code == 1
    assert "there is no terminal to ask on" in err
    assert "--yes writes the 3 files" in err
    assert "  add  pyproject.toml " in out
    assert shop.state() == before


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_on_a_terminal_it_asks(shop, call, monkeypatch, answer, code):
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    before = shop.state()
    done, out, err = call("--requirement", FROM)
    assert "Write these 3 files? [y/N]: " in out
    assert done == code
    assert (shop.state() == before) is (code == 1)
    assert ("Nothing was written." in err) is (code == 1)


def test_a_difference_is_shown_and_can_be_applied(shop, call):
    before = shop.state()
    code, out, err = call("--diff", "--requirement", FROM)
    assert (code, err) == (1, "")
    assert shop.state() == before
    applied = subprocess.run(["git", "apply", "-"], cwd=shop.folder, input=out, text=True, capture_output=True, check=False)
    assert applied.returncode == 0, applied.stderr
    by_git = {name: what[0] for name, what in shop.state().items() if not name.startswith(".git/")}
    shop.write({"pyproject.toml": PROJECT, ".pre-commit-config.yaml": HOOKS, ".github/workflows/reliability-lint.yml": None})
    assert call("--yes", "--requirement", FROM)[0] == 0
    assert {name: what[0] for name, what in shop.state().items() if not name.startswith(".git/")} == by_git


def test_what_is_written_is_added_and_a_second_run_has_nothing_to_do(shop, call):
    code, out, err = call("--yes", "--requirement", FROM)
    assert (code, err) == (0, "")
    assert "Wrote .github/workflows/reliability-lint.yml\n" in out
    assert "reliability-lint baseline create\n" in out
    text = (shop.folder / "pyproject.toml").read_text()
    assert (
        text.replace('\n[tool.ruff.lint]\nexternal = ["REL"]\n', "", 1) == PROJECT + '\n[tool.reliability-lint]\npreset = "recommended"\n'
    )
    hooks = (shop.folder / ".pre-commit-config.yaml").read_text()
    assert hooks.startswith(HOOKS.partition("\n# the end")[0])
    assert hooks.endswith(HOOKS.partition("ruff  # fast\n")[2])
    state = shop.state()
    code, out, err = call("--yes", "--requirement", FROM)
    assert (code, err) == (0, "")
    assert out.endswith("Nothing is left to write.\n")
    assert shop.state() == state


def test_ruff_keeps_our_comments_from_then_on(shop, call):
    source = shop.folder / "shop" / "a.py"
    line = "import requests\n\nrequests.get('https://rates.example')  # noqa: REL101\n"
    source.write_text(line)
    command = [sys.executable, "-m", "ruff", "check", "--select", "RUF100,RUF102", "--preview", "--fix", "--no-cache", "shop"]
    assert call("--yes")[0] == 0
    subprocess.run(command, cwd=shop.folder, check=False, capture_output=True)
    assert source.read_text() == line
    (shop.folder / "pyproject.toml").write_text(PROJECT)
    subprocess.run(command, cwd=shop.folder, check=False, capture_output=True)
    assert source.read_text() != line, "without the setting it would have gone: the test can tell"


@pytest.mark.parametrize(
    ("requirement", "written"),
    [
        (FROM, {"repo": "https://git.example/reliability-lint", "rev": "v1", "hooks": [{"id": "reliability-lint"}]}),
        (
            "reliability-lint @ git+ssh://git@git.example/x@abc",
            {"repo": "ssh://git@git.example/x", "rev": "abc", "hooks": [{"id": "reliability-lint"}]},
        ),
        ("reliability-lint==1", {"repo": "local", "language": "python", "additional_dependencies": ["reliability-lint==1"]}),
        (f"{FROM}#subdirectory=x", {"repo": "local", "language": "python", "additional_dependencies": [f"{FROM}#subdirectory=x"]}),
        ("", {"repo": "local", "language": "system"}),
    ],
    ids=["repository", "ssh", "index", "part of a repository", "folder"],
)
def test_pre_commit_accepts_what_was_written(shop, call, monkeypatch, requirement, written):
    monkeypatch.setattr(adoption, "requirement_of_this", lambda: requirement)
    assert call("--yes")[0] == 0
    command = [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"]
    done = subprocess.run(command, cwd=shop.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    repository = yaml.safe_load((shop.folder / ".pre-commit-config.yaml").read_text())["repos"][-1]
    if written["repo"] != "local":
        assert repository == written
        return
    (hook,) = repository["hooks"]
    assert written.items() <= {**hook, "repo": repository["repo"]}.items()
    (offered,) = (one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if one["id"] == "reliability-lint")
    assert all(hook[key] == offered[key] for key in ("id", "name", "entry", "types_or", "require_serial"))


def test_the_workflow_runs(shop, call, tmp_path):
    """Its steps, run by bash where the runner would have installed us."""
    assert call("--yes", "--requirement", FROM)[0] == 0
    workflow = yaml.safe_load((shop.folder / ".github" / "workflows" / "reliability-lint.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    checkout, install, pull_request, push = workflow["jobs"]["reliability-lint"]["steps"]
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", checkout["uses"])
    assert f"install '{FROM}'" in install["run"]
    program = tmp_path / "runner" / "reliability-lint" / "bin" / "reliability-lint"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reliability_lint "$@"\n')
    program.chmod(0o755)
    shop.commit({"shop/old.py": "x = 1  # reliability: ignore\n"})
    shop.git("update-ref", "refs/remotes/origin/main", "HEAD")
    shop.commit({"shop/new.py": "y = 1  # reliability: ignore\n"})
    said = {}
    for name, step in (("pull_request", pull_request), ("push", push)):
        assert name in step["if"] or "!=" in step["if"]
        environment = {**os.environ, "RUNNER_TEMP": str(tmp_path / "runner"), "GITHUB_BASE_REF": "main"}
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=shop.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr
        said[name] = [line.partition("file=")[2].partition(",")[0] for line in done.stdout.splitlines()]
    assert said == {"pull_request": ["shop/new.py"], "push": ["shop/new.py", "shop/old.py"]}


def test_where_nobody_could_install_it_no_workflow_is_written(shop, call, monkeypatch):
    monkeypatch.setattr(adoption, "requirement_of_this", lambda: "")
    _, out, _ = call("--yes")
    assert not (shop.folder / ".github" / "workflows" / "reliability-lint.yml").exists()
    assert "  you  .github/workflows/reliability-lint.yml: not planned" in out
    assert "language: system" in (shop.folder / ".pre-commit-config.yaml").read_text()


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        ('{"url": "file:///srv/x", "dir_info": {}}', ""),
        (
            '{"url": "https://git.example/x", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
            "reliability-lint @ git+https://git.example/x@abc",
        ),
        ('{"url": "https://files.example/x.whl", "archive_info": {}}', "reliability-lint @ https://files.example/x.whl"),
        ("{", ""),
    ],
)
def test_what_others_install_is_where_this_came_from(monkeypatch, origin, requirement):
    class Distribution:
        def read_text(self, name: str) -> str:
            assert name == "direct_url.json"
            return origin

    monkeypatch.setattr(adoption.metadata, "distribution", lambda name: Distribution())
    assert adoption.requirement_of_this() == requirement


@pytest.mark.parametrize("requirement", ["requests==2", "reliability-lint'; rm -rf x; '", "reliability-lint==1\nx", "!"])
def test_a_requirement_that_would_not_install_us_is_a_mistake(shop, call, requirement):
    code, _, err = call("--yes", "--requirement", requirement)
    assert code == 2
    assert err.startswith("error: --requirement ")


def test_without_a_pyproject_there_is_a_file_of_our_own(shop, call):
    shop.write({"pyproject.toml": None, "ruff.toml": "# short\nline-length = 80\n"})
    assert call("--yes")[0] == 0
    assert tomllib.loads((shop.folder / "reliability-lint.toml").read_text()) == {"preset": "recommended"}
    assert (shop.folder / "ruff.toml").read_text() == '# short\nline-length = 80\n\n[lint]\nexternal = ["REL"]\n'
    assert not (shop.folder / "pyproject.toml").exists()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("ruff.toml", 'select = ["E"]\nexternal = ["V"]\n', 'select = ["E"]\nexternal = ["V", "REL"]\n'),
        (".ruff.toml", 'select = ["E"]\n', 'select = ["E"]\nexternal = ["REL"]\n'),
        ("ruff.toml", '[lint]\nexternal = ["REL101", "REL"]\n', '[lint]\nexternal = ["REL101", "REL"]\n'),
    ],
    ids=["the old home", "the old home of other keys", "it is there"],
)
def test_other_ways_to_set_ruff(shop, call, name, before, after):
    shop.write({name: before, "pyproject.toml": '[project]\nname = "shop"\n'})
    call("--yes")
    assert (shop.folder / name).read_text() == after


def test_in_a_repository_of_several_projects(shop, call):
    """Each has settings of its own; what is there once, at the top, is set up once."""
    shop.write({"services/api/pyproject.toml": '[project]\nname = "api"\n', "services/web/requirements.txt": "flask\n"})
    assert call("services/api", "--yes", "--requirement", FROM)[0] == 0
    text = (shop.folder / "services" / "api" / "pyproject.toml").read_text()
    assert text == '[project]\nname = "api"\n\n[tool.reliability-lint]\npreset = "recommended"\n'
    top = (shop.folder / "pyproject.toml").read_text()
    assert 'external = ["REL"]' in top
    assert "[tool.reliability-lint]" not in top
    assert (shop.folder / ".github" / "workflows" / "reliability-lint.yml").exists()
    _, out, _ = call("services/web", "--yes")
    assert "frameworks: flask\n" in out
    assert "Wrote services/web/reliability-lint.toml\n" in out
    assert "Changed" not in out
    _, out, _ = call("services/web", "--yes")
    assert "settings: services/web/reliability-lint.toml\n" in out
    assert out.endswith("Nothing is left to write.\n")


def test_a_list_that_another_file_may_have_is_not_hidden(shop, call):
    shop.write({"pyproject.toml": '[tool.ruff]\nextend = "../ruff.toml"\n'})
    _, out, _ = call("--yes")
    assert "external" not in (shop.folder / "pyproject.toml").read_text()
    assert "  you  pyproject.toml: it builds upon another file" in out


def test_broken_toml_is_a_mistake_with_its_place(shop, call):
    shop.write({"pyproject.toml": "[project]\nname = \n"})
    before = shop.state()
    code, _, err = call("--yes")
    assert code == 2
    assert err.startswith("error: pyproject.toml:2:8: this is no TOML: ")
    assert shop.state() == before


def test_a_folder_that_is_not_there_is_a_mistake(shop, call):
    assert call("nowhere")[::2] == (2, "error: nowhere: there is no such folder\n")
    assert call("pyproject.toml")[::2] == (2, "error: pyproject.toml: this is no folder\n")


def test_what_changes_meanwhile_is_not_written_over(shop, call, monkeypatch):
    planned = adoption.plan

    def late(*arguments: Any) -> adoption.Plan:
        made = planned(*arguments)
        (shop.folder / "pyproject.toml").write_text("# mine\n")
        (shop.folder / ".github" / "workflows" / "reliability-lint.yml").write_text("# mine, too\n")
        return made

    monkeypatch.setattr(adoption, "plan", late)
    code, _, err = call("--yes", "--requirement", FROM)
    assert code == 2
    assert err.splitlines() == [
        "error: pyproject.toml: not written, for it has changed since it was checked",
        "error: .github/workflows/reliability-lint.yml: not written, for it is there by now",
    ]
    assert (shop.folder / "pyproject.toml").read_text() == "# mine\n"
    assert (shop.folder / ".github" / "workflows" / "reliability-lint.yml").read_text() == "# mine, too\n"


def test_a_link_out_of_the_repository_is_not_followed(shop, call, tmp_path):
    outside = tmp_path / "outside.toml"
    outside.write_text(PROJECT)
    shop.write({"pyproject.toml": None})
    (shop.folder / "pyproject.toml").symlink_to(outside)
    _, out, _ = call("--yes")
    assert outside.read_text() == PROJECT
    assert "  you  pyproject.toml: it cannot be added to safely" in out


HOOK = "- repo: local\n  hooks:\n    - id: x\n"


@pytest.mark.parametrize(
    "text",
    [
        "repos:\n- repo: a\n  hooks: []\n",
        "repos:\n    - repo: a\n      hooks: []\n      # last\n",
        "fail_fast: true\nrepos:  # all\n\n  # first\n  - repo: a\n    hooks:\n    - id: y\n\n\ndefault_stages: [pre-commit]\n",
        "---\nrepos:\n  - repo: a\n    hooks: []",
        "repos:\r\n  - repo: a\r\n    hooks: []\r\n",
        "repos:\n  - repo: local\n    hooks:\n      - id: y\n        entry: |\n          a\n            - repo: z\n",
    ],
    ids=["no indent", "deep", "in the middle", "no last line end", "windows", "a text"],
)
def test_a_hook_is_added_to_lists_as_most_write_them(text):
    after = with_hook(text, HOOK)
    before = yaml.safe_load(text)
    wanted = {**before, "repos": [*before["repos"], {"repo": "local", "hooks": [{"id": "x"}]}]}
    assert after is not None
    assert yaml.safe_load(after) == wanted
    kept = iter(after.splitlines())
    assert all(line in kept for line in text.splitlines()), "every line is there still, in its order"


@pytest.mark.parametrize(
    "text",
    [
        "repos: []\n",
        "repos: [{repo: a, hooks: []}]\n",
        "ci: {}\n",
        "repos:\n",
        "repos:\n  {repo: a}\n",
        "'repos':\n  - repo: a\n",
        "",
        "a: 1\n---\nrepos:\n  - repo: a\n---\nb: 1\n",
    ],
)
def test_lists_of_another_shape_are_left_alone(text):
    assert with_hook(text, HOOK) is None


_words = st.text(st.sampled_from("a:#-'\"\n |>{[]}&*! "), max_size=12)
_hooks = st.fixed_dictionaries({"id": _words}, optional={"args": st.lists(_words, max_size=3), "entry": _words, "repos": _words})
_repos = st.lists(st.fixed_dictionaries({"repo": _words, "hooks": st.lists(_hooks, max_size=2)}), min_size=1, max_size=3)


@given(
    _repos,
    st.dictionaries(st.sampled_from(["ci", "a", "zz"]), st.one_of(_words, st.lists(_words, max_size=2)), max_size=2),
    st.integers(2, 5),
)
@example([{"repo": "\n#", "hooks": []}], {}, 2)  # a text with a line that looks like a comment
def test_whatever_stands_in_a_list_of_hooks_it_is_right_or_nothing(repos, others, indent):
    text = yaml.safe_dump({**others, "repos": repos}, indent=indent, width=30, allow_unicode=True)
    after = with_hook(text, HOOK)
    if after is not None:
        assert yaml.safe_load(after) == {**others, "repos": [*repos, {"repo": "local", "hooks": [{"id": "x"}]}]}


def test_of_an_unusual_list_it_is_told_what_to_add(shop, call):
    shop.write({".pre-commit-config.yaml": "repos: []\n"})
    _, out, _ = call("--yes")
    assert "  you  .pre-commit-config.yaml: it has a shape that is not understood; add to `repos`:\n         - repo: local\n" in out
    assert (shop.folder / ".pre-commit-config.yaml").read_text() == "repos: []\n"
