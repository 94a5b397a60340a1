"""Comments are found where `tokenize` finds them, and nothing makes the scan fail."""

from __future__ import annotations

import io
import sysconfig
import time
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability_lint.text import comments as module
from reliability_lint.text.comments import comments, directives
from reliability_lint.text.source import SourceFile, Undecodable, decode

LIBRARY = Path(sysconfig.get_paths()["stdlib"])


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in comments(text)]


def by_tokenize(text: str) -> list[tuple[int, int]]:
    tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
    return [(token.start[0], token.start[1] + 1) for token in tokens if token.type == tokenize.COMMENT]


def test_the_standard_library_has_the_comments_that_tokenize_finds():
    compared = 0
    for path in sorted(LIBRARY.glob("*.py")) + sorted(LIBRARY.glob("test/test_[efgst]*.py")):
        try:
            text = decode(path.read_bytes())
            expected = by_tokenize(text)
        except (Undecodable, SyntaxError, tokenize.TokenError):
            continue
        file = SourceFile("", text)
        assert [tuple(file.position(span.start)) for span in comments(text)] == expected, path
        compared += 1
    assert compared > 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1  # one\n", ["# one"]),
        ("x = '# none'\n", []),
        ('x = "a\\"# none"  # one', ["# one"]),
        ("x = '''\n# none\n'''  # one\r\ny = 2 # two", ["# one", "# two"]),
        (r"x = r'\'  # none'", []),
        ("x = 'broken # none\ny = 1  # one", ["# one"]),
        ("x = '''broken # none\ny = 1  # none", []),
        ("x = b'#' + rb'#' # one", ["# one"]),
        # f-strings as Python 3.12 reads them; older ones are a part of these
        ("f'{x}'  # one", ["# one"]),
        ("f'{x!r:>{width}} # none'  # one", ["# one"]),
        ("""f"{d["# none"]}"  # one""", ["# one"]),
        ("f'{{# none'  # one", ["# one"]),
        ("f'''{\n  x  # in\n}'''  # out", ["# in", "# out"]),
        ("f'{f'{f'{1}'}'}'  # one", ["# one"]),
        (r"f'\N{NUMBER SIGN}'  # one", ["# one"]),
        (r"rf'\{x}'  # one", ["# one"]),
        ("f'{x:%H:%M}'  # one", ["# one"]),
        ("f'{(lambda: {1: 2}[1])()}'  # one", ["# one"]),
        ("f'{x  # one", ["# one"]),
        ("f'broken\ny = 1  # one", ["# one"]),
        ("if'a':  # one\n  pass", ["# one"]),
        ("f'''it's {x} \"fine\"'''  # one", ["# one"]),
        ("", []),
    ],
)
def test_comments(text, expected):
    assert found(text) == expected


@settings(max_examples=300)
@given(st.text(alphabet="#'\"\\{}()[]:\r\n frN!abc", max_size=60))
def test_no_text_makes_it_fail(text):
    ends = 0
    for span in comments(text):
        assert ends <= span.start < span.end <= len(text)
        assert text[span.start] == "#"
        ends = span.end
    directives(text + "\n# reliability: ignore[x]")


def test_hostile_text_takes_no_long_time():
    started = time.monotonic()
    for text in ("f'{" * 100_000, "'" * 300_001, "'\\" * 200_000, '"""' + '""x' * 100_000, "x = '" + "a" * 10_000_000 + "' # noqa"):
        list(comments(text))
    assert time.monotonic() - started < 5


def test_nothing_is_done_without_a_marker(monkeypatch):
    monkeypatch.setattr(module, "comments", None)
    assert directives("x = 1  # a comment\n" * 1000) == ()


def one(text: str):
    (directive,) = directives(text)
    return directive


def test_names_have_their_columns_and_the_reason_is_kept():
    directive = one("call()  # reliability: ignore[missing-timeout, REL2]  the peer is here (#12)")
    assert [(name.text, name.column) for name in directive.selectors] == [("missing-timeout", 31), ("REL2", 48)]
    assert directive.reason == "the peer is here (#12)"
    assert (directive.line, directive.column, directive.below) == (1, 9, 0)


@pytest.mark.parametrize(
    ("comment", "names", "reason"),
    [
        ("# reliability: ignore[a]", ["a"], ""),
        ("# reliability:ignore[a]", ["a"], ""),
        ("#reliability: ignore [a]: why", ["a"], "why"),
        ("# reliability: ignore[a] — why  # type: ignore", ["a"], "why"),
        ("# pylint: disable=x  # reliability: ignore[a] why", ["a"], "why"),
        ("# reliability: ignore", [], ""),
        ("# reliability: ignore this please", [], "this please"),
        ("# reliability: ignore[]", [], ""),
        ("# reliability: ignore[a", ["a"], ""),
    ],
)
def test_spellings(comment, names, reason):
    (directive,) = [found for found in directives(f"x = 1  {comment}\n") if found.kind == "ignore"]
    assert [name.text for name in directive.selectors] == names
    assert directive.reason == reason


@pytest.mark.parametrize("comment", ["# reliability: ignored", "# reliability of ignore[a]", "# Noqaa", "# annoqa", "'# noqa'"])
def test_what_is_no_directive(comment):
    assert directives(f"x = 1  {comment}\n") == ()


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# noqa", []),
        ("# NOQA", []),
        ("#noqa:REL101", ["REL101"]),
        ("# noqa: E501, rel101", ["E501", "REL101"]),
        ("# noqa: E501 REL101 because", ["E501", "REL101"]),
        ("# noqa: because", []),
    ],
)
def test_noqa(comment, codes):
    directive = one(f"x = 1  {comment}\n")
    assert directive.kind == "noqa"
    assert [name.text for name in directive.selectors] == codes


@pytest.mark.parametrize(
    ("comment", "kind", "names"),
    [
        ("# nosec B113,B310 it is fast", "nosec", ["B113", "B310", "it", "is", "fast"]),
        ("#nosec:B113", "nosec", ["B113"]),
        ("# pylint: disable=missing-timeout , W0702; because", "pylint", ["missing-timeout", "W0702"]),
        ("# nosemgrep: a.b-c, d because", "nosemgrep", ["a.b-c", "d"]),
    ],
)
def test_comments_of_others(comment, kind, names):
    directive = one(f"x = 1  {comment}\n")
    assert (directive.kind, [name.text for name in directive.selectors]) == (kind, names)
    assert [directive.column] + [comment.index(name) + 8 for name in names] == [8] + [name.column for name in directive.selectors]


@pytest.mark.parametrize("comment", ["# nosec", "# pylint: disable", "# pylint: skip-file", "# nosemgrep", "# nosecure B1", "# unnosem: a"])
def test_those_that_name_nothing(comment):
    assert directives(f"x = 1  {comment}\n") == ()


def test_two_in_one_comment():
    assert [d.kind for d in directives("x  # reliability: ignore[a] why # noqa: E501\n")] == ["ignore", "noqa"]


def test_a_comment_of_its_own_is_about_the_line_below_all_comments():
    text = "x\n  # reliability: ignore[a]\n  # more words\n\ty\n"
    assert one(text).below == 4
    assert one("# reliability: ignore[a]").below == 2
    assert one("x # reliability: ignore[a]\n# more\ny").below == 0
