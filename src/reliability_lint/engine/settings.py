"""
Settings: `[tool.reliability-lint]` in `pyproject.toml`, or the same keys in `reliability-lint.toml`.

The file closest above a checked file holds for it, and no other: nothing is merged. A `pyproject.toml` without our table is passed over. Every key is
checked; a wrong one is a `Mistake` with its place.
"""


# ruff: noqa: PTH110, PTH112, PTH113, PTH116, PTH118, PTH119, PTH120, PTH123, PTH207

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from glob import glob, has_magic
from typing import TYPE_CHECKING, cast

import msgspec

from .. import registry
from ..diagnostics import Severity
from ..mistake import Mistake, did_you_mean, in_text
from ..text.paths import shown_path

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from .toml_places import Path, Place

OWN_FILE = "reliability-lint.toml"
TABLE = "tool.reliability-lint"
PRESETS = ("recommended", "strict", "audit")
DEFAULT_EXCLUDE = (
    ".bzr/",
    ".direnv/",
    ".eggs/",
    ".git/",
    ".hg/",
    ".hypothesis/",
    ".ipynb_checkpoints/",
    ".mypy_cache/",
    ".nox/",
    ".pants.d/",
    ".pyenv/",
    ".pytest_cache/",
    ".pytype/",
    ".reliability_lint_cache/",
    ".ruff_cache/",
    ".svn/",
    ".tox/",
    ".venv/",
    "__pycache__/",
    "__pypackages__/",
    "build/",
    "buck-out/",
    "dist/",
    "node_modules/",
    "site-packages/",
    "venv/",
)

Scalar = str | int | float | bool | None
Option = Scalar | tuple[Scalar, ...]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the user wants. Hashable; the two tables are tuples of pairs.

    `source` is the file they were read from (empty where there is none), `root` the folder that patterns and paths are relative to: that of the file,
    else that of the project. `local_rules_allowed`: whoever runs us has said that the code in `local_rules` may be executed.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    preset: str = "recommended"
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    include_tests: bool = False
    libraries: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rules: tuple[tuple[str, tuple[tuple[str, Option], ...]], ...] = ()
    defer_to: tuple[str, ...] = ()
    cache_dir: str = ""
    baseline: str = ""
    strict_baseline: bool = False
    local_rules: tuple[str, ...] = ()
    local_rules_allowed: bool = False
    source: str = ""
    root: str = ""


KEYS = tuple(field.replace("_", "-") for field in Settings.__struct_fields__ if field not in ("local_rules_allowed", "source", "root"))
_SELECTORS = ("select", "ignore", "extend-select")
_PATTERNS = ("exclude", "extend-exclude")
_SWITCHES = ("force-exclude", "include-tests", "strict-baseline")


class Lookup:
    """
    The settings of each file, read once per folder.

    `config` names a file that holds for all; `isolated` reads none. `change` is applied to all settings: what the command line says. With
    `allow_local_rules` the code that settings name as local rules is executed; without it only where the user's own settings say so.
    """

    def __init__(
        self,
        config: str = "",
        *,
        isolated: bool = False,
        change: Callable[[Settings], Settings] = lambda settings: settings,
        allow_local_rules: bool = False,
    ) -> None:
        self._allow = allow_local_rules
        self._change = change
        self._isolated = isolated
        self._folders: dict[str, Settings] = {}
        self._read: dict[str, Settings | None] = {}
        self._fixed = change(read(config, allow_local_rules=allow_local_rules)) if config and not isolated else None

    def of_folder(self, folder: str) -> Settings:
        """The settings of the files of a folder (its real path)."""
        if self._fixed is not None:
            return self._fixed
        if folder not in self._folders:
            self._folders[folder] = self._change(self._closest(folder))
        return self._folders[folder]

    def _closest(self, folder: str) -> Settings:
        above = _upward(folder)
        if not self._isolated:
            for candidate in above:
                if candidate not in self._read:
                    self._read[candidate] = settings_in(candidate, allow_local_rules=self._allow)
                if (found := self._read[candidate]) is not None:
                    return found
        here = os.path.realpath(os.curdir)
        beside = here if here in above else _around(folder)
        return Settings(root=next((candidate for candidate in above if _is_project(candidate)), beside))

    def of_file(self, path: str) -> Settings:
        """The settings of a file (its real path)."""
        return self.of_folder(os.path.dirname(path))


def settings_for(path: str) -> Settings:
    """The settings of one file, as `check` would use them."""
    return Lookup().of_file(os.path.realpath(path))


def _upward(folder: str) -> list[str]:
    """A folder and all above it."""
    above = [folder]
    while (parent := os.path.dirname(above[-1])) != above[-1]:
        above.append(parent)
    return above


