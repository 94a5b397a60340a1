"""A report that shows everything once."""

from __future__ import annotations

import pytest
from sample import REPORT

from reliability_lint.diagnostics import Report


@pytest.fixture
def report() -> Report:
    return REPORT
