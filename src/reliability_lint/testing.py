"""
The face for tests of rules: docstring examples and fixtures, in which marks say what is found.

A test of rules that are not ours needs three functions, and `reliability-lint test` does the same without one:

    from reliability_lint.testing import check_examples, check_fixtures, rules_in

    check_examples("unnamed-fee")                        the examples in its docstring
    check_fixtures("unnamed-fee", "fixtures/unnamed_fee")    every file of a folder
    rules_in("tools/lint_rules")                         the rules in a file or folder, which is executed

A mark is a trailing comment on the line where a finding is reported:

    requests.get(URL)             # REL101
    requests.get(URL)             # REL101 "may wait for ever"     and the message contains this
    a(requests.get(URL), b())     # REL101 REL701                  two rules, one line
    requests.get(URL)             # REL101 native only             the Semgrep pack does not find it
    requests.get(URL)             # REL101 REL701 native only: REL701      it finds one of the two
    fetch(URL)                    # missed: REL101                 should be found, is not; fails as soon as it is
    ping(URL)                     # false alarm: REL101            is found, should not be; fails as soon as it is not

Nothing may be found on any other line. A block of several files separates them by lines `# shop/http.py` that stand alone.

Other marks say what is known, whatever rules make of it. A line may have several marks, and none of these is needed anywhere:

    session.get(URL)              # means: blocking, http-request, wait     the concepts of all calls that begin here, no more and no fewer
    session.get(URL)              # means: wait and more                    these at least
    fetch(URL)                    # means: nothing
    session.get(URL)              # calls: requests.Session.get             one of the calls that begin here is of this, by its canonical name
    session = make_session()      # is: requests.Session                    what is bound, or given by the call that stands here, is an instance of this
    session = find_session()      # is: unknown
    session.get(URL)              # bound: none                             every call that begins here and waits does so for ever; finite, partial, unknown
    session.get(URL, timeout=5)   # bound: finite 5                         and this many seconds

A block `Fixed:` is what becomes of the `Bad:` before it when all that its findings offer is done, the suggestions too; marks are left aside.

It is `is` and not `type`, since a comment that begins with `type:` means something to type checkers.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import unified_diff
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from .api import check_paths
from .diagnostics import Diagnostic
from .engine.discover import discover
from .engine.fixes import repair
from .engine.insight import Insight
from .engine.run import run
from .engine.settings import Lookup, Settings
from .meanings.explain import KEYS, Explained, Named, known
from .mistake import Mistake, closest
from .registry import Rule, rules

_BLOCK = re.compile(r"^(Bad|Good|Fixed)(?: \([^)\n]*\))?:\n\n((?:    .*\n|\n)+)", re.MULTILINE)
_KNOWN = re.compile(r"#\s*(?P<what>means|calls|is|bound):[ \t]*(?P<said>[^#]*?)\s*(?=#|$)")
_BOUND = re.compile(r"(?P<bound>finite|none|partial|unknown)(?: (?P<seconds>\d+(?:\.\d+)?))?")
_CONCEPTS = frozenset(KEYS.values())
_ALONE = "service.py"  # the file of a block that names none
_FILE = re.compile(r"^# ([\w./-]+\.(?:py|txt|toml|lock))$")


def _mark() -> re.Pattern[str]:
    """What a mark looks like: a word such as RFC793 is none where no rule has such a code."""
    return _mark_with(tuple(sorted({code[:-3] for code in rules()})))


@lru_cache(maxsize=8)
def _mark_with(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    code = rf"(?:{'|'.join(prefixes)})\d{{3}}"
    return re.compile(
        rf"#\s*(?P<kind>missed: |false alarm: )?(?P<codes>{code}(?:\s+{code})*)(?:\s+\"(?P<text>[^\"]*)\")?"
        rf"(?P<native>\s+native only(?::(?P<only>(?:\s+{code})+))?)?\s*(?:$|(?=#\s*(?:means|calls|is|bound):))"
    )


class Problem(NamedTuple):
    """What is wrong with an example or a fixture, and where that stands; `line` is 0 where it is the whole file."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class Mark(NamedTuple):
    """What a line says about itself."""

    line: int
    code: str
    kind: str
    text: str
    native: bool


def marks(text: str) -> list[Mark]:
    """The marks of a text, line by line."""
    found = []
    pattern = _mark()
    for number, line in enumerate(text.splitlines(), 1):
        match = pattern.search(line)
        if match:
            kind = (match["kind"] or "").strip(" :")
            codes = match["codes"].split()
            native = (match["only"] or match["codes"]).split() if match["native"] else ()
            found += [Mark(number, code, kind, match["text"] or "", code in native) for code in codes]
    return found


