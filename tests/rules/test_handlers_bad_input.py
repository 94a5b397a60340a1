"""Handlers as nobody has in mind who writes a rule about handlers: every rule of the family stands them, and says of each what is said of it here."""

from pathlib import Path

import pytest

from reliability_lint.api import check_source
from reliability_lint.engine.settings import Settings
from reliability_lint.registry import rules
from reliability_lint.testing import compare, marks

FAMILY = tuple(sorted(code for code, rule in rules().items() if rule.family == "errors"))

HEAD = """
import asyncio
import contextlib
import logging
import traceback

import requests
from flask import Flask

app = Flask(__name__)
logger = logging.getLogger(__name__)
URL = "https://rates.example"
"""

CASES = {
    "a group's handler that loses what is in the group": """
def publish(orders):
    try:
        requests.post(URL, json=orders, timeout=3)
    except* Exception:  # REL509
        pass
""",
    "a group's handler that logs, beside one that raises": """
def publish(orders):
    try:
        requests.post(URL, json=orders, timeout=3)
    except* ValueError as group:
        logger.exception("not published")
    except* OSError as group:
        raise RuntimeError("not published") from group
""",
    "a group's handler that keeps a cancellation": """
async def consume(events):
    while True:
        try:
            await events.get()
        except* asyncio.CancelledError:  # REL517
            logger.info("asked to stop")
""",
    "a group's handler whose text is sent": """
@app.get("/orders")
def orders():
    problem = ""
    try:
        requests.get(URL, timeout=3)
    except* Exception as group:
        problem = str(group)
        logger.exception("no orders: %s", problem)
    return {"problem": problem}  # REL501
""",
    "a handler in a handler: the inner one loses, the outer one raises": """
def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    except Exception:
        try:
            requests.delete(URL, timeout=3)
        except Exception:
            pass
        raise
""",
    "a try in a try: the inner one loses, the outer one never hears of it": """
def publish(order):
    try:
        try:
            requests.post(URL, json=order, timeout=3)
        except Exception:  # REL509
            pass
    except Exception:
        logger.exception("not published")  # REL513
        raise
""",
    "three deep, and each names what it catches alike": """
@app.get("/orders")
def orders():
    try:
        return requests.get(URL, timeout=3).json()
    except Exception as error:
        logger.exception("no orders")
        try:
            return requests.get(URL + "/old", timeout=3).json()
        except ValueError as error:
            logger.warning("no old orders: %s", error, exc_info=True)
            return {"error": "not found"}, 404
        except Exception as error:
            logger.exception("no old orders")
            return {"error": str(error)}, 500  # REL501
""",
    "the name of a handler after the handler": """
@app.get("/orders")
def orders():
    error = "none"
    try:
        requests.get(URL, timeout=3)
    except ValueError as error:
        logger.exception("no orders")
    return {"error": error}
""",
    "a handler in a generator": """
def pages():
    number = 0
    while number < 100:
        try:
            yield requests.get(URL, params={"page": number}, timeout=3).json()
        except Exception:  # REL509
            pass
        number += 1
""",
    "a handler around what a generator is sent": """
def lines():
    while True:
        try:
            line = yield
        except GeneratorExit:
            logger.info("closed")
            raise
        logger.info(line)
""",
    "a handler in an asynchronous generator that lets nobody close it": """
async def events(source):
    while True:
        try:
            yield await source.get()
        except BaseException:  # REL517
            logger.exception("no event")
""",
    "everything is caught in a scope that ends in time, and nobody is told": """
async def consume(events):
    async with asyncio.timeout(5):
        try:
            await events.get()
        except BaseException:  # REL517
            logger.exception("no event")
""",
    "a handler in the body of a class": """
class Rates:
    try:
        initial = requests.get(URL, timeout=3).json()
    except Exception:  # REL509
        initial = None
""",
    "a handler in the body of a class in a function, which raises": """
def made(sku):
    class Rate:
        try:
            value = requests.get(URL, params={"sku": sku}, timeout=3).json()
        except Exception as error:
            raise LookupError(sku) from error

    return Rate
""",
    "a handler at the margin of the file": """
try:
    RATES = requests.get(URL, timeout=3).json()
except Exception:  # REL509
    RATES = None
""",
    "a lambda and a comprehension in a handler": """
def publish(orders):
    try:
        requests.post(URL, json=orders, timeout=3)
    except Exception as error:
        failed = [(lambda one: (one, error))(order) for order in orders]
        logger.exception("not published: %s", failed)
""",
    "a function defined in a handler, which is not what the handler does": """
def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    except Exception:
        def again():
            raise RuntimeError("again")

        return again
""",
    "raise, where there is nothing to raise": """
def fail():
    raise


def fail_in_time():
    if URL:
        raise


raise
""",
    "raise, in a function that a handler calls": """
def again():
    raise


def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    except Exception:
        again()
""",
    "a handler that comes after one that catches everything": """
def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    except Exception:
        logger.exception("not published")  # REL513
        raise
    except requests.RequestException:
        pass
""",
    "a handler behind a return": """
def publish(order):
    return order
    try:
        requests.post(URL, json=order, timeout=3)
    except Exception:  # REL509
        pass
""",
    "a try that cannot fail": """
def publish(order):
    try:
        pass
    except Exception:
        pass
    try:
        ...
    except BaseException:
        raise
""",
    "a handler behind a loop that never ends": """
def publish(orders):
    while True:
        orders.sort()
    try:
        requests.post(URL, json=orders, timeout=3)
    except Exception as error:
        raise
        logger.exception("not published: %s", error)
""",
    "a try in a finally": """
def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    finally:
        try:
            requests.delete(URL, timeout=3)
        except Exception:
            pass
""",
    "a try in a finally that returns": """
def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    finally:
        try:
            return requests.delete(URL, timeout=3)  # REL514
        except Exception:
            logger.exception("not deleted")
            return None  # REL514
""",
    "a try in a finally in a finally": """
async def publish(order, events):
    try:
        await events.put(order)
    finally:
        try:
            await events.join()
        finally:
            try:
                await events.close()
            except asyncio.CancelledError:
                logger.info("asked to stop")
            await events.wait_closed()
""",
    "a bare except, a tuple of nothing, and a star in a tuple": """
EXPECTED = (ValueError, KeyError)


def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    except ():
        pass
    except (*EXPECTED, OSError):  # REL509
        pass
    except:  # REL509
        pass
""",
    "what is caught by nothing is sent": """
@app.get("/orders")
def orders():
    try:
        return requests.get(URL, timeout=3).json()
    except () as error:
        return {"error": str(error)}, 500
""",
    "lists that are put into each other": """
@app.get("/orders")
def orders():
    first, second, third = [], [], []
    rows = []
    columns = []
    for number in range(10):
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns)
        columns.append(rows)
        rows.append(columns[number])
    try:
        rows.append(requests.get(URL, timeout=3).json())
        columns.append(rows)
    except Exception as error:
        logger.exception("no orders")
        columns.append(str(error))
    return {"columns": columns}  # REL501
""",
    "exceptions that are worked out": """
def publish(order, errors):
    try:
        requests.post(URL, json=order, timeout=3)
    except errors[0]:
        pass
    except tuple(errors):
        pass
    except getattr(requests, "Timeout"):
        pass
    except (lambda: OSError)():  # REL509
        pass
    except "not an exception":
        pass
""",
    "suppress with nothing, with everything, and in a stack": """
def publish(order, *errors):
    with contextlib.suppress():
        requests.post(URL, json=order, timeout=3)
    with contextlib.suppress(*errors):
        requests.post(URL, json=order, timeout=3)
    with contextlib.ExitStack() as stack, contextlib.suppress(Exception):  # REL509
        requests.post(URL, json=order, timeout=3)
""",
    "everything on one line": """
def publish(order):
    try: requests.post(URL, json=order, timeout=3)
    except Exception: pass  # REL509


def rate(sku):
    try: return requests.get(URL, timeout=3)
    except Exception as error: raise RuntimeError(sku) from error
    else: pass
    finally: pass
""",
    "a handler that only calls itself": """
def publish(order):
    try:
        requests.post(URL, json=order, timeout=3)
    except Exception:
        publish(order)
""",
    "a name that holds itself, and one that is bound everywhere": """
@app.get("/orders")
def orders():
    problems = []
    problem = problem = ""
    try:
        requests.get(URL, timeout=3)
    except Exception as problem:
        problems.append(problems)
        problems = problem = problems
        logger.exception("no orders")
    return {"problem": problem, "problems": problems}
""",
    "a trace of a trace of a trace": """
@app.get("/orders")
def orders():
    try:
        return requests.get(URL, timeout=3).json()
    except Exception as error:
        text = traceback.format_exc()
        text += text
        text = f"{text}{text}"
        logger.exception("no orders")
        return {"text": text}, 500  # REL502
""",
    "match in a handler, and a handler in a match": """
@app.get("/orders")
def orders():
    try:
        return requests.get(URL, timeout=3).json()
    except Exception as error:
        logger.exception("no orders")
        match error:
            case requests.Timeout():
                return {"error": str(error)}, 504
            case _:
                try:
                    return requests.get(URL + "/old", timeout=3).json()
                except Exception as inner:
                    logger.exception("no old orders")
                    return {"error": "no orders"}, 500
""",
}


