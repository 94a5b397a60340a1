"""
Which versions of its dependencies the checked project uses, as far as its files say.

Nothing is executed, installed or asked for. Lock files are believed first, then requirements files, then `pyproject.toml`, then `setup.cfg`; a
package for which one of these says two different things is unknown, and of a file that cannot be read nothing is known.
"""

from __future__ import annotations

import codecs
import configparser
import json
import os
import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

import msgspec
from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

LARGEST_FILE = 20_000_000

# What makes a folder the one that speaks for the code below it.
_MARKERS = frozenset(
    {"pyproject.toml", "setup.cfg", "uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", ".git"},
)
_REQUIREMENTS = re.compile(r"requirements.*\.txt", re.DOTALL)

# A distribution as written in a file, and its specifier set as text; no text where the file only names the distribution.
_Said = Iterator[tuple[str, str]]


class Versions(msgspec.Struct, frozen=True):
    """
    What a project says of its dependencies: `known` are pairs of a normalised name and a specifier set, in order.

    `("redis", "==7.1.0")` was locked, `("django", "<6,>=5.2")` was only asked for.
    """

    known: tuple[tuple[str, str], ...] = ()

    def specifiers(self, distribution: str) -> str:
        """The specifier set of a distribution, or the empty string where nothing is known."""
        name = canonicalize_name(distribution)
        place = bisect_left(self.known, (name,))
        return self.known[place][1] if place < len(self.known) and self.known[place][0] == name else ""

    def possible(self, distribution: str, versions: str) -> bool:
        """Whether the project's version may lie in `versions`; False only where it certainly does not."""
        known = self.specifiers(distribution)
        return not known or _may_meet(known, versions)

    def certain(self, distribution: str, versions: str) -> bool:
        """Whether the project's version is known exactly, and lies in `versions`."""
        known = self.specifiers(distribution)
        return bool(known) and _is_pinned(known) and _may_meet(known, versions, unsure=False)


@lru_cache(maxsize=4096)
def _may_meet(known: str, asked: str, *, unsure: bool = True) -> bool:
    """
    Whether a version lies in both specifier sets; `unsure` is the answer where one of them cannot be understood.

    Every specifier begins or ends to hold at certain versions and nowhere between them. So it is enough to try those versions, one just above each,
    and the lowest of all.
    """
    try:
        both = SpecifierSet(f"{known},{asked}")
        tried = {Version("0"), *(candidate for specifier in both for candidate in _candidates(specifier))}
        return any(both.contains(version, prereleases=True) for version in tried)
    except ValueError:  # what is not a version, and numbers of thousands of digits
        return unsure


def _candidates(specifier: Specifier) -> Iterator[Version]:
    """The versions at which a specifier may change its mind, and one just above each."""
    bound = Version(specifier.version.removesuffix(".*"))
    yield from _from(bound)
    if specifier.version.endswith(".*"):
        yield from _from(_next(bound, bound.release))
    elif specifier.operator == "~=":
        yield from _from(_next(bound, bound.release[:-1]))


def _from(version: Version) -> Iterator[Version]:
    yield version
    release = _text(version, version.release)
    if version.public != release:
        yield Version(release)
        # Of a pre-release 2.0b1 the next one is just above; everything else of 2.0 lies above both.
        yield Version(re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), version.public))
    # No one writes a bound between 2.0 and 2.0.0.0.0.1.
    yield Version(release + ".0.0.0.1")


def _next(version: Version, prefix: tuple[int, ...]) -> Version:
    return Version(_text(version, (*prefix[:-1], prefix[-1] + 1)))


def _text(version: Version, release: tuple[int, ...]) -> str:
    return f"{version.epoch}!{'.'.join(map(str, release))}" if version.epoch else ".".join(map(str, release))


@lru_cache(maxsize=4096)
def _is_pinned(known: str) -> bool:
    return any(specifier.operator in ("==", "===") and not specifier.version.endswith(".*") for specifier in SpecifierSet(known))


def read(folder: Path) -> Versions:
    """
    The versions of the project that a folder belongs to: the closest folder from there upward that has a project's files.

    Where that one has no lock file, the closest above it within the same repository counts: the members of a workspace share the lock at its top.
    """
    own: Path | None = None
    locked: Path | None = None
    for candidate in (start := Path(os.path.realpath(folder)), *start.parents):
        if _is_project(candidate):
            own = own or candidate
            locked = locked or (candidate if _lock(candidate) else None)
        if _is_repository(candidate):
            return _read_project(own, locked or own) if own is not None else Versions()
    return _read_project(own, own) if own is not None else Versions()


