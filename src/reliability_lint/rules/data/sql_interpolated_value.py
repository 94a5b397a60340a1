from __future__ import annotations

from reliability_lint.rule import Call, Findings, Note, SqlExecution, excerpt, handed_on, rule


@rule("REL301", severity="error")
def sql_interpolated_value(call: Call, sql: SqlExecution) -> Findings:
    """
    A value that is written into SQL text although it could have been bound.

    Whoever chooses the value chooses the statement: a quote ends the text it stands in, and what follows is run. Even a harmless value makes every
    statement a new one, which no cache of plans knows, and a name such as O'Brien makes it fail.

    Bad:

        import psycopg2

        def by_email(dsn, email):
            with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
                query = "SELECT id FROM users WHERE email = '{}'"
                cursor.execute(query.format(email))  # REL301
                return cursor.fetchone()

    Bad (a statement that grows):

        import sqlite3
        from sqlalchemy import select, text
        from sqlalchemy.orm import Session

        def search(database: sqlite3.Connection, name, city):
            conditions = ["active = 1"]
            if name:
                conditions.append(f"name LIKE '%{name}%'")
            query = "SELECT id FROM customers WHERE " + " AND ".join(conditions)
            if city:
                query += " LIMIT %s" % city
            return database.execute(query)  # REL301

        def recent(session: Session, status):
            session.scalars(select(1).where(text(f"status = {status}")))  # REL301

    Good:

        import psycopg2
        from uuid import UUID

        COLUMNS = "id, email"
        STATES = {"new": 1, "paid": 2}

        def by_email(cursor: psycopg2.extensions.cursor, email, ids, limit: int, order: UUID, state, minutes):
            cursor.execute("SELECT id FROM users WHERE email = %s", (email,))
            cursor.execute(f"SELECT {COLUMNS} FROM users LIMIT {limit}")
            cursor.execute(f"SELECT id FROM users WHERE id IN ({', '.join(['%s'] * len(ids))})", ids)
            cursor.execute(f"SELECT id FROM orders WHERE token = '{order}' AND state = {STATES[state]}")
            cursor.execute(f"SELECT id FROM users WHERE seen > now() - interval '{minutes:d} minutes'")
            cursor.execute("SELECT id FROM users WHERE id = %d" % int(email))
            cursor.execute(f"SET application_name = '{email}'")  # no driver binds a value here

    Good (conditions that are built beside their values):

        import sqlite3

        def search(database: sqlite3.Connection, filters, name):
            conditions, values = ["active = 1"], []
            if name:
                conditions.append("name = ?")
                values.append(name)
            database.execute(f"SELECT id FROM customers WHERE {' AND '.join(conditions)}", values)
            clause, arguments = filters.as_sql()
            return database.execute(f"SELECT id FROM customers WHERE id IN ({clause})", arguments)
    """
    statement = call.model.meanings.statement(call)
    spots = [spot for spot in statement.spots if spot.bindable] if statement is not None else []
    if spots:
        hole = spots[0].hole
        notes = [Note(hole.at, "this becomes part of the statement")]
        if hole.node is not hole.at:
            notes.append(Note(hole.node, "its value comes from here"))
        notes += handed_on(call)
        yield call.finding(
            f"{excerpt(hole.at)} is written into the SQL text as a value: what it holds can change the statement",
            cure=f"bind it: write {sql.placeholder} in the text and pass the value beside it"
            if sql.placeholder
            else "pass it as a bound parameter",
            notes=tuple(notes),
        )
