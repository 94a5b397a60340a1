"""What fixes make of bad code: as the docstrings show it, and as fixtures have it."""

from pathlib import Path

import pytest

from reliability_lint.registry import rules
from reliability_lint.testing import different, fixed_examples, fixed_files, run_fixed

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CHECKED = [rule for rule in rules().values() if rule.check is not None]
CASES = [(rule, bad, fixed, number) for rule in CHECKED for number, (bad, fixed) in enumerate(fixed_examples(rule))]
REPAIRED = sorted(FIXTURES.rglob("*.fixed.py"))


@pytest.mark.parametrize(("rule", "bad", "fixed"), [pytest.param(r, b, f, id=f"{r.code}-{r.name}-{n}") for r, b, f, n in CASES])
def test_example(rule, bad, fixed):
    assert bad.kind == "Bad", "a block 'Fixed:' follows the code that is fixed"
    problems = run_fixed(rule, bad, fixed)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(FIXTURES))) for path in REPAIRED])
def test_fixture(path):
    """The fixture beside it with all fixes made; made once more, they change nothing."""
    (rule,) = [rule for rule in CHECKED if rule.name.replace("-", "_") == path.parent.name]
    wanted = path.read_text(encoding="utf-8")
    bad = path.with_name(path.name.removesuffix(".fixed.py") + ".py").read_text(encoding="utf-8")
    versions = path.with_name("requirements.txt")
    others = {versions.name: versions.read_text(encoding="utf-8")} if versions.is_file() else {}
    assert different(fixed_files({"service.py": bad, **others}, (rule.code,))[0], {"service.py": wanted, **others}) == []
    assert fixed_files({"service.py": wanted, **others}, (rule.code,))[0]["service.py"] == wanted


RULE_MODULES = sorted((Path(__file__).parent.parent.parent / "src" / "reliability_lint" / "rules").rglob("*.py"))


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in CHECKED])
def test_a_rule_that_gives_a_fix_shows_it(rule):
    (module,) = [path for path in RULE_MODULES if path.stem == rule.name.replace("-", "_") and path.parent.name == rule.family]
    gives = "Fix(" in module.read_text(encoding="utf-8")
    assert bool(list(fixed_examples(rule))) is gives
