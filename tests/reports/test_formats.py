"""The other formats, each read as those read it whom it is written for; and what holds for all of them."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser as Walker
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import jsonschema
import msgspec
import pytest
from junitparser import JUnitXml
from markdown_it import MarkdownIt
from sample import COMMIT, FILES, HIDDEN, NOTE, REPORT, RULES, TIMEOUT, make, region, text_of
from teamcity.messages import TeamcityServiceMessages

from reliability_lint.diagnostics import Anchor, Change, Correction, Related, Report
from reliability_lint.reports.build_logs import azure, teamcity
from reliability_lint.reports.formats import FORMATS, Material, valid, write
from reliability_lint.reports.gitlab import gitlab
from reliability_lint.reports.html import html
from reliability_lint.reports.json_v1 import json_v1, jsonl
from reliability_lint.reports.markdown_report import markdown_report
from reliability_lint.reports.paths import fingerprint, relative
from reliability_lint.reports.rdjsonl import rdjsonl
from reliability_lint.reports.sarif import sarif
from reliability_lint.reports.xml import checkstyle, junit

DATA = Path(__file__).parent / "data"
DOCS = Path(__file__).resolve().parents[2] / "docs"

# Text that is markup, a command or no text at all somewhere.
EVIL = (
    "<script>alert(1)</script> ]]> & \" ' | [x](y) `a` ##vso[task.x] ##teamcity[y] ::error::z {{ 7 * 7 }} \x00\x1b[31m\r\n\u202e \U0001f600"
)
HOSTILE = msgspec.structs.replace(
    COMMIT, region=region("a];b,'|%\n<i>.py", 1, 1, 4), message=EVIL, cure=EVIL, anchor=Anchor("f<b>", "1", 1)
)
HOSTILE_CODE = "x = '</pre><script>alert(1)</script>' # \x00\x1b\n"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def written(name: str, report: Report, **options) -> str:
    return write(name, Material(report, RULES, options.pop("text_of", text_of), **options))


# all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_every_finding_and_always_in_the_same_words(name, report):
    text = written(name, report)
    assert text == written(name, report)
    assert text.endswith("\n")
    for one in report.diagnostics:
        assert one.code in text
        assert one.message in text.replace("\\", "").replace("%25", "%").replace("%AZP25", "%").replace("||", "|")
    assert HIDDEN.message not in text or name == "json"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_say_that_nothing_is_found(name):
    text = written(name, make(checked=2))
    assert "REL" not in text
    assert (text == "") is (name in ("concise", "jsonl", "github", "rdjsonl", "azure", "teamcity"))


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_breaks_on_what_code_may_hold(name):
    """Whatever it is, it is text, and can be written."""
    text = written(name, make(HOSTILE), text_of=lambda _path: HOSTILE_CODE)
    assert "\x00" not in text
    assert "\x1b" not in text
    if FORMATS[name].people or name in ("markdown", "html"):
        assert "\u202e" not in text
    text.encode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_character_is_no_text(name):
    half = "a \ud83d b"
    fix = Correction(half, True, (Change(COMMIT.region, half),))
    one = msgspec.structs.replace(COMMIT, message=half, cure=half, related=(Related(COMMIT.region, half),), fix=fix)
    written(name, make(one)).encode("utf-8")


def test_what_can_be_encoded_is_left_as_it_is(report):
    assert valid(report) == report
    assert valid(make(HOSTILE)) == make(HOSTILE)


def test_one_name_for_a_finding(report):
    """The fingerprint is the same in every format that has a place for it."""
    names = [fingerprint(one) for one in report.diagnostics]
    assert len(set(names)) == 3
    assert [one["fingerprint"] for one in json.loads(json_v1(report))["findings"]] == names
    assert [json.loads(line)["fingerprint"] for line in jsonl(report).splitlines()] == names
    results = json.loads(sarif(report, RULES, text_of))["runs"][0]["results"]
    assert [one["partialFingerprints"]["reliabilityLint/v1"] for one in results] == names
    assert [one["fingerprint"] for one in json.loads(gitlab(report))] == names
    assert re.findall(r'<article class="card \w+" id="(\w+)"', html(report, RULES, text_of)) == names
    assert re.findall(r"fingerprint: (\w+)", junit(report, RULES)) == names
    assert re.findall(r"finding (\w+)", written("full", report)) == [name[:8] for name in names]


def test_paths_are_relative_to_the_repository(tmp_path, monkeypatch):
    (tmp_path / "backend").mkdir()
    monkeypatch.chdir(tmp_path / "backend")
    one = make(TIMEOUT)
    root = str(tmp_path)
    assert relative("src/a.py", root) == "backend/src/a.py"
    assert relative(str(tmp_path / "a.py"), root) == "a.py"
    assert relative("/elsewhere/a.py", root) == "/elsewhere/a.py"
    assert json.loads(gitlab(one, root=root))[0]["location"]["path"] == "backend/src/client.py"
    assert json.loads(rdjsonl(one, text_of, root=root))["location"]["path"] == "backend/src/client.py"
    assert 'name="backend/src/client.py"' in checkstyle(one, root=root)
    assert 'file="backend/src/client.py"' in junit(one, RULES, root=root)
    assert "sourcepath=backend/src/client.py;" in azure(one, root=root)
    assert "file='backend/src/client.py'" in teamcity(one, RULES, root=root)
    assert fingerprint(TIMEOUT, root) != fingerprint(TIMEOUT)


# json, jsonl ──────────────────────────────────────────────────────────────────────────────────────────────────────────

OURS = json.loads((DOCS / "json.schema.json").read_text(encoding="utf-8"))
FIXED = msgspec.structs.replace(TIMEOUT, fix=Correction("pass a timeout", True, (Change(TIMEOUT.region, "x"),)))


@pytest.mark.parametrize("some", [REPORT, make(), make(FIXED, HOSTILE)], ids=["all", "none", "odd"])
def test_json(some):
    document = json.loads(json_v1(some))
    jsonschema.Draft202012Validator(OURS).validate(document)
    of_a_line = jsonschema.Draft202012Validator({**OURS["$defs"]["finding"], "$defs": OURS["$defs"]})
    lines = [json.loads(line) for line in jsonl(some).splitlines()]
    for line in lines:
        of_a_line.validate(line)
    assert lines == document["findings"]


def test_the_schema_knows_every_field():
    document = json.loads(json_v1(REPORT))
    document["findings"][0]["more"] = 1
    assert not jsonschema.Draft202012Validator(OURS).is_valid(document)


# gitlab ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_gitlab(report):
    issues = json.loads(gitlab(report))
    jsonschema.Draft202012Validator(json.loads((DATA / "gitlab-code-quality.schema.json").read_text(encoding="utf-8"))).validate(issues)
    assert issues[0] == {
        "description": "REL101 missing-timeout: the POST may wait for ever (set a timeout on the client)",
        "check_name": "missing-timeout",
        "fingerprint": fingerprint(TIMEOUT),
        "severity": "major",
        "location": {"path": "src/client.py", "lines": {"begin": 6, "end": 6}},
    }
    assert [issue["severity"] for issue in issues] == ["major", "minor", "info"]
    assert gitlab(make()) == "[]\n"


# junit ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_junit(text: str) -> JUnitXml:
    found = JUnitXml.fromstring(text.encode())
    cases = [case for suite in found for case in suite]
    assert (found.tests, found.failures, found.errors) == (len(cases), sum(case.is_failure for case in cases), 0)
    for suite in found:
        assert (suite.tests, suite.failures, suite.skipped) == (
            len(list(suite)), sum(case.is_failure for case in suite), sum(case.is_skipped for case in suite),
        )  # fmt: skip
    assert len({(case.classname, case.name) for case in cases}) == len(cases)
    return found


def test_junit(report):
    first, second = read_junit(junit(report, RULES))
    assert (first.name, second.name) == ("src/client.py", "src/ü b.py")
    timeout, commit = first
    assert (timeout.name, timeout.classname) == ("REL101 missing-timeout in Client.capture", "reliability-lint.src/client.py")
    assert commit.name == "REL310 write-without-commit"
    (failure,) = timeout.result
    assert (failure.message, failure.type) == ("the POST may wait for ever", "error")
    assert failure.text.splitlines()[:3] == [
        "src/client.py:6:20: error: the POST may wait for ever",
        "  src/client.py:5: up to 5 attempts",
        "  src/http.py:4: the default is switched off here",
    ]
    assert "why: A peer that says nothing keeps this worker until someone restarts it" in failure.text
    assert "fix: set a timeout on the client" in failure.text


def test_junit_of_nothing():
    (suite,) = read_junit(junit(make(), RULES))
    (case,) = suite
    assert case.is_passed


def test_junit_tells_what_is_silenced_where_it_is_asked_to(report):
    suites = {suite.name: suite for suite in read_junit(junit(report, RULES, show_suppressed=True))}
    (case,) = suites["src/http.py"]
    assert case.is_skipped
    assert case.result[0].message == "on purpose"


def test_junit_of_findings_that_are_alike():
    second = msgspec.structs.replace(TIMEOUT, region=region("src/client.py", 7, 1, 2))
    (suite,) = read_junit(junit(make(TIMEOUT, second), RULES))
    assert [case.name for case in suite] == ["REL101 missing-timeout in Client.capture", "REL101 missing-timeout in Client.capture (2)"]


def test_junit_of_odd_text():
    (suite,) = read_junit(junit(make(HOSTILE), RULES))
    (case,) = suite
    assert "<script>alert(1)</script> ]]> & \" ' |" in case.result[0].message


# checkstyle ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_checkstyle(text: str) -> list[tuple[str, dict[str, str]]]:
    """As build servers do: the elements and attributes that Checkstyle's own listener writes, and no others."""
    top = ElementTree.fromstring(text.encode())
    assert (top.tag, set(top.keys())) == ("checkstyle", {"version"})
    found = []
    for file in top:
        assert (file.tag, set(file.keys())) == ("file", {"name"})
        for error in file:
            assert (error.tag, set(error.keys())) == ("error", {"line", "column", "severity", "message", "source"})
            assert error.attrib["severity"] in ("ignore", "info", "warning", "error")
            assert int(error.attrib["line"]) >= 1
            assert int(error.attrib["column"]) >= 1
            found.append((file.attrib["name"], dict(error.attrib)))
    names = [file.attrib["name"] for file in top]
    assert len(set(names)) == len(names)
    return found


