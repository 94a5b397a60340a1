"""`reliability-lint config`."""

# ruff: noqa: PTH112, PTH120

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from .choosing import Choice, change_of, choice_options

if TYPE_CHECKING:
    from ...engine.origins import Origin

_WIDEST = 100


@click.group(short_help="Show and check settings.")
def config() -> None:
    """Show which settings hold and where they come from, and check them."""


@config.command(short_help="Show the settings of a file.")
@click.argument("path", type=click.Path(), default=".")
@click.option("--output-format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--config", "named", type=click.Path(), metavar="FILE", help="Take the settings of this file.")
@click.option("--isolated", is_flag=True, help="Read no settings files.")
@choice_options
def show(
    path: str,
    output_format: str,
    choice: Choice,
    named: str | None,
    isolated: bool,
) -> None:
    """
    Show every setting that holds for PATH, a file or folder, or for the working directory, and where it comes from: a line of a file, the command line, or
    the default. What is printed is TOML.
    """
    from ...engine.origins import origins, why
    from ...engine.selection import chosen
    from ...engine.settings import Lookup
    from ...mistake import Mistake
    from ...reports.ink import safe
    from ...text.paths import shown_path
    from .output import write_data, write_text

    if named and isolated:
        raise click.UsageError("--config and --isolated exclude each other")
    real = os.path.realpath(path)
    if not os.path.exists(real):  # noqa: PTH110
        raise Mistake("no such file or folder", path=path)
    folder = real if os.path.isdir(real) else os.path.dirname(real)
    plain = Lookup(named or "", isolated=isolated).of_folder(folder)
    settings = change_of(choice)(plain)
    found = list(origins(settings, plain, _options(choice)))
    because = why(plain, folder, config=named or "", isolated=isolated)
    codes = chosen(settings, real if folder != real else "")
    if output_format == "json":
        import msgspec

        document = {
            "schema": "reliability-lint/config/1",
            "path": shown_path(real),
            "source": shown_path(plain.source) if plain.source else None,
            "why": because,
            "rules": list(codes),
            "settings": [
                {"key": list(one.key), "value": one.value, "origin": one.origin, "path": one.path or None, "line": one.line or None}
                for one in found
            ],
        }
        write_data(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
        return
    head = [f"# {shown_path(real)}: {because[0]}", *(f"# {line}" for line in because[1:]), f"# {len(codes)} rules are run"]
    write_text("\n".join(map(safe, [*head, "", *_toml(found)])) + "\n")


def _options(choice: Choice) -> Mapping[str, str]:
    """Which options have a say in which settings."""
    named: dict[str, list[str]] = {}
    for option, given, keys in (
        ("--select", choice.select, ("select", "extend-select", "ignore")),
        ("--preset", choice.preset, ("preset", "select")),
        ("--extend-select", choice.extend_select, ("extend-select", "ignore")),
        ("--ignore", choice.ignore, ("ignore",)),
        ("--force-exclude", choice.force_exclude, ("force-exclude",)),
    ):
        for key in keys if given else ():
            named.setdefault(key, []).append(option)
    return {key: " and ".join(options) for key, options in named.items()}


def _toml(found: Sequence[Origin]) -> Iterator[str]:
    """Settings as they would be written, each with where it comes from."""
    from ...reports.documentation import toml

    for one in found:
        key = ".".join(part if re.fullmatch(r"[\w-]+", part, re.ASCII) else toml(part) for part in one.key)
        if isinstance(one.value, dict):
            yield f"{key} = {{}}  # {one.origin}"
            continue
        line = f"{key} = {toml(one.value)}"
        if isinstance(one.value, list) and len(line) > _WIDEST:
            yield f"{key} = [  # {one.origin}"
            yield from (f"    {toml(item)}," for item in one.value)
            yield "]"
        elif one.value is None:
            yield f"# {key} is unset  # {one.origin}"
        else:
            yield f"{line}  # {one.origin}"


@config.command(short_help="Check settings files.")
@click.argument("paths", nargs=-1, type=click.Path())
def validate(paths: tuple[str, ...]) -> None:
    """
    Check settings files: those that are named, those in the folders that are named, and those that hold for them; all in and above the working directory if
    PATHS is left out. Exits with 2 if something is wrong with one.
    """
    from ...engine.settings import read_if_any
    from ...engine.settings_files import settings_files
    from ...mistake import Mistake
    from ...reports import plural
    from . import MISTAKE
    from .output import write_text

    number = 0
    wrong = []
    for path in settings_files(paths or (os.curdir,)):
        try:
            number += read_if_any(path) is not None
        except Mistake as mistake:
            wrong.append(str(mistake))
    if wrong:
        click.echo("\n\n".join(wrong), err=True)
        click.get_current_context().exit(MISTAKE)
    write_text(f"{plural(number, 'settings file')}: nothing is wrong.\n" if number else "There is no settings file: the defaults hold.\n")


@config.command(short_help="Print a JSON Schema of the settings.")
def schema() -> None:
    """Print a JSON Schema (draft 2020-12) of the settings, for editors and validators."""
    from ...engine.settings_schema import settings_schema
    from .output import write_data

    write_data(as_json(settings_schema()))


def as_json(document: object) -> str:
    """A document as it is written."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
