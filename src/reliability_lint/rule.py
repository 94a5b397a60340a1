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
from .concepts.data import Commit, Rollback, Sanitiser, SqlExecution, Transaction, Write
from .concepts.http import ErrorHandler, HttpRequest, Inclusion, Middleware, Response, Route, Router
from .concepts.queues import Requeue
from .concepts.retry import Fresh, IdempotencyKey, Limit, OwnRetries, Pause, Payment, RetryPolicy, Strategy, Task
from .concepts.speech import ExceptionText, Log
from .concepts.sql import Position, placeholders
from .concepts.time import Blocking, Deadline, GlobalTimeout, Sleep, Timeout, TimeoutClass, Wait
from .concepts.trust import Guard, SizeLimit
from .diagnostics import Severity
from .finding import Finding, Note
from .meanings.attempts import (
    Attempts,
    Repeater,
    asks,
    attempts,
    far_side,
    hurries,
    knows_retries,
    needs_no_retry,
    outbound,
    reaches_out,
    repeater,
    starts_something,
)
from .meanings.exposure import Text, exposures, text_of
from .meanings.health import checked, is_local, probe
from .meanings.idempotency import REPEATABLE_METHODS, address, has_key, method_of, repeats_effect
from .meanings.match import Meanings
from .meanings.outbound import asks_others
from .meanings.payments import (
    charge,
    fresh_key,
    is_about_money,
    is_guarded,
    is_payment_request,
    is_webhook,
    speaks_of_keys,
    verbs,
    without_key,
)
from .meanings.policies import active, answered, limit, members, only_conflicts, only_unsent, pauses, policy_of, repetitions
from .meanings.wrappers import handed_on
from .model.endings import ends, statements
from .model.frames import Frame
from .model.places import AttributeAssignment, Call, Class, Function, Handler, Loop, Place, Raise, Return, With, Yield
from .model.results import lost
from .model.scopes import Binding, Scope, reaching
from .model.semantic import SemanticModel, dotted
from .model.swallowing import (
    BROAD,
    Trap,
    aside,
    cancellation_traps,
    cleaning_up,
    expects_cancellation,
    explained,
    following,
    goes_on,
    imports,
    own,
    silent,
    traps,
    tries_another,
)
from .model.values import NONE, UNKNOWN, Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Site, Unknown
from .registry import rule
from .syntax.tree import children, excerpt, walk

Findings: TypeAlias = Iterator[Finding]
"""What a rule gives."""

__all__ = [
    "BROAD",
    "NONE",
    "REPEATABLE_METHODS",
    "UNKNOWN",
    "Attempts",
    "AttributeAssignment",
    "Binding",
    "Blocking",
    "Bound",
    "Call",
    "Class",
    "Commit",
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
    "Fresh",
    "Function",
    "GlobalTimeout",
    "Guard",
    "Handler",
    "HttpRequest",
    "IdempotencyKey",
    "Inclusion",
    "Instance",
    "Items",
    "Limit",
    "Log",
    "Loop",
    "Made",
    "Meanings",
    "Middleware",
    "Missing",
    "Note",
    "Offload",
    "OwnRetries",
    "Parameter",
    "Pause",
    "Payment",
    "Place",
    "Position",
    "Raise",
    "Reference",
    "Repeater",
    "Requeue",
    "Response",
    "RetryPolicy",
    "Return",
    "Rollback",
    "Route",
    "Router",
    "Sanitiser",
    "Scope",
    "SemanticModel",
    "Severity",
    "Site",
    "SizeLimit",
    "Sleep",
    "SqlExecution",
    "Strategy",
    "Task",
    "TaskSpawn",
    "Text",
    "Timeout",
    "TimeoutClass",
    "Transaction",
    "Trap",
    "Unknown",
    "Verdict",
    "Wait",
    "With",
    "Write",
    "Yield",
    "active",
    "address",
    "answered",
    "aside",
    "asks",
    "asks_others",
    "attempts",
    "cancellation_traps",
    "charge",
    "checked",
    "children",
    "cleaning_up",
    "dotted",
    "ends",
    "excerpt",
    "expects_cancellation",
    "explained",
    "exposures",
    "far_side",
    "find",
    "following",
    "fresh_key",
    "goes_on",
    "handed_on",
    "has_key",
    "hurries",
    "imports",
    "is_about_money",
    "is_guarded",
    "is_local",
    "is_payment_request",
    "is_webhook",
    "knows_retries",
    "limit",
    "lost",
    "members",
    "method_of",
    "needs_no_retry",
    "only_conflicts",
    "only_unsent",
    "outbound",
    "own",
    "pauses",
    "placeholders",
    "policy_of",
    "probe",
    "reaches_out",
    "reaching",
    "repeater",
    "repeats_effect",
    "repetitions",
    "rule",
    "silent",
    "speaks_of_keys",
    "starts_something",
    "statements",
    "text_of",
    "traps",
    "tries_another",
    "verbs",
    "walk",
    "without_key",
]
