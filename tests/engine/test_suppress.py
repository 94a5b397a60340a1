"""Comments that silence findings, and what is said of wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from still_rules import RULES

from reliability_lint.diagnostics import Diagnostic, Region, Severity, Suppression
from reliability_lint.engine import days
from reliability_lint.engine import suppress as module
from reliability_lint.engine.settings import Settings
from reliability_lint.engine.suppress import suppress

RUN = tuple(code for code in RULES if code != "REL004")


def finding(line: int = 1, code: str = "REL101", *, lines: tuple[int, int] | None = None, column: int = 1) -> Diagnostic:
    return Diagnostic(
        Region("a.py", line, column, line, column + 1), code, RULES[code].name, Severity.ERROR, "it waits", lines=lines or (line, line)
    )


def result(
    text: str, *diagnostics: Diagnostic, run: tuple[str, ...] = RUN
) -> tuple[list[tuple[int, str]], list[tuple[int, str, int, str]]]:
    kept, suppressed = suppress(text, "a.py", diagnostics, run)
    return (
        [(one.region.line, one.code) for one in kept],
        [(one.region.line, one.code, one.suppressed.line, one.suppressed.reason) for one in suppressed],
    )


@pytest.mark.parametrize("name", ["missing-timeout", "REL101", "REL1", "REL10", "resilience", "data, missing-timeout"])
def test_every_kind_of_name(name):
    text = f"call()  # reliability: ignore[{name}] the peer is here\n"
    kept, suppressed = result(text, finding())
    assert suppressed == [(1, "REL101", 1, "the peer is here")]
    assert kept == ([(1, "REL002")] if "data" in name else [])


@pytest.mark.parametrize(
    "text",
    [
        "call(  # reliability: ignore[missing-timeout] r\n    a,\n)\n",
        "call(\n    a,  # reliability: ignore[missing-timeout] r\n)\n",
        "call(\n    # reliability: ignore[missing-timeout] r\n    a,\n)\n",
        "call(\n    a,\n)  # reliability: ignore[missing-timeout] r\n",
    ],
)
def test_any_line_of_the_head(text):
    kept, suppressed = result(text, finding(2, lines=(1, 3)))
    assert kept == []
    assert [one[:2] for one in suppressed] == [(2, "REL101")]


def test_the_lines_above():
    text = "x = 1\n# reliability: ignore[missing-timeout] r\n# and\n# reliability: ignore[data] s\ncall()\n"
    kept, suppressed = result(text, finding(5), finding(5, "REL301"), finding(1))
    assert kept == [(1, "REL101")]
    assert suppressed == [(5, "REL101", 2, "r"), (5, "REL301", 4, "s")]


def test_what_is_too_far_away():
    for text in (
        "# reliability: ignore[missing-timeout]\n\ncall()\n",
        "# reliability: ignore[missing-timeout]\nx = 1\ncall()\n",
        "x = 1  # reliability: ignore[missing-timeout]\n\ncall()\n",
        "x = 1\n\ncall()\n# reliability: ignore[missing-timeout]\n",
    ):
        kept, suppressed = result(text, finding(3))
        assert (3, "REL101") in kept
        assert [code for _, code in kept].count("REL002") == 1
        assert suppressed == []


def test_a_string_is_no_comment():
    assert result("call('# reliability: ignore[missing-timeout]')\n", finding()) == ([(1, "REL101")], [])


class TestNoqa:
    @pytest.mark.parametrize("comment", ["# noqa", "# NoQA", "# noqa: REL101", "# noqa: E501,REL101", "# noqa: REL1", "# noqa: rel"])
    def test_silences_on_its_line(self, comment):
        assert result(f"call()  {comment}\n", finding()) == ([], [(1, "REL101", 1, "")])

    @pytest.mark.parametrize("comment", ["# noqa: E501", "# noqa: REL102", "# noqa: REL1011", "# noqa : because"])
    def test_other_codes(self, comment):
        kept, _ = result(f"call()  {comment}\n", finding())
        assert kept == ([] if "because" in comment else [(1, "REL101")])

    def test_only_on_its_line(self):
        assert result("call(\n    a)  # noqa\n", finding(1, lines=(1, 2))) == ([(1, "REL101")], [])

    def test_an_unused_one_is_not_our_business(self):
        assert result("call()  # noqa: REL101\n") == ([], [])


class TestCommentsOfOthers:
    """A comment that names a check of another linter silences our rules that ask the same."""

    @pytest.mark.parametrize(
        "comment",
        [
            "# noqa: S113",
            "# noqa: E501,S113",
            "# noqa: s113 the peer is here",
            "# nosec B113",
            "# nosec: B310, B113 - the peer is here",
            "# nosec request_without_timeout",
            "# pylint: disable=missing-timeout",
            "# pylint:disable=line-too-long, W3101; the peer is here",
            "# nosemgrep: python.requests.best-practice.use-timeout.use-timeout",
            "# nosem: other.rule, use-timeout",
            "# nosemgrep: rules.resilience.reliability-lint-missing-timeout",
            "# type: ignore  # nosec B113  # pylint: disable=invalid-name",
        ],
    )
    def test_silences(self, comment):
        assert result(f"call()  {comment}\n", finding()) == ([], [(1, "REL101", 1, "")])

    @pytest.mark.parametrize(
        "comment",
        [
            "# noqa: S110",
            "# noqa: B113",
            "# nosec",
            "# nosec B110",
            "# nosec the request_without_timeouts",
            "# nosecurity B113",
            "# pylint: disable=all",
            "# pylint: disable=missing-docstring",
            "# pylint: enable=missing-timeout",
            "# pylint: disable-next=missing-timeout",
            "# nosemgrep",
            "# nosemgrep the use-timeout",
            "# nosemgrep: reliability-lint-timeout-disabled",
            "# nosemgrep: missing-timeout",
        ],
    )
    def test_others_do_not(self, comment):
        assert result(f"call()  {comment}\n", finding()) == ([(1, "REL101")], [])

    def test_only_rules_that_ask_the_same(self):
        kept, suppressed = result("call()  # noqa: S113\n", finding(), finding(code="REL301"))
        assert kept == [(1, "REL301")]
        assert [one[1] for one in suppressed] == ["REL101"]

    @pytest.mark.parametrize("comment", ["# noqa: S113", "# nosec B113", "# pylint: disable=W3101", "# nosemgrep: use-timeout"])
    def test_on_any_line_of_the_head(self, comment):
        for text in (f"call(  {comment}\n    a,\n)\n", f"call(\n    a,\n)  {comment}\n"):
            kept, suppressed = result(text, finding(2, lines=(1, 3)))
            assert kept == []
            assert len(suppressed) == 1
        assert result(f"x = 1  {comment}\ncall()\n", finding(2))[0] == [(2, "REL101")]

    def test_our_codes_beside_theirs_hold_for_their_line_alone(self):
        text = "call(\n    a)  # noqa: E501,REL101\n"
        assert result(text, finding(1, lines=(1, 2)))[0] == [(1, "REL101")]

    @pytest.mark.parametrize(
        ("comment", "silenced"),
        [
            ("# pylint: disable-next=missing-timeout", True),
            ("# nosemgrep: use-timeout", True),
            ("# noqa: S113", False),
            ("# nosec B113", False),
            ("# pylint: disable=missing-timeout", False),  # holds for the rest of its block
        ],
    )
    def test_on_the_line_above(self, comment, silenced):
        kept, suppressed = result(f"{comment}\ncall()\n", finding(2))
        assert (not kept, bool(suppressed)) == (silenced, silenced)

    @pytest.mark.parametrize("comment", ["# noqa: S113", "# nosec B113", "# pylint: disable=W3101", "# nosemgrep: use-timeout"])
    def test_whether_they_are_needed_is_not_our_business(self, comment):
        assert result(f"call()  {comment}\n") == ([], [])


class TestBlanket:
    @pytest.mark.parametrize("comment", ["ignore", "ignore the timeout", "ignore[]", "ignore[all]", "ignore[REL]", "ignore[recommended]"])
    def test_silences_nothing(self, comment):
        kept, suppressed = result(f"call()  # reliability: {comment}\n", finding())
        assert kept == [(1, "REL101"), (1, "REL003")]
        assert suppressed == []

    def test_names_beside_it_still_hold(self):
        kept, suppressed = result("call()  # reliability: ignore[all, REL101]\n", finding())
        assert kept == [(1, "REL003")]
        assert [one[1] for one in suppressed] == ["REL101"]


class TestUnknown:
    def test_says_what_was_meant_at_the_name(self):
        kept, _ = suppress("call()  # reliability: ignore[REL1, mising-timeout]\n", "b.py", [finding()], RUN)
        (unknown,) = kept
        assert unknown.code == "REL005"
        assert unknown.region == Region("b.py", 1, 37, 1, 51)
        assert unknown.cure == "did you mean 'missing-timeout'?"

    def test_reserved_codes_are_not_unknown(self):
        assert result("call()  # reliability: ignore[lock-without-expiry, REL113]\n") == ([], [])


class TestUnused:
    def test_whole_comment(self):
        kept, _ = suppress("call()  # reliability: ignore[missing-timeout] why\n", "a.py", [], RUN)
        (unused,) = kept
        assert (unused.code, unused.severity, unused.cure) == ("REL002", Severity.WARNING, "delete the comment")
        assert unused.region == Region("a.py", 1, 9, 1, 51)

    def test_one_name_of_several(self):
        kept, suppressed = suppress("call()  # reliability: ignore[REL101, REL301] why\n", "a.py", [finding()], RUN)
        assert [one.code for one in suppressed] == ["REL101"]
        assert [one.message for one in kept] == ["nothing is found here that 'REL301' (sql-interpolated-value) would silence"]
        assert kept[0].region == Region("a.py", 1, 39, 1, 45)

    @pytest.mark.parametrize("run", [("REL002",), ("REL002", "REL102"), ("REL101",)])
    def test_only_if_the_rules_were_run(self, run):
        assert result("call()  # reliability: ignore[missing-timeout]\n", run=run) == ([], [])

    def test_of_a_family_all_its_rules(self):
        text = "call()  # reliability: ignore[resilience]\n"
        assert result(text, run=("REL002", "REL101", "REL102")) == ([], [])
        assert result(text, run=RUN)[0] == [(1, "REL002")]

    def test_one_finding_may_have_two_comments(self):
        text = "# reliability: ignore[REL101] a\ncall()  # reliability: ignore[REL101] b\n"
        assert result(text, finding(2)) == ([], [(2, "REL101", 1, "a")])


class TestUntil:
    """A comment may say until when it holds: its day is the last."""

    @pytest.fixture(autouse=True)
    def today(self, monkeypatch):
        monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-11-26")

    @pytest.mark.parametrize(
        "said",
        [
            "until=2026-11-26 the gateway moves",
            "the gateway moves until=2026-11-26",
            "the gateway until=2026-11-26, moves",
            "until=2026-11-26",
        ],
    )
    def test_holds_through_its_day(self, said):
        kept, (one,) = suppress(f"call()  # reliability: ignore[missing-timeout] {said}\n", "a.py", [finding()], RUN)
        assert kept == ()
        assert one.suppressed.until == "2026-11-26"
        assert one.suppressed.reason == " ".join(word for word in said.split() if not word.startswith("until="))

    def test_the_day_after_the_finding_is_back_and_says_why(self):
        (told,), suppressed = suppress(
            "call()  # reliability: ignore[missing-timeout] until=2026-11-25 it moves\n", "a.py", [finding()], RUN
        )
        assert suppressed == ()
        assert told.code == "REL101"
        (note,) = told.related
        assert note.message == "this comment silenced it until 2026-11-25"
        assert note.region == Region("a.py", 1, 9, 1, 73)

    @pytest.mark.parametrize("date", ["2026-13-01", "tomorrow", "", "2026-1-1", "20270101", "2027-02-30"])
    def test_what_is_no_day_silences_nothing(self, date):
        (told,), suppressed = suppress(f"call()  # reliability: ignore[REL101] until={date} it moves\n", "a.py", [finding()], RUN)
        assert suppressed == ()
        assert "names no day, as until=2027-01-31 does" in told.related[0].message

    def test_another_comment_may_still_hold(self):
        text = "# reliability: ignore[REL101] until=2026-01-01 old\ncall()  # reliability: ignore[REL101] new\n"
        assert result(text, finding(2)) == ([], [(2, "REL101", 2, "new")])

    def test_one_that_is_over_and_silenced_nothing_may_go(self):
        assert result("call()  # reliability: ignore[REL101] until=2026-01-01 old\n") == ([(1, "REL002")], [])

    def test_for_how_long_a_report_is_true(self):
        text = "".join(
            f"call()  # reliability: ignore[REL101] until={day}\n" for day in ("2026-12-24", "2026-11-26", "2026-02-28", "2025-01-01", "x")
        )
        assert module.term(text) == ("2026-03-01", "2026-11-26")
        assert module.term("call()  # reliability: ignore[REL101] until=2026-12-31\n") == ("", "2026-12-31")
        assert module.term("until='2026-12-31'\n") == ("", "")
        assert days.holds_today(("2026-03-01", "2026-11-26"))
        assert days.holds_today(("", ""))
        assert not days.holds_today(("2026-11-27", ""))
        assert not days.holds_today(("", "2026-11-25"))


class TestReason:
    STRICT = tuple(RULES)

    @pytest.mark.parametrize(
        "reason", ["", "todo", "TODO: fix later", "false positive", "FP", "n/a", "wontfix 123", "until=2099-01-01", "..."]
    )
    def test_none(self, reason):
        kept, suppressed = result(f"call()  # reliability: ignore[missing-timeout] {reason}\n", finding(), run=self.STRICT)
        assert kept == [(1, "REL004")]
        assert len(suppressed) == 1, "it silences all the same"

    @pytest.mark.parametrize("reason", ["the peer is here", "PAY-118", "fix in March", "because of billing", "\u672c\u756a\u306f\u5225"])
    def test_some(self, reason):
        assert result(f"call()  # reliability: ignore[missing-timeout] {reason}\n", finding(), run=self.STRICT)[0] == []

    def test_not_of_comments_to_others_nor_twice_of_one_that_names_nothing(self):
        assert result("call()  # noqa: REL101\n", finding(), run=self.STRICT)[0] == []
        assert result("call()  # reliability: ignore\n", run=self.STRICT)[0] == [(1, "REL003")]

    def test_not_silenced_by_itself(self):
        assert (1, "REL004") in result("call()  # reliability: ignore[suppression-without-reason]\n", run=self.STRICT)[0]


class TestAboutComments:
    """What is said of a comment cannot be silenced by that comment, but by another one."""

    @pytest.mark.parametrize(
        ("names", "told"),
        [
            ("unused-suppression", ["REL002"]),
            ("missing-timeout, unused-suppression", ["REL002", "REL002"]),
            ("meta", ["REL002"]),
            ("all, blanket-suppression", ["REL002", "REL003"]),
            ("xyzzy, unknown-rule-in-suppression", ["REL002", "REL005"]),
        ],
    )
    def test_not_by_itself(self, names, told):
        kept, suppressed = result(f"call()  # reliability: ignore[{names}] it is generated\n", run=tuple(RULES))
        assert sorted(code for _, code in kept) == told
        assert suppressed == []

    @pytest.mark.parametrize(("name", "other"), [("unused-suppression", "missing-timeout"), ("REL003", "all"), ("REL005", "xyzzy")])
    def test_by_another(self, name, other):
        text = f"# reliability: ignore[{name}] it is generated\ncall()  # reliability: ignore[{other}]\n"
        kept, suppressed = result(text)
        assert kept == []
        assert [(line, reason) for line, _, _, reason in suppressed] == [(2, "it is generated")]


def test_internal_errors_are_never_silenced():
    assert result("x  # noqa # reliability: ignore[meta]\n", finding(1, "REL000"))[0] == [(1, "REL000")]


def test_severities_come_from_the_settings():
    settings = Settings(rules=(("unused-suppression", (("severity", "note"),)),))
    (unused,), _ = suppress("x  # reliability: ignore[REL101]\n", "a.py", [], RUN, settings)
    assert unused.severity is Severity.NOTE


def test_without_comments_nothing_is_read(monkeypatch):
    monkeypatch.setattr(module, "catalogue", None)
    late, early = finding(2), finding(1)
    assert suppress("call()  # a comment\n" * 2, "a.py", [late, early], RUN) == ((early, late), ())


def test_the_rest_of_a_finding_stays_as_it_is():
    _, (one,) = suppress("call()  # reliability: ignore[REL101] why\n", "a.py", [finding()], RUN)
    assert one.suppressed == Suppression(1, "why")
    assert one.message == "it waits"


@given(st.text(alphabet="#reliability: ignore[REL101,all]noqa:S113secpyldm=\n'\"", max_size=120))
def test_nothing_is_lost_and_nothing_fails(text):
    given_findings = [finding(line) for line in (1, 2, 3)]
    kept, suppressed = suppress(text, "a.py", given_findings, RUN)
    told = [one for one in (*kept, *suppressed) if one.code == "REL101"]
    assert sorted(one.region.line for one in told) == [1, 2, 3]
