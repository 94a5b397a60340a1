"""
What we say of real backends: `python -m tools.ecosystem`.

Prints how often each rule speaks in each folder of the corpus, and what has changed since the last run, which is kept beside the corpus. Fails if we
failed on a file. Reading a sample is how false alarms are found:

    python -m tools.ecosystem --show missing-timeout --sample 20 --seed 1
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from .corpus import corpus, everything, folder

CONTEXT = 12
MOST_CHANGES = 40


class Found(msgspec.Struct, frozen=True, order=True):
    """A finding as our JSON report tells it; `path` begins with the folder in the corpus."""

    path: str
    line: int
    column: int
    code: str
    name: str
    message: str
    cure: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.code} {self.name}: {self.message}"


class Report(msgspec.Struct):
    """What we need of the JSON report."""

    findings: list[Found]


def check(path: Path, arguments: Sequence[str], jobs: int) -> bytes:
    """Our JSON report of a folder, its paths relative to the folder above; exits where there is none."""
    command = [
        sys.executable,
        "-m",
        "reliability_lint",
        "check",
        "--isolated",
        "--no-cache",
        "--output-format",
        "json",
        "--jobs",
        str(jobs),
        *arguments,
        path.name,
    ]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{' '.join(command)}\nended with exit status {done.returncode}:\n{done.stderr.decode('utf-8', 'replace')}")
    return done.stdout


def notes(name: str) -> Path:
    """Where the findings of a folder's last run are kept."""
    return corpus() / ".findings" / f"{name}.json"


def saved(name: str) -> list[Found] | None:
    """The findings of the last run, or None where there was none."""
    path = notes(name)
    return msgspec.json.decode(path.read_bytes(), type=list[Found]) if path.is_file() else None


def save(name: str, findings: Sequence[Found]) -> None:
    path = notes(name)
    path.parent.mkdir(exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(findings), indent=1))
    beside.replace(path)


def table(findings: dict[str, list[Found]]) -> str:
    """Counts by rule and folder."""
    counts = {name: Counter((one.code, one.name) for one in found) for name, found in findings.items()}
    rules = sorted({rule for counter in counts.values() for rule in counter})
    heads = [name.rpartition("-")[0] or name for name in counts]
    width = max([len(f"{code} {name}") for code, name in rules], default=0)
    lines = [" ".join([" " * width, *heads, "all"])]
    for rule in rules:
        numbers = [counter[rule] for counter in counts.values()]
        cells = [f"{number or '·':>{len(head)}}" for number, head in zip(numbers, heads, strict=True)]
        lines.append(" ".join([f"{' '.join(rule):<{width}}", *cells, f"{sum(numbers):>3}"]))
    cells = [f"{sum(counter.values()):>{len(head)}}" for counter, head in zip(counts.values(), heads, strict=True)]
    lines.append(" ".join([f"{'all':<{width}}", *cells, f"{sum(map(len, findings.values())):>3}"]))
    return "\n".join(lines)


def changes(before: dict[str, list[Found]], after: dict[str, list[Found]], most: int) -> str:
    """What is new and what is gone, in the folders that both know."""
    common = before.keys() & after.keys()
    if not common:
        return "there is no earlier run to compare with"
    old = {one for name in common for one in before[name]}
    new = {one for name in common for one in after[name]}
    lines = [(one, f"+ {one}") for one in new - old] + [(one, f"- {one}") for one in old - new]
    shown = [line for _, line in sorted(lines)[:most]]
    if len(lines) > most:
        shown.append(f"  … and {len(lines) - most} more (--all-changes)")
    by_rule = Counter(one.code for one in new)
    by_rule.subtract(one.code for one in old)
    moved = ", ".join(f"{code} {number:+d}" for code, number in sorted(by_rule.items()) if number)
    return "\n".join([f"since the last run: {len(new - old)} new, {len(old - new)} gone{f' ({moved})' if moved else ''}", *shown])


def show(findings: Sequence[Found], rule: str, sample: int, seed: int) -> None:
    """Prints some findings of a rule with the code around them."""
    of_rule = sorted(one for one in findings if rule in (one.code, one.name))
    chosen = sorted(random.Random(seed).sample(of_rule, min(sample, len(of_rule))))
    print(f"{len(chosen)} of {len(of_rule)} findings of {rule}, seed {seed}")
    for number, one in enumerate(chosen, 1):
        text = (corpus() / one.path).read_text(encoding="utf-8", errors="replace")
        lines = text.split("\n")
        first = max(0, one.line - 1 - CONTEXT)
        print(f"\n── {number} ── {one}{f' ({one.cure})' if one.cure else ''}")
        for at, line in enumerate(lines[first : one.line + CONTEXT], first + 1):
            print(f"{'>' if at == one.line else ' '}{at:5} {line}".rstrip())


def main() -> int:
    """Checks, compares, shows; 1 if we failed on a file or gave two answers."""
    parser = argparse.ArgumentParser(prog="tools.ecosystem", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folders", nargs="+", metavar="FOLDER", help="names in the corpus (default: all)")
    parser.add_argument("--select", action="append", default=[], metavar="RULES", help="as of our command")
    parser.add_argument("--preset", metavar="NAME", help="as of our command")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", metavar="RULE", help="print findings of this rule, by code or name, with the code around them")
    parser.add_argument("--sample", type=int, default=20, help="how many of them (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="which of them (default: 1)")
    parser.add_argument("--saved", action="store_true", help="do not check: show and count what the last run found")
    parser.add_argument("--keep", action="store_true", help="do not save what this run finds: the next one is compared with the same")
    parser.add_argument("--all-changes", action="store_true", help=f"show every change, not only {MOST_CHANGES}")
    parser.add_argument("--verify-jobs", action="store_true", help="check twice, with one process and with two, and compare the bytes")
    arguments = parser.parse_args()
    folders = [folder(name) for name in arguments.folders] if arguments.folders else everything()
    if not folders:
        parser.error(f"there is nothing in {corpus()}")
    outside = [path for path in folders if path.parent != corpus().resolve() and path.parent != corpus()]
    if outside:
        parser.error(f"{outside[0]} is not in the corpus, {corpus()}")
    passed = [f"--select={names}" for names in arguments.select] + ([f"--preset={arguments.preset}"] if arguments.preset else [])

    before = {path.name: found for path in folders if (found := saved(path.name)) is not None}
    after: dict[str, list[Found]] = {}
    differ: list[str] = []
    if arguments.saved:
        if not before:
            parser.error("nothing is saved of these folders: run once without --saved")
        after = before
    else:
        for path in folders:
            data = check(path, passed, arguments.jobs)
            after[path.name] = msgspec.json.decode(data, type=Report).findings
            if arguments.verify_jobs and not check(path, passed, 1) == check(path, passed, 2) == data:
                differ.append(path.name)

    print(table(after))
    if not arguments.saved:
        # A run of some rules says nothing of the others.
        print(
            changes(before, after, sys.maxsize if arguments.all_changes else MOST_CHANGES)
            if not passed
            else "not compared: not the usual rules"
        )
        if not arguments.keep and not passed:
            for name, found in after.items():
                save(name, found)
    if arguments.show:
        show([one for found in after.values() for one in found], arguments.show, arguments.sample, arguments.seed)

    failures = [one for found in after.values() for one in found if one.code == "REL000"]
    for one in failures:
        print(f"failed: {one}")
    if arguments.verify_jobs and not arguments.saved:
        print(
            f"one process and two say different things of {', '.join(differ)}"
            if differ
            else "one process and two say the same, to the byte"
        )
    return 1 if failures or differ else 0


if __name__ == "__main__":
    sys.exit(main())
