"""Every fixture: its marks against its findings. A folder of a family holds files about one rule each; `shop` is a whole service."""

from pathlib import Path

import msgspec
import pytest

from reliability_lint.api import check_paths
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.registry import rules
from reliability_lint.testing import compare, known_problems, marks
from tools.comparison import RULES, cases

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
# Services of several files; blocks that are written out for every library model, what other linters say too, and what astroid adds under pylint, in tests
# of their own; and hazards on
# which linters are compared. `traps` holds what looks like a failure that is handled badly and is not.
WHOLE = tuple(FIXTURES / name for name in ("traps", "shop", "projects", "concepts", "hazards", "peers", "astroid"))
FOLDERS = sorted({path.parent for path in FIXTURES.rglob("*.py")} - {path.parent for whole in WHOLE for path in whole.rglob("*.py")})
PROJECTS = sorted(path for path in (FIXTURES / "projects").iterdir() if path.is_dir())


def _problems(folder: Path, **settings) -> list[str]:
    report = check_paths(
        [str(folder)], Lookup(isolated=True, change=lambda one: Settings(root=str(folder), include_tests=True, **settings))
    )
    found = {}
    for diagnostic in report.diagnostics:
        found.setdefault(Path(diagnostic.region.path).resolve(), []).append(diagnostic)
    known = known_problems(folder.resolve())
    return [
        f"{path.relative_to(FIXTURES)}: {problem}"
        for path in (sorted(folder.rglob("*.py")) if folder.is_dir() else [folder])
        for problem in (*compare(path.read_text(encoding="utf-8"), found.get(path.resolve(), [])), *known.get(path.resolve(), ()))
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(FIXTURES)))
def test_fixture_folder(folder):
    """A folder named after a rule is checked with that rule alone; the marks in it are of that rule."""
    name = folder.name.replace("_", "-")
    rule = next((rule for rule in rules().values() if rule.name == name), None)
    assert rule is not None, f"{folder} is not named after a rule"
    assert {mark.code for path in folder.glob("*.py") for mark in marks(path.read_text(encoding="utf-8"))} <= {rule.code}
    assert not (problems := _problems(folder, select=(rule.code,))), "\n".join(problems)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_project(folder):
    """
    A project shows what crosses files. It is checked with the recommended rules; besides the findings, the places in other files that explain them
    are marked, with `# chain`.
    """
    assert not (problems := _problems(folder)), "\n".join(problems)
    report = check_paths([str(folder)], Lookup(isolated=True, change=lambda one: Settings(root=str(folder))))
    chained = {
        (Path(related.region.path).resolve(), related.region.line)
        for diagnostic in report.diagnostics
        for related in diagnostic.related
        if related.region.path != diagnostic.region.path
    }
    marked = {
        (path.resolve(), number)
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.endswith("# chain")
    }
    assert chained == marked


TRAPS = sorted((FIXTURES / "traps").glob("*.py"))


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.stem)
def test_trap(path):
    """What other linters get wrong about handlers: nothing is said of it, by any rule of the family, and of what stands beside it something is."""
    family = tuple(code for code, rule in rules().items() if rule.family == "errors" and rule.set == "recommended")
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""Trap: ')
    assert marks(text)
    assert not (problems := _problems(path, select=family)), "\n".join(problems)


def test_hazards():
    """What the rules about waiting, repeating and the event loop say of the functions on which linters are compared."""
    assert not (problems := _problems(FIXTURES / "hazards", select=RULES)), "\n".join(problems)


def test_the_page_has_every_hazard():
    page = (FIXTURES.parent / "docs" / "comparison.md").read_text(encoding="utf-8")
    assert [case.title for case in cases() if f"| {case.title} |" not in page] == []


def test_shop_before_has_its_defects():
    assert not (problems := _problems(FIXTURES / "shop" / "before", preset="strict")), "\n".join(problems)


def test_shop_after_has_none():
    report = check_paths(
        [str(FIXTURES / "shop" / "after")], Lookup(isolated=True, change=lambda one: msgspec.structs.replace(one, preset="strict"))
    )
    assert not report.diagnostics
    assert report.checked > 15
