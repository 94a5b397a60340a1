"""What `python -m tools.coverage` counts: a small project in which every call is a case of its docstring."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FILES = {
    "pyproject.toml": "",
    "shop/__init__.py": "",
    "shop/cache.py": """
import redis

cache = redis.Redis()


def fresh():
    return cache


def found():
    return registry["cache"]


class Stock:
    def get(self, sku):
        return cache.get(sku)
""",
    "shop/orders.py": """
from shop.cache import Stock, cache, found, fresh

stock_cache = Stock()


def orders(client, row, prices: dict, gateway):
    cache.hset("orders", "1", "2")
    fresh().hget("orders", "1")
    found().hget("orders", "1")
    client.get("orders")
    client.hgetall("orders")
    gateway.hgetall("orders")
    row.get("price")
    prices.get("price")
    {}.get("price")
    "r".get("price")
    stock_cache.get("sku")
    gateway.get("price")
""",
    "shop/rates.py": """
def rates(redis):
    return redis.get("rates")
""",
    "tests/test_orders.py": "from shop.cache import found\n\n\ndef test_it():\n    found().hget('a', 'b')\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def coverage(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "tools.coverage", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def row(out: str, library: str) -> list[str]:
    found = re.search(rf"^{library} .*$", out, re.MULTILINE)
    assert found is not None, out
    return found[0].split()


def test_what_is_counted(project):
    """
    Known: making the client, `hset`, `hget` of fresh(), `get` in Stock. A function of the project's own: Stock.get(). Not known: `hget` of found(), `get`
    and `hgetall` of a client, `hgetall` of a gateway. Nothing else looks like a call of the library; rates.py does not import it.
    """
    out = coverage(str(project))
    assert row(out, "redis") == ["redis", "cache", "9", "4", "1", "4", "55.6", "%"]
    assert "5/9 = 55.6 %" in out
    assert re.search(r"^ +3  a parameter without annotation: client 2, gateway 1$", out, re.MULTILINE)
    assert re.search(r"^ +1  the result of a call that is not known: shop\.cache\.found\(\) 1$", out, re.MULTILINE)


def test_tests_count_where_everything_does(project):
    assert row(coverage(str(project), "--everything"), "redis")[2:6] == ["10", "4", "1", "5"]


def test_a_sample_is_shown(project):
    out = coverage(str(project), "--show", "cache", "--sample", "2", "--seed", "1")
    assert "2 of 4 unknown calls of cache, seed 1" in out
    assert len(re.findall(r"shop/orders\.py:\d+: [\w.()]+\(\)  redis  [\w ]+: ", out)) == 2
    assert out == coverage(str(project), "--show", "redis", "--sample", "2", "--seed", "1").replace("of redis, seed", "of cache, seed")
