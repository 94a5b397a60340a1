"""Options of rules that examples and fixtures, which are checked with the defaults, cannot show."""

from __future__ import annotations

from reliability_lint.testing import check_files

MILD = """
import logging

logger = logging.getLogger(__name__)


def charge(order):
    try:
        bill(order)
    except Exception as failure:
        logger.warning("not charged: %s", failure)
"""


def test_warnings_without_a_traceback_are_found_on_request():
    asked = (("exception-logged-without-traceback", (("warnings", True),)),)
    assert check_files({"a.py": MILD}, ["REL510"])["a.py"] == []
    (found,) = check_files({"a.py": MILD}, ["REL510"], rules=asked)["a.py"]
    assert found.region.line == 11


CONTRACT = """
def charge(amount, currency):
    assert amount > 0, "nothing to charge"
    return amount, currency


def _charge(amount):
    assert amount > 0
    return amount
"""


def test_assertions_about_parameters_are_found_on_request():
    asked = (("assert-for-validation", (("parameters", True),)),)
    assert check_files({"a.py": CONTRACT}, ["REL515"])["a.py"] == []
    (found,) = check_files({"a.py": CONTRACT}, ["REL515"], rules=asked)["a.py"]
    assert (found.region.line, "amount" in found.message) == (3, True)
