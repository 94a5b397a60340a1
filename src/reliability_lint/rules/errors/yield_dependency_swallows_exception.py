from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Edit, Findings, Fix, Handler, SemanticModel, ends, rule, unraised


@rule("REL531", severity="error")
def yield_dependency_swallows_exception(model: SemanticModel) -> Findings:
    """
    A dependency that keeps the exceptions of its users for itself.

    What a handler raises while it uses the session arrives at the `yield`. Where that is caught and not raised again, the framework never hears of it: a 404
    becomes 500, the handler of errors that would have logged and counted it is not called, and the code behind a `with` goes on as if all had been stored.

    Bad:

        from fastapi import Depends, FastAPI

        app = FastAPI()

        def session():
            opened = Session()
            try:
                yield opened
            except Exception:  # REL531 "session()"
                opened.rollback()
            finally:
                opened.close()

        @app.get("/orders")
        def orders(opened=Depends(session)):
            return search(opened)

    Fixed:

        from fastapi import Depends, FastAPI

        app = FastAPI()

        def session():
            opened = Session()
            try:
                yield opened
            except Exception:
                opened.rollback()
                raise
            finally:
                opened.close()

        @app.get("/orders")
        def orders(opened=Depends(session)):
            return search(opened)

    Good:

        import contextlib

        from fastapi import Depends, FastAPI

        app = FastAPI()

        def session():
            opened = Session()
            try:
                yield opened
                opened.commit()
            except Exception:
                opened.rollback()
                raise
            finally:
                opened.close()

        @app.get("/orders")
        def orders(opened=Depends(session)):
            return search(opened)

        @contextlib.contextmanager
        def reported(what):
            try:
                yield
            except Exception:  # this is what it is there for
                logger.exception("%s failed", what)
    """
    for function, handler in unraised(model):
        yield handler.finding(
            f"what those who use {function.name}() raise ends here: nobody hears of it, and an HTTP error that was meant becomes another answer",
            cure="raise it again when everything is undone",
            fix=_raised(handler),
        )


def _raised(handler: Handler) -> Fix | None:
    body = handler.node.body
    last = body.body[-1] if isinstance(body, cst.IndentedBlock) else None
    match last:
        case cst.SimpleStatementLine(body=[cst.Pass() as small]):
            return Fix("raise it again", (Edit(small, "raise"),))
        case cst.SimpleStatementLine() if ends(body) == {"on"}:
            return Fix("raise it again", (Edit(last, "raise", at="after"),))
    return None
