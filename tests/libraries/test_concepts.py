"""
Every callable of every model, used: it must be reached by code that a user of the library might write, and mean what its model claims.

Nothing of the libraries is needed. The code is written by `substitution.py` from the blocks of `fixtures/concepts`; what is wrong is told with the line
that was written.
"""

from __future__ import annotations

import gc
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from substitution import FIXTURES, World, Writer, worlds

from reliability_lint.concepts import bounds
from reliability_lint.engine.check import examine
from reliability_lint.engine.discover import discover
from reliability_lint.engine.insight import Insight
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.libraries import load
from reliability_lint.libraries.index import Index
from reliability_lint.libraries.schema import Model
from reliability_lint.meanings.explain import known
from reliability_lint.mistake import Mistake
from reliability_lint.testing import compare, compare_known, marks

MODELS = load.shipped()

# Methods of classes that are no modelled types, so that they are known only where they are called on the class itself, and why that is enough. A name
# stands for all that begins with it.
STATIC = {
    "braintree.Configuration.configure": "a class method",
    "neo4j.AsyncGraphDatabase.driver": "a class method",
    "neo4j.GraphDatabase.driver": "a class method",
    "redis.ConnectionPool.from_url": "a class method",
    "redis.asyncio.ConnectionPool.from_url": "a class method",
    "stripe": "resources are classes, and what is asked of them is asked of the class",
    "tortoise.Tortoise": "all of its methods are class methods",
    "valkey.ConnectionPool.from_url": "a class method",
    "valkey.asyncio.ConnectionPool.from_url": "a class method",
}


_STRICTLY, _MARKED = ("REL301", "REL701"), ("REL101", "REL710")


@dataclass
class Outcome:
    """What is wrong with what was written for one library."""

    unreached: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def outcomes_of(models: Sequence[Model], folder: Path, libraries: tuple[str, ...] = (), only: str = "") -> dict[str, Outcome]:
    """What is wrong with each model: they are written out, looked at, and compared, in one folder for each set of versions."""
    found: dict[str, Outcome] = defaultdict(Outcome)
    collecting = gc.isenabled()
    gc.disable()  # trees go as soon as their file is done
    try:
        for number, (world, names) in enumerate(worlds(models)):
            place = folder / f"world{number}"
            place.mkdir()
            writers = _write(world, names if not only else frozenset(name for name in names if name.partition(".")[0] == only), place)
            for path, told in _problems(place, libraries).items():
                outcome = found[writers[path].library]
                outcome.unreached += writers[path].unreached
                outcome.problems += told
    finally:
        if collecting:
            gc.enable()
    return found


def _write(world: World, names: frozenset[str], folder: Path) -> dict[Path, Writer]:
    (folder / "pyproject.toml").touch()
    (folder / "requirements.txt").write_text("".join(f"{name}=={version}\n" for name, version in sorted(world.pins.items())))
    writers = {}
    for library in sorted({name.partition(".")[0] for name in names}):
        claims = [world.claims[name] for name in sorted(names) if name.partition(".")[0] == library]
        # What changes the meaning of every call of its module stands apart.
        for apart in (False, True):
            here = [claim for claim in claims if ("global-timeout" in claim.concepts) == apart]
            if not here:
                continue
            writer = Writer(world, library)
            writer.library_of(here, whole=not apart and not world.partial)
            path = folder / f"use_of_{library}{'_apart' if apart else ''}.py"
            path.write_text(writer.text, encoding="utf-8")
            writers[path.resolve()] = writer
    return writers


def _problems(folder: Path, libraries: tuple[str, ...]) -> dict[Path, list[str]]:
    """
    What differs from the marks, file by file: what is known, and what some rules say. Of calls without a timeout and of tasks only those that are marked are
    looked at, for they are all over the place.
    """
    settings = Settings(root=str(folder), include_tests=True, select=(*_STRICTLY, *_MARKED), libraries=libraries)
    files = discover([str(folder)], Lookup(isolated=True, change=lambda _: settings)).files
    insight = Insight(files)
    problems = {}
    for file in files:
        path = Path(file.path)
        text = path.read_text(encoding="utf-8")
        try:
            with insight.of(file) as prepared:
                told = compare_known(text, *known(prepared.model.meanings, prepared.source))
                report = examine(prepared, prepared.model.sources, settings)
        except Mistake as mistake:  # what was written is no Python: a name that is none, an argument without a name or place
            problems[path] = [str(mistake)]
            continue
        marked = {(mark.line, mark.code) for mark in marks(text)}
        told += compare(text, [one for one in report.diagnostics if one.code in _STRICTLY or (one.region.line, one.code) in marked])
        lines = text.splitlines()
        problems[path] = [_with_code(problem, lines) for problem in told]
    return problems


def _with_code(problem: str, lines: list[str]) -> str:
    number = re.match(r"line (\d+): ", problem)
    return f"{problem}\n    {lines[int(number[1]) - 1].strip()}" if number else problem


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, Outcome]:
    return outcomes_of(MODELS, tmp_path_factory.mktemp("uses"))


