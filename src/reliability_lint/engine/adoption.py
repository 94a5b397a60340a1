"""
What has to be written so that a project uses this linter: found out first, all of it, and then written or not.

Nothing is planned that would have to guess: where a file has a shape that is not understood, the plan says what to add to it by hand.
"""

# ruff: noqa: PTH113, PTH118, PTH123

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import msgspec

from .. import __version__
from ..mistake import Mistake
from ..text.paths import shown_path
from .discover import discover
from .neighbours import CODES, Neighbours, names_us, neighbours, text_of, workflows_of
from .settings import OWN_FILE, TABLE, Lookup, no_toml
from .toml_edits import with_item, with_table
from .writing import create, replace

NAME = "reliability-lint"
WORKFLOW = "reliability-lint.yml"


class Change(msgspec.Struct, frozen=True):
    """A file that is to be written: `before` is what it holds, None where it is not there. `what` says what is added, a line each."""

    path: str
    before: bytes | None
    after: bytes
    what: tuple[str, ...]

    @property
    def shown(self) -> str:
        return shown_path(self.path)

    def write(self) -> str:
        """Writes it; why that was not done, or ""."""
        return create(self.path, self.after) if self.before is None else replace(self.path, self.before, self.after, "written")


class Found(msgspec.Struct, frozen=True):
    """What a project is made of: what it says of its Python, what is modelled of what it uses, how many files there are to check, and which settings hold already."""

    python: str
    frameworks: tuple[str, ...]
    libraries: tuple[str, ...]
    files: int
    settings: str
    tools: Neighbours


class Plan(msgspec.Struct, frozen=True):
    """What is to be written, and what is left to whoever reads it."""

    changes: tuple[Change, ...]
    advice: tuple[str, ...]


def look(folder: str) -> Found:
    """What there is in a folder (its real path)."""
    from ..libraries.load import shipped
    from ..libraries.versions import named as distributions_of

    project = os.path.join(folder, "pyproject.toml")
    if os.path.isfile(project):
        _refuse_broken(project)
    used = distributions_of(Path(folder))
    frameworks: list[str] = []
    libraries: list[str] = []
    for model in shipped():
        name = re.sub(r"[-_.]+", "-", model.distribution or model.library).lower()
        if name in used:
            serves = bool(model.handler_class) or any(entry.route or entry.task for entry in model.call)
            version = used[name].removeprefix("==") if re.fullmatch(r"==[^,*]+", used[name]) else used[name]
            (frameworks if serves else libraries).append(f"{name} {version}".strip())
    lookup = Lookup()
    source = lookup.of_folder(folder).source
    files = len(discover([folder], lookup).files)
    named = shown_path(source) if source else ""
    return Found(_python(folder), tuple(sorted(set(frameworks))), tuple(sorted(set(libraries))), files, named, neighbours(folder))


