"""
The face for authors of rules: everything that a rule may import of ours.

A rule is a decorated function in a file of its own name; see `reliability_lint.registry` for what its signature says, and any module under
`reliability_lint.rules` for what it looks like.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from .concepts.base import Concept, Parameter
from .concepts.bounds import Bound, Verdict, find
from .concepts.concurrency import Offload, TaskSpawn
from .concepts.data import Sanitiser, SqlExecution
from .concepts.http import ErrorHandler, HttpRequest, Response, Route
from .concepts.retry import IdempotencyKey, Limit, OwnRetries, Pause, Payment, RetryPolicy, Strategy, Task
from .concepts.speech import ExceptionText, Log
from .concepts.time import Blocking, Deadline, GlobalTimeout, Sleep, Timeout, TimeoutClass, Wait
from .diagnostics import Severity
from .finding import Finding, Note
from .libraries.exposure import Text, exposures, text_of
from .libraries.match import Meanings
from .model.frames import Frame
from .model.places import AttributeAssignment, Call, Class, Function, Handler, Loop, Place, Raise, Return, With, Yield
from .model.scopes import Binding, Scope, reaching
from .model.semantic import SemanticModel, dotted
from .model.values import NONE, UNKNOWN, Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Site, Unknown
from .registry import rule
from .syntax.tree import children, walk

Findings: TypeAlias = Iterator[Finding]
"""What a rule gives."""

__all__ = [
    "NONE",
    "UNKNOWN",
    "AttributeAssignment",
    "Binding",
    "Blocking",
    "Bound",
    "Call",
    "Class",
    "Concept",
    "Constant",
    "Datum",
    "Deadline",
    "Entries",
    "ErrorHandler",
    "ExceptionText",
    "Finding",
    "Findings",
    "Frame",
    "Function",
    "GlobalTimeout",
    "Handler",
    "HttpRequest",
    "IdempotencyKey",
    "Instance",
    "Items",
    "Limit",
    "Log",
    "Loop",
    "Made",
    "Meanings",
    "Missing",
    "Note",
    "Offload",
    "OwnRetries",
    "Parameter",
    "Pause",
    "Payment",
    "Place",
    "Raise",
    "Reference",
    "Response",
    "RetryPolicy",
    "Return",
    "Route",
    "Sanitiser",
    "Scope",
    "SemanticModel",
    "Severity",
    "Site",
    "Sleep",
    "SqlExecution",
    "Strategy",
    "Task",
    "TaskSpawn",
    "Text",
    "Timeout",
    "TimeoutClass",
    "Unknown",
    "Verdict",
    "Wait",
    "With",
    "Yield",
    "children",
    "dotted",
    "exposures",
    "find",
    "reaching",
    "rule",
    "text_of",
    "walk",
]
