"""
Why a file is checked or not: the pattern, and where it stands, that leaves it out, or what else does.

`discover` decides; this goes the same way once more for one path, folder by folder, and tells what it meets.
"""

# ruff: noqa: PTH100, PTH110, PTH112, PTH114, PTH118, PTH119, PTH120, PTH206

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import msgspec

from .. import registry
from ..diagnostics import FileReport
from ..mistake import Mistake
from ..text.paths import shown_path
from .check import read
from .discover import (
    ENDINGS,
    Ignore,
    discover,
    for_argument,
    git_root,
    gitignore_of,
    gitignores_above,
    ignored_by_settings,
    is_left_out,
    reason_against,
    sign_of_a_program,
)
from .neighbours import text_of
from .origins import origins, why
from .roles import role, sign
from .selection import chosen, expand
from .settings import Lookup, Settings, below_root, pattern_spec, text_and_prefix
from .toml_places import places


class Answer(msgspec.Struct, frozen=True):
    """Whether a path is checked, and what there is to say about it, a sentence each."""

    path: str
    checked: bool
    reasons: tuple[str, ...]


def answer(path: str, asked: Sequence[str], lookup: Lookup, *, config: str, isolated: bool) -> Answer:
    """Whether a run over `asked` would check a file, or look into a folder, and why."""
    if not os.path.lexists(path):
        raise Mistake("no such file or folder", path=path)
    real = os.path.realpath(path)
    # A folder that is a link is not followed, so a file is met where its folder really is; of the file itself the link is met.
    entry = os.path.join(os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.basename(os.path.abspath(path)))
    if os.path.isdir(real):
        entry = real
    said = against(entry, real, asked, lookup)
    settings = lookup.of_folder(real if os.path.isdir(real) else os.path.dirname(real))
    holds = why(settings, real if os.path.isdir(real) else os.path.dirname(real), config=config, isolated=isolated)
    if os.path.isdir(real):
        return Answer(shown_path(path), not said, (*(said or ["it is looked into"]), *holds))
    met = next((found for found in discover(asked, lookup).files if found.path == real), None)
    if met is None:
        return Answer(shown_path(path), False, (*said, *holds))
    about = [] if met.shown == shown_path(path) else [f"it is checked as {met.shown}, which is the same file"]
    if any(os.path.realpath(one) == real for one in asked):
        about.append("it is named itself, so nothing excludes it")
    return Answer(shown_path(path), True, (*about, *holds, *_silent(real, met.shown, settings)))


def against(entry: str, real: str, asked: Sequence[str], lookup: Lookup) -> list[str]:
    """Why nothing that was asked for leads to a path; empty where something does. `entry` is where it is met, `real` what that leads to."""
    said: list[str] = []
    for one in asked:
        argument = os.path.realpath(one)
        if argument == real:
            reason = _as_argument(real, lookup)
        elif os.path.isdir(argument) and entry.startswith(argument.rstrip(os.sep) + os.sep):
            reason = _on_the_way(entry, argument, lookup)
        else:
            continue
        if not reason:
            return []
        said.append(reason)
    return said or [f"it does not lie in what is checked: {', '.join(map(shown_path, asked))}"]


def _as_argument(real: str, lookup: Lookup) -> str:
    folder = os.path.isdir(real)
    settings = lookup.of_folder(real if folder else os.path.dirname(real))
    if not settings.force_exclude:
        return ""
    top = git_root(os.path.dirname(real)) or settings.root or os.path.dirname(real)
    steps = [real]
    while steps[-1] not in (top, settings.root, os.path.dirname(steps[-1])):
        steps.append(os.path.dirname(steps[-1]))
    git = [*gitignores_above(os.path.dirname(real), top), *gitignore_of(os.path.dirname(real))]
    for step in reversed(steps):
        if step not in (top, settings.root) and (
            reason := _left_out(step, [*git, ignored_by_settings(settings)], settings, step != real or folder, above=True)
        ):
            return f"{reason}, and `force-exclude` holds for what is named, too"
    return "" if folder else _generated(real)


