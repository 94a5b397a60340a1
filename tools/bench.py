"""
How fast we are, in numbers that can be compared: `python -m tools.bench`.

Everything is measured in fresh processes, what is compared by turns, and medians are reported. What has a limit says whether it is kept; the
exit status is 1 if one is not.

    inner    what we add to LibCST's parser: model, facts, rules and positions, in one process, every file parsed
    rules    the same with every rule of every set, and the ten rules that take longest
    jobs     the whole command with one process and with two; and what the machine gives two processes that share nothing but parse
    tools    the whole command and other linters, two processes each where they can
    memory   the peak of one process
    startup  --version and --help against importing click, and what they import
    link     what 1,000 files export, followed to where it is defined, their facts being known
    cache    a run in which nothing has changed, against importing click and sqlite3 and reading the files, and what it imports
    staged   what a commit that changes one file of about a thousand lines waits for, all others being known
    editor   what somebody waits for who changes a file of about a thousand lines in an editor, after it was opened
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from . import latency
from .corpus import folder

if TYPE_CHECKING:
    from reliability_lint.engine.check import Prepared
    from reliability_lint.engine.discover import Found
    from reliability_lint.engine.sources import FileSources
    from reliability_lint.facts.facts import FileFacts

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("khoj", "open-webui", "weblate")
SMALL_FOLDER = "khoj"  # for what takes minutes elsewhere
LARGE_FOLDER = "apache-superset"
STARTS = 15
EVERY_RULE = ("all",)
DEAREST = 10
LINKED = 1000

US = (sys.executable, "-m", "reliability_lint")


class Row(NamedTuple):
    """A line of the table: what was measured, on what, the number, and whether it is within its limit (None: it has none)."""

    what: str
    where: str
    value: str
    limit: str = ""
    kept: bool | None = None


class Linked(NamedTuple):
    """How many files' facts were linked, how many of their exports were followed, and in how many seconds."""

    files: int
    followed: int
    seconds: float


class Done(NamedTuple):
    """A process that has ended: wall seconds, peak memory in megabytes, exit status."""

    seconds: float
    megabytes: float
    status: int


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Done:
    """Runs a command, its output thrown away, and waits for it. What Python compiles may be kept, as what is installed is."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as elsewhere:  # where no settings file is found
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=elsewhere,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Done(seconds, usage.ru_maxrss * unit / 1e6, process.returncode)


def by_turns(commands: Mapping[str, Callable[[], Done]], runs: int) -> dict[str, list[Done]]:
    """Every command `runs` times, one after the other, so that what else the machine does falls on all alike."""
    found: dict[str, list[Done]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(command())
    return found


def seconds_of(done: Sequence[Done]) -> float:
    """The median."""
    return median(one.seconds for one in done)


def fastest(done: Sequence[Done]) -> float:
    """The least: what else the machine does can only add, and adds most to runs that want all of its processors."""
    return min(one.seconds for one in done)


def ours(folders: Sequence[Path], jobs: int, *, cache: str = "") -> list[str]:
    """Our command as users run it, without settings, on some folders; without a cache unless there is a folder for it."""
    keeping = ["--cache-dir", cache] if cache else ["--no-cache"]
    return [*US, "check", "--isolated", "--output-format", "json", "--jobs", str(jobs), *keeping, *map(str, folders)]


# inner ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Inner(NamedTuple):
    """Seconds of CPU time for the files of a folder."""

    files: int
    lines: int
    parse: float
    understand: float
    examine: float


class Parsed(NamedTuple):
    """A folder's files, parsed and walked, and the seconds that this took; `sources` answers about other files, as in a run."""

    files: list[tuple[Found, Prepared]]
    sources: Callable[[str], FileSources]
    lines: int
    parse: float
    understand: float


