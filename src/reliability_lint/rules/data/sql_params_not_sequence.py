from __future__ import annotations

import re

import libcst as cst

from reliability_lint.rule import Call, Edit, Findings, Fix, SqlExecution, excerpt, placeholders, rule

# What is called like this holds several values.
_SEVERAL = re.compile(r"(?:^|_)(?:param|arg|value|val|data|row|record|bind|tuple|list|dict|seq|item|field|vars)|s$", re.IGNORECASE)
_SCALAR = frozenset({"str", "int", "float", "bool", "bytes", "Decimal", "UUID", "date", "datetime"})


@rule("REL307", severity="error")
def sql_params_not_sequence(call: Call, sql: SqlExecution) -> Findings:
    """
    One bare value where the driver takes a sequence of values.

    Brackets alone make no tuple: in `(code)` the comma is missing. The driver then takes a text apart letter by letter and finds too many values,
    or finds no sequence at all; either way it raises, and it does so in production where the value is seldom one letter long.

    Bad:

        import sqlite3

        def remove(database: sqlite3.Connection, code: str):
            database.execute("DELETE FROM coupons WHERE code = ?", (code))  # REL307
            database.execute("DELETE FROM coupons WHERE code = ?", "SPRING")  # REL307
            database.execute("DELETE FROM coupons WHERE code = ?", f"{code}-old")  # REL307
            database.execute("DELETE FROM coupons WHERE id = ?", str(code))  # REL307

    Fixed:

        import sqlite3

        def remove(database: sqlite3.Connection, code: str):
            database.execute("DELETE FROM coupons WHERE code = ?", (code,))
            database.execute("DELETE FROM coupons WHERE code = ?", ("SPRING",))
            database.execute("DELETE FROM coupons WHERE code = ?", (f"{code}-old",))
            database.execute("DELETE FROM coupons WHERE id = ?", (str(code),))

    Good:

        import pymysql
        import sqlite3

        def remove(database: sqlite3.Connection, cursor: pymysql.cursors.Cursor, code, params):
            database.execute("DELETE FROM coupons WHERE code = ?", (code,))
            database.execute("DELETE FROM coupons WHERE code = ?", [code])
            database.execute("DELETE FROM coupons WHERE code = ?", (params))
            database.execute("DELETE FROM coupons WHERE code = ? AND shop = ?", (code))
            database.execute("DELETE FROM coupons WHERE code = :code", {"code": code})
            row = (code,)
            database.execute("DELETE FROM coupons WHERE code = ?", (row))
            cursor.execute("DELETE FROM coupons WHERE code = %s", code)  # PyMySQL takes a single value
    """
    if not sql.sequence or sql.parameters is None:
        return
    node = call.argument_node(*sql.parameters.keywords, position=sql.parameters.position)
    if node is not None and (_is_scalar(call, node) or (_looks_scalar(call, node) and _takes_one(call, sql))):
        yield call.finding(
            f"{excerpt(node)} is one value, not a sequence of values: the driver raises, or takes its letters for the values",
            cure=f"pass a tuple: ({excerpt(node).strip('()')},)",
            at=call.node,
            fix=_tuple(node, safe=_is_scalar(call, node)) if _takes_one(call, sql) else None,
        )


def _tuple(node: cst.BaseExpression, *, safe: bool) -> Fix:
    """The value in a tuple. What is only named may be a sequence after all, whatever it looks like."""
    comma = Edit(node, ",", at="after") if node.lpar else Edit(node, ",)", at="after")
    return Fix("pass a tuple", (comma,) if node.lpar else (Edit(node, "(", at="before"), comma), safe=safe)


def _is_scalar(call: Call, node: cst.BaseExpression) -> bool:
    """Whether an expression is one text or number, as written."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString | cst.FormattedString | cst.Integer | cst.Float):
        return True
    return isinstance(node, cst.Call) and call.model.name_of(node.func, call) in ("builtins.str", "builtins.int", "builtins.float")


def _looks_scalar(call: Call, node: cst.BaseExpression) -> bool:
    """Whether an expression stands in brackets as one value would that should have been a tuple."""
    if not node.lpar or not isinstance(node, cst.Name | cst.Attribute | cst.Subscript):
        return False
    if not isinstance(node, cst.Name):
        return isinstance(node, cst.Attribute) and _SEVERAL.search(node.attr.value) is None
    found = call.scope.find(node.value)
    if found is None or _SEVERAL.search(node.value):
        return False
    return all(
        binding.kind == "parameter"
        and (binding.annotation is None or (isinstance(binding.annotation, cst.Name) and binding.annotation.value in _SCALAR))
        for binding in found[1]
    )


def _takes_one(call: Call, sql: SqlExecution) -> bool:
    """Whether the statement, as far as it is known, has one placeholder."""
    statement = call.model.meanings.statement(call)
    return (
        statement is not None
        and bool(statement.texts)
        and all(sum(map(len, placeholders(text, sql.placeholder))) == 1 for text in statement.texts)
    )
