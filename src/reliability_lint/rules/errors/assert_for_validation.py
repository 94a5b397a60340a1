from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Asserted, Edit, Findings, Fix, Purpose, SemanticModel, asserted, excerpt, rule, short

_INVERTED = {cst.Equal: "!=", cst.NotEqual: "==", cst.In: "not in", cst.NotIn: "in", cst.Is: "is not", cst.IsNot: "is"}


@rule("REL515", severity="warning")
def assert_for_validation(model: SemanticModel, *, parameters: bool = False) -> Findings:
    """
    An `assert` on which the program counts.

    Assertions are notes to whoever reads the code, and `python -O` or `PYTHONOPTIMIZE=1` leaves them out, with everything that is called in them. A check
    of what a client sent, of who may do something, or of what another service answered is then gone without a word. And where it is there, it fails with
    an `AssertionError`, which frameworks take for a bug: the client gets 500.

    What is for type checkers is left alone (`assert order is not None`, `isinstance`, without a message), and so is what a program says of itself. In
    request handlers, permissions and serializers it is an error.

    Bad:

        from fastapi import APIRouter, Request

        router = APIRouter()

        @router.post("/orders")
        def create(pieces: int, request: Request):
            assert pieces > 0, "too few"  # REL515 "what the client sent"
            assert request.user.is_staff, "forbidden"  # REL515 "who may"

    Bad (it does something):

        def next_order(orders):
            assert orders.pop() is not None  # REL515 "is not called"

        def rate(rates, currency):
            assert (found := rates.get(currency)), "no rate"  # REL515 "`found`"
            return found

    Bad (others have answered):

        import os

        import requests

        assert os.environ["SHOP_MODE"] in ("live", "test")  # REL515 "setting"

        def publish(order):
            answer = requests.post(URL, json=order, timeout=3)
            assert answer.status_code == 201  # REL515 "answered"

    Bad (a validator):

        from pydantic import BaseModel, field_validator

        class Order(BaseModel):
            pieces: int

            @field_validator("pieces")
            @classmethod
            def enough(cls, value):
                assert value > 0, "too few"  # REL515 "enough"
                return value

    Fixed:

        from pydantic import BaseModel, field_validator

        class Order(BaseModel):
            pieces: int

            @field_validator("pieces")
            @classmethod
            def enough(cls, value):
                if not (value > 0):
                    raise ValueError("too few")
                return value

    Good:

        from typing import assert_never

        from fastapi import APIRouter, HTTPException

        router = APIRouter()

        @router.post("/orders")
        def create(pieces: int, sku: str | None = None):
            if pieces <= 0:
                raise HTTPException(422, "too few")
            found = load(sku)
            assert found is not None  # for the type checker
            assert isinstance(found, Order)
            assert found.pieces >= 0, "by construction"
            return found

        def halves(orders):
            middle = len(orders) // 2
            assert middle <= len(orders)
            return orders[:middle], orders[middle:]

        def of_kind(kind):
            if kind == "order":
                return 1
            assert False, "unreachable"

    Options:

        parameters: Also report assertions about what the callers of a public function pass. Whether these are contracts between colleagues, or
        checks of what comes from outside, is not to be seen in the function.
    """
    for one in asserted(model):
        if one.purpose == "parameter" and not parameters:
            continue
        message, cure = _said(one)
        # Where an AssertionError is no answer, it is a failure of the server.
        grave = one.served or (one.purpose == "validator" and not one.refuses.startswith("builtins."))
        yield one.place.finding(message, cure=cure, severity="error" if grave else None, fix=_raised(one))


_LOST: dict[Purpose, tuple[str, str]] = {
    "access": ("an assert asks who may do this, {what}: under `python -O` everybody may", "ask with `if`, and refuse with an exception"),
    "request": (
        "an assert checks what the client sent, {what}: a mistake is answered with 500, and under `python -O` gets through",
        "answer with 4xx",
    ),
    "answer": (
        "an assert checks what {what} answered: under `python -O` a failure passes for success",
        "ask with `if`, and raise an error of its own",
    ),
    "setting": ("an assert checks a setting, {what}: under `python -O` nobody looks at it", "ask with `if`, and raise an error of its own"),
    "parameter": ("an assert checks what callers pass, {what}: under `python -O` anything is taken", "raise TypeError or ValueError"),
    "validator": ("an assert validates in {what}(): under `python -O` everything is valid", "ask with `if`, and {refuse}"),
    "effect": ("an assert does something: under `python -O` {what}() is not called", "call it before, and check what it gave"),
    "value": ("an assert gives `{what}` its value: under `python -O` it has none", "assign it before"),
}


def _said(one: Asserted) -> tuple[str, str]:
    message, cure = _LOST[one.purpose]
    refuse = f"raise {short(one.refuses)}" if one.refuses else "return False"
    what = one.what or excerpt(one.place.test)
    return message.format(what=what), cure.format(refuse=refuse)


def _raised(one: Asserted) -> Fix | None:
    """In a validator that says no by an error of the language itself: the same, by `if`."""
    statement, message = one.place.statement, one.place.message
    alone = isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1
    if one.purpose != "validator" or not one.refuses.startswith("builtins.") or message is None or not alone:
        return None
    name = short(one.refuses)
    return Fix(f"raise {name}", (Edit(statement, f"if {_negated(one.place.test)}:\n    raise {name}({_code(message)})"),))


def _negated(test: cst.BaseExpression) -> str:
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return _code(inner)
        case cst.Comparison(left=left, comparisons=[target]) if type(target.operator) in _INVERTED:
            return f"{_code(left)} {_INVERTED[type(target.operator)]} {_code(target.comparator)}"
        case cst.Comparison() | cst.BooleanOperation() | cst.IfExp() | cst.NamedExpr() | cst.Lambda():
            return f"not ({_code(test)})"
    return f"not {_code(test)}"


def _code(node: cst.CSTNode) -> str:
    return cst.Module(()).code_for_node(node)