def parsed(path: Path, select: tuple[str, ...]) -> Parsed:
    """Parses every file of a folder, none skipped, walks it and collects its facts. The garbage collector is off, as it is in a run of ours."""
    import libcst

    from reliability_lint import registry
    from reliability_lint.engine.check import read, understand
    from reliability_lint.engine.discover import discover
    from reliability_lint.engine.settings import Lookup, Settings
    from reliability_lint.engine.sources import FileSources, Layout
    from reliability_lint.text.source import SourceFile

    registry.rules()
    layout = Layout()
    lookup = Lookup(isolated=True, change=lambda one: Settings(root=one.root, select=select))
    gc.disable()
    clock = time.process_time
    lines = 0
    parsing = understanding = 0.0
    prepared = {}
    for found in discover([str(path)], lookup).files:
        text = read(found.path, found.shown)
        if not isinstance(text, str):
            continue
        module, is_package = layout.module_name(Path(found.path))
        started = clock()
        try:
            tree = libcst.parse_module(text)
        except libcst.ParserSyntaxError:
            continue
        done = clock()
        one = understand(tree, found.path, SourceFile(found.shown, text), found.settings, module, is_package=is_package)
        understood = clock()
        parsing += done - started
        understanding += understood - done
        lines += text.count("\n")
        prepared[found.path] = (found, one)

    def facts_of(path: str) -> FileFacts | None:
        return prepared[path][1].facts if path in prepared else None

    return Parsed(list(prepared.values()), lambda path: FileSources(Path(path), layout, facts_of), lines, parsing, understanding)


def inside(path: Path, select: tuple[str, ...]) -> Inner:
    """Measures in this process: parses, walks and collects facts, then runs the rules and locates what they find."""
    from reliability_lint.engine.check import examine

    done = parsed(path, select)
    examining = 0.0
    for found, one in done.files:
        sources = done.sources(found.path)
        started = time.process_time()
        examine(one, sources, found.settings)
        examining += time.process_time() - started
    return Inner(len(done.files), done.lines, done.parse, done.understand, examining)


def by_rule(path: Path) -> dict[str, float]:
    """
    Measures in this process: how long each rule takes for a folder, and under the empty name how long LibCST takes to parse it.

    What several rules ask is worked out once, and counted to the first of them that asks.
    """
    from reliability_lint.engine.check import checks_of, run_checks
    from reliability_lint.meanings.match import Meanings

    done = parsed(path, EVERY_RULE)
    clock = time.process_time
    seconds: dict[str, float] = {"": done.parse}
    for found, one in done.files:
        one.model.sources = done.sources(found.path)
        one.model.forget()
        meanings = Meanings(one.model, one.index, one.facts)
        for rule, findings in run_checks(checks_of(found.path, one.source, found.settings), one.model, meanings):
            started = clock()
            for _ in findings:
                pass
            seconds[rule.code] = seconds.get(rule.code, 0.0) + clock() - started
    return seconds


