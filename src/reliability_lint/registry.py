"""
What a rule is, and which there are.

The signature of a rule is its query: the first parameter says which places of the code it wants to see, the second, if there is one, what the
place must mean, and every keyword-only parameter is an option with its default. Everything else is derived: the name from the function, the
family from the folder, the summary from the docstring's first line.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_type_hints

from .diagnostics import Severity

if TYPE_CHECKING:
    from .finding import Finding
    from .project import Finding as ProjectFinding

Set = Literal["recommended", "strict", "audit"]
Check = TypeVar("Check", bound="Callable[..., Iterator[Finding]]")
ProjectCheck = TypeVar("ProjectCheck", bound="Callable[..., Iterator[ProjectFinding]]")
AnyCheck = TypeVar("AnyCheck", bound="Callable[..., Iterator[Any]]")


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A rule, as derived from its decorated function. `place` and `meaning` are what it asks for; `meaning` is None where the place is enough.

    `check` is None for the few rules about the run itself (syntax errors, suppressions), which the engine applies.
    `everywhere`: also in tests, scripts and migrations, where rules about a running service are silent otherwise. `project`: it sees all files together.
    """

    code: str
    name: str
    family: str
    set: Set
    severity: Severity
    doc: str
    options: Mapping[str, object]
    place: type | None = None
    meaning: type | None = None
    check: Callable[..., Iterator[Any]] | None = None
    everywhere: bool = False
    project: bool = False

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.strip().partition("\n")[0]


_rules: dict[str, Rule] = {}
_described: dict[str, Rule] = {}


def add(rule: Rule) -> None:
    """Adds a rule; a code or name that is taken is an error of ours."""
    for other in _rules.values():
        if rule.code == other.code or rule.name == other.name:
            raise ValueError(f"{rule.code} {rule.name}: {other.code} {other.name} is there already")
    _rules[rule.code] = rule


def rule(code: str, *, severity: str = "warning", set: Set = "recommended", everywhere: bool = False) -> Callable[[Check], Check]:  # noqa: A002
    """Makes a function a rule; see the module's docstring for what its signature says."""
    return _registering(code, severity, set, everywhere=everywhere, project=False)


def project_rule(code: str, *, severity: str = "warning", set: Set = "recommended") -> Callable[[ProjectCheck], ProjectCheck]:  # noqa: A002
    """Makes a function of a `Project` a rule that is run once, after all files."""
    return _registering(code, severity, set, everywhere=False, project=True)


def _registering(code: str, severity: str, chosen: Set, *, everywhere: bool, project: bool) -> Callable[[AnyCheck], AnyCheck]:
    def register(check: AnyCheck) -> AnyCheck:
        hints = get_type_hints(check)
        parameters = inspect.signature(check).parameters.values()
        place, *meaning = (hints[p.name] for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
        options = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        add(
            Rule(
                code=code,
                name=check.__name__.replace("_", "-"),
                family=check.__module__.split(".")[-2],
                set=chosen,
                severity=Severity(severity),
                doc=inspect.getdoc(check) or "",
                options=MappingProxyType(options),
                place=place,
                meaning=meaning[0] if meaning else None,
                check=check,
                everywhere=everywhere,
                project=project,
            )
        )
        return check

    return register


def rules() -> Mapping[str, Rule]:
    """All rules by code, in order; the first call imports every rule module."""
    _import_all()
    return MappingProxyType(dict(sorted(_rules.items())))


@cache
def _import_all() -> None:
    package = import_module("reliability_lint.rules")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        import_module(module.name)


def imported(rule: Rule) -> Rule:
    """A rule with its check, for which no more than its own module is imported."""
    if rule.check is None and rule.code not in _rules:
        import_module(f"reliability_lint.rules.{rule.family}.{rule.name.replace('-', '_')}")
    return _rules.get(rule.code, rule)


def describe(known: Iterable[Rule]) -> None:
    """Says what rules say of themselves, so that none needs to be imported to be selected or explained: a former run of the same code knows."""
    _described.update((rule.code, rule) for rule in known)


def described() -> Mapping[str, Rule]:
    """All rules by code, perhaps without what they check and what they ask for."""
    return MappingProxyType(_described) if _described else rules()


def is_described() -> bool:
    """Whether it is known without importing them what rules say of themselves."""
    return bool(_described)


def is_imported() -> bool:
    """Whether `rules` was called."""
    return bool(_rules)
