"""All files of a run together: their facts, what names mean across them, and the words that they use."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..concepts.base import Concept
from ..concepts.http import Route
from ..diagnostics import Severity
from ..facts.facts import FileFacts
from ..libraries.index import Index, is_endless
from ..model.exports import FunctionFacts, Landmark, Step, Use
from ..model.values import Constant, Datum, Instance, Made, Reference, Site

_DEEPEST = 8  # names that lead to names


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that explains a finding."""

    at: Site
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a project; see `reliability_lint.finding.Finding` for what message and cure are."""

    at: Site
    message: str
    cure: str = ""
    notes: tuple[Note, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that answers requests: its dotted name, its file, and the way that it serves, `POST /orders`, as far as it is known."""

    name: str
    file: FileFacts
    serves: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A step of a function that something leads to: `way` are the names of the functions on the way, the last of which takes it, in `file`."""

    way: tuple[str, ...]
    step: Step
    call: Made
    file: FileFacts


class Project:
    """
    What all files of a run tell.

    `files` are the facts of those that are part of a service, by the path as it is shown; tests, scripts and migrations are not. `texts` are those of all
    files, for the words in them: a word is never a proof that something is there, and its absence everywhere is one that it is not.
    """

    def __init__(self, files: Mapping[str, FileFacts], texts: Mapping[str, str], index_of: Callable[[str], Index]) -> None:
        self.files, self.texts, self.index_of = files, texts, index_of

    # -- places

    def site(self, visit: Visit) -> Site:
        """Where a step is taken: the call, if it is written by the last part of its name, else the name of the function."""
        return visit.step.site or called_in(self.texts.get(visit.file.path, ""), visit)

    # -- words

    def speaks_of(self, pattern: str) -> bool:
        """Whether any file has text that matches a pattern, whatever the case."""
        wanted = re.compile(pattern, re.IGNORECASE)
        return any(wanted.search(text) for text in self.texts.values())

    def file_speaks_of(self, path: str, pattern: str) -> bool:
        """Whether one file, by its shown path, has text that matches a pattern."""
        return re.search(pattern, self.texts.get(path, ""), re.IGNORECASE) is not None

    # -- what the program is there for

    def landmarks(self, kind: type[Concept]) -> Iterator[tuple[FileFacts, Landmark, Concept]]:
        """The calls of a concept that say what the program is there for, file by file."""
        for path, facts in sorted(self.files.items()):
            for landmark in facts.landmarks:
                concept = self._concept(path, landmark.call.name, kind)
                if concept is not None:
                    yield facts, landmark, concept

    def uses(self, kind: type[Concept]) -> Iterator[tuple[FileFacts, Use, Concept]]:
        """The calls of a concept that set the program up, file by file."""
        for path, facts in sorted(self.files.items()):
            for use in facts.uses:
                concept = self._concept(path, use.call.name, kind)
                if concept is not None:
                    yield facts, use, concept

    def has_function(self, kind: type[Concept]) -> bool:
        """Whether a decorator with this meaning stands above any function."""
        for path, facts in self.files.items():
            methods = (method for its in facts.classes.values() for method in its.methods.values())
            names = {name for function in (*facts.functions.values(), *methods) for name in function.decorators if name}
            for name in names:
                found = self.follow(name)
                if isinstance(found, Reference) and self._concept(path, found.name, kind) is not None:
                    return True
        return False

    def handlers(self) -> Iterator[Handler]:
        """The functions that answer requests, as far as a decorator says so."""
        for facts, use, concept in self.uses(Route):
            if use.function and self.function(use.function) is not None and isinstance(concept, Route):
                yield Handler(use.function, facts, _served(use, concept))

    def _concept(self, path: str, name: str, kind: type[Concept]) -> Concept | None:
        known = self.index_of(path).known(name)
        return known.concepts.get(kind) if known is not None else None

    def means(self, visit: Visit, kind: type[Concept]) -> bool:
        """Whether what a step calls means a concept."""
        return self._concept(visit.file.path, visit.call.name, kind) is not None

    # -- names

    @cached_property
    def _modules(self) -> dict[str, FileFacts]:
        return {facts.module: facts for facts in self.files.values()}

    def function(self, name: str) -> tuple[FunctionFacts, FileFacts] | None:
        """A function or method by its dotted name, and the file in which it stands."""
        head, _, last = name.rpartition(".")
        facts = self._modules.get(head)
        if facts is not None:
            return (facts.functions[last], facts) if last in facts.functions else None
        module, _, owner = head.rpartition(".")
        facts = self._modules.get(module)
        its = facts.classes.get(owner) if facts is not None else None
        return (its.methods[last], facts) if its is not None and facts is not None and last in its.methods else None

    def follow(self, name: str) -> Datum | None:
        """What a name refers to: a function, class or library's name, or the object that a module makes; None where nothing is known of it."""
        return self._follow(name, 0)

    def _follow(self, name: str, depth: int) -> Datum | None:
        if depth > _DEEPEST:
            return None
        if self.function(name) is not None:
            return Reference(name)
        prefix, rest = name, ""
        while prefix:
            facts = self._modules.get(prefix)
            if facts is not None:
                return self._member(facts, rest, depth) if rest else Reference(name)
            prefix, _, last = prefix.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
        return Reference(name)

    def _member(self, facts: FileFacts, attributes: str, depth: int) -> Datum | None:
        first, _, more = attributes.partition(".")
        if first in facts.functions or first in facts.classes:
            return Reference(f"{facts.module}.{attributes}")
        datum = facts.names.get(first)
        if datum is None:
            return next(
                (found for module in facts.starred if (found := self._follow(f"{module}.{attributes}", depth + 1)) is not None), None
            )
        if isinstance(datum, Reference):
            return self._follow(f"{datum.name}.{more}" if more else datum.name, depth + 1)
        return self._of_object(facts, datum, more, depth) if more else datum

    def _of_object(self, facts: FileFacts, datum: Datum, attributes: str, depth: int) -> Datum | None:
        """A method of an object that a module makes."""
        kind = self._type(facts, datum, depth)
        if not kind or "." in attributes:
            return None
        if self.function(f"{kind}.{attributes}") is not None:
            return Reference(f"{kind}.{attributes}", datum)
        index = self.index_of(facts.path)
        return Reference(index.method(kind, attributes), datum) if index.is_type(kind) else None

    def _type(self, facts: FileFacts, datum: Datum, depth: int) -> str:
        if isinstance(datum, Instance):
            return datum.type
        if not isinstance(datum, Made):
            return ""
        given = self.index_of(facts.path).returns(datum.name)
        if given:
            return given
        found = self._follow(datum.name, depth + 1)
        return found.name if isinstance(found, Reference) else ""

    # -- ways

    def led_to(self, name: str, furthest: int) -> Iterator[Visit]:
        """
        The modelled steps to which a call of the function `name` leads, over `furthest` functions at most, the nearest first; names in them are those of
        libraries.
        """
        seen = {name}
        waiting: list[tuple[str, ...]] = [(name,)]
        while waiting:
            way = waiting.pop(0)
            found = self.function(way[-1])
            if found is None:
                continue
            its, file = found
            index = self.index_of(file.path)
            for step in its.steps:
                target = self._target(step)
                if target is None:
                    continue
                if index.known(target.name) is not None:
                    yield Visit(way, step, target, file)
                elif len(way) < furthest and target.name not in seen:
                    seen.add(target.name)
                    waiting.append((*way, target.name))

    def _target(self, step: Step) -> Made | None:
        if step.call is not None:
            return step.call
        found = self.follow(step.name)
        return Made(found.name, open=True, owner=found.owner) if isinstance(found, Reference) else None


