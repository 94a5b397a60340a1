"""Reads library models from TOML. An error names file, line and key, and what would be right."""

from __future__ import annotations

import contextlib
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import product, zip_longest
from pathlib import Path

import msgspec

from ..plugins import model_files
from .schema import Entry, Model

COMPILED = "models.msgpack"  # beside the folder of TOML files
_HOLE = re.compile(r"\{(\w+)\}")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[\.\.\.\]")


class ModelError(Exception):
    """A library model that cannot be used; the message says where and why."""


def load(path: Path) -> Model:
    """A model file as data."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ModelError(f"{path}: cannot be read: {problem}") from None
    return parse(text, str(path))


def parse(text: str, path: str) -> Model:
    """A model from its text; `path` is for messages."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ModelError(f"{path}: {problem}") from None
    try:
        model = msgspec.convert(data, Model)
    except msgspec.ValidationError as problem:
        message, _, where = str(problem).partition(" - at `")
        keys = [name or int(index) for name, index in _STEP.findall(where.rstrip("`")) if name or index]
        unknown = re.search(r"unknown field `(.+?)`", message)
        if unknown:
            keys.append(unknown[1])
        line, key = _locate(text, keys)
        raise ModelError(f"{path}:{line}: {key}: {message[0].lower()}{message[1:]}") from None
    for number, entry in enumerate(model.call):
        for name in names(entry.name):
            for hole in _HOLE.findall(name):
                if hole not in model.sets:
                    line, _ = _locate(text, ["call", number, "name"])
                    raise ModelError(
                        f"{path}:{line}: call.name: {{{hole}}} is not in [sets], which has: {', '.join(sorted(model.sets)) or 'nothing'}"
                    )
    return model


def _locate(text: str, keys: list[str | int]) -> tuple[int, str]:
    """The line on which a key stands, as near as the text tells, and the key's dotted name."""
    lines = text.splitlines()
    at = 0
    name = ".".join(str(key) for key in keys if isinstance(key, str)) or "model"
    for key, following in zip_longest(keys, keys[1:]):
        if isinstance(key, int):
            continue
        if isinstance(following, int):
            headers = [i for i, line in enumerate(lines) if line.strip().startswith(f"[[{key}]]")]
            if following < len(headers):
                at = headers[following]
            continue
        pattern = re.compile(rf"(?:^|[\s{{,\[\"]){re.escape(key)}[\"\]]*\s*(?:=|\]|$)")
        for i in range(at, len(lines)):
            if pattern.search(lines[i]):
                at = i
                break
    return at + 1, name


def names(name: str | tuple[str, ...]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (name,) if isinstance(name, str) else name


def spellings(pattern: str, sets: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, dict[str, str]]]:
    """`requests.{verb}` → `requests.get` with verb = get, and so on."""
    if "{" not in pattern:  # most have no hole, and there are ten thousand of them
        yield pattern, {}
        return
    pieces = _HOLE.split(pattern)
    choices = [[piece] if index % 2 == 0 else list(sets[piece]) for index, piece in enumerate(pieces)]
    holes = pieces[1::2]
    for choice in product(*choices):
        yield "".join(choice), dict(zip(holes, choice[1::2], strict=True))


def filled(entry: Entry, holes: Mapping[str, str]) -> Entry:
    """An entry whose concepts have the holes of its name filled in, as in `method = "{verb}"`."""
    if not holes:
        return entry
    changes = {
        field: _fill(value, holes)
        for field in entry.__struct_fields__
        if field not in ("name", "truth") and isinstance(value := getattr(entry, field), msgspec.Struct | str)
    }
    return msgspec.structs.replace(entry, **{key: value for key, value in changes.items() if value is not getattr(entry, key)})


def has_holes(entry: Entry) -> bool:
    """Whether an entry says different things of the callables that it names."""
    if not any("{" in name for name in names(entry.name)):
        return False  # holes are filled by the name
    return any(
        value and _HOLE.search(repr(value))
        for field in entry.__struct_fields__
        if field not in ("name", "truth") and (value := getattr(entry, field))
    )


def _fill(value: object, holes: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _HOLE.sub(lambda match: holes.get(match[1], match[0]), value) if "{" in value else value
    if isinstance(value, tuple):
        new = tuple(_fill(item, holes) for item in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    if isinstance(value, msgspec.Struct):
        changes = {}
        for field in value.__struct_fields__:
            old = getattr(value, field)
            replaced = _fill(old, holes)
            if replaced is not old:
                changes[field] = replaced
        return msgspec.structs.replace(value, **changes) if changes else value
    return value


@cache
def shipped() -> tuple[Model, ...]:
    """The models that come with us, by library."""
    folder = files("reliability_lint.libraries")
    texts = _texts(folder)
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        written = (folder / COMPILED).read_bytes()
        if written.startswith(mark := _mark(texts)):
            return msgspec.msgpack.decode(written[len(mark) :], type=tuple[Model, ...])
    return _read(texts)


@cache
def installed() -> tuple[Model, ...]:
    """The models that come with other distributions."""
    found = []
    for plugin, path in model_files():
        try:
            found.append(load(Path(path)))
        except ModelError as problem:
            raise ModelError(f"{problem} (a model of {plugin.origin})") from None
    return tuple(found)


def compiled() -> bytes:
    """
    The models that come with us in a form that is read at once, for the file that is made when the package is built. It begins with a mark of the TOML
    that it was made from: where that has changed since, it is not used.
    """
    texts = _texts(files("reliability_lint.libraries"))
    return _mark(texts) + msgspec.msgpack.encode(_read(texts))


def _texts(folder: Traversable) -> dict[str, bytes]:
    return {item.name: item.read_bytes() for item in (folder / "data").iterdir() if item.name.endswith(".toml")}


def _mark(texts: Mapping[str, bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(texts):
        digest.update(f"{name} {len(texts[name])}\n".encode())
        digest.update(texts[name])
    return digest.digest()


def _read(texts: Mapping[str, bytes]) -> tuple[Model, ...]:
    found = [parse(text.decode("utf-8"), name) for name, text in texts.items()]
    return tuple(sorted(found, key=lambda model: model.library))
