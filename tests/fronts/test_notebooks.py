"""Notebooks on the command line, in this process: where findings are told to be, in each format, and what is left alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from repository import Repository, quiet

from reliability_lint.fronts.cli import run
from reliability_lint.fronts.cli.reporting import FORMATS

SCHEMA = Path(__file__).parents[2] / "docs" / "json.schema.json"
CELLS = (
    ("markdown", ["# Rates\n", "from yesterday"]),
    ("code", ["%pip install requests\n", "import requests\n", "\n", "URL = 'https://rates.example'"]),
    ("code", "%%time\n# 😀\nfound = requests.get(URL)"),
    ("code", ["requests.get(URL)  # reliability: ignore[missing-timeout] somebody looks at it"]),
    ("code", ["def rate(currency):\n", "    return requests.get(\n", "        currency,\n", "    )\n"]),
)


def notebook(*cells: tuple[str, object], indent: int | None = 1, **metadata: object) -> str:
    made = [{"cell_type": kind, "metadata": {}, "outputs": [{"text": ["requests.get(URL)"]}], "source": source} for kind, source in cells]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=indent, ensure_ascii=False) + "\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    quiet(monkeypatch)
    (tmp_path / "pyproject.toml").write_text("[tool.reliability-lint]\nselect = ['missing-timeout', 'meta']\n")
    (tmp_path / "rates.ipynb").write_text(notebook(*CELLS), encoding="utf-8")
    return tmp_path


@pytest.fixture
def call(here: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run([*arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


def line_with(path: Path, text: str) -> int:
    (number,) = [number for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line]
    return number


# where findings are


def test_places_are_told_by_cell_and_line(call) -> None:
    code, out, err = call("check", "-f", "concise")
    assert (code, err) == (1, "")
    assert [line.partition(": ")[0] for line in out.splitlines()] == ["rates.ipynb:cell 3:3:9", "rates.ipynb:cell 5:2:12"]


def test_excerpts_are_those_of_the_cell(call) -> None:
    _, out, _ = call("check", "-f", "full")
    assert "rates.ipynb:cell 3:3:9: warning: " in out
    assert "3 │ found = requests.get(URL)\n  │         ^^^^^^^^^^^^^^^^^" in out
    assert "1 │ def rate(currency):\n2 │     return requests.get(\n" in out
    assert "not shown: 1 suppressed" in out


def test_json_tells_the_cell(call) -> None:
    _, out, _ = call("check", "-f", "json")
    document = json.loads(out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    first, second = document["findings"]
    assert {key: first[key] for key in ("path", "cell", "line", "column", "end_line", "end_column")} == {
        "path": "rates.ipynb", "cell": 3, "line": 3, "column": 9, "end_line": 3, "end_column": 26,
    }  # fmt: skip
    assert (second["cell"], second["scope"]) == (5, "rate")
    (silenced,) = document["suppressed"]
    assert (silenced["cell"], silenced["line"], silenced["suppression"]["line"]) == (4, 1, 1)
    _, out, _ = call("check", "-f", "jsonl")
    assert [json.loads(line)["cell"] for line in out.splitlines()] == [3, 5]


def _of_sarif(out: str) -> list[int]:
    return [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in json.loads(out)["runs"][0]["results"]]


LINES: dict[str, Any] = {
    "sarif": _of_sarif,
    "github": lambda out: [int(found) for found in re.findall(r"file=rates.ipynb,line=(\d+)", out)],
    "gitlab": lambda out: [one["location"]["lines"]["begin"] for one in json.loads(out)],
    "junit": lambda out: [int(one.attrib["line"]) for one in ElementTree.fromstring(out).iter("testcase")],
    "checkstyle": lambda out: [int(one.attrib["line"]) for one in ElementTree.fromstring(out).iter("error")],
    "rdjsonl": lambda out: [json.loads(line)["location"]["range"]["start"]["line"] for line in out.splitlines()],
    "azure": lambda out: [int(found) for found in re.findall(r"sourcepath=rates.ipynb;linenumber=(\d+)", out)],
    "teamcity": lambda out: [int(found) for found in re.findall(r"file='rates.ipynb' line='(\d+)'", out)],
}


@pytest.mark.parametrize("name", LINES)
def test_what_opens_files_is_told_the_line_of_the_file(here, call, name: str) -> None:
    code, out, _ = call("check", "-f", name)
    assert code == 1
    written = [line_with(here / "rates.ipynb", "found = requests.get"), line_with(here / "rates.ipynb", "    return requests.get")]
    assert LINES[name](out) == written


@pytest.mark.parametrize("name", sorted({*FORMATS} - {*LINES, "json", "jsonl"}))
def test_what_people_read_tells_cells(call, name: str) -> None:
    _, out, _ = call("check", "-f", name)
    assert out.index("rates.ipynb:cell 3") < out.index("rates.ipynb:cell 5")


def test_cells_stay_in_their_order(here, call) -> None:
    cells = [("code", "import requests"), *[("code", f"requests.get('https://rates.example/{number}')") for number in range(11)]]
    (here / "rates.ipynb").write_text(notebook(*cells))
    _, out, _ = call("check", "-f", "grouped", "--show-suppressed")
    assert re.findall(r"cell (\d+)", out) == [str(number) for number in range(2, 13)]


def test_one_name_for_a_finding(call) -> None:
    names = {one["fingerprint"] for one in json.loads(call("check", "-f", "json")[1])["findings"]}
    results = json.loads(call("check", "-f", "sarif")[1])["runs"][0]["results"]
    assert {one["partialFingerprints"]["reliabilityLint/v1"] for one in results} == names
    assert {*re.findall(r"finding (\w+)", call("check")[1])} == {name[:8] for name in names}


def test_the_summary_of_a_job_tells_cells(here, call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    call("check", "-f", "github")
    assert "`rates.ipynb:cell 3:3`" in (here / "summary.md").read_text()


def test_what_a_cell_uses_may_come_from_a_file(here, call) -> None:
    (here / "web.py").write_text("import requests\n\n\ndef fetch(url, timeout=None):\n    return requests.get(url, timeout=timeout)\n")
    (here / "rates.ipynb").write_text(notebook(("code", "from web import fetch"), ("code", "fetch('https://rates.example')")))
    _, out, _ = call("check", "-f", "json")
    (found,) = json.loads(out)["findings"]
    assert (found["path"], found["cell"], found["line"]) == ("rates.ipynb", 2, 1)
    assert [(one["path"], one.get("cell")) for one in found["related"]] == [("web.py", None)]


def test_a_mistake_of_python_is_told_in_its_cell(here, call) -> None:
    (here / "rates.ipynb").write_text(notebook(("code", "x = 1"), ("code", "# two\ny = (")))
    _, out, _ = call("check", "-f", "concise")
    assert out == "rates.ipynb:cell 2:2:5: error REL001 syntax-error: '(' was never closed\n"


def test_processes_and_what_is_kept_make_no_difference(here, call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELIABILITY_LINT_NO_CACHE")
    for number in range(14):
        (here / f"rates{number}.ipynb").write_text(notebook(*CELLS))
    alone = call("check", "-f", "json", "--no-cache", "-j", "1")
    assert len(json.loads(alone[1])["findings"]) == 30
    assert call("check", "-f", "json", "--no-cache", "-j", "2") == alone
    assert call("check", "-f", "json", "--cache-dir", "kept") == alone
    assert call("check", "-f", "json", "--cache-dir", "kept") == alone


# which files, and what about them


def test_they_are_found_like_python_files(here, call) -> None:
    for folder in (".ipynb_checkpoints", "old", "new"):
        (here / folder).mkdir()
        (here / folder / "a.ipynb").write_text(notebook(*CELLS))
    assert call("check", "-f", "json")[1].count('"path": "new/a.ipynb"') == 3
    assert ".ipynb_checkpoints" not in call("check", "-f", "json")[1]
    (here / "pyproject.toml").write_text("[tool.reliability-lint]\nextend-exclude = ['*.ipynb']\n")
    assert call("check")[1].startswith("Nothing was checked")
    assert call("check", "-f", "concise", "rates.ipynb")[0] == 1, "what is named is checked"


def test_their_place_says_what_they_are_for(here, call) -> None:
    (here / "notebooks").mkdir()
    (here / "rates.ipynb").rename(here / "notebooks" / "rates.ipynb")
    code, out, _ = call("check")
    assert (code, out.splitlines()[0].partition(":")[0]) == (0, "All clear")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (notebook(("code", "x <- 1"), language_info={"name": "R"}), "1 file skipped: a notebook in another language"),
        ('{"worksheets": [], "nbformat": 3}', "1 file skipped: a notebook of an old format, which `jupyter nbconvert"),
    ],
)
def test_what_is_no_python_is_counted_as_skipped(here, call, text: str, said: str) -> None:
    (here / "rates.ipynb").write_text(text)
    code, out, _ = call("check")
    assert code == 0
    assert said in out


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", ["", "{}", '{\n "cells": [,]}', "[1]", "\0", '{"cells": [{"cell_type": "code", "source": {}}]}'])
def test_what_is_no_notebook_is_told_in_every_format(here, call, name: str, text: str) -> None:
    (here / "rates.ipynb").write_text(text)
    code, out, err = call("check", "-f", name)
    assert (code, err) == (1, "")
    assert "this is no notebook" in out


def test_an_empty_notebook_and_large_outputs_are_no_matter(here, call) -> None:
    document = json.loads(notebook(("code", ""), ("code", []), ("markdown", "x")))
    document["cells"][0]["outputs"] = [{"data": {"image/png": "A" * 3_000_000, "numbers": [*range(100_000)]}}]
    (here / "rates.ipynb").write_text(json.dumps(document))
    assert call("check")[0] == 0


# what is written


def test_nothing_is_written_into_a_notebook(here, call) -> None:
    unused = notebook(("code", "x = 1  # reliability: ignore[missing-timeout] it answers"), *CELLS)
    (here / "rates.ipynb").write_text(unused)
    _, out, err = call("check", "--fix")
    assert "rates.ipynb: not fixed, for it is a notebook; editors offer its repairs" in out + err
    assert call("check", "--diff")[1] == ""
    code, out, err = call("suppress", "missing-timeout", "--reason", "it answers at once")
    assert code == 2
    assert "rates.ipynb: nothing silenced, for it is a notebook; write the comment into its cell" in out + err
    assert (here / "rates.ipynb").read_text() == unused


def test_comments_are_listed_by_the_lines_of_the_file(here, call) -> None:
    _, out, _ = call("suppressions")
    line = line_with(here / "rates.ipynb", "somebody looks at it")
    assert f"rates.ipynb:{line}: missing-timeout\n" in out


def test_a_baseline_knows_them_again(here, call) -> None:
    call("baseline", "create")
    assert call("check", "-f", "concise")[:2] == (0, "")
    cells = [("code", "import requests\nrequests.get('https://new.example')"), *CELLS]
    (here / "rates.ipynb").write_text(notebook(*cells, indent=None))
    _, out, _ = call("check", "-f", "concise")
    assert [line.partition(": ")[0] for line in out.splitlines()] == ["rates.ipynb:cell 1:2:1"]


def test_a_commit_is_told_what_it_brings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary) -> None:
    quiet(monkeypatch)
    repository = Repository(tmp_path / "shop")
    monkeypatch.chdir(repository.folder)
    repository.commit({"pyproject.toml": "[tool.reliability-lint]\nselect = ['missing-timeout']\n", "rates.ipynb": notebook(*CELLS)})
    repository.write({"rates.ipynb": notebook(("code", "import requests\nrequests.get('https://new.example')"), *CELLS)})
    repository.git("add", "--all")
    repository.write({"rates.ipynb": "{}"})  # which is not what would be committed
    assert run(["check", "--staged", "-f", "concise"]) == 1
    assert capsysbinary.readouterr().out.decode().startswith("rates.ipynb:cell 1:2:1: ")


def test_standard_input_is_no_notebook(here, call) -> None:
    code, out, err = call("check", "-", "--stdin-filename", "rates.ipynb")
    assert (code, out) == (2, "")
    assert err == "error: rates.ipynb: standard input can be no notebook\n  save it, and name the file\n"
