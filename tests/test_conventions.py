"""What we agreed on, as assertions: about rules, about who may know what, and about the documentation."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
import pytest

from reliability_lint import rule as rule_face
from reliability_lint.concepts.base import Concept, Parameter
from reliability_lint.engine.selection import catalogue
from reliability_lint.fronts.cli import cli
from reliability_lint.libraries import load
from reliability_lint.libraries.schema import Entry, Model
from reliability_lint.model.places import Place
from reliability_lint.registry import Rule, rules
from reliability_lint.reports.documentation import documentation
from reliability_lint.testing import examples

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "reliability_lint"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CATALOGUE = tomllib.loads((SRC / "rules" / "catalogue.toml").read_text(encoding="utf-8"))["rule"]

ALL = list(rules().values())
CHECKED = [rule for rule in ALL if rule.check is not None]
MODULES = sorted(SRC.rglob("*.py"))
RULE_MODULES = [path for path in sorted((SRC / "rules").rglob("*.py")) if path.name != "__init__.py" and path.parent.name != "meta"]

each_rule = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in ALL])
each_checked_rule = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in CHECKED])
each_rule_module = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in RULE_MODULES])


# -- rules


def test_the_catalogue_gives_every_code_and_name_once() -> None:
    codes = [row["code"] for row in CATALOGUE]
    names = [row["name"] for row in CATALOGUE]
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)
    assert codes == sorted(codes)
    assert [code for code in codes if not re.fullmatch(r"REL\d{3}", code)] == []
    assert [entry._asdict() for entry in catalogue().values()] == CATALOGUE, "it is read by lines: write each entry as the others are"


@each_rule
def test_it_is_as_the_catalogue_has_it(rule: Rule) -> None:
    (row,) = [row for row in CATALOGUE if row["code"] == rule.code]
    assert row == {"code": rule.code, "name": rule.name, "family": rule.family, "set": rule.set}


@each_checked_rule
def test_its_file_is_named_after_it(rule: Rule) -> None:
    assert rule.check is not None
    assert rule.check.__module__ == f"reliability_lint.rules.{rule.family}.{rule.name.replace('-', '_')}"
    assert rule.check.__name__ == rule.name.replace("-", "_")


@each_rule_module
def test_a_rule_module_holds_one_rule(path: Path) -> None:
    assert [rule.name for rule in CHECKED if rule.name.replace("-", "_") == path.stem and rule.family == path.parent.name] != []


@each_rule
def test_its_summary_is_a_short_sentence(rule: Rule) -> None:
    summary, _, rest = rule.doc.partition("\n")
    assert re.fullmatch(r"[A-Z`].*[^.]\.", summary)
    assert len(summary) <= 80
    assert rest.startswith("\n"), "the summary is one line, and an empty one follows"


@each_rule
def test_it_says_why_it_matters(rule: Rule) -> None:
    assert len(documentation(rule).why.split()) >= 5


@each_checked_rule
def test_it_shows_bad_and_good_code(rule: Rule) -> None:
    shown = list(examples(rule))
    assert {example.kind for example in shown} >= {"Bad", "Good"}
    for example in shown:
        for name, text in example.files.items():
            if name.endswith(".py"):
                ast.parse(text, name)


@each_rule
def test_its_options_are_documented(rule: Rule) -> None:
    section = dict(documentation(rule).parts).get("Options", "")
    assert re.findall(r"^(\w+): \S", section, re.MULTILINE) == list(rule.options)


@each_checked_rule
def test_it_has_fixtures(rule: Rule) -> None:
    folder = ROOT / "fixtures" / rule.family / rule.name.replace("-", "_")
    assert list(folder.glob("*.py")), f"{folder.relative_to(ROOT)} holds no Python file"


# -- who may know what


class Import(NamedTuple):
    """One imported name: `module` as written, without leading dots; `level` counts the dots."""

    module: str
    name: str
    level: int
    line: int

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}" if self.module and self.name else self.module or self.name


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", 0, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(node.module or "", alias.name, node.level, node.lineno)


def below(name: str, package: str) -> bool:
    """Whether a dotted name is a package or something in it."""
    return name == package or name.startswith(f"{package}.")


@each_rule_module
def test_a_rule_knows_the_face_for_rules_and_nothing_else_of_ours(path: Path) -> None:
    known = [found for found in imports(path) if found.level or found.module.partition(".")[0] not in sys.stdlib_module_names]
    assert [
        found for found in known if found.level or found.module not in ("reliability_lint.rule", "reliability_lint.project", "libcst")
    ] == []


# The first costs a third of a second to import, the second several times the parse of each file.
def test_nothing_imports_what_is_slow_in_libcst() -> None:
    slow = ("libcst.matchers", "libcst.metadata", "libcst.helpers", "libcst.codemod")
    found = [(path.name, one) for path in MODULES for one in imports(path) if any(below(one.dotted, package) for package in slow)]
    assert found == []


NETWORK = (
    "socket", "socketserver", "ssl", "http.client", "http.server", "urllib.request", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "nntplib",
    "xmlrpc", "webbrowser", "asyncio", "requests", "httpx", "aiohttp", "urllib3", "websockets", "sentry_sdk", "opentelemetry",
)  # fmt: skip


def test_nothing_can_reach_the_network() -> None:
    found = [
        (f"{path.parent.name}/{path.name}", one.dotted)
        for path in MODULES
        for one in imports(path)
        if not one.level and any(below(one.dotted, name) for name in NETWORK)
    ]
    assert found == []


# What a run may not do, by the names of Python's audit events; the first argument of `import` is a module's name.
_WATCHED = """
import os
import sys

