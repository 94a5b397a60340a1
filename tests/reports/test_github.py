"""Annotations, and the summary of a job."""

from __future__ import annotations

import msgspec
from sample import COMMIT, NOTE, TIMEOUT, make, region

from reliability_lint.reports.github import github, summary, write_summary


def numbered(one, count):
    return [msgspec.structs.replace(one, region=region("a.py", number + 1, 1, 2), related=()) for number in range(count)]


def test_commands(report, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert github(report).splitlines() == [
        (
            "::error file=src/client.py,line=6,endLine=6,col=20,endColumn=35,title=missing-timeout (REL101)"
            "::the POST may wait for ever%0Aset a timeout on the client"
        ),
        (
            "::warning file=src/client.py,line=8,endLine=8,col=2,endColumn=11,title=write-without-commit (REL310)"
            "::nothing is committed: 100%25 lost, a|b"
        ),
        "::notice file=src/ü b.py,line=1,endLine=3,title=route-without-auth (REL401)::anyone may call this",
    ]
    assert github(make()) == ""


def test_escapes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = msgspec.structs.replace(COMMIT, region=region("a,b:c%\n::set-x.py", 1, 1, 2), message="m\r\n::error::x %0A")
    (line,) = github(make(evil)).splitlines()
    assert line.startswith("::warning file=a%2Cb%3Ac%25%0A%3A%3Aset-x.py,line=1,")
    assert line.endswith("::m%0A::error::x %250A")


def test_paths_are_relative_to_the_checkout(tmp_path, monkeypatch):
    (tmp_path / "backend").mkdir()
    monkeypatch.chdir(tmp_path / "backend")
    assert "file=backend/src/client.py," in github(make(TIMEOUT), root=str(tmp_path))


def test_at_most_ten_of_each_and_a_count_of_the_rest():
    findings = [*numbered(NOTE, 12), *numbered(COMMIT, 25), *numbered(TIMEOUT, 30)]
    lines = github(make(*findings)).splitlines()
    kinds = [line.split(" ")[0].split("::")[1] for line in lines]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert lines[-1] == f"::notice::+{67 - 29} more"
    exact = github(make(*numbered(NOTE, 10), *numbered(TIMEOUT, 10))).splitlines()
    assert len(exact) == 20
    assert "more" not in exact[-1]
    assert github(make(*numbered(TIMEOUT, 11))).splitlines()[-1] == "::notice::+1 more"


def test_summary(report):
    table = summary(report)
    assert "3 findings (1 error, 1 warning, 1 note) in 3 files." in table
    assert "| `src/client.py:6` | error | missing-timeout REL101 | the POST may wait for ever |" in table
    assert "100% lost, a\\|b" in table
    assert summary(make(checked=2)) == "## reliability-lint\n\nAll clear: 2 files checked.\n\n"
    assert "and 50 more" in summary(make(*numbered(COMMIT, 250)))


def test_the_summary_is_added_where_there_is_one(report, tmp_path, monkeypatch):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    write_summary(report)
    write_summary(report)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n## reliability-lint")
    assert text.count("## reliability-lint") == 2
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    write_summary(report)
