"""`baseline` and what `check` makes of it, in this process."""

from __future__ import annotations

import json
import shutil

import pytest
from repository import Repository, quiet

from reliability_lint.engine import days

FILE = ".reliability-baseline.json"
RATE = "import requests\n\n\ndef rate():\n    return requests.get(URL)\n"
PRICE = "import requests\n\n\ndef price():\n    return requests.get(URL)\n"
MORE = "\n\ndef more():\n    return requests.post(URL)\n"
MENDED = RATE.replace("(URL)", "(URL, timeout=3)")


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "service"
    folder.mkdir()
    monkeypatch.chdir(folder)
    quiet(monkeypatch)
    monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-11-26")
    (folder / "reliability-lint.toml").write_text('select = ["missing-timeout"]\n')
    (folder / "a.py").write_text(RATE)
    (folder / "b.py").write_text(PRICE)
    return folder


@pytest.fixture
def findings(call):
    def listed(*arguments: str) -> list[str]:
        return [":".join(line.split(":")[:2]) for line in call("check", "-f", "concise", *arguments)[1].splitlines()]

    return listed


def entries(folder) -> list[dict[str, object]]:
    return json.loads((folder / FILE).read_text())["findings"]


class TestCreate:
    def test_accepts_what_is_there_and_nothing_more(self, here, call, findings):
        assert findings() == ["a.py:5", "b.py:5"]
        assert call("baseline", "create", "--reason", "the gateway moves") == (
            0,
            "",
            f"{FILE}: 2 findings accepted (2 warnings).\nWhat is new is reported from now on. Commit the file.\n",
        )
        assert findings() == []
        (here / "a.py").write_text("import os\n" + RATE + MORE)
        assert findings() == ["a.py:10"]
        assert call("check")[0] == 1

    def test_what_it_holds(self, here, call):
        call("baseline", "create", "a.py", "--reason", "the gateway moves")
        document = json.loads((here / FILE).read_text())
        (entry,) = document.pop("findings")
        assert sorted(document) == ["schema", "selectors", "tool_version"]
        assert document["schema"] == "reliability-lint/baseline/1"
        assert document["selectors"] == ["missing-timeout"]
        assert len(entry.pop("hash")) == 16
        assert entry == {
            "path": "a.py",
            "rule": "REL101",
            "name": "missing-timeout",
            "scope": "rate",
            "line": 5,
            "since": "2026-11-26",
            "reason": "the gateway moves",
        }

    def test_at_the_top_of_the_repository_wherever_it_is_called(self, here, call, findings, monkeypatch):
        Repository(here)
        (here / "shop").mkdir()
        shutil.move(here / "a.py", here / "shop" / "a.py")
        monkeypatch.chdir(here / "shop")
        assert call("baseline", "create")[0] == 0
        assert [one["path"] for one in entries(here)] == ["shop/a.py"]
        assert findings() == []
        monkeypatch.chdir(here)
        assert findings() == ["b.py:5"]

    def test_one_that_is_there_is_not_replaced_unasked(self, here, call):
        call("baseline", "create", "a.py")
        before = (here / FILE).read_bytes()
        code, _, err = call("baseline", "create")
        assert code == 2
        assert f"{FILE}: there is a baseline with 1 entry already\n  `baseline accept` adds to it" in err
        assert (here / FILE).read_bytes() == before
        assert call("baseline", "create", "--force")[0] == 0
        assert len(entries(here)) == 2

    def test_a_damaged_one_is_replaced_by_force_alone(self, here, call):
        (here / FILE).write_text('{"schema"')
        assert call("baseline", "create")[0] == 2
        assert call("baseline", "create", "--force")[0] == 0
        assert len(entries(here)) == 2

    def test_what_cannot_be_written(self, here, call, tmp_path):
        (here / FILE).write_text('{"schema": "reliability-lint/baseline/1", "findings": []}')
        (here / FILE).chmod(0o444)
        code, _, err = call("baseline", "create", "--force")
        assert code == 2
        assert f"{FILE}: the baseline is read-only, so it was not written\n  chmod u+w {FILE}\n" in err
        code, _, err = call("baseline", "create", "--baseline", str(tmp_path / "no" / "b.json"))
        assert code == 2
        assert "cannot be written: No such file or directory" in err

    def test_an_internal_error_is_not_accepted(self, here, call, monkeypatch):
        from reliability_lint.engine import checker

        def failing(*_, **__):
            raise KeyError("what")

        monkeypatch.setattr(checker, "prepare", failing)
        assert "0 findings accepted" in call("baseline", "create")[2]
        assert call("check")[0] == 2


