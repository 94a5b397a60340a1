"""`reliability-lint suppressions`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...engine.audit import Comment


@click.command(short_help="List the comments that silence findings.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--older-than", metavar="AGE", help="Only those that have been there for longer: 180d, 26w, 6m or 1y.")
@click.option("--without-reason", is_flag=True, help="Only those that do not say why.")
@click.option("--ended", is_flag=True, help="Only those whose last day has passed, so that they silence nothing any more.")
@click.option("--output-format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--config", type=click.Path(), metavar="FILE", help="Take the settings of this file for all files.")
@click.option("--isolated", is_flag=True, help="Read no settings files.")
def suppressions(
    paths: tuple[str, ...],
    older_than: str | None,
    without_reason: bool,
    ended: bool,
    output_format: str,
    config: str | None,
    isolated: bool,
) -> None:
    """List the comments that silence findings in PATHS, or below the working directory: what they silence, why, and, from git, since when and by whom."""
    from ...engine.audit import comments_in, days_in
    from ...engine.discover import discover
    from ...engine.settings import Lookup
    from ...mistake import Mistake

    days = days_in(older_than) if older_than is not None else None
    if older_than is not None and days is None:
        raise Mistake(f"--older-than takes an age, and '{older_than}' is none", hint="for example 180d, 26w, 6m or 1y")
    if config and isolated:
        raise click.UsageError("--config and --isolated exclude each other")
    found = discover(paths or (os.curdir,), Lookup(config or "", isolated=isolated))
    comments = [
        one
        for one in comments_in(found.files)
        if (days is None or (one.age is not None and one.age > days)) and not (without_reason and one.says_why) and (one.ended or not ended)
    ]
    if output_format == "json":
        from .output import write_data

        write_data(_json(comments))
    else:
        from .output import write_text

        write_text(_text(comments))


def _text(comments: Sequence[Comment]) -> str:
    from ...reports import plural
    from ...reports.ink import safe

    if not comments:
        return "No comment silences anything here.\n"
    blocks = []
    for one in comments:
        until = "" if not one.until else f"  ended {one.until}" if one.ended else f"  until {one.until}"
        blocks.append(f"{safe(one.path)}:{one.line}: {', '.join(map(safe, one.names)) or 'nothing named'}{safe(until)}")
        blocks.append(f"    {safe(one.reason) or 'no reason given'}")
        blocks.append(f"    {safe(_since(one))}")
    files = len({one.path for one in comments})
    parts = [f"{plural(len(comments), 'comment')} in {plural(files, 'file')}"]
    without = sum(not one.says_why for one in comments)
    over = sum(one.ended for one in comments)
    parts += [f"{without} without a reason"] if without else []
    parts += [f"{over} ended"] if over else []
    oldest = min((one.author.day for one in comments if one.author), default="")
    parts += [f"the oldest of {oldest}"] if oldest else []
    return "\n".join(blocks) + f"\n\n{' · '.join(parts)}\n"


def _since(one: Comment) -> str:
    from ...reports import plural

    if one.author is None or one.age is None:
        return "not committed, as far as git knows"
    if one.author.at_least:
        return f"{one.author.day} or before ({one.age}+ days); the clone is shallow, so nobody knows by whom"
    return f"{one.author.name}, {one.author.day} ({plural(one.age, 'day')})"


def _json(comments: Sequence[Comment]) -> str:
    import msgspec

    document = {
        "schema": "reliability-lint/suppressions/1",
        "suppressions": [
            {
                "path": one.path,
                "line": one.line,
                "names": one.names,
                "reason": one.reason,
                "until": one.until or None,
                "ended": one.ended,
                "author": one.author.name if one.author and not one.author.at_least else None,
                "since": one.author.day if one.author else None,
                "commit": one.author.commit if one.author and not one.author.at_least else None,
                "age_days": one.age,
            }
            for one in comments
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
