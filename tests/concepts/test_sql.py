"""Where holes stand in SQL. A hole is written `{name}`."""

import re
from dataclasses import replace

import libcst as cst
import pytest

from reliability_lint.concepts.sql import placeholders, spots
from reliability_lint.model.folding import Hole


def text(sql, source="parameter"):
    pieces = re.split(r"\{(\w+)\}", sql)
    return tuple(
        Hole(cst.Name(piece), cst.Name(piece), source=source) if index % 2 else piece
        for index, piece in enumerate(pieces)
        if index % 2 or piece
    )


def positions(sql, **options):
    return [spot.position.value for spot in spots(text(sql), **options)]


@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("SELECT 1 FROM t WHERE a = '{x}'", "quoted"),
        ("SELECT 1 FROM t WHERE a LIKE '%{x}%'", "quoted"),
        ("SELECT 1 FROM t WHERE a = 'it''s {x}'", "quoted"),
        ("SELECT 1 FROM t WHERE lower(a) = lower('{x}')", "quoted"),
        ('SELECT 1 FROM t WHERE a = "{x}"', "quoted"),
        ("INSERT INTO t VALUES ('a', '{x}')", "quoted"),
        ("SELECT 1 FROM t WHERE a = {x}", "value"),
        ("SELECT 1 FROM t WHERE a={x}", "value"),
        ("SELECT 1 FROM t WHERE a >= {x} AND b", "value"),
        ("SELECT 1 FROM t WHERE a BETWEEN {x} AND 5", "value"),
        ("SELECT 1 FROM t WHERE a BETWEEN 1 AND {x}", "value"),
        ("SELECT 1 FROM t WHERE a IN ({x})", "value"),
        ("SELECT 1 FROM t WHERE a IN (1, {x})", "value"),
        ("INSERT INTO t (a, b) VALUES (1, {x})", "value"),
        ("INSERT INTO t (a, b) VALUES (1, 2), (3, {x})", "value"),
        ("SELECT 1 FROM t LIMIT {x}", "value"),
        ("SELECT 1 FROM t LIMIT 5 OFFSET {x}", "value"),
        ("SELECT * FROM generate_series(1, {x})", "value"),
        ("UPDATE t SET a = {x}", "value"),
        ("SELECT 1 FROM t ORDER BY {x}", "column"),
        ("SELECT 1 FROM t ORDER BY a, {x} DESC", "column"),
        ("SELECT 1 FROM t ORDER BY t.{x}", "column"),
        ("SELECT 1 FROM t ORDER BY a {x}", "column"),
        ("SELECT 1 FROM t ORDER BY prefix_{x}", "column"),
        ("SELECT 1 FROM t GROUP BY {x}", "column"),
        ("SELECT 1 FROM t WHERE {x} = 1", "column"),
        ("SELECT 1 FROM t WHERE a AND {x} IN (1)", "column"),
        ("UPDATE t SET {x} = 1", "column"),
        ("UPDATE t SET a = 1, {x} = 2", "column"),
        ("INSERT INTO t (a, {x}) VALUES (1, 2)", "column"),
        ("SELECT {x} FROM t", "name"),
        ("SELECT a, {x} FROM t", "name"),
        ("SELECT 1 FROM {x}", "name"),
        ("SELECT 1 FROM a, {x}", "name"),
        ("SELECT 1 FROM a JOIN {x} ON true", "name"),
        ("SELECT 1 FROM public.{x}", "name"),
        ("SELECT 1 FROM {x}.orders", "name"),
        ("SELECT {x}.id FROM a", "name"),
        ("SELECT 1 FROM `{x}`", "name"),
        ('SELECT 1 FROM "{x}"', "name"),
        ("INSERT INTO {x} (a) VALUES (1)", "name"),
        ("INSERT INTO {x}(a) VALUES (1)", "name"),
        ("UPDATE {x} SET a = 1", "name"),
        ("DELETE FROM {x}", "name"),
        ("DROP TABLE {x}", "name"),
        ("CREATE TABLE IF NOT EXISTS {x} (a int)", "name"),
        ("SELECT 1 AS '{x}'", "name"),
        ("SELECT 1 FROM t WHERE {x}", "clause"),
        ("SELECT 1 FROM t WHERE a AND {x}", "clause"),
        ("SELECT 1 FROM t HAVING {x}", "clause"),
        ("UPDATE t SET {x}", "clause"),
        ("SELECT 1 FROM t WHERE a IN ({subquery})", "clause"),
        ("SELECT 1 FROM t {x}", "other"),
        ("SELECT lower({x}) FROM t", "other"),
        ("SELECT extract(day FROM {x}) FROM t", "other"),
        ("SELECT {x}(a) FROM t", "other"),
        ("SELECT 1 FROM t WHERE a = :{x}", "other"),
        ("SELECT 1 FROM t WHERE a = :p{x}", "other"),
        ("SELECT 1 FROM t WHERE a = ${x}", "other"),
        ("SELECT 1 FROM t WHERE a = %({x})s", "other"),
        ("SELECT 1 FROM t WHERE a = {x}.b", "name"),
        ("SELECT 1 FROM t WHERE a = {other_column}", "other"),
        ("SELECT 1 -- {x}\nFROM t", "other"),
        ("SELECT 1 /* {x} */ FROM t", "other"),
        ("SELECT cypher('{x}', $$ MATCH (n) $$)", "other"),
        ("SELECT 1 FROM t WHERE a = 'x' -- it's\n AND b = {x}", "value"),
        ("SELECT 1 FROM (SELECT 2 FROM t WHERE a IN (SELECT 1 FROM u ORDER BY {x}))", "column"),
    ],
)
def test_positions(sql, position):
    assert positions(sql) == [position]