def named(folder: Path) -> dict[str, str]:
    """Every distribution that the project's own files name, by its normalised name, with what is known of its version, which may be nothing."""
    versions = read(folder)
    names = {name: "" for name, _ in versions.known}
    for candidate in (start := Path(os.path.realpath(folder)), *start.parents):
        if _is_project(candidate):
            required, _ = _requirements(candidate)
            for distribution, _ in (*required, *_pyproject(candidate), *_setup(candidate)):
                names.setdefault(canonicalize_name(distribution), "")
        if _is_project(candidate) or _is_repository(candidate):
            break
    return {name: versions.specifiers(name) for name in sorted(names)}


@cache
def _is_repository(folder: Path) -> bool:
    return (folder / ".git").exists()


@cache
def _lock(folder: Path) -> tuple[tuple[str, str], ...]:
    """What the first lock file of a folder says, if it has one that says anything."""
    for name, said in _LOCKS:
        if lock := _agreed(said(_text_of(folder / name))):
            return tuple(lock.items())
    return ()


@cache
def _is_project(folder: Path) -> bool:
    try:
        return any(entry.name in _MARKERS or _REQUIREMENTS.fullmatch(entry.name) for entry in folder.iterdir())
    except OSError:
        return False


@cache
def _read_project(root: Path, locked: Path) -> Versions:
    known: dict[str, str] = {}
    lock = dict(_lock(locked))
    required, constrained = _requirements(root)
    requirements = _agreed(required)
    # A constraint holds beside the requirement.
    for distribution, specifiers in _agreed(constrained).items():
        beside = requirements.get(distribution, specifiers)
        requirements[distribution] = _sorted(f"{beside},{specifiers}") if beside and specifiers else ""
    for source in (lock, requirements, _agreed(_pyproject(root)), _agreed(_setup(root))):
        for distribution, specifiers in source.items():
            known.setdefault(distribution, specifiers)
    return Versions(known=tuple(sorted((name, specifiers) for name, specifiers in known.items() if specifiers)))


def forget() -> None:
    """Reads again, when it is asked for again, what folders say of versions."""
    for remembered in (_is_repository, _lock, _is_project, _read_project):
        remembered.cache_clear()


def _agreed(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a source says of each distribution; the empty string where it contradicts itself. A bare name says nothing."""
    found: dict[str, str] = {}
    for distribution, text in said:
        try:
            specifiers = _sorted(text)
        except ValueError:
            continue
        if specifiers:
            name = canonicalize_name(distribution)
            found[name] = specifiers if found.get(name, specifiers) == specifiers else ""
    return found


def _sorted(specifiers: str) -> str:
    return ",".join(sorted({str(specifier) for specifier in SpecifierSet(specifiers)}))


def _text_of(path: Path) -> str:
    """A file's text, or the empty string where there is none that can be read."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return ""
        data = path.read_bytes()
    except OSError:
        return ""
    # `pip freeze > requirements.txt` in PowerShell writes UTF-16.
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding, "replace")


_PACKAGE = re.compile(r"^\[\[packages?\]\][ \t]*\r?\n((?:(?!\[)[^\n]*(?:\n|\Z))*)", re.MULTILINE)
_NAME = re.compile(r"""^name\s*=\s*(["'])(.+?)\1""", re.MULTILINE)
_VERSION = re.compile(r"""^version\s*=\s*(["'])(.+?)\1""", re.MULTILINE)


def _toml_lock(text: str) -> _Said:
    """The packages of a lock file in TOML. It is read by lines: a TOML parser takes longer for one than we take for a hundred files."""
    for package in _PACKAGE.finditer(text):
        name, version = _NAME.search(package[1]), _VERSION.search(package[1])
        if name and version:
            yield name[2], f"=={version[2]}"


def _pipfile_lock(text: str) -> _Said:
    try:
        lock = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return
    for section in ("default", "develop"):
        for name, package in _pairs(_below(lock, section)):
            version = _below(package, "version")
            if isinstance(version, str):
                yield name, version


_LOCKS: tuple[tuple[str, Callable[[str], _Said]], ...] = (
    ("uv.lock", _toml_lock),
    ("poetry.lock", _toml_lock),
    ("pdm.lock", _toml_lock),
    ("pylock.toml", _toml_lock),
    ("Pipfile.lock", _pipfile_lock),
)


