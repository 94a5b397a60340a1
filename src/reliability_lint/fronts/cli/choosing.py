"""How commands are told which rules they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from . import completing
from .gathering import gathered

if TYPE_CHECKING:
    from ...engine.settings import Settings

_OPTIONS = (
    click.option(
        "--select",
        multiple=True,
        shell_complete=completing.selectors,
        metavar="RULES",
        help="Run these rules and no others: codes, beginnings of codes, names, families, presets, or 'all'.",
    ),
    click.option(
        "--ignore",
        multiple=True,
        shell_complete=completing.selectors,
        metavar="RULES",
        help="Leave these rules out, besides those that the settings ignore.",
    ),
    click.option("--extend-select", multiple=True, shell_complete=completing.selectors, metavar="RULES", help="Run these rules too."),
    click.option("--preset", type=click.Choice(["recommended", "strict", "audit"]), help="Run this set of rules."),
    click.option("--force-exclude", is_flag=True, help="Leave out excluded files even if they are named here."),
)


class Choice(NamedTuple):
    """What the command line says of rules and files, over what the settings say."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    extend_select: tuple[str, ...]
    preset: str | None
    force_exclude: bool


choice_options = gathered("choice", Choice, _OPTIONS)


def change_of(choice: Choice) -> Callable[[Settings], Settings]:
    """What a choice does to settings. That raises `Mistake` where the choice names what is not there: the settings have been read by then, with the local rules."""
    select, ignore, extend_select = map(_listed, (choice.select, choice.ignore, choice.extend_select))

    def change(settings: Settings) -> Settings:
        import msgspec

        from ...engine.selection import expand

        _validate({"--select": choice.select, "--ignore": choice.ignore, "--extend-select": choice.extend_select})
        if select:
            # Who selects here wants these, whatever the settings leave out.
            settings = msgspec.structs.replace(settings, select=select, extend_select=(), ignore=())
        elif choice.preset:
            settings = msgspec.structs.replace(settings, select=())
        wanted = frozenset[str]().union(*map(expand, extend_select))
        kept = tuple(name for name in settings.ignore if not expand(name) <= wanted)
        return msgspec.structs.replace(
            settings,
            preset=choice.preset or settings.preset,
            extend_select=settings.extend_select + extend_select,
            ignore=kept + ignore,
            force_exclude=settings.force_exclude or choice.force_exclude,
        )

    return change


def _listed(values: Sequence[str]) -> tuple[str, ...]:
    """What a repeated option with commas names."""
    return tuple(name for value in values for part in value.split(",") if (name := part.strip()))


def _validate(options: Mapping[str, Sequence[str]]) -> None:
    from ...engine.selection import problem
    from ...mistake import Mistake

    for option, values in options.items():
        for value in values:
            at = 0
            for part in value.split(","):
                name = part.strip()
                if name and (wrong := problem(name)):
                    column = len(option) + 1 + at + part.index(name) + 1
                    raise Mistake(wrong[0], column=column, quote=f"{option} {value}", width=len(name), hint=wrong[1])
                at += len(part) + 1
