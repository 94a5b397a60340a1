"""
The blocks of `fixtures/concepts`, written out for the callables of a model; `fixtures/concepts/README.md` says which words stand for what.

What is expected comes from the TOML as it was read, not from the index that is tested.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from reliability_lint.concepts.base import Parameter
from reliability_lint.concepts.concurrency import TaskSpawn
from reliability_lint.concepts.data import SqlExecution
from reliability_lint.concepts.http import HandlerClass
from reliability_lint.concepts.time import Timeout, TimeoutClass, Wait
from reliability_lint.libraries import load
from reliability_lint.libraries.schema import Entry, Model, Type
from reliability_lint.meanings.explain import KEYS

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "concepts"
CONCEPT_FIELDS = tuple(
    item.name for item in msgspec.structs.fields(Entry) if item.name not in ("name", "versions", "returns", "enters", "raises", "truth")
)
# What the model works out to a number where nothing is passed is no instance of anything then.
TOLD = {"datetime.timedelta": "seconds=given"}
# Concepts that a function has, and not only the call that gives it to it.
OF_FUNCTIONS = ("route", "task", "error-handler")
# Of methods of one type that wait alike, so many are asked everything; all are asked whether they are known.
THOROUGHLY = 2


@dataclass
class Claim:
    """What the models say of one callable, all their rows together."""

    name: str
    concepts: dict[str, object] = field(default_factory=dict)
    returns: str = ""
    enters: str = ""

    @property
    def wait(self) -> Wait | None:
        found = self.concepts.get("wait")
        return found if isinstance(found, Wait) else None

    @property
    def timeout(self) -> Timeout | None:
        return self.wait.timeout if self.wait is not None else None


class Maker(NamedTuple):
    """A way to an instance: a call, what `with` gives, an attribute of another instance, an object of a module, or a class that a tool writes."""

    how: str
    name: str
    of: str = ""


class World:
    """All models at one version each."""

    def __init__(self, models: Sequence[Model], pins: Mapping[str, str], *, partial: bool = False) -> None:
        self.pins, self.partial = pins, partial  # partial: only some callables are looked at
        self.handler_classes = {item.name: item for model in models for item in model.handler_class}
        self.aliases = {alias: target for model in models for alias, target in model.aliases.items()}
        self.claims: dict[str, Claim] = {}
        self.types: dict[str, Type] = {}
        self.makers: dict[str, list[Maker]] = defaultdict(list)
        self.every: dict[str, str] = {}
        self.left_out: list[tuple[str, str, str]] = []  # distribution, versions, name: what these versions say nothing of
        for model in models:
            self._add(model)
        for kind in self.types.values():
            self.makers[kind.name].append(Maker("call", kind.name))
        self.names: dict[str, list[str]] = defaultdict(list)  # of callables, by library
        for name in sorted(self.claims):
            self.names[name.partition(".")[0]].append(name)

    def _add(self, model: Model) -> None:
        distribution = model.distribution or model.library
        for kind in model.type:
            self.types[kind.name] = kind
            for maker in kind.made_by:
                self._claim(maker).returns = self._claim(maker).returns or kind.name
                self.makers[kind.name].append(Maker("call", maker))
            for attribute, held in kind.attributes.items():
                self.makers[held].append(Maker("attribute", attribute, kind.name))
            if kind.every_method:
                self.every[kind.every_method] = kind.name
        for item in model.instance:
            self.makers[item.type].append(Maker("object", item.name))
        for tool in model.generated:
            for taken, given in tool.gives.items():
                self.makers[given].append(Maker("generated", f"shop{tool.module}.Orders{tool.name}", taken))
        for timeout_class in model.timeout_class:
            self._claim(timeout_class.name).concepts["timeout-class"] = timeout_class
        for entry in model.call:
            for pattern in load.names(entry.name):
                for name, holes in load.spellings(pattern, model.sets):
                    if entry.versions and not SpecifierSet(entry.versions).contains(self.pins[distribution], prereleases=True):
                        self.left_out.append((distribution, entry.versions, name))
                        continue
                    its = load.filled(entry, holes)
                    claim = self._claim(name)
                    for concept in CONCEPT_FIELDS:
                        if (value := getattr(its, concept)) is not None:
                            claim.concepts[KEYS[type(value)]] = self._settled(value, distribution)
                    claim.returns, claim.enters = its.returns or claim.returns, its.enters or claim.enters
                    if its.returns:
                        self.makers[its.returns].append(Maker("call", name))
                    if its.enters:
                        self.makers[its.enters].append(Maker("with", name))

    def _claim(self, name: str) -> Claim:
        return self.claims.setdefault(name, Claim(name))

    def _settled(self, value: object, distribution: str) -> object:
        """A wait with the default that holds at our version."""
        timeout = value.timeout if isinstance(value, Wait) else None
        if not isinstance(value, Wait) or timeout is None or not isinstance(timeout.default, tuple):
            return value
        holds = [row.value for row in timeout.default if SpecifierSet(row.versions).contains(self.pins[distribution], prereleases=True)]
        assert len(holds) == 1, f"{distribution} {self.pins[distribution]}: {timeout.default}"
        return msgspec.structs.replace(value, timeout=msgspec.structs.replace(timeout, default=holds[0]))


def worlds(models: Sequence[Model]) -> Iterator[tuple[World, frozenset[str]]]:
    """
    The models at the versions that were read, and at others as long as some row holds at none of these; with each the callables to be asked.
    """
    seen = {model.distribution or model.library: version_of(model) for model in models}
    world = World(models, seen)
    yield world, frozenset(world.claims)
    left = {(distribution, versions) for distribution, versions, _ in world.left_out}
    while left:
        pins = dict(seen)
        for distribution, versions in sorted(left):
            if pins[distribution] == seen[distribution]:
                pins[distribution] = version_in(versions)
        held = {(name, wanted) for name, wanted in left if SpecifierSet(wanted).contains(pins[name], prereleases=True)}
        assert held
        left -= held
        yield (
            World(models, pins, partial=True),
            frozenset(name for distribution, wanted, name in world.left_out if (distribution, wanted) in held),
        )


def version_of(model: Model) -> str:
    """The version of a model's library that was read, without what follows it."""
    found = re.match(r"\d+(?:\.\d+)*", model.seen)
    assert found is not None, model.library
    return found[0]


