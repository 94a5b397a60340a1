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


SENT = """
from fastapi import FastAPI, HTTPException

from shop.errors import Declined, NotSaved, OutOfStock
from shop.storage import place

app = FastAPI()


@app.post("/orders")
def create(order):
    try:
        place(order)
        order.sent = True
        return order
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    except LookupError as error:
        raise HTTPException(502, str(error)) from error
    except OutOfStock as error:
        raise HTTPException(500, str(error)) from error
    except Declined as error:
        raise HTTPException(402, str(error)) from error
    except NotSaved as error:
        raise HTTPException(503, str(error)) from error
    except Exception as error:
        raise HTTPException(409, str(error)) from error
"""

SHOP = {
    "pyproject.toml": "",
    "shop/__init__.py": "",
    "shop/errors.py": """
class OutOfStock(Exception): ...
class NotSaved(Exception): ...
class Declined(NotSaved): ...
""",
    "shop/storage.py": """
import redis

from shop.errors import Declined, NotSaved, OutOfStock

def place(order, store=redis.Redis()):
    if not order.lines:
        raise OutOfStock("nothing is ordered")
    try:
        store.set(order.number, order.lines)
    except redis.RedisError as error:
        if order.paid:
            raise Declined(f"declined: {error}") from error
        raise NotSaved(f"not saved: {error}") from error
""",
    "shop/api.py": SENT,
}


def _sent(**options):
    rules = (("exception-detail-in-response", tuple(options.items())),)
    return [(one.region.line, one.severity) for one in check_files(SHOP, ["REL501"], rules=rules)["shop/api.py"]]


def test_what_is_sent_is_graded_by_status_and_class_and_whether_it_was_written_for_clients():
    """A project's own exception counts as written for clients until one is seen that quotes another."""
    assert _sent() == [(23, "warning"), (25, "warning"), (27, "error")]
    assert _sent(client_errors=True) == [(17, "warning"), (19, "error"), (23, "warning"), (25, "warning"), (27, "error")]


def test_exceptions_that_are_written_for_clients_are_known_by_name_and_with_all_that_derive_from_them():
    assert _sent(public_exceptions=("shop.errors.Declined",)) == [(25, "warning"), (27, "error")]
    assert _sent(public_exceptions=("NotSaved",)) == [(27, "error")]
    assert _sent(public_exceptions=("ValueError",), client_errors=True) == [(19, "error"), (23, "warning"), (25, "warning"), (27, "error")]
    assert _sent(public_exceptions=("errors.NotSaved", "Saved")) == _sent()


LOST = """
import requests


def publish(order):
    try:
        requests.post("https://shop.example", json=order, timeout=3)
    except Exception:
        pass  # the next order will tell


def retract(order):
    try:
        requests.delete("https://shop.example", timeout=3)
    except Exception:
        pass
"""


def test_a_comment_makes_a_lost_failure_a_choice_that_is_noted_on_request():
    asked = (("swallowed-exception", (("explained", True),)),)
    assert [(one.region.line, one.severity) for one in check_files({"a.py": LOST}, ["REL509"])["a.py"]] == [(15, "warning")]
    found = check_files({"a.py": LOST}, ["REL509"], rules=asked)["a.py"]
    assert [(one.region.line, one.severity) for one in found] == [(8, "note"), (15, "warning")]


def test_a_lost_failure_is_graver_where_somebody_waits_or_a_transaction_goes_on():
    """Of what a library sums up in one error, no more is known than that."""
    text = """
import requests
from django.db import transaction
from flask import Flask

app = Flask(__name__)


@app.post("/orders")
def waited_for():
    try:
        requests.post("https://shop.example", timeout=3)
    except Exception:
        pass
    try:
        requests.post("https://shop.example", timeout=3)
    except requests.RequestException:
        pass


def in_a_transaction(order):
    with transaction.atomic():
        order.save()
        try:
            requests.post("https://shop.example", timeout=3)
        except Exception:
            pass


def elsewhere(order):
    with order.lock():
        try:
            requests.post("https://shop.example", timeout=3)
        except Exception:
            pass
"""
    found = check_files({"a.py": text}, ["REL509"])["a.py"]
    assert [(one.region.line, one.severity) for one in found] == [(13, "error"), (17, "warning"), (26, "error"), (34, "warning")]
