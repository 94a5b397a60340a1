"""`config`: which settings hold, where they come from, and what is wrong with them."""

from __future__ import annotations

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator
from repository import quiet

from reliability_lint.engine.settings import DEFAULT_EXCLUDE, KEYS
from reliability_lint.fronts.cli import run

PROJECT = """\
[project]
name = "shop"

[tool.reliability-lint]
preset = "strict"
ignore = [
    "data",
]
rules.REL101.severity = "note"

[tool.reliability-lint.rules.exception-logged-without-traceback]
warnings = true

[tool.reliability-lint.per-file-ignores]
"scripts/**" = ["resilience"]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    quiet(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.py").write_text("x = 1\n")
    return tmp_path


@pytest.fixture
def call(here, capsysbinary):
    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(["config", *arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_every_setting_is_shown_with_its_line(call):
    code, out, err = call("show", "shop/a.py")
    assert (code, err) == (0, "")
    assert lines(out)[0] == "# shop/a.py: pyproject.toml holds, the closest above it"
    for line in (
        'preset = "strict"  # pyproject.toml:5',
        'ignore = ["data"]  # pyproject.toml:6',
        'rules.missing-timeout.severity = "note"  # pyproject.toml:9',
        "rules.exception-logged-without-traceback.warnings = true  # pyproject.toml:12",
        'per-file-ignores."scripts/**" = ["resilience"]  # pyproject.toml:15',
        "include-tests = false  # default",
        "rules.assert-for-validation.parameters = false  # default",
    ):
        assert line in lines(out)


def test_what_is_shown_is_toml_that_means_the_same(here, call):
    """Written into a file, it gives the same settings again."""
    _, out, _ = call("show")
    table = tomllib.loads(out)
    assert set(table) == set(KEYS)
    assert table["exclude"] == list(DEFAULT_EXCLUDE)
    (here / "reliability-lint.toml").write_text(out)
    code, again, _ = call("show")
    assert code == 0
    assert tomllib.loads(again) == table
    assert "# pyproject.toml is passed over: reliability-lint.toml lies beside it" in lines(again)


def test_the_command_line_is_told_where_it_has_a_say(call):
    _, out, _ = call("show", "--ignore", "REL1", "--preset", "audit")
    assert 'preset = "audit"  # --preset' in lines(out)
    assert 'ignore = ["data", "REL1"]  # pyproject.toml:6 and --ignore' in lines(out)
    _, out, _ = call("show", "--select", "REL101")
    assert 'select = ["REL101"]  # --select' in lines(out)
    assert "ignore = []  # --select" in lines(out)
    assert call("show", "--select", "REL10x")[0] == 2


def test_which_file_holds_and_why(here, call):
    (here / "shop" / "pyproject.toml").write_text("[project]\n")
    assert lines(call("show", "shop")[1])[:2] == [
        "# shop: pyproject.toml holds, the closest above it",
        "# shop/pyproject.toml is passed over: it has no table [tool.reliability-lint]",
    ]
    (here / "shop" / "reliability-lint.toml").write_text("")
    assert lines(call("show", "shop/a.py")[1])[0] == "# shop/a.py: shop/reliability-lint.toml holds, the closest above it"
    assert lines(call("show", "shop", "--isolated")[1])[0] == "# shop: no settings file is read: --isolated"
    assert lines(call("show", "shop", "--config", "pyproject.toml")[1])[0] == "# shop: pyproject.toml holds, for --config names it"


def test_for_programs(call):
    document = json.loads(call("show", "shop/a.py", "-f", "json")[1])
    assert document["schema"] == "reliability-lint/config/1"
    assert (document["path"], document["source"]) == ("shop/a.py", "pyproject.toml")
    by_key = {tuple(one["key"]): one for one in document["settings"]}
    assert by_key["preset",] == {"key": ["preset"], "value": "strict", "origin": "pyproject.toml:5", "path": "pyproject.toml", "line": 5}
    assert by_key["select",]["line"] is None
    assert "REL301" not in document["rules"]


def test_rules_that_are_left_out_in_one_file_are_not_run_there(here, call):
    (here / "scripts").mkdir()
    (here / "scripts" / "a.py").touch()
    everywhere = json.loads(call("show", "shop/a.py", "-f", "json")[1])["rules"]
    there = json.loads(call("show", "scripts/a.py", "-f", "json")[1])["rules"]
    assert set(there) < set(everywhere)
    assert "REL101" in set(everywhere) - set(there)


def test_all_settings_files_are_checked(here, call):
    assert call("validate") == (0, "1 settings file: nothing is wrong.\n", "")
    (here / "shop" / "reliability-lint.toml").write_text('preset = "lax"\n')
    (here / "pyproject.toml").write_text('[tool.reliability-lint]\nselekt = ["all"]\n')
    for folder in (".venv", "env"):
        (here / folder).mkdir()
        (here / folder / "pyproject.toml").write_text("[tool.reliability-lint]\nnot = ours\n")
    (here / "env" / "pyvenv.cfg").touch()
    code, out, err = call("validate")
    assert (code, out) == (2, "")
    assert [line for line in lines(err) if line.startswith("error:")] == [
        "error: pyproject.toml:2:1: unknown option 'selekt' in [tool.reliability-lint]",
        "error: shop/reliability-lint.toml:1:10: 'preset' must be one of 'recommended', 'strict' or 'audit'",
    ]
    assert call("validate", "shop")[2].startswith("error: shop/reliability-lint.toml:1:10: ")
    assert "selekt" in call("validate", "pyproject.toml")[2]


def test_settings_where_nothing_is_checked_are_none_of_ours(here, call):
    for folder in ("fixtures", "scratch", "kept"):
        (here / folder).mkdir()
        (here / folder / "reliability-lint.toml").write_text("nonsense = 1\n")
    (here / ".git").mkdir()
    (here / ".gitignore").write_text("/scratch\n")
    (here / "pyproject.toml").write_text('[tool.reliability-lint]\nextend-exclude = ["fixtures/"]\n')
    err = call("validate")[2]
    assert "kept/reliability-lint.toml:1:1" in err
    assert "fixtures" not in err
    assert "scratch" not in err


def test_settings_above_are_checked_too(here, call, monkeypatch):
    (here / "pyproject.toml").write_text('[tool.reliability-lint]\nselekt = ["all"]\n')
    monkeypatch.chdir(here / "shop")
    assert call("validate")[0] == 2


def test_without_settings_nothing_is_wrong(here, call):
    (here / "pyproject.toml").write_text("[project]\n")
    assert call("validate") == (0, "There is no settings file: the defaults hold.\n", "")


@pytest.mark.parametrize("path", ["nowhere", "shop/a.py"])
def test_what_is_no_settings_file_is_a_mistake(call, path):
    code, _, err = call("validate", path)
    assert code == 2
    assert err.startswith(f"error: {path}: ")


def test_the_schema_is_printed(call):
    code, out, err = call("schema")
    assert (code, err) == (0, "")
    Draft202012Validator.check_schema(json.loads(out))
