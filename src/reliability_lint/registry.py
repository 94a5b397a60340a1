"""
What a rule is, and which there are.

The signature of a rule is its query: the first parameter says which places of the code it wants to see, the second, if there is one, what the
place must mean, and every keyword-only parameter is an option with its default. Everything else is derived: the name from the function, the
family from the folder, the summary from the docstring's first line.

Rules of other distributions are a family under the name of their entry point (`plugins`). Local rules, which lie in a checked project, are the family
`local`; whether they may be executed is for the engine to decide (`engine.local_rules`).
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from itertools import takewhile
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, get_args, get_type_hints

from . import plugins
from .diagnostics import Severity
from .mistake import Mistake
from .text.paths import shown_path

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
    `origin` is empty for our own rules, else the distribution they came with or, where they are `local`, the file or folder that was named.
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
    origin: str = ""
    local: bool = False

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.strip().partition("\n")[0]

    @property
    def whose(self) -> str:
        """Where it comes from, for messages; empty for our own rules."""
        return shown_path(self.origin) if self.local else self.origin


_OURS = "reliability_lint.rules"
_CODE = re.compile(r"(?!REL)[A-Z]{2,3}\d{3}")
# By name, since to import them is to import LibCST.
_PLACES = ("AttributeAssignment", "Call", "Class", "Function", "Handler", "Loop", "SemanticModel", "Try", "With")
_OF_FUNCTIONS = ("ErrorHandler", "Route", "Task")
_TAKEN = ("all", "local", "recommended", "strict", "audit")

_rules: dict[str, Rule] = {}
_described: dict[str, Rule] = {}
_local: dict[str, str] = {}
_declared: dict[str, Rule] = {}
_pending: dict[str, Callable[[], None]] = {}


class _Origin(NamedTuple):
    """Whose a module is: the family of its rules, and who brought it; `said` is how messages name that."""

    family: str
    origin: str = ""
    local: bool = False
    said: str = ""


def add(rule: Rule) -> None:
    """Adds a rule. A code or name that is taken is a mistake of whoever was the second to take it."""
    for other in (*_rules.values(), *(one for code, one in (*_described.items(), *_declared.items()) if code not in _rules)):
        if other.code == rule.code and other.name == rule.name and other.origin == rule.origin and other.code not in _rules:
            continue  # described before, and now there
        same = f"code {rule.code}" if rule.code == other.code else f"name '{rule.name}'" if rule.name == other.name else ""
        if same:
            whose = [f"{one.code} {one.name} of {one.whose or 'reliability-lint'}" for one in (other, rule)]
            hint = "one of them has to be called otherwise; until then leave one of them out"
            raise Mistake(f"two rules have the {same}: {whose[0]}, and {whose[1]}", hint=hint)
    _rules[rule.code] = rule


def rule(code: str, *, severity: str = "warning", set: Set = "recommended", everywhere: bool = False) -> Callable[[Check], Check]:  # noqa: A002
    """Makes a function a rule; see the module's docstring for what its signature says."""
    return _registering(code, severity, set, everywhere=everywhere, project=False)


def project_rule(code: str, *, severity: str = "warning", set: Set = "recommended") -> Callable[[ProjectCheck], ProjectCheck]:  # noqa: A002
    """Makes a function of a `Project` a rule that is run once, after all files."""
    return _registering(code, severity, set, everywhere=False, project=True)