def version_in(versions: str) -> str:
    """Some version that a specifier set holds for."""
    wanted = SpecifierSet(versions)
    tried = [Version(specifier.version.removesuffix(".*")) for specifier in wanted]
    candidates = [str(version) for version in tried]
    candidates += [".".join(map(str, (*version.release[:-1], version.release[-1] - 1, 99))) for version in tried if version.release[-1]]
    candidates += [f"{version.major - 1}.99" for version in tried if version.major] + ["0.1"]
    return next(candidate for candidate in candidates if wanted.contains(candidate))


# -- blocks


class Block(NamedTuple):
    """A piece of a fixture: for whom it holds, the names that it defines, its text."""

    when: frozenset[str]
    names: tuple[str, ...]
    text: str


@cache
def blocks(concept: str) -> tuple[Block, ...]:
    """The blocks of a fixture."""
    text = (FIXTURES / f"{concept}.py").read_text(encoding="utf-8")
    found = []
    for part in re.split(r"\n{3,}", text):
        code = "\n".join(line for line in part.splitlines() if (not line.startswith(("#", '"""')) and line.strip()) or line == "")
        if not re.search(r"^(?:async def|def|class|@)", code, re.MULTILINE):
            continue
        when = frozenset(word for line in re.findall(r"^# when: (.+)$", part, re.MULTILINE) for word in line.split())
        names = tuple(re.findall(r"^(?:async def|def|class) (\w+)", code, re.MULTILINE))
        found.append(Block(when, names, code.strip("\n")))
    assert found, concept
    return tuple(found)


