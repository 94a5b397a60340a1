from __future__ import annotations

from reliability_lint.rule import Call, Findings, Note, Position, SqlExecution, excerpt, handed_on, rule


@rule("REL302", severity="warning", set="strict")
def sql_interpolated_identifier(call: Call, sql: SqlExecution) -> Findings:
    """
    A name that a caller chooses, written into SQL text unquoted.

    Names cannot be bound, so they are often put in as they come. Then the caller writes SQL: what a table's header offers as a sort order reads
    other tables, or holds the server busy. A table's name, and what stands in statements that define things, is spoken of only where a request
    is served: elsewhere the program itself chooses it.

    Bad:

        import psycopg2

        def latest(cursor: psycopg2.extensions.cursor, sort, direction, column):
            cursor.execute(f"SELECT id FROM events ORDER BY {sort} LIMIT 10")  # REL302
            cursor.execute("SELECT id FROM events ORDER BY placed " + direction)  # REL302
            cursor.execute("UPDATE events SET %s = 1" % column)  # REL302

    Bad (in a handler, or with what a request says):

        import sqlite3
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/rows/{table}")
        def rows(table: str):
            with sqlite3.connect("shop.db") as database:
                return database.execute(f"SELECT * FROM {table}").fetchall()  # REL302

    Good:

        import psycopg2
        from psycopg2 import sql

        TABLE = "events"
        SORTS = {"new": "created_at DESC", "top": "score"}

        class Event:
            __tablename__ = "events"

        def latest(cursor: psycopg2.extensions.cursor, sort, column, descending):
            cursor.execute(f"SELECT id FROM {TABLE} ORDER BY {SORTS[sort]} LIMIT 10")
            cursor.execute(f"SELECT id FROM {Event.__tablename__} ORDER BY id {'DESC' if descending else 'ASC'}")
            cursor.execute(sql.SQL("SELECT id FROM events ORDER BY {}").format(sql.Identifier(sort)))
            if column not in ("id", "score"):
                raise ValueError(column)
            cursor.execute(f"SELECT id FROM events ORDER BY {column}")

        def clear(cursor: psycopg2.extensions.cursor):
            _sort(cursor, "events", "id")

        def _sort(cursor: psycopg2.extensions.cursor, table, column):
            cursor.execute(f"SELECT id FROM {table} ORDER BY {column}")
    """
    meanings = call.model.meanings
    statement = meanings.statement(call) if not sql.wrapper else None
    served = meanings.handled_by(call.function) is not None
    for spot in statement.spots if statement is not None else ():
        hole = spot.hole
        chosen = hole.source == "request" or (
            hole.source == "parameter" and (served or (spot.position is Position.COLUMN and not spot.defines))
        )
        if spot.position in (Position.COLUMN, Position.NAME) and chosen:
            notes = [Note(hole.at, "this becomes part of the statement")]
            if hole.node is not hole.at:
                notes.append(Note(hole.node, "its value comes from here"))
            notes += handed_on(call)
            yield call.finding(
                f"{excerpt(hole.at)} is written into the SQL text as a name: whoever chooses it writes SQL",
                cure="look it up in a dictionary of the names that are allowed, or let the driver quote it as an identifier",
                notes=tuple(notes),
            )
            return
