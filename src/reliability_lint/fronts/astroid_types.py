"""What astroid, pylint's own understanding of Python, knows of the types of expressions: asked where ours ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import islice

from astroid import MANAGER, nodes  # type: ignore[import-untyped]
from astroid.util import Uninferable  # type: ignore[import-untyped]

from ..text.source import SourceFile, Span

_NONE = "builtins.NoneType"
_DISPLAYS = (nodes.Tuple, nodes.List, nodes.Set)
_MOST = 20  # of objects that an expression may be; where there are more, nobody knows


class AstroidTypes:
    """Answers for one module after the other; `module` is the one that is being checked."""

    def __init__(self) -> None:
        self.module: nodes.Module | None = None

    def types(self, source: SourceFile, spans: Sequence[Span]) -> Sequence[str]:
        """For each expression the class that it is an instance of, or ""."""
        wanted = frozenset(spans)
        found: dict[Span, str] = {}
        for call in self.module.nodes_of_class(nodes.Call) if self.module is not None else ():
            span = _span(call.func.expr, source) if isinstance(call.func, nodes.Attribute) else None
            if span in wanted:
                found.setdefault(span, _type(call.func.expr))
        return [found.get(span, "") for span in spans]

    def origin(self, name: str) -> str:
        """Where the class is defined that a module offers under this name."""
        return _origin(name)


def _span(node: nodes.NodeNG, source: SourceFile) -> Span | None:
    """Where an expression stands; None for one that astroid has made up, as it does for named tuples: its lines are none, or those of another text."""
    if None in (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset):
        return None
    try:
        return Span(source.offset(node.lineno, node.col_offset), source.offset(node.end_lineno, node.end_col_offset))
    except IndexError:
        return None


def _type(node: nodes.NodeNG) -> str:
    """
    The class of all that an expression may be, if it is one. Whatever may be something unknown is unknown.

    That it may be None as well says nothing: code that calls its methods has checked.
    """
    if _is_held(node):
        return ""
    try:
        objects = list(islice(node.infer(), _MOST + 1))
        if len(objects) > _MOST or any(one is Uninferable for one in objects):
            return ""
        names = {str(one.pytype()) for one in objects} - {_NONE}
    except Exception:  # it raises where it knows nothing, and has many ways to fail on code that it was not made for
        return ""
    return names.pop() if len(names) == 1 else ""


def _is_held(node: nodes.NodeNG) -> bool:
    """
    Whether an object comes out of a list or a dictionary that somebody may have changed by now. astroid would tell what was in it at first; where nobody
    changes it, we know ourselves what it holds.
    """
    if isinstance(node, nodes.Subscript):
        return True
    bindings = node.lookup(node.name)[1] if isinstance(node, nodes.Name) else ()
    return any(_takes_out(binding) for binding in bindings)


def _takes_out(binding: nodes.NodeNG) -> bool:
    around = binding.parent
    unpacks = False
    while isinstance(around, nodes.Tuple | nodes.List | nodes.Starred):
        around, unpacks = around.parent, True
    match around:
        case nodes.For() | nodes.Comprehension():
            return not isinstance(around.iter, _DISPLAYS)
        case nodes.Assign() | nodes.AnnAssign() | nodes.NamedExpr():
            return isinstance(around.value, nodes.Subscript) or (unpacks and not isinstance(around.value, (*_DISPLAYS, nodes.Call)))
    return False


@cache
def _origin(name: str) -> str:
    head, _, tail = name.rpartition(".")
    try:
        (found,) = MANAGER.ast_from_module_name(head).igetattr(tail)
    except Exception:  # there is no such module or name, or astroid cannot read it
        return ""
    return str(found.qname()) if isinstance(found, nodes.ClassDef) else ""