def _child(*arguments: str) -> str:
    """What this tool prints in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "tools.bench", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"measuring {arguments[-1]} failed:\n{done.stderr}")
    return done.stdout


def measure_inner(folders: Sequence[Path], runs: int) -> Iterator[Row]:
    total = []
    for path, best in _inners(folders, runs, "--inside").items():
        total.append(best)
        yield _inner_row("ours / parse", path.name, best, 0.5)
    if len(total) > 1:
        yield _inner_row("ours / parse", "all", _sum(total), 0.5)


def measure_rules(folders: Sequence[Path], runs: int) -> Iterator[Row]:
    inners = _inners(folders, runs, "--inside-all")
    yield _inner_row("everything but the parse / parse, all rules", "all", _sum(inners.values()), 0.9)
    seconds: dict[str, float] = {}
    for path in folders:
        several = [json.loads(_child("--by-rule", str(path))) for _ in range(min(runs, 3))]
        for code in several[0]:
            seconds[code] = seconds.get(code, 0.0) + median(one.get(code, 0.0) for one in several)
    parse = seconds.pop("")
    from reliability_lint.engine.selection import catalogue

    for code in sorted(seconds, key=lambda one: -seconds[one])[:DEAREST]:
        value = f"{seconds[code]:.3f} s, {seconds[code] / parse:.1%} of the parse"
        yield Row(f"{code} {catalogue()[code].name}", "all", value)
    rest = sum(seconds.values())
    yield Row(f"all {len(seconds)} rules", "all", f"{rest:.2f} s, {rest / parse:.1%} of the parse")


def long_function(lines: int = 2000) -> str:
    """A function that branches, loops, catches and calls, and binds the same names again and again."""
    text = ["async def everything(sku, session, cursor):"]
    for number in range(lines // 8):
        text += [
            f"    if sku == {number}:",
            "        try:",
            f"            answer = requests.get(f'https://rates.example/{{sku}}/{number}', timeout={number} + 1)",
            "        except (OSError, ValueError) as error:",
            f"            answer = session or answer_{number} if sku else error",
            "    else:",
            f"        answer = [answer, session.get(sku), {number}][sku] + 'SELECT %s' % answer",
            f"    query_{number} = 'SELECT id FROM stock WHERE sku = ' + str(answer)",
        ]
    return "\n".join([*text, f"    cursor.execute(query_{lines // 8 - 1})", "    return requests.get(answer)", ""])


def measure_long(runs: int) -> Iterator[Row]:
    """What grows faster than the text would show in a function that is ten times as long as another."""
    with tempfile.TemporaryDirectory() as scratch:
        seconds = {}
        for lines in (200, 2000):
            folder = Path(scratch) / str(lines)
            folder.mkdir()
            (folder / "long.py").write_text(f"import requests\n\n\n{long_function(lines)}", encoding="utf-8")
            (one,) = _inners([folder], runs, "--inside-all").values()
            seconds[lines] = one.understand + one.examine
            if lines == 2000:
                ratio = seconds[2000] / one.parse
        value = f"{ratio:.2f} ({seconds[2000]:.2f} s; of 200 lines {seconds[200]:.2f} s)"
        yield Row("everything but the parse / parse, all rules", "a function of 2,000 lines", value, "≤ 5", ratio <= 5)


def _inners(folders: Sequence[Path], runs: int, option: str) -> dict[Path, Inner]:
    """The medians of each folder."""
    found: dict[Path, list[Inner]] = {path: [] for path in folders}
    for _ in range(runs):
        for path in folders:
            found[path].append(Inner(*json.loads(_child(option, str(path)))))
    return {path: Inner(*(median(values) for values in zip(*several, strict=True))) for path, several in found.items()}


def _sum(several: Iterable[Inner]) -> Inner:
    return Inner(*(sum(values) for values in zip(*several, strict=True)))


def _inner_row(what: str, where: str, one: Inner, limit: float) -> Row:
    added = one.understand + one.examine
    ratio = added / one.parse
    per_line = 1e6 / max(one.lines, 1)
    return Row(
        what,
        f"{where}: {one.files:.0f} files, {one.lines:.0f} lines",
        f"{ratio:.2f} (parse {one.parse:.2f} s; model and facts {one.understand:.2f} s, rules and positions {one.examine:.2f} s; "
        f"{one.parse * per_line:.0f} and {added * per_line:.1f} µs a line)",
        f"≤ {limit:g}",
        ratio <= limit,
    )


# jobs, tools ──────────────────────────────────────────────────────────────────────────────────────────────────────────


_PARSE_ALL = """
import gc, pathlib, sys
import libcst
gc.disable()
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    try:
        libcst.parse_module(path.read_bytes())
    except Exception:
        pass
