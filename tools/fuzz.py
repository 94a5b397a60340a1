"""
Spells fixtures in other ways, in which they mean the same, and looks whether the same is found: `python -m tools.fuzz --minutes 10`.

What may be spelled otherwise: names of local variables, the order of keywords, parentheses, line breaks, blank lines and short comments, quotes, names
given by imports, decorators that do nothing. A place corresponds to another if it is in the statement with the same number, counted from the top; no
change adds a statement or takes one away, but for one import that is not counted.

Names stay recognisable (`order` becomes `order_`), since some rules listen to words. Comments stay short, since one that explains is an answer to a rule.

Each difference is told with the smallest change that makes it. The exit status is 1 if there was one.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import unified_diff
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import libcst as cst
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from reliability_lint.engine.checker import Checker
from reliability_lint.engine.discover import Found, discover
from reliability_lint.engine.settings import Lookup, Settings

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
HARMLESS = "typing"  # whose `final` and `no_type_check` give back what they are given
Expression = TypeVar("Expression", bound=cst.BaseExpression)


# changes ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Change(cst.CSTTransformer):
    """
    A way to spell something otherwise. `chosen` are the numbers of the places where it is done, None for none: then they are only counted.

    Places in replacement fields of f-strings are left alone: older Pythons allow less in them.
    """

    def __init__(self, module: cst.Module, chosen: frozenset[int] | None = None) -> None:
        super().__init__()
        self.chosen = chosen
        self.places = 0
        self.formatted = 0
        self.prepare(module)

    def prepare(self, module: cst.Module) -> None:
        """Looks at the whole before anything is changed."""

    def here(self) -> bool:
        """Whether the change is to be made at this place, which is counted."""
        self.places += 1
        return self.chosen is not None and self.places - 1 in self.chosen

    def visit_FormattedString(self, node: cst.FormattedString) -> None:
        self.formatted += 1

    def leave_FormattedString(self, original_node: cst.FormattedString, updated_node: cst.FormattedString) -> cst.BaseExpression:
        self.formatted -= 1
        return updated_node


def _variables(node: cst.CSTNode) -> Iterator[str]:
    """The names that stand for variables: neither attributes nor keywords nor parameters nor what is defined or imported."""
    match node:
        case cst.Name():
            yield node.value
            return
        case cst.Attribute():
            children: Sequence[cst.CSTNode] = [node.value]
        case cst.Arg():
            children = [node.value]
        case cst.Param():
            children = [one for one in (node.annotation, node.default) if isinstance(one, cst.CSTNode)]
        case cst.Import() | cst.ImportFrom() | cst.Global() | cst.Nonlocal():
            return
        case cst.FunctionDef() | cst.ClassDef():
            children = [child for child in node.children if child is not node.name]
        case _:
            children = node.children
    for child in children:
        yield from _variables(child)


def _otherwise_bound(node: cst.CSTNode) -> Iterator[str]:
    """Names that are bound by a definition, an import or a parameter, or declared to be of another scope, or that a pattern binds."""
    match node:
        case cst.FunctionDef() | cst.ClassDef():
            yield node.name.value
        case cst.Param():
            yield node.name.value
        case cst.ImportAlias():
            bound: cst.BaseExpression = node.asname.name if node.asname is not None else node.name
            while isinstance(bound, cst.Attribute):
                bound = bound.value
            yield bound.value if isinstance(bound, cst.Name) else ""
        case cst.NameItem():
            yield node.name.value
        case cst.MatchAs(name=cst.Name(value)) | cst.MatchStar(name=cst.Name(value)) | cst.MatchMapping(rest=cst.Name(value)):
            yield value
    for child in node.children:
        yield from _otherwise_bound(child)


class _Renaming(Change):
    """Renames variables within the node that is at hand; what is no variable keeps its name."""

    renamed: dict[str, str]

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return updated_node.with_changes(value=self.renamed.get(original_node.value, updated_node.value))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        return updated_node.with_changes(name=original_node.name)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        return updated_node.with_changes(name=original_node.name)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False


class Locals(_Renaming):
    """The variables of a function."""

    def prepare(self, module: cst.Module) -> None:
        self.renamed = {}
        self.module = Counter(_variables(module))
        self.bound = frozenset(_otherwise_bound(module))
        self.depth = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if not self.depth and self.here():
            own = Counter(_variables(node.body))
            taken = self.bound | frozenset(dir(builtins))
            self.renamed = {
                name: f"{name}_" for name, times in own.items() if times == self.module[name] and name not in taken and name.strip("_")
            }
        self.depth += 1

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self.depth -= 1
        if not self.depth:
            self.renamed = {}
        return updated_node.with_changes(name=original_node.name)


class Imports(_Renaming):
    """`import x as y` in the place of `import x`, and `from x import a as b` in the place of `from x import a`."""

    def prepare(self, module: cst.Module) -> None:
        self.renamed = {}
        self.bound = Counter(_otherwise_bound(module))
        self.text = module.code
        self.stored = {
            name.target.value
            for name in _nodes(module)
            if isinstance(name, cst.AssignTarget | cst.AugAssign) and isinstance(name.target, cst.Name)
        }
        for statement in module.body:
            for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.Import | cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
                    for alias in small.names:
                        self._may_rename(alias, small)

    def _may_rename(self, alias: cst.ImportAlias, statement: cst.Import | cst.ImportFrom) -> None:
        name = alias.name
        future = isinstance(statement, cst.ImportFrom) and isinstance(statement.module, cst.Name) and statement.module.value == "__future__"
        if alias.asname is not None or not isinstance(name, cst.Name) or future or name.value in self.stored or self.bound[name.value] != 1:
            return
        if f'"{name.value}' in self.text or f"'{name.value}" in self.text:  # an annotation in quotes, or `__all__`
            return
        if self.here():
            self.renamed[name.value] = f"{name.value}_"

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:
        return updated_node.with_changes(names=[self._aliased(alias) for alias in updated_node.names])

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        return updated_node.with_changes(names=[self._aliased(alias) for alias in updated_node.names])

    def _aliased(self, alias: cst.ImportAlias) -> cst.ImportAlias:
        if alias.asname is None and isinstance(alias.name, cst.Name) and alias.name.value in self.renamed:
            return alias.with_changes(asname=cst.AsName(cst.Name(self.renamed[alias.name.value])))
        return alias

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        return updated_node.with_changes(name=original_node.name)


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)


class Keywords(Change):
    """The keywords of a call, the other way round."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        args = updated_node.args
        first = next((number for number, one in enumerate(args) if one.keyword is not None), len(args))
        named = args[first:]
        if self.formatted or len(named) < 2 or any(one.keyword is None for one in named) or not self.here():
            return updated_node
        turned = [one.with_changes(comma=other.comma) for one, other in zip(reversed(named), named, strict=True)]
        return updated_node.with_changes(args=[*args[:first], *turned])


