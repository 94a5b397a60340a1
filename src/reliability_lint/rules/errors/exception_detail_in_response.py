from __future__ import annotations

from reliability_lint.rule import Call, Findings, Note, SemanticModel, Text, exposures, handed_on, rule, said_by


@rule("REL501", severity="error")
def exception_detail_in_response(model: SemanticModel, *, client_errors: bool = False, public_exceptions: tuple[str, ...] = ()) -> Findings:
    """
    The text of an exception is sent to the client.

    What `except Exception` catches is not known in advance. Its text holds the SQL statement with its values, the host and user name of a database,
    the path of a file, or the answer of another service: things that a client should not see and an attacker likes to.

    An exception of the program's own counts as written for clients: by what is seen, as long as no `raise` of it puts the text of another one into it.
    A handler of exceptions that stands in another file is reported where it is registered.

    Bad:

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        @router.get("/orders")
        def orders():
            try:
                return search()
            except Exception as error:
                raise HTTPException(status_code=500, detail=f"search failed: {error}") from error  # REL501

    Bad (with the text of another one in it, by way of a class of its own):

        # shop/errors.py
        class NotSaved(Exception):
            def __init__(self, orig):
                super().__init__(f"not saved: {orig}")

        # shop/storage.py
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.orm import Session

        from shop.errors import NotSaved

        def save(session: Session, order):
            try:
                session.add(order)
                session.commit()
            except SQLAlchemyError as error:
                raise NotSaved(error) from error

        # shop/api.py
        from fastapi import APIRouter, HTTPException

        from shop.errors import NotSaved
        from shop.storage import save

        router = APIRouter()

        @router.post("/orders")
        def create(session, order):
            try:
                save(session, order)
            except NotSaved as error:
                raise HTTPException(status_code=409, detail=str(error)) from error  # REL501 "NotSaved, which quotes"

    Good:

        import logging

        from fastapi import APIRouter, HTTPException

        from shop.errors import OutOfStock

        logger = logging.getLogger(__name__)
        router = APIRouter()

        @router.get("/orders")
        def orders():
            try:
                return search()
            except OutOfStock as error:
                raise HTTPException(status_code=409, detail=str(error)) from error  # the program's own words
            except Exception as error:
                logger.exception("search failed: %s", error)
                raise HTTPException(status_code=500, detail={"code": "search_failed", "kind": type(error).__name__}) from error

    Options:

        client_errors: Also report ValueError, TypeError, LookupError and other errors of Python itself. Programs raise these with words meant for the
        client, and so does `int()` with others. With a status below 500 they are warnings.
        public_exceptions: Exceptions that are written for clients, by their names in full or the last part of these; what derives from one is, too.
    """
    least = Text.CLIENT if client_errors else Text.INTERNAL
    for exposure in exposures(model):
        name, text, quote = said_by(exposure, public_exceptions)
        if exposure.source.trace or text.value < least.value:
            continue
        said = f"{name.removeprefix('builtins.')}"
        if quote is not None:
            said += f", which quotes {quote.of[0].removeprefix('builtins.')}"
        yield exposure.place.finding(
            f"the client is sent the text of {said}, whatever that holds: statements, host names, paths",
            cure="log the exception, and send a fixed text with an error code",
            at=exposure.sent,
            notes=(
                *exposure.notes,
                *(
                    (Note(quote.site, "it is raised here with the text of another"),)
                    if quote is not None and quote.site is not None
                    else ()
                ),
                *(handed_on(exposure.place) if isinstance(exposure.place, Call) else ()),
            ),
            severity=None if _is_grave(text, exposure.status) and quote is None else "warning",
        )


def _is_grave(text: Text, status: int | None) -> bool:
    """Whether what is sent was surely not meant for a client: anything may be in it, or the service says itself that the failure is its own."""
    return text is Text.INTERNAL or (status is not None and status >= 500)