"""


def two_at_once(command: Sequence[str]) -> Done:
    """A command in two processes at the same time, until both have ended."""
    started = time.perf_counter()
    both = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    statuses = [process.wait() for process in both]
    return Done(time.perf_counter() - started, 0.0, max(statuses))


def measure_jobs(folders: Sequence[Path], runs: int) -> Iterator[Row]:
    parse = [sys.executable, "-c", _PARSE_ALL, str(folders[0])]
    done = by_turns({"one": lambda: run(parse), "two": lambda: two_at_once(parse)}, runs)
    one, two = fastest(done["one"]), fastest(done["two"])
    value = f"{2 * one / two:.2f} (one alone {one:.2f} s, two at once {two:.2f} s; by medians {2 * seconds_of(done['one']) / seconds_of(done['two']):.2f})"
    yield Row("two parsers that share nothing", folders[0].name, value)
    for where in [[path] for path in folders] + ([list(folders)] if len(folders) > 1 else []):
        done = by_turns({"1": lambda at=where: run(ours(at, 1)), "2": lambda at=where: run(ours(at, 2))}, runs)  # type: ignore[misc]
        one, two = fastest(done["1"]), fastest(done["2"])
        name = where[0].name if len(where) == 1 else "all"
        # The limit is for runs that are long enough to share.
        kept = one / two >= 1.7 if len(where) > 1 or len(folders) == 1 else None
        told = f"{one / two:.2f} ({one:.2f} s and {two:.2f} s; by medians {seconds_of(done['1']) / seconds_of(done['2']):.2f})"
        yield Row("one process / two", name, told, "≥ 1.7", kept)


class Tool(NamedTuple):
    """Another linter. `statuses` are the exit statuses of a run that came to its end."""

    name: str
    command: Callable[[Sequence[str]], list[str] | None]
    slow: bool = False
    statuses: range = range(2)
    environment: Mapping[str, str] = {}


def _installed(program: str) -> str | None:
    return shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


def _plain(program: str, *arguments: str) -> Callable[[Sequence[str]], list[str] | None]:
    def command(folders: Sequence[str]) -> list[str] | None:
        found = _installed(program)
        return [found, *arguments, *folders] if found else None

    return command


# Where we are installed flake8 would load our plugin, whatever is selected, and be measured with us.
_FLAKE8 = """
import importlib.metadata as metadata, sys
every = metadata.distributions
metadata.distributions = lambda *a, **k: (one for one in every(*a, **k) if one.metadata["Name"] != "reliability-lint")
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""


def _flake8(folders: Sequence[str]) -> list[str] | None:
    return [sys.executable, "-c", _FLAKE8, "--isolated", "-j", "2", *folders] if _installed("flake8") else None


def _semgrep(folders: Sequence[str]) -> list[str] | None:
    program = _installed("semgrep")
    if not program or not any((ROOT / "rules").rglob("*.yaml")):
        return None
    offline = ["--metrics=off", "--disable-version-check", "--oss-only", "--no-git-ignore", "--quiet", "--json", "--jobs", "2"]
    return [program, "scan", "--config", str(ROOT / "rules"), *offline, *folders]


TOOLS = (
    Tool("bandit (one process)", _plain("bandit", "-q", "-r", "-f", "json")),
    Tool("flake8 -j 2", _flake8),
    Tool("pylint -j 2", _plain("pylint", "-j", "2", "--rcfile", os.devnull, "--recursive", "y"), slow=True, statuses=range(32)),
    Tool("fixit, its own processes", _plain("fixit", "lint"), slow=True),
    Tool("semgrep --jobs 2, our pack", _semgrep, environment={"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0"}),
    Tool("ruff, two threads", _plain("ruff", "check", "--isolated", "--no-cache", "--quiet"), environment={"RAYON_NUM_THREADS": "2"}),
)


def measure_tools(folders: Sequence[Path], runs: int, small: Path) -> Iterator[Row]:
    for slow, where in ((False, folders), (True, [small])):
        commands: dict[str, Callable[[], Done]] = {"ours": lambda at=where: run(ours(at, 2))}  # type: ignore[misc]
        names = ", ".join(path.name for path in where)
        for tool in TOOLS:
            if tool.slow is not slow:
                continue
            command = tool.command([str(path) for path in where])
            if command is None:
                what = "there are no packs in rules/" if "semgrep" in tool.name and _installed("semgrep") else "not installed"
                yield Row(tool.name, names, what)
                continue
            commands[tool.name] = lambda command=command, tool=tool: run(command, tool.environment)  # type: ignore[misc]
        if len(commands) == 1:
            continue
        done = by_turns(commands, runs)
        us = seconds_of(done.pop("ours"))
        yield Row("ours, --jobs 2", names, f"{us:.2f} s")
        for tool in TOOLS:
            if tool.name in done:
                them = seconds_of(done[tool.name])
                odd = {one.status for one in done[tool.name]} - set(tool.statuses)
                failed = f"; FAILED with exit status {min(odd)}" if odd else ""
                yield Row(tool.name, names, f"{them:.2f} s, {them / us:.2f} times ours{failed}")


# memory, startup ──────────────────────────────────────────────────────────────────────────────────────────────────────