class Writer:
    """The module that is written for one library. `problems` are what cannot be written."""

    def __init__(self, world: World, library: str) -> None:
        self.world, self.library = world, library
        self.imports: dict[str, None] = {}
        self.setup: list[str] = []
        self.body: list[str] = []
        self.brief: dict[str, list[str]] = {"def also_called():": [], "async def also_called_in_a_coroutine():": []}
        self.owners: dict[str, str] = {}
        self.ways: dict[str, tuple[Maker, ...]] = {}  # how each owner was made, the last step first
        self.open: set[str] = set()
        self.count = 0
        self.asked: dict[tuple[str, str], int] = defaultdict(int)
        self.unreached: list[str] = []

    @property
    def text(self) -> str:
        body = [*self.body, *("\n    ".join([head, *lines]) for head, lines in self.brief.items() if lines)]
        return "\n".join([*(f"import {name}" for name in self.imports), "", *self.setup, "", "", "\n\n\n".join(body), ""])

    # -- expressions

    def dotted(self, name: str) -> str:
        root = name.partition(".")[0]
        if root == "builtins":
            return name.removeprefix("builtins.")
        self.imports[root] = None
        return name

    def call(self, name: str) -> str:
        """The expression by which a callable is reached; "" where there is none."""
        holder, _, last = name.rpartition(".")
        if name in self.world.every:
            owner = self.owner(self.world.every[name])
            return f"{owner}.whatever" if owner else ""
        if holder in self.world.types:
            if self.world.claims[name].returns == holder and not self._of_instances(name):
                return self.dotted(name)
            owner = self.owner(holder)
            return (owner if last == "__call__" else f"{owner}.{last}") if owner else ""
        return self.dotted(name)

    def _of_instances(self, name: str) -> bool:
        """Whether what gives an object of its own type is a method and no second constructor."""
        return name not in self.world.types[name.rpartition(".")[0]].made_by

    def owner(self, kind: str) -> str:
        """A variable that holds an instance of a type, made in the best way there is; "" where all ways lead in a circle."""
        if kind in self.owners:
            return self.owners[kind]
        if kind in self.open:
            return ""
        self.open.add(kind)
        try:
            for maker in sorted(self.world.makers[kind], key=self._rank):
                made = self._make(kind, maker)
                if made:
                    self.owners[kind] = made
                    return made
        finally:
            self.open.discard(kind)
        return ""

    def _rank(self, maker: Maker) -> int:
        claim = self.world.claims.get(maker.name) if maker.how == "call" else None
        if claim is not None and claim.timeout is not None and claim.timeout.default != "client":
            return 0
        return ("call", "attribute", "with", "generated", "object").index(maker.how) + 1

    def _make(self, kind: str, maker: Maker) -> str:
        expression = self.making(kind, maker)
        if not expression:
            return ""
        self.count += 1
        variable = f"owner_{self.count}"
        if maker.how == "with":
            self.setup += [f"with {expression} as {variable}:  # is: {kind}", "    pass"]
        else:
            self.setup.append(f"{variable} = {expression}  # is: {kind}")
        self.ways[variable] = (maker, *(self.ways[self.owners[maker.of]] if maker.how == "attribute" else ()))
        return variable

    def making(self, kind: str, maker: Maker) -> str:
        """The expression that gives an instance in one way."""
        match maker.how:
            case "call" | "with":
                expression = self.dotted(kind) if maker.name == kind else self.call(maker.name)
                return f"{expression}({TOLD.get(maker.name, '')})" if expression else ""
            case "attribute":
                owner = self.owner(maker.of)
                return f"{owner}.{maker.name}" if owner else ""
            case "generated":
                owner = self.owner(maker.of)
                return f"{self.dotted(maker.name)}({owner})" if owner else ""
        return self.dotted(maker.name)

    # -- writing

    def library_of(self, claims: Sequence[Claim], *, whole: bool) -> None:
        """Everything that is asked of these callables, and, for the whole of a library, of its types and handler classes."""
        for claim in claims:
            self.callable(claim)
        if not whole:
            return
        for kind in sorted(self.world.types):
            if kind.partition(".")[0] == self.library:
                self.type(kind)
        for alias, target in self.world.aliases.items():
            if alias.partition(".")[0] == self.library:
                self.alias(alias, target)
        for name, handler in self.world.handler_classes.items():
            if name.partition(".")[0] == self.library:
                self.handler_class(handler)

    def handler_class(self, handler: HandlerClass) -> None:
        """Every method of a class that derives from what makes it a handler; a tool's base lies in a module of the project."""
        name = self.dotted(handler.name)
        if handler.generated:
            name = self.dotted(f"shop{handler.generated}.Orders{handler.name.rpartition('.')[2]}")
        words = {"CALL": "object" if handler.bare else name, "FUNCTION": "route"}
        for method in handler.methods:
            takes = ", ".join(f"given_{index}" for index in range(len(handler.takes)))
            self.write("handler_class", set(), {**words, "METHOD": method.replace("*", "orders"), "TAKES": takes})
        for method, index in handler.exceptions.items():
            takes = ", ".join(f"given_{number}" for number in range(max(index + 1, len(handler.takes))))
            self.write("handler_class", set(), {**words, "METHOD": method, "TAKES": takes, "FUNCTION": "error-handler"})

    def write(self, concept: str, when: set[str], words: Mapping[str, str]) -> None:
        """Writes out the blocks of a fixture that hold."""
        for block in blocks(concept):
            if block.when <= when:
                self.count += 1
                text = block.text
                for name in block.names:
                    text = re.sub(rf"\b{name}\b", f"{name}_{self.count}", text)
                self.body.append(filled(text, words))

    def callable(self, claim: Claim) -> None:
        """Everything that is asked of one callable."""
        expression = self.call(claim.name)
        holder, _, last = claim.name.rpartition(".")
        class_like = "." in holder and holder.rpartition(".")[2][:1].isupper() and holder not in self.world.handler_classes
        if not expression or (class_like and holder not in self.world.types and claim.name not in self.world.every):
            self.unreached.append(claim.name)
        if not expression:
            return
        concepts = ", ".join(sorted(claim.concepts)) or "nothing"
        words = {"CALL": expression, "NAME": claim.name, "CONCEPTS": concepts, "MODULE": holder, "LAST": last}
        when = {word for word in ("returns", "enters") if getattr(claim, word)}
        words |= {"RETURNS": claim.returns, "ENTERS": claim.enters}
        if not class_like and holder not in self.world.types and "." in claim.name and not claim.name.startswith("builtins."):
            when.add("function")
        if any(getattr(concept, "asynchronous", False) for concept in claim.concepts.values()):
            when.add("awaited")
        blocking = claim.concepts.get("blocking")
        reported = blocking is not None and getattr(blocking, "kind", "") not in ("file", "input")
        if self._often(words["CALL"], repr((concepts, bool(claim.returns), claim.enters, claim.wait))):
            plain, coroutine = self.brief.values()
            given = f"  # is: {claim.returns}" if claim.returns else ""
            plain.append(f"{'known = ' if given else ''}{expression}()  # calls: {claim.name}  # means: {concepts}{given}")
            if reported:
                coroutine.append(f"{expression}()  # REL701")
            return
        self.write("call", when, words)
        if claim.wait is not None:
            self.waiting(claim, claim.wait, words)
        if reported:
            self.write("blocking", {"blocks"}, words)
        self.functions(claim, words)
        self.statement(claim, words)
        spawn = claim.concepts.get("spawn")
        if isinstance(spawn, TaskSpawn) and spawn.coroutine is not None and spawn.coroutine.keyword:
            self.write("spawn", {"coroutine"}, {**words, "COROUTINE": spawn.coroutine.keyword})
        if isinstance(kind := claim.concepts.get("timeout-class"), TimeoutClass):
            self.timeout_class(kind, words)

    def _often(self, expression: str, claimed: str) -> bool:
        """Whether enough callables that claim the same, and whose objects' makers are told their timeouts in the same way, have been asked."""
        way = self.ways.get(expression.partition(".")[0], ())
        maker = self.world.claims.get(way[-1].name) if way else None
        key = (repr(maker.timeout) if maker is not None else "", f"{len(way)} {claimed}")
        self.asked[key] += 1
        return self.asked[key] > THOROUGHLY

    def waiting(self, claim: Claim, wait: Wait, words: Mapping[str, str]) -> None:
        timeout = wait.timeout
        variable = words["CALL"].partition(".")[0]
        way = self.ways.get(variable, ())
        maker = self.world.claims.get(way[-1].name) if way and way[-1].how in ("call", "with") else None
        its = maker.timeout if maker is not None else None
        default = default_bound(timeout, its)
        when = {"reported"} if wait.tier == "always" and default == "none" and not wait.arrives else set()
        words = {**words, "DEFAULT": default}
        if wait.switch is not None and wait.switch.keyword:
            when.add("switch")
            words["SWITCH"] = wait.switch.keyword
        if timeout is None:
            self.write("wait", when, words)
            return
        words |= {f"IF_{word.upper()}": meant(getattr(timeout, word), default) for word in ("none", "zero", "negative")}
        words["SECONDS"] = "0.005" if timeout.unit == "ms" else "5"
        words |= taking("TIMEOUT", timeout)
        words |= {"BEFORE": ", ".join(before(timeout, wait.switch)), "POSITIONAL": timeout.inside}
        when |= {word for word in ("keyword", "position", "phases") if getattr(timeout, word) not in ("", None, ())}
        if timeout.inside:
            when -= {"phases"}
        if timeout.phases:
            last = len(timeout.phases) - 1
            words |= {
                "NO_PHASES": "None, " * len(timeout.phases),
                "PHASES": "5, " * len(timeout.phases),
                "ALL_BUT_ONE": "5, " * last + "None",
            }
            when |= {"never"} if timeout.none == "never" else set()
            when |= {"several"} if last else set()
        holder = claim.name.rpartition(".")[0]
        if timeout.default == "client" and its is not None and its.keyword and holder in self.world.types and way[-1].how == "call":
            assert maker is not None
            path = [step.name for step in reversed(way[:-1])]
            last_name = claim.name.rpartition(".")[2]
            when.add("client")
            words |= {
                "MAKER": self.dotted(maker.name) if maker.name in self.world.types else self.call(maker.name),
                "LAST": ".".join([*path, *([last_name] if last_name != "__call__" else [])]),
                "OWNER": self.dotted(maker.returns or maker.name),
                "ITS_DEFAULT": default_bound(its, None),
                "ITS_NONE": meant(its.none, default_bound(its, None)),
                **taking("ITS_TIMEOUT", its),
            }
            if words["LAST"] == "":
                when.discard("client")
        self.write("wait", when, words)
        for other in timeout.also:
            self.write("wait", {"also"}, {**words, "ALSO": other})

    def functions(self, claim: Claim, words: Mapping[str, str]) -> None:
        """What a call makes of functions."""
        given = [key for key in OF_FUNCTIONS if key in claim.concepts and not getattr(claim.concepts[key], "delegates", False)]
        retry = claim.concepts.get("retry")
        repeats = retry is not None and getattr(retry, "subject", "") == "function"
        if not given and not repeats:
            return
        words = {**words, "FUNCTION": ", ".join(given) or "nothing"}
        handlers = [handler for key in given if (handler := getattr(claim.concepts[key], "handler", None)) is not None]
        if handlers:
            (handler,) = handlers
            words["HANDLER"] = handler.keyword or f"*{handler.position}"
            self.write("function", {"handed"}, words)
        else:
            self.write("function", {"decorator"} | ({"bare"} if "task" in given or repeats else set()), words)

    def statement(self, claim: Claim, words: Mapping[str, str]) -> None:
        """What a call takes as SQL, where that is a whole statement and executed."""
        sql = claim.concepts.get("sql")
        if not isinstance(sql, SqlExecution) or sql.wrapper or sql.fragment:
            return
        when = ({"text"} if sql.text.keyword else set()) | ({"place"} if sql.text.position is not None else set())
        self.write("sql", when, {**words, "TEXT": sql.text.keyword, "AHEAD": "None, " * (sql.text.position or 0)})

    def timeout_class(self, kind: TimeoutClass, words: Mapping[str, str]) -> None:
        when = set()
        words = {**words, "PARTS": "\0".join(kind.parts)}
        if kind.whole is not None:
            when.add("whole")
            words["WHOLE"] = f"{kind.whole.keyword}=5" if kind.whole.keyword else "5"
        self.write("timeout_class", when, words)

    def type(self, kind: str) -> None:
        """Every way to an instance of a type; the first ones of each library also by annotations and attributes."""
        variable = self.owner(kind)
        for maker in self.world.makers[kind]:
            expression = self.making(kind, maker) if maker.how != "with" else ""
            if not expression:
                continue
            if maker.how == "call" and not self._often(variable, f"type {maker.name in self.world.types}"):
                self.write("type", set(), {"MAKER()": expression, "TYPE": self.dotted(kind)})
            else:
                self.setup.append(f"known = {expression}  # is: {kind}")

    def alias(self, alias: str, target: str) -> None:
        """Another spelling: of a callable, of a type, or of the beginning of such names, of which one will do."""
        for name in (target, *(name for name in self.world.names[target.partition(".")[0]] if name.startswith(f"{target}."))):
            spelled = self.dotted(alias) + name.removeprefix(target)
            claim = self.world.claims.get(name)
            parts = spelled.split(".")
            if any(".".join(parts[:count]) in self.world.aliases for count in range(alias.count(".") + 2, len(parts) + 1)):
                continue  # a longer one says otherwise
            if claim is not None and name.rpartition(".")[0] not in self.world.types and name not in self.world.every:
                concepts = ", ".join(sorted(claim.concepts)) or "nothing"
                self.write("alias", {"callable"}, {"CALL": spelled, "NAME": name, "CONCEPTS": concepts})
                return
            if name in self.world.types:
                self.write("alias", {"type"}, {"CALL": spelled, "NAME": name})
                return


