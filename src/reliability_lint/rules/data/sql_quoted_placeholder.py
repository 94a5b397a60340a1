from __future__ import annotations

import re
from collections.abc import Iterable

import libcst as cst

from reliability_lint.rule import (
    NONE,
    Call,
    Edit,
    Entries,
    Findings,
    Fix,
    Items,
    Missing,
    SqlExecution,
    placeholders,
    rule,
    walk,
)

_TYPE = r"\b(?:date|time|timestamp|timestamptz|zone|interval|json|jsonb|uuid|bytea|inet|numeric|point|box)\s*"  # what may stand before a literal


@rule("REL304", severity="error")
def sql_quoted_placeholder(call: Call, sql: SqlExecution) -> Findings:
    """
    A placeholder between quotes, in a statement with bound values.

    The driver puts quotes of its own around the value. With a second pair the value stands outside of both and is run as SQL; a driver that leaves
    the binding to the server finds one placeholder too few and raises.

    Bad:

        import psycopg2
        from sqlalchemy import text
        from sqlalchemy.orm import Session

        def by_name(cursor: psycopg2.extensions.cursor, session: Session, name):
            cursor.execute("SELECT id FROM users WHERE name = '%s'", (name,))  # REL304
            cursor.execute("SELECT id FROM users WHERE name = '%(name)s'", {"name": name})  # REL304
            session.execute(text("SELECT id FROM users WHERE name = ':name'"), {"name": name})  # REL304

    Fixed:

        import psycopg2
        from sqlalchemy import text
        from sqlalchemy.orm import Session

        def by_name(cursor: psycopg2.extensions.cursor, session: Session, name):
            cursor.execute("SELECT id FROM users WHERE name = %s", (name,))
            cursor.execute("SELECT id FROM users WHERE name = %(name)s", {"name": name})
            session.execute(text("SELECT id FROM users WHERE name = :name"), {"name": name})

    Good:

        import psycopg2
        import sqlite3
        from sqlalchemy import text
        from sqlalchemy.orm import Session

        def by_name(cursor: psycopg2.extensions.cursor, session: Session, database: sqlite3.Connection, name):
            cursor.execute("SELECT id FROM users WHERE name = %s", (name,))
            cursor.execute("SELECT '%s'")
            cursor.execute("SELECT id FROM users WHERE name LIKE '%%s%%' AND id = %s", (name,))
            session.execute(text("SELECT id FROM users WHERE opens > '12:30' AND name = :name"), {"name": name})
            database.execute("SELECT replace(title, '?', ?) FROM books", (name,))  # a question mark is meant
    """
    statement = call.model.meanings.statement(call)
    if statement is None or not _binds(call, sql):
        return
    for text in statement.texts:
        quoted, free = placeholders(text, sql.placeholder)
        if not quoted or (sql.placeholder in ("?", "$1") and (free or _count(call, sql) not in (None, len(quoted)))):
            continue
        yield call.finding(
            f"the placeholder {quoted[0]} stands between quotes: the driver adds its own, and a text ends up outside of both",
            cure=f"write {quoted[0][1:-1]} without quotes",
            fix=_unquoted(call, sql, quoted),
        )
        return


def _unquoted(call: Call, sql: SqlExecution, quoted: Iterable[str]) -> Fix | None:
    """
    The statement without these quotes, where it is written in the call.

    After the name of a type, as in `interval '%s'`, the quotes belong to a literal, which a bound value is not everywhere: somebody should look.
    """
    node = call.argument_node(*sql.text.keywords, position=sql.text.position)
    edits = []
    safe = True
    for part in walk(node) if node is not None else ():
        if isinstance(part, cst.SimpleString):
            text = part.raw_value
            for one in quoted:
                safe = safe and re.search(rf"{_TYPE}{re.escape(one)}", text, re.IGNORECASE) is None
                text = text.replace(one, one[1:-1])
            if text != part.raw_value:
                edits.append(Edit(part, f"{part.prefix}{part.quote}{text}{part.quote}"))
    return Fix("leave out the quotes", tuple(edits), safe=safe) if edits else None


def _binds(call: Call, sql: SqlExecution) -> bool:
    """Whether a call passes values to be bound."""
    if sql.parameters_rest is not None:
        return len(call.made.arguments) > sql.parameters_rest
    if sql.parameters is None:
        return False
    given = call.argument(*sql.parameters.keywords, position=sql.parameters.position)
    return (
        not isinstance(given, Missing)
        and given != NONE
        and not (isinstance(given, Items) and not given.items)
        and not (isinstance(given, Entries) and not given.entries)
    )


def _count(call: Call, sql: SqlExecution) -> int | None:
    """How many values a call binds, where that is written there."""
    if sql.parameters_rest is not None:
        return len(call.made.arguments) - sql.parameters_rest
    assert sql.parameters is not None
    given = call.argument(*sql.parameters.keywords, position=sql.parameters.position)
    return len(given.items) if isinstance(given, Items) else None