@pytest.mark.parametrize(
    ("sql", "bindable"),
    [
        ("SELECT 1 FROM t WHERE a = '{x}'", True),
        ("  -- a comment\n (select 1 from t where a = '{x}')", True),
        ("WITH q AS (SELECT 1) SELECT 1 FROM q WHERE a = '{x}'", True),
        ("EXPLAIN SELECT 1 FROM t WHERE a = '{x}'", True),
        ("CALL work('{x}')", True),
        ("{sql} WHERE a = '{x}'", True),
        ("{sql} LIMIT 5 FROM '{x}'", False),
        ("SELECT 1 FROM t WHERE JSON_VALUE(meta, '$.{x}') = :a", False),
        ("CREATE FUNCTION f() AS ${n}_f$ BEGIN; SELECT 1 WHERE a = '{x}'; END; ${n}_f$ LANGUAGE plpgsql", False),
        ("CREATE TABLE t AS SELECT 1 WHERE a = '{x}'", False),
        ("SET search_path = '{x}'", False),
        ("PRAGMA key = '{x}'", False),
        ("NOTIFY orders, '{x}'", False),
        ("COPY t TO '{x}'", False),
        ("CREATE USER shop PASSWORD '{x}'", False),
        ("SELECT 1; DROP USER '{x}'", False),
        ("DROP USER a; DELETE FROM t WHERE a = '{x}'", True),
        ("MATCH (n) WHERE n.a = '{x}'", False),
    ],
)
def test_values_are_bound_in_statements_about_rows(sql, bindable):
    assert [spot.bindable for spot in spots(text(sql))][-1] is bindable


def test_what_stands_without_quotes_is_a_number_unless_it_comes_from_outside():
    sql = "SELECT 1 FROM t WHERE a = {x}"
    assert [spot.bindable for spot in spots(text(sql, "parameter"))] == [True]
    assert [spot.bindable for spot in spots(text(sql, "passed"))] == [True]
    assert [spot.bindable for spot in spots(text(sql, "call"))] == [False]
    assert [spot.bindable for spot in spots(text(sql.replace("{x}", "'{x}'"), "call"))] == [True]


def test_a_fragment_may_begin_anywhere():
    assert positions("name = '{x}'", fragment=True) == ["quoted"]
    assert [spot.bindable for spot in spots(text("name = '{x}'"), fragment=True)] == [True]
    assert [spot.bindable for spot in spots(text("SET name = '{x}'"), fragment=True)] == [False]
    assert positions("{x} DESC", fragment=True) == ["clause"]


def test_every_hole_is_told():
    assert positions("INSERT INTO {a} ({b}) VALUES ({c}, '{d}{e}')") == ["name", "column", "value", "quoted", "quoted"]


@pytest.mark.parametrize(
    ("sql", "style", "quoted", "free"),
    [
        ("a = '%s' AND b = %s", "%s", ["'%s'"], ["%s"]),
        ("a = '%(n)s'", "%s", ["'%(n)s'"], []),
        ('a = "%s"', "%s", ['"%s"'], []),
        ("a LIKE '%%s%%'", "%s", [], []),
        ("a LIKE '%%' || %s", "%s", [], ["%s"]),
        ("a = '?' AND b = ?", "?", ["'?'"], ["?"]),
        ("a = ':n' AND b = :n", ":name", ["':n'"], [":n"]),
        ("a > '12:30' AND b::text = :n", ":name", [], [":n"]),
        ("a = '$1' AND b = $2", "$1", ["'$1'"], ["$2"]),
        ("a->'$.n'", "$1", [], []),
        ("a = %s -- '%s'", "%s", [], ["%s"]),
        ("a = '%s'", "", [], []),
    ],
)
def test_placeholders(sql, style, quoted, free):
    assert placeholders((sql,), style) == (quoted, free)


@pytest.mark.parametrize(("sql", "bindable"), [("SELECT 1 FROM t WHERE a = '{x}'", False), ("SELECT 1 FROM t WHERE a = {x}", True)])
def test_what_is_escaped_cannot_end_a_text_but_anything_else(sql, bindable):
    pieces = [replace(piece, escaped=True) if isinstance(piece, Hole) else piece for piece in text(sql)]
    assert [spot.bindable for spot in spots(tuple(pieces))] == [bindable]
