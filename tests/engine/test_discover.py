"""Which files are checked."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from reliability_lint.diagnostics import Skip
from reliability_lint.engine import discover as module
from reliability_lint.engine.discover import discover
from reliability_lint.engine.settings import DEFAULT_EXCLUDE, Lookup
from reliability_lint.mistake import Mistake


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "repo"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def make(here: Path, *names: str, text: str = "x = 1\n") -> None:
    for name in names:
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def shown(*paths: str, **options) -> list[str]:
    return [found.shown for found in discover(paths or (".",), **options).files]


def test_python_files_below_in_order(here):
    make(here, "b.py", "a/z.py", "a/b.py", "a.py", "a/readme.md", "a/x.pyi", "c.PY", "a/é.py")
    assert shown() == ["a.py", "a/b.py", "a/z.py", "a/é.py", "b.py"]
    assert [found.path for found in discover(["a"]).files] == [str(here / "a" / name) for name in ("b.py", "z.py", "é.py")]


def test_a_named_file_is_taken_whatever_its_ending(here):
    make(here, "tool", "a.txt")
    assert shown("tool", "a.txt") == ["a.txt", "tool"]


def test_what_is_not_there_is_a_mistake(here):
    with pytest.raises(Mistake, match=r"nope.py: no such file or folder"):
        discover(["nope.py"])
    os.symlink("nowhere", here / "link.py")
    with pytest.raises(Mistake, match=r"link.py: the link leads nowhere"):
        discover(["link.py"])


def test_paths_outside_are_shown_absolute_and_those_below_relative(here, tmp_path):
    make(tmp_path, "other/a.py")
    make(here, "a.py")
    assert shown("../other", str(here / "a.py")) == [str(tmp_path / "other/a.py").replace(os.sep, "/"), "a.py"]
    assert "a.py" in shown("..")
    assert shown("./a.py") == ["a.py"]


def test_a_file_reached_twice_is_checked_once(here):
    make(here, "a/b.py", "z.py")
    os.symlink(here / "z.py", here / "a" / "link.py")
    assert shown("a", "a/b.py", ".", "./z.py") == ["a/b.py", "z.py"]
    # alone, the link is what the file is called
    assert shown("a") == ["a/b.py", "a/link.py"]


def test_links_to_folders_are_not_followed_unless_named(here, tmp_path):
    make(here, "a/b.py")
    os.symlink(here, here / "a" / "loop")
    os.symlink(here / "a", here / "named")
    make(tmp_path, "out/c.py")
    os.symlink(tmp_path / "out", here / "out")
    assert shown() == ["a/b.py"]
    assert shown("named") == ["named/b.py"]
    assert shown("out") == ["out/c.py"]
    os.symlink("self.py", here / "self.py")
    assert discover(["."]).skips == (Skip("self.py", "the link leads nowhere"),)


def test_what_is_no_file_is_left_out(here):
    (here / "folder.py").mkdir()
    make(here, "folder.py/a.py", "real/x.py")
    os.symlink("nowhere", here / "gone.py")
    os.symlink(here / "real", here / "linked.py")
    os.mkfifo(here / "pipe.py")
    found = discover(["."])
    assert [file.shown for file in found.files] == ["folder.py/a.py", "real/x.py"]
    assert found.skips == (Skip("gone.py", "the link leads nowhere"), Skip("pipe.py", "not a regular file"))


def test_a_folder_that_cannot_be_read_is_told(here, monkeypatch):
    make(here, "a/b.py", "locked/c.py")
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(module.os, "scandir", refusing)
    found = discover(["."])
    assert [file.shown for file in found.files] == ["a/b.py"]
    assert found.skips == (Skip("locked", "cannot be read: Permission denied"),)


def test_names_that_are_no_text(here):
    try:
        (here / os.fsdecode(b"\xff.py")).write_text("x = 1\n")
    except OSError:
        pytest.fail("this file system cannot hold the name")
    (found,) = discover(["."]).files
    assert found.shown == "\\xff.py"
    assert os.path.exists(found.path)


@pytest.mark.parametrize("name", [pattern.rstrip("/") for pattern in DEFAULT_EXCLUDE])
def test_the_default_leaves_out(here, name):
    make(here, f"{name}/a.py", f"src/{name}/a.py", "src/b.py", f"src/my{name}/c.py")
    assert shown() == sorted(["src/b.py", f"src/my{name}/c.py"])


def test_only_what_is_below_the_argument_counts(tmp_path, monkeypatch):
    inside = tmp_path / "build" / "venv"
    make(inside, "src/a.py", "build/b.py")
    monkeypatch.chdir(inside)
    assert shown() == ["src/a.py"]
    assert shown("build") == ["build/b.py"]
    assert shown("build/b.py") == ["build/b.py"]
    monkeypatch.chdir(tmp_path)
    assert shown("build/venv") == ["build/venv/src/a.py"]
    assert shown() == []


def test_virtual_environments_are_known_by_their_mark(here):
    make(here, "env311/lib/a.py", "a.py")
    make(here, "env311/pyvenv.cfg", text="home = /usr/bin\n")
    assert shown() == ["a.py"]


class TestGitignore:
    def test_at_every_level_up_to_the_top(self, here):
        (here / ".git").mkdir()
        make(here, ".gitignore", text="*.gen.py\n/secret/\n")
        make(here, "a/.gitignore", text="local.py\n!keep.gen.py\n")
        make(here, "a/x.gen.py", "a/keep.gen.py", "a/local.py", "local.py", "secret/a.py", "a/secret/b.py", "a/b.py")
        assert shown() == ["a/b.py", "a/keep.gen.py", "a/secret/b.py", "local.py"]
        assert shown("a") == ["a/b.py", "a/keep.gen.py", "a/secret/b.py"]

    def test_without_a_repository_only_those_below_the_argument(self, here):
        make(here, ".gitignore", text="a.py\n")
        make(here, "p/a.py", "p/q/.gitignore", "p/q/b.py")
        make(here, "p/q/.gitignore", text="b.py\n")
        assert shown("p") == ["p/a.py"]
        assert shown() == []

    def test_what_is_named_is_taken(self, here):
        (here / ".git").mkdir()
        make(here, ".gitignore", text="out/\n*.tmp.py\n")
        make(here, "out/a.py", "out/b.tmp.py", "out/deep/c.py")
        assert shown("out") == ["out/a.py", "out/deep/c.py"]
        assert shown("out/b.tmp.py") == ["out/b.tmp.py"]
        assert shown("out/deep") == ["out/deep/c.py"]

    def test_nothing_below_an_ignored_folder_comes_back(self, here):
        make(here, ".gitignore", text="out/\n!out/keep.py\n")
        make(here, "out/keep.py")
        assert shown() == []

    def test_a_file_that_is_no_text_or_no_pattern(self, here):
        (here / ".gitignore").write_bytes(b"\xff\n!\na.py\n")
        make(here, "a.py", "b.py")
        assert shown() == ["b.py"]


class TestExclude:
    def settings(self, here, text):
        make(here, "reliability-lint.toml", text=text)

    def test_patterns_are_relative_to_the_settings(self, here):
        self.settings(here, 'extend-exclude = ["/legacy/", "*_old.py", "a/**/x.py"]')
        make(here, "legacy/a.py", "src/legacy/a.py", "src/a_old.py", "a/x.py", "a/b/x.py", "x.py")
        assert shown() == ["src/legacy/a.py", "x.py"]
        assert shown("src") == ["src/legacy/a.py"]

    def test_exclude_takes_the_place_of_the_default(self, here):
        self.settings(here, 'exclude = ["a.py"]')
        make(here, "a.py", "build/b.py")
        assert shown() == ["build/b.py"]

    def test_what_is_taken_in_again(self, here):
        self.settings(here, 'exclude = ["gen/*", "!gen/keep.py"]')
        make(here, "gen/a.py", "gen/keep.py")
        assert shown() == ["gen/keep.py"]

    def test_settings_further_down_hold_there(self, here):
        self.settings(here, 'extend-exclude = ["a.py"]')
        make(here, "a.py", "sub/a.py", "sub/b.py")
        make(here, "sub/reliability-lint.toml", text='extend-exclude = ["b.py"]')
        assert shown() == ["sub/a.py"]

    def test_what_is_named_is_taken_unless_forbidden(self, here):
        make(here, "legacy/a.py", "legacy/deep/b.py", "x_pb2.py")
        for force in (False, True):
            self.settings(here, f'extend-exclude = ["legacy/"]\nforce-exclude = {str(force).lower()}')
            found = discover(["legacy/a.py", "x_pb2.py", "legacy/deep"])
            if force:
                assert found.files == ()
                assert found.skips == (Skip("legacy/a.py", "excluded"), Skip("x_pb2.py", "generated code"))
            else:
                assert [file.shown for file in found.files] == ["legacy/a.py", "legacy/deep/b.py", "x_pb2.py"]

    def test_forbidden_by_gitignore(self, here):
        (here / ".git").mkdir()
        make(here, ".gitignore", text="out/\n")
        make(here, "out/a.py", "b.py")
        self.settings(here, "force-exclude = true")
        assert shown("out/a.py", "b.py") == ["b.py"]
        assert shown("out") == []
        assert shown() == ["b.py"]


def test_generated_code_is_counted(here):
    make(here, "a_pb2.py", "a_pb2_grpc.py", "b.py")
    make(here, "c.py", text="#!/usr/bin/env python\n\n# @generated by something\n")
    make(here, "d.py", text="\ufeff# -*- coding: utf-8 -*-\n# Generated by the protocol buffer compiler.  DO NOT EDIT!\nx = 1\n")
    make(here, "e.py", text='"""@generated"""\n# @generated\n')
    make(here, "f.py", text="x = 1  # @generated\n")
    found = discover(["."])
    assert [file.shown for file in found.files] == ["b.py", "e.py", "f.py"]
    assert [skip.path for skip in found.skips] == ["a_pb2.py", "a_pb2_grpc.py", "c.py", "d.py"]
    assert {skip.reason for skip in found.skips} == {"generated code"}
    assert shown("c.py") == ["c.py"]


def test_each_file_has_its_settings(here):
    make(here, "a/x.py", "b/y.py")
    make(here, "a/reliability-lint.toml", text='preset = "audit"')
    assert {file.shown: file.settings.preset for file in discover(["."]).files} == {"a/x.py": "audit", "b/y.py": "recommended"}


def test_settings_from_elsewhere_exclude_too(here, tmp_path):
    make(tmp_path, "other/s.toml", text='exclude = ["skip/"]')
    make(here, "skip/a.py", "b.py")
    assert shown(lookup=Lookup(str(tmp_path / "other/s.toml"))) == ["b.py"]


def test_many_files_are_found_quickly(here):
    import time

    for folder in range(20):
        make(here, *(f"p{folder}/m{number}.py" for number in range(50)))
    started = time.monotonic()
    assert len(shown()) == 1000
    assert time.monotonic() - started < 2


_PATTERNS = (
    "a/*", "!b/", "b/", "/a", "a", "!a", "*.py", "!x.py", "x.py/", "a/b", "!a/b", "a/**", "**/b", "!a/b/x.py", "a/b/*", "?.py", "[ab]", "[!a]", "[xy].py",
    "\\!x.py", "# a", "", "a/b/", "/b/a/", "c", "c/", "!c/x.py", "a/*/c", "*/c", "!*/c/x.py", " a", "a ", "*", "!*/", "b/a/y.py", "x*",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_quick_answers_are_those_of_all_patterns(here, monkeypatch, seed):
    chance = random.Random(seed)
    make(here, *(f"{one}{two}{name}.py" for one in ("", "a/", "b/", "c/") for two in ("", "a/", "b/", "c/") for name in "xy"), ".git/HEAD")
    for folder in ("", "a/", "b/c/"):
        if folder == "" or chance.random() < 0.4:
            make(here, f"{folder}.gitignore", text="".join(f"{chance.choice(_PATTERNS)}\n" for _ in range(chance.randrange(1, 6))))
    if chance.random() < 0.5:
        chosen = [pattern for _ in range(3) if (pattern := chance.choice(_PATTERNS))]
        (here / "reliability-lint.toml").write_text(f"extend-exclude = {[one.replace(chr(92), '') for one in chosen]}\n")
    for arguments in ((".",), ("a",), ("b/c", "a/b")):
        quick = shown(*arguments)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_may_speak", lambda *_: True)
            assert quick == shown(*arguments)
