"""`reliability-lint check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from . import completing
from .choosing import Choice, change_of, choice_options
from .progress import Progress
from .reporting import DEFAULT, FORMATS, targets, write
from .running import ALLOW, ALLOWS, afresh, tell_of_local_rules

if TYPE_CHECKING:
    from ...diagnostics import Diagnostic, Report
    from ...engine.changes import Change
    from ...engine.discover import Discovery
    from ...engine.memory import Memory
    from ...engine.settings import Lookup
    from ...engine.view import View
    from ...reports import TextOf

_FEW_FILES = 24


@click.command(short_help="Check files and folders.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--fix", "fix_files", is_flag=True, help="Repair what can be repaired safely, and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also repairs that somebody should look at.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option(
    "--output-format",
    "-f",
    "output_formats",
    multiple=True,
    shell_complete=completing.formats,
    metavar="FORMAT[=FILE]",
    help=f"How to report, and where to: {', '.join(FORMATS)}. May be repeated; without a file it is standard output.  [default: {DEFAULT}]",
)
@click.option("--output-file", "-o", type=click.Path(), help="Write the report that has no file of its own to this file.")
@click.option("--statistics", is_flag=True, help="Add how often each rule was found (full, concise, grouped).")
@click.option("--show-suppressed", is_flag=True, help="Also tell what comments silence (full, concise, grouped, junit).")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 despite findings; mistakes still exit with 2.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes to use; by default one for each processor, up to 8.")
@click.option("--stdin-filename", metavar="PATH", help="What to take standard input ('-') for.")
@click.option("--config", type=click.Path(), metavar="FILE", help="Take the settings of this file for all files.")
@click.option("--isolated", is_flag=True, help="Read no settings files.")
@click.option("--allow-local-rules", is_flag=True, envvar=ALLOW, help=ALLOWS)
@click.option("--no-cache", is_flag=True, envvar="RELIABILITY_LINT_NO_CACHE", help="Neither read nor write what is kept between runs.")
@click.option("--cache-dir", type=click.Path(), envvar="RELIABILITY_LINT_CACHE_DIR", help="Keep in this folder what is kept between runs.")
@click.option(
    "--diff-base", metavar="REVISION", help="Report what has come since HEAD and this revision parted; what was there before is left out."
)
@click.option("--staged", is_flag=True, help="Check what would be committed, and report what it brings.")
@click.option("--baseline", type=click.Path(), metavar="FILE", help="Leave out what this baseline has, instead of the one that is found.")
@click.option("--no-baseline", is_flag=True, help="Report what a baseline has, too.")
@click.option("--watch", "-w", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
@choice_options
@click.pass_context
def check(
    context: click.Context,
    paths: tuple[str, ...],
    choice: Choice,
    fix_files: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    output_formats: tuple[str, ...],
    output_file: str | None,
    statistics: bool,
    show_suppressed: bool,
    exit_zero: bool,
    jobs: int | None,
    stdin_filename: str | None,
    config: str | None,
    isolated: bool,
    allow_local_rules: bool,
    no_cache: bool,
    cache_dir: str | None,
    diff_base: str | None,
    staged: bool,
    baseline: str | None,
    no_baseline: bool,
    watch: bool,
) -> None:
    """
    Check Python files, and those in folders; the working directory if PATHS is left out, standard input if it is '-'.

    Exits with 0 if nothing was found, 1 if something was, 2 after a mistake.
    """
    import msgspec

    from ...engine.cache_folder import place
    from ...engine.discover import Discovery
    from ...engine.memory import Memory
    from ...engine.run import run
    from ...engine.settings import Lookup
    from ...engine.view import DISK

    if diff_base is not None and staged:
        raise click.UsageError("--diff-base and --staged exclude each other")
    if (diff_base is not None or staged) and "-" in paths:
        raise click.UsageError("--diff-base and --staged do not go with standard input")
    if staged and (fix_files or show_diff):
        raise click.UsageError(
            "--staged checks what would be committed, and that is not what --fix would write: "
            "run `reliability-lint fix` before `git add`, or the hook reliability-lint-fix"
        )
    if baseline and no_baseline:
        raise click.UsageError("--baseline and --no-baseline exclude each other")
    if config and isolated:
        raise click.UsageError("--config and --isolated exclude each other")
    if stdin_filename is not None and "-" not in paths:
        raise click.UsageError("--stdin-filename needs '-' among the paths")
    if watch and (fix_files or show_diff or staged or "-" in paths):
        raise click.UsageError("--watch goes with neither --fix, --diff, --staged nor standard input")
    wanted = targets(output_formats, output_file)
    _agree(paths, output_formats, fix_files=fix_files, unsafe_fixes=unsafe_fixes, show_diff=show_diff)
    asked = [path for path in paths if path != "-"] + ([stdin_filename] if stdin_filename else [])
    if watch:
        from .watching import again_and_again

        written = [target.file for target in wanted if target.file]
        again_and_again(asked or [os.curdir], lambda: context.invoke(check, **{**context.params, "watch": False}), except_for=written)
    memory = None if no_cache else memory_in(place(asked, cache_dir or "", config=config or "", isolated=isolated))
    lookup = Lookup(config or "", isolated=isolated, change=change_of(choice), allow_local_rules=allow_local_rules)
    overlay: dict[str, str] = {}
    found = find_files(paths or (os.curdir,), lookup, overlay, stdin_filename)
    tell_of_local_rules(found)
    changed = _change(found, asked or [os.curdir], diff_base, staged=staged)
    view = DISK
    if changed is not None:
        found, view = Discovery(tuple(changed.files(asked or [os.curdir], lookup)), found.skips), changed.after
        memory = Memory(memory.cache, view) if memory is not None else None
    whole = any(map(os.path.isdir, paths or (os.curdir,)))
    jobs = jobs or default_jobs(len(found.files))
    progress = Progress()
    brought = None
    try:
        report = run(found.files, jobs=jobs, overlay=overlay, memory=memory, whole=whole, view=view, progress=progress)
        if changed is not None:
            brought = changed.brought(report, found.files, asked or [os.curdir], lookup, jobs=jobs, memory=memory, whole=whole)
    finally:
        progress.close()
    if fix_files or show_diff:
        ours = frozenset(map(id, report.diagnostics)) if brought is None else brought

        def only(one: Diagnostic) -> bool:
            return id(one) in ours

        def again(texts: Mapping[str, str]) -> Report:
            return run(found.files, jobs=jobs, overlay={**overlay, **texts}, memory=afresh(memory), whole=whole)

        if show_diff:
            from .fixing import diff
            from .output import write_data, write_file

            text = diff(found.files, report, again, unsafe=unsafe_fixes, memory=memory, overlay=overlay, only=only)
            write_file(output_file, text) if output_file else write_data(text)
            told = msgspec.structs.replace(report, diagnostics=tuple(filter(only, report.diagnostics)))
            click.get_current_context().exit(_code(told, exit_zero=exit_zero))
        from .fixing import fix, say, what_was_fixed

        done = fix(found.files, report, again, asked or [os.curdir], unsafe=unsafe_fixes, memory=memory, only=only)
        if sentence := what_was_fixed(done.written):
            say(f"{sentence}.")
        if done.left is not report and (changed := _change(found, asked or [os.curdir], diff_base, staged=False)):
            # Files are others now, and so is what is found in them.
            brought = changed.brought(done.left, found.files, asked or [os.curdir], lookup, jobs=jobs, memory=afresh(memory), whole=whole)
        report = done.left
    report = _with_skips(report, found)
    if not no_baseline:
        report = _new(report, found, lookup, asked or [os.curdir], baseline)
    if brought is not None:
        new = tuple(one for one in report.diagnostics if id(one) in brought)
        report = msgspec.structs.replace(report, diagnostics=new, earlier=len(report.diagnostics) - len(new))
    real = {file.shown: file.path for file in found.files}
    write(wanted, report, _text_of(real, overlay, view), statistics=statistics, show_suppressed=show_suppressed)
    strict = any(file.settings.strict_baseline for file in found.files)
    if strict and report.gone:
        click.echo("the baseline has entries of which nothing is found any more: run `reliability-lint baseline prune`", err=True)
    click.get_current_context().exit(_code(report, exit_zero=exit_zero, strict=strict))


def _change(found: Discovery, asked: Sequence[str], diff_base: str | None, *, staged: bool) -> Change | None:
    """What only what has changed is asked for compares with; None where everything is."""
    if diff_base is None and not staged:
        return None
    from ...engine.changes import Change, last_commit, since
    from ...engine.git import repository_of

    repository = repository_of(asked)
    before = last_commit(repository) if diff_base is None else since(repository, diff_base)
    return click.get_current_context().with_resource(Change(repository, before, found.files, staged=staged))


def _new(report: Report, found: Discovery, lookup: Lookup, asked: Sequence[str], told: str | None) -> Report:
    """What no baseline has."""
    from ...engine.baseline import Places, matchings, without_accepted

    return without_accepted(report, matchings(found.files, report, lookup, asked, Places(told or "")))


def _code(report: Report, *, exit_zero: bool, strict: bool = False) -> int:
    from . import CLEAN, FINDINGS, MISTAKE

    if any(one.code == "REL000" for one in report.diagnostics):
        return MISTAKE
    return FINDINGS if (report.diagnostics or (strict and report.gone)) and not exit_zero else CLEAN


def _agree(paths: Sequence[str], formats: Sequence[str], *, fix_files: bool, unsafe_fixes: bool, show_diff: bool) -> None:
    """Refuses options that make no sense together."""
    if unsafe_fixes and not (fix_files or show_diff):
        raise click.UsageError("--unsafe-fixes needs --fix or --diff")
    if show_diff and formats:
        raise click.UsageError("--diff shows changes and no findings, so it takes no --output-format")
    if fix_files and not show_diff and "-" in paths:
        raise click.UsageError("--fix cannot write standard input; --diff shows what would be changed")


def memory_in(folder: str) -> Memory:
    """What is kept in a folder; the rules that are known from there need not be imported to be named."""
    from ...engine.cache import Cache
    from ...engine.memory import Memory

    cache = Cache(folder)
    click.get_current_context().call_on_close(cache.close)
    memory = Memory(cache)
    memory.describe_rules()
    return memory


def find_files(paths: Sequence[str], lookup: object, overlay: dict[str, str], stdin_filename: str | None) -> Discovery:
    """The files to check; standard input becomes a file whose text is in the overlay."""
    from ...engine.discover import discover
    from ...engine.settings import Lookup

    assert isinstance(lookup, Lookup)
    found = discover([path for path in paths if path != "-"], lookup)
    if "-" not in paths:
        return found
    from ...diagnostics import Skip
    from ...engine.discover import Discovery, Found, is_excluded
    from ...mistake import Mistake
    from ...text.notebooks import is_notebook
    from ...text.paths import shown_path
    from ...text.source import Undecodable, decode

    if stdin_filename and is_notebook(stdin_filename):
        raise Mistake("standard input can be no notebook", path=stdin_filename, hint="save it, and name the file")
    try:
        text = decode(sys.stdin.buffer.read())
    except Undecodable as problem:
        raise Mistake(f"standard input cannot be read: {problem}") from None
    real = os.path.realpath(stdin_filename or "<stdin>")
    settings = lookup.of_file(real)
    shown = shown_path(real) if stdin_filename else "<stdin>"
    if stdin_filename and settings.force_exclude and is_excluded(real, settings):
        return Discovery(found.files, (*found.skips, Skip(shown, "excluded")))
    overlay[real] = text
    others = [file for file in found.files if file.path != real]
    return Discovery(tuple(sorted((*others, Found(real, shown, settings)), key=lambda file: file.shown)), found.skips)


def default_jobs(files: int) -> int:
    return 1 if files < _FEW_FILES else min(os.cpu_count() or 1, 8)


def _with_skips(report: Report, found: Discovery) -> Report:
    import msgspec

    skips = sorted({*report.skips, *found.skips}, key=lambda skip: (skip.path, skip.reason))
    return msgspec.structs.replace(report, skips=tuple(skips))


def _text_of(real: Mapping[str, str], overlay: Mapping[str, str], view: View) -> TextOf:
    from ...text.source import Undecodable, decode

    def text_of(shown: str) -> str | None:
        path = real.get(shown) or os.path.realpath(shown)
        if path in overlay:
            return overlay[path]
        try:
            return decode(view.read(path))
        except (OSError, ValueError, Undecodable):
            return None

    return text_of