each_model = pytest.mark.parametrize("model", [pytest.param(model, id=model.library) for model in MODELS])


@each_model
def test_everything_that_a_model_claims_is_known(model, outcomes):
    problems = outcomes[model.library].problems
    assert not problems, f"{len(problems)} problems\n" + "\n".join(problems[:40])


@each_model
def test_every_callable_is_reached(model, outcomes):
    """A row that fails here wants a `[[type]]` for its class, something that gives an instance of it, or a line in the table above."""
    unreached = outcomes[model.library].unreached
    assert [name for name in unreached if not any(f"{name}.".startswith(f"{listed}.") for listed in STATIC)] == []
    listed = [name for name in STATIC if name.partition(".")[0] == model.library]
    assert [name for name in listed if not any(f"{other}.".startswith(f"{name}.") for other in unreached)] == [], "remove it from the table"


# -- that all this can fail

FARES = """
library = "fares"
docs = "https://fares.example/timeouts"
seen = "2.4"

[[type]]
name = "fares.Client"
made-by = ["fares.connect"]

[[call]]
name = "fares.connect"
wait = { what = "fares request", tier = "always", timeout = { keyword = "timeout", position = 1, default = [{ versions = "<2", value = "never" }, { versions = ">=2", value = 5 }] } }

[[call]]
name = "fares.Client.get"
blocking = { kind = "network" }
wait = { what = "fares request", tier = "always", timeout = { keyword = "timeout", default = "client", none = "default" } }

[[call]]
name = "fares.Client.poll"
versions = "<2"
returns = "fares.Client"
wait = { what = "fares request", tier = "always", timeout = { keyword = "limit", unit = "ms", none = "now" } }
"""


@pytest.fixture
def fares(tmp_path):
    """What is wrong with a model of fares, which may be changed first."""

    def look(old: str = "", new: str = "") -> Outcome:
        assert old in FARES
        path = tmp_path / f"fares{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(FARES.replace(old, new) if old else FARES)
        folder = tmp_path / path.stem
        folder.mkdir()
        return outcomes_of([load.load(path)], folder, (str(path),), "fares")["fares"]

    return look


def test_a_model_is_used_as_it_claims(fares, tmp_path):
    assert fares() == Outcome()
    now = (tmp_path / "fares0" / "world0" / "use_of_fares.py").read_text()
    before = (tmp_path / "fares0" / "world1" / "use_of_fares.py").read_text()
    assert "fares.connect(None, 5)  # bound: finite 5\n" in now
    assert ".get(timeout=None)  # bound: finite\n" in now
    assert ".poll" not in now
    assert ".poll(limit=5)  # bound: finite 0.005\n" in before
    assert ".poll()  # bound: none\n" in before


def test_a_method_of_a_class_that_is_no_type_is_not_reached(fares):
    assert fares('"fares.Client.get"', '"fares.Ticket.get"').unreached == ["fares.Ticket.get"]


def test_a_method_that_hides_behind_an_attribute_is_noticed(fares):
    outcome = fares('made-by = ["fares.connect"]', 'made-by = ["fares.connect"]\nattributes = { get = "fares.Client" }')
    assert any("not fares.Client.get" in problem for problem in outcome.problems)


def test_an_alias_that_leads_away_is_noticed(fares):
    outcome = fares('seen = "2.4"', 'seen = "2.4"\naliases = { "fares.connect" = "fares.join" }')
    assert any("calls fares.join, not fares.connect" in problem for problem in outcome.problems)


@pytest.mark.parametrize(
    ("where", "what", "instead", "said"),
    [
        (bounds, "_word", lambda word: None, "the bound is "),
        (bounds, "_seconds", lambda timeout, value: value, "it ends after 5 s, not 0.005"),
        (Index, "method", lambda self, kind, method: f"{kind}.{method}_", "means nothing, not blocking"),
        (Index, "returns", lambda self, name: "", "is unknown, not fares.Client"),
    ],
    ids=["words", "units", "methods", "results"],
)
def test_what_breaks_is_noticed(fares, monkeypatch, where, what, instead, said):
    monkeypatch.setattr(where, what, instead)
    assert any(said in problem for problem in fares().problems)


def test_the_words_of_the_fixtures_are_explained():
    page = (FIXTURES / "README.md").read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("*.py"))]
    conditions = {word for text in texts for line in re.findall(r"^# when: (.+)$", text, re.MULTILINE) for word in line.split()}
    words = {word for text in texts for word in re.findall(r"\b[A-Z][A-Z_]+\b", re.sub(r'"""[^"]*"""|"[^"]*"', "", text))}
    assert len(conditions) > 10
    assert len(words) > 20
    explained = set(re.findall(r"`[^`]*`", page))
    assert [word for word in sorted(conditions | words) if not any(re.search(rf"\b{word}\b", code) for code in explained)] == []