def measure_memory(folder: Path, runs: int, limit: int) -> Iterator[Row]:
    done = by_turns({"ours": lambda: run(ours([folder], 1))}, min(runs, 3))["ours"]
    peak = max(one.megabytes for one in done)
    yield Row("peak memory, one process", folder.name, f"{peak:.0f} MB ({seconds_of(done):.1f} s)", f"< {limit} MB", peak < limit)


def measure_startup() -> Iterator[Row]:
    script = _installed("reliability-lint")
    us = [script] if script else list(US)
    commands = {
        "import click": lambda: run([sys.executable, "-c", "import click"]),
        "--version": lambda: run([*us, "--version"]),
        "--help": lambda: run([*us, "--help"]),
    }
    done = by_turns(commands, STARTS)
    click = seconds_of(done["import click"])
    for option in ("--version", "--help"):
        seconds = seconds_of(done[option])
        value = f"{seconds / click:.2f} ({seconds * 1000:.0f} ms; importing click {click * 1000:.0f} ms)"
        yield Row(f"{option} / import click", "startup", value, "≤ 1.5", seconds / click <= 1.5)
    for option in ("--version", "--help"):
        process = subprocess.run([sys.executable, "-X", "importtime", *US[1:], option], capture_output=True, text=True, check=True)
        imported = {line.rpartition("|")[2].strip() for line in process.stderr.splitlines() if line.startswith("import time:")}
        heavy = sorted({"libcst", "rich"} & imported)
        value = ", ".join(heavy) if heavy else "neither libcst nor rich"
        yield Row(f"{option} imports", "startup", value, "neither", not heavy)


# link ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def linking(path: Path) -> Linked:
    """
    Measures in this process: collects the facts of some files, then follows everything that they export through the others, as a question from beside
    each file would.
    """
    import libcst

    from reliability_lint import registry
    from reliability_lint.engine.check import index_of, prepare, read
    from reliability_lint.engine.discover import discover
    from reliability_lint.engine.settings import Lookup, Settings
    from reliability_lint.engine.sources import FileSources, Layout
    from reliability_lint.facts.facts import decode, encode
    from reliability_lint.model.semantic import SemanticModel
    from reliability_lint.syntax.tree import SyntaxProblem

    registry.rules()
    gc.disable()
    layout = Layout()
    known: dict[str, FileFacts] = {}
    for found in discover([str(path)], Lookup(isolated=True)).files[:LINKED]:
        text = read(found.path, found.shown)
        if isinstance(text, str):
            module, is_package = layout.module_name(found.path)
            try:
                prepared = prepare(found.path, found.shown, text, found.settings, module, is_package=is_package)
            except SyntaxProblem:
                continue
            known[found.path] = decode(encode(prepared.facts))
            prepared.model.release()
    index = index_of(path, Settings())
    empty = libcst.Module([])
    layout = Layout()
    followed = 0
    started = time.perf_counter()
    for name, facts in known.items():
        beside = FileSources(os.path.join(os.path.dirname(name), "beside.py"), layout, known.get)  # noqa: PTH118, PTH120
        model = SemanticModel(empty, index, sources=beside)
        data = [*facts.names.values(), *(use.call for use in facts.uses)]
        functions = [*facts.functions.values()]
        for qualname, its in facts.classes.items():
            model.base_names(f"{facts.module}.{qualname}")
            data += its.attributes.values()
            functions += its.methods.values()
        for one in functions:
            data += [one.gives, one.yields, *(forward.call for forward in one.forwards)]
        for datum in data:
            model.resolved(datum)
        followed += len(data) + len(facts.classes)
    return Linked(len(known), followed, time.perf_counter() - started)


def measure_link(large: Path, runs: int) -> Iterator[Row]:
    found = []
    for _ in range(min(runs, 3)):
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench", "--linking", str(large)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"linking {large.name} failed:\n{done.stderr}")
        found.append(Linked(*json.loads(done.stdout)))
    seconds = median(one.seconds for one in found)
    where = f"{large.name}: {found[0].files} files, {found[0].followed} exports"
    yield Row("linking facts", where, f"{seconds * 1000:.0f} ms", "< 500 ms", seconds < 0.5)


# cache ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

