"""
Calls that tell somebody of something and do nothing else.

Whoever asks whether a failure was reported, or whether a handler does more than to report it, asks here: so that a logger, a tracker or a helper that one
rule knows is known to all. Models say it of libraries, those that settings name among them; of objects of which nothing is known their methods' names do.
"""

from __future__ import annotations

import re

import libcst as cst

from ..concepts.speech import Log
from ..model.semantic import SemanticModel
from ..model.swallowing import last_name

_TELLS = re.compile(
    r"(?:debug|info|notice|warn|warning|error|exception|critical|fatal|log|print|echo"
    r"|print_exc|print_exception|capture_exception|capture_message|record_exception|add_breadcrumb"
    r"|_?log_(?!\w*(?:exit|quit|abort|raise))\w*(?:err|exc|fail|warn|info|debug|event|message)\w*|(?:write|add|append|send|emit)_(?:to_)?log)"
)
_COUNTS = frozenset({"count", "inc", "incr", "increment", "observe"})

_SENDS = re.compile(
    r"(^|_)(exc|exception|traceback|backtrace|stack_?trace|capture|report|notify|alert|crash)(_|$)|Exception$|Traceback$|^handleError$",
    re.IGNORECASE,
)


def sends_failure(node: cst.Call) -> bool:
    """Whether a call tells others of the exception in flight without being given one, by its name: nobody modelled it."""
    return _SENDS.search(last_name(node)) is not None


def tells(node: cst.Call, model: SemanticModel) -> bool:
    """Whether a call writes a record, reports to a tracker, prints or counts, and that is all it does."""
    call = model.meanings.at(node)
    if call is not None and model.meanings.means(call, Log) is not None:
        return True
    name = last_name(node)
    return _TELLS.fullmatch(name) is not None or (isinstance(node.func, cst.Attribute) and name in _COUNTS)


__all__ = ["sends_failure", "tells"]