def _parenthesised(node: Expression) -> Expression:
    return node.with_changes(lpar=[cst.LeftParen(), *node.lpar], rpar=[*node.rpar, cst.RightParen()])


class Parentheses(Change):
    """More of them, around what stands in a larger expression or statement."""

    def _around(self, node: cst.BaseExpression) -> cst.BaseExpression:
        if self.formatted or isinstance(node, cst.Yield | cst.GeneratorExp) or not self.here():
            return node
        return _parenthesised(node)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_MatchCase_pattern(self, node: cst.MatchCase) -> None:
        self.formatted += 1

    def leave_MatchCase_pattern(self, node: cst.MatchCase) -> None:
        self.formatted -= 1

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        # Around a name alone they may look like a tuple that was meant, which a rule has something to say about.
        return (
            updated_node if isinstance(updated_node.value, cst.Name) else updated_node.with_changes(value=self._around(updated_node.value))
        )

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return updated_node.with_changes(func=self._around(updated_node.func))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        return updated_node.with_changes(value=self._around(updated_node.value))

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        return updated_node.with_changes(value=self._around(updated_node.value))

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        return updated_node.with_changes(expression=self._around(updated_node.expression))

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr:
        text = isinstance(updated_node.value, cst.SimpleString | cst.ConcatenatedString)  # a docstring, perhaps
        return updated_node if text else updated_node.with_changes(value=self._around(updated_node.value))

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        return updated_node.with_changes(value=self._around(updated_node.value)) if updated_node.value is not None else updated_node

    def leave_Raise(self, original_node: cst.Raise, updated_node: cst.Raise) -> cst.Raise:
        return updated_node.with_changes(exc=self._around(updated_node.exc)) if updated_node.exc is not None else updated_node

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> cst.If:
        return updated_node.with_changes(test=self._around(updated_node.test))

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> cst.While:
        return updated_node.with_changes(test=self._around(updated_node.test))

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        return updated_node.with_changes(iter=self._around(updated_node.iter))

    def leave_WithItem(self, original_node: cst.WithItem, updated_node: cst.WithItem) -> cst.WithItem:
        return updated_node.with_changes(item=self._around(updated_node.item))

    def leave_BinaryOperation(self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation) -> cst.BaseExpression:
        return updated_node.with_changes(left=self._around(updated_node.left), right=self._around(updated_node.right))

    def leave_ExceptHandler(self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler) -> cst.ExceptHandler:
        return updated_node.with_changes(type=self._around(updated_node.type)) if updated_node.type is not None else updated_node


_BREAK = cst.ParenthesizedWhitespace(cst.TrailingWhitespace(), [], indent=True, last_line=cst.SimpleWhitespace("        "))