def _registering(code: str, severity: str, chosen: Set, *, everywhere: bool, project: bool) -> Callable[[AnyCheck], AnyCheck]:
    def register(check: AnyCheck) -> AnyCheck:
        whose = _whose(check.__module__)
        hints = get_type_hints(check)
        parameters = inspect.signature(check).parameters.values()
        asked = [hints.get(p.name) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        options = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        if whose.origin:
            _look_at(check.__name__, whose, code, severity, chosen, asked, project=project)
        place, *meaning = asked
        add(
            Rule(
                code=code,
                name=check.__name__.replace("_", "-"),
                family=whose.family,
                set=chosen,
                severity=Severity(severity),
                doc=inspect.getdoc(check) or "",
                options=MappingProxyType(options),
                place=place,
                meaning=meaning[0] if meaning else None,
                check=check,
                everywhere=everywhere,
                project=project,
                origin=whose.origin,
                local=whose.local,
            )
        )
        return check

    return register


def _whose(module: str) -> _Origin:
    """Whose rules a module has."""
    if module.startswith(f"{_OURS}."):
        return _Origin(module.split(".")[-2])
    package = module.partition(".")[0]
    if package in _local:
        return _Origin("local", _local[package], local=True, said=f"the local rules in {shown_path(_local[package])}")
    owners = [one for one in plugins.rule_plugins() if one.module.partition(".")[0] == package]
    if owners:  # of several in one package that which is nearest
        plugin = max(owners, key=lambda one: _shared(one.module, module))
        return _Origin(plugin.name, plugin.origin, said=plugin.origin)
    return _Origin("local", f"module {module}", said=f"the module {module}")


def _shared(one: str, other: str) -> int:
    """How many parts of two dotted names are the same, from the left."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _look_at(name: str, whose: _Origin, code: str, severity: str, chosen: str, asked: list[Any], *, project: bool) -> None:
    """Raises a mistake where a rule that is not ours is none that could be run."""

    def wrong(said: str, hint: str) -> Mistake:
        return Mistake(f"{name}() of {whose.said} is no rule: {said}", hint=hint)

    if not isinstance(code, str) or not is_code(code):
        raise wrong(f"its code is {code!r}", "a code is two or three capital letters, not REL, and three digits, as ACM101")
    if severity not in list(Severity):
        raise wrong(f"its severity is {severity!r}", f"it is one of {', '.join(Severity)}")
    if chosen not in get_args(Set):
        raise wrong(f"its set is {chosen!r}", f"it is one of {', '.join(get_args(Set))}")
    names = [one.__name__ if isinstance(one, type) else "nothing" for one in asked]
    if project:
        if names != ["Project"]:
            raise wrong(f"it asks for {' and '.join(names) or 'nothing'}", "a project rule has one parameter before the `*`, a Project")
    elif not names or len(names) > 2 or names[0] not in _PLACES:
        raise wrong(f"it asks for {' and '.join(names) or 'nothing'}", f"its first parameter is one of {', '.join(_PLACES)}")
    elif len(names) == 2 and not _is_meaning(names[0], asked[1]):
        hint = "its second parameter is a concept: of a Call any but those of a Function, which are " + ", ".join(_OF_FUNCTIONS)
        raise wrong(f"it asks for {' and '.join(names)}", hint)


def is_code(text: str) -> bool:
    """Whether this may be the code of a rule that is not ours."""
    return bool(_CODE.fullmatch(text))


def _is_meaning(place: str, meaning: Any) -> bool:
    is_concept = isinstance(meaning, type) and "Concept" in [one.__name__ for one in meaning.__mro__[1:]]
    return is_concept and place in ("Call", "Function") and (meaning.__name__ in _OF_FUNCTIONS) is (place == "Function")


def rules() -> Mapping[str, Rule]:
    """All rules by code, in order; the first call imports every rule module. Raises `Mistake` where those of others cannot be used."""
    _import_all()
    for path, load in list(_pending.items()):
        load()
        found = {
            code: replace(rule, place=None, meaning=None, check=None) for code, rule in _rules.items() if rule.local and rule.origin == path
        }
        if found != {code: rule for code, rule in _declared.items() if rule.origin == path}:
            raise Mistake(
                f"the local rules in {shown_path(path)} are others than those that are declared", hint="declare each by @rule(…), once"
            )
        del _pending[path]
    return MappingProxyType(dict(sorted(_rules.items())))


@cache
def _import_all() -> None:
    for _ in _modules(import_module(_OURS)):
        pass
    for plugin in plugins.rule_plugins():
        before = len(_rules)
        families = {rule.family for rule in _rules.values() if not rule.origin}
        if plugin.name in families or plugin.name in _TAKEN:
            raise plugin.wrong(f"'{plugin.name}' means something else wherever rules are named, so it is no name for a family")
        with _telling(f"the rules of {plugin.origin}", f"update {plugin.distribution} or what it needs, or uninstall it"):
            module = import_module(plugin.module)
            for _ in _modules(module):
                pass
        if len(_rules) == before and not any(rule.family == plugin.name for rule in _rules.values()):
            raise plugin.wrong(f"there is no rule in '{plugin.module}'")


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    """A module and, where it is a package, all that are in it, imported one after the other."""
    yield module
    for inner in pkgutil.walk_packages(getattr(module, "__path__", ()), module.__name__ + "."):
        yield import_module(inner.name)


@contextmanager
def _telling(whose: str, hint: str) -> Iterator[None]:
    """Makes a mistake of whatever goes wrong while rules that are not ours are imported."""
    try:
        yield
    except (Mistake, KeyboardInterrupt):
        raise
    except BaseException as problem:  # a module that ends the process is broken, too
        import traceback

        frames = [
            one for one in traceback.extract_tb(problem.__traceback__) if not one.filename.startswith("<") and one.filename != __file__
        ]
        where = f" ({shown_path(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
        if isinstance(problem, SyntaxError) and problem.filename:
            where = f" ({shown_path(problem.filename)}:{problem.lineno})"
            problem = SyntaxError(problem.msg)
        raise Mistake(f"{whose} cannot be imported: {type(problem).__name__}: {problem}{where}", hint=hint) from None


def declare_local(path: str, declared: Iterable[Rule], load: Callable[[], None]) -> bool:
    """Hears which rules are in a file or folder; they are imported by `load` when they are needed. Whether that can be: nobody else has their codes and names."""
    declared = list(declared)
    taken = {word for rule in described().values() for word in (rule.code, rule.name)}
    words = [word for rule in declared for word in (rule.code, rule.name)]
    if len(set(words)) < len(words) or not taken.isdisjoint(words):
        return False
    _declared.update((rule.code, rule) for rule in declared)
    _pending[path] = load
    return True


def import_local(package: str, path: str, make: Callable[[], ModuleType]) -> None:
    """Imports the rules in a file or folder under a private name; `make` makes the module. What they are is known afterwards."""
    _local[package] = path
    with _telling(f"the local rules in {shown_path(path)}", "mend them, or take them out of the setting 'local-rules'"):
        for _ in _modules(make()):
            pass
    if not any(rule.local and rule.origin == path for rule in _rules.values()):
        raise Mistake(
            f"there is no local rule in {shown_path(path)}",
            hint="a rule is a function under @rule(…); folders in a folder need an __init__.py",
        )


def imported(rule: Rule) -> Rule:
    """A rule with its check, for which no more than its own module is imported."""
    if rule.check is None and rule.code not in _rules:
        if rule.origin:
            rules()
        else:
            import_module(f"reliability_lint.rules.{rule.family}.{rule.name.replace('-', '_')}")
    return _rules.get(rule.code, rule)


def describe(known: Iterable[Rule]) -> None:
    """Says what rules say of themselves, so that none needs to be imported to be selected or explained: a former run of the same code knows."""
    _described.update((rule.code, rule) for rule in known)


def described() -> Mapping[str, Rule]:
    """All rules by code, perhaps without what they check and what they ask for."""
    if not _described:
        return rules()
    local = _declared | {code: rule for code, rule in _rules.items() if rule.local}
    return MappingProxyType(dict(sorted((_described | local).items())) if local else _described)


def is_described() -> bool:
    """Whether it is known without importing them what rules say of themselves."""
    return bool(_described)


def is_imported() -> bool:
    """Whether `rules` was called."""
    return bool(_import_all.cache_info().currsize)
