"""The GitHub action and the GitLab component: what they declare, and their scripts, run as a runner does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import Repository, quiet

from reliability_lint import __version__

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
TEXT = (ROOT / "action.yml").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load(TEXT)
INSTALL, CHECK = ACTION["runs"]["steps"]
OLD = "x = 1  # reliability: ignore\n"
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


# -- what is declared


def test_every_input_is_described_and_used() -> None:
    used = {match.removeprefix("inputs.") for match in EXPRESSION.findall(TEXT) if match.startswith("inputs.")}
    assert used == set(ACTION["inputs"])
    assert all(one["description"] and "default" in one for one in ACTION["inputs"].values())


def test_outputs_come_from_a_step_that_is_there() -> None:
    for name, output in ACTION["outputs"].items():
        assert EXPRESSION.findall(output["value"]) == [f"steps.check.outputs.{name}"]
        assert f"{name}=" in CHECK["run"]
    assert CHECK["id"] == "check"


@pytest.mark.parametrize("step", [INSTALL, CHECK], ids=["install", "check"])
def test_nothing_that_others_write_becomes_part_of_a_script(step: dict[str, Any]) -> None:
    assert EXPRESSION.findall(step["run"]) == []
    variables = set(step["env"])
    assert variables == set(re.findall(r"RL_[A-Z_]+", step["run"]))
    assert all(EXPRESSION.fullmatch(value) for value in step["env"].values())


def test_no_other_action_is_used() -> None:
    assert [step for step in ACTION["runs"]["steps"] if "uses" in step] == []
    assert "curl" not in TEXT


# -- what is done


class Runner:
    """What GitHub's runner gives to a step."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        self.repository = repository
        self.temp = folder / "temp"
        self.output = folder / "output"
        self.summary = folder / "summary"
        programs = self.temp / "reliability-lint" / "bin"
        programs.mkdir(parents=True)
        (programs / "python").symlink_to(sys.executable)
        ours = programs / "reliability-lint"
        ours.write_text(f'#!/bin/sh\nPYTHONPATH="{SOURCE}" exec "{sys.executable}" -m reliability_lint "$@"\n')
        ours.chmod(0o755)

    def step(self, step: dict[str, Any], inputs: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
        given = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
        values = {name: given[value.removeprefix("${{ inputs.").removesuffix(" }}")] for name, value in step["env"].items()}
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        folder = self.repository.folder / given["working-directory"] if "working-directory" in step else self.repository.folder
        for file in (self.output, self.summary):
            file.write_text("")
        runner = {
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.repository.folder),
            "GITHUB_ACTION_PATH": str(ROOT),
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=folder, env={**os.environ, **runner, **values, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def check(self, inputs: dict[str, str] | None = None, **environment: str) -> tuple[int, str, dict[str, str]]:
        done = self.step(CHECK, inputs or {}, **environment)
        assert [path.name for path in self.temp.glob("reliability-lint-*")] == [], "what was in between is taken away"
        outputs = dict(line.split("=", 1) for line in self.output.read_text().splitlines())
        return done.returncode, done.stdout + done.stderr, outputs


@pytest.fixture
def runner(tmp_path, monkeypatch):
    quiet(monkeypatch)
    repository = Repository(tmp_path / "shop")
    repository.commit({"shop/old.py": OLD, "pyproject.toml": "[tool.reliability-lint]\n"})
    return Runner(tmp_path, repository)


def annotated(said: str) -> list[str]:
    return re.findall(r"^::\w+ file=([^,]+)", said, re.MULTILINE)


def test_it_annotates_sums_up_and_fails(runner):
    code, said, outputs = runner.check()
    assert code == 1
    assert annotated(said) == ["shop/old.py"]
    assert "shop/old.py:1:8: warning: " in said
    assert "| `shop/old.py:1` | warning |" in runner.summary.read_text()
    assert outputs == {"exit-code": "1", "findings": "1"}


def test_what_is_clean_passes(runner):
    runner.repository.write({"shop/old.py": "x = 1\n"})
    code, said, outputs = runner.check()
    assert (code, annotated(said), outputs) == (0, [], {"exit-code": "0", "findings": "0"})


def test_findings_need_not_fail_but_mistakes_do(runner):
    assert runner.check({"fail-on-findings": "false"})[0::2] == (0, {"exit-code": "1", "findings": "1"})
    runner.repository.write({"pyproject.toml": "[tool.reliability-lint]\nselekt = []\n"})
    code, said, outputs = runner.check({"fail-on-findings": "false"})
    assert (code, outputs) == (2, {"exit-code": "2"})
    assert "unknown option 'selekt'" in said


@pytest.mark.parametrize(
    ("annotations", "summary"), [("true", "false"), ("false", "true"), ("false", "false")], ids=["lines", "summary", "neither"]
)
def test_each_can_be_left_out(runner, annotations, summary):
    code, said, _ = runner.check({"annotations": annotations, "summary": summary})
    assert code == 1
    assert bool(annotated(said)) is (annotations == "true")
    assert ("shop/old.py" in runner.summary.read_text()) is (summary == "true")


def test_results_for_code_scanning(runner):
    _, _, outputs = runner.check({"sarif-file": "out.sarif"})
    assert outputs["sarif-file"] == "out.sarif"
    results = json.loads((runner.repository.folder / "out.sarif").read_text())["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == ["REL003"]
    # Below a folder, paths in it are from the top of the repository all the same.
    _, _, outputs = runner.check({"sarif-file": "out.sarif", "working-directory": "shop"})
    assert outputs["sarif-file"] == "shop/out.sarif"
    (result,) = json.loads((runner.repository.folder / "shop" / "out.sarif").read_text())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "shop/old.py"


def test_only_what_a_pull_request_brings(runner):
    runner.repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    runner.repository.commit({"shop/new.py": OLD})
    assert annotated(runner.check({"diff-base": "auto"}, GITHUB_BASE_REF="main")[1]) == ["shop/new.py"]
    assert annotated(runner.check({"diff-base": "HEAD^"})[1]) == ["shop/new.py"]
    # Outside of pull requests there is no such branch.
    assert annotated(runner.check({"diff-base": "auto"}, GITHUB_BASE_REF="")[1]) == ["shop/new.py", "shop/old.py"]


def test_paths_and_arguments_stand_on_lines_of_their_own(runner):
    runner.repository.write({"a b/c.py": OLD, "-d.py": OLD})
    assert annotated(runner.check({"paths": "a b\n-d.py\n"})[1]) == ["-d.py", "a b/c.py"]
    assert runner.check({"args": "--ignore=blanket-suppression\n\n--preset\nstrict"})[2]["findings"] == "0"


EVIL = "\"; touch evil; $(touch evil) `touch evil` ' && touch evil #"


@pytest.mark.parametrize("name", sorted(ACTION["inputs"].keys() - {"python", "working-directory"}))
def test_what_is_written_into_an_input_is_never_run(runner, name):
    code, _, outputs = runner.check({name: EVIL})
    assert not list(runner.repository.folder.parent.rglob("evil"))
    assert code in (1, 2)
    assert set(outputs) <= set(ACTION["outputs"])
    runner.check({name: "x\nfindings=99"})
    assert "findings=99" not in runner.output.read_text().splitlines()


@pytest.mark.parametrize("name", ["annotations", "summary", "fail-on-findings"])
def test_what_is_neither_true_nor_false_is_a_mistake(runner, name):
    code, said, _ = runner.check({name: "yes"})
    assert code == 2
    assert said == f"error: the input '{name}' must be true or false\n"


def test_it_installs_what_is_checked_out_with_the_action(runner, tmp_path):
    """The interpreter is one that only writes down what it is told: nothing is downloaded in a test."""
    told = tmp_path / "told"
    python = tmp_path / "a python"
    python.write_text(f'#!/bin/sh\necho "$@" >> "{told}"\n')
    python.chmod(0o755)
    installed = runner.temp / "reliability-lint" / "bin" / "python"
    installed.unlink()
    installed.symlink_to(python)
    assert runner.step(INSTALL, {"python": str(python)}).returncode == 0
    venv, pip = told.read_text().splitlines()
    assert venv == f"-m venv {runner.temp / 'reliability-lint'}"
    assert pip.endswith(f" {ROOT}")
    assert pip.startswith("-m pip install ")
    assert runner.step(INSTALL, {"python": "no python; touch evil"}).returncode != 0
    assert not list(tmp_path.rglob("evil"))


# -- GitLab

COMPONENT = (ROOT / "templates" / "reliability-lint.yml").read_text(encoding="utf-8")
SPEC, PIPELINE = yaml.safe_load_all(COMPONENT)
JOB = PIPELINE["reliability-lint"]
INPUT = re.compile(r"\$\[\[ inputs\.([\w-]+) \]\]")


def test_the_component_s_inputs_are_described_and_used() -> None:
    inputs = SPEC["spec"]["inputs"]
    assert set(INPUT.findall(COMPONENT)) == set(inputs)
    assert all(one["description"] for one in inputs.values())
    assert [line for line in (*JOB["before_script"], *JOB["script"]) if "[[ inputs" in line] == []
    assert set(JOB["variables"]) == set(re.findall(r"RL_[A-Z_]+", "\n".join((*JOB["before_script"], *JOB["script"]))))


@pytest.fixture
def job(runner, tmp_path):
    def invoke(**inputs: str) -> tuple[int, str, list[dict[str, Any]]]:
        given = {name: str(one.get("default", "")).lower() for name, one in SPEC["spec"]["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        variables = {name: INPUT.sub(lambda match: given[match[1]], value) for name, value in JOB["variables"].items()}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(JOB["script"])], cwd=runner.repository.folder,
            env={**os.environ, **variables, "CI_BUILDS_DIR": str(runner.temp)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        report = runner.repository.folder / JOB["artifacts"]["reports"]["codequality"]
        found = json.loads(report.read_text()) if report.exists() else []
        return done.returncode, done.stdout + done.stderr, found

    return invoke


def test_the_job_reports_and_fails(job):
    code, said, report = job()
    assert code == 1
    assert "shop/old.py:1:8: warning: " in said
    assert [one["location"]["path"] for one in report] == ["shop/old.py"]
    assert JOB["artifacts"]["when"] == "always"


def test_the_job_need_not_fail(job, runner):
    assert job(fail_on_findings="false")[0] == 0
    assert job(args="--ignore blanket-suppression --preset strict")[0] == 0
    runner.repository.write({"pyproject.toml": "[tool.reliability-lint]\nselekt = []\n"})
    assert job(fail_on_findings="false")[0] == 2


@pytest.mark.parametrize("name", ["paths", "args"])
def test_what_is_written_into_an_input_of_the_job_is_never_run(job, runner, name):
    assert job(**{name: EVIL})[0] == 2
    assert not list(runner.repository.folder.parent.rglob("evil"))


# -- what is documented


def test_the_documented_blocks_name_what_there_is() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    assert len(blocks) >= 4
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    shown_hooks, inputs, components = set(), set(), []
    for block in blocks:
        for repository in block.get("repos", []) if isinstance(block, dict) else []:
            shown_hooks |= {hook["id"] for hook in repository["hooks"]}
        for job in block.get("jobs", {}).values() if isinstance(block, dict) else []:
            inputs |= {name for step in job["steps"] if "reliability-lint" in step.get("uses", "") for name in step.get("with", {})}
        components += [one["inputs"] for one in block.get("include", [])] if isinstance(block, dict) else []
    assert shown_hooks == hooks
    assert inputs
    assert inputs <= set(ACTION["inputs"])
    assert components
    assert all(set(one) <= set(SPEC["spec"]["inputs"]) for one in components)
    assert all(f"| `{name}` |" in page for name in ACTION["inputs"])
    assert __version__ in page
