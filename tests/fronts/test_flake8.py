"""The plugin in flake8 itself: the same findings, at the same places, as from our command line."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures"
SERVICE = """\
    import requests


    def rate(currency):
        return requests.get(f"https://rates.example.com/{currency}").json()


    def größe(name): return requests.get("https://example.com/" + "ä" * 3), requests.get(name)


    def known(sku):
        return requests.get(sku)  # reliability: ignore[missing-timeout] answered by this very process


    def silenced(sku):
        return requests.get(sku)  # noqa: REL101
    """

Place = tuple[str, int, int, str]


def run(tool: str, arguments: Iterable[str], folder: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", tool, *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=False, encoding="utf-8")


def by_flake8(folder: Path, *arguments: str, text: str | None = None) -> set[Place]:
    done = run("flake8", ["--isolated", "--select", "REL", "--format", "%(path)s|%(row)d|%(col)d|%(code)s", *arguments], folder, text)
    assert not done.stderr
    found = [line.split("|") for line in done.stdout.splitlines()]
    assert done.returncode == (1 if found else 0)
    return {(Path(path).as_posix(), int(row), int(column), code) for path, row, column, code in found}


def by_us(folder: Path, *arguments: str) -> set[Place]:
    done = run("reliability_lint", ["check", "--output-format", "json", "--isolated", *arguments], folder)
    assert not done.stderr
    return {(one["path"], one["line"], one["column"], one["code"]) for one in json.loads(done.stdout)["findings"]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "rates.py").write_text(dedent(SERVICE), encoding="utf-8")
    (tmp_path / "shop" / "http.py").write_text("import requests\n\nsession = requests.Session()\n")
    (tmp_path / "shop" / "stock.py").write_text("from shop.http import session\n\n\ndef stock(sku):\n    return session.get(sku)\n")
    (tmp_path / "shop" / "bom.py").write_bytes(b"\xef\xbb\xbfimport requests\r\n\r\nrequests.get('x')\r\n")
    return tmp_path


def test_what_is_found_in_a_file_is_found_by_flake8(shop: Path) -> None:
    found = by_us(shop)
    assert by_flake8(shop, ".") == found
    assert {(path, line) for path, line, _, _ in found} == {
        ("shop/bom.py", 3),
        ("shop/rates.py", 5),
        ("shop/rates.py", 8),
        ("shop/stock.py", 5),  # whose session is made in another file
    }


def test_one_file_is_checked_as_well_as_all(shop: Path) -> None:
    assert by_flake8(shop, "shop/stock.py") == {("shop/stock.py", 5, 12, "REL101")}


def test_the_fixture_service(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(FIXTURES / "shop" / "before", folder)
    found = by_us(folder)
    assert found
    assert by_flake8(folder, "--jobs", "2", ".") == found


def test_a_message_says_code_name_and_cause(shop: Path) -> None:
    done = run("flake8", ["--isolated", "--select", "REL", "shop/stock.py"], shop)
    assert re.fullmatch(r"shop/stock\.py:5:12: REL101 missing-timeout: requests\.Session\.get\(\) .+[^.]\n", done.stdout)


def test_standard_input(shop: Path) -> None:
    text = (shop / "shop" / "stock.py").read_text()
    assert by_flake8(shop, "-", text="import requests\nrequests.get('x')\n") == {("stdin", 2, 1, "REL101")}
    assert by_flake8(shop, "--stdin-display-name", "shop/stock.py", "-", text=text) == {("shop/stock.py", 5, 12, "REL101")}


def test_a_syntax_error_is_reported_once(shop: Path) -> None:
    (shop / "broken.py").write_text("import requests\n\ndef rate(:\n")
    done = run("flake8", ["--isolated", "--select", "REL,E9", "broken.py"], shop)
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["E999"]
    assert not done.stderr


def test_our_settings_hold_and_flake8_selects_among_what_they_leave(shop: Path) -> None:
    settings = '[tool.reliability-lint.per-file-ignores]\n"shop/rates.py" = ["missing-timeout"]\n'
    (shop / "pyproject.toml").write_text(settings)
    assert by_flake8(shop, ".") == {("shop/bom.py", 3, 1, "REL101"), ("shop/stock.py", 5, 12, "REL101")}
    assert by_flake8(shop, "--extend-ignore", "REL1", ".") == set()


def test_settings_can_be_named_in_the_configuration_of_flake8(shop: Path) -> None:
    (shop / "lint").mkdir()
    (shop / "lint" / "rel.toml").write_text('ignore = ["missing-timeout"]\n')
    assert by_flake8(shop, "--rel-config", "lint/rel.toml", ".") == set()
    (shop / "setup.cfg").write_text("[flake8]\nrel-config = lint/rel.toml\nselect = REL\n")
    done = run("flake8", ["."], shop)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_mistake_in_the_settings_is_told_without_a_traceback(shop: Path, jobs: str) -> None:
    (shop / "pyproject.toml").write_text('[tool.reliability-lint]\nselct = ["REL1"]\n')
    done = run("flake8", ["--isolated", "--select", "REL", "--jobs", jobs, "."], shop)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "pyproject.toml:2:1: unknown" in said
    assert "'selct'" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_baseline_has_is_left_out_and_one_more_of_the_same_is_told(shop: Path, jobs: str) -> None:
    assert run("reliability_lint", ["baseline", "create", "--isolated", "--no-cache", "shop"], shop).returncode == 0
    assert by_flake8(shop, "--jobs", jobs, ".") == set()
    stock = shop / "shop" / "stock.py"
    stock.write_text(stock.read_text().replace("import session\n", "import session\n\n# stock\n") + "    return session.get(sku)\n")
    assert by_flake8(shop, "--jobs", jobs, ".") == by_us(shop, "shop") == {("shop/stock.py", 8, 12, "REL101")}


def test_a_baseline_that_is_damaged_is_told_without_a_traceback(shop: Path) -> None:
    (shop / ".reliability-baseline.json").write_text('{"schema": ')
    done = run("flake8", ["--isolated", "--select", "REL", "."], shop)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert ".reliability-baseline.json: this is no baseline, or a damaged one" in " ".join(said.split())
    assert "baseline create --force" in said
    assert "Traceback" not in said


def test_the_plugin_is_listed_with_its_version() -> None:
    from reliability_lint import __version__

    done = run("flake8", ["--version"], FIXTURES)
    assert f"reliability-lint: {__version__}" in " ".join(done.stdout.split())
