"""`reliability-lint clean`."""

from __future__ import annotations

import os

import click


@click.command(short_help="Delete what is kept between runs.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--cache-dir", type=click.Path(), envvar="RELIABILITY_LINT_CACHE_DIR", help="Delete what is kept in this folder.")
def clean(paths: tuple[str, ...], cache_dir: str | None) -> None:
    """Delete the cache that `check` uses for PATHS, or for the working directory. What it has not made itself is left alone."""
    from ...engine.cache_folder import Hold, is_tagged, place, remove
    from ...mistake import Mistake
    from ...text.paths import shown_path
    from .output import write_text

    folder = place(paths, cache_dir or "")
    shown = shown_path(folder)
    if not os.path.lexists(folder):
        write_text(f"There is no cache: {shown}\n")
        return
    if not is_tagged(folder):
        raise Mistake("this is no cache of ours, so nothing in it is deleted", path=shown)
    hold = Hold(folder)
    try:
        if not hold.take(alone=True):
            raise Mistake("a run is using this cache", path=shown, hint="try again when it has ended")
        remove(folder)
    except OSError as error:
        raise Mistake(f"cannot be deleted: {error.strerror}", path=shown) from None
    finally:
        hold.release()
    write_text(f"Deleted {shown}\n")