def _around(folder: str) -> str:
    """
    The folder above the outermost package around a folder or, outside of packages, above the folder itself: names below it tell what a file is for, `tests`
    or `migrations`. Between packages there may be folders without `__init__.py`.
    """
    packages = [one for one in _upward(folder) if os.path.exists(os.path.join(one, "__init__.py"))]
    return os.path.dirname(packages[-1] if packages else folder)


@lru_cache(maxsize=4096)
def _is_project(folder: str) -> bool:
    return any(os.path.exists(os.path.join(folder, name)) for name in (".git", "pyproject.toml", "setup.py", "setup.cfg"))


def forget() -> None:
    """Looks again, when it is asked for again, where projects begin."""
    _is_project.cache_clear()


def settings_in(folder: str, *, allow_local_rules: bool = False) -> Settings | None:
    """The settings that a folder itself holds, if it does."""
    own = os.path.join(folder, OWN_FILE)
    if os.path.isfile(own):
        return read(own, allow_local_rules=allow_local_rules)
    project = os.path.join(folder, "pyproject.toml")
    if os.path.isfile(project):
        return _read(project, _changed(project), required=False, allow=allow_local_rules)
    return None


def read(path: str, *, allow_local_rules: bool = False) -> Settings:
    """The settings of a file that must hold some."""
    if not os.path.isfile(path):
        raise Mistake(f"there is no settings file '{path}'")
    found = _read(os.path.realpath(path), _changed(path), required=True, allow=allow_local_rules)
    if found is None:
        raise Mistake(f"it has no table [{TABLE}]", path=shown_path(path))
    return found


def read_if_any(path: str) -> Settings | None:
    """The settings of a file; None for a `pyproject.toml` without any."""
    return read(path) if not _in_project(path) else _read(os.path.realpath(path), _changed(path), required=False, allow=False)


def text_and_prefix(path: str) -> tuple[str, tuple[str, ...]]:
    """The text of a settings file that could be read, and the keys of the table in it that is ours."""
    with open(path, "rb") as file:
        return file.read().decode("utf-8-sig", "replace"), ("tool", "reliability-lint") if _in_project(path) else ()


def cache_dir(folder: str, config: str = "") -> str:
    """
    The folder that the settings for a folder, or those of `config`, give to the cache; empty where they say nothing.

    They are not checked here, so that no rule is asked for: what is wrong with them is told when they are read.
    """
    above = [config] if config else [os.path.join(one, name) for one in _upward(folder) for name in (OWN_FILE, "pyproject.toml")]
    for path in filter(os.path.isfile, above):
        try:
            _, table = _table(os.path.realpath(path), _changed(path), required=bool(config))
        except Mistake:
            return ""
        if isinstance(table, dict):
            told = table.get("cache-dir")
            return os.path.join(os.path.dirname(os.path.realpath(path)), told) if isinstance(told, str) and told else ""
    return ""


