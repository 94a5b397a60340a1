"""What the models say of connections, transactions, pools and caches, as a rule would ask for it."""

from textwrap import dedent

import pytest

from reliability_lint.concepts.bounds import Bound, bound, find
from reliability_lint.concepts.data import CacheWrite, Commit, Connection, OnExit, Pool, Rollback, Transaction, Write
from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.load import ModelError, parse
from reliability_lint.libraries.versions import Versions
from reliability_lint.meanings.match import Meanings
from reliability_lint.model.build import build
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.model.values import Constant
from reliability_lint.syntax.tree import parse as parse_code


def meanings(code, index=None):
    index = index or index_for(Versions())
    return Meanings(build(SemanticModel(parse_code(dedent(code)), index, module_name="shop.orders")), index)


def last(code, kind):
    """What the last call of a module means as a concept; in a chain that is the whole, which begins first."""
    return meanings(code).of(kind)[0]


@pytest.mark.parametrize(
    ("code", "commits", "rolls_back", "closes"),
    [
        ("import sqlite3\nsqlite3.connect('shop.db')", "yes", "yes", "no"),
        ("import aiosqlite\naiosqlite.connect('shop.db')", "no", "no", "yes"),
        ("import psycopg2\npsycopg2.connect('')", "yes", "yes", "no"),
        ("import psycopg\npsycopg.connect('')", "yes", "yes", "yes"),
        ("from psycopg_pool import ConnectionPool\nConnectionPool('').connection()", "yes", "yes", "yes"),
        ("import pymysql\npymysql.connect()", "no", "no", "yes"),
        ("import aiomysql\naiomysql.connect()", "no", "no", "yes"),
        ("import aiomysql\nasync def f(pool: aiomysql.Pool):\n    pool.acquire()", "no", "no", "yes"),
        ("import asyncpg\nasync def f(pool: asyncpg.Pool):\n    pool.acquire()", "no", "no", "yes"),
        ("import asyncpg\nasync def f(one: asyncpg.Connection):\n    one.transaction()", "yes", "yes", "no"),
        ("import psycopg\ndef f(one: psycopg.Connection):\n    one.transaction()", "yes", "yes", "no"),
        ("import databases\ndatabases.Database('').transaction()", "yes", "yes", "no"),
        ("import sqlalchemy\nsqlalchemy.create_engine('').connect()", "no", "yes", "yes"),
        ("import sqlalchemy\nsqlalchemy.create_engine('').begin()", "yes", "yes", "yes"),
        ("from sqlalchemy.orm import Session\nSession()", "no", "yes", "yes"),
        ("from sqlalchemy.orm import sessionmaker\nsessionmaker()()", "no", "yes", "yes"),
        ("from sqlalchemy.orm import sessionmaker\nsessionmaker().begin()", "yes", "yes", "yes"),
        ("from sqlalchemy.orm import Session\nSession().begin()", "yes", "yes", "no"),
        ("import peewee\npeewee.SqliteDatabase('shop.db')", "yes", "yes", "yes"),
        ("import peewee\npeewee.SqliteDatabase('shop.db').atomic()", "yes", "yes", "no"),
        ("from django.db import transaction\ntransaction.atomic()", "yes", "yes", "no"),
        ("from tortoise.transactions import in_transaction\nin_transaction()", "yes", "yes", "no"),
    ],
)
def test_what_leaving_a_block_does(code, commits, rolls_back, closes):
    _, found = last(code, OnExit)
    assert (found.commits, found.rolls_back, found.closes) == (commits, rolls_back, closes)


@pytest.mark.parametrize(
    ("code", "autocommit"),
    [
        ("import asyncpg\nasyncpg.connect()", "yes"),
        ("import pymysql\npymysql.connect()", "no"),
        ("import psycopg\npsycopg.connect('')", "no"),
        ("import sqlalchemy\nsqlalchemy.create_engine('').connect()", "unknown"),
        ("import aiopg\naiopg.connect('')", "yes"),
    ],
)
def test_whether_a_statement_is_kept_by_itself(code, autocommit):
    assert last(code, Connection)[1].autocommit == autocommit