def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        raise RuntimeError(f"forbidden: {event} {arguments!r}")
    if event == "import" and arguments[0].partition(".")[0] in ("shop", "surprise"):
        raise RuntimeError(f"forbidden: import {arguments[0]}")
    if event == "open" and not isinstance(arguments[0], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        raise RuntimeError(f"forbidden: writing {arguments[0]}")

sys.dont_write_bytecode = True
sys.addaudithook(forbid)

from reliability_lint.fronts.cli import main

main()
"""


@pytest.mark.parametrize("settings", ["", "[tool.reliability-lint]\nlocal-rules = ['surprise.py']\n"], ids=["none", "local rules"])
def test_a_run_neither_executes_what_it_reads_nor_talks_nor_writes(tmp_path: Path, settings: str) -> None:
    """Besides what is imported, what happens: the checked file would leave a trace if anything executed it, be it that settings name it as rules to be run."""
    (tmp_path / "pyproject.toml").write_text(settings)
    (tmp_path / "surprise.py").write_text(
        "import pathlib, requests\nfrom shop import rates\npathlib.Path(__file__).with_name('trace').touch()\nrequests.get('https://rates.example')\n"
    )
    command = [sys.executable, "-c", _WATCHED, "check", "--no-cache", "--jobs", "1", "--select", "missing-timeout", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "REL101" in done.stdout, done.stdout + done.stderr
    assert "REL000" not in done.stdout
    assert done.returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pyproject.toml", "surprise.py"]


# Modelled libraries whose names are also plain words, and may stand in a message: these count only in dotted names.
PLAIN_WORDS = frozenset({"requests", "backoff", "retry", "retrying", "stamina"})
THIRD_PARTY = sorted(model.library for model in load.shipped() if model.library not in sys.stdlib_module_names)


def _spoken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts in a module outside of its docstrings: literals and the fixed parts of f-strings."""
    docs = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None:
            docs.add(id(node.body[0].value))  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def _names(text: str, library: str) -> bool:
    """Whether a text names a library, by itself or as the root of a dotted name."""
    dotted = re.search(rf"(?<![\w.]){library}\.\w", text) is not None
    return (
        dotted
        or (text == library and library not in PLAIN_WORDS)
        or (library not in PLAIN_WORDS and re.search(rf"(?<![\w.]){library}(?!\w)", text) is not None)
    )


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in [*RULE_MODULES, *sorted((SRC / "concepts").glob("*.py"))]])
def test_rules_and_concepts_name_no_library(path: Path) -> None:
    """What is known of a library stands in its model; rules and concepts would hold for libraries that do not exist yet."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [(line, library, text) for line, text in _spoken(tree) for library in THIRD_PARTY if _names(text, library)]
    found += [(one.line, one.module, "import") for one in imports(path) if not one.level and one.module.partition(".")[0] in THIRD_PARTY]
    assert found == []


# -- texts of ours

_OURS = [
    path
    for top in (
        "README.md",
        "CONTRIBUTING.md",
        "pyproject.toml",
        ".pre-commit-hooks.yaml",
        ".ci/run",
        "action.yml",
        "templates",
        "changes",
        "docs",
        "fixtures",
        "rules",
        "src",
        "tests",
        "tools",
    )
    for path in ([ROOT / top] if (ROOT / top).is_file() else sorted((ROOT / top).rglob("*")))
    if path.is_file()
    and path.suffix in ("", ".md", ".py", ".toml", ".txt", ".yaml", ".yml", ".json", ".cfg")
    and "__pycache__" not in path.parts
]
_FOREIGN = (
    re.compile(r"(?<![\w.}~/-])(?:/(?:home|Users|root|tmp|work|mnt)/|[A-Z]:\\Users\\)"),
    re.compile(rf"{re.escape(str(ROOT))}(?!\w)|{re.escape(str(Path.home()))}/"),
    re.compile(r"\b(?:issue|ticket) #?\d+\b|\bas (?:requested|instructed|discussed)\b"),
)


@pytest.mark.parametrize("what", _FOREIGN, ids=["machine", "checkout", "workplace"])
def test_texts_speak_of_the_project_alone(what: re.Pattern[str]) -> None:
    """No path of somebody's machine, and no talk of the workplace."""
    assert len(_OURS) > 100
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in _OURS
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if what.search(line)
    ]
    assert found == []


