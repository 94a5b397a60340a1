"""The JSON report is as `docs/json.md` says, and always the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
from sample import make

from reliability_lint import __version__
from reliability_lint.diagnostics import Change, Correction
from reliability_lint.reports.json_v1 import json_v1

DOCS = Path(__file__).parents[2] / "docs" / "json.md"
PLACE = {"path", "line", "column", "end_line", "end_column"}


def test_report(report):
    document = json.loads(json_v1(report))
    assert document["schema"] == "reliability-lint/1"
    assert document["tool"] == {"name": "reliability-lint", "version": __version__}
    assert document["summary"] == {
        "findings": 3, "errors": 1, "warnings": 1, "notes": 1, "suppressed": 1, "accepted": 0, "skipped": 3, "checked": 3, "rules": 7,
    }  # fmt: skip
    first = document["findings"][0]
    assert first["code"] == "REL101"
    assert first["related"][1] == {
        "message": "the default is switched off here", "path": "src/http.py", "line": 4, "column": 39, "end_line": 4, "end_column": 51,
    }  # fmt: skip
    assert document["suppressed"][0]["suppression"] == {"line": 4, "reason": "on purpose"}
    assert document["skipped"][0] == {"path": "a_pb2.py", "reason": "generated code"}
    assert "suppression" not in first


def test_every_field_is_documented_and_every_documented_field_is_there(report):
    document = json.loads(json_v1(report))
    documented = {
        name
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    one = report.diagnostics[0]
    in_cell = make(msgspec.structs.replace(one, region=msgspec.structs.replace(one.region, path="rates.ipynb:cell 3")))
    (of_notebook,) = json.loads(json_v1(in_cell))["findings"]
    assert (of_notebook["path"], of_notebook["cell"]) == ("rates.ipynb", 3)
    found = set(document) | set(document["findings"][0]) | set(document["suppressed"][0]) | set(of_notebook)
    assert found == documented
    assert set(document["findings"][0]["related"][0]) == PLACE | {"message"}


def test_a_fix_says_what_is_changed(report):
    assert json.loads(json_v1(report))["findings"][0]["fix"] is None
    one = report.diagnostics[0]
    fixed = msgspec.structs.replace(one, fix=Correction("pass a timeout", True, (Change(one.region, "get(timeout=5)"),)))
    (found,) = json.loads(json_v1(make(fixed)))["findings"]
    assert set(found["fix"]) == {"title", "safe", "changes"}
    (change,) = found["fix"]["changes"]
    assert set(change) == PLACE | {"text"}
    assert change["text"] == "get(timeout=5)"


def test_time_is_not_in_it(report):
    import msgspec

    later = msgspec.structs.replace(report, seconds=99.0)
    assert json_v1(later) == json_v1(report)
    assert "0.31" not in json_v1(report)
    assert json.loads(json_v1(make(checked=0)))["findings"] == []
