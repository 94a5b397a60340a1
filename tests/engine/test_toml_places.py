"""Places in TOML agree with what `tomllib` reads."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability_lint.engine.toml_places import places

DOCUMENT = '''
# a comment with [brackets] and = signs
title = "a # no comment"
"quoted key" = 'x'
a.b . c = 1
date = 1979-05-27 07:32:00
text = """
[not.a.table]
key = "value" \\"""
"""
literal = \'\'\'
x = [1
\'\'\'
[tool.reliability-lint]
select = [
    "REL1",  # first
    "data",
]
inline = { one = 1, two = { three = ["x"] } }
empty = []
[tool.reliability-lint.rules.missing-timeout]
severity = "error"
[[array]]
x = 1
[[array]]
x = 2
[array.sub]
y = true
[[array.inner]]
z = 1.5e3
'''


def flattened(value, path=()):
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from flattened(item, (*path, key))


def test_every_value_stands_where_it_is_said_to():
    _keys, values = places(DOCUMENT)
    leaves = [(path, value) for path, value in flattened(tomllib.loads(DOCUMENT)) if path and not isinstance(value, dict)]
    assert len(leaves) > 15
    for path, value in leaves:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            continue  # an array of tables stands in many places
        start, end = values[path]
        assert tomllib.loads(f"v = {DOCUMENT[start:end]}")["v"] == value, path


def test_keys_stand_where_they_are_said_to():
    keys, _ = places(DOCUMENT)
    for path in [
        ("quoted key",),
        ("a", "b", "c"),
        ("tool", "reliability-lint"),
        ("tool", "reliability-lint", "rules", "missing-timeout"),
        ("array", 1, "x"),
    ]:
        start, end = keys[path]
        assert DOCUMENT[start:end].strip("\"'") == path[-1]


simple = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(alphabet="ab#[]{}=,.", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="ab.#", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=8,
)


def written(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {written(item)}' for key, item in value.items()) + " }"
    return str(value)


@settings(max_examples=200)
@given(simple)
def test_any_document(value):
    text = f"v = {written(value)}\n"
    document = tomllib.loads(text)
    _, values = places(text)
    for path, item in flattened(document["v"], ("v",)):
        start, end = values[path]
        assert tomllib.loads(f"v = {text[start:end]}")["v"] == item


@pytest.mark.parametrize("text", ["[", "= 1", "a = ", "a = [", '"', "]]]", "a = {b"])
def test_even_what_is_no_toml_ends(text):
    places(text)
