"""What is kept between runs: never wrong, whatever happens to files, processes and disks."""

from __future__ import annotations

import io
import os
import pickle
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from reliability_lint import registry
from reliability_lint.engine import cache as cache_module
from reliability_lint.engine import checker, days, fingerprint, memory, settings
from reliability_lint.engine.cache import Cache, digest
from reliability_lint.engine.cache_folder import DATABASE, LOCK, NAME, Hold
from reliability_lint.engine.evidence import Evidence
from reliability_lint.engine.sources import Layout
from reliability_lint.facts.facts import FileFacts
from reliability_lint.fronts.cli import run
from reliability_lint.libraries import index, versions
from reliability_lint.model.exports import FunctionFacts
from reliability_lint.model.values import Constant, Made

SOURCE = Path(__file__).parents[2] / "src"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE)}
PROGRAM = [sys.executable, "-m", "reliability_lint"]

HTTP = "import requests\n\nclient = requests.Session()\n"
MENDED = "import httpx\n\nclient = httpx.Client(timeout=3)\n"
PRICES = "from shop.http import client\n\n\ndef price(sku):\n    return client.get(f'https://prices.example/{sku}')\n"
STOCK = "import redis\n\nstock = redis.Redis()\n\n\ndef left(sku):\n    return stock.get(sku)\n"
ORDERS = """from shop.prices import price
from shop.stock import stock
from shop import rates


def order(sku):
    rates.today()
    stock.set(sku, 1)
    return price(sku)
"""
RATES = "from shop.http import *\n\n\ndef today():\n    return client.post('https://rates.example/today')\n"
MAIL = "import smtplib\n\n\ndef send(text):\n    with smtplib.SMTP('mail.example') as server:\n        server.sendmail('a', 'b', text)\n"
WORDS = "NAMES = ['get', 'post']\n"
FILES = {
    "shop/__init__.py": "",
    "shop/http.py": HTTP,
    "shop/prices.py": PRICES,
    "shop/stock.py": STOCK,
    "shop/orders.py": ORDERS,
    "shop/rates.py": RATES,
    "shop/mail.py": MAIL,
    "shop/words.py": WORDS,
    "pyproject.toml": "",
    "requirements.txt": "redis==7.1.0\n",
}


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No cache but the one that a test asks for."""
    for name in ("RELIABILITY_LINT_NO_CACHE", "RELIABILITY_LINT_CACHE_DIR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(registry, "_described", {})
    forget()


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "project"
    for name, text in FILES.items():
        write(folder / name, text)
    monkeypatch.chdir(folder)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def forget() -> None:
    """A process that begins has read nothing yet."""
    versions.forget()
    settings.forget()


def check(*arguments: str, code: int | None = None) -> str:
    """The JSON report of the working directory, by a run in this process."""
    forget()
    before = sys.stdout, sys.stderr
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    sys.stdout, sys.stderr = out, err
    try:
        ended = run(["check", "-f", "json", *arguments])
        out.flush()
        err.flush()
    finally:
        sys.stdout, sys.stderr = before
    assert ended in ((0, 1) if code is None else (code,)), err.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert err.buffer.getvalue() == b""  # type: ignore[attr-defined]
    return out.buffer.getvalue().decode()  # type: ignore[attr-defined]


def fresh() -> str:
    return check("--no-cache")


@pytest.fixture
def examined(monkeypatch) -> Iterator[list[str]]:
    """The names of the files that are parsed to be checked, or to know what they export."""
    names: list[str] = []
    original = checker.prepare

    def prepare(path, *args, **kwargs):
        names.append(os.path.basename(path))
        return original(path, *args, **kwargs)

    monkeypatch.setattr(checker, "prepare", prepare)
    return names


def program(*arguments: str, **options) -> subprocess.Popen[bytes]:
    command = [*PROGRAM, "check", "-f", "json", *arguments]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


# -- what is checked again


def test_nothing_is_checked_twice(project, examined):
    cold = check()
    assert "REL101" in cold
    assert (project / NAME / DATABASE).is_file()
    examined.clear()
    assert check() == cold
    assert examined == []
    assert cold == fresh()


def test_nothing_is_checked_twice_by_several_processes(project, examined):
    for number in range(20):
        write(project / f"shop/part{number}.py", PRICES + STOCK + f"\n\ndef many():\n    from shop.part{(number + 1) % 20} import price\n")
    cold = check("--jobs", "3")
    assert check("--jobs", "3") == cold
    write(project / "shop/http.py", MENDED)
    assert check("--jobs", "3") == fresh() != cold
    assert examined
    examined.clear()
    assert check() == check("--jobs", "2")
    assert examined == []


def test_a_comment_concerns_its_file_alone(project, examined):
    check()
    write(project / "shop/http.py", HTTP + "# no more to say\n")
    examined.clear()
    warm = check()
    assert examined == ["http.py"]
    assert warm == fresh()


def test_a_comment_that_has_ended_is_looked_at_again(project, examined, monkeypatch):
    write(
        project / "shop/mail.py",
        MAIL.replace(":\n        server", ":  # reliability: ignore[missing-timeout] until=2026-03-31 it moves\n        server"),
    )
    monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-03-31")
    first = check()
    assert '"until": "2026-03-31"' in first
    examined.clear()
    assert check() == first
    assert examined == []
    monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-04-01")
    assert "this comment silenced it until 2026-03-31" in check()
    assert examined == ["mail.py"]
    monkeypatch.setattr(days.time, "strftime", lambda *_: "2026-03-31")
    assert check() == first, "whatever the clock does"


def test_what_a_file_exports_concerns_those_that_asked(project, examined):
    cold = check()
    write(project / "shop/http.py", MENDED)
    examined.clear()
    warm = check()
    assert set(examined) == {"http.py", "prices.py", "rates.py"}
    assert warm != cold
    assert warm == fresh()


def test_what_was_not_asked_for_concerns_nobody_else(project, examined):
    check()
    http = project / "shop/http.py"
    write(http, HTTP + "\n\nother = requests.Session()\n\n\ndef unheard():\n    return other.get('https://prices.example')\n")
    examined.clear()
    warm = check()
    assert examined == ["http.py"]
    assert warm == fresh()
    write(http, http.read_text().replace("client = requests.Session()", "client = object()"))
    examined.clear()
    warm = check()
    assert set(examined) == {"http.py", "prices.py", "rates.py"}
    assert warm == fresh()


def test_what_was_is_still_known(project, examined):
    cold = check()
    write(project / "shop/http.py", MENDED)
    check()
    write(project / "shop/http.py", HTTP)
    examined.clear()
    assert check() == cold
    assert set(examined) <= {"prices.py", "rates.py"}


def test_a_module_that_was_not_there(project, examined):
    write(project / "shop/http.py", "from shop.base import client\n")
    cold = check()
    write(project / "shop/base.py", HTTP)
    examined.clear()
    warm = check()
    assert {"base.py", "prices.py"} <= set(examined)
    assert warm != cold
    assert warm == fresh()
    (project / "shop/base.py").unlink()
    assert check() == cold == fresh()


def test_a_module_that_hides_another(project):
    cold = check()
    write(project / "shop/http/__init__.py", MENDED)
    warm = check()
    assert warm != cold
    assert warm == fresh()


def test_one_file_of_a_project_asks_the_others(project, examined):
    check()
    write(project / "shop/http.py", MENDED)
    examined.clear()
    warm = check("shop/prices.py")
    assert examined == ["http.py", "prices.py"]
    assert warm == check("shop/prices.py", "--no-cache")
    examined.clear()
    assert check("shop/prices.py") == warm
    assert examined == []


def test_versions_and_settings_and_models(project, examined):
    before = check()
    write(project / "requirements.txt", "redis==8.0.0\n")
    assert check() == fresh()
    write(project / "reliability-lint.toml", "rules.missing-timeout.severity = 'note'\n")
    noted = check()
    assert noted == fresh() != before
    write(project / "shop/banks.py", "import requests\n\n\ndef holidays():\n    return requests.get('https://banks.example')\n")
    ours = check()
    write(project / "reliability-lint.toml", "rules.missing-timeout.severity = 'note'\ndefer-to = ['bandit']\n")
    assert check() == fresh() != ours
    write(project / "reliability-lint.toml", "libraries = ['own.toml']\n")
    write(project / "own.toml", 'library = "fares"\ndocs = "https://fares.example"\n')
    write(project / "shop/fares.py", "import fares\n\n\ndef fare():\n    return fares.ask('x')\n")
    unknown = check()
    assert unknown == fresh()
    entry = (
        '[[call]]\nname = "fares.ask"\nwait = { what = "answer", tier = "always", timeout = { keyword = "timeout", default = "never" } }\n'
    )
    write(project / "own.toml", f'library = "fares"\ndocs = "https://fares.example"\n{entry}')
    index.index_for.cache_clear()  # where models are kept by name
    known = check()
    index.index_for.cache_clear()
    assert known == fresh() != unknown
    examined.clear()
    check()
    assert examined == []


def test_a_selection_has_reports_of_its_own(project, examined):
    every = check()
    few = check("--select", "data")
    examined.clear()
    assert check("--select", "data") == few != every
    assert check() == every
    assert examined == []


def test_code_of_ours_that_has_changed(project, examined, monkeypatch):
    check()
    original = fingerprint._files
    monkeypatch.setattr(fingerprint, "_files", lambda: [*original(), (__file__, 1, time.time_ns())])
    examined.clear()
    check()
    assert "prices.py" in examined
    examined.clear()
    monkeypatch.setattr(fingerprint, "_files", lambda: [*original(), (__file__, 1, time.time_ns())])
    check()
    assert examined == [], "another time, the same content"


def test_failures_are_not_kept(project, monkeypatch):
    original = checker.prepare

    def failing(path, *args, **kwargs):
        if path.endswith("mail.py"):
            raise KeyError("whatever")
        return original(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(checker, "prepare", failing)
        assert "REL000" in check(code=2)
    assert "REL000" not in check()


def test_text_from_elsewhere_is_not_kept_as_the_file(project, monkeypatch):
    cold = check()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MENDED.encode())))
    shown = check(".", "-", "--stdin-filename", "shop/http.py")
    assert shown != cold
    assert check() == cold


PROJECTS = {
    "requirements": {
        "requirements.txt": "-r deps/base.txt\n",
        "deps/base.txt": "--constraint=more.txt  # all\n",
        "deps/more.txt": "redis==1\n",
    },
    "folder": {
        "requirements/web.txt": "-c \\\n '../limits.txt'\n",
        "limits.txt": "redis<3\n",
        "requirements-dev.txt": "-rrequirements/web.txt\n",
    },
    "workspace": {
        ".git/HEAD": "",
        "uv.lock": "",
        "poetry.lock": "[[package]]\nname = 'redis'\nversion = '1'\n",
        "app/pyproject.toml": "[project]\n",
    },
    "old": {"setup.cfg": "[options]\ninstall_requires = redis\n", "Pipfile.lock": "{}", "pylock.toml": "", "pdm.lock": ""},
    "wide": {"requirements.txt": "-r base.txt\n".encode("utf-16").decode("latin-1"), "base.txt": "redis\n"},
}


@pytest.mark.parametrize("name", PROJECTS)
def test_nothing_is_read_of_versions_that_is_no_evidence(tmp_path, monkeypatch, name):
    for path, text in PROJECTS[name].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode("latin-1"))
    folder = tmp_path / "app" / "inner"
    folder.mkdir(parents=True)
    read: set[Path] = set()
    original = versions._text_of
    monkeypatch.setattr(versions, "_text_of", lambda path: read.add(path) or original(path))
    versions.read(folder)
    there = [path for path in read if path.is_file()]
    assert len(there) >= len([path for path in PROJECTS[name] if ".git" not in path])
    evidence = Evidence(Layout()).of(str(folder))
    for path in read:
        old = path.read_bytes() if path.is_file() else None
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((old or b"") + b"\n# changed")
        assert Evidence(Layout()).of(str(folder)) != evidence, path
        if old is None:
            path.unlink()
        else:
            path.write_bytes(old)
    assert Evidence(Layout()).of(str(folder)) == evidence
    os.symlink(folder, tmp_path.parent / f"link-{name}")
    assert Evidence(Layout()).of(str(tmp_path.parent / f"link-{name}")) == evidence
    for new in ("requirements-new.txt", "requirements/new.txt", "app/inner/requirements.txt", "app/.git"):
        write(tmp_path / new, "")
        assert Evidence(Layout()).of(str(folder)) != evidence, new
        (tmp_path / new).unlink()


# -- two hundred edits


class Edits:
    """A project that is changed at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.broken: dict[Path, str] = {}

    def one(self) -> str:
        edit = self.random.choice(
            [
                self.timeout, self.timeout, self.rename, self.add, self.delete, self.comment, self.comment, self.version, self.set,
                self.breaks, self.mend, self.move, self.silence, self.rewrite, self.marker,
            ]
        )  # fmt: skip
        edit()
        return edit.__name__

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*.py") if NAME not in path.parts)

    def change(self, path: Path, change: Callable[[str], str]) -> None:
        path.write_text(change(path.read_text()))

    def some(self) -> Path:
        return self.random.choice(self.files())

    def http(self) -> Path | None:
        for name in ("shop/http.py", "shop/http/__init__.py"):
            if (self.folder / name).is_file():
                return self.folder / name
        return None

    def timeout(self) -> None:
        if path := self.http():
            made = ["requests.Session()", "httpx.Client()", "httpx.Client(timeout=None)", "httpx.Client(timeout=3)", "object()", "None"]
            path.write_text(f"import httpx\nimport requests\n\nclient = {self.random.choice(made)}\n")

    def rename(self) -> None:
        if path := self.http():
            self.change(
                path, lambda text: text.replace("client =", "session =") if "client =" in text else text.replace("session =", "client =")
            )

    def add(self) -> None:
        name = self.random.choice(["base", "rates", "extra", "prices", "stock", "http", "mail"])
        text = self.random.choice([HTTP, PRICES, STOCK, RATES, MAIL, "from shop.http import client\n", "from shop.base import *\n"])
        write(self.folder / "shop" / f"{name}.py", text)

    def delete(self) -> None:
        path = self.some()
        if len(self.files()) > 5:
            path.unlink()
            self.broken.pop(path, None)

    def comment(self) -> None:
        note = f"# note {self.random.randrange(1000)}\n"
        self.change(self.some(), lambda text: note + text if self.random.random() < 0.5 else text + note)

    def version(self) -> None:
        text = self.random.choice(["redis==7.1.0\n", "redis==3.5.0\n", "redis==8.0.0\nhttpx==0.28.1\n", "", "-r more.txt\n"])
        write(self.folder / self.random.choice(["requirements.txt", "more.txt"]), text)

    def set(self) -> None:
        write(
            self.folder / "reliability-lint.toml",
            self.random.choice(
                [
                    "",
                    "preset = 'strict'\n",
                    "select = ['missing-timeout']\n",
                    "rules.missing-timeout.severity = 'note'\n",
                    "per-file-ignores = { 'shop/prices.py' = ['resilience'] }\n",
                    "extend-exclude = ['shop/mail.py']\n",
                    "include-tests = true\n",
                    "defer-to = ['bandit']\n",
                ]
            ),
        )

    def breaks(self) -> None:
        path = self.some()
        self.broken.setdefault(path, path.read_text())
        path.write_text("def f(:\n" + path.read_text())

    def mend(self) -> None:
        for path, text in self.broken.items():
            if path.exists():
                path.write_text(text)
        self.broken.clear()

    def move(self) -> None:
        """A module becomes a package, or a package a module."""
        module, package = self.folder / "shop/http.py", self.folder / "shop/http"
        if package.is_dir():
            inner = package / "__init__.py"
            if inner.exists():
                inner.replace(module)
            if not any(package.iterdir()):
                package.rmdir()
        elif module.exists():
            package.mkdir()
            module.replace(package / "__init__.py")
            self.broken.pop(module, None)

    def silence(self) -> None:
        lines = self.some()
        self.change(lines, lambda text: text.replace(".get(", ".get(  # reliability: ignore[missing-timeout] known\n        ", 1))

    def rewrite(self) -> None:
        """The same bytes, at another time."""
        path = self.some()
        path.write_bytes(path.read_bytes())

    def marker(self) -> None:
        """A folder becomes a root of modules, a package, or ceases to be one."""
        path = self.folder / self.random.choice(["src/shop/__init__.py", "src/shop/base.py", "tests/test_http.py", "shop/http/more.py"])
        if path.exists():
            path.unlink()
        else:
            write(path, HTTP)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_edit_a_warm_run_says_what_a_cold_one_says(project, examined, seed):
    edits = Edits(project, seed)
    said: set[str] = set()
    done = []
    spared = 0
    for number in range(50):
        done.append(edits.one())
        examined.clear()
        warm = check()
        parsed = len(examined)
        examined.clear()
        assert warm == fresh(), done
        spared += len(examined) - parsed
        said.add(warm)
        if number % 10 == 0:
            examined.clear()
            assert check() == warm
            assert examined == []
    assert len(said) >= 12
    assert spared > 50


