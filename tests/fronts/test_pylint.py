"""The plugin in pylint itself: the same findings, at the same places, as from our command line, and what astroid adds to them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import astroid
import pytest

from reliability_lint.diagnostics import Severity
from reliability_lint.fronts.astroid_types import AstroidTypes
from reliability_lint.fronts.pylint_ids import block, former, identifier, symbol
from reliability_lint.registry import rules
from reliability_lint.text.source import SourceFile, Span

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
CATALOGUE = tomllib.loads((ROOT / "src" / "reliability_lint" / "rules" / "catalogue.toml").read_text(encoding="utf-8"))["rule"]
CODES = {symbol(row["name"]): row["code"] for row in CATALOGUE}
TEMPLATE = "{path}|{line}|{column}|{symbol}|{msg_id}|{confidence.name}|{obj}"
SERVICE = """\
    import requests


    def rate(currency):
        return requests.get(f"https://rates.example.com/{currency}").json()


    def größe(name): return requests.get("https://example.com/" + "ä" * 3), requests.get(name)


    def known(sku):
        return requests.get(sku)  # reliability: ignore[missing-timeout] answered by this very process
    """

Place = tuple[str, int, int, str]


class Message(NamedTuple):
    path: str
    line: int
    column: int
    symbol: str
    id: str
    confidence: str
    inside: str

    @property
    def place(self) -> Place:
        """What the command line would say of it."""
        return self.path, self.line, self.column + 1, CODES[self.symbol]


def run(
    tool: str, arguments: Iterable[str], folder: Path, text: str | None = None, installed: Path | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", tool, *arguments]
    paths = [str(installed)] if installed else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *paths]), "PYLINTHOME": str(folder / ".pylint.d")}
    return subprocess.run(
        command,
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**environment, "PYTHONUTF8": "1"},
    )


def pylint(
    folder: Path, *arguments: str, text: str | None = None, installed: Path | None = None, template: str = TEMPLATE
) -> subprocess.CompletedProcess[str]:
    ours = ("--rcfile=", "--load-plugins=reliability_lint.fronts.pylint", "--score=n", "--recursive=y", f"--msg-template={template}")
    return run("pylint", (*ours, "--disable=all", "--enable=reliability", *arguments), folder, text, installed)


def messages(folder: Path, *arguments: str, text: str | None = None, installed: Path | None = None) -> list[Message]:
    done = pylint(folder, *arguments, text=text, installed=installed)
    assert not done.stderr
    found = [line.split("|") for line in done.stdout.splitlines() if not line.startswith("*")]
    return [Message(Path(path).as_posix(), int(line), int(column), *rest) for path, line, column, *rest in found]


def by_pylint(folder: Path, *arguments: str, text: str | None = None) -> set[Place]:
    return {one.place for one in messages(folder, *arguments, text=text)}


def by_us(folder: Path, *arguments: str) -> set[Place]:
    done = run("reliability_lint", ["check", "--output-format", "json", "--isolated", "--no-cache", *arguments], folder)
    assert not done.stderr
    return {(one["path"], one["line"], one["column"], one["code"]) for one in json.loads(done.stdout)["findings"]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "rates.py").write_text(dedent(SERVICE), encoding="utf-8")
    (tmp_path / "shop" / "http.py").write_text("import requests\n\nsession = requests.Session()\n")
    (tmp_path / "shop" / "stock.py").write_text("from shop.http import session\n\n\ndef stock(sku):\n    return session.get(sku)\n")
    (tmp_path / "shop" / "bom.py").write_bytes(b"\xef\xbb\xbfimport requests\r\n\r\nrequests.get('x')\r\n")
    return tmp_path


# -- what pylint calls our rules


def test_no_two_rules_of_the_catalogue_have_a_number_or_a_name_in_common() -> None:
    numbers = [identifier(row["code"], Severity.ERROR)[1:] for row in CATALOGUE]
    assert len(set(numbers)) == len(numbers) == len(CODES)
    assert [number for number in numbers if not re.fullmatch(r"7\d\d\d", number)] == []
    # The digits of a code can be read from its number, so what a number means can never depend on which other rules there are.
    assert [f"REL{number[1:]}" for number in numbers] == [row["code"] for row in CATALOGUE]


def test_families_have_numbers_of_their_own() -> None:
    assert len({(row["family"], block(row["code"])) for row in CATALOGUE}) == len({row["family"] for row in CATALOGUE})
    assert len({block(row["code"]) for row in CATALOGUE}) == len({row["family"] for row in CATALOGUE})


@pytest.mark.parametrize("rule", list(rules().values()), ids=lambda rule: rule.name)
def test_an_id_goes_on_to_hold_when_the_severity_changes(rule) -> None:
    ids = {identifier(rule.code, severity) for severity in Severity}
    assert {old for old, _ in former(rule)} == ids - {identifier(rule.code, rule.severity)}


def test_pylint_knows_every_rule_by_its_name(tmp_path: Path) -> None:
    listed = run("pylint", ["--rcfile=", "--load-plugins=reliability_lint.fronts.pylint", "--list-msgs-enabled"], tmp_path)
    known = set(re.findall(r"(rel-[\w-]+) \(([EWR]7\d\d\d)\)", listed.stdout.partition("Disabled messages")[0]))
    assert known == {(symbol(rule.name), identifier(rule.code, rule.severity)) for rule in rules().values() if not rule.project}


# -- what is found


def test_what_is_found_in_a_file_is_found_by_pylint(shop: Path) -> None:
    found = by_us(shop)
    assert by_pylint(shop, ".") == found
    assert {(path, line) for path, line, _, _ in found} == {
        ("shop/bom.py", 3),
        ("shop/rates.py", 5),
        ("shop/rates.py", 8),
        ("shop/stock.py", 5),  # whose session is made in another file
    }


def test_one_file_is_checked_as_well_as_all(shop: Path) -> None:
    (told,) = messages(shop, "shop/stock.py")
    assert told == Message("shop/stock.py", 5, 11, "rel-missing-timeout", "W7101", "HIGH", "stock")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_fixture_service(tmp_path: Path, jobs: str) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(FIXTURES / "shop" / "before", folder)
    found = by_us(folder)
    assert found
    told = messages(folder, "--jobs", jobs, ".")
    assert {one.place for one in told} == found
    assert len(told) == len(found)
    assert {one.confidence for one in told} == {"HIGH"}


def test_a_message_says_cause_and_name(shop: Path) -> None:
    done = pylint(shop, "shop/stock.py", template="{msg} ({symbol})")
    assert re.search(r"^requests\.Session\.get\(\) .+[^.] \(rel-missing-timeout\)$", done.stdout, re.MULTILINE)


def test_standard_input(shop: Path) -> None:
    text = (shop / "shop" / "stock.py").read_text() + "\n\n# and more\nstock(session.get('x'))\n"
    assert by_pylint(shop, "--from-stdin", "shop/stock.py", text=text) == {
        ("shop/stock.py", 5, 12, "REL101"),
        ("shop/stock.py", 9, 7, "REL101"),
    }


def test_a_syntax_error_is_reported_once(shop: Path) -> None:
    (shop / "broken.py").write_text("import requests\n\ndef rate(:\n")
    done = pylint(shop, "--enable=syntax-error", "broken.py", template="{msg_id}")
    assert done.stdout.splitlines()[1:] == ["E0001"]
    assert not done.stderr


def test_a_crash_of_ours_is_told_as_one(shop: Path) -> None:
    """Not as a crash of pylint, which would say nothing more of the file."""
    (shop / "failing.py").write_text(
        dedent(
            """\
            from reliability_lint.engine import checker


            def fail(*_):
                raise KeyError("timeout")


            def register(linter):
                checker.examine = fail
            """
        )
    )
    done = pylint(shop, "--load-plugins=reliability_lint.fronts.pylint,failing", "shop/stock.py", template="{msg_id}|{msg}", installed=shop)
    (told,) = done.stdout.splitlines()[1:]
    assert told.startswith("E7000|the check failed on this file with KeyError: 'timeout'")
    assert not done.stderr


# -- what is silenced


COMMENTS = """\
    import requests


    def rates(url):
        requests.get(url)  # pylint: disable=rel-missing-timeout
        requests.get(url)  # pylint: disable=W7101
        requests.get(url)  # pylint: disable=E7101
        requests.get(url)  # pylint: disable=REL101
        requests.get(url)  # pylint: disable=missing-timeout
        requests.get(url)  # reliability: ignore[missing-timeout] answered by this very process
        # pylint: disable-next=rel-missing-timeout
        requests.get(url)
        requests.get(url)  # pylint: disable=rel-unbounded-retry


    def stock(url):
        # pylint: disable=rel-missing-timeout
        for part in url:
            requests.get(part)
        return requests.get(url)


    def price(url):
        return requests.get(url)


    # pylint: disable=rel-missing-timeout
    requests.get("a")
    # pylint: enable=rel-missing-timeout
    requests.get("b")
    """


def test_comments_of_both_hold(tmp_path: Path) -> None:
    text = dedent(COMMENTS)
    (tmp_path / "comments.py").write_text(text)
    heard = [text.splitlines()[one.line - 1].strip() for one in messages(tmp_path, "comments.py")]
    assert heard == ["requests.get(url)  # pylint: disable=rel-unbounded-retry", "return requests.get(url)", 'requests.get("b")']


def test_pylint_can_tell_which_of_its_comments_are_needed(tmp_path: Path) -> None:
    (tmp_path / "comments.py").write_text(dedent(COMMENTS))
    done = pylint(tmp_path, "--enable=useless-suppression", "comments.py", template="{symbol}|{line}|{msg}")
    useless = [line for line in done.stdout.splitlines() if line.startswith("useless-suppression") and "'rel-" in line]
    assert useless == ["useless-suppression|13|Useless suppression of 'rel-unbounded-retry'"]


def test_our_settings_hold_and_pylint_selects_among_what_they_leave(shop: Path) -> None:
    settings = '[tool.reliability-lint.per-file-ignores]\n"shop/rates.py" = ["missing-timeout"]\n'
    (shop / "pyproject.toml").write_text(settings)
    assert by_pylint(shop, ".") == {("shop/bom.py", 3, 1, "REL101"), ("shop/stock.py", 5, 12, "REL101")}
    assert by_pylint(shop, "--disable=rel-missing-timeout", ".") == set()


def test_settings_can_be_named_in_the_configuration_of_pylint(shop: Path) -> None:
    (shop / "lint").mkdir()
    (shop / "lint" / "rel.toml").write_text('ignore = ["missing-timeout"]\n')
    assert by_pylint(shop, "--rel-config=lint/rel.toml", ".") == set()
    assert by_pylint(shop, "--rel-config=lint/rel.toml", "--jobs=2", ".") == set()
    (shop / ".pylintrc").write_text(
        "[MAIN]\nload-plugins=reliability_lint.fronts.pylint\ndisable=all\nenable=reliability\nscore=no\nrel-config=lint/rel.toml\n"
    )
    done = run("pylint", ["shop"], shop)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_mistake_in_the_settings_is_told_without_a_traceback(shop: Path, jobs: str) -> None:
    (shop / "pyproject.toml").write_text('[tool.reliability-lint]\nselct = ["REL1"]\n')
    done = pylint(shop, "--jobs", jobs, ".")
    said = done.stdout + done.stderr
    assert done.returncode == 32
    assert "pyproject.toml:2:1: unknown" in said
    assert "'selct'" in said
    assert "Traceback" not in said


def test_what_a_baseline_has_is_left_out_and_one_more_of_the_same_is_told(shop: Path) -> None:
    assert run("reliability_lint", ["baseline", "create", "--isolated", "--no-cache", "shop"], shop).returncode == 0
    assert by_pylint(shop, "shop") == set()
    stock = shop / "shop" / "stock.py"
    stock.write_text(stock.read_text() + "    return session.get(sku)\n")
    assert by_pylint(shop, "shop") == by_us(shop, "shop") == {("shop/stock.py", 6, 12, "REL101")}


def test_a_baseline_that_is_damaged_is_told_without_a_traceback(shop: Path) -> None:
    (shop / ".reliability-baseline.json").write_text('{"schema": ')
    done = pylint(shop, "shop")
    assert done.returncode == 32
    assert ".reliability-baseline.json: this is no baseline, or a damaged one" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


# -- what astroid adds


@pytest.fixture
def foreign(tmp_path: Path) -> tuple[Path, Path]:
    """The folder that is checked, and the one in which a library is installed that no model describes."""
    shutil.copytree(FIXTURES / "astroid", tmp_path, dirs_exist_ok=True)
    return tmp_path / "checked", tmp_path / "installed"


def marked(path: Path) -> set[tuple[str, int, str]]:
    lines = path.read_text().splitlines()
    marks = [(number, re.search(r"# astroid: (.*)", line)) for number, line in enumerate(lines, 1)]
    return {(path.name, number, symbol(name)) for number, mark in marks if mark for name in mark[1].split()}


def test_astroid_is_asked_where_nothing_is_known_of_a_receiver(foreign: tuple[Path, Path]) -> None:
    checked, installed = foreign
    told = messages(checked, "found.py", installed=installed)
    assert {(one.path, one.line, one.symbol) for one in told} == marked(checked / "found.py") != set()
    assert {one.confidence for one in told} == {"INFERENCE"}


def test_without_astroid_nothing_of_it_is_found(foreign: tuple[Path, Path]) -> None:
    checked, _ = foreign
    assert by_us(checked, "--ignore", "unused-suppression") == set()


def test_who_wants_only_what_is_certain_does_not_hear_of_it(foreign: tuple[Path, Path]) -> None:
    checked, installed = foreign
    assert messages(checked, "--confidence=HIGH", "found.py", installed=installed) == []


def test_where_astroid_is_not_sure_nothing_is_said(foreign: tuple[Path, Path]) -> None:
    checked, installed = foreign
    assert messages(checked, "quiet.py", installed=installed) == []


def test_expressions_that_astroid_has_made_up_are_passed_over() -> None:
    text = "import queue\n\n\nqueue.Queue().get()\nqueue.Queue().get()\nqueue.Queue().get()\n"
    types = AstroidTypes()
    types.module = astroid.parse(text)
    _, second, third = (
        call.func.expr for call in types.module.nodes_of_class(astroid.nodes.Call) if call.func.as_string() == "queue.Queue().get"
    )
    second.lineno, third.lineno = None, 700
    starts = [match.start() for match in re.finditer(r"queue\.Queue\(\)", text)]
    assert types.types(SourceFile("jobs.py", text), [Span(start, start + 13) for start in starts]) == ["queue.Queue", "", ""]


def test_what_is_found_without_astroid_stays_when_it_fails(foreign: tuple[Path, Path]) -> None:
    checked, installed = foreign
    (checked / "plain.py").write_text("import requests\nimport corp_pool\n\nrequests.get('x')\ncorp_pool.jobs().get()\n")
    (installed / "failing.py").write_text(
        "from reliability_lint.fronts import astroid_types\n\n\ndef register(linter):\n    astroid_types._type = lambda _: 1 / 0\n"
    )
    done = pylint(
        checked, "--load-plugins=reliability_lint.fronts.pylint,failing", "plain.py", template="{msg_id}|{line}", installed=installed
    )
    assert set(done.stdout.splitlines()[1:]) == {"E7000|1", "W7101|4"}
    assert not done.stderr
