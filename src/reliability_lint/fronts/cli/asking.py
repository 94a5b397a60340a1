"""The dialogue of `fix --interactive`: finding by finding, with somebody who decides."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ...mistake import Mistake
from ...reports.ink import coloured, plain, safe, wants_colour
from .fixing import unified

if TYPE_CHECKING:
    from ...engine.stepwise import Offer, Stepwise
    from ...reports.ink import Ink

_ANSWERS = "[y]es [n]o [a]ll of this rule [s]uppress with a reason [e]xplain [q]uit"
_HELP = (
    "  y  make this change, and write the file\n"
    "  n  leave this one as it is\n"
    "  a  make this change, and those for the rest of this rule that are as safe, without asking\n"
    "  s  silence it with a comment that says why\n"
    "  e  explain the rule\n"
    "  q  stop here; what was accepted is written"
)


class _Stop(Exception):
    """Nobody wants to decide any more."""


def ask(session: Stepwise) -> bool:
    """Asks about everything that can be repaired, until all is decided or somebody stops; whether that was in the middle of something."""
    ink = coloured if wants_colour(sys.stdout) else plain
    always: set[tuple[str, bool]] = set()
    asked = 0
    answers = _answers()
    try:
        while (offer := session.offer()) is not None:
            one, safe_one = offer.step.diagnostic, offer.step.correction.safe
            if (one.code, False) in always or (safe_one and (one.code, True) in always):
                _accept(session, offer)
                continue
            asked += 1
            click.echo(_shown(offer, f"[{asked}/{asked - 1 + session.left}]", ink))
            _decide(session, offer, answers, always)
    except _Stop:
        click.echo()
    except KeyboardInterrupt:  # wherever it comes: a file is written whole or not at all
        click.echo()
        return True
    return False


def _decide(session: Stepwise, offer: Offer, answers: Iterator[str], always: set[tuple[str, bool]]) -> None:
    """Asks about one finding until it is decided."""
    one = offer.step.diagnostic
    while True:
        click.echo(f"{_ANSWERS}: ", nl=False)
        match next(answers).lower():
            case "y" | "yes":
                return _accept(session, offer)
            case "n" | "no":
                return session.decline(offer)
            case "a" | "all":
                always.add((one.code, offer.step.correction.safe))
                return _accept(session, offer)
            case "s" | "suppress":
                if _silenced(session, offer, answers):
                    return None
            case "e" | "explain":
                _explain(one.code)
            case "q" | "quit":
                raise _Stop
            case _:
                click.echo(_HELP)


def _accept(session: Stepwise, offer: Offer) -> None:
    shown, line = offer.found.shown, offer.step.diagnostic.region.line
    if why := session.accept(offer):
        click.echo(safe(f"{shown}:{line}: {why}"))
    else:
        click.echo(safe(f"{shown}:{line}: fixed"))


def _silenced(session: Stepwise, offer: Offer, answers: Iterator[str]) -> bool:
    """Asks for the reason; whether there is nothing more to decide."""
    from .suppress import words

    click.echo("why is it right as it stands? ", nl=False)
    if not (reason := next(answers)):
        return False
    try:
        why = session.silence(offer, words(reason, None, "the reason"))
    except Mistake as mistake:
        click.echo(str(mistake).removeprefix("error: "))
        return False
    click.echo(safe(f"{offer.found.shown}:{offer.step.diagnostic.region.line}: {why or 'silenced'}"))
    return session.offer() != offer


def _explain(code: str) -> None:
    from .explain import show

    show(code)


def _answers() -> Iterator[str]:
    """What is typed, line by line; ends the dialogue where nobody types any more."""
    heard = False
    while True:
        sys.stdout.flush()
        try:
            line = sys.stdin.readline() if sys.stdin is not None else ""
        except ValueError:  # it is closed
            line = ""
        if not line:
            if not heard and not (sys.stdin is not None and sys.stdin.isatty()):
                click.echo()
                raise Mistake(
                    "--interactive needs somebody who answers, and standard input is empty and no terminal",
                    hint="leave --interactive out to make all safe fixes, or look at them with --diff",
                )
            raise _Stop
        heard = True
        yield line.strip()


def _shown(offer: Offer, number: str, ink: Ink) -> str:
    one, correction = offer.step.diagnostic, offer.step.correction
    place = ink("place", f"{safe(one.region.path)}:{one.region.line}:{one.region.column}:")
    severity = ink(one.severity.value, one.severity.value)
    lines = [
        f"\n{ink('quiet', number)} {place} {severity}: {safe(one.message)}  {ink('name', one.name)} {ink('quiet', one.code)}",
        f"  = edit  {safe(correction.title)}" + ("" if correction.safe else ink("warning", "  (a suggestion: read it before you take it)")),
    ]
    for line in unified(one.region.path, offer.before, offer.after).splitlines():
        kind = {"+": "good", "-": "error", "@": "frame"}.get(line[:1])
        lines.append(ink(kind, _printable(line)) if kind else _printable(line))  # type: ignore[arg-type]
    return "\n".join(lines)


def _printable(line: str) -> str:
    return "\t".join(map(safe, line.removesuffix("\r").split("\t")))