# What no run can do without: Python, click and sqlite3, and a look at every byte.
_LEAST = """
import click, sqlite3, sys
from hashlib import blake2b
with open(sys.argv[1]) as listed:
    for path in listed.read().splitlines():
        with open(path, "rb") as file:
            blake2b(file.read()).digest()
"""


def measure_cache(large: Path, runs: int) -> Iterator[Row]:
    from reliability_lint.engine.discover import discover
    from reliability_lint.engine.settings import Lookup

    with tempfile.TemporaryDirectory() as scratch:
        paths = [found.path for found in discover([str(large)], Lookup(isolated=True)).files]
        listed = Path(scratch, "listed")
        listed.write_text("\n".join(paths), encoding="utf-8")
        warm = ours([large], 2, cache=str(Path(scratch, "cache")))
        first = run(warm)
        least = [sys.executable, "-c", _LEAST, str(listed)]
        done = by_turns({"warm": lambda: run(warm), "least": lambda: run(least)}, max(runs, 11))
        seconds, theirs = seconds_of(done["warm"]), seconds_of(done["least"])
        value = f"{seconds / theirs:.2f} ({seconds * 1000:.0f} ms and {theirs * 1000:.0f} ms; the first run {first.seconds:.1f} s)"
        yield Row("a warm run / the least", f"{large.name}: {len(paths)} files", value, "≤ 3", seconds / theirs <= 3)
        process = subprocess.run([sys.executable, "-X", "importtime", *warm[1:]], capture_output=True, text=True, check=False)
        imported = {line.rpartition("|")[2].strip() for line in process.stderr.splitlines() if line.startswith("import time:")}
        heavy = sorted({"libcst", "multiprocessing", "rich"} & imported)
        yield Row("a warm run imports", large.name, ", ".join(heavy) or "neither libcst nor multiprocessing nor rich", "none", not heavy)


# staged ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

_BEHIND = "\n\ndef added_{0}():\n    import requests\n\n    return requests.get('https://rates.example/{0}')\n"
_FROM = re.compile(rb"^from ([\w.]+) import ", re.MULTILINE)


def lengths_of(project: Path) -> dict[Path, int]:
    """The lines of every Python file in a folder."""
    return {path: path.read_bytes().count(b"\n") for path in sorted(project.rglob("*.py")) if path.is_file()}


