"""We hold ourselves to what we ask of others."""

from __future__ import annotations

from pathlib import Path

from reliability_lint.api import check_paths
from reliability_lint.diagnostics import Report
from reliability_lint.engine.settings import Lookup, Settings

ROOT = Path(__file__).resolve().parent.parent


def _report(*folders: str, **settings: object) -> Report:
    def change(found: Settings) -> Settings:
        return Settings(root=found.root, **settings)  # type: ignore[arg-type]

    return check_paths([str(ROOT / folder) for folder in folders], Lookup(isolated=True, change=change), jobs=2)


def test_nothing_is_found_in_our_own_code_and_nothing_silenced() -> None:
    report = _report("src/reliability_lint", preset="audit", include_tests=True)
    assert report.checked > 80
    assert report.diagnostics == ()
    assert report.suppressed == ()


def test_no_rule_fails_on_anything_in_the_repository() -> None:
    """With every rule, on every file: ours, tests and fixtures."""
    report = _report("src", "tests", "tools", "fixtures", select=("all",), include_tests=True)
    assert report.checked > 150
    assert report.rules >= 10
    assert [one for one in report.diagnostics if one.code in ("REL000", "REL001")] == []
