from __future__ import annotations

from reliability_lint.rule import Findings, Note, SemanticModel, codeless, rule

_SAID = "says in words alone what is wrong: a program that has to know must compare sentences"
_TOLD = "told apart by words alone: a program that has to know which it is must compare sentences"
_AMBIGUOUS = (400, 402, 409, 412, 422, 423, 428)


@rule("REL516", severity="note", set="strict")
def error_response_without_code(model: SemanticModel, *, statuses: tuple[int, ...] = _AMBIGUOUS) -> Findings:
    """
    An error that only people can read.

    Whoever calls an API has to know which error it is: an address that is taken is asked for again, an order that is closed is not. A status such as 409
    or 422 stands for many reasons, and a sentence is no interface. It is reworded, or translated, and the client that compared it is broken.

    Found are answers in JSON that hold words and no code, where the status does not tell the reason: one function answers with it for several, or it says
    no more than that something stands against it (409, 412, 423). What the program has not written itself is left alone, and so are values that are
    codes themselves (`"email_taken"`), errors by the names of fields, in validators too, statuses that say all there is to say (401, 404, 429, 503), and
    files with handlers of errors, which may put codes in. Where such a handler stands in another file, this rule is not for you.

    Bad:

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        @router.post("/customers")
        def register(email: str):
            if is_taken(email):
                raise HTTPException(409, detail="Email already registered")  # REL516 "409"
            return create(email)

    Bad (in an object):

        from flask import Blueprint, jsonify

        bp = Blueprint("orders", __name__)

        @bp.post("/orders/<number>/cancel")
        def cancel(number):
            order = load(number)
            if order.sent:
                return jsonify(success=False, message="It is on its way"), 409  # REL516
            if order.closed:
                return {"error": f"Order {number} is closed"}, 409
            return jsonify(order.fields())

    Good:

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        @router.post("/customers")
        def register(email: str, password: str):
            if is_taken(email):
                raise HTTPException(409, detail={"code": "email_taken", "message": "Email already registered"})
            if is_weak(password):
                raise HTTPException(422, detail="WEAK_PASSWORD")
            if is_banned(email):
                raise HTTPException(403, detail="You cannot register here")  # no client can do anything about it
            return create(email)

    Options:

        statuses: The statuses that stand for more than one reason.
    """
    for one in codeless(model, statuses):
        reasons = len(one.others) + 1
        yield one.place.finding(
            f"{'an error with ' if reasons == 1 else ''}status {one.status} {_SAID if reasons == 1 else f'stands for {reasons} reasons here, {_TOLD}'}",
            cure="send a code beside the words, and promise to keep it",
            at=one.at,
            notes=tuple(Note(at, "and this one") for at in one.others[:5]),
        )
