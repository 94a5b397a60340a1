from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from reliability_lint.rule import (
    NONE,
    AttributeAssignment,
    Edit,
    Findings,
    Fix,
    Function,
    GlobalTimeout,
    Missing,
    Note,
    SemanticModel,
    Wait,
    dotted,
    find,
    rule,
    walk,
)


@rule("REL104", severity="error")
def ineffective_timeout(model: SemanticModel) -> Findings:
    """
    Code that looks like a timeout and has no effect.

    The reviewer sees a timeout and goes on; the service waits for ever all the same. Reported are attributes that a library never reads, adapters
    whose default never comes into play because the library always passes the argument itself, None where it means the default, and a default for
    all sockets in a module whose only HTTP client does not ask for it.

    Bad:

        import requests

        session = requests.Session()
        session.timeout = 5  # REL104 "never reads"

    Bad (an adapter, which is always given a timeout, even if it is None):

        from requests.adapters import HTTPAdapter

        class WithTimeout(HTTPAdapter):
            def send(self, request, **kwargs):
                kwargs.setdefault("timeout", 10)  # REL104 "always passes"
                return super().send(request, **kwargs)

    Fixed:

        from requests.adapters import HTTPAdapter

        class WithTimeout(HTTPAdapter):
            def send(self, request, **kwargs):
                if kwargs.get("timeout") is None:
                    kwargs["timeout"] = 10
                return super().send(request, **kwargs)

    Bad (None means the default here):

        import aiohttp

        async def rate(url):
            async with aiohttp.ClientSession(timeout=None) as session:  # REL104 "300 seconds"
                return await session.get(url)

    Bad (requests tells its sockets to wait for ever, unless it is told otherwise):

        import socket

        import requests

        socket.setdefaulttimeout(10)  # REL104

        def rate(url):
            return requests.get(url)

    Good:

        import httpx
        import requests
        from requests.adapters import HTTPAdapter

        client = httpx.Client()
        client.timeout = 10

        class WithTimeout(HTTPAdapter):
            def send(self, request, **kwargs):
                if kwargs.get("timeout") is None:
                    kwargs["timeout"] = 10
                return super().send(request, **kwargs)

        class Carrier(requests.Session):
            def __init__(self, seconds):
                super().__init__()
                self.timeout = seconds

            def request(self, method, url, **kwargs):
                kwargs.setdefault("timeout", self.timeout)
                return super().request(method, url, **kwargs)

    Good (the attribute is a place to keep it, and is read):

        import requests

        session = requests.Session()
        session.timeout = 5

        def rate(url):
            return session.get(url, timeout=session.timeout)

    Good (urllib asks for the default of all sockets):

        import socket
        from urllib.request import urlopen

        import requests

        socket.setdefaulttimeout(10)

        def rate(url):
            return urlopen(url).read() or requests.get(url, timeout=5).content
    """
    meanings = model.meanings
    for assignment in model.attribute_assignments:
        kind = meanings.ignored(assignment)
        if kind and not _is_read(assignment):
            yield assignment.finding(
                f"{kind} never reads its attribute {assignment.target.attr.value}: its calls wait as if this line were not there",
                cure="pass the timeout at each call",
            )
    for function in model.functions:
        kind, keywords = meanings.always_passed(function)
        for node in _idle_defaults(function, keywords):
            yield function.finding(
                f"this default never comes into play: {kind} always passes timeout=, and None where the caller named none",
                cure="ask whether it is None instead",
                at=node,
                fix=_asking_for_none(function, node),
            )
    for call, wait in meanings.of(Wait):
        if wait.timeout is not None and wait.timeout.none == "ignored" and find(wait.timeout, call.made) == NONE:
            default = f"{wait.timeout.default:g} seconds" if isinstance(wait.timeout.default, int | float) else "the library"
            yield call.finding(
                f"{call.title}({wait.timeout.keyword}=None) switches nothing off: the default of {default} holds",
                cure="leave it out, or say what is meant with a timeout object",
                severity="warning",
            )
    for call, setting in meanings.of(GlobalTimeout):
        if find(setting.seconds, call.made) not in (NONE, Missing.ABSENT) and (deaf := meanings.unheard(call)) is not None:
            yield call.finding(
                f"{call.title}() does nothing for {deaf.name}(), which tells its sockets itself to wait for ever",
                cure="pass a timeout at each call",
                notes=(Note(deaf.at, "this call waits for ever all the same"),),
            )


def _is_read(assignment: AttributeAssignment) -> bool:
    """Whether the file reads the attribute, as it does where that is only the place in which a timeout is kept."""
    targets = {id(other.target) for other in assignment.model.attribute_assignments}
    owner, name = dotted(assignment.target).split(".")[-2:] if dotted(assignment.target) else ("", "")
    return not owner or any(
        isinstance(node, cst.Attribute) and node.attr.value == name and id(node) not in targets and dotted(node).endswith(f"{owner}.{name}")
        for node in walk(assignment.model.tree)
    )


def _idle_defaults(function: Function, keywords: tuple[str, ...]) -> Iterator[cst.CSTNode]:
    """Where a method gives a default to a timeout that it is always passed; nothing where it looks at None at all."""
    nodes = walk(function.node.body) if "timeout" in keywords else []
    if any(_minds_none(node) for node in nodes):
        return
    for parameter in function.parameters if nodes else ():
        if parameter.name.value == "timeout" and parameter.default is not None and not _is_none(parameter.default):
            yield parameter.default
    rest = function.node.params.star_kwarg.name.value if function.node.params.star_kwarg is not None else ""
    for node in nodes if rest else ():
        match node:
            case cst.Call(
                func=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="setdefault" | "get" | "pop")), args=[key, default]
            ):
                if owner == rest and _says_timeout(key.value) and not _is_none(default.value):
                    yield node
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.NotIn(), comparator=cst.Name(value=owner))]):
                if owner == rest and _says_timeout(left):
                    yield node


def _asking_for_none(function: Function, node: cst.CSTNode) -> Fix | None:
    """The default given where the argument is None, as it was meant to be; for what is one line, or one condition."""
    title = "ask whether it is None"
    match node:
        case cst.Comparison(left=cst.SimpleString(value=key), comparisons=[cst.ComparisonTarget(comparator=cst.Name(value=rest))]):
            return Fix(title, (Edit(node, f"{rest}.get({key}) is None"),), safe=True)
        case cst.Call(
            func=cst.Attribute(value=cst.Name(value=rest), attr=cst.Name(value="setdefault")),
            args=[cst.Arg(value=cst.SimpleString(value=key)), cst.Arg(value=default)],
        ):
            for line in walk(function.node.body):
                match line:
                    case cst.SimpleStatementLine(body=[cst.Expr(value=value)]) if value is node:
                        text = f"if {rest}.get({key}) is None:\n    {rest}[{key}] = {{}}"
                        return Fix(title, (Edit(line, text, keep=default),), safe=True)
    return None


def _minds_none(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Comparison):
        return any(_is_none(target.comparator) for target in node.comparisons)
    return isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _says_timeout(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.SimpleString) and node.evaluated_value == "timeout"
