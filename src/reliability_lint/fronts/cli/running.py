"""What commands besides `check` do to know what is found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from .gathering import gathered

if TYPE_CHECKING:
    from ...diagnostics import Report
    from ...engine.discover import Discovery
    from ...engine.memory import Memory
    from ...engine.run import Told
    from ...engine.settings import Settings

ALLOW = "RELIABILITY_LINT_ALLOW_LOCAL_RULES"
ALLOWS = "Execute the rules that the settings name as 'local-rules': code of the project that is checked."
_OPTIONS = (
    click.option("--config", type=click.Path(), metavar="FILE", help="Take the settings of this file for all files."),
    click.option("--isolated", is_flag=True, help="Read no settings files."),
    click.option("--allow-local-rules", is_flag=True, envvar=ALLOW, help=ALLOWS),
    click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes to use; by default one for each processor, up to 8."),
    click.option("--no-cache", is_flag=True, envvar="RELIABILITY_LINT_NO_CACHE", help="Neither read nor write what is kept between runs."),
    click.option(
        "--cache-dir", type=click.Path(), envvar="RELIABILITY_LINT_CACHE_DIR", help="Keep in this folder what is kept between runs."
    ),
)


class Ran(NamedTuple):
    """A run: its files, what was found in them, and what is kept for the next."""

    found: Discovery
    report: Report
    memory: Memory | None


class How(NamedTuple):
    """What the options that all such commands have say of a run."""

    config: str | None
    isolated: bool
    allow_local_rules: bool
    jobs: int | None
    no_cache: bool
    cache_dir: str | None


run_options = gathered("how", How, _OPTIONS)


def ran(
    paths: Sequence[str], how: How, change: Callable[[Settings], Settings] = lambda settings: settings, progress: Told | None = None
) -> Ran:
    """Checks PATHS, or the working directory. `change` is applied to all settings."""
    if how.config and how.isolated:
        raise click.UsageError("--config and --isolated exclude each other")
    from ...engine.cache_folder import place
    from ...engine.discover import discover
    from ...engine.settings import Lookup
    from .check import memory_in

    memory = None if how.no_cache else memory_in(place(paths, how.cache_dir or "", config=how.config or "", isolated=how.isolated))
    lookup = Lookup(how.config or "", isolated=how.isolated, change=change, allow_local_rules=how.allow_local_rules)
    found = discover(paths or (os.curdir,), lookup)
    tell_of_local_rules(found)
    return Ran(found, _run(found, paths, how, memory, progress=progress), memory)


def again(one: Ran, paths: Sequence[str], how: How, texts: Mapping[str, str]) -> Report:
    """Checks the same files once more, as they are now, or with these texts in the place of some."""
    return _run(one.found, paths, how, afresh(one.memory), texts)


def afresh(memory: Memory | None) -> Memory | None:
    """What is kept, to be asked once more: files may have changed since."""
    from ...engine.memory import Memory

    return Memory(memory.cache) if memory is not None else None


def _run(
    found: Discovery,
    paths: Sequence[str],
    how: How,
    memory: Memory | None,
    texts: Mapping[str, str] | None = None,
    progress: Told | None = None,
) -> Report:
    from ...engine.run import run
    from .check import default_jobs

    whole = any(map(os.path.isdir, paths or (os.curdir,)))
    jobs = how.jobs or default_jobs(len(found.files))
    return run(found.files, jobs=jobs, memory=memory, overlay=texts, whole=whole, progress=progress)


def know_local_rules(*, allowed: bool) -> None:
    """Has the local rules of the settings that hold in the working directory be known, where that is allowed."""
    from ...engine.settings import Lookup

    if allowed:
        Lookup(allow_local_rules=True).of_folder(os.path.realpath(os.curdir))


def tell_of_local_rules(found: Discovery) -> None:
    """Says of which settings the local rules were not run, and what would have them run."""
    refused = {
        one.settings.root: one.settings.local_rules
        for one in found.files
        if one.settings.local_rules and not one.settings.local_rules_allowed
    }
    for root, paths in refused.items():
        from ...engine.trust import place
        from ...text.paths import shown_path

        names = " and ".join(shown_path(path) for path in paths)
        own = f", or '{root}' among trusted-projects in {place()}" if place() else ""
        click.echo(f"local rules were not run: {names} is code of the checked project; --allow-local-rules allows it{own}", err=True)
