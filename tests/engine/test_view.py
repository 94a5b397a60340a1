"""A project as it is not on disk."""

from __future__ import annotations

import pickle

import pytest

from reliability_lint.engine.sources import Layout
from reliability_lint.engine.view import DISK, View


@pytest.fixture
def project(tmp_path):
    for name in ("pyproject.toml", "shop/__init__.py", "shop/http.py", "shop/old/__init__.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return tmp_path


def seen(project, contents, absent=()):
    return View({str(project / name): data for name, data in contents.items()}, [str(project / name) for name in absent])


def test_what_files_hold(project):
    view = seen(project, {"shop/http.py": b"other", "shop/new.py": b"new", "shop/empty.py": b""}, ["shop/__init__.py"])
    assert view.read(str(project / "shop/http.py")) == b"other"
    assert view.read(str(project / "shop/new.py")) == b"new"
    assert view.read(str(project / "shop/empty.py")) == b""
    assert view.read(str(project / "pyproject.toml")) == b"# pyproject.toml\n"
    for name in ("shop/__init__.py", "shop/none.py"):
        with pytest.raises(FileNotFoundError):
            view.read(str(project / name))
    assert DISK.read(str(project / "shop/http.py")) == b"# shop/http.py\n"


def test_modules_are_found_where_the_view_has_them(project):
    layout = Layout(
        seen(project, {"shop/new/deep.py": b"", "shop/new/__init__.py": b"", "mail.py": b""}, ["shop/http.py", "shop/old/__init__.py"])
    )
    here = project / "shop" / "rates.py"
    assert layout.find("shop.new.deep", here) == str(project / "shop/new/deep.py")
    assert layout.find("shop.new", here) == str(project / "shop/new/__init__.py")
    assert layout.find("mail", here) == str(project / "mail.py")
    assert layout.find("shop.http", here) is None
    assert layout.find("shop.old", here) is None
    assert Layout().find("shop.http", here) == str(project / "shop/http.py")
    assert layout.module_name(project / "shop/new/deep.py") == ("shop.new.deep", False)


def test_a_package_that_is_no_more(project):
    layout = Layout(seen(project, {}, ["shop/__init__.py"]))
    assert "__init__.py" not in layout.names(str(project / "shop"))
    assert "http.py" in layout.names(str(project / "shop"))


def test_versions_are_read_elsewhere_below_the_ground_alone():
    view = View({}, (), ("/service", "/mirror"))
    assert view.ground("/service") == "/mirror"
    assert view.ground("/service/shop") == "/mirror/shop"
    assert view.ground("/services") == "/services"
    assert DISK.ground("/service") == "/service"


def test_other_processes_see_the_same(project):
    view = pickle.loads(pickle.dumps(seen(project, {"shop/new.py": b"new"}, ["shop/http.py"])))
    assert view.read(str(project / "shop/new.py")) == b"new"
    assert Layout(view).find("shop.http", project / "a.py") is None
