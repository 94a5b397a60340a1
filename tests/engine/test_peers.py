"""What is left to other linters, and their comments: the data, the setting, and the fixtures on which `tools.peers` compares us with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability_lint.api import check_paths
from reliability_lint.engine.selection import catalogue
from reliability_lint.engine.settings import Lookup
from reliability_lint.peers import PEERS, deferrable, left_to, meant, peer_checks
from reliability_lint.registry import rules
from reliability_lint.testing import check_files
from tools.peers import MARKED, found, marks

MARKS = list(marks())
EVERY = found(MARKED)


def test_the_data_is_sound():
    checks = peer_checks()
    assert len({(check.peer, check.code) for check in checks}) == len(checks)
    assert sorted({check.peer for check in checks if check.reports}) == sorted(PEERS)
    for check in checks:
        assert check.meets
        assert check.meets <= rules().keys() & catalogue().keys()
        for one in check.reports:
            assert one.rules or check.rules
            assert one.calls or one.catches or one.sql or one.leaves or one.raises or one.asserts, "it must say which findings are meant"
            assert set(one.leaves) <= {"return", "break", "continue"}
            assert one.body in ("", "pass", "continue")


def test_the_fixtures_are_marked_with_what_we_find():
    assert {(mark.path.resolve(), mark.line, mark.code) for mark in MARKS} == EVERY.keys()


@pytest.mark.parametrize("name", sorted(deferrable()))
def test_what_is_left_to_a_peer_is_what_it_reports(name):
    """Nothing that the marks do not grant, and all that they do: the others report it in the versions that were read, `tools.peers` has compared."""
    default = {f"{check.peer}:{check.code}" for check in peer_checks() if check.default}
    wanted = {
        (mark.path.resolve(), mark.line, mark.code)
        for mark in MARKS
        for check in mark.checks - mark.kept
        if check == name or (check.partition(":")[0] == name and check in default)
    }
    assert wanted
    assert EVERY.keys() - found(MARKED, name).keys() == wanted


def test_several_peers_together():
    assert EVERY.keys() - found(MARKED, "bandit", "pylint").keys() == (
        (EVERY.keys() - found(MARKED, "bandit").keys()) | (EVERY.keys() - found(MARKED, "pylint").keys())
    )


def test_a_check_that_a_peer_makes_only_if_asked_is_not_left_to_it():
    assert "REL101" not in left_to(("ruff",))
    assert "REL101" in left_to(("ruff:S113",))
    assert left_to(()) == {}


LEFT = "import requests\n\ndef price(sku):\n    return requests.get(sku)\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (LEFT, False),
        (LEFT.replace("import requests", "import requests as web").replace("requests.get", "web.get"), False),
        ("from requests import *\n\ndef price(sku):\n    return get(sku)\n", True),
        # Bound in another way besides: a linter that reads imports may see something else.
        ("try:\n    import requests\nexcept ImportError:\n    requests = None\n\ndef price(sku):\n    return requests.get(sku)\n", True),
        ("import requests\n\ndef price(sku):\n    ask = requests.get\n    return ask(sku)\n", True),
        ("import requests\n\nsession = requests.Session()\n\ndef price(sku):\n    return session.get(sku)\n", True),
    ],
)
def test_how_a_call_is_spelled_decides(text, kept):
    plain = check_files({"a.py": text}, ["REL101"])["a.py"]
    assert [one.code for one in plain] == ["REL101"]
    assert bool(check_files({"a.py": text}, ["REL101"], defer_to=("bandit",))["a.py"]) is kept


def test_the_closest_settings_decide(tmp_path):
    for name, text in (("shop", 'defer-to = ["bandit"]'), ("shop/old", 'defer-to = ["ruff"]')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "reliability-lint.toml").write_text(f'{text}\nselect = ["REL101"]\n')
        (tmp_path / name / "prices.py").write_text(LEFT)
    report = check_paths([str(tmp_path)], Lookup())
    assert [Path(one.region.path).parent.name for one in report.diagnostics] == ["old"]


def test_a_comment_of_ours_where_a_peer_speaks_is_superfluous():
    text = LEFT.replace("get(sku)", "get(sku)  # reliability: ignore[missing-timeout] quick")
    assert check_files({"a.py": text}, ["REL101", "REL002"])["a.py"] == []
    assert [one.code for one in check_files({"a.py": text}, ["REL101", "REL002"], defer_to=("bandit",))["a.py"]] == ["REL002"]


@pytest.mark.parametrize(
    ("kind", "name", "codes"),
    [
        ("noqa", "S113", {"REL101", "REL102"}),
        ("noqa", "ASYNC21", {"REL701"}),
        ("noqa", "B113", set()),
        ("nosec", "B113", {"REL101", "REL102"}),
        ("nosec", "request_without_timeout", {"REL101", "REL102"}),
        ("nosec", "B11", set()),
        ("pylint", "missing-timeout", {"REL101", "REL102"}),
        ("pylint", "W0718", set()),  # asks how much is caught, not whether anybody hears of it
        ("noqa", "BLE001", set()),
        ("noqa", "S110", {"REL509"}),
        ("noqa", "B904", {"REL512"}),
        ("pylint", "raise-missing-from", {"REL512"}),
        ("noqa", "TRY400", {"REL510"}),
        ("noqa", "LOG005", {"REL510"}),
        ("noqa", "LOG010", {"REL511"}),
        ("noqa", "LOG015", set()),
        ("pylint", "continue-in-finally", {"REL514"}),
        ("pylint", "S113", set()),
        ("nosemgrep", "python.requests.best-practice.use-timeout.use-timeout", {"REL101", "REL102"}),
        ("nosemgrep", "python.lang.best-practice.logging-error-without-handling.logging-error-without-handling", {"REL513"}),
        ("nosemgrep", "timeout", set()),
    ],
)
def test_what_a_name_in_a_comment_means(kind, name, codes):
    assert meant(kind, name) == codes
