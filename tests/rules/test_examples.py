"""Every example in the docstring of every rule: what is marked is found, and nothing else."""

import pytest

from reliability_lint.registry import rules
from reliability_lint.testing import Example, examples, run_example

CASES = [(rule, example, number) for rule in rules().values() if rule.check is not None for number, example in enumerate(examples(rule))]


@pytest.mark.parametrize(("rule", "example"), [pytest.param(r, e, id=f"{r.code}-{r.name}-{e.kind}-{n}") for r, e, n in CASES])
def test_example(rule, example: Example):
    problems = run_example(rule, example)
    assert not problems, "\n".join(problems)