class TestCheck:
    def test_says_what_it_does_not_show(self, here, call):
        call("baseline", "create")
        (here / "a.py").write_text(MENDED)
        out = call("check")[1]
        assert "All clear: 2 files" in out
        assert "not shown: 1 accepted in the baseline · 1 entry of the baseline without a finding: baseline prune" in out
        assert json.loads(call("check", "-f", "json")[1])["summary"]["accepted"] == 1

    def test_never_grows_it(self, here, call):
        call("baseline", "create", "a.py")
        before = (here / FILE).read_bytes()
        for arguments in ((), ("--fix",), ("--diff",), ("--statistics",), ("a.py",)):
            call("check", *arguments)
        (here / "a.py").write_text(MENDED)
        call("check")
        call("baseline", "status")
        assert (here / FILE).read_bytes() == before

    def test_without_and_with_another(self, here, call, findings):
        call("baseline", "create")
        call("baseline", "create", "a.py", "--baseline", "other.json")
        assert findings() == []
        assert findings("--no-baseline") == ["a.py:5", "b.py:5"]
        assert findings("--baseline", "other.json") == ["b.py:5"]
        assert call("check", "--baseline", "other.json", "--no-baseline")[0] == 2
        code, _, err = call("check", "--baseline", "nowhere.json")
        assert (code, err) == (2, "error: nowhere.json: there is no such baseline\n  make one: reliability-lint baseline create\n")

    def test_the_settings_may_name_it(self, here, call, findings):
        (here / "reliability-lint.toml").write_text('select = ["missing-timeout"]\nbaseline = "ci/accepted.json"\n')
        assert call("check")[0] == 2, "named, and not there"
        (here / "ci").mkdir()
        assert call("baseline", "create")[0] == 0
        assert [one["path"] for one in json.loads((here / "ci" / "accepted.json").read_text())["findings"]] == ["../a.py", "../b.py"]
        assert findings() == []

    def test_strict(self, here, call):
        call("baseline", "create")
        (here / "reliability-lint.toml").write_text('select = ["missing-timeout"]\nstrict-baseline = true\n')
        assert call("check")[0] == 0
        (here / "a.py").write_text(MENDED)
        code, _, err = call("check")
        assert (code, err) == (1, "the baseline has entries of which nothing is found any more: run `reliability-lint baseline prune`\n")
        assert call("check", "b.py")[0] == 0, "of what is not checked nothing is said"
        call("baseline", "prune")
        assert call("check")[0] == 0

    @pytest.mark.parametrize("data", ['{"schema": "reliability-lint/baseline/1", "findi', '{"schema": "reliability-lint/baseline/9"}'])
    def test_one_that_cannot_be_used_ends_the_run(self, here, call, data):
        (here / FILE).write_text(data)
        for command in (
            ("check",),
            ("baseline", "status"),
            ("baseline", "prune"),
            ("baseline", "accept", "a.py:5", "--reason", "it is so"),
        ):
            code, out, err = call(*command)
            assert (code, out) == (2, "")
            assert err.startswith(f"error: {FILE}: this ")
            assert "\n  " in err
        assert (here / FILE).read_text() == data


class TestPrune:
    def test_takes_out_what_is_gone(self, here, call, findings):
        call("baseline", "create")
        (here / "a.py").write_text(MENDED)
        assert call("baseline", "prune") == (0, "", f"{FILE}: 1 entry removed, 1 left.\n")
        assert [one["path"] for one in entries(here)] == ["b.py"]
        (here / "a.py").write_text(RATE)
        assert findings() == ["a.py:5"]

    def test_leaves_what_this_run_does_not_look_at(self, here, call):
        (here / "b.py").write_text(
            PRICE.replace("def", "async def").replace("return", "time.sleep(1)\n    return").replace("import", "import time\nimport")
        )
        (here / "reliability-lint.toml").write_text('select = ["missing-timeout", "blocking-call-in-async"]\n')
        call("baseline", "create")
        count = len(entries(here))
        assert count >= 3
        for path in ("a.py", "b.py"):
            (here / path).write_text("def broken(:\n")
        assert "0 entries removed" in call("baseline", "prune")[2], "of files that cannot be read nothing is known"
        for path in ("a.py", "b.py"):
            (here / path).write_text("x = 1\n")
        assert f"1 entry removed, {count - 1} left" in call("baseline", "prune", "a.py")[2]
        (here / "reliability-lint.toml").write_text('select = ["missing-timeout"]\n')
        call("baseline", "prune")
        assert {one["rule"] for one in entries(here)} == {"REL701"}

    def test_a_file_that_is_gone(self, here, call):
        call("baseline", "create")
        (here / "a.py").unlink()
        call("baseline", "prune", "b.py")
        assert len(entries(here)) == 2
        call("baseline", "prune")
        assert [one["path"] for one in entries(here)] == ["b.py"]

    def test_brings_up_to_date_what_has_moved(self, here, call, findings):
        call("baseline", "create", "--reason", "it moves")
        shutil.move(here / "a.py", here / "c.py")
        (here / "b.py").write_text(PRICE.replace("price", "cost"))
        assert findings() == []
        assert call("baseline", "prune") == (0, "", f"{FILE}: 0 entries removed, 2 left.\n")
        assert [(one["path"], one["scope"], one["reason"]) for one in entries(here)] == [
            ("b.py", "cost", "it moves"),
            ("c.py", "rate", "it moves"),
        ]

    def test_writes_nothing_where_nothing_has_changed(self, here, call):
        call("baseline", "create")
        (here / FILE).chmod(0o444)
        assert call("baseline", "prune")[0] == 0
        (here / "a.py").write_text(MENDED)
        code, _, err = call("baseline", "prune")
        assert code == 2
        assert "read-only" in err

    def test_where_there_is_none(self, call):
        code, _, err = call("baseline", "prune")
        assert code == 2
        assert f"there is no baseline ({FILE}) here or above\n  make one: reliability-lint baseline create\n" in err