# -- documentation


def test_what_is_generated_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, "-m", "tools.docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def _anchors(text: str) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = []
    for link in _LINK.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and anchor not in _anchors(path.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_found() -> None:
    """From the README, page by page."""
    seen: set[Path] = set()
    pending = [ROOT / "README.md"]
    while pending:
        page = pending.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        pending += [
            (page.parent / link.partition("#")[0]).resolve()
            for link in _LINK.findall(page.read_text(encoding="utf-8"))
            if "://" not in link
        ]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in seen] == []


def test_commands_in_the_documentation_exist() -> None:
    assert isinstance(cli, click.Group)
    context = click.Context(cli)
    unknown = []
    for page in PAGES:
        for command, rest in re.findall(r"\breliability-lint ([a-z]+)((?: +[^\n`|&]+)?)", page.read_text(encoding="utf-8")):
            found = cli.get_command(context, command)
            if found is None:
                continue  # a sentence that begins with our name
            if isinstance(found, click.Group):
                found = found.get_command(click.Context(found), rest.split()[0]) if rest.split() else found
                assert found is not None, f"{page.name}: {command}{rest}"
            options = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
            unknown += [f"{page.name}: {command} {flag}" for flag in re.findall(r"(?<!\S)--?[a-z][\w-]*", rest) if flag not in options]
    assert unknown == []


_ELLIPSIS = "…"


def test_the_readme_shows_what_is_printed() -> None:
    """The transcript in the README is the command's output, in order, with nothing but whole lines left out."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (transcript,) = re.findall(r"^```\w*\n\$ (reliability-lint check .*?)^```", text, re.MULTILINE | re.DOTALL)
    command, *shown = transcript.rstrip().splitlines()
    arguments = [sys.executable, "-m", "reliability_lint", *command.split()[1:], "--isolated", "--no-cache"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    printed = [_timeless(line) for line in done.stdout.splitlines()]
    at = 0
    for line in map(_timeless, shown):
        if line == _ELLIPSIS:
            continue
        assert line in printed[at:], f"not printed, or not in this order: {line!r}"
        at = printed.index(line, at) + 1


def _timeless(line: str) -> str:
    """A line without how long the run took, and without the space at its end."""
    return re.sub(r"\b\d+(?:\.\d+)? ?m?s\b", "0 s", line).rstrip()


# -- docs/modelling-libraries.md against the grammar

MODELLING = ROOT / "docs" / "modelling-libraries.md"


def _structs(kind: Any, found: dict[str, type[msgspec.Struct]]) -> dict[str, type[msgspec.Struct]]:
    """Every struct that a model may hold, by name."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind.__name__ in found:
            assert found[kind.__name__] is kind
            return found
        found[kind.__name__] = kind
        for field in msgspec.structs.fields(kind):
            _structs(field.type, found)
        return found
    for inner in getattr(kind, "__args__", ()):
        _structs(inner, found)
    return found


