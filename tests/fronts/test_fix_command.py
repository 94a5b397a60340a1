"""`fix`, in this process."""

from __future__ import annotations

import errno
import os
import time

import pytest
from repository import Repository

from reliability_lint.engine import writing
from reliability_lint.fronts.cli import fixing

BAD = "import asyncio\nimport time\n\n\nasync def settle(order):\n    time.sleep(1)  # why\n    await asyncio.sleep(1)\n"
GOOD = BAD.replace("time.sleep(1)  #", "await asyncio.sleep(1)  #")
DOUBTFUL = "import time\n\n\nasync def settle(order):\n    time.sleep(1)\n"
FIXED_ONE = "Fixed 1 finding in 1 file (blocking-call-in-async ×1)"


def test_what_was_fixed_and_how_much_is_left(here, call):
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(DOUBTFUL)
    assert call("fix") == (0, f"{FIXED_ONE}; 1 left, none new. 1 more with --unsafe-fixes.\n", "")
    assert (here / "a.py").read_text() == GOOD
    assert (here / "b.py").read_text() == DOUBTFUL
    assert call("fix") == (0, "Fixed nothing; 1 left. 1 more with --unsafe-fixes.\n", "")
    assert call("fix", "--unsafe-fixes") == (0, f"{FIXED_ONE}; nothing left.\n", "")
    assert call("fix") == (0, "Nothing to fix.\n", "")


def test_it_does_what_check_does(here, call):
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(DOUBTFUL)
    shown = call("check", "--diff", "--unsafe-fixes")
    assert call("fix", "--diff", "--unsafe-fixes") == shown
    call("check", "--fix", "--unsafe-fixes")
    fixed = {path.name: path.read_bytes() for path in here.glob("*.py")}
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(DOUBTFUL)
    call("fix", "--unsafe-fixes")
    assert {path.name: path.read_bytes() for path in here.glob("*.py")} == fixed


def test_a_diff_writes_nothing_and_says_whether_there_is_one(here, call):
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(DOUBTFUL)
    code, out, err = call("fix", "--diff")
    assert (code, err) == (1, "Would fix 1 finding in 1 file; nothing was written. 1 more with --unsafe-fixes.\n")
    assert "+    await asyncio.sleep(1)  # why\n" in out
    assert (here / "a.py").read_text() == BAD
    assert call("fix", "--diff", "b.py")[:2] == (0, "")


def test_for_hooks_a_change_is_a_failure(here, call):
    (here / "a.py").write_text(BAD)
    assert call("fix", "--exit-non-zero-on-fix")[0] == 1
    assert (here / "a.py").read_text() == GOOD
    assert call("fix", "--exit-non-zero-on-fix") == (0, "Nothing to fix.\n", "")


def test_rules_are_chosen_as_elsewhere(here, call):
    (here / "a.py").write_text(BAD)
    assert call("fix", "--ignore", "blocking-call-in-async")[1] == "Nothing to fix.\n"
    assert call("fix", "--select", "REL1")[1] == "Nothing to fix.\n"
    code, _, err = call("fix", "--select", "blocking-call-in-asinc")
    assert code == 2
    assert "did you mean 'blocking-call-in-async'" in err
    assert call("fix", "--select", "REL701")[1] == f"{FIXED_ONE}; nothing left.\n"


def test_what_is_excluded_stays_out_where_that_is_asked_for(here, call):
    (here / "pyproject.toml").write_text('[tool.reliability-lint]\nexclude = ["a.py"]\n')
    (here / "a.py").write_text(BAD)
    assert call("fix", "a.py", "--force-exclude") == (0, "Nothing to fix.\n", "")
    assert (here / "a.py").read_text() == BAD


@pytest.mark.parametrize(
    "arguments",
    [("--diff", "--interactive"), ("--diff", "--exit-non-zero-on-fix"), ("--interactive", "--unsafe-fixes"), ("nowhere",), ("-",)],
)
def test_what_makes_no_sense(call, arguments):
    code, out, err = call("fix", *arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err


def test_what_could_not_be_written_is_a_failure(here, call):
    (here / "a.py").write_text(BAD)
    (here / "b.py").write_text(BAD)
    (here / "a.py").chmod(0o444)
    code, out, err = call("fix")
    assert (code, out, err) == (2, f"{FIXED_ONE}; 1 left, none new.\n", "a.py: not fixed, for it is read-only\n")
    assert (here / "b.py").read_text() == GOOD


def test_a_file_that_changes_meanwhile_is_left_alone_and_what_is_new_in_it_is_told(here, call, monkeypatch):
    (here / "a.py").write_text(BAD)
    worse = BAD + "    time.sleep(2)\n    time.sleep(3)\n"
    original = fixing.together

    def slow(*arguments):
        found = original(*arguments)
        (here / "a.py").write_text(worse)
        return found

    monkeypatch.setattr(fixing, "together", slow)
    code, out, err = call("fix")
    assert (here / "a.py").read_text() == worse
    assert (code, err) == (2, "a.py: not fixed, for it has changed since it was checked\n")
    assert out == "Fixed nothing; 3 left.\n"


def test_a_full_disk_costs_nothing(here, call, monkeypatch):
    (here / "a.py").write_text(BAD)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing.os, "fsync", full)
    code, _, err = call("fix")
    assert (code, err) == (2, "a.py: not fixed, for it cannot be written: No space left on device\n")
    assert {path.name: path.read_text() for path in here.iterdir()} == {"a.py": BAD}