def _on_the_way(entry: str, argument: str, lookup: Lookup) -> str:
    """What the walk from an argument down to a path meets that keeps it from going on."""
    top = git_root(argument)
    first = lookup.of_folder(argument)
    git = gitignores_above(argument, top) if top else []
    if not first.force_exclude:
        git = [for_argument(ignore, argument) for ignore in git]
    elif reason := _as_argument(argument, lookup):
        return reason
    folder = argument
    for name in entry[len(argument.rstrip(os.sep)) + 1 :].split(os.sep):
        settings = lookup.of_folder(folder)
        base = settings.root if (argument + os.sep).startswith(settings.root.rstrip(os.sep) + os.sep) else argument
        own = Ignore(base, ignored_by_settings(settings).patterns)
        own = own if settings.force_exclude else for_argument(own, argument)
        git = [*git, *gitignore_of(folder)]
        step = os.path.join(folder, name)
        is_folder = os.path.isdir(step) and not os.path.islink(step)
        if not is_folder and not name.endswith(ENDINGS):
            return f"its name does not end in {' or '.join(ENDINGS)}, and it is not named itself"
        if reason := _left_out(step, [*git, own], settings, is_folder):
            return reason
        if is_folder:
            if os.path.exists(os.path.join(step, "pyvenv.cfg")):
                return f"{shown_path(step)} is a virtual environment: it holds a pyvenv.cfg"
        elif reason := _generated(step) or _of_entry(folder, name):
            return reason
        folder = step
    return ""


def _of_entry(folder: str, name: str) -> str:
    with os.scandir(folder) as scan:
        reason = next((reason_against(entry) for entry in scan if entry.name == name), "")
    return "it is a link to a folder, and these are not followed" if reason == "a folder" else reason


def _generated(path: str) -> str:
    found = sign_of_a_program(path)
    if not found:
        return ""
    return f"it is generated code: {'its name ends in' if path.endswith(found) else 'the comments at its head say'} {found}"


def _left_out(path: str, ignores: Sequence[Ignore], settings: Settings, folder: bool, *, above: bool = False) -> str:
    """Which pattern leaves a path out, and where it stands."""
    if not is_left_out(path, ignores, folder=folder, above=above):
        return ""
    what = f"{shown_path(path)}{'/' if folder else ''}"
    *git, own = ignores
    if own.says(path, folder=folder, above=above) and (pattern := _deciding(own, path, folder)):
        return f"{what} is excluded by '{pattern}' ({_of_settings(pattern, settings)})"
    for ignore in reversed(git):
        if (
            path.startswith(ignore.root.rstrip(os.sep) + os.sep)
            and ignore.says(path, folder=folder, above=above)
            and (pattern := _deciding(ignore, path, folder))
        ):
            file = os.path.join(ignore.root, ".gitignore")
            lines = text_of(file).splitlines()
            line = max((number for number, text in enumerate(lines, 1) if text == pattern), default=0)
            return f"{what} is ignored by '{pattern}' ({shown_path(file)}:{line})"
    return f"{what} is excluded"


def _deciding(ignore: Ignore, path: str, folder: bool) -> str:
    """Of several patterns that speak of a path the last one counts."""
    found = (pattern for pattern in reversed(ignore.patterns) if Ignore(ignore.root, (pattern,)).says(path, folder=folder))
    return next(found, "")


def _of_settings(pattern: str, settings: Settings) -> str:
    """Where a pattern of the settings stands."""
    if settings.source:
        text, prefix = text_and_prefix(settings.source)
        _, values = places(text)
        for key, patterns in (("extend-exclude", settings.extend_exclude), ("exclude", settings.exclude)):
            for number in (number for number, one in enumerate(patterns) if one == pattern):
                if place := values.get((*prefix, key, number)):
                    return f"`{key}`, {shown_path(settings.source)}:{text.count(chr(10), 0, place[0]) + 1}"
    return "the default of `exclude`"


def _silent(path: str, shown: str, settings: Settings) -> Iterable[str]:
    """Which rules say nothing of a file that is checked."""
    text = read(path, shown)
    if isinstance(text, FileReport):
        return
    below = below_root(settings.root, path) if settings.root else shown
    kind = role(below, text)
    rules = [registry.described()[code] for code in chosen(settings, path)]
    if kind != "service":
        quiet = sum(not rule.everywhere and rule.family != "meta" for rule in rules)
        how = (
            "but `include-tests` lets all rules speak there"
            if settings.include_tests
            else f"{quiet} of {len(rules)} rules, those about running services, are silent there"
        )
        yield f"it is a {kind}, by {sign(below, text)}: {how}"
    for one in origins(settings, settings, {}):
        if (
            one.key[0] == "per-file-ignores"
            and len(one.key) > 1
            and pattern_spec((one.key[1],)).match_file(below_root(settings.root, path))
        ):
            names = one.value if isinstance(one.value, list) else []
            left = frozenset[str]().union(*map(expand, names)) & set(chosen(settings))
            yield f"`per-file-ignores` leaves out {', '.join(map(str, names))} ({one.origin}): {len(left - {rule.code for rule in rules})} rules"