def compare(text: str, diagnostics: Sequence[Diagnostic], codes: frozenset[str] | None = None) -> list[str]:
    """
    What differs between a file's marks and its findings, in words; nothing if all is as marked.

    With `codes`, only these are compared.
    """
    return [f"line {line}: {message}" for line, message in _differences(text, diagnostics, codes)]


def _differences(text: str, diagnostics: Sequence[Diagnostic], codes: frozenset[str] | None = None) -> list[tuple[int, str]]:
    problems = []
    here = [d for d in diagnostics if codes is None or d.code in codes]
    found = {(d.region.line, d.code): d for d in here}
    wanted = {(mark.line, mark.code): mark for mark in marks(text) if codes is None or mark.code in codes}
    for (line, code), mark in sorted(wanted.items()):
        diagnostic = found.get((line, code))
        if mark.kind == "missed":
            if diagnostic is not None:
                problems.append((line, f"{code} is found now: remove the mark 'missed'"))
        elif diagnostic is None:
            problems.append((line, f"{code} is not found" + (" any more: remove the mark 'false alarm'" if mark.kind else "")))
        elif mark.text and mark.text not in diagnostic.message:
            problems.append((line, f"{code} says {diagnostic.message!r}, not {mark.text!r}"))
    problems += [
        (line, f"{code} is found and not marked: {diagnostic.message}")
        for (line, code), diagnostic in sorted(found.items())
        if (line, code) not in wanted
    ]
    return problems


class Known(NamedTuple):
    """What a line says of what is known on it: `what` is the first word of the mark, `said` the rest."""

    line: int
    what: str
    said: str


def known_marks(text: str) -> list[Known]:
    """The marks of a text that say what is known, line by line; a comment that stands alone is none."""
    return [
        Known(number, match["what"], match["said"])
        for number, line in enumerate(text.splitlines(), 1)
        if not line.lstrip().startswith("#")
        for match in _KNOWN.finditer(line)
    ]


def compare_known(text: str, places: Sequence[Explained], named: Sequence[Named]) -> list[str]:
    """What differs between what a text says is known and what is, in words; nothing if all is as marked."""
    return [f"line {line}: {message}" for line, message in _known_differences(text, places, named)]


def _known_differences(text: str, places: Sequence[Explained], named: Sequence[Named]) -> list[tuple[int, str]]:
    by_line: dict[int, list[Explained]] = {}
    for place in places:
        by_line.setdefault(place.region.line, []).append(place)
    names: dict[int, list[Named]] = {}
    for one in named:
        names.setdefault(one.line, []).append(one)
    problems = []
    for mark in known_marks(text):
        here = by_line.get(mark.line, [])
        match mark.what:
            case "means":
                told = _wrong_meaning(mark.said, here)
            case "calls":
                told = _wrong_call(mark.said, here)
            case "is":
                told = _wrong_type(mark.said, names.get(mark.line, []))
            case _:
                told = _wrong_bound(mark.said, here)
        if told:
            problems.append((mark.line, told))
    return problems


def _wrong_meaning(said: str, here: Sequence[Explained]) -> str:
    listed, more, _ = said.partition(" and more")
    wanted = {word for part in listed.split(",") for word in part.split()}
    if wanted == {"nothing"} and not more:
        wanted = set()
    elif not wanted or wanted - _CONCEPTS:
        odd = sorted(wanted - _CONCEPTS)
        meant = closest(odd[0], _CONCEPTS) if odd else ""
        hint = f": did you mean '{meant}'?" if meant else ""
        return f"there is no concept '{odd[0]}'{hint}" if odd else "the mark 'means' names no concept: write 'nothing' where there is none"
    found = {concept for place in here for concept in place.concepts}
    if wanted <= found and (more or wanted == found):
        return ""
    return f"means {_listed(found)}, not {_listed(wanted)}{more}{_reasons(here)}"


def _wrong_call(said: str, here: Sequence[Explained]) -> str:
    found = {place.name or "something unknown" for place in here if place.kind == "call"}
    return "" if said in found else f"calls {_listed(found)}, not {said}{_reasons(here)}"


def _wrong_type(said: str, here: Sequence[Named]) -> str:
    if not here:
        return "nothing is bound or called here whose type could be told"
    wanted = "" if said == "unknown" else said
    wrong = [one for one in here if one.type != wanted]
    return "; ".join(f"{one.name} is {one.type or 'unknown'}, not {said}" for one in wrong)


