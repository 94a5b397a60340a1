"""
Edits of nodes become splices of the source.

The tree is not changed and no code is generated: what a splice does not touch stays as it is, to the last blank and comment.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from ..finding import Edit, Finding, Fix
from ..text.changes import Overlap, Splice, ordered
from ..text.source import SourceFile, Span
from .spans import STATEMENTS
from .tree import walk

_LINE_END = re.compile(r"[^\r\n]*")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"\w+")
_BLANKS = re.compile(r"[ \t]*")
# What may follow the last of a list that has a line for itself.
_REST = re.compile(r"(?P<comma>[ \t]*,)?[ \t]*(?:#[^\r\n]*)?(?=[\r\n])")
_DISPLAY = re.compile(r"(?P<kind>from|import)[ \t]+(?P<module>[\w.]+)(?:[ \t]+import[ \t]+(?P<name>\w+))?")

_Wanted = tuple[cst.CSTNode, cst.CSTNode | None]


class NoPlace(Exception):
    """An edit cannot be made where it was asked for."""


def wanted(finding: Finding, module: cst.Module) -> list[_Wanted]:
    """The nodes whose places must be known to make the splices of a finding's fix, each with the statement in whose head it stands, if that is known."""
    fix = finding.fix
    if fix is None:
        return []
    simple = {id(node) for node in walk(finding.statement)} if isinstance(finding.statement, cst.SimpleStatementLine) else set()
    found: list[_Wanted] = []
    for edit in fix.edits:
        nodes: list[cst.CSTNode] = [edit.node]
        if edit.at == "last" and isinstance(edit.node, cst.Call) and edit.node.args:
            nodes.append(edit.node.args[-1])
        if edit.keep is not None:
            nodes.append(edit.keep)
        for node in nodes:
            if node.__class__ in STATEMENTS:
                found.append((node, node))
            else:
                known = id(node) in simple or node is finding.at or node is getattr(finding.statement, "asynchronous", None)
                found.append((node, finding.statement if known else None))
    if fix.imports or fix.defines:
        if module.body:
            found.append((_first(module), module.body[0]))
        for line in _imports(module):
            statement = line.body[0]
            found.append((line, line))
            if isinstance(statement, cst.ImportFrom) and not isinstance(statement.names, cst.ImportStar):
                found.append((statement.names[-1], line))
    return found


def splices(fix: Fix, module: cst.Module, source: SourceFile, spans: Mapping[int, Span]) -> tuple[Splice, ...]:
    """What a fix changes in the text. Raises `Overlap` where two of its edits get in each other's way, `NoPlace` where one cannot be made."""
    paper = _Paper(module, source, spans)
    found = [splice for edit in fix.edits for splice in paper.edited(edit)]
    for display in fix.imports:
        found += paper.imported(display)
    for statement in fix.defines:
        found += paper.defined(statement)
    return ordered(found)