def test_checkstyle(report):
    first, second, third = read_checkstyle(checkstyle(report))
    assert first == (
        "src/client.py",
        {
            "line": "6", "column": "20", "severity": "error", "source": "reliability-lint.REL101",
            "message": "the POST may wait for ever. Set a timeout on the client.",
        },
    )  # fmt: skip
    assert (second[0], second[1]["severity"]) == ("src/client.py", "warning")
    assert (third[0], third[1]["severity"]) == ("src/ü b.py", "info")
    assert read_checkstyle(checkstyle(make())) == []
    ((_, odd),) = read_checkstyle(checkstyle(make(HOSTILE)))
    assert "<script>alert(1)</script> ]]> & \" ' |" in odd["message"]


# rdjsonl ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

DIAGNOSTIC = jsonschema.Draft202012Validator(json.loads((DATA / "rdjson-diagnostic.schema.json").read_text(encoding="utf-8")))


def read_rdjsonl(text: str) -> list[dict]:
    found = [json.loads(line) for line in text.splitlines()]
    for one in found:
        DIAGNOSTIC.validate(one)
    return found


def test_rdjsonl(report):
    first, second, third = read_rdjsonl(rdjsonl(report, text_of))
    assert first["message"] == "the POST may wait for ever\nset a timeout on the client"
    assert first["location"] == {
        "path": "src/client.py", "range": {"start": {"line": 6, "column": 20}, "end": {"line": 6, "column": 35}},
    }  # fmt: skip
    assert [one["message"] for one in first["related_locations"]] == ["up to 5 attempts", "the default is switched off here", "and this"]
    assert [one["severity"] for one in (first, second, third)] == ["ERROR", "WARNING", "INFO"]