class TestAccept:
    def test_by_place(self, here, call, findings):
        call("baseline", "create", "a.py")
        (here / "a.py").write_text(RATE + MORE)
        assert findings() == ["a.py:9", "b.py:5"]
        assert call("baseline", "accept", "a.py:9", "--reason", "the hook is ours", "--until", "2027-01-31") == (
            0,
            "",
            f"{FILE}: 1 finding accepted, 2 in all.\n",
        )
        assert findings() == ["b.py:5"]
        assert [(one["scope"], one.get("reason"), one.get("until")) for one in entries(here)] == [
            ("more", "the hook is ours", "2027-01-31"),
            ("rate", None, None),
        ]

    @pytest.mark.parametrize("place", ["b.py:5:12", "b.py:5:REL101", "b.py:5:missing-timeout"])
    def test_by_place_and_more(self, call, findings, place):
        assert call("baseline", "accept", place, "--reason", "the hook is ours")[0] == 0
        assert findings() == ["a.py:5"]

    def test_by_fingerprint(self, here, call, findings):
        from reliability_lint.api import check_source
        from reliability_lint.diagnostics import fingerprint

        (one,) = check_source(PRICE, "b.py").diagnostics
        assert call("baseline", "accept", f"f:{fingerprint(one, 'b.py')[:8]}", "--reason", "the hook is ours")[0] == 0
        assert findings() == ["a.py:5"]

    def test_what_is_over_is_found_again(self, here, call, findings, monkeypatch):
        call("baseline", "accept", "b.py:5", "--reason", "the hook is ours", "--until", "2026-11-26")
        assert findings() == ["a.py:5"]
        monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-11-27")
        assert findings() == ["a.py:5", "b.py:5"]
        assert "1 entry of the baseline ended" in call("check")[1]
        assert call("baseline", "prune")[2] == f"{FILE}: 1 entry removed, 0 left.\n"

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("b.py:4", "--reason", "it is so"), "nothing is found at 'b.py:4'"),
            (("b.py:5:1", "--reason", "it is so"), "nothing is found at 'b.py:5:1'"),
            (("nowhere.py:5", "--reason", "it is so"), "nothing is found at 'nowhere.py:5'"),
            (("b.py", "--reason", "it is so"), "'b.py' is neither a place nor a fingerprint"),
            (("0123456789", "--reason", "it is so"), "no finding has the fingerprint '0123456789'"),
            (("b.py:5", "--reason", "todo"), "is no reason"),
            (("b.py:5", "--reason", "it is so", "--until", "soon"), "--until 'soon' is no day"),
            (("b.py:5", "--reason", "it is so", "--until", "2026-11-25"), "has passed"),
            (("b.py:5",), "Missing option '--reason'"),
        ],
    )
    def test_mistakes(self, here, call, arguments, said):
        code, _, err = call("baseline", "accept", *arguments)
        assert code == 2
        assert said in err
        assert not (here / FILE).exists()

    def test_twice(self, call):
        call("baseline", "create")
        code, _, err = call("baseline", "accept", "b.py:5", "--reason", "it is so")
        assert code == 2
        assert "accepted already" in err


class TestStatus:
    def test_text(self, here, call):
        call("baseline", "create")
        (here / "a.py").write_text(RATE + MORE)
        assert call("baseline", "status") == (
            0,
            f"{FILE}: 2 accepted · 0 gone · 2 left · 1 new · the oldest of 2026-11-26\n2  REL101  missing-timeout\n",
            "",
        )
        (here / "a.py").write_text(MENDED)
        assert call("baseline", "status")[1].endswith("take out what is gone: reliability-lint baseline prune\n")

    def test_json(self, here, call):
        call("baseline", "create")
        (here / "a.py").write_text(MENDED)
        assert json.loads(call("baseline", "status", "-f", "json")[1]) == {
            "schema": "reliability-lint/baseline-status/1",
            "baselines": [{"path": FILE, "accepted": 2, "gone": 1, "ended": 0, "left": 1, "new": 0, "oldest": "2026-11-26"}],
        }


def test_each_part_of_a_repository_may_have_its_own(here, call, findings, monkeypatch):
    for part in ("orders", "mail"):
        (here / part).mkdir()
        (here / part / "reliability-lint.toml").write_text('select = ["missing-timeout"]\n')
        (here / part / "a.py").write_text(RATE)
    monkeypatch.chdir(here / "mail")
    call("baseline", "create", "--baseline", FILE)
    monkeypatch.chdir(here)
    assert findings() == ["a.py:5", "b.py:5", "orders/a.py:5"]
    assert findings("orders", "mail") == ["orders/a.py:5"]