def _requirements(root: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What the requirements files say, and what the constraints files say that they name."""
    try:
        files = [*sorted(root.glob("requirements*.txt")), *sorted(root.glob("requirements/*.txt"))]
    except OSError:
        return [], []
    required: list[tuple[str, str]] = []
    constrained: list[tuple[str, str]] = []
    waiting = [(file, required) for file in files]
    seen: set[tuple[str, bool]] = set()
    tree = os.path.realpath(root)
    while waiting:
        file, into = waiting.pop()
        real = os.path.realpath(file)
        # What lies outside of the project is not the project's word; a file may also include itself.
        if (real, into is constrained) in seen or not Path(real).is_relative_to(tree):
            continue
        seen.add((real, into is constrained))
        for line in _requirement_lines(_text_of(file)):
            if include := _INCLUDE.match(line):
                kind = constrained if include[1] in ("-c", "--constraint") else into
                waiting.append((file.parent / include[2].strip().strip("\"'"), kind))
            elif requirement := _requirement(line):
                into.append(requirement)
    return required, constrained


_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s*)([^\0]+)")
_OPTIONS = re.compile(r"\s--?[a-z].*", re.DOTALL)


def _requirement_lines(text: str) -> Iterator[str]:
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        if bare := re.sub(r"(^|\s)#.*", "", line).strip():
            yield bare


def _requirement(line: str) -> tuple[str, str] | None:
    """A requirement's name and specifiers; None for anything else, such as `-e .`, an address or a path."""
    try:
        requirement = Requirement(_OPTIONS.sub("", line))
    except (ValueError, RecursionError):
        return None
    return requirement.name, str(requirement.specifier)


def _pyproject(root: Path) -> _Said:
    try:
        content = tomllib.loads(_text_of(root / "pyproject.toml"))
    except (ValueError, RecursionError):
        return
    lists = [_below(content, "project", "dependencies")]
    for table in (_below(content, "project", "optional-dependencies"), _below(content, "dependency-groups")):
        lists += [items for _, items in _pairs(table)]
    for items in lists:
        for item in items if isinstance(items, list) else ():
            if isinstance(item, str) and (requirement := _requirement(item)):
                yield requirement

    poetry = _below(content, "tool", "poetry")
    tables = [_below(poetry, "dependencies"), _below(poetry, "dev-dependencies")]
    tables += [_below(group, "dependencies") for _, group in _pairs(_below(poetry, "group"))]
    for table in tables:
        for name, wanted in _pairs(table):
            constraint = wanted if isinstance(wanted, str) else _below(wanted, "version")
            if name != "python" and isinstance(constraint, str):
                yield name, _specifiers(constraint)


_POETRY = re.compile(r"([\^~]?)\s*(\d{1,9}(?:\.\d{1,9})*)(?!\d)(\S*)")


def _specifiers(constraint: str) -> str:
    """A Poetry constraint in the standard's words; the empty string for "*" and for alternatives, of which nothing can be said."""
    if "|" in constraint:
        return ""
    found: list[str] = []
    for part in re.split(r"\s*,\s*", constraint.strip()):
        wanted = _POETRY.fullmatch(part)
        if part == "*" or not part:
            continue
        if not wanted:
            found.append(part)
            continue
        mark, number, rest = wanted.groups()
        if not mark:
            found.append(f"=={part}")
            continue
        release = [int(piece) for piece in number.split(".")]
        # A tilde keeps two numbers; a caret keeps all up to the first that is not zero, or to the last where all are.
        kept = min(1, len(release) - 1) if mark == "~" else next((place for place, piece in enumerate(release) if piece), len(release) - 1)
        upper = [*release[:kept], release[kept] + 1]
        found += [f">={number}{rest}", f"<{'.'.join(map(str, upper))}"]
    return ",".join(found)


def _setup(root: Path) -> _Said:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text_of(root / "setup.cfg"))
        texts = [parser.get("options", "install_requires", fallback="")]
        if parser.has_section("options.extras_require"):
            texts += [text for _, text in parser.items("options.extras_require")]
    except configparser.Error:
        return
    for text in texts:
        for line in _requirement_lines(text.replace(";\n", "\n")):
            if requirement := _requirement(line):
                yield requirement


def _below(value: object, *keys: str) -> object:
    """What lies under the keys of nested tables, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _pairs(value: object) -> list[tuple[str, object]]:
    return [(str(key), item) for key, item in value.items()] if isinstance(value, dict) else []