def _wrong_bound(said: str, here: Sequence[Explained]) -> str:
    wanted = _BOUND.fullmatch(said)
    if wanted is None:
        return f"'{said}' is no bound: it is finite (and perhaps a number of seconds), none, partial or unknown"
    limits = [place.limit for place in here if place.limit is not None]
    if not limits:
        return f"nothing waits here{_reasons(here)}"
    for limit in limits:
        if limit.bound != wanted["bound"]:
            return f"the bound is {limit.bound}, not {wanted['bound']}: {limit.because}"
        if wanted["seconds"] is not None and limit.seconds != float(wanted["seconds"]):
            return f"it ends after {limit.seconds} s, not {wanted['seconds']}: {limit.because}"
    return ""


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"


def _reasons(here: Sequence[Explained]) -> str:
    """Why what is called on a line is not known, where that is so."""
    told = [place.unknown for place in here if place.unknown]
    return f" ({'; '.join(told)})" if told else ""


def known_problems(folder: Path, **changes: object) -> dict[Path, list[str]]:
    """What the files of a folder say wrongly of what is known; only those with such marks are looked at. `changes` are settings."""
    told = _known_in(folder, **changes)
    return {path: [f"line {line}: {message}" for line, message in problems] for path, problems in told.items()}


def _known_in(folder: Path, **changes: object) -> dict[Path, list[tuple[int, str]]]:
    settings = Settings(**{"root": str(folder), **changes})  # type: ignore[arg-type]
    lookup = Lookup(isolated=True, change=lambda _: settings)
    files = discover([str(folder)], lookup).files
    insight = Insight(files)
    problems: dict[Path, list[tuple[int, str]]] = {}
    for found in files:
        text = Path(found.path).read_text(encoding="utf-8")
        if not known_marks(text):
            continue
        with insight.of(found) as prepared:
            problems[Path(found.path)] = _known_differences(text, *known(prepared.model.meanings, prepared.source))
    return problems


class Example(NamedTuple):
    """
    A block of code in a rule's docstring: its kind (Bad, Good, Fixed) and its files by name. `lines` has the line of the docstring, from 0, on which a line of a
    file stands.
    """

    kind: str
    files: Mapping[str, str]
    lines: Mapping[tuple[str, int], int] = {}


def examples(rule: Rule) -> Iterator[Example]:
    """The examples in a rule's docstring."""
    doc = rule.doc + "\n"
    for block in _BLOCK.finditer(doc):
        code = dedent(block[2])
        first = doc[: block.start(2)].count("\n") + len(code) - len(code.lstrip("\n"))
        yield Example(block[1], split(code.strip() + "\n"), _places(code.strip(), first))


def _places(code: str, first: int) -> dict[tuple[str, int], int]:
    """Where the lines of the files of a block stand."""
    places: dict[tuple[str, int], int] = {}
    numbers: dict[str, int] = {}
    name = _ALONE
    for at, line in enumerate(code.splitlines(), first):
        if match := _FILE.match(line.rstrip()):
            name = match[1]
        else:
            numbers[name] = numbers.get(name, 0) + 1
            places[name, numbers[name]] = at
    return places


def fixed_examples(rule: Rule) -> Iterator[tuple[Example, Example]]:
    """Each example of what fixes make of bad code, with the bad code before it."""
    for bad, fixed in pairwise(examples(rule)):
        if fixed.kind == "Fixed":
            yield bad, fixed


def fixed_files(files: Mapping[str, str], select: Sequence[str], **changes: object) -> tuple[dict[str, str], list[str]]:
    """What becomes of files when all that the findings of the selected rules offer is done; and what was taken back, in words."""
    settings = Settings(select=tuple(select), **changes)  # type: ignore[arg-type]
    with _written(files) as folder:
        found = discover([str(folder)], _lookup(settings)).files
        done, said = repair(found, run(found), unsafe=True)
        texts = dict(files)
        for one in done:
            texts[Path(one.found.path).relative_to(folder).as_posix()] = one.text
            said += one.said
    return texts, said


def run_fixed(rule: Rule, bad: Example, fixed: Example) -> list[str]:
    """What is wrong with an example of what fixes make of bad code, as a difference."""
    texts, said = fixed_files(bad.files, (rule.code,), **_of(rule))
    return [*said, *different(texts, fixed.files)]