# -- what happens to processes


@pytest.mark.parametrize("first", [True, False], ids=["the first run", "a later run"])
def test_killed_at_any_moment(project, first):
    """A child that kills itself after so many calls into the cache; what it leaves behind is good."""
    expected = fresh()
    watched = {module.__file__ for module in (cache_module, memory, sys.modules["reliability_lint.engine.cache_folder"])}

    def begin(number: int) -> None:
        if first:
            shutil.rmtree(project / NAME, ignore_errors=True)
        else:
            check()
            write(project / "shop/words.py", f"{WORDS}# {number}\n")

    begin(-1)
    calls = _calls_of(watched)
    assert calls > 40
    killed = 0
    for number in sorted({*range(1, calls, max(1, calls // 15)), *range(calls - 12, calls)}):
        begin(number)
        child = os.fork()
        if child == 0:
            _die_after(number, watched)
            check()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        assert check() == expected
    assert killed > 15


def _calls_of(files: set[str | None]) -> int:
    count = 0

    def watch(frame, event, _):
        nonlocal count
        count += event == "call" and frame.f_code.co_filename in files

    sys.setprofile(watch)
    try:
        check()
    finally:
        sys.setprofile(None)
    return count


def _die_after(number: int, files: set[str | None]) -> None:
    left = number

    def watch(frame, event, _):
        nonlocal left
        if event in ("call", "return") and frame.f_code.co_filename in files:
            left -= event == "call"
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def test_killed_from_outside(project):
    for number in range(30):
        write(project / f"shop/part{number}.py", PRICES)
    expected = fresh()
    chance = random.Random(7)
    for _ in range(8):
        process = program("--jobs", "2")
        time.sleep(chance.uniform(0.2, 2.5))
        process.kill()
        process.communicate()
    assert check() == expected
    assert check() == expected


def test_several_runs_at_once(project):
    for number in range(20):
        write(project / f"shop/part{number}.py", PRICES)
    expected = fresh()
    for _ in range(2):
        runs = [program() for _ in range(4)]
        said = [process.communicate(timeout=120) for process in runs]
        assert said == [(expected.encode(), b"")] * 4
        write(project / "shop/words.py", WORDS + "# more\n")
    assert check() == expected


# -- what happens to the folder


def _truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _noise(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(60_000))


def _spots(path: Path) -> None:
    chance = random.Random(2)
    data = bytearray(path.read_bytes())
    for _ in range(400):
        data[chance.randrange(100, len(data))] = chance.randrange(256)
    path.write_bytes(data)


def _head(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[:40] = random.Random(3).randbytes(40)
    path.write_bytes(data)


def _foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE entry (key TEXT, value TEXT)")
    connection.execute("INSERT INTO entry VALUES ('a', 'b')")
    connection.commit()
    connection.close()


def _swapped(path: Path) -> None:
    """Every value under the wrong key."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT key, value FROM entry ORDER BY key").fetchall()
    for (key, _), (_, value) in zip(rows, rows[1:] + rows[:1], strict=True):
        connection.execute("UPDATE entry SET value = ? WHERE key = ?", (value, key))
    connection.commit()
    connection.close()


def _words(path: Path) -> None:
    """Values of another type."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE entry SET value = 'what'")
    connection.commit()
    connection.close()


def _journal(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(random.Random(4).randbytes(50_000))
    path.with_name(path.name + "-shm").write_bytes(random.Random(5).randbytes(32_768))


@pytest.mark.parametrize("damage", [_truncate, _empty, _noise, _spots, _head, _foreign, _swapped, _words, _journal])
def test_what_is_damaged_is_made_anew(project, examined, damage):
    expected = check()
    damage(project / NAME / DATABASE)
    assert check() == expected
    assert check() == expected
    examined.clear()
    assert check() == expected
    assert examined == []


def test_spots_anywhere(project):
    expected = check()
    path = project / NAME / DATABASE
    good = path.read_bytes()
    chance = random.Random(6)
    for _ in range(25):
        data = bytearray(good)
        start = chance.randrange(len(data))
        data[start : start + chance.randrange(1, 3000)] = chance.randbytes(1500)
        path.write_bytes(data)
        assert check() == expected


def test_a_folder_that_is_none(project):
    expected = fresh()
    (project / NAME).write_text("what I always wanted to say")
    assert check() == expected
    assert (project / NAME).read_text() == "what I always wanted to say"


def test_a_folder_of_somebody_else(project):
    expected = fresh()
    (project / NAME).mkdir()
    (project / NAME / "letters.txt").write_text("dear")
    assert check() == expected
    assert os.listdir(project / NAME) == ["letters.txt"]


@pytest.mark.parametrize("name", [DATABASE, LOCK, ".gitignore", DATABASE + "-wal"])
def test_no_link_is_followed(project, tmp_path, name):
    expected = fresh()
    valued = tmp_path / "valued"
    valued.write_text("kept")
    (project / NAME).mkdir()
    os.symlink(valued, project / NAME / name)
    assert check() == expected
    assert valued.read_text() == "kept"
    (project / NAME / name).unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (project / NAME).rmdir()
    os.symlink(elsewhere, project / NAME)
    assert check() == expected
    assert os.listdir(elsewhere) == []


def test_a_database_that_is_a_folder(project):
    (project / NAME / DATABASE).mkdir(parents=True)
    assert check() == check() == fresh()
    assert os.listdir(project / NAME / DATABASE) == []


def test_nowhere_to_write(project):
    expected = fresh()
    assert check("--cache-dir", "/proc/none/cache") == expected
    assert check("--cache-dir", "a\nb") == expected


def test_a_full_disk(project, monkeypatch, examined):
    original = Cache._connect

    def small(self):
        connection = original(self)
        connection.execute("PRAGMA max_page_count = 8")
        return connection

    expected = fresh()
    with monkeypatch.context() as patch:
        patch.setattr(Cache, "_connect", small)
        assert check() == expected
        assert check() == expected
    assert check() == expected
    examined.clear()
    assert check() == expected
    assert examined == []


def test_another_run_that_throws_the_database_away(project, examined):
    expected = check()
    hold = Hold(str(project / NAME))
    assert hold.take(alone=True)
    examined.clear()
    assert check() == expected
    assert examined
    hold.release()
    examined.clear()
    assert check() == expected
    assert examined == []


def test_git_and_backups_pass_it_by(project):
    check()
    assert (project / NAME / ".gitignore").read_text().splitlines()[-1] == "*"
    assert (project / NAME / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    (project / NAME / "CACHEDIR.TAG").write_text("Signature: 8a")
    check("--select", "data")
    assert (project / NAME / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


# -- where it lies, and what is kept


def test_where_it_lies(project, tmp_path, monkeypatch):
    monkeypatch.chdir(project / "shop")
    check("http.py")
    assert (project / NAME).is_dir()
    check("--cache-dir", str(tmp_path / "named"))
    assert (tmp_path / "named" / DATABASE).is_file()
    monkeypatch.setenv("RELIABILITY_LINT_CACHE_DIR", str(tmp_path / "told"))
    check()
    assert (tmp_path / "told" / DATABASE).is_file()
    monkeypatch.delenv("RELIABILITY_LINT_CACHE_DIR")
    write(project / "reliability-lint.toml", "cache-dir = 'kept'\n")
    check()
    assert (project / "kept" / DATABASE).is_file()
    write(tmp_path / "other.toml", "cache-dir = 'far'\n")
    check("--config", str(tmp_path / "other.toml"))
    assert (tmp_path / "far" / DATABASE).is_file()


def test_none_is_made_where_none_is_wanted(project, monkeypatch):
    check("--no-cache")
    monkeypatch.setenv("RELIABILITY_LINT_NO_CACHE", "1")
    check()
    assert not (project / NAME).exists()


def test_outside_of_projects_it_lies_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("reliability_lint.engine.cache_folder._PROJECT", ("none such",))
    write(tmp_path / "a/b.py", HTTP)
    check("a")
    assert (tmp_path / NAME / DATABASE).is_file()


@pytest.fixture
def store(tmp_path) -> Iterator[Callable[[], Cache]]:
    opened: list[Cache] = []

    def open_() -> Cache:
        opened.append(Cache(str(tmp_path / "store")))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


def test_entries(store):
    keys = [digest(str(number).encode()) for number in range(1200)]
    first = store()
    assert first.get(keys) == {}
    first.put({key: bytes([index % 256]) * (index % 70) for index, key in enumerate(keys)})
    first.close()
    assert store().get(keys) == {key: bytes([index % 256]) * (index % 70) for index, key in enumerate(keys)}


def test_what_was_not_used_for_the_longest_time_goes_first(store, monkeypatch):
    old, used, new = (digest(name) for name in (b"old", b"used", b"new"))
    first = store()
    first._today = 100
    first.put({old: bytes(40_000), used: bytes(40_000)})
    second = store()
    second._today = 101
    second.get([used])
    second.put({})
    third = store()
    third._today = 102
    monkeypatch.setattr(cache_module, "LARGEST", 100_000)
    third.put({new: bytes(40_000)})
    assert set(third.get([old, used, new])) == {used, new}
    fourth = store()
    fourth._today = 101 + cache_module._KEPT_DAYS + 1
    fourth.put({old: b""})
    assert set(fourth.get([old, used, new])) == {old, new}


def test_facts_come_back_as_they_were():
    odd = (float("inf"), float("-inf"), -0.0, 1, 1.0, True, None, "é", 2**62, 0.1)
    names = {f"n{index}": Made("f", (Constant(value),)) for index, value in enumerate(odd)}
    facts = FileFacts("m", "m.py", names, {"given": FunctionFacts(), "told": FunctionFacts(gives=Made("f"))})
    again = msgspec.msgpack.decode(memory.packed(facts), type=FileFacts)
    assert again == facts
    assert [repr(made) for made in again.names.values()] == [repr(made) for made in facts.names.values()]
    assert memory.mark(again) == memory.mark(facts)
    assert memory.mark(pickle.loads(pickle.dumps(facts))) == memory.mark(facts)
    for value in (2**70, "\ud800"):
        facts = FileFacts("m", "m.py", {"n": Constant(value)})
        assert memory.packed(facts) == b""
        assert memory.mark(facts) != memory.mark(FileFacts("m", "m.py", {"n": Constant(1)}))


def test_rules_come_back_as_they_are(project):
    check()
    registry.describe([])
    assert not registry.is_described()
    check()
    assert registry.is_described()
    imported = registry.rules()
    for code, rule in registry.described().items():
        whole = imported[code]
        assert (rule.name, rule.family, rule.set, rule.severity, rule.doc) == (
            whole.name, whole.family, whole.set, whole.severity, whole.doc
        )  # fmt: skip
        assert list(rule.options) == list(whole.options)
    assert list(registry.described()) == list(imported)


# -- how little a warm run does


def test_a_warm_run_imports_nothing_that_parses(project):
    check()
    write(project / "reliability-lint.toml", "rules.missing-timeout.severity = 'note'\nextend-select = ['strict']\n")
    for output_format in ("full", "concise", "json", "sarif", "github"):
        arguments = ["check", "-f", output_format, "--jobs", "4"]
        code = (
            f"import sys; from reliability_lint.fronts.cli import run; run({arguments!r}); print('\\n'.join(sys.modules), file=sys.stderr)"
        )
        subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, check=True)
        ran = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
        modules = set(ran.stderr.split())
        assert "reliability_lint.engine.memory" in modules
        for heavy in (
            "libcst",
            "multiprocessing",
            "reliability_lint.rule",
            "reliability_lint.engine.checker",
            "reliability_lint.libraries.index",
        ):
            assert heavy not in modules, (output_format, heavy)