def test_a_folder_in_which_nothing_can_be_written(here, call, monkeypatch):
    """As it is for everybody but the superuser, whom modes do not keep out."""
    (here / "a.py").write_text(BAD)

    def forbidden(*_: object, **__: object) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(writing.tempfile, "mkstemp", forbidden)
    code, _, err = call("fix")
    assert (code, err) == (2, "a.py: not fixed, for it cannot be written: Permission denied\n")
    assert (here / "a.py").read_text() == BAD


def test_a_file_that_is_reached_twice_is_fixed_once(here, call):
    (here / "shop").mkdir()
    (here / "shop" / "a.py").write_text(BAD)
    (here / "shop" / "same.py").symlink_to("a.py")
    assert call("fix", "shop", "shop/a.py", "shop/same.py") == (0, f"{FIXED_ONE}; nothing left.\n", "")
    assert (here / "shop" / "a.py").read_text() == GOOD
    assert (here / "shop" / "same.py").is_symlink()


def test_of_a_hard_link_only_this_name_is_fixed(here, call):
    (here / "kept").mkdir()
    (here / "a.py").write_text(BAD)
    os.link(here / "a.py", here / "kept" / "a.txt")
    assert call("fix")[0] == 0
    assert (here / "a.py").read_text() == GOOD
    assert (here / "kept" / "a.txt").read_text() == BAD


def test_what_killed_runs_have_left_is_cleared_away(here, call, monkeypatch):
    (here / "a.py").write_text(BAD)
    left = here / ".reliability-lint-abcd1234.tmp"
    others = [here / name for name in (".reliability-lint-abcd1234.tmp.py", ".a.py.abcd1234.tmp", "reliability-lint-abcd1234.tmp")]
    for path in (left, *others):
        path.write_text("")
    assert call("check")[0] == 1
    assert call("fix", "--diff")[0] == 1
    assert left.exists(), "those who only look delete nothing"
    assert call("fix")[0] == 0
    assert left.exists(), "somebody may be writing it"
    later = time.time() + 3600
    monkeypatch.setattr(writing.time, "time", lambda: later)
    assert call("fix")[0] == 0
    assert not left.exists()
    assert all(path.exists() for path in others)


class TestWhatAChangeBrought:
    """`check --fix` and `--diff` with `--diff-base`."""

    OLD = "import time\nimport asyncio\n\n\nasync def old():\n    time.sleep(1)\n    await asyncio.sleep(0)\n"
    NEW = OLD + "\n\nasync def new():\n    time.sleep(2)\n    await asyncio.sleep(0)\n"

    @pytest.fixture
    def repository(self, here):
        repository = Repository(here)
        repository.commit({"a.py": self.OLD, "b.py": self.OLD})
        repository.write({"a.py": self.NEW})
        return repository

    def test_is_repaired_and_nothing_else(self, here, call, repository):
        code, out, err = call("check", "--fix", "--diff-base", "main", "-f", "concise")
        assert (code, out, err) == (0, "", f"{FIXED_ONE}.\n")
        assert (here / "a.py").read_text() == self.NEW.replace("time.sleep(2)", "await asyncio.sleep(2)")
        assert (here / "b.py").read_text() == self.OLD

    def test_is_shown(self, here, call, repository):
        code, out, _ = call("check", "--diff", "--diff-base", "main")
        assert code == 1
        assert [line for line in out.splitlines() if line.startswith(("+ ", "- "))] == [
            "-    time.sleep(2)",
            "+    await asyncio.sleep(2)",
        ]
        repository.write({"a.py": self.OLD})
        assert call("check", "--diff", "--diff-base", "main")[:2] == (0, "")

    def test_what_is_left_of_it_is_told(self, here, call, repository):
        repository.write({"c.py": DOUBTFUL})
        code, out, err = call("check", "--fix", "--diff-base", "main", "-f", "concise")
        assert (code, err) == (1, f"{FIXED_ONE}.\n")
        assert [line.partition(" ")[0] for line in out.splitlines()] == ["c.py:5:5:"]

    def test_in_a_file_that_the_change_does_not_touch_too(self, here, call, repository):
        user = "from stock import settle\n\n\nasync def pay(order):\n    settle(order)\n    return order\n"
        repository.commit({"stock.py": "def settle(order):\n    return order\n", "user.py": user})
        repository.write({"stock.py": "async def settle(order):\n    return order\n"})
        code, out, err = call(
            "check", "--fix", "--unsafe-fixes", "--diff-base", "main", "--select", "coroutine-never-awaited", "-f", "concise"
        )
        assert (here / "user.py").read_text() == user.replace("    settle(", "    await settle(")
        assert (code, out, err) == (0, "", "Fixed 1 finding in 1 file (coroutine-never-awaited ×1).\n")

    def test_not_with_the_index(self, call, repository):
        code, _, err = call("check", "--fix", "--staged")
        assert code == 2
        assert "run `reliability-lint fix` before `git add`, or the hook reliability-lint-fix" in err
