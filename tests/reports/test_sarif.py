"""SARIF: the schema, and what GitHub demands beyond it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from sample import COMMIT, FILES, HIDDEN, RULES, TIMEOUT, make, region, text_of

from reliability_lint.diagnostics import Anchor, Change, Correction, Diagnostic, Region, Severity
from reliability_lint.reports.line_hash import line_hashes
from reliability_lint.reports.paths import uri
from reliability_lint.reports.sarif import is_security, sarif

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def run_of(report, **options) -> dict:
    document = json.loads(sarif(report, RULES, text_of, **options))
    jsonschema.Draft7Validator(SCHEMA).validate(document)
    (run,) = document["runs"]
    github_would_take(run)
    return run


def github_would_take(run: dict) -> None:
    """What GitHub's documentation lists as required, and its limits."""
    assert run["tool"]["driver"]["name"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        for text in (rule["shortDescription"]["text"], rule["fullDescription"]["text"]):
            assert 0 < len(text) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert len(rule["name"]) <= 255
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    if run["results"]:
        assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert "suppressions" not in result
        (location,) = result["locations"]
        for place in (location, *result.get("relatedLocations", ())):
            physical = place["physicalLocation"]
            assert not physical["artifactLocation"]["uri"].startswith(("/", "."))
            assert " " not in physical["artifactLocation"]["uri"]
            assert "uriBaseId" not in physical["artifactLocation"]
            assert set(physical["region"]) == {"startLine", "startColumn", "endLine", "endColumn"}
            assert all(number >= 1 for number in physical["region"].values())
            assert physical["region"]["startLine"] == physical["region"]["endLine"]


def test_report(report, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = run_of(report)
    first, second, third = run["results"]
    assert first["ruleId"] == "REL101"
    assert first["level"] == "error"
    assert first["message"]["text"] == "the POST may wait for ever. Set a timeout on the client."
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "src/client.py"},
        "region": {"startLine": 6, "startColumn": 20, "endLine": 6, "endColumn": 35},
    }
    assert first["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(FILES["src/client.py"], [6])[6]
    assert [related["message"]["text"] for related in first["relatedLocations"]] == [
        "up to 5 attempts",
        "the default is switched off here",
        "and this",
    ]
    assert [related["id"] for related in first["relatedLocations"]] == [1, 2, 3]
    assert second["level"] == "warning"
    # a file that has vanished, and a place over several lines
    assert set(third["partialFingerprints"]) == {"reliabilityLint/v1"}
    assert third["level"] == "note"
    assert third["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "src/%C3%BC%20b.py"},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
        "contextRegion": {"startLine": 1, "startColumn": 1, "endLine": 3, "endColumn": 2},
    }
    assert HIDDEN.message not in json.dumps(run)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]][2] == "skipped: the link leads nowhere"


def test_a_place_over_several_lines_ends_with_its_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one = msgspec.structs.replace(TIMEOUT, region=Region("src/http.py", 4, 12, 5, 2), related=())
    (result,) = run_of(make(one))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 4, "startColumn": 12, "endLine": 4, "endColumn": len("    return httpx.Client(base_url=url, timeout=None)") + 1,
    }  # fmt: skip


def test_nothing_found():
    run = run_of(make())
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_an_internal_error_is_no_success():
    broken = Diagnostic(region("src/http.py", 1, 1, 1), "REL000", "internal-error", Severity.ERROR, "it failed")
    assert run_of(make(broken))["invocations"] == [{"executionSuccessful": False}]


def test_two_findings_of_a_rule_in_one_line_differ_in_our_fingerprint():
    second = msgspec.structs.replace(COMMIT, region=region("src/client.py", 8, 14, 16), anchor=Anchor(number=2))
    results = run_of(make(COMMIT, second))["results"]
    prints = [result["partialFingerprints"] for result in results]
    assert prints[0]["primaryLocationLineHash"] == prints[1]["primaryLocationLineHash"]
    assert prints[0]["reliabilityLint/v1"] != prints[1]["reliabilityLint/v1"]


@pytest.mark.parametrize(("code", "security"), [("REL101", False), ("REL301", True), ("REL310", False), ("REL401", True)])
def test_only_rules_about_security_are_security_alerts(code, security):
    assert is_security(RULES[code]) is security
    one = msgspec.structs.replace(TIMEOUT, code=code, name=RULES[code].name)
    (rule,) = run_of(make(one))["tool"]["driver"]["rules"]
    assert ("security-severity" in rule["properties"]) is security
    assert ("security" in rule["properties"]["tags"]) is security
    if security:
        assert 0 < float(rule["properties"]["security-severity"]) <= 10


def test_paths_are_relative_to_the_repository(tmp_path, monkeypatch):
    backend = tmp_path / "back end"
    backend.mkdir()
    monkeypatch.chdir(backend)
    assert uri("a b/ü#.py") == "a%20b/%C3%BC%23.py"
    assert uri("a.py", str(tmp_path)) == "back%20end/a.py"
    assert uri(str(tmp_path / "other.py"), str(tmp_path)) == "other.py"
    assert uri("/elsewhere/a b.py") == "file:///elsewhere/a%20b.py"
    assert uri("100%.py") == "100%25.py"


def test_beyond_the_limit_the_gravest_are_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("reliability_lint.reports.sarif._MOST_RESULTS", 2)
    grave = msgspec.structs.replace(TIMEOUT, region=region("z.py", 9, 1, 2), related=())
    results = run_of(make(COMMIT, COMMIT, grave))["results"]
    assert [result["ruleId"] for result in results] == ["REL310", "REL101"]


def test_long_descriptions_are_cut():
    rule = RULES["REL101"]
    long = {
        "REL101": type(rule)(rule.code, rule.name, rule.family, rule.set, rule.severity, "x" * 2000 + "\n\n" + "y " * 2000, rule.options)
    }
    document = json.loads(sarif(make(TIMEOUT), long, text_of))
    driver = document["runs"][0]["tool"]["driver"]
    assert len(driver["rules"][0]["fullDescription"]["text"]) == 1024
    assert len(driver["rules"][0]["shortDescription"]["text"]) == 1024


def test_columns_count_code_points():
    """The place of a name behind a wide and an astral character, as a Python string counts."""
    text = "x = '😀日'; call()\n"
    column = text.index("call") + 1
    one = msgspec.structs.replace(COMMIT, region=region("a.py", 1, column, column + 6))
    run = json.loads(sarif(make(one), RULES, lambda _path: text))["runs"][0]
    found = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert text[found["startColumn"] - 1 : found["endColumn"] - 1] == "call()"


def test_fixes():
    """With what is taken away and what is put there; that a fix is safe is a property, since the format has no word for it."""
    changes = (
        Change(region("src/client.py", 6, 20, 20), "await "),
        Change(region("src/client.py", 6, 49, 1, end_line=8), ", timeout=5"),
    )
    fixed = msgspec.structs.replace(TIMEOUT, fix=Correction("pass a timeout", False, changes))
    first, second = run_of(make(fixed, COMMIT))["results"]
    assert "fixes" not in second
    (fix,) = first["fixes"]
    assert fix["description"] == {"text": "pass a timeout"}
    assert fix["properties"] == {"safe": False}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert change["replacements"] == [
        {"deletedRegion": {"startLine": 6, "startColumn": 20, "endLine": 6, "endColumn": 20}, "insertedContent": {"text": "await "}},
        {"deletedRegion": {"startLine": 6, "startColumn": 49, "endLine": 8, "endColumn": 1}, "insertedContent": {"text": ", timeout=5"}},
    ]
