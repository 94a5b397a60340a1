from __future__ import annotations

from reliability_lint.rule import Call, Findings, QueryLimit, Wait, rule, unlimited_queries


@rule("REL110", set="strict", severity="warning")
def missing_query_timeout(call: Call, limit: QueryLimit) -> Findings:
    """
    A database connection whose queries may take as long as they like.

    One query that waits for a lock, or reads a table that has grown, keeps its connection and whoever waits for it. The next ones do the same, until the pool
    is empty and nothing works that needs the database, however small.

    What the server limits by itself, for a role or a whole database, stands in no code. Where that is so, leave this rule off. Nothing is said of a file that
    speaks of the server's own limit anywhere, gives single queries a timeout, or takes the address of its database from somewhere else, for an address may
    hold options.

    Bad:

        import asyncpg
        import psycopg2
        import pymysql
        from sqlalchemy import create_engine

        DSN = "postgresql://shop@db/shop"

        def orders():
            return psycopg2.connect(DSN, connect_timeout=3)  # REL110 "no PostgreSQL query"

        async def stock():
            return await asyncpg.create_pool(DSN, timeout=5)  # REL110

        def customers():
            return pymysql.connect(host="db", database="shop", connect_timeout=3)  # REL110 "no MySQL query"

        engine = create_engine(DSN, connect_args={"connect_timeout": 3})  # REL110 "no PostgreSQL query"

    Good:

        import os

        import asyncpg
        import psycopg2
        import pymysql
        from sqlalchemy import create_engine

        DSN = "postgresql://shop@db/shop"

        def customers():
            return pymysql.connect(host="db", database="shop", connect_timeout=3, read_timeout=10)

        async def stock():
            return await asyncpg.create_pool(DSN, timeout=5, command_timeout=10)

        def archive():
            return psycopg2.connect(os.environ["DSN"], connect_timeout=3)  # it may hold options

        files = create_engine("sqlite:///shop.db")  # there is no server to wait for

    Good (the server is told):

        import psycopg2
        from sqlalchemy import create_engine

        DSN = "postgresql://shop@db/shop"

        def orders():
            return psycopg2.connect(DSN, connect_timeout=3, options="-c statement_timeout=5000")

        engine = create_engine(DSN, connect_args={"options": "-c statement_timeout=5000"})

    Good (when the connection is there):

        import psycopg

        def report(month):
            with psycopg.connect(host="db", dbname="shop") as connection:
                connection.execute("SET LOCAL statement_timeout = '30s'")
                return connection.execute("SELECT total FROM report WHERE month = %s", [month]).fetchone()
    """
    meanings = call.model.meanings
    wait = meanings.means(call, Wait)
    if wait is not None and wait.timeout is not None and (wait.tier == "always" or (wait.tier == "sensitive" and meanings.sensitive(call))):
        own = {keyword for one in limit.limits for keyword in one.keywords}
        if own.intersection(wait.timeout.keywords):
            return  # of this timeout it is said already that it is missing
    told = unlimited_queries(call, limit)
    if told is not None:
        yield call.finding(
            f"no {told.what} over {call.title}() has a time limit: one that waits for a lock, or reads too much, keeps its connection and its caller",
            cure=told.cure or f"pass {told.limits[0].keyword}=",
        )
