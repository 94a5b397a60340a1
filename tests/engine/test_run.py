"""The run: the same for any number of processes, whatever the files are."""

import os
import textwrap
from pathlib import Path

import msgspec
import pytest

from reliability_lint.api import check_paths, check_source
from reliability_lint.diagnostics import Report
from reliability_lint.engine import checker, crew
from reliability_lint.engine.order import imported_first
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.engine.sources import Layout

SLOW = "import requests\n\ndef price(sku):\n    return requests.get(sku)\n"


def check(folder, jobs=1) -> Report:
    return check_paths([str(folder)], Lookup(isolated=True), jobs=jobs)


def codes(report):
    return [(Path(d.region.path).name, d.region.line, d.code) for d in report.diagnostics]


@pytest.fixture
def service(tmp_path):
    """A project of thirty files that import each other, with circles."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "http.py").write_text("import requests\nsession = requests.Session()\n")
    for number in range(30):
        (package / f"part{number}.py").write_text(
            textwrap.dedent(f"""
                from shop.http import session
                from shop.part{(number + 1) % 30} import session as again
                import requests

                def one(sku):
                    return session.get(sku)

                def two(sku):
                    return again.get(sku), requests.get(sku)
            """)
        )
    return tmp_path


def test_the_same_bytes_for_any_number_of_processes(service):
    one, two, three = (msgspec.structs.replace(check(service, jobs), seconds=0.0) for jobs in (1, 2, 3))
    assert msgspec.json.encode(one) == msgspec.json.encode(two) == msgspec.json.encode(three)
    assert len(one.diagnostics) >= 60


def test_what_is_imported_comes_first(tmp_path):
    (tmp_path / "a.py").write_text("from b import x\n")
    (tmp_path / "b.py").write_text("import c\n")
    (tmp_path / "c.py").write_text("def f():\n    import a\n")
    paths = [str(tmp_path / name) for name in ("a.py", "b.py", "c.py")]
    assert [Path(p).name for p in imported_first(paths, {p: Path(p).read_text() for p in paths}, Layout())] == ["c.py", "b.py", "a.py"]


def test_a_rule_that_raises_is_one_finding_and_the_others_go_on(tmp_path, monkeypatch):
    from reliability_lint.engine import check as engine_check

    (tmp_path / "service.py").write_text(SLOW)
    original = engine_check.run_checks

    def failing(checks, model, meanings):
        def explode():
            raise ZeroDivisionError("by zero")
            yield

        for rule, findings in original(checks, model, meanings):
            yield rule, (explode() if rule.code == "REL102" else findings)
        yield next(rule for rules in checks.by_meaning.values() for rule, _ in rules), explode()

    monkeypatch.setattr(engine_check, "run_checks", failing)
    report = check(tmp_path)
    assert ("service.py", 4, "REL101") in codes(report)
    crashes = [d for d in report.diagnostics if d.code == "REL000"]
    assert crashes
    assert "ZeroDivisionError: by zero" in crashes[0].message


def test_a_bug_of_the_engine_is_one_finding_too(tmp_path, monkeypatch):
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(SLOW)

    original = checker.prepare

    def failing(path, *args, **kwargs):
        if path.endswith("one.py"):
            raise KeyError("whatever")
        return original(path, *args, **kwargs)

    monkeypatch.setattr(checker, "prepare", failing)
    assert {(name, code) for name, _, code in codes(check(tmp_path))} >= {("one.py", "REL000"), ("two.py", "REL101")}


def test_a_process_that_dies_costs_one_file(service, monkeypatch):
    original = checker.Checker._check

    def dying(self, found):
        if found.path.endswith("part7.py"):
            os.kill(os.getpid(), 9)
        return original(self, found)

    monkeypatch.setattr(checker.Checker, "_check", dying)
    report = check(service, jobs=2)
    assert [name for name, _, code in codes(report) if code == "REL000"] == ["part7.py"]
    assert "SIGKILL" in next(d.message for d in report.diagnostics if d.code == "REL000")
    assert {name for name, _, code in codes(report) if code == "REL101"} == {f"part{n}.py" for n in range(30) if n != 7}


def test_a_file_that_takes_for_ever_is_given_up(service, monkeypatch):
    import time

    original = checker.Checker._check

    def sleeping(self, found):
        if found.path.endswith("part3.py"):
            time.sleep(600)
        return original(self, found)

    monkeypatch.setattr(checker.Checker, "_check", sleeping)
    monkeypatch.setattr(crew, "_LONGEST_FILE", 12.0)
    monkeypatch.setattr(crew, "_PATIENCE", 0.2)
    report = check(service, jobs=2)
    assert [name for name, _, code in codes(report) if code == "REL000"] == ["part3.py"]


def test_files_that_nothing_asks_for_are_not_parsed(tmp_path, monkeypatch):
    (tmp_path / "words.py").write_text("NAMES = ['get', 'post']\n\n\nclass Empty:\n    pass\n")
    (tmp_path / "service.py").write_text(SLOW)
    parsed = []
    original = checker.prepare
    monkeypatch.setattr(checker, "prepare", lambda path, *a, **k: parsed.append(Path(path).name) or original(path, *a, **k))
    assert check(tmp_path).checked == 2
    assert parsed == ["service.py"]


def test_nothing_is_written_and_nothing_is_run(tmp_path):
    trap = tmp_path / "service.py"
    trap.write_text(f"open({str(tmp_path / 'was_run')!r}, 'w')\n" + SLOW)
    (tmp_path / "setup.py").write_text("raise SystemExit('was run')\n")
    (tmp_path / "conftest.py").write_text("raise SystemExit('was run')\n")
    before = sorted(tmp_path.rglob("*"))
    check(tmp_path, jobs=2)
    assert sorted(tmp_path.rglob("*")) == before


def test_one_text_alone_is_checked_as_in_its_project(service):
    path = service / "shop" / "part1.py"
    alone = check_source(path.read_text(), str(path), Settings())
    whole = [d for d in check(service).diagnostics if d.region.path.endswith("shop/part1.py")]
    assert [(d.region.line, d.code) for d in alone.diagnostics] == [(d.region.line, d.code) for d in whole]
    assert len(whole) >= 2


@pytest.mark.parametrize(
    ("files", "path", "name"),
    [
        (("shop/__init__.py",), "shop/http.py", "shop.http"),
        (("shop/__init__.py",), "shop/__init__.py", "shop"),
        (("shop/__init__.py",), "shop/clients/http.py", "shop.clients.http"),  # a namespace package in a package
        (("pyproject.toml",), "shop/clients/http.py", "shop.clients.http"),  # namespace packages of a project
        (("pyproject.toml",), "src/shop/http.py", "shop.http"),
        (("pyproject.toml",), "http.py", "http"),
        (("pyproject.toml", "src/__init__.py"), "src/shop/http.py", "src.shop.http"),
        ((), "shop/http.py", "http"),
        (("shop/__init__.py",), "shop/not-a-package/http.py", "http"),
    ],
)
def test_what_a_module_is_called(files, path, name, tmp_path):
    for one in (*files, path):
        (tmp_path / one).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / one).touch()
    assert Layout().module_name(tmp_path / path)[0] == name


def test_where_imports_start(tmp_path):
    for one in (
        "pyproject.toml",
        "shop/__init__.py",
        "shop/manage.py",
        "shop/orders/__init__.py",
        "shop/orders/views.py",
        "tools/run.py",
        "tools/near.py",
    ):
        (tmp_path / one).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / one).touch()
    layout = Layout()
    views = str(tmp_path / "shop" / "orders" / "views.py")
    assert layout.find("shop.orders.views", tmp_path / "tools" / "run.py") == views
    assert layout.find("orders.views", tmp_path / "shop" / "orders" / "__init__.py") == views  # run by shop/manage.py
    assert layout.find("near", tmp_path / "tools" / "run.py") == str(tmp_path / "tools" / "near.py")
    assert layout.find("orders.views", tmp_path / "tools" / "run.py") is None


@pytest.mark.parametrize(
    ("settings", "name"),
    [("shop.settings", "shop.orders"), ("our.shop.settings", "our.shop.orders"), ("settings.production", "orders"), ("", "orders")],
    ids=["of the package", "of a package around it", "beside the script", "nowhere"],
)
def test_a_package_that_holds_its_own_manage_script(settings, name, tmp_path):
    script = f'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")\n' if settings else ""
    shop = tmp_path / "our" / "shop"
    shop.mkdir(parents=True)
    (shop / "manage.py").write_text(script)
    for one in ("__init__.py", "orders.py", *(["../__init__.py"] if name.startswith("our") else [])):
        (shop / one).touch()
    assert Layout().module_name(shop / "orders.py")[0] == name
    assert Layout().find(name, shop / "orders.py") == str(shop / "orders.py")
