"""Rules that lie in the checked project: executed where somebody outside of it has said so, and nowhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from distribution import SPAWNING, install_rules, lint, python, rule_module, write

SETTINGS = """\
[tool.reliability-lint]
local-rules = ["lint"]
extend-select = ["odd-call", "SHP001"]
ignore = ["local"]
per-file-ignores = { "old/**" = ["SHP"] }

[tool.reliability-lint.rules.odd-call]
severity = "error"
"""
RULE = "from pathlib import Path\n\nfrom .words import ODD\n\nPath(__file__).with_name('executed').touch()\n" + rule_module(
    code="SHP001", name="odd_call", body="if place.name == ODD:\n        yield place.finding('it is odd')", more=', set="strict"'
)
CODE = """\
import shop


def pay(order):
    shop.odd(order)
    shop.odd(order)  # reliability: ignore[odd-call] the bank wants it so
"""
SAID = "local rules were not run: lint is code of the checked project; --allow-local-rules allows it, or '{root}' among trusted-projects in {own}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "project"
    write(folder, {"pyproject.toml": SETTINGS, "pay.py": CODE, "lint/odd_call.py": RULE, "lint/words.py": "ODD = 'shop.odd'\n"})
    return folder


def own_settings(folder: Path, text: str) -> dict[str, str]:
    """The environment of a user with settings of his own."""
    write(folder, {"reliability-lint/settings.toml": text})
    return {"XDG_CONFIG_HOME": str(folder)}


def found(folder: Path, *arguments: str, **environment: str) -> list[tuple[int, str]]:
    done = lint(["check", "-f", "json", *arguments], folder, **environment)
    assert not done.stderr
    return [(one["line"], one["code"]) for one in json.loads(done.stdout)["findings"]]


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if ".reliability_lint_cache" not in path.parts)


@pytest.mark.parametrize("arguments", [(), ("--no-cache",), ("--no-cache", "-j", "2")])
def test_without_permission_nothing_is_executed(project: Path, arguments: tuple[str, ...]) -> None:
    before = names(project)
    done = lint(["check", *arguments], project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == SAID.format(root=project, own=project / "nowhere" / "reliability-lint" / "settings.toml")
    assert names(project) == before


def test_settings_that_are_not_read_have_none(project: Path) -> None:
    done = lint(["check", "--isolated", "--allow-local-rules"], project)
    assert not done.stderr
    assert not (project / "lint" / "executed").exists()


def test_settings_and_comments_may_name_what_is_not_run(project: Path) -> None:
    """And what they misspell is told all the same."""
    assert lint(["check", "--preset", "strict"], project).returncode == 0
    write(project, {"pyproject.toml": SETTINGS.replace('"odd-call", ', '"odd-cal", ')})
    done = lint(["check"], project)
    assert done.returncode == 2
    assert "unknown rule, family or preset 'odd-cal'" in done.stderr
    assert "did you mean 'odd-call'?" in done.stderr
    assert not (project / "lint" / "executed").exists()


def test_the_flag_allows_it(project: Path) -> None:
    assert found(project, "--allow-local-rules") == [(5, "SHP001")]
    assert "executed" in os.listdir(project / "lint")
    assert "__pycache__" not in os.listdir(project / "lint")
    assert found(project, RELIABILITY_LINT_ALLOW_LOCAL_RULES="1") == [(5, "SHP001")]


def test_bytecode_is_not_written_either(project: Path) -> None:
    """Where Python writes it for everything else."""
    lint(["check", "--allow-local-rules"], project, PYTHONDONTWRITEBYTECODE="")
    assert sorted(os.listdir(project / "lint")) == ["executed", "odd_call.py", "words.py"]


def test_they_are_chosen_as_others_are(project: Path) -> None:
    assert found(project, "--allow-local-rules", "--select", "local") == [(5, "SHP001")]
    assert found(project, "--allow-local-rules", "--ignore", "odd-call") == []
    write(project, {"pyproject.toml": '[tool.reliability-lint]\nlocal-rules = ["lint/odd_call.py"]\n'})
    assert found(project, "--allow-local-rules") == []
    assert found(project, "--allow-local-rules", "--preset", "strict") == [(5, "SHP001")]


def test_they_are_listed_and_explained(project: Path) -> None:
    done = lint(["rules", "--family", "local", "--allow-local-rules"], project)
    assert done.stdout.startswith("SHP001  odd-call  warning  strict ")
    assert "family local · preset strict · from lint" in lint(["explain", "SHP001", "--allow-local-rules"], project).stdout
    assert lint(["explain", "SHP001"], project).returncode == 2


def test_the_doctor_tells_that_they_are_not_run(project: Path) -> None:
    done = lint(["doctor"], project)
    assert done.returncode == 0
    assert "warning  local rules  lint: not run, for it is code of the project\n" in done.stdout
    assert not (project / "lint" / "executed").exists()


# -- the user's own settings


def test_who_trusts_a_project_says_so_once(project: Path, tmp_path: Path) -> None:
    above = str(tmp_path.resolve())
    assert found(project, **own_settings(tmp_path / "config", f"trusted-projects = ['{above}']\n")) == [(5, "SHP001")]
    assert lint(["suppressions"], project, **own_settings(tmp_path / "config", f"trusted-projects = ['{project}']\n")).returncode == 0


def test_flake8_heeds_it(project: Path, tmp_path: Path) -> None:
    arguments = ["-m", "flake8", "--isolated", "--select", "SHP", "pay.py"]
    nobody = {"XDG_CONFIG_HOME": str(tmp_path / "nowhere")}
    assert python(arguments, project, **nobody).stdout == ""
    trusting = own_settings(tmp_path / "config", f"trusted-projects = ['{project}']\n")
    assert python(arguments, project, **trusting).stdout.startswith("pay.py:5:5: SHP001 odd-call: it is odd")


def test_trust_in_one_project_is_none_in_its_neighbour(project: Path, tmp_path: Path) -> None:
    told = own_settings(tmp_path / "config", f"trusted-projects = ['{project}-2', '{project / 'lint'}']\n")
    assert "local rules were not run" in lint(["check"], project, **told).stderr


@pytest.mark.parametrize("place", [".", "config"])
def test_a_project_cannot_trust_itself(project: Path, place: str) -> None:
    told = own_settings(project / place, f"trusted-projects = ['{project}']\n")
    assert "local rules were not run" in lint(["check"], project, **told).stderr
    assert not (project / "lint" / "executed").exists()


def test_nor_can_a_part_of_a_repository(project: Path) -> None:
    (project.parent / ".git").mkdir()
    told = own_settings(project.parent / "config", f"trusted-projects = ['{project}']\n")
    assert "local rules were not run" in lint(["check"], project, **told).stderr


def test_a_place_that_is_none_is_not_looked_for_in_the_project(project: Path) -> None:
    """A path that is relative would lead into the working directory."""
    write(project, {"config/reliability-lint/settings.toml": f"trusted-projects = ['{project}']\n"})
    write(project, {".config/reliability-lint/settings.toml": f"trusted-projects = ['{project}']\n"})
    for environment in ({"XDG_CONFIG_HOME": "config"}, {"XDG_CONFIG_HOME": "", "HOME": "."}, {"XDG_CONFIG_HOME": "", "HOME": ""}):
        assert "local rules were not run" in lint(["check"], project, **environment).stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trusted-project = []\n", "settings.toml:1:1: unknown option 'trusted-project'"),
        ("trusted-projects = 'x'\n", "settings.toml:1:20: 'trusted-projects' must be a list of strings, not a string"),
        ("trusted-projects = ['x']\n", "settings.toml:1:21: 'x' is no full path"),
        ("trusted-projects = [\n", "settings.toml:1:21: this is no TOML"),
    ],
)
def test_what_is_wrong_there_is_told(project: Path, tmp_path: Path, text: str, said: str) -> None:
    done = lint(["check"], project, **own_settings(tmp_path / "config", text))
    assert done.returncode == 2
    assert said in done.stderr


# -- what is kept, and by whom it is run


def test_what_changes_in_them_is_seen(project: Path) -> None:
    allowed = ("--allow-local-rules",)
    assert found(project, *allowed) == [(5, "SHP001")]
    write(project, {"lint/words.py": "ODD = 'shop.even'\n"})
    assert found(project, *allowed) == [(6, "REL002")]
    write(project, {"lint/words.py": "ODD = 'shop.odd'\n", "lint/odd_call.py": RULE.replace("is odd", "is strange")})
    assert "it is strange" in lint(["check", *allowed], project).stdout
    assert lint(["check"], project).returncode == 0
    assert found(project, *allowed) == [(5, "SHP001")]


def test_any_number_of_processes_finds_the_same(project: Path) -> None:
    write(project, {f"pay{number}.py": CODE for number in range(40)})
    arguments = ["check", "--no-cache", "-f", "concise", "--allow-local-rules", "-j"]
    one, two = (lint([*arguments, jobs], project) for jobs in ("1", "2"))
    write(project.parent, {"spawning.py": SPAWNING})
    spawned = python([str(project.parent / "spawning.py"), *arguments, "2"], project)
    assert one.stdout.count("SHP001") == 41
    assert one.stdout == two.stdout == spawned.stdout


def test_each_project_has_its_own(project: Path) -> None:
    other = project.parent / "other"
    write(
        other,
        {
            "pyproject.toml": "[tool.reliability-lint]\nlocal-rules = ['lint']\n",
            "pay.py": CODE.replace("  # reliability: ignore[odd-call] the bank wants it so", ""),
        },
    )
    write(other, {"lint/odder_call.py": rule_module(code="OTH001", name="odder_call", body="yield place.finding('it is odder')")})
    done = lint(["check", "--allow-local-rules", "-f", "concise", "project", "other"], project.parent)
    told = [line.split()[0:3:2] for line in done.stdout.splitlines()]
    assert [[place.partition(":")[0], code] for place, code in told] == [["other/lint/odder_call.py", "OTH001"]] * 2 + [
        ["other/pay.py", "OTH001"]
    ] * 2 + [["project/pay.py", "SHP001"]]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"lint/odd_call.py": "import nothing_of_this_name\n"},
            "the local rules in lint cannot be imported: ModuleNotFoundError: No module named 'nothing_of_this_name' (lint/odd_call.py:1)",
        ),
        ({"lint/odd_call.py": "def (\n"}, "the local rules in lint cannot be imported: SyntaxError: invalid syntax (lint/odd_call.py:1)"),
        ({"lint/odd_call.py": ""}, "there is no local rule in lint"),
        ({"lint/odd_call.py": rule_module(code="REL101")}, "odd_call() of the local rules in lint is no rule: its code is 'REL101'"),
        (
            {"lint/twice.py": rule_module(code="SHP001", name="other")},
            "two rules have the code SHP001: SHP001 odd-call of lint, and SHP001 other of lint",
        ),
        (
            {"pyproject.toml": SETTINGS.replace('["lint"]', '["lent"]')},
            "pyproject.toml:2:16: there is no folder and no Python file 'lent' in .",
        ),
        (
            {"pyproject.toml": SETTINGS.replace('["lint"]', '"lint"')},
            "pyproject.toml:2:15: 'local-rules' must be a list of strings, not a string",
        ),
    ],
)
def test_what_is_wrong_with_them_is_told(project: Path, files: dict[str, str], said: str) -> None:
    write(project, files)
    done = lint(["check", "--allow-local-rules"], project)
    assert done.returncode == 2
    assert f"error: {said}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_code_that_is_installed_is_taken(project: Path, tmp_path: Path) -> None:
    """Also where a former run has told what is installed, so that it is not imported yet."""
    install_rules(tmp_path / "site", "acme_rules", rule_module(code="SHP001", name="other"))
    said = "two rules have the code SHP001: SHP001 other of acme-lint 1.2, and SHP001 odd-call of lint"
    write(project, {"empty/pyproject.toml": "[tool.reliability-lint]\n", "empty/pay.py": CODE})
    cache = ["--cache-dir", str(tmp_path / "cache")]
    lint(["check", "empty", *cache], project, tmp_path / "site")
    for _ in range(2):
        assert said in lint(["check", "--allow-local-rules", *cache], project, tmp_path / "site").stderr


def test_one_that_raises_leaves_the_others_alone(project: Path) -> None:
    write(
        project,
        {
            "lint/odd_call.py": rule_module(code="SHP001", body="raise KeyError(place.name)"),
            "ask.py": "import requests\n\nrequests.get('https://rates.example')\n",
        },
    )
    done = lint(["check", "--allow-local-rules", "-f", "concise"], project)
    assert done.returncode == 2
    assert "REL000 internal-error: rule odd-call failed on this file with KeyError: 'shop.odd' at odd_call.py:" in done.stdout
    assert "ask.py:3:1: warning REL101" in done.stdout


def test_a_run_that_is_told_keeps_its_exit_code(project: Path) -> None:
    write(project, {"ask.py": "import requests\n\nrequests.get('https://rates.example')\n"})
    assert lint(["check"], project).returncode == 1


IN_ONE_PROCESS = """
import sys
from pathlib import Path

