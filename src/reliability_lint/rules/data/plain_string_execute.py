from __future__ import annotations

import re

import libcst as cst

from reliability_lint.rule import Call, Constant, Edit, Entries, Findings, Fix, Missing, SqlExecution, find, rule, spelling

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # what the construct takes for the name of a value


@rule("REL306", severity="error")
def plain_string_execute(call: Call, sql: SqlExecution) -> Findings:
    """
    A plain string where SQLAlchemy 2 takes a statement only: the call raises.

    Up to 1.4 strings were run as they stand; since 2.0 they raise ObjectNotExecutableError or ArgumentError, always, the first time the line is
    reached. Such lines survive an upgrade where no test goes.

    Bad:

        # requirements.txt
        sqlalchemy==2.0.43
        # service.py
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session

        engine = create_engine("postgresql:///shop")

        def ready(session: Session, table):
            session.execute("SELECT 1")  # REL306
            query = f"SELECT count(*) FROM {table}"
            with engine.connect() as connection:
                return connection.scalar(query)  # REL306

    Fixed:

        # requirements.txt
        sqlalchemy==2.0.43
        # service.py
        from sqlalchemy import create_engine, text
        from sqlalchemy.orm import Session

        engine = create_engine("postgresql:///shop")

        def ready(session: Session, table):
            session.execute(text("SELECT 1"))
            query = f"SELECT count(*) FROM {table}"
            with engine.connect() as connection:
                return connection.scalar(text(query))

    Good:

        # requirements.txt
        sqlalchemy==2.0.43
        # service.py
        from sqlalchemy import create_engine, select, text
        from sqlalchemy.orm import Session

        engine = create_engine("postgresql:///shop")
        READY = text("SELECT 1")

        def ready(session: Session, statement):
            session.execute(READY)
            session.execute(statement)
            session.execute(select(1))
            with engine.connect() as connection:
                return connection.exec_driver_sql("SELECT 1")

    Good (an older SQLAlchemy, or one that is not known):

        # requirements.txt
        sqlalchemy==1.4.54
        # service.py
        from sqlalchemy import create_engine

        engine = create_engine("postgresql:///shop")

        def ready():
            with engine.connect() as connection:
                return connection.execute("SELECT 1")
    """
    if sql.plain_string != "error":
        return
    statement = call.model.meanings.statement(call)
    if statement is not None and statement.plain:
        yield call.finding(
            f"{call.title}() takes a statement, not a plain string: this raises",
            cure="wrap the text in text(), which also binds values as :name",
            fix=_wrapped(call, sql),
        )


def _wrapped(call: Call, sql: SqlExecution) -> Fix | None:
    """The text in a construct; not where values are passed by position, which the construct would not bind."""
    node = call.argument_node(*sql.text.keywords, position=sql.text.position)
    written = spelling(sql.construct, call) if sql.construct and node is not None else None
    given = find(sql.parameters, call.made) if sql.parameters is not None else Missing.ABSENT
    if node is None or written is None or not (given is Missing.ABSENT or isinstance(given, Entries)):
        return None
    text = node.evaluated_value if isinstance(node, cst.SimpleString | cst.ConcatenatedString) else None
    names = {key.value for key, _ in given.entries if isinstance(key, Constant)} if isinstance(given, Entries) else set()
    return Fix(
        f"wrap it in {written.text}()",
        (Edit(node, f"{written.text}(", at="before"), Edit(node, ")", at="after")),
        safe=isinstance(text, str) and set(_BIND.findall(text)) == names,
        imports=written.imports,
    )
