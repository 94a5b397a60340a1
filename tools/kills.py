"""
What is left of files when `fix` is killed, and whether it says everything at once: `python -m tools.kills`.

A copy of code is repaired to the end once; that is the reference. Then `fix` is started on a copy as it was before, again and again, and its whole process
group is killed (SIGKILL) at a random moment: for one half somewhere in the whole run, for the other between the first and the last write. Every file must
then be byte for byte as it was before or as in the reference, with its mode, and beside them nothing may lie but what the next run deletes.

What becomes of a file may depend on others. That does not matter here: `fix` decides about all files before it writes the first, and writes what it has decided,
so what was written before a kill is what would have been written without it. Now and then the run is repeated after the kill without restoring anything, and
must end at the reference: the second run begins from some files before and some after.

    python -m tools.kills --kills 200 khoj maubot
    python -m tools.kills --twice

`--twice` kills nobody. It repairs each folder twice: nothing may change the second time, no fix may be on offer that was not told to be taken back, and every
changed file must still be parsed by LibCST, and by Python where it was before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from reliability_lint.engine.writing import is_beside
from reliability_lint.syntax.tree import SyntaxProblem, parse
from reliability_lint.text.source import Undecodable, decode

from .corpus import everything, folder

_USUAL = ("khoj", "maubot")
_COLD = 0.15  # the share of runs without a cache: they take long
_REPEATED = 0.1  # the share of kills after which the run is repeated
_TOLD = 20  # after so many kills a word is said
_LOOK = 0.001  # seconds between two looks for the first file that has changed

State = dict[str, tuple[int, bytes]]


class Run(NamedTuple):
    """How `fix` is started."""

    jobs: int
    cache: Path | None

    def command(self, verb: str, top: Path, *more: str) -> list[str]:
        kept = ["--no-cache"] if self.cache is None else ["--cache-dir", str(self.cache)]
        chosen = ["--isolated", "--select", "all", "--jobs", str(self.jobs), *kept]
        return [sys.executable, "-m", "reliability_lint", verb, *chosen, *more, str(top)]

    def fix(self, top: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command("fix", top, "--unsafe-fixes"), capture_output=True, text=True, check=False)


class Reference(NamedTuple):
    """What `fix` makes of a folder when nobody kills it, in how many seconds with and without a cache, and for how many it writes."""

    before: State
    after: State
    cold: float
    warm: float
    writing: float

    @property
    def changed(self) -> list[str]:
        return [name for name, was in self.before.items() if self.after[name] != was]


class Twice(NamedTuple):
    """How many files there are, how many of them `fix` changed, and how many fixes it took back and told of."""

    files: int = 0
    changed: int = 0
    taken_back: int = 0

    def __str__(self) -> str:
        return f"{self.files} files, {self.changed} changed, {self.taken_back} fixes taken back and told of"


class Failed(Exception):
    """Something is not as it has to be; the message says what."""


def state(top: Path) -> State:
    """Every file below a folder with its mode and its bytes."""
    found: State = {}
    for path in sorted(top.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        found[str(path.relative_to(top))] = (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
    return found


def reference(top: Path, cache: Path) -> Reference:
    """Repairs a folder to the end, twice from the same state, and leaves it as it was before."""
    before = state(top)
    started = time.monotonic()
    _ended(Run(1, None).fix(top))
    cold = time.monotonic() - started
    after = state(top)
    if before.keys() != after.keys():
        raise Failed(f"fix has left {sorted(after.keys() ^ before.keys())}")
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        raise Failed("there is nothing to fix here")
    restore(top, before, changed)
    _ended(Run(2, cache).fix(top))  # to fill the cache, and in several processes
    _same(state(top), after, "with a cache and two processes")
    restore(top, before, changed)
    were = _inodes(top, changed)
    started = time.monotonic()
    process = _start(Run(1, cache).command("fix", top, "--unsafe-fixes"))
    first = _change(process, were, 1)
    last = _change(process, were, len(changed))
    process.wait()
    ended = time.monotonic()
    _same(state(top), after, "with what was kept")
    restore(top, before, changed)
    return Reference(before, after, cold, ended - started, last - first)


def restore(top: Path, before: State, names: Iterable[str]) -> None:
    for name in names:
        mode, data = before[name]
        path = top / name
        if path.read_bytes() != data:
            path.write_bytes(data)
        path.chmod(mode)


def kill(top: Path, cache: Path, known: Reference, chance: random.Random) -> str:
    """Starts `fix`, kills it, and looks at what is left; says when it fell."""
    cold = chance.random() < _COLD
    run = Run(chance.choice((1, 1, 2)), None if cold else cache)
    changed = known.changed
    were = _inodes(top, changed)
    process = _start(run.command("fix", top, "--unsafe-fixes"))
    if chance.random() < 0.5:
        _change(process, were, 1)
        time.sleep(chance.uniform(0, known.writing))
    else:
        time.sleep(chance.uniform(0, 1.05 * (known.cold if cold else known.warm)))
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    now = state(top)
    fell = judged(now, known, alive=alive)
    leftover = [name for name in now if name not in known.before]
    for name in leftover:
        (top / name).unlink()
    if chance.random() < _REPEATED:
        _ended(run.fix(top))
        _same(state(top), known.after, "once more after a kill")
        fell += ", and finished by another run"
    restore(top, known.before, changed)
    return fell + (", with a file left beside" if leftover else "")


def judged(now: State, known: Reference, *, alive: bool) -> str:
    """When a kill fell, by what is left of files. Raises `Failed` where that is not as it has to be."""
    done = 0
    for name, found in now.items():
        if name not in known.before:
            if not is_beside(Path(name).name):
                raise Failed(f"{name} has come from nowhere")
        elif found != known.before[name]:
            if found != known.after[name]:
                raise Failed(f"{name} is neither as it was nor as it should become")
            done += 1
    if gone := known.before.keys() - now.keys():
        raise Failed(f"{sorted(gone)} have gone")
    if not alive:
        return "after the end"
    return "before the first write" if not done else "between two writes" if done < len(known.changed) else "after the last write"


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that its workers die with it."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def _inodes(top: Path, names: Sequence[str]) -> dict[Path, int]:
    """By what files are known: one that was put in the place of another has another number."""
    return {top / name: (top / name).stat().st_ino for name in names}


def _change(process: subprocess.Popen[bytes], were: dict[Path, int], number: int) -> float:
    """Waits until so many files are others than they were, or the process has ended; when that was."""
    while process.poll() is None and sum(path.stat().st_ino != was for path, was in were.items()) < number:
        time.sleep(_LOOK)
    return time.monotonic()


def _ended(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        raise Failed(f"fix exits with {done.returncode}: {done.stderr}")


def _same(now: State, wanted: State, when: str) -> None:
    if wrong := [name for name in {*now, *wanted} if now.get(name) != wanted.get(name)]:
        raise Failed(f"{when} the result is another one: {sorted(wrong)}")


def twice(top: Path, cache: Path) -> tuple[str, Twice]:
    """Repairs a folder twice and looks at what came of it; what the first time said, and what was counted."""
    run = Run(2, cache)
    before = state(top)
    first = run.fix(top)
    _ended(first)
    after = state(top)
    changed = [name for name in before if after.get(name) != before[name]]
    for name in changed:
        sound(name, before[name][1], after[name][1])
    second = run.fix(top)
    _ended(second)
    _same(state(top), after, "the second time")
    report = json.loads(subprocess.run(run.command("check", top, "--output-format", "json"), capture_output=True, check=False).stdout)
    told = [line.replace("\\", "/") for line in second.stderr.splitlines()]
    taken_back = 0
    for one in report["findings"]:
        if one.get("fix"):
            taken_back += 1
            if not any(_speaks_of(line, one) for line in told):
                raise Failed(f"{one['path']}:{one['line']}: the fix of {one['name']} is left, and nothing was said")
    return first.stdout.strip(), Twice(len(list(top.rglob("*.py"))), len(changed), taken_back)


def _speaks_of(line: str, one: dict[str, object]) -> bool:
    path, name, number = str(one["path"]), str(one["name"]), str(one["line"])
    if not line.startswith(f"{path}: "):
        return False
    said = line.removeprefix(f"{path}: ")
    return bool(re.match(rf"the fix of {re.escape(name)} in line {number} was taken back: |not fixed, ", said)) or said.endswith(name)


def sound(name: str, before: bytes, after: bytes) -> None:
    """Raises `Failed` where a file can no longer be read as Python."""
    try:
        parse(decode(after))
    except (SyntaxProblem, Undecodable) as problem:
        raise Failed(f"{name} is no longer parsed: {problem}") from None
    if _compiles(before) and not _compiles(after):
        raise Failed(f"{name} is no longer compiled")


def _compiles(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<fixed>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _copied(source: Path, top: Path) -> Path:
    target = top / source.name
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(".git", ".reliability_lint_cache", "__pycache__"))
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.kills", description="Kills fix at random moments and looks at what is left.")
    parser.add_argument("folders", nargs="*", help="names in the corpus, or paths; by default a few, with --twice all")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--twice", action="store_true", help="repair twice instead, and look at what came of it")
    given = parser.parse_args(arguments)
    chosen = [folder(name) for name in given.folders] or (everything() if given.twice else [folder(name) for name in _USUAL])
    seed = given.seed if given.seed is not None else random.randrange(10**6)
    with tempfile.TemporaryDirectory(prefix="reliability-lint-kills-") as scratch:
        top, cache = Path(scratch) / "code", Path(scratch) / "kept"
        try:
            if given.twice:
                _repair_twice(chosen, top, cache)
                return 0
            for source in chosen:
                _copied(source, top)
            _kill_often(top, cache, given.kills, seed)
        except Failed as problem:
            print(f"failed (seed {seed}): {problem}", file=sys.stderr)
            return 1
    return 0


def _repair_twice(chosen: Sequence[Path], top: Path, cache: Path) -> None:
    counted: list[Twice] = []
    for source in chosen:
        said, numbers = twice(_copied(source, top), cache)
        counted.append(numbers)
        print(f"{source.name}: {said}\n  {numbers}", flush=True)
    total = Twice(*map(sum, zip(*counted, strict=True)))
    print(f"all: {total}. The second time changed nothing, and every changed file is parsed, and compiled where it was before.")


def _kill_often(top: Path, cache: Path, kills: int, seed: int) -> None:
    known = reference(top, cache)
    print(
        f"{len(known.before)} files, of which fix changes {len(known.changed)}: {known.cold:.1f} s without a cache, {known.warm:.1f} s with one, "
        f"{known.writing:.2f} s from the first write to the last; seed {seed}",
        flush=True,
    )
    chance = random.Random(seed)
    fell: Counter[str] = Counter()
    for number in range(1, kills + 1):
        fell[kill(top, cache, known, chance)] += 1
        if number % _TOLD == 0:
            print(f"{number} of {kills}", file=sys.stderr, flush=True)
    for when, times in sorted(fell.items(), key=lambda item: -item[1]):
        print(f"{times:>5}  {when}")
    print(f"{kills} kills: every file was as before or as it should become.")


if __name__ == "__main__":
    sys.exit(main())