def requirement_of_this() -> str:
    """What pip would have to be told to install what is running here, elsewhere; empty where it came from a folder of this machine."""
    try:
        told = metadata.distribution(NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return ""
    if not told:
        return f"{NAME}=={__version__}"
    try:
        origin = json.loads(told)
        url, vcs = str(origin["url"]), origin.get("vcs_info") or {}
        if url.startswith("file:"):
            return ""
        return f"{NAME} @ {vcs['vcs']}+{url}@{vcs['commit_id']}" if vcs else f"{NAME} @ {url}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def plan(folder: str, tools: Neighbours, requirement: str) -> Plan:
    """What to write for a folder (its real path). `requirement` is what pip is told where the linter has to be installed, empty where that is not known."""
    files = _Files(folder, tools.top)
    advice: list[str] = []
    _settings(folder, files, advice)
    _ruff(tools, files, advice)
    _hooks(tools, files, advice, requirement)
    _workflow(tools, files, advice, requirement)
    if tools.gitlab and not names_us(tools.gitlab):
        install = f"pip install '{requirement}'" if requirement else "pip install …  # from where you have it"
        advice.append(f"{shown_path(tools.gitlab)}: add a job, for a report in merge requests:\n{_GITLAB.format(install=install)}")
    if tools.flake8:
        advice.append(
            f"flake8 is set up ({shown_path(tools.flake8)}): it shows our codes where the extra 'flake8' is installed; "
            "use that or `check`, for with both each finding is told twice"
        )
    if tools.pylint and not tools.pylint_loads_us:
        advice.append(
            f"pylint is set up ({shown_path(tools.pylint)}): it shows our rules with load-plugins=reliability_lint.fronts.pylint "
            "and the extra 'pylint'; use that or `check`"
        )
    return Plan(files.changes(), tuple(advice))


class _Files:
    """The files that are to be changed, each with all that is added to it. Nothing outside of the repository is touched."""

    def __init__(self, folder: str, top: str) -> None:
        self._roots = (folder, top)
        self._before: dict[str, bytes | None] = {}
        self._after: dict[str, str] = {}
        self._what: dict[str, list[str]] = {}

    def text(self, path: str) -> str | None:
        """What a file will hold; None where it is not text of ours to change."""
        real = os.path.realpath(path)
        if not any(real.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots):
            return None
        if real not in self._after:
            try:
                with open(real, "rb") as file:
                    data = file.read()
                self._after[real] = data.decode("utf-8")
            except FileNotFoundError:
                return ""
            except OSError as error:
                raise Mistake(f"cannot be read: {error.strerror}", path=shown_path(path)) from None
            except UnicodeDecodeError as error:
                raise Mistake(f"cannot be read: byte {error.start} is not valid UTF-8", path=shown_path(path)) from None
            self._before[real] = data
        return self._after[real]

    def change(self, path: str, extend: Callable[[str], str | None], what: str) -> bool:
        """Adds to a file; whether that could be done."""
        text = self.text(path)
        if text is None:
            return False
        bare = text.removeprefix("\ufeff")
        after = extend(bare)
        if after is None:
            return False
        real = os.path.realpath(path)
        self._before.setdefault(real, None)
        self._after[real] = text[: len(text) - len(bare)] + after
        self._what.setdefault(real, []).append(what)
        return True

    def changes(self) -> tuple[Change, ...]:
        return tuple(Change(path, self._before[path], self._after[path].encode(), tuple(what)) for path, what in self._what.items())


def _settings(folder: str, files: _Files, advice: list[str]) -> None:
    project = os.path.join(folder, "pyproject.toml")
    if Lookup().of_folder(folder).source:
        return
    own = {"preset": "recommended"}
    if not os.path.isfile(project):
        files.change(os.path.join(folder, OWN_FILE), lambda text: with_table(text, (), own), 'settings, with the preset "recommended"')
    elif not files.change(project, lambda text: with_table(text, ("tool", NAME), own), f'[{TABLE}], with the preset "recommended"'):
        advice.append(f'{shown_path(project)}: it cannot be added to safely; add [{TABLE}] with preset = "recommended"')


def _refuse_broken(path: str) -> None:
    import tomllib

    text = text_of(path)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise no_toml(str(error), shown_path(path), text) from None


def _ruff(tools: Neighbours, files: _Files, advice: list[str]) -> None:
    ruff = tools.ruff
    if ruff is None or ruff.knows_us:
        return
    home = ".".join((*ruff.home, "external"))
    wanted = f'{home} gets "{CODES}", or Ruff takes comments that name our codes for mistakes, and --fix deletes them'
    if ruff.external is None and ruff.extends:
        advice.append(
            f'{shown_path(ruff.path)}: it builds upon another file, so add "{CODES}" to `external` there, or to {home} here with all that it has there'
        )
    elif not files.change(ruff.path, lambda text: with_item(text, ruff.home, "external", CODES), wanted):
        advice.append(f'{shown_path(ruff.path)}: it cannot be changed safely; add "{CODES}" to {home}')


# -- pre-commit

_OF_REPOSITORY = """\
- repo: {url}
  rev: {revision}
  hooks:
    - id: reliability-lint
"""
_LOCAL = """\
- repo: local
  hooks:
    - id: reliability-lint
      name: reliability-lint
      entry: reliability-lint check --force-exclude
      {how}
      types_or: [python, jupyter]
      require_serial: true
"""
_FROM_HERE = "language: system  # it runs the reliability-lint that is installed"
_COMMIT = re.compile(r"reliability-lint @ git\+((?:https?|ssh)://[^\s#]+)@([\w.-]+)")


def _hooks(tools: Neighbours, files: _Files, advice: list[str], requirement: str) -> None:
    if not tools.hooks or names_us(tools.hooks):
        return
    hook = _hook(requirement)
    if not files.change(tools.hooks, lambda text: with_hook(text, hook), "the hook reliability-lint, for what is committed"):
        advice.append(f"{shown_path(tools.hooks)}: it has a shape that is not understood; add to `repos`:\n{hook.rstrip()}")


def _hook(requirement: str) -> str:
    """What pre-commit is told: a commit of a repository it fetches itself and can bring up to date, anything else pip has to install."""
    if commit := _COMMIT.fullmatch(requirement):
        return _OF_REPOSITORY.format(url=_quoted(commit[1]), revision=_quoted(commit[2]))
    how = f"language: python\n      additional_dependencies: [{_quoted(requirement)}]" if requirement else _FROM_HERE
    return _LOCAL.format(how=how)


def _quoted(text: str) -> str:
    """A text as YAML and shells take it; it holds no quote and nothing that cannot be seen."""
    return f"'{text}'"


def with_hook(text: str, hook: str) -> str | None:
    """
    The text of a `.pre-commit-config.yaml` with one more repository at the end of its list. None where the list is not written as most do it: an item for
    each repository, each beginning with a dash of its own line, at the same depth.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(newline)
    if any("\t" in line[: len(line) - len(line.lstrip())] or "\r" in line or "\n" in line for line in lines):
        return None
    heads = [number for number, line in enumerate(lines) if re.match(r"[\"']?repos[\"']?\s*:", line)]
    if len(heads) != 1 or not re.fullmatch(r"repos:\s*(#.*)?", lines[heads[0]]) or sum(line.startswith("---") for line in lines) > 1:
        return None
    depth, last = -1, -1
    for number in range(heads[0] + 1, len(lines)):
        line = lines[number]
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        # What looks like a comment deep within an item may be a line of its text.
        if not bare or (bare.startswith("#") and (depth < 0 or indent <= depth)):
            continue
        if depth < 0:
            if not bare.startswith("- "):
                return None
            depth = indent
        elif indent < depth or (indent == depth and not bare.startswith("- ")):
            if indent:
                return None
            break
        last = number
    if last < 0:
        return None
    added = [f"{' ' * depth}{line}" for line in hook.rstrip("\n").split("\n")]
    rest = lines[last + 1 :] or [""]
    return newline.join([*lines[: last + 1], *added, *rest])


# -- continuous integration

_GITHUB = """\
# A pull request is told what it brings, the branch {branch} everything that no baseline has.
name: reliability-lint

on:
  pull_request:
  push:
    branches: [{branch}]

permissions:
  contents: read

jobs:
  reliability-lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0
        with:
          fetch-depth: 0  # a pull request is compared with the commit that it started from
          persist-credentials: false
      - name: Install
        run: |
          python3 -m venv "$RUNNER_TEMP/reliability-lint"
          "$RUNNER_TEMP/reliability-lint/bin/pip" install {requirement}
      - name: Check what the pull request brings
        if: github.event_name == 'pull_request'
        run: |
          "$RUNNER_TEMP/reliability-lint/bin/reliability-lint" check -f github --diff-base "origin/$GITHUB_BASE_REF"
      - name: Check everything
        if: github.event_name != 'pull_request'
        run: |
          "$RUNNER_TEMP/reliability-lint/bin/reliability-lint" check -f github
"""
_GITLAB = """\
    reliability-lint:
      image: python:3.13
      script:
        - {install}
        - reliability-lint check -f full -f gitlab=gl-code-quality-report.json
      artifacts:
        when: always
        reports:
          codequality: gl-code-quality-report.json"""


def _workflow(tools: Neighbours, files: _Files, advice: list[str], requirement: str) -> None:
    if not tools.workflows or any(map(names_us, workflows_of(tools.workflows))):
        return
    path = os.path.join(tools.workflows, WORKFLOW)
    if os.path.lexists(path):
        return
    if not requirement:
        advice.append(
            f"{shown_path(path)}: not planned, for nobody knows from where a job could install what was installed from a folder here; "
            "say it with --requirement"
        )
        return
    text = _GITHUB.format(branch=_default_branch(tools.top), requirement=_quoted(requirement))
    files.change(path, lambda _: text, "a workflow: pull requests are told what they bring")


def _default_branch(top: str) -> str:
    """The branch that clones begin with, as the files of git say; "main" where they do not."""
    for name in ("refs/remotes/origin/HEAD", "HEAD"):
        match = re.fullmatch(r"ref: refs/(?:remotes/origin|heads)/([\w./-]+)\s*", text_of(os.path.join(top, ".git", name)))
        if match and (name != "HEAD" or match[1] in ("main", "master", "trunk")):
            return match[1]
    return "main"


def _python(folder: str) -> str:
    """What the project says of the versions of Python that it runs on, and where."""
    import tomllib

    told = text_of(os.path.join(folder, ".python-version")).strip().partition("\n")[0]
    if told:
        return f"Python {told} (.python-version)"
    try:
        document = tomllib.loads(text_of(os.path.join(folder, "pyproject.toml")))
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    for keys in (("project", "requires-python"), ("tool", "poetry", "dependencies", "python")):
        value: object = document
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            return f"Python {value} (pyproject.toml)"
    return ""
