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
from .concepts.concurrency import (
    Executor,
    Gather,
    Launch,
    Lock,
    LoopCheck,
    LoopRun,
    NestedLoops,
    Offload,
    Submission,
    SyncOnly,
    TaskGroup,
    TaskSpawn,
)
from .concepts.data import Commit, Lease, QueryLimit, Rollback, Sanitiser, SqlExecution, Transaction, Write
from .concepts.http import ErrorHandler, HttpRequest, Inclusion, Middleware, Refusal, Response, Route, Router, StatusCheck
from .concepts.lifecycle import Buffered, Closable, Exit, LifeEvent, Lifespan, Serve
from .concepts.queues import Acknowledgement, JobWait, Publication, Requeue
from .concepts.retry import Breaker, Fresh, IdempotencyKey, Limit, OwnRetries, Pause, Payment, RetryPolicy, Strategy, Task
from .concepts.speech import ExceptionText, Log, Metric, MetricLabel
from .concepts.sql import Position, placeholders
from .concepts.time import Blocking, Deadline, GlobalTimeout, Sleep, Timeout, TimeoutClass, Wait
from .concepts.trust import Guard, SizeLimit, Validator, Verification
from .diagnostics import Severity
from .finding import Edit, Finding, Fix, Note
from .meanings.aborts import Abort, aborts
from .meanings.assertions import Asserted, Purpose, asserted
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
from .meanings.breakers import forgotten
from .meanings.buffers import unflushed
from .meanings.catching import keeps_everything, remembers, takes_no_time, yields_in
from .meanings.causes import Replaced, becomes_answer, is_rebound, passes_on, replacements, tells_nothing
from .meanings.codeless import Codeless, codeless
from .meanings.decisions import Opening, lets_through, openings, unverified
from .meanings.decorations import decorations
from .meanings.escapes import escapes
from .meanings.exits import Leaving, ends_only_thread, leavings, library_leavings
from .meanings.exposure import Text, exposures, said_by
from .meanings.failing import may_fail, sees_to_failures
from .meanings.gathering import Outcome, kept_as, outcomes, taken_for_data
from .meanings.generators import unraised
from .meanings.groups import Group, answers_group, groups, is_answer, is_met, name_of_raised, never_matches, raised_in
from .meanings.health import checked, is_local, probe
from .meanings.idempotency import REPEATABLE_METHODS, address, has_key, method_of, repeats_effect
from .meanings.jitter import in_step, pauses_in_step
from .meanings.lifespans import ignored_lists, leaks, unheard_events
from .meanings.loops import runs_on
from .meanings.match import Meanings
from .meanings.metrics import made_anew, unbounded
from .meanings.nesting import Inner, Outer, inners, outers, stacked
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
from .meanings.policies import active, answered, failures, limit, members, only_conflicts, only_unsent, pauses, policy_of, repetitions
from .meanings.queries import unlimited_queries
from .meanings.reach import Reach, holds_thread, led_to
from .meanings.refusals import Swallowed, swallowed
from .meanings.repeated import Repeated, is_tried, looks_at_failure, looped_over, repeated, tells_apart, tried_again
from .meanings.reports import (
    GRAVE,
    Untraced,
    goes_further,
    handler_around,
    is_boundary,
    is_for_all,
    logs_of,
    mentions,
    points_to_log,
    prints,
    says_more,
    says_only_exception,
    should_log,
    shows_nothing,
    shows_traceback,
    speaks_elsewhere,
    speaks_of,
    untraced,
    wordless,
)
from .meanings.silence import hides_timeout, quiet_traps, replaced, taken_for_done, told_of, unheard
from .meanings.stand_ins import stand_in
from .meanings.statuses import Blind, blind_retries, deaf_pauses, listed_statuses
from .meanings.stops import Stop, stops
from .meanings.telling import tells
from .meanings.traceless import traceless
from .meanings.trying import asks_one_thing, runs_given
from .meanings.unbound import Unbound, unbound
from .meanings.unkept import Unkept, unkept
from .meanings.unwritten import is_unwritten, put_off
from .meanings.wrappers import handed_on
from .model.endings import always, ends, statements
from .model.exports import FunctionFacts, short, way_in_words
from .model.frames import Frame
from .model.naming import Spelling, spelling
from .model.places import Assertion, AttributeAssignment, Call, Class, Function, Handler, Jump, Loop, Place, Raise, Return, Try, With, Yield
from .model.results import lost
from .model.scopes import Binding, Scope, reaching
from .model.semantic import SemanticModel, dotted
from .model.steps import destination
from .model.swallowing import (
    BROAD,
    Trap,
    aside,
    awaits,
    cancellation_traps,
    cleaning_up,
    closes,
    counts_as_failure,
    expects_cancellation,
    explained,
    following,
    goes_on,
    imports,
    is_cancellation,
    leaving,
    own,
    silent,
    trap_of,
    traps,
    tries_another,
    turns,
)
from .model.values import NONE, UNKNOWN, Constant, Datum, Entries, Instance, Items, Made, Missing, Reference, Site, Unknown
from .registry import rule
from .syntax.tree import children, excerpt, walk

Findings: TypeAlias = Iterator[Finding]
"""What a rule gives."""

