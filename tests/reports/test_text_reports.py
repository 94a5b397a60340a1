"""What people read."""

from __future__ import annotations

import re

import msgspec
from sample import COMMIT, FILES, NOTE, RULES, TIMEOUT, make, region, text_of

from reliability_lint.diagnostics import Severity
from reliability_lint.reports.ink import coloured, safe, wants_colour
from reliability_lint.reports.paths import fingerprint
from reliability_lint.reports.text import concise, counts, full, grouped


def test_full(report):
    assert full(report, RULES, text_of) == (
        "src/client.py:6:20: error: the POST may wait for ever  missing-timeout REL101\n"
        "  │\n"
        "5 │         for attempt in range(5):\n"
        "  │         ------------------------ up to 5 attempts\n"
        '6 │             resp = self._http.post(f"/capture/{order}")\n'
        "  │                    ^^^^^^^^^^^^^^^\n"
        "  │\n"
        "  ├─ src/http.py:4:39\n"
        "4 │     return httpx.Client(base_url=url, timeout=None)\n"
        "  │                                       ------------ the default is switched off here\n"
        "  │\n"
        "  ├─ src/gone.py:1:2  and this\n"
        "  = why   A peer that says nothing keeps this worker until someone restarts it\n"
        "  = fix   set a timeout on the client\n"
        f"  = more  reliability-lint explain REL101  finding {fingerprint(TIMEOUT)[:8]}\n"
        "\n"
        "src/client.py:8:2: warning: nothing is committed: 100% lost, a|b  write-without-commit REL310\n"
        "  │\n"
        "8 │     événement = 日本(x)  # tab and wide\n"
        "  │     ^^^^^^^^^\n"
        "  = why   A peer that says nothing keeps this worker until someone restarts it\n"
        f"  = more  reliability-lint explain REL310  finding {fingerprint(COMMIT)[:8]}\n"
        "\n"
        "src/ü b.py:1:1: note: anyone may call this  route-without-auth REL401\n"
        "  = why   A peer that says nothing keeps this worker until someone restarts it\n"
        f"  = more  reliability-lint explain REL401  finding {fingerprint(NOTE)[:8]}\n"
        "\n"
        "3 findings  1 error · 1 warning · 1 note\n"
        "checked 3 files in 0.31 s\n"
        "not shown: 1 suppressed · 2 files skipped: generated code · 1 file skipped: the link leads nowhere\n"
    )


def test_grouped(report):
    assert grouped(report) == (
        "src/client.py\n"
        "  6:20  error    the POST may wait for ever  missing-timeout REL101\n"
        "   8:2  warning  nothing is committed: 100% lost, a|b  write-without-commit REL310\n"
        "\n"
        "src/ü b.py\n"
        "  1:1  note  anyone may call this  route-without-auth REL401\n"
        "\n"
        "3 findings  1 error · 1 warning · 1 note\n"
        "checked 3 files in 0.31 s\n"
        "not shown: 1 suppressed · 2 files skipped: generated code · 1 file skipped: the link leads nowhere\n"
    )
    text = grouped(report, show_suppressed=True, statistics=True)
    assert "src/http.py\n  4:12  suppressed  it is hidden  sql-interpolated-value REL301\n" in text
    assert "\n1  REL101  missing-timeout\n" in text
    assert grouped(make(checked=2)).startswith("All clear: 2 files, ")


def test_suppressed_findings_can_be_shown(report):
    text = full(report, RULES, text_of, show_suppressed=True)
    assert "src/http.py:4:12: suppressed: it is hidden  sql-interpolated-value REL301\n" in text
    assert "  = silenced  on line 4: on purpose\n" in text
    assert "1 suppressed" not in text
    assert concise(report, show_suppressed=True).endswith(
        "src/http.py:4:12: suppressed REL301 sql-interpolated-value: it is hidden (on purpose)\n"
    )


def test_all_clear():
    assert full(make(checked=41), RULES, text_of) == "All clear: 41 files, 7 rules, 0.31 s.\n"
    hidden = msgspec.structs.replace(make(checked=1), suppressed=(TIMEOUT, COMMIT))
    assert full(hidden, RULES, text_of) == "All clear: 1 file, 7 rules, 0.31 s.  (not shown: 2 suppressed)\n"
    assert full(make(checked=0), RULES, text_of) == "Nothing was checked: there is no Python file.\n"


def test_concise(report):
    assert concise(report) == (
        "src/client.py:6:20: error REL101 missing-timeout: the POST may wait for ever\n"
        "src/client.py:8:2: warning REL310 write-without-commit: nothing is committed: 100% lost, a|b\n"
        "src/ü b.py:1:1: note REL401 route-without-auth: anyone may call this\n"
    )
    assert concise(make()) == ""