def _changed(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _read(path: str, when: tuple[int, int], *, required: bool, allow: bool) -> Settings | None:
    text, table = _table(path, when, required=required)
    if table is None:
        return None
    prefix: Path = ("tool", "reliability-lint") if _in_project(path) else ()
    reader = _Table(shown_path(path), text, prefix, os.path.dirname(path), allow=allow)
    return reader.settings(cast("dict[str, object]", table) if isinstance(table, dict) else reader.refuse((), table, "a table"), path)


def _in_project(path: str) -> bool:
    return os.path.basename(path) == "pyproject.toml"


@lru_cache(maxsize=64)
def _table(path: str, _when: tuple[int, int], *, required: bool) -> tuple[str, object]:
    """A file's text, and what stands in it for us, unchecked; None where nothing does."""
    import tomllib

    shown = shown_path(path)
    in_project = _in_project(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
        # A broken pyproject.toml that cannot hold our table is the business of other tools.
        if in_project and not required and b"reliability-lint" not in data:
            return "", None
        text = data.decode("utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise Mistake(f"cannot be read: {error.strerror}", path=shown) from None
    except UnicodeDecodeError as error:
        raise Mistake(f"cannot be read: byte {error.start} is not valid UTF-8", path=shown) from None
    except tomllib.TOMLDecodeError as error:
        raise no_toml(str(error), shown, text) from None
    except RecursionError:
        raise Mistake("cannot be read: it is nested too deeply", path=shown) from None
    table: object = document
    for name in ("tool", "reliability-lint") if in_project else ():
        table = table.get(name) if isinstance(table, dict) else None
    return text, table


_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def no_toml(message: str, shown: str, text: str) -> Mistake:
    """What `tomllib` says of a text, as a mistake with its place."""
    match = _TOML_PLACE.search(message)
    offset = len(text.rstrip())
    if match and match[1]:
        # tomllib counts lines at "\n" alone.
        lines = text.split("\n")
        offset = sum(len(line) + 1 for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1
    offset = min(offset, len(text))
    said = _TOML_PLACE.sub("", message)
    return in_text(f"this is no TOML: {said[:1].lower()}{said[1:]}", shown, text, (offset, offset + 1))


class _Table:
    """Reads one table; it knows where everything stands, for the mistakes."""

    def __init__(self, shown: str, text: str, prefix: Path, root: str, *, allow: bool = False) -> None:
        self.allow = allow
        self.shown = shown
        self.text = text
        self.prefix = prefix
        self.root = root
        self.title = f"[{TABLE}]" if prefix else self.shown

    def mistake(self, message: str, path: Path, *, at_key: bool = False, hint: str = "") -> Mistake:
        from .toml_places import places

        keys, values = places(self.text)
        full = self.prefix + path
        first, second = (keys, values) if at_key else (values, keys)
        place: Place | None = None
        while place is None and full:
            place = first.get(full) or second.get(full)
            full = full[:-1]
        return in_text(message, self.shown, self.text, place or (0, 1), hint)

    def refuse(self, path: Path, value: object, wanted: str) -> dict[str, object]:
        name = next((str(part) for part in reversed(path) if isinstance(part, str)), TABLE)
        raise self.mistake(f"'{name}' must be {wanted}, not {_kind(value)}", path)

    def settings(self, table: dict[str, object], source: str) -> Settings:
        found: dict[str, object] = {}
        if "local-rules" in table:  # first, since the other keys may name them
            found.update(self.local_rules(table["local-rules"]))
        for key, value in table.items():
            if key == "local-rules":
                continue
            if key not in KEYS:
                raise self.mistake(f"unknown option '{key}' in {self.title}", (key,), at_key=True, hint=did_you_mean(key, KEYS))
            found[key.replace("-", "_")] = self.value(key, value)
        return msgspec.convert({**found, "source": source, "root": self.root}, Settings)

    def value(self, key: str, value: object) -> object:
        if key in _SELECTORS:
            return self.selectors((key,), value)
        if key in _PATTERNS:
            patterns = self.strings((key,), value)
            for index, pattern in enumerate(patterns):
                self.pattern(pattern, (key, index))
            return patterns
        if key in _SWITCHES:
            return value if isinstance(value, bool) else self.refuse((key,), value, "true or false")
        if key == "preset":
            if value not in PRESETS:
                hint = did_you_mean(value, PRESETS) if isinstance(value, str) else ""
                raise self.mistake(f"'preset' must be one of {_listed(PRESETS)}", (key,), hint=hint)
            return value
        if key == "libraries":
            return self.libraries(value)
        if key == "defer-to":
            return self.peers(value)
        if key in ("cache-dir", "baseline"):
            return value if isinstance(value, str) else self.refuse((key,), value, "a string")
        if not isinstance(value, dict):
            return self.refuse((key,), value, "a table")
        if key == "per-file-ignores":
            for pattern in value:
                self.pattern(pattern, (key, pattern))
            return tuple((pattern, self.selectors((key, pattern), selectors)) for pattern, selectors in value.items())
        return tuple(sorted(self.rule(name, options) for name, options in value.items()))

    def strings(self, path: Path, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.refuse(path, value, "a list of strings")
        for index, item in enumerate(cast("list[object]", value)):
            if not isinstance(item, str):
                self.refuse((*path, index), item, "a list of strings")
        return tuple(cast("list[str]", value))

    def selectors(self, path: Path, value: object) -> tuple[str, ...]:
        from .selection import problem

        names = self.strings(path, value)
        for index, name in enumerate(names):
            if wrong := problem(name):
                raise self.mistake(wrong[0], (*path, index), hint=wrong[1])
        return names

    def pattern(self, pattern: str, path: Path) -> None:
        try:
            pattern_spec((pattern,))
        except ValueError:
            raise self.mistake(f"'{pattern}' is no pattern, as in a .gitignore", path, at_key=path[0] == "per-file-ignores") from None

    def libraries(self, value: object) -> tuple[str, ...]:
        found: list[str] = []
        for index, name in enumerate(self.strings(("libraries",), value)):
            path = os.path.join(self.root, name)
            files = sorted(glob(path, recursive=True)) if has_magic(name) else [path] if os.path.isfile(path) else []
            if not files:
                raise self.mistake(f"there is no file '{name}' in {shown_path(self.root)}", ("libraries", index))
            found += [os.path.realpath(file) for file in files]
        return tuple(dict.fromkeys(found))

    def local_rules(self, value: object) -> dict[str, object]:
        """The files and folders with rules of the project's own, and whether they may be executed. If so, they are now."""
        from . import local_rules
        from .trust import trusts

        found: list[str] = []
        for index, name in enumerate(self.strings(("local-rules",), value)):
            path = os.path.realpath(os.path.join(self.root, name))
            if not os.path.isdir(path) and not (os.path.isfile(path) and path.endswith(".py")):
                raise self.mistake(f"there is no folder and no Python file '{name}' in {shown_path(self.root)}", ("local-rules", index))
            found.append(path)
        allowed = self.allow or trusts(self.root)
        for path in found:
            (local_rules.load if allowed else local_rules.look_at)(path)
        return {"local_rules": tuple(dict.fromkeys(found)), "local_rules_allowed": allowed}

    def peers(self, value: object) -> tuple[str, ...]:
        from ..peers import PEERS, deferrable

        names = self.strings(("defer-to",), value)
        for index, name in enumerate(names):
            if name not in PEERS and name not in (known := sorted(deferrable())):
                hint = did_you_mean(name, known) or f"there is {_listed(PEERS)}"
                raise self.mistake(f"unknown linter '{name}'", ("defer-to", index), hint=hint)
        return names

    def rule(self, name: str, values: object) -> tuple[str, tuple[tuple[str, Option], ...]]:
        rules = {rule.name: rule for rule in registry.described().values()}
        rule = rules.get(name) or registry.described().get(name)
        path: Path = ("rules", name)
        if rule is None:
            from .selection import is_idle, problem

            if is_idle(name):  # a local rule that is not run: nobody knows its options
                return name, ()

            # A family or preset is a selector, but no rule.
            message, hint = problem(name) or ("", "")
            known = "not there yet" in message
            hint = hint if known else did_you_mean(name, rules)
            raise self.mistake(message if known else f"unknown rule '{name}'", path, at_key=True, hint=hint)
        if not isinstance(values, dict):
            self.refuse(path, values, "a table of options")
        found: list[tuple[str, Option]] = []
        for key, value in cast("dict[str, object]", values).items():
            option = key.replace("-", "_")
            if key == "severity":
                found.append((key, self.severity((*path, key), value)))
            elif option in rule.options and "_" not in key:
                found.append((option, self.option((*path, key), value, rule.options[option])))
            else:
                known_keys = ["severity", *(name.replace("_", "-") for name in rule.options)]
                hint = did_you_mean(key, known_keys) or f"there is {_listed(known_keys)}"
                raise self.mistake(f"unknown option '{key}' of {rule.name}", (*path, key), at_key=True, hint=hint)
        return rule.name, tuple(sorted(found))

    def severity(self, path: Path, value: object) -> str:
        names = [severity.value for severity in Severity]
        if not isinstance(value, str) or value not in names:
            hint = did_you_mean(value, names) if isinstance(value, str) else ""
            raise self.mistake(f"'severity' must be one of {_listed(names)}", path, hint=hint)
        return value

    def option(self, path: Path, value: object, default: object) -> Option:
        """An option's value, of the type that its default has; a default of None says nothing of the type."""
        if default is None:
            if not isinstance(value, str | int | float):
                self.refuse(path, value, "a string, a number, true or false")
        elif isinstance(default, bool):
            if not isinstance(value, bool):
                self.refuse(path, value, "true or false")
        elif isinstance(default, int | float):
            if isinstance(value, bool) or not isinstance(value, int if isinstance(default, int) else int | float):
                self.refuse(path, value, "a whole number" if isinstance(default, int) else "a number")
            return float(cast("float", value)) if isinstance(default, float) else cast("int", value)
        elif isinstance(default, str):
            if not isinstance(value, str):
                self.refuse(path, value, "a string")
        elif isinstance(default, tuple | list | set | frozenset):
            if not isinstance(value, list):
                self.refuse(path, value, "a list")
            sample = next(iter(default), "")
            items = (self.option((*path, index), item, sample) for index, item in enumerate(cast("list[object]", value)))
            return tuple(cast("Scalar", item) for item in items)
        else:
            self.refuse(path, value, f"left out: options of the type {type(default).__name__} cannot be set")
        return cast("Option", value)


def user_table(path: str) -> tuple[_Table, dict[str, object]]:
    """The user's own settings, unchecked, and who knows where everything stands in them."""
    text, table = _table(path, _changed(path), required=True)
    return _Table(path, text, (), os.path.dirname(path)), cast("dict[str, object]", table)


def _kind(value: object) -> str:
    kinds: Mapping[type, str] = {
        bool: "true or false",
        str: "a string",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(value), "a date or time")


def _listed(names: Iterable[str]) -> str:
    *most, last = (f"'{name}'" for name in names)
    return f"{', '.join(most)} or {last}" if most else last


@lru_cache(maxsize=1024)
def pattern_spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    """Patterns as in a `.gitignore`, compiled."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def below_root(root: str, path: str) -> str:
    """A path as patterns see it: relative to the root, with forward slashes; only the name where it lies elsewhere."""
    prefix = root if root.endswith(os.sep) else root + os.sep
    below = path[len(prefix) :] if path.startswith(prefix) else os.path.basename(path)
    return below.replace(os.sep, "/")