class Wraps(Change):
    """A call over several lines."""

    def prepare(self, module: cst.Module) -> None:
        self.closed = "noqa" in module.code  # which holds for a line, so that it matters where one ends

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        args = updated_node.args
        if self.closed or self.formatted or not args or not self.here():
            return updated_node
        commas = [one.comma for one in args[:-1]]
        wrapped = [
            one.with_changes(comma=comma.with_changes(whitespace_after=_BREAK) if isinstance(comma, cst.Comma) else comma)
            for one, comma in zip(args, [*commas, args[-1].comma], strict=True)
        ]
        return updated_node.with_changes(whitespace_before_args=_BREAK, args=wrapped)


class Quotes(Change):
    """Single ones in the place of double ones, and the other way round."""

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.BaseExpression:
        quote, text = updated_node.quote, updated_node.raw_value
        if self.formatted or "\\" in text or "'" in text or '"' in text or not self.here():
            return updated_node
        other = quote.replace('"', "\0").replace("'", '"').replace("\0", "'")
        return updated_node.with_changes(value=f"{updated_node.prefix}{other}{text}{other}")


class Lines(Change):
    """A blank line, and a comment that says nothing, above a statement."""

    def _above(self, node: cst.CSTNode) -> tuple[cst.EmptyLine, ...]:
        lines: Sequence[cst.EmptyLine] = node.leading_lines  # type: ignore[attr-defined]
        if lines and lines[-1].comment is not None:  # may be about this statement
            return tuple(lines)
        return (*lines, cst.EmptyLine(indent=False), cst.EmptyLine(comment=cst.Comment("# so"))) if self.here() else tuple(lines)

    def leave_SimpleStatementLine(
        self,
        original_node: cst.SimpleStatementLine,
        updated_node: cst.SimpleStatementLine,
    ) -> cst.BaseStatement:
        return updated_node.with_changes(leading_lines=self._above(updated_node))

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.BaseStatement:
        return updated_node.with_changes(leading_lines=self._above(updated_node))

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> cst.BaseStatement:
        return updated_node.with_changes(leading_lines=self._above(updated_node))

    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> cst.BaseStatement:
        return updated_node.with_changes(leading_lines=self._above(updated_node))

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.BaseStatement:
        return updated_node.with_changes(leading_lines=self._above(updated_node))

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> cst.BaseStatement:
        return updated_node.with_changes(leading_lines=self._above(updated_node))


class Decorators(Change):
    """One that does nothing, below the others."""

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.BaseStatement:
        if not self.here():
            return updated_node
        harmless = cst.Decorator(cst.parse_expression(f"{HARMLESS}.no_type_check"))
        return updated_node.with_changes(decorators=[*updated_node.decorators, harmless])

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        if not self.chosen:
            return updated_node
        body = list(updated_node.body)
        at = next((number for number, one in enumerate(body) if not _comes_first(one)), len(body))
        return updated_node.with_changes(body=[*body[:at], cst.parse_statement(f"import {HARMLESS}\n"), *body[at:]])


def _comes_first(statement: cst.CSTNode) -> bool:
    """A docstring, or an import from `__future__`."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    (first, *_) = statement.body
    if isinstance(first, cst.ImportFrom):
        return isinstance(first.module, cst.Name) and first.module.value == "__future__"
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString)


CHANGES: tuple[type[Change], ...] = (Locals, Imports, Keywords, Parentheses, Wraps, Quotes, Lines, Decorators)


# what is found ────────────────────────────────────────────────────────────────────────────────────────────────────────

Verdicts = Counter[tuple[int, str]]
"""How often each rule speaks in each statement, by the statement's number."""


class Fixture(NamedTuple):
    """A file, as it stands there, with what is found in it."""

    found: Found
    text: str
    verdicts: Verdicts

    @property
    def name(self) -> str:
        return str(Path(self.found.path).relative_to(ROOT))


_SETTINGS = Settings(root=str(FIXTURES), select=("all",), include_tests=True)


def _statements(text: str) -> list[tuple[int, int]]:
    """Where each statement and each handler begins, in order; a decorated one begins with its first decorator."""
    starts = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt | ast.ExceptHandler) and not (isinstance(node, ast.Import) and node.names[0].name == HARMLESS):
            decorators = getattr(node, "decorator_list", [])
            starts.append(min([(node.lineno, node.col_offset), *((one.lineno, one.col_offset - 1) for one in decorators)]))
    return sorted(starts)


def verdicts(found: Found, text: str) -> Verdicts:
    """What is found in a file if it holds this text."""
    report = Checker(overlay={found.path: text}).check(found)
    starts = _statements(text)
    lines = text.splitlines()
    told: Verdicts = Counter()
    for one in report.diagnostics:
        line, column = one.region.line, one.region.column
        offset = len(lines[line - 1][: column - 1].encode()) if line <= len(lines) else column - 1
        told[sum(start <= (line, offset) for start in starts), one.code] += 1
    return told