__all__ = [
    "BROAD",
    "GRAVE",
    "NONE",
    "REPEATABLE_METHODS",
    "UNKNOWN",
    "Abort",
    "Acknowledgement",
    "Asserted",
    "Assertion",
    "Attempts",
    "AttributeAssignment",
    "Binding",
    "Blind",
    "Blocking",
    "Bound",
    "Breaker",
    "Buffered",
    "Call",
    "Class",
    "Closable",
    "Codeless",
    "Commit",
    "Concept",
    "Constant",
    "Datum",
    "Deadline",
    "Edit",
    "Entries",
    "ErrorHandler",
    "ExceptionText",
    "Executor",
    "Exit",
    "Finding",
    "Findings",
    "Fix",
    "Frame",
    "Fresh",
    "Function",
    "FunctionFacts",
    "Gather",
    "GlobalTimeout",
    "Group",
    "Guard",
    "Handler",
    "HttpRequest",
    "IdempotencyKey",
    "Inclusion",
    "Inner",
    "Instance",
    "Items",
    "JobWait",
    "Jump",
    "Launch",
    "Lease",
    "Leaving",
    "LifeEvent",
    "Lifespan",
    "Limit",
    "Lock",
    "Log",
    "Loop",
    "LoopCheck",
    "LoopRun",
    "Made",
    "Meanings",
    "Metric",
    "MetricLabel",
    "Middleware",
    "Missing",
    "NestedLoops",
    "Note",
    "Offload",
    "Opening",
    "Outcome",
    "Outer",
    "OwnRetries",
    "Parameter",
    "Pause",
    "Payment",
    "Place",
    "Position",
    "Publication",
    "Purpose",
    "QueryLimit",
    "Raise",
    "Reach",
    "Reference",
    "Refusal",
    "Repeated",
    "Repeater",
    "Replaced",
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
    "Serve",
    "Severity",
    "Site",
    "SizeLimit",
    "Sleep",
    "Spelling",
    "SqlExecution",
    "StatusCheck",
    "Stop",
    "Strategy",
    "Submission",
    "Swallowed",
    "SyncOnly",
    "Task",
    "TaskGroup",
    "TaskSpawn",
    "Text",
    "Timeout",
    "TimeoutClass",
    "Transaction",
    "Trap",
    "Try",
    "Unbound",
    "Unkept",
    "Unknown",
    "Untraced",
    "Validator",
    "Verdict",
    "Verification",
    "Wait",
    "With",
    "Write",
    "Yield",
    "aborts",
    "active",
    "address",
    "always",
    "answered",
    "answers_group",
    "aside",
    "asks",
    "asks_one_thing",
    "asks_others",
    "asserted",
    "attempts",
    "awaits",
    "becomes_answer",
    "blind_retries",
    "cancellation_traps",
    "charge",
    "checked",
    "children",
    "cleaning_up",
    "closes",
    "codeless",
    "counts_as_failure",
    "deaf_pauses",
    "decorations",
    "destination",
    "dotted",
    "ends",
    "ends_only_thread",
    "escapes",
    "excerpt",
    "expects_cancellation",
    "explained",
    "exposures",
    "failures",
    "far_side",
    "find",
    "following",
    "forgotten",
    "fresh_key",
    "goes_further",
    "goes_on",
    "groups",
    "handed_on",
    "handler_around",
    "has_key",
    "hides_timeout",
    "holds_thread",
    "hurries",
    "ignored_lists",
    "imports",
    "in_step",
    "inners",
    "is_about_money",
    "is_answer",
    "is_boundary",
    "is_cancellation",
    "is_for_all",
    "is_guarded",
    "is_local",
    "is_met",
    "is_payment_request",
    "is_rebound",
    "is_tried",
    "is_unwritten",
    "is_webhook",
    "keeps_everything",
    "kept_as",
    "knows_retries",
    "leaks",
    "leaving",
    "leavings",
    "led_to",
    "lets_through",
    "library_leavings",
    "limit",
    "listed_statuses",
    "logs_of",
    "looks_at_failure",
    "looped_over",
    "lost",
    "made_anew",
    "may_fail",
    "members",
    "mentions",
    "method_of",
    "name_of_raised",
    "needs_no_retry",
    "never_matches",
    "only_conflicts",
    "only_unsent",
    "openings",
    "outbound",
    "outcomes",
    "outers",
    "own",
    "passes_on",
    "pauses",
    "pauses_in_step",
    "placeholders",
    "points_to_log",
    "policy_of",
    "prints",
    "probe",
    "put_off",
    "quiet_traps",
    "raised_in",
    "reaches_out",
    "reaching",
    "remembers",
    "repeated",
    "repeater",
    "repeats_effect",
    "repetitions",
    "replaced",
    "replacements",
    "rule",
    "runs_given",
    "runs_on",
    "said_by",
    "says_more",
    "says_only_exception",
    "sees_to_failures",
    "short",
    "should_log",
    "shows_nothing",
    "shows_traceback",
    "silent",
    "speaks_elsewhere",
    "speaks_of",
    "speaks_of_keys",
    "spelling",
    "stacked",
    "stand_in",
    "starts_something",
    "statements",
    "stops",
    "swallowed",
    "taken_for_data",
    "taken_for_done",
    "takes_no_time",
    "tells",
    "tells_apart",
    "tells_nothing",
    "told_of",
    "traceless",
    "trap_of",
    "traps",
    "tried_again",
    "tries_another",
    "turns",
    "unbound",
    "unbounded",
    "unflushed",
    "unheard",
    "unheard_events",
    "unkept",
    "unlimited_queries",
    "unraised",
    "untraced",
    "unverified",
    "verbs",
    "walk",
    "way_in_words",
    "without_key",
    "wordless",
    "yields_in",
]