def test_rdjsonl_counts_bytes(report):
    second = read_rdjsonl(rdjsonl(report, text_of))[1]
    place = second["location"]["range"]
    line = FILES["src/client.py"].splitlines()[7].encode()
    assert line[place["start"]["column"] - 1 : place["end"]["column"] - 1].decode() == "événement"


def applied(text: str, suggestion: dict) -> str:
    """What reviewdog makes of a suggestion."""
    lines = text.encode().splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def at(position):
        return starts[position["line"] - 1] + position["column"] - 1

    data = text.encode()
    span = suggestion["range"]
    return (data[: at(span["start"])] + suggestion["text"].encode() + data[at(span["end"]) :]).decode()


def test_rdjsonl_suggests_a_fix_that_is_near():
    changes = (
        Change(region("src/client.py", 8, 14, 15), "("),
        Change(region("src/client.py", 8, 16, 16), ", timeout=5"),
        Change(region("src/client.py", 7, 1, 1), "# é\n"),
    )
    one = msgspec.structs.replace(COMMIT, fix=Correction("x", True, changes))
    ((suggestion,),) = [found["suggestions"] for found in read_rdjsonl(rdjsonl(make(one), text_of))]
    expected = FILES["src/client.py"].splitlines(keepends=True)
    expected[7] = "".join((expected[7][:13], "(", expected[7][14:15], ", timeout=5", expected[7][15:]))
    expected[6] = "# é\n" + expected[6]
    assert applied(FILES["src/client.py"], suggestion) == "".join(expected)


