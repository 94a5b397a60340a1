"""`suppress` and `suppressions`, in this process, with the real git."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from repository import Repository, quiet

from reliability_lint.diagnostics import Diagnostic, Region, Severity
from reliability_lint.engine import days, git
from reliability_lint.engine.discover import Found
from reliability_lint.engine.settings import Settings
from reliability_lint.engine.silence import Silenced, silence

RATE = "import requests\n\n\ndef rate():\n    return requests.get(URL)\n"
COMMENT = "    # reliability: ignore[missing-timeout] the caller gives up first\n"
REASON = ("--reason", "the caller gives up first")


def found(folder: Path) -> Found:
    return Found(str(folder / "a.py"), "a.py", Settings())


def finding(line: int) -> Diagnostic:
    """As of a rule that sees all files together and knows the line alone."""
    return Diagnostic(
        Region("a.py", line, 1, line, 2), "REL174", "missing-health-endpoint", Severity.WARNING, "it is not", lines=(line, line)
    )


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    quiet(monkeypatch)
    monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-11-26")
    return tmp_path


class TestSuppress:
    def test_a_comment_above_each_statement(self, here, call):
        (here / "a.py").write_text(RATE)
        (here / "b.py").write_text("x = 1\n")
        assert call("suppress", "missing-timeout", *REASON) == (0, "", "Silenced 1 finding in 1 file.\n")
        assert (here / "a.py").read_text() == RATE.replace("    return", COMMENT + "    return")
        assert call("check", "--preset", "strict", "--select", "REL101,meta")[0] == 0
        assert call("suppress", "missing-timeout", *REASON) == (0, "", "missing-timeout finds nothing here that could be silenced.\n")

    @pytest.mark.parametrize("rule", ["REL101", "REL10", "resilience"])
    def test_the_comment_names_the_rule_whatever_was_asked_for(self, here, call, rule):
        (here / "a.py").write_text(RATE)
        assert call("suppress", rule, *REASON)[0] == 0
        assert COMMENT in (here / "a.py").read_text()

    def test_only_in_the_paths(self, here, call):
        (here / "a.py").write_text(RATE)
        (here / "b.py").write_text(RATE)
        assert call("suppress", "REL101", "b.py", *REASON)[0] == 0
        assert (here / "a.py").read_text() == RATE
        assert COMMENT in (here / "b.py").read_text()

    def test_only_this_rule(self, here, call):
        text = "import time\nimport requests\n\n\nasync def rate():\n    time.sleep(1)\n    return requests.get(URL)\n"
        (here / "a.py").write_text(text)
        assert call("suppress", "REL701", *REASON)[0] == 0
        assert (
            (here / "a.py").read_text().count("# reliability:") == (here / "a.py").read_text().count("ignore[blocking-call-in-async]") > 0
        )
        assert "REL101" in call("check", "-f", "concise")[1]

    def test_until(self, here, call):
        (here / "a.py").write_text(RATE)
        assert call("suppress", "REL101", *REASON, "--until", "2027-01-31")[0] == 0
        assert "# reliability: ignore[missing-timeout] until=2027-01-31 the caller gives up first\n" in (here / "a.py").read_text()

    def test_several_in_one_statement_share_a_comment(self, here, call):
        (here / "a.py").write_text(RATE.replace("requests.get(URL)", "requests.get(URL), requests.get(OTHER)"))
        assert call("suppress", "REL101", *REASON)[2] == "Silenced 2 findings in 1 file.\n"
        assert (here / "a.py").read_text().count(COMMENT) == 1

    def test_where_no_line_of_its_own_is_possible_it_stands_behind(self, here):
        text = 'NAME = """\na""" + FastAPI()  # noqa: E501\n'
        (here / "a.py").write_text(text)
        outcome = silence(found(here), [finding(2)], "it is so")
        assert outcome == Silenced(
            found(here), text.encode(), (text[:-1] + "  # reliability: ignore[missing-health-endpoint] it is so\n").encode(), 1, ()
        )

    def test_where_no_comment_can_stand_it_says_so(self, here):
        text = 'NAME = """\na""" + FastAPI() + """\na"""\n'
        (here / "a.py").write_text(text)
        outcome = silence(found(here), [finding(2), finding(3)], "it is so")
        assert isinstance(outcome, Silenced)
        assert outcome.said == ("line 2: missing-health-endpoint not silenced, for no comment can stand there",)
        assert outcome.number == 1

    @pytest.mark.parametrize(
        ("data", "why"), [(b"x = (\n", "this Python does not read it"), (b"x = '\xff'\n", "it cannot be read"), (None, "it cannot be read")]
    )
    def test_what_cannot_be_read_is_left_alone(self, here, data, why):
        if data is not None:
            (here / "a.py").write_bytes(data)
        assert why in silence(found(here), [finding(1)], "it is so")

    def test_everything_else_in_the_file_stays(self, here, call):
        text = "# -*- coding: latin-1 -*-\r\nimport requests\r\n\r\nNAME = 'caf\xe9'\r\nrequests.get(URL)"
        (here / "a.py").write_bytes(text.encode("latin-1"))
        assert call("suppress", "REL101", "--reason", "le caf\xe9 r\xe9pond")[0] == 0
        comment = "# reliability: ignore[missing-timeout] le caf\xe9 r\xe9pond\r\n"
        assert (here / "a.py").read_bytes() == text.replace("requests.get", comment + "requests.get").encode("latin-1")

    def test_a_reason_that_the_encoding_cannot_write(self, here, call):
        data = b"# coding: latin-1\nimport requests\nrequests.get(URL)\n"
        (here / "a.py").write_bytes(data)
        code, _, err = call("suppress", "REL101", "--reason", "\u672c\u756a\u306f\u5225")
        assert code == 2
        assert "its encoding latin-1 has no way to write the reason" in err
        assert (here / "a.py").read_bytes() == data

    def test_a_reason_that_would_be_read_as_an_encoding(self, here, call):
        data = b"import requests; requests.get(URL, 'caf\xc3\xa9')\n"
        (here / "a.py").write_bytes(data)
        code, _, err = call("suppress", "REL101", "--reason", "coding: latin-1 is to blame")
        assert code == 2
        assert "would change how the file is read" in err
        assert (here / "a.py").read_bytes() == data

    def test_diff_writes_nothing(self, here, call):
        (here / "a.py").write_text(RATE)
        code, out, err = call("suppress", "REL101", *REASON, "--diff")
        assert (code, err) == (0, "Would silence 1 finding in 1 file.\n")
        assert f"+{COMMENT}" in out
        assert (here / "a.py").read_text() == RATE

    def test_a_read_only_file_is_left_alone_and_told(self, here, call):
        (here / "a.py").write_text(RATE)
        (here / "a.py").chmod(0o444)
        code, _, err = call("suppress", "REL101", *REASON)
        assert code == 2
        assert "a.py: not silenced, for it is read-only\n" in err
        assert (here / "a.py").read_text() == RATE

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("REL101", "--reason", "todo"), "--reason 'todo' is no reason"),
            (("REL101", "--reason", "  "), "is no reason"),
            (("REL101", "--reason", "two\nlines"), "takes one line"),
            (("REL101", "--reason", "see #12 of them"), "takes one line without '#'"),
            (("REL101", "--reason", "it moves until=2027-01-01"), "without '#' and 'until='"),
            (("REL101", *REASON, "--until", "spring"), "--until 'spring' is no day\n  write it as 2027-01-31"),
            (("REL101", *REASON, "--until", "2026-11-25"), "--until 2026-11-25 has passed"),
            (("mising-timeout", *REASON), "did you mean 'missing-timeout'?"),
            (("REL101",), "Missing option '--reason'"),
            (("REL101", "nowhere.py", *REASON), "nowhere.py: no such file or folder"),
        ],
    )
    def test_mistakes(self, here, call, arguments, said):
        (here / "a.py").write_text(RATE)
        code, out, err = call("suppress", *arguments)
        assert (code, out) == (2, "")
        assert said in err
        assert (here / "a.py").read_text() == RATE


class TestSuppressions:
    def test_who_why_and_how_old(self, here, call):
        repository = Repository(here)
        repository.commit({"a.py": RATE.replace("    return", COMMENT + "    return")}, day="2026-03-01")
        repository.commit({"b.py": "x = 1  # noqa: REL101,E501\n"}, day="2026-11-20", GIT_AUTHOR_NAME="Grace")
        repository.write({"c.py": "x = 1  # reliability: ignore[data] until=2026-01-31 todo\n"})
        before = repository.state()
        said = (
            "a.py:5: missing-timeout\n    the caller gives up first\n    Ada, 2026-03-01 (270 days)\n"
            "b.py:1: REL101\n    no reason given\n    Grace, 2026-11-20 (6 days)\n"
            "c.py:1: data  ended 2026-01-31\n    todo\n    not committed, as far as git knows\n"
            "\n3 comments in 3 files · 2 without a reason · 1 ended · the oldest of 2026-03-01\n"
        )
        assert call("suppressions") == (0, said, "")
        assert repository.state() == before

    def test_selected(self, here, call):
        repository = Repository(here)
        repository.commit({"a.py": "x = 1  # reliability: ignore[data] it is so\n"}, day="2026-03-01")
        repository.commit({"b.py": "x = 1  # reliability: ignore[data] until=2026-11-25\n"}, day="2026-11-20")

        def listed(*arguments: str) -> list[str]:
            return [one["path"] for one in json.loads(call("suppressions", "-f", "json", *arguments)[1])["suppressions"]]

        assert listed() == ["a.py", "b.py"]
        assert listed("--older-than", "180d") == listed("--older-than", "6m") == listed("--older-than", "26W") == ["a.py"]
        assert listed("--older-than", "1y") == []
        assert listed("--without-reason") == listed("--ended") == listed("b.py") == ["b.py"]
        assert call("suppressions", "--older-than", "1y")[1] == "No comment silences anything here.\n"

    def test_json(self, here, call):
        commit = Repository(here).commit(
            {"a.py": "x = 1  # reliability: ignore[data, REL101] until=2027-01-31 it moves\n"}, day="2026-11-25"
        )
        assert json.loads(call("suppressions", "-f", "json")[1]) == {
            "schema": "reliability-lint/suppressions/1",
            "suppressions": [
                {
                    "path": "a.py",
                    "line": 1,
                    "names": ["data", "REL101"],
                    "reason": "it moves",
                    "until": "2027-01-31",
                    "ended": False,
                    "author": "Ada",
                    "since": "2026-11-25",
                    "commit": commit,
                    "age_days": 1,
                }
            ],
        }

    def test_a_line_that_was_changed_and_not_committed_has_no_author(self, here, call):
        repository = Repository(here)
        repository.commit({"a.py": "x = 1\n"})
        repository.write({"a.py": "x = 1  # reliability: ignore[data] it is so\n"})
        assert "not committed" in call("suppressions")[1]

    def test_in_a_shallow_clone_nobody_is_blamed_for_what_came_before(self, here, call, monkeypatch):
        origin = Repository(here / "origin")
        origin.commit({"a.py": "x = 1  # reliability: ignore[data] it is so\n"}, day="2026-03-01")
        origin.commit({"b.py": ""}, day="2026-11-20", GIT_AUTHOR_NAME="Grace")
        origin.git("clone", "-q", "--depth", "1", origin.folder.as_uri(), str(here / "clone"))
        monkeypatch.chdir(here / "clone")
        out = call("suppressions")[1]
        assert "2026-11-20 or before (6+ days); the clone is shallow" in out
        assert "Grace" not in out

    @pytest.mark.parametrize("without", ["repository", "git"])
    def test_without_git_the_list_is_there_all_the_same(self, here, call, monkeypatch, without):
        if without == "git":
            Repository(here).commit({})
            monkeypatch.setenv("PATH", os.devnull)
        (here / "a.py").write_text("x = 1  # reliability: ignore[data] it is so\n")
        code, out, err = call("suppressions")
        assert (code, err) == (0, "")
        assert out.startswith("a.py:1: data\n    it is so\n    not committed, as far as git knows\n")

    def test_git_that_hangs_does_not_hang_us(self, here, call, monkeypatch):
        Repository(here).commit({"a.py": "x = 1  # reliability: ignore[data] it is so\n"})
        slow = here / "bin"
        slow.mkdir()
        (slow / "git").write_text("#!/bin/sh\nexec sleep 30\n")
        (slow / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{slow}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(git, "PATIENCE", 0.2)
        assert "a.py:1: data\n" in call("suppressions")[1]

    def test_mistakes(self, here, call):
        assert call("suppressions", "--older-than", "long") == (
            2,
            "",
            "error: --older-than takes an age, and 'long' is none\n  for example 180d, 26w, 6m or 1y\n",
        )
        assert call("suppressions", "nowhere")[0] == 2
