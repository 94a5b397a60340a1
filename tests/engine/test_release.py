"""Trees go as soon as their file is done, without the help of the garbage collector, which is off in a run."""

import gc
from pathlib import Path

import libcst as cst
import pytest

from reliability_lint.engine.checker import Checker
from reliability_lint.engine.discover import discover
from reliability_lint.engine.settings import Lookup

FIXTURES = Path(__file__).parents[2] / "fixtures"


def modules():
    return sum(type(one) is cst.Module for one in gc.get_objects())


@pytest.mark.parametrize("folder", ["shop/before", "projects", "api", "data", "resilience"])
def test_no_tree_outlives_the_check_of_its_file(folder):
    checker = Checker()
    files = discover([str(FIXTURES / folder)], Lookup(isolated=True)).files
    for found in files:
        checker.expect(found)
    gc.collect()
    before = modules()
    gc.disable()
    try:
        for found in files:
            report = checker.check(found)
            assert report.diagnostics == () or all(one.code != "REL000" for one in report.diagnostics)
            kept = sum(checker.keeps(one.path) for one in files)
            assert modules() - before <= kept, found.path
    finally:
        gc.enable()