def test_counts():
    assert counts([COMMIT, TIMEOUT, COMMIT] * 4) == "8  REL310  write-without-commit\n4  REL101  missing-timeout\n"
    assert "\n\n1  REL101  missing-timeout\n\n1 finding" in full(make(TIMEOUT), RULES, text_of, statistics=True)
    assert concise(make(TIMEOUT), statistics=True).endswith("\n\n1  REL101  missing-timeout\n")


def test_colours_change_nothing_but_the_colours(report):
    text = full(report, RULES, text_of, ink=coloured, show_suppressed=True)
    assert "\x1b[1;31merror\x1b[0m" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == full(report, RULES, text_of, show_suppressed=True)


def test_a_file_that_was_changed_or_has_vanished(report):
    for replaced in ("", "one line\n", None):
        text = full(report, RULES, lambda path, text=replaced: text)
        assert "src/client.py:6:20: error" in text
        assert "├─ src/client.py:5:9  up to 5 attempts" in text


def at(line: str, column: int, end_column: int, end_line: int = 1) -> list[str]:
    one = msgspec.structs.replace(NOTE, region=region("x.py", 1, column, end_column, end_line))
    return full(make(one), RULES, lambda _path: line).splitlines()[1:4]


def test_carets_stand_under_the_place():
    assert at("x = f(y)", 5, 9)[1:] == ["1 │ x = f(y)", "  │     ^^^^"]
    assert at("\tx\t= f(y)", 4, 5)[1:] == ["1 │     x   = f(y)", "  │         ^"]
    assert at("日本 = f()", 6, 9)[1:] == ["1 │ 日本 = f()", "  │        ^^^"]
    assert at("e\u0301 = f()", 6, 7)[1:] == ["1 │ e\u0301 = f()", "  │     ^"]
    assert at("f(a,\n  b)", 1, 5, end_line=2)[1:] == ["1 │ f(a,", "  │ ^^^^"]
    assert at("x", 2, 2)[1:] == ["1 │ x", "  │  ^"]
    assert at("x", 99, 120)[1:] == ["1 │ x", "  │  ^"]


def test_very_long_lines_are_cut_around_the_place():
    import time

    line = "x = '" + "a" * 10_000_000 + "'; call()"
    started = time.monotonic()
    _, shown, under = at(line, len(line) - 5, len(line) + 1)
    assert time.monotonic() - started < 1
    assert len(shown) < 200
    assert shown.endswith("a'; call()")
    assert shown[under.index("^") : under.rindex("^") + 1] == "call()"
    shown, under = at("x = call(" + "a" * 500, 5, 9)[1:]
    assert shown.endswith("a…")
    assert shown[under.index("^") : under.rindex("^") + 1] == "call"


def test_nothing_from_the_files_acts_on_the_terminal():
    assert safe("a\x1b[31mb\u202ec\rd\ne\udc80") == "a�[31mb�c�d e�"
    evil = msgspec.structs.replace(COMMIT, region=region("a\x1b]0;x\x07.py", 1, 1, 2), message="m\x1b[2J", cure="c\x9b", code="REL999")
    text = full(make(evil), RULES, lambda _path: "x\x1b[2J # \u202e\n") + concise(make(evil))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_distant_places_in_one_file_have_excerpts_of_their_own():
    lines = "".join(f"line{number}\n" for number in range(1, 101))
    related = tuple(
        msgspec.structs.replace(TIMEOUT.related[0], region=region("x.py", line, 1, 3), message=f"at {line}") for line in (4, 90)
    )
    one = msgspec.structs.replace(TIMEOUT, region=region("x.py", 8, 1, 5), related=related)
    text = full(make(one), RULES, lambda _path: lines)
    assert " 4 │ line4\n   │ -- at 4\n   ⋮\n 7 │ line7\n 8 │ line8\n   │ ^^^^\n   │\n   ├─ x.py:90:1\n90 │ line90\n   │ -- at 90\n" in text


class Terminal:
    def __init__(self, *, tty: bool) -> None:
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


def test_when_there_are_colours():
    tty, pipe = Terminal(tty=True), Terminal(tty=False)
    assert wants_colour(tty, {})
    assert not wants_colour(pipe, {})
    assert not wants_colour(tty, {"NO_COLOR": "1"})
    assert not wants_colour(tty, {"NO_COLOR": "1", "FORCE_COLOR": "1"})
    assert wants_colour(pipe, {"FORCE_COLOR": "1"})
    assert wants_colour(tty, {"NO_COLOR": ""})
    assert not wants_colour(tty, {"TERM": "dumb"})


def test_every_severity_has_a_colour():
    assert all(coloured(severity.value, "x") != "x" for severity in Severity)
    assert FILES["src/http.py"]