def different(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """The lines in which files are not as they should be, marks left aside."""
    names = sorted({*found, *wanted})
    pairs = [(without_marks(wanted.get(name, "")), without_marks(found.get(name, "")), name) for name in names]
    return [line for one, other, name in pairs for line in unified_diff(one, other, f"{name} as wanted", f"{name} as fixed", lineterm="")]


def without_marks(text: str) -> list[str]:
    """The lines of a text, as they are without their marks."""
    return [_KNOWN.sub("", _mark().sub("", line)).rstrip() for line in text.splitlines()]


def split(code: str) -> dict[str, str]:
    """The files of a block of code; `service.py` where it names none."""
    files: dict[str, list[str]] = {}
    name = _ALONE
    for line in code.splitlines(keepends=True):
        match = _FILE.match(line.rstrip())
        if match:
            name = match[1]
            files.setdefault(name, [])
        else:
            files.setdefault(name, []).append(line)
    return {name: "".join(lines) for name, lines in files.items() if "".join(lines).strip()}


def check_files(files: Mapping[str, str], select: Sequence[str], **changes: object) -> dict[str, list[Diagnostic]]:
    """Writes files into a scratch folder, checks them there with the selected rules, and gives the findings of each."""
    settings = Settings(select=tuple(select), **changes)  # type: ignore[arg-type]
    with _written(files) as folder:
        return _checked(folder, files, settings)


@contextmanager
def _written(files: Mapping[str, str]) -> Iterator[Path]:
    """A scratch folder with these files, as packages of a project."""
    with tempfile.TemporaryDirectory(prefix="service-") as scratch:
        folder = Path(scratch).resolve()
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for parent in path.parent.relative_to(folder).parents:
                if name.endswith(".py") and str(parent) != "." and not (folder / parent / "__init__.py").exists():
                    (folder / parent / "__init__.py").touch()
            if path.parent != folder and name.endswith(".py"):
                (path.parent / "__init__.py").touch()
            path.write_text(text, encoding="utf-8")
        (folder / "pyproject.toml").touch()
        yield folder


def _checked(folder: Path, files: Iterable[str], settings: Settings) -> dict[str, list[Diagnostic]]:
    report = check_paths([str(folder)], _lookup(settings))
    found: dict[str, list[Diagnostic]] = {name: [] for name in files}
    for diagnostic in report.diagnostics:
        for name in found:
            if Path(diagnostic.region.path).resolve() == folder / name:
                found[name].append(diagnostic)
    return found


def _lookup(settings: Settings) -> Lookup:
    return Lookup(isolated=True, change=lambda one: Settings(**{**{f: getattr(one, f) for f in one.__struct_fields__}, **_given(settings)}))


def _given(settings: Settings) -> dict[str, object]:
    empty = Settings()
    return {field: getattr(settings, field) for field in settings.__struct_fields__ if getattr(settings, field) != getattr(empty, field)}


def _of(rule: Rule) -> dict[str, object]:
    """The settings with which a rule is run that is only run where settings name it."""
    return {"local_rules": (rule.origin,), "local_rules_allowed": True} if rule.local else {}


def run_example(rule: Rule, example: Example) -> list[str]:
    """What is wrong with an example: findings that are not marked, marks that are not found, marks of what is known that are not so."""
    return [f"{name}: line {line}: {said}" if line else said for name, line, said in _example_problems(rule, example)]


def _example_problems(rule: Rule, example: Example) -> list[tuple[str, int, str]]:
    with _written(example.files) as folder:
        found = _checked(folder, example.files, Settings(select=(rule.code,), **_of(rule)))  # type: ignore[arg-type]
        told = _known_in(folder)
    problems = [(name, line, said) for name, text in example.files.items() for line, said in _differences(text, found[name])]
    problems += [(path.relative_to(folder).as_posix(), line, said) for path, wrong in told.items() for line, said in wrong]
    marked = any(mark.kind != "missed" for text in example.files.values() for mark in marks(text))
    if marked != (example.kind == "Bad"):
        problems.append((next(iter(example.files), _ALONE), 0, f"a {example.kind} example {'with' if marked else 'without'} marks"))
    return problems


# -- for rules that are not ours


def rules_in(path: str | Path) -> tuple[Rule, ...]:
    """
    The rules in a Python file or a folder. They are imported as part of the installed distribution that has this folder, else executed as local rules.
    """
    from .engine.local_rules import load

    real = Path(path).resolve()
    if not real.is_dir() and not (real.is_file() and real.suffix == ".py"):
        raise Mistake("there is no folder and no Python file of this name", path=str(path))
    found = _rules_below(real)
    if not found:
        load(str(real))
        found = _rules_below(real)
    return found


def _rules_below(path: Path) -> tuple[Rule, ...]:
    theirs = [(rule, source(rule)[0]) for rule in rules().values() if rule.origin]
    return tuple(rule for rule, file in theirs if file == path or path in file.parents)


def source(rule: Rule) -> tuple[Path, int]:
    """The file in which a rule stands, and the line of its docstring's first sentence."""
    import ast
    import inspect

    assert rule.check is not None
    path = Path(inspect.getsourcefile(rule.check) or "").resolve()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef) and node.name == rule.check.__name__:
            match node.body[0]:
                case ast.Expr(value=ast.Constant(value=str(doc)) as constant):
                    return path, constant.lineno + next((at for at, line in enumerate(doc.splitlines()) if line.strip()), 0)
            return path, node.lineno
    return path, 1


