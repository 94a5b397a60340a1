"""What counts as telling somebody of a failure counts for every rule that asks: loggers, trackers, spans, and what settings name."""

from __future__ import annotations

import pytest

from reliability_lint.testing import check_files

# The model of a tracker of one's own, as settings name it.
TOWER = """
library = "watchtower"
docs = "https://watchtower.example/api"
seen = "1.0"

[[call]]
name = "watchtower.tell"
log = { level = "exception" }
"""

HEAD = """
import logging
import traceback

import requests
import sentry_sdk
import structlog
import watchtower
from celery.utils.log import get_task_logger
from fastapi.logger import logger as fastapi_logger
from flask import Flask, current_app
from loguru import logger as loguru_logger
from opentelemetry import trace

app = Flask(__name__)
logger = logging.getLogger(__name__)
django_logger = logging.getLogger("django.request")
struct_logger = structlog.get_logger()
task_logger = get_task_logger(__name__)
span = trace.get_current_span()


def receive(order):
    logger.info("received %s", order)
"""

WAYS = {
    "standard": 'logger.exception("not sent")',
    "asked for": 'logger.warning("not sent", exc_info=True)',
    "django": 'django_logger.error("not sent", exc_info=failure)',
    "flask": 'app.logger.exception("not sent")',
    "flask, current": 'current_app.logger.exception("not sent")',
    "fastapi": 'fastapi_logger.exception("not sent")',
    "celery": 'task_logger.exception("not sent")',
    "structlog": 'struct_logger.exception("not_sent")',
    "loguru": 'loguru_logger.exception("not sent")',
    "loguru, options": 'loguru_logger.opt(exception=True).error("not sent")',
    "sentry": "sentry_sdk.capture_exception(failure)",
    "sentry, in flight": "sentry_sdk.capture_exception()",
    "sentry, scope": "sentry_sdk.get_current_scope().capture_exception()",
    "opentelemetry": "span.record_exception(failure)",
    "interpreter": "traceback.print_exc()",
    "settings": "watchtower.tell()",
}

# A handler for each rule that a report silences; `{report}` is where it stands.
SILENCED = {
    "REL509": """
def send(order):
    try:
        requests.post(URL, json=order, timeout=3)
    except Exception as failure:
        {report}
""",
    "REL160": """
def orders():
    try:
        return requests.get(URL, timeout=3).json()
    except Exception as failure:
        {report}
        return []
""",
    "REL510": """
def send(order):
    try:
        prepare(order)
        post(order)
    except Exception as failure:
        logger.error("not sent: %s", failure)
        {report}
""",
    "REL511": """
def send(order):
    try:
        post(order)
    except ValueError as failure:
        print("not sent", failure)
        {report}
""",
    "REL527": """
def send(order):
    try:
        post(order)
    except Exception as failure:
        print("not sent")
        {report}
""",
}

# And for each that looks for who keeps what is to end the program: to report it is not to let it go.
KEPT = {
    "REL507": """
def send(order):
    try:
        post(order)
    except:
        failure = None
        {report}
""",
    "REL518": """
def send(order):
    try:
        post(order)
    except BaseException as failure:
        {report}
""",
}


def _found(rule, handler, report, tmp_path):
    model = tmp_path / "watchtower.toml"
    model.write_text(TOWER)
    text = HEAD + handler.format(report=report)
    return [one.code for one in check_files({"sending.py": text}, [rule], libraries=(str(model),))["sending.py"]]


@pytest.mark.parametrize("rule", SILENCED)
def test_they_speak_where_nothing_is_reported(rule, tmp_path):
    nothing = 'print("at all")' if rule == "REL527" else "pass"  # that rule is about handlers that do nothing but print
    assert _found(rule, SILENCED[rule], nothing, tmp_path) == [rule]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rule", SILENCED)
def test_a_report_is_enough(rule, way, tmp_path):
    assert _found(rule, SILENCED[rule], WAYS[way], tmp_path) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rule", KEPT)
def test_what_is_reported_is_kept_all_the_same(rule, way, tmp_path):
    assert _found(rule, KEPT[rule], WAYS[way], tmp_path) == [rule]