def called_in(text: str, visit: Visit) -> Site:
    """The place of a visit's call in the text of its file."""
    path, function, word = visit.file.path, visit.way[-1].removeprefix(f"{visit.file.module}."), visit.call.name.rpartition(".")[2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inside: ast.AST = ast.parse(text)
    for name in function.split("."):
        inside = next((node for node in ast.walk(inside) if isinstance(node, _NAMED) and node.name == name), inside)
    body = inside.body if isinstance(inside, _NAMED) else []
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Call) and word in (getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
            return _located(path, text, node)
    return _located(path, text, inside) if isinstance(inside, _NAMED) else Site(path, 1, 1, 2)


_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _located(path: str, text: str, node: ast.expr | ast.stmt) -> Site:
    line = text.split("\n")[node.lineno - 1]
    column = len(line.encode()[: node.col_offset].decode(errors="ignore")) + 1
    same = node.end_lineno == node.lineno and node.end_col_offset is not None
    end = len(line.encode()[: node.end_col_offset or 0].decode(errors="ignore")) + 1 if same else column + 1
    return Site(path, node.lineno, column, end)


def _served(use: Use, route: Route) -> str:
    """The way that a handler serves, as far as it is written: `POST /orders`."""
    path = next((given.value for given in use.call.arguments[:1] if isinstance(given, Constant) and isinstance(given.value, str)), "")
    verbs = "/".join(verb.upper() for verb in route.methods if verb != "any") if path else ""
    return f"{verbs} {path}".strip()


__all__ = ["Finding", "Handler", "Note", "Project", "Visit", "is_endless"]
