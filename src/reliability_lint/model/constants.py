"""Constants: how they are read from the source, and what operators and calls make of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

import libcst as cst

from .values import UNKNOWN, Constant, Datum, Entries, Made

Value: TypeAlias = bool | int | float | str | None

_UNITS = {"days": 86400.0, "seconds": 1.0, "microseconds": 1e-6, "milliseconds": 1e-3, "minutes": 60.0, "hours": 3600.0, "weeks": 604800.0}
_LARGEST = 1e12  # of numbers that are multiplied; powers and shifts are kept below it
_LONGEST = 100_000  # of texts that are joined

# Numbers that have a name.
NAMED = {"math.inf": math.inf, "math.pi": math.pi, "math.e": math.e, "numpy.inf": math.inf}


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
        return Constant(a + b) if len(a) + len(b) < _LONGEST else UNKNOWN
    if isinstance(a, bool | str) or isinstance(b, bool | str) or a is None or b is None:
        return UNKNOWN
    try:
        number = _number(operator, a, b)
    except (ArithmeticError, ValueError):
        return UNKNOWN
    return Constant(number) if number is not None else UNKNOWN


def _number(operator: cst.BaseBinaryOp, a: float, b: float) -> float | None:
    match operator:
        case cst.Add():
            return a + b
        case cst.Subtract():
            return a - b
        case cst.Multiply():
            return a * b if abs(a) < _LARGEST and abs(b) < _LARGEST else None
        case cst.Divide():
            return a / b
        case cst.FloorDivide():
            return a // b
        case cst.Modulo():
            return a % b
        case cst.Power():
            small = (abs(a) <= 1 and abs(b) < _LARGEST) or (abs(a) < _LARGEST and abs(b) * math.log10(max(abs(a), 1)) < 12)
            result = a**b if small else None
            return None if isinstance(result, complex) else result
        case cst.LeftShift() if isinstance(a, int) and isinstance(b, int):
            return a << b if abs(a) < _LARGEST and 0 <= b < 64 else None
    return None


def unary(operator: cst.BaseUnaryOp, operand: Datum) -> Datum:
    """What a unary operator makes of a constant."""
    if not isinstance(operand, Constant):
        return UNKNOWN
    value = operand.value
    if isinstance(operator, cst.Not):
        return Constant(not value)
    if isinstance(value, int | float):
        match operator:
            case cst.Minus():
                return Constant(-value)
            case cst.Plus():
                return Constant(+value)
            case cst.BitInvert() if isinstance(value, int):
                return Constant(~int(value))
    return UNKNOWN


# What builtins make of numbers and of text; any error means that nothing is known.
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "builtins.abs": abs,
    "builtins.bool": bool,
    "builtins.float": float,
    "builtins.int": int,
    "builtins.max": max,
    "builtins.min": min,
    "builtins.round": round,
    "builtins.str": str,
    "decimal.Decimal": lambda value: float(Decimal(value)),
}


def computed(made: Made) -> Datum | None:
    """What a call computes from constants, and which displays it writes in another way; None where it does neither."""
    if made.name in _FUNCTIONS:
        values = [datum.value for datum in made.arguments if isinstance(datum, Constant) and datum.value is not None]
        if not values or len(values) < len(made.arguments) or made.keywords or made.open:
            return None
        try:
            return Constant(_FUNCTIONS[made.name](*values))
        except (TypeError, ValueError, ArithmeticError):
            return UNKNOWN
    if made.name == "datetime.timedelta":
        return _timedelta(made)
    if made.name == "builtins.dict":
        return _dictionary(made)
    return None


def _timedelta(made: Made) -> Datum:
    """The seconds of a `timedelta(…)` of constants; a number, as rules want to compare it."""
    total = 0.0
    names = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
    given = {**dict(zip(names, made.arguments, strict=False)), **made.keywords}
    for unit, datum in given.items():
        if unit not in _UNITS or not isinstance(datum, Constant) or not isinstance(datum.value, int | float):
            return made
        total += _UNITS[unit] * datum.value
    return made if made.open else Constant(total)


def _dictionary(made: Made) -> Datum | None:
    """The entries of `dict(a=1, b=2)`."""
    first = made.arguments[0] if made.arguments else Entries(())
    if len(made.arguments) > 1 or not isinstance(first, Entries):
        return None
    return Entries((*first.entries, *((Constant(key), value) for key, value in made.keywords.items())), open=first.open or made.open)
