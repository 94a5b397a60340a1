from __future__ import annotations

from reliability_lint.rule import Call, Findings, SqlExecution, rule


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
        )
