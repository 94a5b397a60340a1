"""Whatever a file is: one finding or a counted skip, the other files go on, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reliability_lint.api import check_paths
from reliability_lint.engine import checker
from reliability_lint.engine.check import read_bytes
from reliability_lint.engine.settings import Lookup

GOOD = "import requests\n\ndef price(sku):\n    return requests.get(sku)\n"


def check(folder, *more):
    return check_paths([str(folder), *map(str, more)], Lookup(isolated=True))


def codes(report, name):
    return [d.code for d in report.diagnostics if Path(d.region.path).name == name]


@pytest.fixture
def folder(tmp_path):
    """A folder with a good file, whose finding must be there whatever stands beside it."""
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


def _still_good(report):
    assert codes(report, "good.py") == ["REL101"]
    assert not [d for d in report.diagnostics if d.code == "REL000"]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("not_python.py", b"# Heading\n\nSome *prose*, and a list:\n- one\n", "syntax"),
        ("not_utf8.py", b"name = '\xe9\xff'\n", "not valid utf-8"),
        ("unknown_encoding.py", b"# coding: klingon\nx = 1\n", "klingon"),
        ("wrong_encoding.py", "# coding: ascii\nx = 'é'\n".encode(), "not valid ascii"),
        ("null_bytes.py", b"x = 1\0\n", "null byte"),
        ("binary.py", bytes(range(256)) * 10, "null byte"),
        ("syntax_error.py", b"def f(:\n    pass\n", ""),
        ("python2.py", b"print 'hello'\nexec code\n", ""),
        ("nested.py", b"x = " + b"[" * 5000 + b"]" * 5000 + b"\n", "nested brackets"),
        ("nested_call.py", b"x = " + b"f(" * 5000 + b")" * 5000 + b"\n", "nested brackets"),
        ("half.py", b"x = (1,\n", ""),
        ("conflict.py", b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n", ""),
    ],
)
def test_files_that_are_not_python(folder, name, data, says):
    (folder / name).write_bytes(data)
    report = check(folder)
    assert codes(report, name) == ["REL001"]
    assert says in next(d.message for d in report.diagnostics if d.code == "REL001")
    _still_good(report)


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("bom.py", b"\xef\xbb\xbf" + GOOD.encode(), ["REL101"]),
        ("crlf.py", GOOD.replace("\n", "\r\n").encode(), ["REL101"]),
        ("cr.py", GOOD.replace("\n", "\r").encode(), ["REL101"]),
        ("latin1.py", b"# coding: latin-1\nname = '\xe9'\n" + GOOD.encode(), ["REL101"]),
        ("utf16_declared_utf8.py", "# coding: utf-8\nname = 'é'\n".encode() + GOOD.encode(), ["REL101"]),
        ("empty.py", b"", []),
        ("blank.py", b"\n\n   \n", []),
        ("no_newline.py", GOOD.rstrip().encode(), ["REL101"]),
        ("long_literal.py", b"import requests\nx = '" + b"a" * 10_000_000 + b"'\nrequests.get(x)\n", ["REL101"]),
        ("long_line.py", b"import requests\nx = [" + b"1, " * 8_000 + b"]\nrequests.get(x)\n", ["REL101"]),
        ("sum.py", b"import requests\nx = " + b" + ".join([b"'a'"] * 600) + b"\nrequests.get(x)\n", ["REL101"]),
        ("surrogate.py", b"import requests\nx = '\\ud800'\nrequests.get(x)\n", ["REL101"]),
        ("astral.py", "import requests\nx = '😀'; requests.get(x)\n".encode(), ["REL101"]),
    ],
)
def test_files_that_are_odd_but_python(folder, name, data, found):
    (folder / name).write_bytes(data)
    report = check(folder)
    assert codes(report, name) == found
    _still_good(report)


def test_columns_count_code_points(folder):
    (folder / "astral.py").write_text("import requests\nx = '😀é'; requests.get(x)\n", encoding="utf-8")
    region = next(d.region for d in check(folder).diagnostics if d.region.path.endswith("astral.py"))
    assert (region.line, region.column) == (2, 11)


def test_a_byte_order_mark_moves_nothing(folder):
    (folder / "bom.py").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    regions = [d.region for d in check(folder).diagnostics]
    assert {(r.line, r.column) for r in regions} == {(4, 12)}


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform != "linux", reason="root may read everything")
def test_no_read_permission(folder, monkeypatch):
    secret = folder / "secret.py"
    secret.write_text(GOOD)
    secret.chmod(0)
    if os.geteuid() == 0:  # root reads on: let the system say what it says to everybody else
        original = Path.read_bytes

        def refuse(path):
            if path.name == "secret.py":
                raise PermissionError(13, "Permission denied", str(path))
            return original(path)

        monkeypatch.setattr(Path, "read_bytes", refuse)
    report = check(folder)
    assert codes(report, "secret.py") == ["REL001"]
    assert "Permission denied" in next(d.message for d in report.diagnostics if d.code == "REL001")
    _still_good(report)


def test_links_that_lead_nowhere_or_in_circles(folder):
    (folder / "broken.py").symlink_to(folder / "nowhere.py")
    (folder / "circle.py").symlink_to(folder / "circle.py")
    (folder / "around").symlink_to(folder, target_is_directory=True)
    (folder / "again.py").symlink_to(folder / "good.py")
    report = check(folder)
    assert len([d for d in report.diagnostics if d.code == "REL101"]) == 1
    assert {Path(skip.path).name for skip in report.skips} >= {"broken.py", "circle.py"}
    assert not [d for d in report.diagnostics if d.code == "REL000"]


def test_a_file_that_vanishes_while_running_is_a_counted_skip(folder, monkeypatch):
    gone = folder / "gone.py"
    gone.write_text(GOOD)

    def read(path, shown, view):
        if path.endswith("gone.py"):
            gone.unlink(missing_ok=True)
        return read_bytes(path, shown, view)

    monkeypatch.setattr(checker, "read_bytes", read)
    report = check(folder)
    assert [(Path(skip.path).name, skip.reason) for skip in report.skips] == [("gone.py", "vanished while running")]
    _still_good(report)


def test_a_directory_named_like_a_file(folder):
    (folder / "package.py").mkdir()
    (folder / "package.py" / "inner.py").write_text(GOOD)
    report = check(folder)
    assert codes(report, "inner.py") == ["REL101"]
    _still_good(report)


def test_a_fifo_does_not_hang(folder):
    os.mkfifo(folder / "pipe.py")
    _still_good(check(folder))


def test_the_command_shows_no_traceback(folder):
    (folder / "null.py").write_bytes(b"\0")
    (folder / "deep.py").write_text("x = " + "-" * 800 + "1\n")
    done = subprocess.run(
        [sys.executable, "-m", "reliability_lint", "check", "--isolated", "--output-format", "concise", str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 1
    assert "REL101" in done.stdout
    assert "REL001" in done.stdout