def check_examples(rule: Rule | str) -> None:
    """Raises an AssertionError that tells everything that is wrong with the examples in a rule's docstring. A rule may be given by name or code."""
    _assert(example_problems(_named(rule)))


def check_fixtures(rule: Rule | str, folder: str | Path) -> None:
    """
    Raises an AssertionError that tells everything that is wrong with the fixtures of a rule: in each Python file of the folder that rule finds what is marked,
    and `case.fixed.py` is what its fixes make of `case.py`.
    """
    _assert(fixture_problems(_named(rule), Path(folder)))


def _assert(problems: Sequence[Problem]) -> None:
    if problems:
        raise AssertionError("\n".join(map(str, problems)))


def _named(rule: Rule | str) -> Rule:
    if isinstance(rule, Rule):
        return rule
    found = next((one for one in rules().values() if rule in (one.code, one.name)), None)
    if found is None:
        meant = closest(rule, [one.name for one in rules().values()])
        raise Mistake(
            f"there is no rule '{rule}'", hint=f"did you mean '{meant}'?" if meant else "is the distribution that has it installed?"
        )
    return found


def example_problems(rule: Rule) -> list[Problem]:
    """Everything that is wrong with the examples in a rule's docstring; that there is none, or none of what is right, is wrong too."""
    path, first = source(rule)
    shown = list(examples(rule))
    problems = [
        Problem(path, first, f"there is no example under '{kind}:'") for kind in ("Bad", "Good") if kind not in {one.kind for one in shown}
    ]
    for one in shown:
        at = min(one.lines.values(), default=0)
        problems += [Problem(path, first + one.lines.get((name, line), at), said) for name, line, said in _example_problems(rule, one)]
    for bad, fixed in fixed_examples(rule):
        at = first + min(fixed.lines.values(), default=0)
        if bad.kind != "Bad":
            problems.append(Problem(path, at, "a block 'Fixed:' follows the code that is fixed"))
        elif said := run_fixed(rule, bad, fixed):
            problems.append(Problem(path, at, "\n    ".join(["this is not what the fixes make of it:", *said])))
    return problems


def fixture_problems(rule: Rule, folder: Path) -> list[Problem]:
    """Everything that is wrong with the fixtures of a rule."""
    folder = folder.resolve()
    files = sorted(folder.rglob("*.py"))
    if not files:
        return [Problem(folder, 0, "there is no Python file")]
    settings = Settings(root=str(folder), include_tests=True, select=(rule.code,), **_of(rule))  # type: ignore[arg-type]
    report = check_paths([str(folder)], Lookup(isolated=True, change=lambda _: settings))
    told = _known_in(folder)
    problems = []
    for path in files:
        here = [one for one in report.diagnostics if Path(one.region.path).resolve() == path]
        text = path.read_text(encoding="utf-8")
        problems += [Problem(path, line, said) for line, said in (*_differences(text, here), *told.get(path, ()))]
        if path.name.endswith(".fixed.py"):
            problems += _fixture_fixed(rule, path, text)
    return problems


def _fixture_fixed(rule: Rule, path: Path, wanted: str) -> Iterator[Problem]:
    bad = path.with_name(path.name.removesuffix(".fixed.py") + ".py")
    if not bad.is_file():
        yield Problem(path, 0, f"there is no {bad.name} beside it")
        return
    for before, what in (
        (bad.read_text(encoding="utf-8"), "this is not what the fixes make of it:"),
        (wanted, "once more, the fixes change it:"),
    ):
        texts, said = fixed_files({_ALONE: before}, (rule.code,), **_of(rule))
        if wrong := [*said, *different(texts, {_ALONE: wanted})]:
            yield Problem(path, 0, "\n    ".join([what, *wrong]))
