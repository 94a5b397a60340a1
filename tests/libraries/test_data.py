"""The model files that come with us, looked at on their own: no library is imported here."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from reliability_lint.libraries import load
from reliability_lint.libraries.schema import Entry, Model

DATA = Path(load.__file__).parent / "data"
FILES = sorted(DATA.glob("*.toml"))
CONCEPTS = [field for field in Entry.__struct_fields__ if field not in ("name", "versions", "returns", "enters", "raises", "truth")]

each_file = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])


def _expanded(model: Model, entry: Entry) -> list[str]:
    return [name for pattern in load.names(entry.name) for name, _ in load.spellings(pattern, model.sets)]


def test_there_are_models() -> None:
    assert {"requests", "httpx", "redis", "asyncio", "subprocess"} <= {path.stem for path in FILES}


@each_file
def test_it_is_named_after_its_library(path: Path) -> None:
    assert load.load(path).library == path.stem


@each_file
def test_it_says_where_the_facts_come_from(path: Path) -> None:
    model = load.load(path)
    address = urlsplit(model.docs)
    assert address.scheme == "https"
    assert "." in address.netloc
    assert re.match(r"\d+\.\d+", model.seen), f"{path.name}: seen is the version whose source was read"


@each_file
def test_it_speaks_of_its_own_library(path: Path) -> None:
    model = load.load(path)
    names = [name for entry in model.call for name in _expanded(model, entry)]
    names += [kind.name for kind in model.type] + [item.name for item in model.timeout_class] + [item.name for item in model.handler_class]
    names += [item.name for item in model.instance] + [name for strategy in model.strategy for name in strategy.name] + list(model.aliases)
    assert [name for name in names if name.partition(".")[0] != path.stem] == []


@each_file
def test_no_callable_is_told_twice_what_it_means(path: Path) -> None:
    model = load.load(path)
    seen: set[tuple[str, str, str]] = set()
    twice = []
    for entry in model.call:
        for name in _expanded(model, entry):
            for concept in CONCEPTS:
                if getattr(entry, concept) is not None:
                    row = (name, concept, entry.versions)
                    if row in seen:
                        twice.append(row)
                    seen.add(row)
    assert twice == []


@each_file
def test_every_entry_says_something(path: Path) -> None:
    fields = ("returns", "enters", "raises", *CONCEPTS)
    assert [entry.name for entry in load.load(path).call if not any(getattr(entry, field) for field in fields)] == []


@each_file
def test_types_are_told_once(path: Path) -> None:
    names = [kind.name for kind in load.load(path).type]
    assert [name for name in names if names.count(name) > 1] == []


@each_file
def test_sets_are_used_and_there(path: Path) -> None:
    model = load.load(path)
    used = set(re.findall(r"\{(\w+)\}", " ".join(pattern for entry in model.call for pattern in load.names(entry.name))))
    assert used == set(model.sets)
    assert [name for name, members in model.sets.items() if len(members) != len(set(members)) or not members] == []


@each_file
def test_holes_are_filled_by_the_name(path: Path) -> None:
    """`instead = "asyncio.{waiter}"` needs {waiter} in every name of its entry."""
    model = load.load(path)
    unfilled = []
    for entry in model.call:
        for pattern in load.names(entry.name):
            for name, holes in load.spellings(pattern, model.sets):
                filled = load.filled(entry, holes)
                rest = repr([getattr(filled, field) for field in filled.__struct_fields__ if field not in ("name", "truth")])
                if "{}" not in rest and re.search(r"\{\w+\}", rest):
                    unfilled.append(name)
    assert unfilled == []


@each_file
def test_aliases_lead_to_a_library_and_not_to_themselves(path: Path) -> None:
    model = load.load(path)
    libraries = {file.stem for file in FILES}
    assert [target for target in model.aliases.values() if target.partition(".")[0] not in libraries] == []
    assert [alias for alias, target in model.aliases.items() if f"{target}.".startswith(f"{alias}.")] == []


@each_file
def test_what_types_are_made_of_is_modelled(path: Path) -> None:
    model = load.load(path)
    roots = {path.stem} | {other.partition(".")[0] for kind in model.type for other in (*kind.bases, *kind.attributes.values())}
    roots |= {item.type.partition(".")[0] for item in model.instance}
    types = {kind.name for root in roots if (DATA / f"{root}.toml") in FILES for kind in load.load(DATA / f"{root}.toml").type}
    assert [other for kind in model.type for other in (*kind.bases, *kind.attributes.values()) if other not in types] == []
    assert [item.type for item in model.instance if item.type not in types] == []


@each_file
def test_what_is_missing_can_be_mended(path: Path) -> None:
    """A wait that may be reported names the argument to pass, or says what to do where there is none."""
    model = load.load(path)
    mute = []
    for entry in model.call:
        wait = entry.wait
        if wait is None or wait.tier not in ("always", "sensitive", "opt-in") or wait.cure:
            continue
        if wait.timeout is None or (not wait.timeout.keywords and wait.timeout.default != "unknown"):
            mute.append(entry.name)
    assert mute == []


def test_a_key_that_is_missing_at_the_top_is_told():
    with pytest.raises(load.ModelError, match=r"depot\.toml:1: model: .*docs"):
        load.parse('library = "depot"\n[[call]]\nname = "depot.open"\n', "depot.toml")
