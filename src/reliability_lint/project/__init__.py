"""
The face for authors of project rules: everything that such a rule may import of ours.

A project rule is a function of a `Project`: of what all files together tell, as plain data. It is run once, after all files, and only where whole folders are
checked; what it says stands at a site in one of the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..concepts.http import HttpRequest, Route
from ..concepts.lifecycle import Application
from ..concepts.queues import JobLimit
from ..concepts.retry import Task
from ..facts.facts import FileFacts
from ..model.exports import FunctionFacts, Landmark, Step, Use, short, way_in_words
from ..model.values import Constant, Instance, Made, Missing, Reference, Site
from ..registry import project_rule as rule
from .project import Finding, Handler, Note, Project, Visit, is_endless

Findings: TypeAlias = Iterator[Finding]
"""What a project rule gives."""

__all__ = [
    "Application",
    "Constant",
    "FileFacts",
    "Finding",
    "Findings",
    "FunctionFacts",
    "Handler",
    "HttpRequest",
    "Instance",
    "JobLimit",
    "Landmark",
    "Made",
    "Missing",
    "Note",
    "Project",
    "Reference",
    "Route",
    "Site",
    "Step",
    "Task",
    "Use",
    "Visit",
    "is_endless",
    "rule",
    "short",
    "way_in_words",
]