def _found(tmp_path: Path, text: str, *codes: str):
    path = tmp_path / "orders.py"
    path.write_text(text, encoding="utf-8")
    return check_source(text, str(path), Settings(root=str(tmp_path), select=codes)).diagnostics


@pytest.mark.parametrize("case", CASES)
def test_what_the_family_says(tmp_path, case):
    text = HEAD + CASES[case]
    problems = compare(text, _found(tmp_path, text, *FAMILY))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("code", FAMILY)
def test_one_rule_alone(tmp_path, code):
    """Nothing that a rule finds depends on the others, and none falls over anything."""
    for case, text in CASES.items():
        found = [(one.code, one.region.line) for one in _found(tmp_path, HEAD + text, code)]
        marked = [(mark.code, mark.line) for mark in marks(HEAD + text) if mark.code == code]
        assert found == marked, case


def test_all_in_one_file(tmp_path):
    text = HEAD + "".join(CASES.values())
    problems = compare(text, _found(tmp_path, text, *FAMILY))
    assert not problems, "\n".join(problems)


def test_the_family_is_there():
    assert {"REL501", "REL502", "REL503", "REL509", "REL517", "REL530"} <= set(FAMILY)
    assert {mark.code for case in CASES.values() for mark in marks(case)} >= {"REL501", "REL502", "REL509", "REL514", "REL517"}