@pytest.mark.parametrize(("version", "autocommit"), [("1.4.54", "yes"), ("2.0.43", "no")])
def test_an_old_connection_committed_by_itself(version, autocommit):
    index = index_for(Versions((("sqlalchemy", f"=={version}"),)))
    _, found = meanings("import sqlalchemy\nsqlalchemy.create_engine('').connect()", index).of(Connection)[-1]
    assert found.autocommit == autocommit


def test_an_argument_may_say_so():
    call, found = last("import pymysql\npymysql.connect(autocommit=True)", Connection)
    assert find(found.told_by, call.made) == Constant(True)


def test_transactions_begin_at_the_call_or_with_the_block():
    assert last("from django.db import transaction\ntransaction.atomic()", Transaction)[1] == Transaction(block=True)
    assert last("from sqlalchemy.orm import Session\nSession().begin()", Transaction)[1] == Transaction()
    assert last("from sqlalchemy.orm import Session\nSession().begin_nested()", Transaction)[1] == Transaction(savepoint=True)
    found = meanings("from django.db import transaction\n@transaction.atomic\ndef pay():\n    pass")
    assert [call.decorated.name for call, _ in found.of(Transaction)] == ["pay"]


def test_transactions_end():
    found = meanings("from sqlalchemy.orm import Session\ns = Session()\ns.commit()\ns.rollback()")
    assert [call.name for kind in (Commit, Rollback) for call, _ in found.of(kind)] == [
        "sqlalchemy.orm.Session.commit",
        "sqlalchemy.orm.Session.rollback",
    ]


@pytest.mark.parametrize(
    ("code", "write"),
    [
        ("from sqlalchemy.orm import Session\nSession().add(1)", Write(kind="upsert", deferred=True)),
        ("from django.db.models import Manager\nManager().bulk_create([])", Write(kind="insert", many=True)),
        ("import pymongo\npymongo.MongoClient()['shop']['orders'].delete_many({})", Write(kind="delete", many=True)),
        ("import peewee\nclass Order(peewee.Model):\n    pass\nOrder().save()", Write(kind="upsert")),
    ],
)
def test_what_is_written(code, write):
    assert last(code, Write)[1] == write


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "import sqlalchemy\nsqlalchemy.create_engine('')",
            {"size": 5, "overflow": 10, "wait": 30, "recycle": "unlimited", "pre_ping": False},
        ),
        ("import asyncpg\nasyncpg.create_pool('')", {"size": 10, "limit": 10}),
        ("from psycopg_pool import ConnectionPool\nConnectionPool('')", {"size": 4, "wait": 30, "recycle": 3600}),
        ("import aiomysql\naiomysql.create_pool()", {"size": 1, "limit": 10, "recycle": "unlimited"}),
    ],
)
def test_defaults_of_pools(code, expected):
    pool = last(code, Pool)[1]
    assert {key: getattr(pool, key).default for key in expected} == expected


def test_lifetimes_in_a_cache():
    found = meanings(
        "from django.core.cache import cache, caches\ncache.set('a', 1)\ncache.set('a', 1, None)\ncaches['b'].add('a', 1, timeout=5)"
    )
    verdicts = [bound(write.lifetime, call.made, found.index) for call, write in found.of(CacheWrite)]
    assert [(verdict.bound, verdict.seconds) for verdict in verdicts] == [(Bound.FINITE, 300), (Bound.NONE, None), (Bound.FINITE, 5)]


def test_an_answer_is_yes_no_or_unknown():
    head = 'library = "depot"\ndocs = "https://depot.example"\n[[call]]\nname = "depot.open"\n'
    assert parse(head + 'on-exit = { commits = "unknown" }', "depot.toml").call[0].on_exit == OnExit()
    with pytest.raises(ModelError, match=r"depot\.toml:5: call\.on-exit\.commits: invalid enum value 'perhaps'"):
        parse(head + 'on-exit = { commits = "perhaps" }', "depot.toml")
