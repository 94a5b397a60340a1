"""Every way to write a report, by name. What a format needs is imported when it is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from ..diagnostics import Change, Correction, Diagnostic, Related, Report
from ..text.notebooks import SUFFIX
from . import Rules, TextOf
from .ink import Ink, plain

_UNPAIRED = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Material:
    """
    What reports are made from, and what was asked for.

    `root` is the top of the repository. `workspace` is the folder that a build server takes paths from, the top of the repository if empty.
    """

    report: Report
    rules: Rules
    text_of: TextOf
    root: str = ""
    workspace: str = ""
    ink: Ink = plain
    show_suppressed: bool = False
    statistics: bool = False


class Format(NamedTuple):
    """
    A way to write a report: what it is for, and how; those for people may have colours, and letters that a terminal cannot show are exchanged.

    `opens_files`: whoever reads it shows places in files, also those of notebooks, by their lines.
    """

    about: str
    write: Callable[[Material], str]
    people: bool = False
    opens_files: bool = False


def write(name: str, asked: Material) -> str:
    """The report in a format."""
    report, text_of, known = valid(asked.report), asked.text_of, FORMATS[name]
    if any(SUFFIX in one.region.path for one in (*report.diagnostics, *report.suppressed)):
        from .notebooks import in_cells, in_files

        if known.opens_files:
            report = in_files(report, text_of)
        else:
            report, text_of = in_cells(report, text_of)
    return known.write(replace(asked, report=report, text_of=text_of))


def valid(report: Report) -> Report:
    """A report whose texts can all be encoded. A string in the checked code may name half a character, and a message may quote it."""
    return msgspec.structs.replace(
        report, diagnostics=tuple(map(_valid, report.diagnostics)), suppressed=tuple(map(_valid, report.suppressed))
    )


def _valid(one: Diagnostic) -> Diagnostic:
    texts = [one.message, one.cure, *(other.message for other in one.related)]
    if one.fix is not None:
        texts += [one.fix.title, *(change.text for change in one.fix.changes)]
    if all(text.isascii() or _UNPAIRED.search(text) is None for text in texts):
        return one
    fix = one.fix and Correction(
        _paired(one.fix.title), one.fix.safe, tuple(Change(change.region, _paired(change.text)) for change in one.fix.changes)
    )
    related = tuple(Related(other.region, _paired(other.message)) for other in one.related)
    return msgspec.structs.replace(one, message=_paired(one.message), cure=_paired(one.cure), related=related, fix=fix)


def _paired(text: str) -> str:
    return _UNPAIRED.sub("\N{REPLACEMENT CHARACTER}", text)


def _full(asked: Material) -> str:
    from .text import full

    return full(
        asked.report,
        asked.rules,
        asked.text_of,
        root=asked.root,
        ink=asked.ink,
        show_suppressed=asked.show_suppressed,
        statistics=asked.statistics,
    )


def _concise(asked: Material) -> str:
    from .text import concise

    return concise(asked.report, ink=asked.ink, show_suppressed=asked.show_suppressed, statistics=asked.statistics)


def _grouped(asked: Material) -> str:
    from .text import grouped

    return grouped(asked.report, ink=asked.ink, show_suppressed=asked.show_suppressed, statistics=asked.statistics)


def _json(asked: Material) -> str:
    from .json_v1 import json_v1

    return json_v1(asked.report, root=asked.root)


def _jsonl(asked: Material) -> str:
    from .json_v1 import jsonl

    return jsonl(asked.report, root=asked.root)


def _sarif(asked: Material) -> str:
    from .sarif import sarif

    return sarif(asked.report, asked.rules, asked.text_of, root=asked.root)


def _github(asked: Material) -> str:
    from .github import github

    return github(asked.report, root=asked.workspace or asked.root)


def _gitlab(asked: Material) -> str:
    from .gitlab import gitlab

    return gitlab(asked.report, root=asked.root)


def _junit(asked: Material) -> str:
    from .xml import junit

    return junit(asked.report, asked.rules, root=asked.root, show_suppressed=asked.show_suppressed)


def _checkstyle(asked: Material) -> str:
    from .xml import checkstyle

    return checkstyle(asked.report, root=asked.root)


def _rdjsonl(asked: Material) -> str:
    from .rdjsonl import rdjsonl

    return rdjsonl(asked.report, asked.text_of, root=asked.root)


def _azure(asked: Material) -> str:
    from .build_logs import azure

    return azure(asked.report, root=asked.root)


def _teamcity(asked: Material) -> str:
    from .build_logs import teamcity

    return teamcity(asked.report, asked.rules, root=asked.root)


def _markdown(asked: Material) -> str:
    from .markdown_report import markdown_report

    return markdown_report(asked.report)


def _html(asked: Material) -> str:
    from .html import html

    return html(asked.report, asked.rules, asked.text_of, root=asked.root)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "full": Format("code, reason and cure of each finding", _full, people=True),
        "concise": Format("a line for each finding, and nothing else", _concise, people=True),
        "grouped": Format("each file, and a line for each of its findings", _grouped, people=True),
        "json": Format("one object, with all that is known", _json),
        "jsonl": Format("an object for each finding, on a line of its own", _jsonl),
        "sarif": Format("SARIF 2.1.0, for code scanning on GitHub, Azure DevOps and viewers in editors", _sarif, opens_files=True),
        "github": Format("annotations in GitHub Actions, and the summary of the job", _github, opens_files=True),
        "gitlab": Format("a Code Quality report of GitLab", _gitlab, opens_files=True),
        "junit": Format("JUnit XML, for servers that know nothing but tests", _junit, opens_files=True),
        "checkstyle": Format("Checkstyle XML, which most build servers read", _checkstyle, opens_files=True),
        "rdjsonl": Format("for reviewdog, which comments on changes wherever they are reviewed", _rdjsonl, opens_files=True),
        "azure": Format("issues of a step in Azure Pipelines", _azure, opens_files=True),
        "teamcity": Format("inspections in TeamCity", _teamcity, opens_files=True),
        "markdown": Format("tables, for a comment or a page", _markdown),
        "html": Format("one page to look around in, which needs nothing else", _html),
    }
)
