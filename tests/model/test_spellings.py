"""What is found does not depend on how an import calls what it brings, nor on decorators that only mark a function."""

from __future__ import annotations

import pytest

from reliability_lint.testing import check_files, compare

RENAMED = {
    "REL302": """
from typing import Literal as OneOf
import typing as t
import psycopg2

def orders(cursor: psycopg2.extensions.cursor, order: OneOf["asc", "desc"], other: t.Literal["asc", "desc"], sort):
    cursor.execute(f"SELECT id FROM orders ORDER BY placed {order}")
    cursor.execute(f"SELECT id FROM orders ORDER BY placed {other}")
    cursor.execute(f"SELECT id FROM orders ORDER BY {sort}")  # REL302
""",
    "REL109": """
import contextlib
import redis
from redis.exceptions import TimeoutError as Slow

r = redis.Redis(socket_timeout=5)

def work():
    with contextlib.suppress(Slow):
        r.blpop("jobs", timeout=30)
    with contextlib.suppress(ValueError):
        r.blpop("jobs", timeout=30)  # REL109
""",
    "REL139": """
from kombu import Connection, Consumer as Receiver

def on_return(body, message):
    try:
        take_back(body)
    except Exception:
        message.reject(requeue=True)  # REL139

def consume(url):
    with Connection(url) as connection:
        Receiver(connection.channel(), ["returns"], callbacks=[on_return]).consume()
""",
    "REL170": """
from django.http import HttpRequest as Asked, HttpResponse

def readiness(request: Asked):
    return HttpResponse("ok")  # REL170
""",
}


@pytest.mark.parametrize("code", RENAMED)
def test_renamed_by_an_import(code):
    assert compare(RENAMED[code], check_files({"views.py": RENAMED[code]}, [code])["views.py"]) == []


def test_a_helper_of_another_file_renamed_by_an_import():
    files = {
        "shop/errors.py": "def describe(error):\n    return f'failed: {error}'\n",
        "shop/api.py": (
            "from fastapi import APIRouter, HTTPException\nfrom shop.errors import describe as told\n\nrouter = APIRouter()\n\n"
            "@router.get('/orders')\ndef orders():\n    try:\n        return search()\n    except Exception as error:\n"
            "        raise HTTPException(500, detail=told(error)) from error  # REL501\n"
        ),
    }
    assert compare(files["shop/api.py"], check_files(files, ["REL501"])["shop/api.py"]) == []


MARKED = {
    "REL101": """
import typing
import requests

@typing.no_type_check
def shared():
    return requests.Session()

def price(sku):
    return shared().get(sku)  # REL101
""",
    "REL133": """
import itertools
import typing
import stamina

@stamina.retry(on=OSError)  # REL133
@typing.final
def pages():
    for number in itertools.count(1):
        yield fetch(number)
""",
    "REL170": """
import typing
from fastapi import FastAPI

app = FastAPI()

@app.get("/readyz")
@typing.no_type_check
def readyz():
    return {"status": "ok"}  # REL170
""",
    "REL705": """
import requests
from fastapi import FastAPI
from typing_extensions import deprecated

app = FastAPI()

@app.get("/prices")
@deprecated("ask for /rates")
async def prices():  # REL705
    return requests.get("https://rates.example", timeout=3).json()
""",
    "REL720": """
import typing
import time

@typing.no_type_check
def main():
    try:
        while True:
            time.sleep(1)
            work()
    except KeyboardInterrupt:  # REL720
        close_everything()

if __name__ == "__main__":
    main()
""",
}


@pytest.mark.parametrize("code", MARKED)
def test_decorators_that_only_mark(code):
    files = {"views.py": MARKED[code], "requirements.txt": "stamina==26.1.0\n"}
    assert compare(MARKED[code], check_files(files, [code])["views.py"]) == []
