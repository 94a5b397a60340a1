from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from reliability_lint.rule import Constant, Findings, Function, Log, Note, Response, Return, children, dotted, probe, rule, statements


@rule("REL170", severity="warning")
def readiness_always_ok(function: Function) -> Findings:
    """
    A readiness check that looks at nothing.

    It says that the process is fit for requests from the moment it answers at all: before its pools are filled, and while the database is away. So it
    gets requests that it can only fail, and a deployment goes on to the next process though this one does not work.

    For a liveness check a constant is right. What `/health` is asked for, its path does not tell.

    Bad:

        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/readyz")
        def readyz():
            return {"status": "ok"}  # REL170

    Good:

        from fastapi import Depends, FastAPI, HTTPException

        app = FastAPI()

        @app.get("/livez")
        def livez():
            return {"status": "ok"}

        @app.get("/health")
        def health():
            return {"status": "ok"}

        @app.get("/readyz")
        def readyz(session=Depends(new_session)):  # it fails where there is none
            return {"status": "ok"}

        @app.get("/health/ready")
        def ready():
            if not app.state.warm:
                raise HTTPException(503)
            return {"status": "ok"}
    """
    if probe(function) != "ready" or any(_is_injected(parameter, function) for parameter in function.parameters):
        return
    meanings = function.model.meanings
    if any(meanings.means(call, Response) is None and meanings.means(call, Log) is None for call in function.calls):
        return
    body = [statement for statement in statements(function.node.body) if not _says_only(statement)]
    if len(body) != 1 or len(function.returns) != 1 or body[0] is not function.returns[0].node:
        return
    place = function.returns[0]
    if place.value is None or not all(_is_constant(node, place) for node in _read(place.value)):
        return
    ways = [way for way in meanings.ways(function) if _adds_nothing(way.node)]
    others = [decorator.name for decorator in function.decorators if decorator not in ways]
    if len(ways) == len(meanings.ways(function)) and function.model.leaves_as_it_is(others):
        yield place.finding(
            "this readiness check always succeeds: the process gets requests that it cannot answer yet, or cannot answer any more",
            cure="look at what every request needs, with a short timeout, and answer with status 503 where it is missing",
            notes=(Note(ways[0].at, "this is a readiness check"),) if ways else (),
        )


def _is_injected(parameter: cst.Param, function: Function) -> bool:
    """Whether a parameter has a default or an annotation that may have a framework look for something."""
    annotation = parameter.annotation.annotation if parameter.annotation is not None else None
    return parameter.default is not None or not (
        annotation is None or (isinstance(annotation, cst.Name | cst.Attribute) and _is_request(annotation, function))
    )


def _is_request(annotation: cst.Name | cst.Attribute, function: Function) -> bool:
    return (function.model.name_of(annotation, function) or dotted(annotation)).endswith(("Request", "Response"))


def _adds_nothing(node: cst.BaseExpression) -> bool:
    """Whether a decorator or registration has no list of dependencies, which may ask as well."""
    return not isinstance(node, cst.Call) or all(arg.keyword is None or arg.keyword.value != "dependencies" for arg in node.args)


def _says_only(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Pass) or (
        isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call | cst.SimpleString | cst.ConcatenatedString)
    )


def _read(node: cst.CSTNode) -> Iterator[cst.Name | cst.Attribute]:
    """The names that an expression reads; those of what it calls left out."""
    if isinstance(node, cst.Name | cst.Attribute):
        yield node
    elif isinstance(node, cst.Call):
        for arg in node.args:
            yield from _read(arg.value)
    else:
        for inner in children(node):
            yield from _read(inner)


def _is_constant(node: cst.Name | cst.Attribute, place: Return) -> bool:
    return isinstance(place.evaluate(node), Constant)
