"""About the run itself: files that cannot be checked, and the comments that silence findings. The engine applies these; they look at no code."""

from __future__ import annotations

from inspect import cleandoc
from types import MappingProxyType

from ...diagnostics import Severity
from ...registry import Rule, Set, add


def about_the_run(code: str, module: str, doc: str | None, *, severity: str, preset: Set = "recommended") -> None:
    """Adds the rule that a module's docstring describes; the module's name is the rule's."""
    add(
        Rule(
            code=code,
            name=module.rpartition(".")[2].replace("_", "-"),
            family="meta",
            set=preset,
            severity=Severity(severity),
            doc=cleandoc(doc or ""),
            options=MappingProxyType({}),
            everywhere=True,
        )
    )
