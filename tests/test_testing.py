"""Marks that say what is known: each kind holds where it is right and fails where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability_lint.mistake import Mistake
from reliability_lint.registry import rules
from reliability_lint.testing import (
    Example,
    check_examples,
    check_fixtures,
    examples,
    known_marks,
    known_problems,
    marks,
    run_example,
    source,
)

FIXTURES = Path(__file__).parents[1] / "fixtures"

HEAD = """
import asyncio

import httpx
import requests

session = requests.Session()


def find():
    return registry["session"]

"""


def told(folder, line, head=HEAD):
    """What is said of a mark on a line that stands in a function."""
    (folder / "pyproject.toml").touch()
    text = f"{head}\ndef orders(given, **options):\n    {line}\n"
    (folder / "orders.py").write_text(text, encoding="utf-8")
    found = [problem for problems in known_problems(folder.resolve()).values() for problem in problems]
    number = text.count("\n")
    return [problem.removeprefix(f"line {number}: ") for problem in found]


@pytest.mark.parametrize(
    "line",
    [
        "session.get(given)  # means: blocking, http-request, wait",
        "session.get(given)  # means: wait http-request blocking",
        "session.get(given)  # means: wait and more",
        "given.get()  # means: nothing",
        "session.get(given)  # calls: requests.Session.get",
        "session.get(requests.head(given))  # calls: requests.head  # calls: requests.Session.get",
        "own = requests.Session()  # is: requests.Session",
        "given.session = session  # is: requests.Session",
        "own = find()  # is: unknown",
        "httpx.Client()  # is: httpx.Client",
        "import httpx as client  # is: unknown",
        "session.get(given)  # bound: none",
        "session.get(given, timeout=5)  # bound: finite",
        "session.get(given, timeout=5)  # bound: finite 5",
        "session.get(given, timeout=(5, None))  # bound: partial",
        "session.get(given, **options)  # bound: unknown",
        "session.get(given)  # means: wait and more  # bound: none  # calls: requests.Session.get",
    ],
)
def test_what_is_so(tmp_path, line):
    assert told(tmp_path, line) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("session.get(given)  # means: wait", "means blocking, http-request, wait, not wait"),
        ("session.get(given)  # means: wait, sql and more", "means blocking, http-request, wait, not sql, wait and more"),
        ("session.get(given)  # means: nothing", "means blocking, http-request, wait, not nothing"),
        ("given.get()  # means: wait", "means nothing, not wait (a parameter without annotation: given)"),
        ("session.get(given)  # means: http-requset", "there is no concept 'http-requset': did you mean 'http-request'?"),
        ("session.get(given)  # means:", "the mark 'means' names no concept: write 'nothing' where there is none"),
        ("session.get(given)  # calls: requests.get", "calls requests.Session.get, not requests.get"),
        ("given.get()  # calls: requests.get", "calls something unknown, not requests.get (a parameter without annotation: given)"),
        ("own = requests.Session()  # is: httpx.Client", "own is requests.Session, not httpx.Client"),
        ("own = requests.Session()  # is: unknown", "own is requests.Session, not unknown"),
        ("own = find()  # is: requests.Session", "own is unknown, not requests.Session"),
        ("own, other = session, httpx.Client()  # is: requests.Session", "other is httpx.Client, not requests.Session"),
        ("return session  # is: requests.Session", "nothing is bound or called here whose type could be told"),
        ("session.get(given, timeout=5)  # bound: finite 6", "it ends after 5 s, not 6: timeout=5 is passed"),
        ("given.get()  # bound: none", "nothing waits here (a parameter without annotation: given)"),
        ("session.get(given)  # bound: endless", "'endless' is no bound"),
        ("session.get(given)  # bound: finite", "the bound is none, not finite: without timeout= there is no limit in requests"),
        ("httpx.Client(timeout=None).get(given, timeout=5)  # bound: finite", "the bound is none, not finite: timeout=None is passed"),
    ],
)
def test_what_is_not_so(tmp_path, line, said):
    (problem,) = told(tmp_path, line)
    assert problem.startswith(said)


def test_a_parameter_says_what_it_is(tmp_path):
    head = (
        HEAD
        + "\ndef rate(\n    self: object,\n    client: httpx.Client,  # is: httpx.Client\n    other: httpx.Client,  # is: unknown\n):\n    pass\n"
    )
    assert len(told(tmp_path, "pass", head)) == 1


def test_a_method_s_own_object_and_what_a_line_defines_are_left_out(tmp_path):
    head = HEAD + "\nclass Rates:\n    def rate(self, client: httpx.Client):  # is: httpx.Client\n        pass\n"
    assert told(tmp_path, "pass", head) == []


def test_a_handler_means_what_makes_it_one(tmp_path):
    head = (
        HEAD
        + "\nimport fastapi\n\napp = fastapi.FastAPI()\n\n\n@app.get('/')  # means: route and more\nasync def index():  # means: route\n    pass\n"
    )
    assert told(tmp_path, "pass", head) == []
    assert told(tmp_path, "pass", head.replace("index():  # means: route", "index():  # means: task")) != []


def test_marks_are_read_in_any_order_and_only_behind_code():
    text = (
        "call()  # REL101  # means: wait\n"
        "call()  # means: wait  # REL101\n"
        "# means: wait\n"
        "call()  # this means: nothing that a mark would say\n"
        'call()  # REL101 "for ever" native only  # bound: none\n'
    )
    assert [(mark.line, mark.code, mark.native) for mark in marks(text)] == [
        (1, "REL101", False),
        (2, "REL101", False),
        (5, "REL101", True),
    ]
    assert [(mark.line, mark.what, mark.said) for mark in known_marks(text)] == [
        (1, "means", "wait"),
        (2, "means", "wait"),
        (5, "bound", "none"),
    ]


def test_what_other_files_make_is_known(tmp_path):
    (tmp_path / "http.py").write_text("import httpx\n\nclient = httpx.Client(timeout=None)\n")
    head = "from http_clients import client\n"
    (tmp_path / "http_clients.py").write_text("import httpx\n\nclient = httpx.Client(timeout=None)\n")
    assert told(tmp_path, "client.get(given)  # calls: httpx.Client.get  # bound: none", head) == []
    assert told(tmp_path, "client.get(given)  # bound: finite", head) != []


def test_examples_of_rules_may_have_them():
    rule = rules()["REL101"]
    text = "import requests\n\n\ndef rate():\n    return requests.get(URL, timeout=5)  # means: {}\n"
    assert run_example(rule, Example("Good", {"shop/rates.py": text.format("wait and more")})) == []
    (problem,) = run_example(rule, Example("Good", {"shop/rates.py": text.format("sql")}))
    assert problem.startswith("shop/rates.py: line 5: means blocking, http-request, wait, not sql")


# -- for rules that are not ours


def test_a_word_that_looks_like_a_code_is_no_mark():
    assert marks("listen()  # RFC793\nconnect()  # ABC123\nget()  # REL101\n") == [(3, "REL101", "", "", False)]


def test_the_examples_of_a_rule_are_found_where_they_stand():
    for rule in rules().values():
        if rule.check is None:
            continue
        path, first = source(rule)
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[first - 1].strip() == rule.summary
        for example in examples(rule):
            for name, text in example.files.items():
                for number, line in enumerate(text.splitlines(), 1):
                    if line.strip():
                        assert lines[first - 1 + example.lines[name, number]].strip() == line.strip()


def test_what_is_right_passes():
    check_examples("missing-timeout")
    check_examples("REL101")
    check_fixtures("missing-timeout", FIXTURES / "resilience" / "missing_timeout")


def test_what_is_wrong_raises(tmp_path):
    (tmp_path / "ask.py").write_text("import requests\n\nrequests.get('x')\nrequests.get('y', timeout=1)  # REL101\n")
    with pytest.raises(AssertionError) as raised:
        check_fixtures("missing-timeout", tmp_path)
    path = tmp_path.resolve() / "ask.py"
    first, second = str(raised.value).splitlines()
    assert first == f"{path}:4: REL101 is not found"
    assert second.startswith(f"{path}:3: REL101 is found and not marked: requests.get() may wait for ever")


def test_a_folder_without_fixtures_is_none(tmp_path):
    with pytest.raises(AssertionError, match="there is no Python file"):
        check_fixtures("missing-timeout", tmp_path)


def test_a_fixed_file_is_that_of_another(tmp_path):
    (tmp_path / "ask.fixed.py").write_text("import requests\n")
    with pytest.raises(AssertionError, match=r"there is no ask\.py beside it"):
        check_fixtures("missing-timeout", tmp_path)


def test_a_rule_that_is_not_there_is_a_mistake():
    with pytest.raises(Mistake, match="did you mean 'missing-timeout'"):
        check_examples("missing-timeuot")