from reliability_lint.fronts.cli import run

changed, before, after = sys.argv[1:4]
run(["check", "-f", "concise", *sys.argv[4:]])
path = Path(changed)
path.write_text(path.read_text().replace(before, after))
run(["check", "-f", "concise", *sys.argv[4:]])
"""


def test_a_process_that_goes_on_keeps_nothing_under_a_wrong_name(project: Path) -> None:
    """It has the rules with which it began. What it finds with them is not what the next process is told."""
    told = python(["-c", IN_ONE_PROCESS, "lint/words.py", "odd", "even", "--allow-local-rules"], project)
    assert told.stdout.count("SHP001") == 2, told.stderr
    assert found(project, "--allow-local-rules") == [(6, "REL002")]


def test_nor_under_that_of_a_plugin(tmp_path: Path) -> None:
    install_rules(
        tmp_path / "site", "acme_rules", rule_module(body="if place.name == 'shop.odd':\n        yield place.finding('it is odd')")
    )
    write(tmp_path / "shop", {"pyproject.toml": "", "pay.py": CODE.replace("[odd-call]", "[acme]")})
    module = tmp_path / "site" / "acme_rules.py"
    told = python(["-c", IN_ONE_PROCESS, str(module), "shop.odd", "shop.even"], tmp_path / "shop", tmp_path / "site")
    assert told.stdout.count("ACM101") == 2, told.stderr
    assert "REL002" in lint(["check"], tmp_path / "shop", tmp_path / "site").stdout


# -- known before they are imported


def imported(project: Path, *arguments: str) -> bool:
    (project / "lint" / "executed").unlink(missing_ok=True)
    lint(["check", "--allow-local-rules", *arguments], project)
    return (project / "lint" / "executed").exists()


def test_where_nothing_has_changed_none_is_imported(project: Path) -> None:
    assert imported(project)
    known = lint(["check", "--allow-local-rules", "-f", "concise"], project).stdout
    assert not imported(project)
    assert lint(["check", "--allow-local-rules", "-f", "concise"], project).stdout == known
    write(project, {"pay.py": CODE + "\n\nshop.odd(1)\n"})
    assert imported(project)
    assert found(project, "--allow-local-rules") == [(5, "SHP001"), (9, "SHP001")]


OPEN = {
    "a default that is worked out": RULE.replace("place: Call)", "place: Call, *, most: int = len(ODD))"),
    "a decorator that is no literal": RULE.replace('"SHP001"', "'SHP' + '001'"),
    "another name for the decorator": RULE.replace("Findings, rule", "Findings, rule as made").replace("@rule", "@made"),
    "a rule that is made": RULE.replace("@rule(", "made = rule\n\n\n@made("),
    "a rule in a condition": RULE.replace("@rule", "if ODD:\n  @rule").replace("\ndef", "\n  def").replace("\n    ", "\n      "),
}


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_cannot_be_read_is_imported_each_time(project: Path, text: str) -> None:
    write(project, {"lint/odd_call.py": text})
    for _ in range(3):
        assert found(project, "--allow-local-rules") == [(5, "SHP001")]


def test_what_is_not_imported_declares_nothing(project: Path) -> None:
    """A folder that is no package, and what lies beside a file that is named."""
    write(project, {"lint/more/other.py": rule_module(code="SHP002", name="other"), "pay.py": "import shop\n\nshop.odd(1)\n"})
    for _ in range(2):
        assert found(project, "--allow-local-rules") == [(3, "SHP001")]
    alone = rule_module(code="SHP003", name="alone", place="Class")
    write(
        project,
        {
            "pyproject.toml": "[tool.reliability-lint]\nlocal-rules = ['lint/alone.py']\n",
            "lint/alone.py": alone,
            "lint/words.py": "class Word:\n    pass\n",
        },
    )
    for _ in range(2):
        assert found(project, "--allow-local-rules") == [(1, "SHP003")]


def test_what_breaks_between_two_runs_is_told(project: Path) -> None:
    lint(["check", "--allow-local-rules"], project)
    write(project, {"lint/words.py": "import nothing_of_this_name\n\nODD = 1\n"})
    done = lint(["check", "--allow-local-rules"], project)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: the local rules in lint cannot be imported: ModuleNotFoundError: No module named 'nothing_of_this_name'"
    )
    assert not done.stdout


def test_what_changes_between_two_reports_of_a_process_is_told(project: Path) -> None:
    lint(["check", "--allow-local-rules"], project)
    told = python(["-c", IN_ONE_PROCESS, "lint/words.py", "odd", "even", "--allow-local-rules"], project)
    assert told.stdout.count("SHP001") == 1, told.stdout
    assert "error: lint: these local rules have changed while they were used\n  start again" in told.stderr
    assert found(project, "--allow-local-rules") == [(6, "REL002")]
