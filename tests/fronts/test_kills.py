"""`fix` is killed, and nothing is lost; the tool that does so for code of other people, on a small project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import kills
from tools.kills import Failed, Reference

BAD = "import asyncio\nimport time\n\n\nasync def settle(order):\n    time.sleep(1)  # why\n    await asyncio.sleep(1)\n"
DOUBTFUL = "import time\n\n\nasync def settle(order):\n    time.sleep(1)\n"


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("RELIABILITY_LINT_CORPUS", str(tmp_path / "nothing"))
    folder = tmp_path / "shop"
    folder.mkdir()
    for number in range(16):
        (folder / f"part{number}.py").write_text(BAD if number % 2 else DOUBTFUL)
    (folder / "part3.py").chmod(0o755)
    (folder / "clean.py").write_text("x = 1\n")
    (folder / "notes.txt").write_text(BAD)
    return folder


def test_killed_at_any_moment(shop, capsys):
    assert kills.main(["--kills", "10", "--seed", "7", str(shop)]) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert out.startswith("18 files, of which fix changes 16: ")
    assert out.endswith("\n10 kills: every file was as before or as it should become.\n")
    assert sum(int(number) for number in re.findall(r"^ +(\d+)  ", out, re.MULTILINE)) == 10


def test_repaired_twice(shop, capsys):
    assert kills.main(["--twice", str(shop)]) == 0
    assert capsys.readouterr().out == (
        "shop: Fixed 16 findings in 16 files (blocking-call-in-async ×16); nothing left.\n"
        "  17 files, 16 changed, 0 fixes taken back and told of\n"
        "all: 17 files, 16 changed, 0 fixes taken back and told of. "
        "The second time changed nothing, and every changed file is parsed, and compiled where it was before.\n"
    )


class TestTheJudge:
    """Who judges must be able to find somebody guilty."""

    KNOWN = Reference({"a": (0o644, b"old"), "b": (0o644, b"same")}, {"a": (0o644, b"new"), "b": (0o644, b"same")}, 1, 1, 1)

    @pytest.mark.parametrize(
        ("now", "said"),
        [
            ({"a": (0o644, b"old"), "b": (0o644, b"same")}, "before the first write"),
            ({"a": (0o644, b"new"), "b": (0o644, b"same")}, "after the last write"),
            ({"a": (0o644, b"old"), "b": (0o644, b"same"), "x/.reliability-lint-a1b2c3d4.tmp": (0o600, b"ne")}, "before the first write"),
        ],
    )
    def test_as_it_has_to_be(self, now, said):
        assert kills.judged(now, self.KNOWN, alive=True) == said

    @pytest.mark.parametrize(
        ("now", "said"),
        [
            ({"a": (0o644, b"ne"), "b": (0o644, b"same")}, "a is neither as it was nor as it should become"),
            ({"a": (0o644, b"new"), "b": (0o600, b"same")}, "b is neither as it was nor as it should become"),
            ({"a": (0o644, b"new")}, "['b'] have gone"),
            ({"a": (0o644, b"new"), "b": (0o644, b"same"), "a.tmp": (0o600, b"")}, "a.tmp has come from nowhere"),
        ],
    )
    def test_as_it_must_not_be(self, now, said):
        with pytest.raises(Failed) as problem:
            kills.judged(now, self.KNOWN, alive=True)
        assert str(problem.value) == said

    def test_what_is_no_longer_python(self):
        with pytest.raises(Failed, match="no longer parsed"):
            kills.sound("a", b"x = 1\n", b"x = (\n")
        with pytest.raises(Failed, match="no longer compiled"):
            kills.sound("a", b"x = 1\n", b"return 1\n")
        kills.sound("a", b"return 1\n", b"return 2\n")