@lru_cache(maxsize=1)
def fixtures() -> tuple[Fixture, ...]:
    """Every fixture that this Python can read; the blocks that are written out for every model are left out, for they are about models alone."""
    every = []
    for found in discover([str(FIXTURES)], Lookup(isolated=True, change=lambda _: _SETTINGS)).files:
        path = Path(found.path)
        if "concepts" in path.relative_to(FIXTURES).parts:
            continue
        text = path.read_text(encoding="utf-8")
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        every.append(Fixture(found, text, verdicts(found, text)))
    return tuple(every)


def changed(text: str, change: type[Change], chosen: frozenset[int]) -> str:
    """A text with a change made at some of its places."""
    module = cst.parse_module(text)
    return module.visit(change(module, chosen)).code


@lru_cache(maxsize=4096)
def places(text: str, change: type[Change]) -> int:
    """At how many places of a text a change can be made."""
    module = cst.parse_module(text)
    counting = change(module)
    module.visit(counting)
    return counting.places


class Difference(AssertionError):
    """A change of spelling that changed what is found."""

    def __init__(self, fixture: Fixture, changes: Iterable[str], text: str, now: Verdicts) -> None:
        gone, come = fixture.verdicts - now, now - fixture.verdicts
        codes = sorted({code for _, code in (*gone, *come)})
        told = [f"{sign} {code}" for sign, these in (("no more", gone), ("now", come)) for _, code in these.elements()]
        diff = "\n".join(
            list(unified_diff(fixture.text.splitlines(), text.splitlines(), "as it stands", "as it was spelled", "", "", 2))[:40]
        )
        super().__init__(f"{fixture.name}: {', '.join(told)} after {' and '.join(changes)}\n{diff}")
        self.key = (fixture.name, tuple(codes))


def compare(fixture: Fixture, changes: Sequence[tuple[type[Change], frozenset[int]]]) -> None:
    """Raises a `Difference` if what is found in a fixture is not the same after these changes."""
    text = fixture.text
    for change, chosen in changes:
        text = changed(text, change, chosen)
    now = verdicts(fixture.found, text)
    if now != fixture.verdicts:
        raise Difference(fixture, [change.__name__.lower() for change, _ in changes], text, now)


def check(examples: int, start: int | None, *, known: set[tuple[str, tuple[str, ...]]] | None = None) -> None:
    """Tries this many ways to spell fixtures, the same ones each time if `start` is None; raises the smallest `Difference` that is not known."""

    every = fixtures()  # found out before, for checking raises the recursion limit, which Hypothesis watches

    def attempt(data: st.DataObject) -> None:
        fixture = data.draw(st.sampled_from(every))
        changes = []
        for change in data.draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3, unique=True)):
            many = places(fixture.text, change)
            if many:
                everywhere = data.draw(st.booleans())
                some = st.frozensets(st.integers(0, many - 1), min_size=1, max_size=4)
                changes.append((change, frozenset(range(many)) if everywhere else data.draw(some)))
        # The number of a place is that in the text as it stands; after another change there may be fewer, and nothing is done then.
        try:
            compare(fixture, changes)
        except Difference as difference:
            if difference.key not in (known or set()):
                raise

    run: Callable[[], None] = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=start is None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )(given(st.data())(attempt))
    (run if start is None else seed(start)(run))()


def everywhere() -> Iterator[Difference]:
    """Every change at all places of every fixture; where that makes a difference, the first place that makes one alone, or else all of them."""
    for fixture in fixtures():
        for change in CHANGES:
            many = places(fixture.text, change)
            try:
                if many:
                    compare(fixture, [(change, frozenset(range(many)))])
            except Difference as difference:
                yield next(_alone(fixture, change, many), difference)


def _alone(fixture: Fixture, change: type[Change], many: int) -> Iterator[Difference]:
    for place in range(many):
        try:
            compare(fixture, [(change, frozenset({place}))])
        except Difference as difference:
            yield difference


def main() -> int:
    """Tries for as long as it may."""
    parser = argparse.ArgumentParser(prog="tools.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="how long to try (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="where to begin")
    parser.add_argument(
        "--everywhere", action="store_true", help="first make every change at all places of every fixture, however long it takes"
    )
    arguments = parser.parse_args()
    ends = time.monotonic() + 60 * arguments.minutes
    known: set[tuple[str, tuple[str, ...]]] = set()
    for difference in everywhere() if arguments.everywhere else ():
        known.add(difference.key)
        print(difference, flush=True)
    number = arguments.seed
    while time.monotonic() < ends:
        try:
            check(50, number, known=known)
        except Difference as difference:
            known.add(difference.key)
            print(difference, flush=True)
        number += 1
    print(f"{len(known)} differences")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
