"""Constants: how they are read from the source, and what operators and calls make of them."""

from __future__ import annotations

import libcst as cst

from .values import UNKNOWN, Constant, Datum, Made

_UNITS = {"days": 86400.0, "seconds": 1.0, "microseconds": 1e-6, "milliseconds": 1e-3, "minutes": 60.0, "hours": 3600.0, "weeks": 604800.0}


def text_of(node: cst.SimpleString | cst.ConcatenatedString) -> str | None:
    """The text of a string literal; None for bytes and for what has holes."""
    if node.__class__ is cst.SimpleString:
        raw: str = node.value
        quote = raw[0]
        if quote in "'\"" and "\\" not in raw:
            return raw[3:-3] if raw.startswith(quote * 3) and len(raw) >= 6 else raw[1:-1]
    value = node.evaluated_value
    return value if isinstance(value, str) else None


def combined(operator: cst.BaseBinaryOp, left: Constant, right: Constant) -> Datum:
    """What a binary operator makes of two constants."""
    a, b = left.value, right.value
    if isinstance(a, str) and isinstance(b, str) and isinstance(operator, cst.Add):
        return Constant(a + b) if len(a) + len(b) < 100_000 else UNKNOWN
    if isinstance(a, bool | str) or isinstance(b, bool | str) or a is None or b is None:
        return UNKNOWN
    try:
        match operator:
            case cst.Add():
                return Constant(a + b)
            case cst.Subtract():
                return Constant(a - b)
            case cst.Multiply():
                return Constant(a * b) if abs(a) < 1e12 and abs(b) < 1e12 else UNKNOWN
            case cst.Divide():
                return Constant(a / b)
            case cst.FloorDivide():
                return Constant(a // b)
    except (ArithmeticError, ValueError):
        return UNKNOWN
    return UNKNOWN


def unary(operator: cst.BaseUnaryOp, operand: Datum) -> Datum:
    """What a unary operator makes of a constant."""
    if isinstance(operator, cst.Minus) and isinstance(operand, Constant) and isinstance(operand.value, int | float):
        return Constant(-operand.value)
    return UNKNOWN


def computed(made: Made) -> Datum | None:
    """What a call computes from constants; None where it computes nothing of ours."""
    if made.name == "builtins.float" and len(made.arguments) == 1 and isinstance(made.arguments[0], Constant):
        try:
            return Constant(float(made.arguments[0].value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return UNKNOWN
    if made.name == "datetime.timedelta":
        return _timedelta(made)
    return None


def _timedelta(made: Made) -> Datum:
    """The seconds of a `timedelta(…)` of constants; a number, as rules want to compare it."""
    total = 0.0
    given = {**dict(zip(("days", "seconds", "microseconds"), made.arguments, strict=False)), **made.keywords}
    for unit, datum in given.items():
        if unit not in _UNITS or not isinstance(datum, Constant) or not isinstance(datum.value, int | float):
            return made
        total += _UNITS[unit] * datum.value
    return made if made.open else Constant(total)
