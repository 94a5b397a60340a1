"""The JSON Schema of the settings accepts what the reader accepts, and refuses what it refuses, as far as a schema can tell."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reliability_lint import registry
from reliability_lint.engine.selection import catalogue, problem
from reliability_lint.engine.settings import KEYS, read
from reliability_lint.engine.settings_schema import selectors, settings_schema
from reliability_lint.mistake import Mistake

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = settings_schema()
VALID = Draft202012Validator(SCHEMA)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]) == list(KEYS)
    assert [key for key, shape in SCHEMA["properties"].items() if not shape.get("description")] == []


def test_the_defaults_that_it_tells_are_valid() -> None:
    assert VALID.is_valid({key: shape["default"] for key, shape in SCHEMA["properties"].items()})


def test_every_selector_is_known_and_no_other() -> None:
    known = set(selectors())
    tried = {code[:length] for code in catalogue() for length in range(1, 7)} | {"all", "strict", "rel1", "REL1011", "nothing", ""}
    tried |= {word for entry in catalogue().values() for word in (entry.name, entry.family)}
    assert {name for name in tried if problem(name) is None} == known & tried
    assert known <= tried | {"recommended", "audit"}


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_documented_examples_are_valid(page: Path) -> None:
    for block in re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        table = tomllib.loads(block).get("tool", {}).get("reliability-lint")
        if table is not None:
            assert list(VALID.iter_errors(table)) == []


_RULES = [rule for rule in registry.rules().values() if rule.options][:4] + list(registry.rules().values())[:3]
_selector = st.sampled_from(
    ["REL1", "REL101", "missing-timeout", "resilience", "all", "strict", "REL9", "nope", "", "rel101", "performance"]
)
_junk = st.one_of(
    st.booleans(), st.integers(-3, 3), st.floats(0.5, 0.75), st.sampled_from(["error", "x"]), st.just([]), st.just({}), st.just(["a", 1])
)
_names = st.sampled_from([name for rule in _RULES for name in (rule.name, rule.code)] + ["nope", "resilience"])
_options = st.dictionaries(
    st.sampled_from(["severity", "warnings", "statuses", "public-exceptions", "client-errors", "client_errors", "parameters", "nope"]),
    st.one_of(
        _junk,
        st.sampled_from(["error", "warning", "note"]),
        st.lists(st.integers(400, 402), max_size=2),
        st.lists(st.just("a.B"), max_size=2),
    ),
    max_size=2,
)
_right = {
    "select": st.lists(_selector, max_size=2),
    "ignore": st.lists(_selector, max_size=2),
    "extend-select": st.lists(_selector, max_size=2),
    "preset": st.sampled_from(["strict", "audit", "recommended", "lax"]),
    "exclude": st.lists(st.sampled_from(["a/", "*.py", "!b"]), max_size=2),
    "per-file-ignores": st.dictionaries(st.sampled_from(["a/**", "*.py"]), st.one_of(_junk, st.lists(_selector, max_size=2)), max_size=2),
    "rules": st.dictionaries(_names, st.one_of(_options, _options, _junk), max_size=2),
    "defer-to": st.lists(st.sampled_from(["ruff", "ruff:S113", "ruff:E501", "nope"]), max_size=2),
    "cache-dir": st.just("kept"),
    "nope": _junk,
}
_tables = st.lists(
    st.sampled_from([*KEYS, "nope"]).flatmap(
        lambda key: st.tuples(st.just(key), st.one_of(_right.get(key, _junk), _right.get(key, _junk), _junk))
    ),
    max_size=3,
).map(dict)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@given(table=_tables)
@settings(max_examples=300)
def test_the_schema_and_the_reader_agree(folder: Path, table: dict[str, object]) -> None:
    path = folder / "reliability-lint.toml"
    path.write_text(tomlkit.dumps(table), encoding="utf-8")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == table
    try:
        read(str(path))
        refused = ""
    except Mistake as mistake:
        refused = str(mistake)
    errors = [error.message for error in VALID.iter_errors(json.loads(json.dumps(table)))]
    assert bool(errors) is bool(refused), (errors, refused)