def default_bound(timeout: Timeout | None, its: Timeout | None) -> str:
    """What holds if nothing is passed: `its` is the timeout that the maker takes, which is told nothing either."""
    if timeout is None or timeout.default in ("never", "socket"):
        return "none"
    if timeout.default == "client":
        return default_bound(its, None) if its is not None and its.default != "client" else "unknown"
    return "unknown" if timeout.default == "unknown" else "finite"


def meant(word: str, default: str) -> str:
    """The bound of a value whose meaning a model tells in a word."""
    return {"never": "none", "now": "finite", "error": "finite"}.get(word, default)


def taking(word: str, parameter: Parameter) -> dict[str, str]:
    return {word: f"{parameter.keyword}\0{parameter.inside}"}


def before(timeout: Timeout, switch: Parameter | None) -> list[str]:
    """Arguments for the positions before the timeout's; where one of them switches the waiting off, it is left on."""
    return ["True" if switch is not None and switch.position == index else "None" for index in range(timeout.position or 0)]


_PASSED = re.compile(r"\b(TIMEOUT|ITS_TIMEOUT|ALSO|SWITCH|HANDLER|TEXT|COROUTINE)=((?:\([^)]*\)|float\([^)]*\)|[^,()]+)+)(?=\))")


def filled(text: str, words: Mapping[str, str]) -> str:
    """A block with the words of a model in place of those in capitals."""

    def passed(match: re.Match[str]) -> str:
        keyword, _, inside = words[match[1]].partition("\0")
        if keyword.startswith("*"):
            return "None, " * int(keyword[1:]) + match[2]
        return f'{keyword}={{"{inside}": {match[2]}}}' if inside else f"{keyword}={match[2]}"

    text = text.replace("MAKER()", words.get("MAKER()", "MAKER()"))
    text = _PASSED.sub(passed, text)
    text = re.sub(r"\bPARTS=(\w+)", lambda match: ", ".join(f"{part}={match[1]}" for part in words["PARTS"].split("\0")), text)
    text = text.replace("(self, TAKES)", f"(self, {words['TAKES']})" if words.get("TAKES") else "(self)")
    text = text.replace("(AHEAD, ", f"({words.get('AHEAD', '')}")
    inside = words.get("POSITIONAL", "")
    value = f'{{"{inside}": 5}}' if inside else "5"
    text = re.sub(r"\(BEFORE, 5\)", lambda _: f"({', '.join(filter(None, [words['BEFORE'], value]))})", text)
    return re.sub(r"\b[A-Z][A-Z_]+\b", lambda match: words.get(match[0], match[0]), text)
