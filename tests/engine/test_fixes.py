"""Repairing files: rounds, what is taken back, and what other files have to say."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

import pytest

from reliability_lint import registry
from reliability_lint.diagnostics import Report
from reliability_lint.engine import checker
from reliability_lint.engine.check import checks_for
from reliability_lint.engine.discover import discover
from reliability_lint.engine.fixes import Fixed, repair, together
from reliability_lint.engine.mending import ROUNDS
from reliability_lint.engine.run import run
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.engine.stepwise import Stepwise
from reliability_lint.finding import Edit, Fix
from reliability_lint.model.places import Call

CODE = "REL710"  # whose rule is put aside for one that finds calls of these names

FIXES = {
    "old": lambda call: Fix("rename it", (Edit(call.node.func, "new"),), safe=True),
    "perhaps": lambda call: Fix("rename it", (Edit(call.node.func, "surely"),)),
    "break_it": lambda call: Fix("break it", (Edit(call.node.func, "not ("),), safe=True),
    "leave_function": lambda call: Fix("await it", (Edit(call.node, "await ", at="before"),), safe=True),
    "leave": lambda call: Fix("leave it", (Edit(call.node.args[0].value, "2"),), safe=True),
    "worse": lambda call: Fix("make it worse", (Edit(call.node.func, "requests.get"),), safe=True, imports=("import requests",)),
    "outer": lambda call: Fix("undress it", (Edit(call.node, "{}", keep=call.node.args[0].value),), safe=True),
    "endless": lambda call: Fix("say None", (Edit(call.node, "None"),), safe=True),
    "both": lambda call: Fix("twice", (Edit(call.node, "a"), Edit(call.node.func, "b")), safe=True),
    "imported": lambda call: Fix("import it", (Edit(call.node.func, "ssl.f"),), safe=True, imports=("import ssl",)),
}


@pytest.fixture(autouse=True)
def renaming(monkeypatch):
    def rule_of_names(call: Call):
        name = call.word
        if name in FIXES:
            yield call.finding(f"{name}() is wrong", fix=FIXES[name](call))

    rule = dataclasses.replace(registry.rules()[CODE], place=Call, meaning=None, check=rule_of_names, options=MappingProxyType({}))
    monkeypatch.setitem(registry._rules, CODE, rule)
    monkeypatch.setattr(checker, "needed", lambda *_: True)  # short texts, which import nothing
    checks_for.cache_clear()
    yield
    checks_for.cache_clear()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").touch()

    def checked(select=(CODE,), **files: str):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        settings = Settings(root=str(tmp_path), select=select)
        found = discover([str(tmp_path)], Lookup(isolated=True, change=lambda _: settings)).files
        return found, run(found, whole=True)

    return checked


def repaired(project, text: str, *, unsafe: bool = False, select=(CODE,)) -> tuple[str, Fixed | None]:
    found, report = project(select=select, service=text)
    fixed, alone = repair(found, report, unsafe=unsafe)
    assert alone == []
    return (fixed[0].text, fixed[0]) if fixed else (text, None)


def test_all_of_a_file_at_once(project):
    text, fixed = repaired(project, "old(1)\nperhaps(2)\nif x:\n    old(3)  # why\n")
    assert text == "new(1)\nperhaps(2)\nif x:\n    new(3)  # why\n"
    assert fixed.times == {"dangling-task": 2}
    assert fixed.said == ()
    assert fixed.after == text.encode()


def test_suggestions_only_where_they_are_asked_for(project):
    assert repaired(project, "perhaps(2)\n")[0] == "perhaps(2)\n"
    assert repaired(project, "perhaps(2)\n", unsafe=True)[0] == "surely(2)\n"


def test_what_a_comment_silences_stays(project):
    text = "old(1)  # reliability: ignore[dangling-task] it is known\nold(2)\n"
    assert repaired(project, text)[0] == text.replace("old(2)", "new(2)")


def test_what_breaks_the_file_is_taken_back_and_the_others_are_not(project):
    text, fixed = repaired(project, "old(1)\nbreak_it(2)\nold(3)\n")
    assert text == "new(1)\nbreak_it(2)\nnew(3)\n"
    (said,) = fixed.said
    assert said.endswith("service.py: the fix of dangling-task in line 2 was taken back: the file would no longer be valid Python")


def test_what_only_python_s_compiler_refuses_is_taken_back(project):
    text, fixed = repaired(project, "def f():\n    leave_function()\n")
    assert text == "def f():\n    leave_function()\n"
    assert "valid Python" in fixed.said[0]


def test_what_does_not_help_is_taken_back(project):
    text, fixed = repaired(project, "old(1)\nleave(1)\n")
    assert text == "new(1)\nleave(1)\n"
    assert "what was found would still be found" in fixed.said[0]


def test_what_brings_something_else_is_taken_back(project):
    text, fixed = repaired(project, "import os\nworse(URL)\n\nold(os)\n", select=(CODE, "REL101"))
    assert text == "import os\nworse(URL)\n\nnew(os)\n"
    assert "it would bring missing-timeout" in fixed.said[0]
    assert repaired(project, "worse(URL)\n")[0] == "import requests\n\nrequests.get(URL)\n", "if nobody minds"


def test_a_place_in_which_nothing_would_be_found_is_no_excuse_for_another(project):
    """One finding of the same kind goes and one comes."""
    before = "import requests\n\nrequests.get(URL)\nworse(URL)\n"
    text, fixed = repaired(project, before, select=(CODE, "REL101"))
    assert text == before
    assert fixed.said


def test_those_in_each_other_s_way_wait_for_the_next_round(project):
    assert repaired(project, "outer(outer(outer(1)))\n")[0] == "1\n"


def test_after_ten_rounds_the_rule_is_named(project):
    deep = ROUNDS + 2
    text, fixed = repaired(project, "outer(" * deep + "1" + ")" * deep + "\n")
    assert text == "outer(outer(1))\n"
    assert fixed.times == {"dangling-task": ROUNDS}
    (said,) = fixed.said
    assert said.endswith("still not done after 10 rounds, and left as it was then: dangling-task")


def test_a_new_import_is_wanted_by_several(project):
    assert repaired(project, "import os\nimported(1)\nimported(2)\n")[0] == "import os\nimport ssl\nssl.f(1)\nssl.f(2)\n"


def test_a_fix_that_contradicts_itself_is_a_mistake_of_the_rule_s(project):
    _, report = project(service="both(1)\n")
    assert [(one.code, one.fix) for one in report.diagnostics] == [("REL000", None), (CODE, None)]
    assert "dangling-task" in report.diagnostics[0].message


def test_comments_that_silence_nothing_go(project):
    before = (
        "# reliability: ignore[missing-timeout] once\n"
        "a = 1  # reliability: ignore[missing-timeout] twice\n"
        "b = 2  # reliability: ignore[missing-timeout] thrice  # noqa: E501\n"
        "old(1)  # reliability: ignore[missing-timeout, dangling-task] why\n"
        "old(1)  # reliability: ignore[dangling-task, missing-timeout] why\n"
        "c = 3  # reliability: ignore[missing-timeout, dangling-task]"
    )
    after = (
        "a = 1\n"
        "b = 2    # noqa: E501\n"
        "old(1)  # reliability: ignore[dangling-task] why\n"
        "old(1)  # reliability: ignore[dangling-task] why\n"
        "c = 3"
    )
    assert repaired(project, before, select=(CODE, "REL101", "REL002"))[0] == after


def test_misspelt_names_in_comments_are_a_suggestion(project):
    before = "leave_it(1)  # reliability: ignore[dangling-tusk] why\n"
    select = (CODE, "REL005")
    assert repaired(project, before, select=select)[0] == before
    assert repaired(project, before, select=select, unsafe=True)[0] == before.replace("tusk", "task")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbfold(1)\r\nold(2)\r\n", b"\xef\xbb\xbfnew(1)\r\nnew(2)\r\n"),
        ("# coding: latin-1\nold('é')\n".encode("latin-1"), "# coding: latin-1\nnew('é')\n".encode("latin-1")),
        ("x = '日本'; old('é')".encode(), "x = '日本'; new('é')".encode()),
        (b"import os\r\nimported(os)\r\n", b"import os\r\nimport ssl\r\nssl.f(os)\r\n"),
        (b"import os\rimported(os)\r", b"import os\rimport ssl\rssl.f(os)\r"),
        (b"old(1)\r\nold(2)\nold(3)\rold(4)\r\n", b"new(1)\r\nnew(2)\nnew(3)\rnew(4)\r\n"),
        (b"import os\n\x0c\nimported(1)\n\x0cold(2)\n", b"import os\nimport ssl\n\x0c\nssl.f(1)\n\x0cnew(2)\n"),
    ],
    ids=["mark and line ends", "declared encoding", "no end of line", "new lines", "old line ends", "mixed line ends", "form feeds"],
)
def test_bytes_stay_as_they_were(project, tmp_path, before, after):
    project(service="")
    (tmp_path / "service.py").write_bytes(before)
    found, report = project()
    ((fixed,), alone) = repair(found, report, unsafe=False)
    assert alone == []
    assert (fixed.before, fixed.after) == (before, after)


def test_what_its_encoding_cannot_write_is_not_done(project, tmp_path, monkeypatch):
    monkeypatch.setitem(FIXES, "old", lambda call: Fix("rename it", (Edit(call.node.func, "日本"),), safe=True))
    project(service="")
    (tmp_path / "service.py").write_bytes("# coding: latin-1\nold('é')\n".encode("latin-1"))
    found, report = project()
    fixed, alone = repair(found, report, unsafe=False)
    assert fixed == []
    assert "latin-1 has no way to write" in alone[0] or "iso-8859-1 has no way to write" in alone[0]


def test_a_file_that_has_changed_since_is_left_alone(project, tmp_path):
    found, report = project(service="old(1)\n", other="old(2)\n")
    (tmp_path / "service.py").write_text("\nold(1)\n")
    fixed, alone = repair(found, report, unsafe=False)
    assert [one.text for one in fixed] == ["new(2)\n"]
    assert [line.rpartition("service.py: ")[2] for line in alone] == ["not fixed, for it has changed since it was checked"]


def test_a_file_that_has_gone_is_left_alone(project, tmp_path):
    found, report = project(service="old(1)\n")
    (tmp_path / "service.py").unlink()
    fixed, alone = repair(found, report, unsafe=False)
    assert fixed == []
    assert "cannot be read" in alone[0]


BUSY = "from limits import LIMIT\nimport requests\n\n\ndef f():\n    return requests.get(URL, timeout=LIMIT)\n"


def test_what_brings_something_in_another_file_is_taken_back(project):
    found, report = project(select=(CODE, "REL102"), limits="LIMIT = endless(5)\n", busy=BUSY, service="old(1)\n")
    assert [one.code for one in report.diagnostics] == [CODE, CODE]
    fixed, _ = repair(found, report, unsafe=False)
    assert len(fixed) == 2

    def again(texts) -> Report:
        return run(found, overlay=texts)

    kept, left, alone = together(fixed, report, again)
    assert [one.text for one in kept] == ["new(1)\n"]
    assert [one.code for one in left.diagnostics] == [CODE]
    (said,) = alone
    assert "limits.py: not fixed, for it would bring timeout-disabled in " in said
    assert said.endswith("busy.py:6")


def test_what_brings_nothing_anywhere_stays(project):
    found, report = project(select=(CODE, "REL102"), limits="LIMIT = old(5)\n", busy=BUSY)
    fixed, _ = repair(found, report, unsafe=False)
    kept, left, alone = together(fixed, report, lambda texts: run(found, overlay=texts))
    assert (kept, left.diagnostics, alone) == (fixed, (), [])


def test_what_a_fix_takes_from_another_file_keeps_that_from_nothing(project, monkeypatch):
    """One file is repaired, and a finding of the other goes with it; the other is repaired all the same."""
    monkeypatch.setitem(FIXES, "limit", lambda call: Fix("set it", (Edit(call.node, "LIMIT = 5"),), safe=True))
    found, report = project(select=(CODE, "REL102"), limits="LIMIT = None\nlimit()\n", service=BUSY + "\n\nold(1)\n")
    fixed, alone = repair(found, report, unsafe=False)
    assert [one.text for one in fixed] == ["LIMIT = None\nLIMIT = 5\n", BUSY + "\n\nnew(1)\n"]
    assert alone == []
    kept, left, alone = together(fixed, report, lambda texts: run(found, overlay=texts))
    assert (kept, left.diagnostics, alone) == (fixed, (), [])


def test_what_all_files_tell_together_keeps_no_file_from_being_repaired(project):
    app = "from fastapi import FastAPI\n\napp = FastAPI()\nold(1)\n"
    found, report = project(select=(CODE, "REL174"), app=app)
    assert {one.code for one in report.diagnostics} == {CODE, "REL174"}
    fixed, alone = repair(found, report, unsafe=False)
    assert [one.text for one in fixed] == [app.replace("old", "new")]
    assert alone == []


class TestOneAfterTheOther:
    """As somebody decides. What is accepted is written."""

    @pytest.fixture
    def begun(self, project):
        def begin(select=(CODE,), **files: str):
            found, report = project(select, **files)
            said: list[str] = []
            return Stepwise(found, report, lambda texts: run(found, overlay=texts, whole=True), recall=None, say=said.append), said

        return begin

    def test_each_is_written_at_once(self, begun, tmp_path):
        session, said = begun(service="old(1)\nperhaps(2)\nold(3)\n")
        offers = []
        while (offer := session.offer()) is not None:
            offers.append((session.left, offer.step.diagnostic.region.line, offer.step.correction.safe))
            assert session.accept(offer) == ""
            assert (tmp_path / "service.py").read_text() == offer.after
        assert offers == [(3, 1, True), (2, 2, False), (1, 3, True)]
        assert (tmp_path / "service.py").read_text() == "new(1)\nsurely(2)\nnew(3)\n"
        assert session.report.diagnostics == ()
        assert (session.times, session.failed, said) == ({"dangling-task": 3}, False, [])

    def test_what_is_declined_is_not_offered_again_wherever_it_has_moved(self, begun, tmp_path):
        session, _ = begun(service="import os\nold(1)\nimported(2)\nold(3)\n")
        session.decline(session.offer())
        assert session.accept(session.offer()) == ""
        offer = session.offer()
        assert offer.step.diagnostic.region.line == 5
        session.decline(offer)
        assert session.offer() is None
        assert (tmp_path / "service.py").read_text() == "import os\nimport ssl\nold(1)\nssl.f(2)\nold(3)\n"

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("break_it(1)\nold(2)\n", "the file would no longer be valid Python"),
            ("leave(1)\nold(2)\n", "what was found would still be found"),
            ("worse(1)\nold(2)\n", "it would bring missing-timeout"),
        ],
    )
    def test_what_is_no_good_is_taken_back(self, begun, tmp_path, text, why):
        session, _ = begun((CODE, "REL101"), service=text)
        assert session.accept(session.offer()) == f"the fix was taken back: {why}"
        assert (tmp_path / "service.py").read_text() == text
        assert session.accept(session.offer()) == ""
        assert session.offer() is None
        assert (tmp_path / "service.py").read_text() == text.replace("old", "new")

    def test_what_brings_something_in_another_file_is_taken_back(self, begun, tmp_path):
        session, _ = begun((CODE, "REL102"), limits="LIMIT = endless(5)\n", busy=BUSY)
        why = session.accept(session.offer())
        assert why.startswith("the fix was taken back: it would bring timeout-disabled in ")
        assert why.endswith("busy.py:6")
        assert (tmp_path / "limits.py").read_text() == "LIMIT = endless(5)\n"
        assert session.offer() is None

    def test_other_files_are_asked_only_if_they_could_tell_a_difference(self, begun, monkeypatch):
        asked = []
        session, _ = begun(service="def f():\n    old(1)\n", other="import service\n")
        monkeypatch.setattr(session, "_again", lambda texts: asked.append(texts))
        assert session.accept(session.offer()) == ""
        assert asked == []

    def test_what_a_fix_does_to_findings_of_other_files_is_known_when_their_turn_comes(self, begun, tmp_path, monkeypatch):
        monkeypatch.setitem(FIXES, "limit", lambda call: Fix("set it", (Edit(call.node, "LIMIT = 5"),), safe=True))
        session, said = begun((CODE, "REL102"), busy=BUSY + "\n\nold(1)\n", limits="LIMIT = None\nlimit()\n")
        assert [one.code for one in session.report.diagnostics] == ["REL102", CODE, CODE]
        session.decline(session.offer())
        assert session.accept(session.offer()) == ""
        assert [one.code for one in session.report.diagnostics] == [CODE]
        assert (session.offer(), said) == (None, [])

    def test_a_file_whose_findings_another_fix_has_changed_is_still_repaired(self, begun, tmp_path, monkeypatch):
        monkeypatch.setitem(FIXES, "limit", lambda call: Fix("set it", (Edit(call.node, "LIMIT = 5"),), safe=True))
        session, said = begun((CODE, "REL102"), limits="LIMIT = None\nlimit()\n", service=BUSY + "\n\nold(1)\n")
        assert session.accept(session.offer()) == ""
        assert session.accept(session.offer()) == ""
        assert (tmp_path / "service.py").read_text() == BUSY + "\n\nnew(1)\n"
        assert (session.offer(), session.report.diagnostics, said) == (None, (), [])

    def test_with_a_comment_instead(self, begun, tmp_path):
        session, _ = begun(service="x = 1\nif x:\n    old(1)\nold(2)\n")
        assert session.silence(session.offer(), "nobody waits for it") == ""
        comment = "    # reliability: ignore[dangling-task] nobody waits for it\n"
        assert (tmp_path / "service.py").read_text() == f"x = 1\nif x:\n{comment}    old(1)\nold(2)\n"
        assert session.offer().step.diagnostic.region.line == 5
        assert (session.silenced, session.times) == (1, {})

    def test_a_file_that_has_changed_since_is_left_alone(self, begun, tmp_path):
        session, said = begun(first="old(1)\nold(2)\n", second="old(3)\n", third="old(4)\n")
        (tmp_path / "second.py").write_text("old(3); old(4)\n")
        offer = session.offer()
        (tmp_path / "first.py").write_text("old(1)\n")
        assert session.accept(offer) == "not fixed, for it has changed since it was checked"
        assert (tmp_path / "first.py").read_text() == "old(1)\n"
        assert session.accept(session.offer()) == ""
        assert session.offer() is None
        assert [line.rpartition("/")[2] for line in said] == ["second.py: not fixed, for it has changed since it was checked"]
        assert (tmp_path / "third.py").read_text() == "new(4)\n"
        assert session.failed