def test_rdjsonl_suggests_nothing_that_is_far():
    text = "\n" * 40
    far = (Change(region("a.py", 1, 1, 1), "import x\n"), Change(region("a.py", 30, 1, 1), "y"))
    one = msgspec.structs.replace(COMMIT, region=region("a.py", 30, 1, 1), fix=Correction("x", True, far))
    (found,) = read_rdjsonl(rdjsonl(make(one), lambda _path: text))
    assert "suggestions" not in found
    (found,) = read_rdjsonl(rdjsonl(make(one), lambda _path: None))
    assert "suggestions" not in found


# azure, teamcity ──────────────────────────────────────────────────────────────────────────────────────────────────────


def read_azure(line: str) -> tuple[str, dict[str, str], str]:
    """As the agent's task library parses a command."""
    head, bracket, message = line.removeprefix("##vso[").partition("]")
    assert line.startswith("##vso[")
    assert bracket
    command, _, listed = head.partition(" ")
    properties = dict(one.split("=", 1) for one in listed.split(";") if one)

    def plain(text):
        for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%3B", ";"), ("%AZP25", "%")):
            text = text.replace(code, character)
        return text

    return command, {key: plain(value) for key, value in properties.items()}, plain(message)


def test_azure(report):
    found = [read_azure(line) for line in azure(report).splitlines()]
    assert found[0] == (
        "task.logissue",
        {"type": "error", "sourcepath": "src/client.py", "linenumber": "6", "columnnumber": "20", "code": "REL101"},
        "missing-timeout: the POST may wait for ever (set a timeout on the client)",
    )
    assert found[1][2] == "write-without-commit: nothing is committed: 100% lost, a|b"
    assert [properties["type"] for _, properties, _ in found] == ["error", "warning", "warning"]
    (line,) = azure(make(HOSTILE)).splitlines()
    assert read_azure(line)[1]["sourcepath"] == HOSTILE.region.path
    gravest = azure(make(NOTE, COMMIT, TIMEOUT)).splitlines()
    assert ["REL101" in gravest[0], "REL310" in gravest[1], "REL401" in gravest[2]] == [True, True, True]


def service_message(line: str) -> tuple[str, dict[str, str]]:
    match = re.fullmatch(r"##teamcity\[(\w+) (.*)\]", line)
    assert match
    attributes = re.findall(r"(\w+)='((?:[^|']|\|.)*)'", match[2])
    assert " ".join(f"{key}='{value}'" for key, value in attributes) == match[2]

    def plain(value):
        units = re.sub(r"((?:\|0x[0-9a-f]{4})+)", lambda run: bytes.fromhex(run[1].replace("|0x", "")).decode("utf-16-be"), value)
        return re.sub(r"\|(.)", lambda escape: {"n": "\n", "r": "\r"}.get(escape[1], escape[1]), units)

    return match[1], {key: plain(value) for key, value in attributes}


