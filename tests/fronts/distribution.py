"""Distributions with rules and models for tests: installed as an installer leaves them, in a folder on Python's path."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

PAGE = Path(__file__).parents[2] / "docs" / "third-party-rules.md"
RULE = '''\
from reliability_lint.rule import {place}, Findings, rule


@rule("{code}"{more})
def {name}(place: {place}) -> Findings:
    """
    Something that is found.

    It is there for all to see.
    """
    {body}
'''


def page_files() -> dict[str, str]:
    """The files of the distribution that the page shows, by name."""
    shown = re.findall(r"`([\w./-]+\.(?:py|toml))`:\n\n```\w+\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return {**dict(shown), "acme_lint/__init__.py": "", "acme_lint/rules/__init__.py": ""}


def rule_module(
    code: str = "ACM101", name: str = "odd_call", body: str = 'yield place.finding("it is odd")', place: str = "Call", more: str = ""
) -> str:
    return RULE.format(code=code, name=name, body=body, place=place, more=more)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")


def install(
    folder: Path,
    files: Mapping[str, str],
    name: str = "acme-lint",
    version: str = "1.2",
    points: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Puts files into a folder, with the metadata of a distribution. Its entry points are told, or those of the `pyproject.toml` among the files."""
    if points is None:
        project = tomllib.loads(files["pyproject.toml"])["project"]
        name, version, points = project["name"], project["version"], project["entry-points"]
    metadata = f"{name.replace('-', '_')}-{version}.dist-info"
    groups = (f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in listed.items()) for group, listed in points.items())
    write(
        folder,
        {
            **files,
            f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{metadata}/entry_points.txt": "\n".join(groups),
        },
    )


def install_rules(folder: Path, module: str, text: str, name: str = "acme-lint", family: str = "acme", version: str = "1.2") -> None:
    """A distribution of one module with rules."""
    install(folder, {f"{module}.py": text}, name, version, {"reliability_lint.rules": {family: module}})


def python(arguments: list[str], folder: Path, site: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Python in a folder, with another one on its path."""
    told = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **({"PYTHONPATH": str(site)} if site is not None else {}), **environment}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=told, capture_output=True, text=True, check=False, encoding="utf-8")


def lint(arguments: list[str], folder: Path, site: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs our command line, whose user has no settings of his own unless they are told."""
    return python(["-m", "reliability_lint", *arguments], folder, site, **{"XDG_CONFIG_HOME": str(folder / "nowhere"), **environment})


SPAWNING = """
import multiprocessing
import sys

multiprocessing.get_all_start_methods = lambda: ["spawn"]

from reliability_lint.fronts.cli import main

if __name__ == "__main__":
    main(sys.argv[1:])
"""