def measure_staged(large: Path, runs: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch, "project")
        shutil.copytree(large, project, symlinks=True)
        git = ["git", "-C", str(project), "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        for question in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
            subprocess.run([*git, *question], check=True, capture_output=True)
        lengths = lengths_of(project)
        command = ours([project], 1, cache=str(Path(scratch, "cache")))
        run(command)
        told = Counter(name for path in lengths for name in _FROM.findall(path.read_bytes()))
        near = min(lengths, key=lambda path: abs(lengths[path] - 1000))
        among = [path for path in lengths if 800 <= lengths[path] <= 1500]
        asked = max(among, key=lambda path: told[".".join(path.relative_to(project).with_suffix("").parts).encode()])
        for path, words, limit in ((near, "a commit waits for", 1.0), (asked, "the same, of a file that most others import", None)):
            text, done = path.read_text(encoding="utf-8"), []
            for number in range(max(runs, 5)):
                path.write_text(text + _BEHIND.format(number), encoding="utf-8")
                subprocess.run([*git, "add", "--all"], check=True, capture_output=True)
                done.append(run([*command, "--staged"]))
            path.write_text(text, encoding="utf-8")
            seconds = seconds_of(done)
            where = f"{large.name}: {lengths[path]} of {sum(lengths.values())} lines"
            yield Row(words, where, f"{seconds:.2f} s", f"≤ {limit} s" if limit else "", seconds <= limit if limit else None)


# editor ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def parsing(path: Path) -> float:
    """The seconds that LibCST's parser takes for a file, at best: less than that nobody can wait."""
    import libcst

    text = path.read_text(encoding="utf-8")
    found = []
    for _ in range(5):
        started = time.perf_counter()
        libcst.parse_module(text)
        found.append(time.perf_counter() - started)
    return min(found)


def measure_editor(large: Path, runs: int) -> Iterator[Row]:
    lengths = lengths_of(large)
    for path in sorted(lengths, key=lambda path: abs(lengths[path] - 1000))[:3]:
        sessions = [latency.changes(large, path) for _ in range(min(runs, 3))]
        # What else the machine does can only add.
        each = [min(one.seconds for one in same) for same in zip(*(changes for _, changes in sessions), strict=True)]
        slowest = max(range(len(each)), key=each.__getitem__)
        where = f"{path.relative_to(large)}: {lengths[path]} of {sum(lengths.values())} lines"
        opened, most = median(first for first, _ in sessions), max(one.seconds for _, changes in sessions for one in changes)
        value = f"{median(each) * 1000:.0f} ms (LibCST's parser alone {parsing(path) * 1000:.0f} ms; opened in {opened:.1f} s)"
        yield Row("findings after a change", where, value, "", None)
        value = f"{each[slowest] * 1000:.0f} ms ({sessions[0][1][slowest].kind}; once {most * 1000:.0f} ms)"
        yield Row("the slowest change", where, value, "< 150 ms", each[slowest] < 0.150)


PARTS = ("inner", "rules", "jobs", "tools", "memory", "startup", "link", "cache", "staged", "editor")


def measure(arguments: argparse.Namespace) -> Iterator[Row]:
    """What was asked for, line by line as it is known."""
    folders = [folder(name) for name in arguments.folders]
    parts = arguments.only or PARTS
    if "inner" in parts:
        yield from measure_inner(folders, arguments.runs)
    if "rules" in parts:
        yield from measure_rules(folders, arguments.runs)
        yield from measure_long(arguments.runs)
    if "jobs" in parts:
        yield from measure_jobs(folders, arguments.runs)
    if "tools" in parts:
        yield from measure_tools(folders, arguments.runs, folder(arguments.small_folder))
    if "memory" in parts:
        yield from measure_memory(folder(arguments.large_folder), arguments.runs, limit=400)
        if arguments.huge_folder is not None:
            yield from measure_memory(folder(arguments.huge_folder), 1, limit=500)
    if "startup" in parts:
        yield from measure_startup()
    if "link" in parts:
        yield from measure_link(folder(arguments.large_folder), arguments.runs)
    if "cache" in parts:
        yield from measure_cache(folder(arguments.large_folder), arguments.runs)
    if "staged" in parts:
        yield from measure_staged(folder(arguments.large_folder), arguments.runs)
    if "editor" in parts:
        yield from measure_editor(folder(arguments.large_folder), arguments.runs)


def main() -> int:
    """Measures, prints the table, and says by its exit status whether all limits are kept."""
    parser = argparse.ArgumentParser(prog="tools.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--folders", nargs="+", default=FOLDERS, metavar="FOLDER", help="names in the corpus, or paths")
    parser.add_argument("--small-folder", default=SMALL_FOLDER, metavar="FOLDER", help="for slow tools")
    parser.add_argument("--large-folder", default=LARGE_FOLDER, metavar="FOLDER", help="for memory, link, cache, staged and editor")
    parser.add_argument("--huge-folder", metavar="FOLDER", help="a million lines, for memory (default: none)")
    parser.add_argument("--runs", type=int, default=5, help="how often each is run (default: 5)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="also write the table to this file")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--inside-all", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--by-rule", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--linking", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        print(json.dumps(inside(arguments.inside, ())))
        return 0
    if arguments.inside_all:
        print(json.dumps(inside(arguments.inside_all, EVERY_RULE)))
        return 0
    if arguments.by_rule:
        print(json.dumps(by_rule(arguments.by_rule)))
        return 0
    if arguments.linking:
        print(json.dumps(linking(arguments.linking)))
        return 0
    lines = ["| what | where | measured | limit | |", "|---|---|---|---|---|"]
    print("\n".join(lines), flush=True)
    kept = True
    for row in measure(arguments):
        verdict = "" if row.kept is None else "kept" if row.kept else "NOT KEPT"
        lines.append(f"| {row.what} | {row.where} | {row.value} | {row.limit if row.kept is not None else ''} | {verdict} |")
        print(lines[-1], flush=True)
        kept = kept and row.kept is not False
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