def _own_fields(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The keys of a struct and their types, without those that any parameter has."""
    shared = set(Parameter.__struct_fields__) if issubclass(kind, Parameter) and kind is not Parameter else set()
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind) if field.name not in shared}


def _documented() -> dict[str, list[tuple[str, str]]]:
    """The rows (key, example) of the table under each heading that ends in a struct's name in brackets."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for line in MODELLING.read_text(encoding="utf-8").splitlines():
        heading = re.match(r"#+ .*\((\w+)\)$", line)
        if heading:
            name = heading[1]
            found[name] = []
        elif line.startswith("#"):
            name = ""
        elif name and (row := re.match(r"\| `([^`]+)` \|.*\| `([^`]+)` \|$", line)):
            found[name].append((row[1], row[2]))
    return found


STRUCTS = _structs(Model, {})
each_struct = pytest.mark.parametrize("name", sorted(STRUCTS))


def test_every_table_of_the_grammar_is_documented() -> None:
    assert set(_documented()) == set(STRUCTS)


@each_struct
def test_every_key_is_documented(name: str) -> None:
    assert sorted(key.strip("[]") for key, _ in _documented()[name]) == sorted(_own_fields(STRUCTS[name]))


@each_struct
def test_the_example_of_every_key_is_one(name: str) -> None:
    """It is TOML of the right type; a `[[table]]` has a section of its own."""
    fields = _own_fields(STRUCTS[name])
    wrong = []
    for key, example in _documented()[name]:
        if key.startswith("["):
            assert example.startswith(key)
            continue
        try:
            ((written, value),) = tomllib.loads(example).items()
            msgspec.convert(value, fields[key])
            if written != key:
                wrong.append(f"{key}: {example}: the key is {written}")
        except (ValueError, msgspec.ValidationError) as problem:
            wrong.append(f"{key}: {example}: {problem}")
    assert wrong == []


def test_the_concepts_of_a_callable_are_documented_under_their_keys() -> None:
    """The heading of a concept shows the key under which an entry has it."""
    headings = dict(re.findall(r"^#+ `([\w-]+)` \((\w+)\)$", MODELLING.read_text(encoding="utf-8"), re.MULTILINE))
    keys = {field.encode_name: name for field in msgspec.structs.fields(Entry) for name in _structs(field.type, {}) if name != "Parameter"}
    direct = {
        field.encode_name: next(iter(_structs(field.type, {}))) for field in msgspec.structs.fields(Entry) if _structs(field.type, {})
    }
    assert keys
    assert {key: name for key, name in headings.items() if key in direct} == direct


def test_the_models_in_the_documentation_load() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", MODELLING.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    models = [block for block in blocks if "[tool." not in block]
    assert len(models) >= 2
    for block in models:
        head = "" if re.search(r"^library = ", block, re.MULTILINE) else 'library = "fares"\ndocs = "https://fares.example/timeouts"\n'
        load.parse(head + block, MODELLING.name)


# -- docs/writing-rules.md against the face for rules


def test_the_marks_in_the_documentation_are_those_that_are_read() -> None:
    from reliability_lint.testing import known_marks, marks

    page = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `(# [^`]+)` \|", page, re.MULTILINE)
    assert len(shown) >= 10
    assert [mark for mark in shown if not marks(f"call()  {mark}") and not known_marks(f"call()  {mark}")] == []


def test_the_rule_in_the_documentation_is_one_of_ours() -> None:
    """The walk-through quotes a rule file; what it quotes stands there."""
    page = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    quoted = re.search(r"`(src/reliability_lint/rules/[\w/]+\.py)`[^\n]*\n\n```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert quoted is not None
    assert quoted[2] in (ROOT / quoted[1]).read_text(encoding="utf-8"), (
        f"{quoted[1]} has changed: quote it anew, and read what is said of it"
    )


def test_what_a_rule_may_ask_for_is_documented() -> None:
    """Every place and every concept that `reliability_lint.rule` offers."""
    page = (ROOT / "docs" / "writing-rules.md").read_text(encoding="utf-8")
    asked = [name for name in rule_face.__all__ if isinstance(kind := getattr(rule_face, name), type) and issubclass(kind, Place | Concept)]
    assert len(asked) > 20
    assert [name for name in asked if not re.search(rf"`{name}`", page)] == []