def as_teamcity_writes(kind: str, attributes: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The same message, as TeamCity's own library for Python writes it, read again."""
    stream = io.BytesIO()
    TeamcityServiceMessages(output=stream).message(kind, **attributes)
    kind, found = service_message(stream.getvalue().decode().strip())
    found.pop("timestamp", None)
    return kind, found


def test_teamcity(report):
    found = [service_message(line) for line in teamcity(report, RULES).splitlines()]
    assert [kind for kind, _ in found] == ["inspectionType"] * 3 + ["inspection"] * 3
    assert found[0][1] == {
        "id": "REL101", "name": "missing-timeout", "category": "reliability: resilience", "description": "A request that may wait for ever.",
    }  # fmt: skip
    assert found[3][1] == {
        "typeId": "REL101", "message": "the POST may wait for ever (set a timeout on the client)", "file": "src/client.py", "line": "6",
        "SEVERITY": "ERROR",
    }  # fmt: skip
    assert found[5][1]["file"] == "src/ü b.py"
    assert [attributes["SEVERITY"] for _, attributes in found[3:]] == ["ERROR", "WARNING", "WEAK WARNING"]


def test_teamcity_escapes_as_its_own_library_does():
    odd = msgspec.structs.replace(COMMIT, message="it's [a|b]\nand 100%", region=region("a'|[].py", 1, 1, 2))
    lines = teamcity(make(odd), RULES).splitlines()
    for line in lines:
        assert service_message(line) == as_teamcity_writes(*service_message(line))
    message, file = "it|'s |[a||b|]|nand 100%", "a|'|||[|].py"
    assert lines[1] == f"##teamcity[inspection typeId='REL310' message='{message}' file='{file}' line='1' SEVERITY='WARNING']"


def test_teamcity_keeps_to_its_limits():
    long = msgspec.structs.replace(COMMIT, message="x" * 9000 + "\U0001f600")
    text = teamcity(make(long), RULES)
    assert text.isascii()
    assert len(service_message(text.splitlines()[1])[1]["message"]) == 4000
    assert "|0xd83d|0xde00" in teamcity(make(msgspec.structs.replace(COMMIT, message="\U0001f600")), RULES)


# markdown ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_markdown(text: str) -> list[list[str]]:
    """The rows of all tables, as text."""
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            assert all(child.type in ("text", "code_inline", "text_special") for child in token.children or ()), token.content
            rows[-1].append("".join(child.content for child in token.children or ()))
        elif token.type in ("table_close", "html_block"):
            assert token.type == "table_close"
    return [row for row in rows if row[0] != "line"]


def test_markdown(report):
    text = markdown_report(report)
    assert text.startswith(
        "# reliability-lint\n\n3 findings (1 error, 1 warning, 1 note) in 3 files.\n\n## `src/client.py`\n\n| line | severity |"
    )
    rows = [row[:5] for row in read_markdown(text)]
    assert rows[0] == ["6", "error", "missing-timeout REL101", "the POST may wait for ever", "set a timeout on the client"]
    assert rows[1][3] == "nothing is committed: 100% lost, a|b"
    assert len(rows) == 3
    assert markdown_report(make(checked=2)) == "# reliability-lint\n\nAll clear: 2 files checked.\n"


def test_markdown_of_odd_text():
    (row,) = read_markdown(markdown_report(make(HOSTILE)))
    assert row[3].startswith("<script>alert(1)</script> ]]> & \" ' | [x](y) `a` ##vso")
    assert len(row) == 5


# html ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Page(Walker):
    """The elements of a page, their attributes, and the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        html5lib.HTMLParser(strict=True).parse(text)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_html(report):
    page = Page(html(report, RULES, text_of))
    assert [card["data-rule"] for card in page.of("article")] == ["REL101", "REL310", "REL401"]
    assert [card["data-family"] for card in page.of("article")] == ["resilience", "data", "security"]
    assert [card["data-folder"] for card in page.of("article")] == ["src", "src", "src"]
    assert "3 findings (1 error, 1 warning, 1 note) in 3 files." in page.text
    assert "Not shown: 1 suppressed · 3 files skipped." in page.text
    for expected in (
        'resp = self._http.post(f"/capture/{order}")',
        "up to 5 attempts",
        "the default is switched off here",
        "src/gone.py:1",
    ):
        assert expected in page.text
    assert {option["value"] for option in page.of("option")} == {
        "", "resilience", "data", "security", "REL101", "REL310", "REL401", "src",
    }  # fmt: skip
    assert {box["value"] for box in page.of("input") if box.get("name") == "severity"} == {"error", "warning", "note"}


def test_html_says_what_a_baseline_has(report):
    page = Page(html(msgspec.structs.replace(report, accepted=(COMMIT,)), RULES, text_of))
    assert "Not shown: 1 suppressed · 1 accepted in the baseline · 3 files skipped." in page.text


def test_html_marks_the_places(report):
    text = html(report, RULES, text_of)
    assert '            resp = <mark class="error">self._http.post</mark>(f&#34;' in text
    assert '    return httpx.Client(base_url=url, <mark class="note">timeout=None</mark>)' in text
    assert '<mark class="warning">événement</mark>' in text


def test_html_shows_lines_around_unless_they_are_empty():
    text = "a\n\nb\ncall()\n\nc\n"
    page = Page(html(make(msgspec.structs.replace(COMMIT, region=region("a.py", 4, 1, 5))), RULES, lambda _path: text))
    assert [row["data-line"] for row in page.of("span") if "data-line" in row] == ["3", "4"]


def test_html_draws_the_families():
    report = make(TIMEOUT, *[msgspec.structs.replace(TIMEOUT, region=region("a/b/c.py", line, 1, 2)) for line in range(3)], COMMIT)
    page = Page(html(report, RULES, text_of))
    assert [(bar["class"], bar["x"], bar["width"]) for bar in page.of("rect")] == [("error", "0", "100.0"), ("warning", "0", "25.0")]
    assert [button["data-family"] for button in page.of("button") if "data-family" in button] == ["resilience", "data"]
    assert [button["data-folder"] for button in page.of("button") if "data-folder" in button] == ["a/b", "src"]


def test_html_asks_for_nothing_from_outside(report):
    text = html(report, RULES, text_of)
    page = Page(text)
    policy = next(one["content"] for one in page.of("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert not re.search(r"https?:", policy)
    links = [
        value for _, attributes in page.elements for key, value in attributes.items() if key in ("src", "href", "action", "srcset", "data")
    ]
    assert links
    assert all(link is not None and link.startswith(("#", "data:")) for link in links)
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|import\(", text)


def test_html_shows_code_and_does_not_run_it():
    page = Page(html(make(HOSTILE), RULES, lambda _path: HOSTILE_CODE))
    plain = Page(html(make(COMMIT), RULES, lambda _path: "x = 1\n"))
    assert len(page.of("script")) == len(plain.of("script")) == 1
    assert page.of("i") == page.of("b") == []
    assert "<script>alert(1)</script> ]]>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert "x = '</pre><script>alert(1)</script>'" in page.text


def test_html_of_nothing():
    page = Page(html(make(checked=2), RULES, text_of))
    assert page.of("article") == page.of("script") == page.of("form") == []
    assert "All clear: 2 files checked." in page.text


def test_html_cuts_very_long_lines():
    line = "a" * 5000 + "call()" + "b" * 5000
    one = msgspec.structs.replace(COMMIT, region=region("a.py", 1, 5001, 5007))
    text = html(make(one), RULES, lambda _path: line)
    assert "…" + "a" * 120 + '<mark class="warning">call()</mark>' + "b" * 274 + "…" in text


def test_html_of_a_change_that_was_made_meanwhile():
    """Places that the file does not have any more."""
    one = msgspec.structs.replace(COMMIT, region=region("a.py", 1, 50, 60))
    gone = msgspec.structs.replace(COMMIT, region=region("a.py", 9, 5, 6))
    page = Page(html(make(one, gone), RULES, lambda _path: "short\n"))
    assert page.text.count("short") == 1
