"""`reliability-lint files`."""

from __future__ import annotations

import os

import click


@click.command(short_help="List the files that are checked, or say why one is not.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--why", "asked_of", type=click.Path(), metavar="PATH", help="Say of this file or folder whether it is checked, and why.")
@click.option("--output-format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--config", type=click.Path(), metavar="FILE", help="Take the settings of this file for all files.")
@click.option("--isolated", is_flag=True, help="Read no settings files.")
@click.option("--force-exclude", is_flag=True, help="Leave out excluded files even if they are named here.")
def files(
    paths: tuple[str, ...], asked_of: str | None, output_format: str, config: str | None, isolated: bool, force_exclude: bool
) -> None:
    """
    List the files that `check` would check in PATHS, or in the working directory, one on a line.

    With --why: whether one path is checked, which pattern on which line leaves it out, which settings hold for it, and which rules are silent there.
    """
    import msgspec

    from ...engine.discover import discover
    from ...engine.settings import Lookup, Settings
    from ...reports.ink import safe
    from ...text.paths import shown_path
    from .output import write_data, write_text

    if config and isolated:
        raise click.UsageError("--config and --isolated exclude each other")

    def change(settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, force_exclude=settings.force_exclude or force_exclude)

    lookup = Lookup(config or "", isolated=isolated, change=change)
    asked = paths or (os.curdir,)
    if asked_of is not None:
        from ...engine.inclusion import answer

        said = answer(asked_of, asked, lookup, config=config or "", isolated=isolated)
        if output_format == "json":
            document = {"schema": "reliability-lint/why/1", "path": said.path, "checked": said.checked, "reasons": list(said.reasons)}
            write_data(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
            return
        head = f"{said.path} is {'checked' if said.checked else 'not checked'}"
        write_text("\n  ".join(map(safe, [head, *said.reasons])) + "\n")
        return
    found = discover(asked, lookup)
    if output_format == "json":
        listed = {
            "schema": "reliability-lint/files/1",
            "files": [
                {"path": file.shown, "settings": shown_path(file.settings.source) if file.settings.source else None} for file in found.files
            ],
            "skipped": [{"path": skip.path, "reason": skip.reason} for skip in found.skips],
        }
        write_data(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode() + "\n")
        return
    write_text("".join(f"{safe(file.shown)}\n" for file in found.files))
