from __future__ import annotations

from reliability_lint.rule import Call, Findings, Note, Position, SqlExecution, excerpt, rule


@rule("REL302", severity="warning")
def sql_interpolated_identifier(call: Call, sql: SqlExecution) -> Findings:  # noqa: ARG001
    """
    A name that a caller chooses, written into SQL text unquoted.

    The names of tables and columns, and sort orders, cannot be bound, so they are often put in as they come. Then the caller writes SQL: what a table's header offers as a sort order reads
    other tables, or holds the server busy.

    Bad:

        import psycopg2

        def latest(cursor: psycopg2.extensions.cursor, sort, direction):
            cursor.execute(f"SELECT id FROM events ORDER BY {sort} LIMIT 10")  # REL302
            cursor.execute("SELECT id FROM events ORDER BY placed " + direction)  # REL302
            cursor.execute("DELETE FROM %s WHERE id = 1" % sort)  # REL302

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
            cursor.execute(f"SELECT {column} FROM events")

        def clear(cursor: psycopg2.extensions.cursor):
            for table in ("events", "scores"):
                _truncate(cursor, table)
                cursor.execute(f"DELETE FROM {table} WHERE old")

        def _truncate(cursor, table):
            cursor: psycopg2.extensions.cursor
            cursor.execute(f"TRUNCATE TABLE {table}")
    """
    statement = call.model.meanings.statement(call)
    for spot in statement.spots if statement is not None else ():
        hole = spot.hole
        if spot.position is Position.IDENTIFIER and hole.source in ("parameter", "request"):
            notes = [Note(hole.at, "this becomes part of the statement")]
            if hole.node is not hole.at:
                notes.append(Note(hole.node, "its value comes from here"))
            yield call.finding(
                f"{excerpt(hole.at)} is written into the SQL text as a name: whoever chooses it writes SQL",
                cure="look it up in a dictionary of the names that are allowed, or let the driver quote it as an identifier",
                notes=tuple(notes),
            )
            return
