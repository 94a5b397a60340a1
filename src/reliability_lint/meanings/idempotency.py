"""What may be done twice without harm: what a request says of itself, by its address, its words and its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ..concepts.bounds import find
from ..concepts.http import HttpRequest
from ..model.places import Call, Function, Place
from ..model.scopes import Binding
from ..model.values import Constant, Missing
from ..syntax.tree import walk

SAFE_METHODS = frozenset({"get", "head", "options"})
REPEATABLE_METHODS = SAFE_METHODS | {"put", "delete"}
_KEY = re.compile(
    r"idempot|request[-_ ]?id|client[-_]?(request[-_]?)?token|dedup|nonce|client[-_]?reference|transaction[-_]?id|message[-_]?id|on[-_ ]conflict|upsert",
    re.IGNORECASE,
)
# POST is also how one asks what does not fit into an address: none of these changes anything that matters.
_QUESTION = re.compile(
    r"search|quer(y|ies)|graphql|gql|token|oauth|auth|login|logon|signin|session|batch_?get|complet|embed|chat|generat|rerank|predict|infer|translat|"
    r"lookup|valid|verif|check|preview|quote|calculat|estimat|filter|introspect|render|count|analy[sz]|classif|encod|decod|ask|tool|mcp|health|ping|"
    r"status|scrape|crawl|fetch|pars|extract|convert|transcri|synthes|summar|moderat|detect|recogni|recommend|score|select|find|retriev|read|"
    r"download|export|metrics|log|trace|telemetry|heartbeat|refresh|list|similar|explain|compile|lint|format|simulat|diff|resolve|suggest|match|rpc",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^_*(a?get|fetch|list|load|is|has|can|read|query|a?search|find|poll|wait|iter|test|a?call_llm|probe)(_|$)", re.IGNORECASE
)


def method_of(call: Call, request: HttpRequest) -> str:
    """The verb of a request in lower case, or "" where it is not known."""
    if request.method or request.method_argument is None:
        return request.method
    value = find(request.method_argument, call.made)
    return value.value.lower() if isinstance(value, Constant) and isinstance(value.value, str) else ""


def address(call: Call, request: HttpRequest) -> str:
    """The text of a request's address as far as it is written: the pieces of a template, and those of the local names in it, side by side."""
    if request.url is None:
        return ""
    node = call.argument_node(*request.url.keywords, position=request.url.position)
    return " ".join(texts(node, call)) if node is not None else ""


def texts(node: cst.CSTNode, where: Place, depth: int = 0) -> Iterator[str]:
    """The pieces of text written in an expression, or where its names are assigned in the same function or module."""
    for part in walk(node):
        if isinstance(part, cst.FormattedStringText):
            yield part.value
        elif isinstance(part, cst.SimpleString):
            yield str(part.evaluated_value)
        elif isinstance(part, cst.Name) and depth < 2:
            found = where.scope.find(part.value)
            for binding in found[1] if found is not None else ():
                if binding.kind in ("assign", "annotation") and binding.value is not None and _is_near(binding, where):
                    yield from texts(binding.value, where, depth + 1)


def _is_near(binding: Binding, where: Place) -> bool:
    return binding.scope is where.scope or binding.scope.kind == "module"


def has_key(place: Call | Function) -> bool:
    """Whether a call, or anything in its function, speaks of something by which the receiver would know a repetition."""
    nodes = walk(place.node)
    if isinstance(place, Call) and place.function is not None:
        nodes = walk(place.function.node)
    return any(_KEY.search(text) for node in nodes for text in _words(node))


def _words(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name | cst.SimpleString | cst.FormattedStringText):
        yield node.value


def repeats_effect(call: Call, request: HttpRequest) -> bool:
    """Whether a second request like this has a second effect, as far as its address and its function's name can tell."""
    if method_of(call, request) not in ("post", "patch") or request.url is None or find(request.url, call.made) is Missing.UNKNOWN:
        return False
    where = address(call, request)
    function = call.function
    name = function.name if function is not None else ""
    if not re.search(r"[a-z]{3}", _path(where)) or _QUESTION.search(where) or _QUESTION.search(name) or _ASKS.match(name):
        return False
    return not has_key(call)


def _path(text: str) -> str:
    return re.sub(r"https?://[^/\s]*", "", text)
