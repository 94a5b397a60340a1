"""`reliability-lint debug meanings`, in this process."""

from __future__ import annotations

import io
import json
import sys

import pytest

from reliability_lint.fronts.cli import run

HTTP = "import httpx\n\nclient = httpx.Client(timeout=None)\n"
ORDERS = "from shop.http import client\n\n\ndef price(sku, given):\n    given.get(sku)\n    return client.get(sku)\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "RELIABILITY_LINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "http.py").write_text(HTTP)
    (tmp_path / "shop" / "orders.py").write_text(ORDERS)
    return tmp_path


@pytest.fixture
def call(here, capsysbinary, monkeypatch):
    def invoke(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(["debug", *arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


def test_text(call):
    assert call("meanings", "shop/orders.py") == (
        0,
        (
            "shop/orders.py:6:12  httpx.Client.get  blocking, http-request, wait\n"
            "    code          client.get\n"
            "    on            httpx.Client\n"
            "    HTTP request  never ends: timeout=None is passed where the object is made, by httpx.Client(), shop/http.py:3\n"
            "    why           shop/orders.py:1  client is imported: shop.http.client\n"
            "                  shop/http.py:3    made here by httpx.Client()\n"
        ),
        "",
    )


def test_a_line_tells_also_what_is_not_known(call):
    code, out, _ = call("meanings", "shop/orders.py", "--at", "5")
    assert code == 0
    assert out == "shop/orders.py:5:5  given.get  not known\n    why not  a parameter without annotation: given\n"
    assert call("meanings", "shop/orders.py", "--at", "2")[1] == "Nothing is called on line 2.\n"


def test_all(call):
    assert "given.get  not known" in call("meanings", "--all", "shop/orders.py")[1]
    assert "given.get" not in call("meanings", "shop/orders.py")[1]


def test_json(call):
    code, out, _ = call("meanings", "-f", "json")
    assert code == 0
    document = json.loads(out)
    assert document["schema"] == "reliability-lint/meanings/1"
    assert [(one["path"], one["line"], one["name"]) for one in document["places"]] == [
        ("shop/http.py", 3, "httpx.Client"),
        ("shop/orders.py", 6, "httpx.Client.get"),
    ]
    assert document["places"][1] == {
        "kind": "call",
        "path": "shop/orders.py",
        "line": 6,
        "column": 12,
        "end_line": 6,
        "end_column": 27,
        "code": "client.get",
        "name": "httpx.Client.get",
        "receiver": "httpx.Client",
        "concepts": ["blocking", "http-request", "wait"],
        "limit": {
            "what": "HTTP request",
            "bound": "none",
            "seconds": None,
            "because": "timeout=None is passed where the object is made, by httpx.Client()",
            "at": {"path": "shop/http.py", "line": 3},
        },
        "why": [
            {"message": "client is imported: shop.http.client", "path": "shop/orders.py", "line": 1},
            {"message": "made here by httpx.Client()", "path": "shop/http.py", "line": 3},
        ],
        "unknown": "",
    }
    assert out == call("meanings", "-f", "json")[1]


def test_standard_input(call):
    code, out, _ = call("meanings", "-", "--stdin-filename", "shop/rates.py", stdin=b"from shop.http import client\nclient.get(u)\n")
    assert code == 0
    assert out.startswith("shop/rates.py:2:1  httpx.Client.get  ")
    assert call("meanings", "-", "--at", "1", stdin=b"import requests; requests.get(u)\n")[1].startswith("<stdin>:1:18  requests.get  ")


def test_where_nothing_means_anything(here, call):
    (here / "empty").mkdir()
    assert call("meanings", "empty") == (0, "Nothing is known: there is no Python file.\n", "")
    (here / "empty" / "a.py").write_text("x = f()\n")
    assert call("meanings", "empty") == (0, "Nothing in 1 file means anything to the models.\n", "")


def test_control_characters_are_not_written(here, call):
    (here / "a.py").write_text("import requests\nrequests.get(u)[given.get('\\x1b')]\nf'\x1b'.get(u)\n")
    assert "\x1b" not in call("meanings", "--all", "a.py")[1]


def test_models_of_the_settings_count(here, call):
    (here / "fares.toml").write_text(
        'library = "fares"\ndocs = "https://fares.example"\n[[call]]\nname = "fares.get"\nblocking = { kind = "network" }\n'
    )
    (here / "reliability-lint.toml").write_text('libraries = ["fares.toml"]\n')
    (here / "a.py").write_text("import fares\nfares.get(u)\n")
    assert call("meanings", "a.py")[1].startswith("a.py:2:1  fares.get  blocking\n")
    assert "means anything" in call("meanings", "--isolated", "a.py")[1]


class TestMistakes:
    def test_a_path_that_is_not_there(self, call):
        assert call("meanings", "nope") == (2, "", "error: nope: no such file or folder\n")

    def test_an_unknown_subject(self, call):
        assert call("meannigs") == (
            2,
            "",
            "error: unknown subject 'meannigs'\n  debug meannigs\n        ^^^^^^^^ did you mean 'meanings'?\n",
        )

    def test_a_line_of_several_files_or_none(self, here, call):
        assert call("meanings", "--at", "3") == (2, "", "error: --at needs exactly one file\n  --at 3\n       ^ the paths name 3 files\n")
        (here / "empty").mkdir()
        assert "the paths name no Python file" in call("meanings", "empty", "--at", "3")[2]

    def test_a_line_that_is_not_there(self, call):
        assert call("meanings", "shop/http.py", "--at", "30") == (
            2,
            "",
            "error: shop/http.py has no line 30\n  --at 30\n       ^^ it has 3 lines\n",
        )

    def test_a_file_that_is_no_python(self, here, call):
        (here / "shop" / "broken.py").write_text("def f(:\n")
        code, out, err = call("meanings", "shop/broken.py")
        assert (code, out) == (2, "")
        assert err.startswith("error: shop/broken.py:1:")
        assert "1 | def f(:\n" in err

    def test_the_other_files_are_shown(self, here, call):
        (here / "shop" / "broken.py").write_text("def f(:\n")
        code, out, err = call("meanings")
        assert code == 2
        assert "httpx.Client.get" in out
        assert err.startswith("error: shop/broken.py:1:")
        (one,) = json.loads(call("meanings", "-f", "json")[1])["unreadable"]
        assert (one["path"], one["line"]) == ("shop/broken.py", 1)

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("meanings", "--at", "0"),
            ("meanings", "--at", "x"),
            ("meanings", "-f", "xml"),
            ("meanings", "--nope"),
            ("meanings", "--config", "a", "--isolated"),
        ],
    )
    def test_usage(self, call, arguments):
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert err
        assert "Traceback" not in err