@dataclass(frozen=True, slots=True)
class _Paper:
    """A text with the places of nodes in it."""

    module: cst.Module
    source: SourceFile
    spans: Mapping[int, Span]

    def edited(self, edit: Edit) -> list[Splice]:
        start, end = self.spans[id(edit.node)]
        if edit.keep is not None:
            kept = self.source.text[slice(*self.spans[id(edit.keep)])]
            if _NEWLINE.search(kept):
                raise NoPlace("what is on several lines may need the brackets that it stands in")
            edit = replace(edit, text=edit.text.replace("{}", kept), keep=None)
        if edit.at == "word":
            word = _NAME.match(self.source.text, start)
            assert word is not None
            return [Splice(word.end(), word.end(), edit.text)]
        if isinstance(edit.node, cst.BaseCompoundStatement | cst.SimpleStatementLine | cst.ExceptHandler):
            return self._lines(edit, start, end)
        match edit.at:
            case "instead":
                return [Splice(start, end, edit.text)]
            case "before":
                return [Splice(start, start, edit.text)]
            case "after":
                return [Splice(end, end, edit.text)]
            case "gone":
                blanks = _BLANKS.match(self.source.text, end)
                return [Splice(start, blanks.end() if blanks else end, "")]
        if not isinstance(edit.node, cst.Call):
            return [Splice(end, end, f"({edit.text})")]
        if not edit.node.args:
            return [Splice(end - 1, end - 1, edit.text)]
        last = edit.node.args[-1]
        if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
            raise NoPlace("a generator without brackets takes no argument beside it")
        return self._appended(self.spans[id(last)], edit.text)

    def _lines(self, edit: Edit, start: int, end: int) -> list[Splice]:
        node = edit.node
        indent = self.source.text[self.source.line_start(start) : start]
        if indent.strip() or isinstance(node, cst.FunctionDef | cst.ClassDef) or edit.at in ("last", "gone"):
            raise NoPlace("the statement has no line of its own")
        newline = self._newline(start)
        lines = [self._indented(line, indent) for line in edit.text.splitlines()]
        if edit.at == "before":
            return [Splice(start, start, "".join(line + newline for line in lines).removeprefix(indent) + indent)]
        if not isinstance(node, cst.SimpleStatementLine):
            raise NoPlace("only the beginning of a compound statement is known")
        if edit.at == "instead":
            return [Splice(start, end, newline.join(lines).removeprefix(indent))]
        end = self._line_end(end)
        return [Splice(end, end, "".join(newline + line for line in lines))]

    def _indented(self, line: str, indent: str) -> str:
        depth = (len(line) - len(line.lstrip(" "))) // 4
        unit = self.module.default_indent
        if indent and ("\t" in unit) is not ("\t" in indent):  # tabs here and blanks elsewhere
            unit = "\t" if "\t" in indent else "    "
        return indent + unit * depth + line.lstrip(" ")

    def _appended(self, last: Span, new: str, *, enclosed: bool = True) -> list[Splice]:
        """One more in a list whose last is known: behind it, or on a line of its own where the last has one."""
        text = self.source.text
        indent = text[self.source.line_start(last.start) : last.start]
        rest = _REST.match(text, last.end)
        if indent.strip() or rest is None or not enclosed:
            return [Splice(last.end, last.end, f", {new}")]
        end = rest.end()
        line = f"{self._newline(end)}{indent}{new}"
        if rest["comma"]:
            return [Splice(end, end, line + ",")]
        return [Splice(last.end, last.end, ","), Splice(end, end, line)]

    # -- imports, and what stands behind them

    def imported(self, display: str) -> list[Splice]:
        """An import that the file has not, among those that it has: in the order in which they stand there."""
        match = _DISPLAY.fullmatch(display)
        if match is None:
            raise NoPlace(f"no import: {display}")
        lines = _imports(self.module)
        for line in lines if match["name"] else ():
            statement = line.body[0]
            if isinstance(statement, cst.ImportFrom) and not statement.relative and _module_of(statement) == match["module"]:
                if isinstance(statement.names, cst.ImportStar):
                    continue
                enclosed = statement.lpar is not None
                return self._appended(self.spans[id(statement.names[-1])], match["name"], enclosed=enclosed)
        group = _group(match["module"])
        alike = [line for line in lines if _group(_name_of(line)) == group]
        before = [line for line in alike if _key(line) < (match["kind"] == "from", match["module"])]
        if before:
            return [self._behind(before[-1], display)]
        if alike:
            return [self._ahead(alike[0], display)]
        above = [line for line in lines if _group(_name_of(line)) < group]
        if above:
            return [self._behind(above[-1], display, gap=True)]
        return [self._ahead(lines[0], display, gap=True) if lines else self._at_top(display)]

    def defined(self, statement: str) -> list[Splice]:
        """A statement behind the imports, between blank lines."""
        lines = _imports(self.module)
        return [self._behind(lines[-1], statement, gap=True) if lines else self._at_top(statement)]

    def _behind(self, line: cst.CSTNode, text: str, *, gap: bool = False) -> Splice:
        end = self._line_end(self.spans[id(line)].end)
        newline = self._newline(end)
        return Splice(end, end, f"{newline * (2 if gap else 1)}{text}")

    def _ahead(self, line: cst.CSTNode, text: str, *, gap: bool = False) -> Splice:
        start = self.source.line_start(self.spans[id(line)].start)
        return Splice(start, start, f"{text}{self._newline(start) * (2 if gap else 1)}")

    def _at_top(self, text: str) -> Splice:
        """Where a file that imports nothing would begin to do so."""
        if not self.module.body:
            raise NoPlace("the file is empty")
        first = _first(self.module)
        return self._behind(first, text, gap=True) if _is_docstring(first) else self._ahead(first, text, gap=True)

    def _newline(self, offset: int) -> str:
        """How the line of an offset ends; if it is the last, how the first does."""
        match = _NEWLINE.search(self.source.text, offset) or _NEWLINE.search(self.source.text)
        return match[0] if match else "\n"

    def _line_end(self, offset: int) -> int:
        match = _LINE_END.match(self.source.text, offset)
        return match.end() if match else offset


def _first(module: cst.Module) -> cst.CSTNode:
    """Where the first statement of a file begins: a decorator comes before what it decorates."""
    decorators: Sequence[cst.Decorator] = getattr(module.body[0], "decorators", ())
    return decorators[0].decorator if decorators else module.body[0]


def _leading(module: cst.Module) -> Iterator[cst.SimpleStatementLine]:
    for number, line in enumerate(module.body):
        if not isinstance(line, cst.SimpleStatementLine):
            return
        if not isinstance(line.body[0], cst.Import | cst.ImportFrom) and not (number == 0 and _is_docstring(line)):
            return
        yield line


def _imports(module: cst.Module) -> list[cst.SimpleStatementLine]:
    """The lines at the top that import something."""
    return [line for line in _leading(module) if not _is_docstring(line)]


def _is_docstring(line: cst.CSTNode) -> bool:
    first = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString)


def _group(name: str) -> int:
    """In which part of a file's imports a module usually stands: of the future, of the standard library, of others, of the own package."""
    root = name.partition(".")[0]
    return 0 if root == "__future__" else 1 if root in sys.stdlib_module_names else 2 if root else 3


def _key(line: cst.SimpleStatementLine) -> tuple[bool, str]:
    """What imports are ordered by: first those of whole modules, then by name."""
    return isinstance(line.body[0], cst.ImportFrom), _name_of(line)


def _name_of(line: cst.SimpleStatementLine) -> str:
    statement = line.body[0]
    if isinstance(statement, cst.ImportFrom):
        return "." * len(statement.relative) + _module_of(statement)
    assert isinstance(statement, cst.Import)
    return _dotted(statement.names[0].name)


def _module_of(statement: cst.ImportFrom) -> str:
    return _dotted(statement.module) if statement.module is not None else ""


def _dotted(node: cst.BaseExpression) -> str:
    return (
        f"{_dotted(node.value)}.{node.attr.value}" if isinstance(node, cst.Attribute) else node.value if isinstance(node, cst.Name) else ""
    )


__all__ = ["NoPlace", "Overlap", "splices", "wanted"]
