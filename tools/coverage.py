"""
How much the linter knows of what real backends call: `python -m tools.coverage [FOLDERS]`.

Counts, for each modelled library, the places that look like calls of it, how many of them are known to be one, or a function of the project's own, and of
how many nothing is known. At the end the same for all that goes over HTTP, to databases and to caches, folder by folder, and why the rest is not known:

    python -m tools.coverage open-webui --show redis --sample 30 --seed 1

A call looks like one of a library if it is known to be one; or if it is written `x.m(…)`, some modelled type of the library has a method `m` with a
meaning, and the file imports the library, or imports a file of the same project that does. Left out are calls whose object is certainly something else:
a literal, a container of Python's own, an instance of another class, something of a library that is not modelled.

Of names that say little (those that containers, texts, files and paths of Python have, too, and those that three or more modelled libraries have) a call counts
only if the object is known or is called like a client: `client.get(…)` does, `row.get(…)` does not, nor does `r.get(…)` in a loop over `r`. So the share of known calls is not brought up by
leaving out what is not known, nor down by every `dict.get`. It is no measure of how many calls there are: a client that is called `gateway` is missing
from both numbers, unless it is known.

Tests, scripts and migrations are left out, as most rules leave them out; `--everything` takes them in.
"""

from __future__ import annotations

import argparse
import builtins
import gc
import io
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import libcst as cst

from reliability_lint.concepts.data import SqlExecution
from reliability_lint.concepts.http import HttpRequest
from reliability_lint.concepts.time import Blocking, Wait
from reliability_lint.engine.check import Prepared
from reliability_lint.engine.discover import discover
from reliability_lint.engine.insight import Insight
from reliability_lint.engine.order import imported_first
from reliability_lint.engine.roles import role
from reliability_lint.engine.settings import Lookup, below_root
from reliability_lint.engine.sources import Layout
from reliability_lint.libraries.index import Index, Known
from reliability_lint.meanings.trail import object_gap
from reliability_lint.mistake import Mistake
from reliability_lint.model.places import Call, Class, Function
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.model.values import Constant, Entries, Instance, Items, Made, Reference
from reliability_lint.syntax.spans import spans
from reliability_lint.syntax.tree import excerpt

from .corpus import everything, folder

GROUPS = ("HTTP", "database", "cache")
_SPOKEN = (
    ("cache", re.compile(r"redis|valkey|memcache|\bcache", re.IGNORECASE)),
    ("database", re.compile(r"quer|sql|database|mongo|cursor|transaction|pooled connection", re.IGNORECASE)),
    ("HTTP", re.compile(r"http|request|grpc", re.IGNORECASE)),
)
# Objects that are called like clients, by the last of their names.
_CLIENT = re.compile(r"(?:^|_)(?:session|client|conn|connection|cursor|redis|cache|db|engine|http)$|^[rs]$", re.IGNORECASE)
_HINTS = (
    ("cache", re.compile(r"redis|cache|^r$")),
    ("database", re.compile(r"conn|cursor|db$|engine|session")),
    ("HTTP", re.compile(r"http|client|^s$")),
)
_KINDS = (
    dict,
    list,
    set,
    frozenset,
    tuple,
    str,
    bytes,
    bytearray,
    int,
    float,
    io.StringIO,
    io.BytesIO,
    io.TextIOWrapper,
    Path,
    BaseException,
)
_ORDINARY = frozenset(name for kind in (*_KINDS, builtins) for name in dir(kind) if not name.startswith("_"))
_IN_SEVERAL = 3
_CONTAINERS = re.compile(
    r"(?:typing\.|t\.)?(?:dict|list|set|frozenset|tuple|str|bytes|int|float|bool|Dict|List|Set|Tuple|Mapping|MutableMapping|Sequence|Iterable|"
    r"OrderedDict|DefaultDict|defaultdict|Counter|deque)\b"
)
_ROOTS = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+(\w+))", re.MULTILINE)

CONCEPT, FIRST_PARTY, NOTHING = "concept", "first-party", "unknown"


class Seen(NamedTuple):
    """A place that looks like a call of a library, and what became of it."""

    path: str
    line: int
    code: str
    library: str
    group: str
    outcome: str
    why: str = ""
    detail: str = ""


class Vocabulary:
    """The names by which calls of libraries are told."""

    def __init__(self, index: Index) -> None:
        self.index = index
        # From the last name of a method to the libraries whose types have it, and what it talks to there.
        self.methods: dict[str, dict[str, str]] = defaultdict(dict)
        for name, known in index.calls.items():
            holder, _, last = name.rpartition(".")
            if known.concepts and index.is_type(holder):
                root = name.partition(".")[0]
                self.methods[last][root] = self.methods[last].get(root) or _group(known)
        self.related = _related(index)

    def ambiguous(self, name: str) -> bool:
        """Whether a method's name says little of whose it is."""
        return name in _ORDINARY or len(self.methods[name]) >= _IN_SEVERAL

    def group(self, name: str) -> str:
        """What a callable talks to."""
        known = self.index.known(name)
        return _group(known) if known is not None else ""


def _group(known: Known) -> str:
    if HttpRequest in known.concepts:
        return "HTTP"
    blocking, wait = known.concepts.get(Blocking), known.concepts.get(Wait)
    if SqlExecution in known.concepts or (isinstance(blocking, Blocking) and blocking.kind == "database"):
        return "database"
    return next((group for group, words in _SPOKEN if words.search(wait.what)), "") if isinstance(wait, Wait) else ""


def _related(index: Index) -> dict[str, set[str]]:
    """The libraries whose types a library's calls, attributes and other names lead to: who imports the one uses the others."""
    pairs = [(name, other) for name, known in index.calls.items() for other in (known.returns, known.enters)]
    pairs += [(kind.name, other) for kind in index.types.values() for other in (*kind.bases, *kind.attributes.values())]
    pairs += [*index.instances.items(), *index.aliases.items()]
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        if other:
            found[one.partition(".")[0]].add(other.partition(".")[0])
    return found


@cache
def _vocabulary(index: Index) -> Vocabulary:
    return Vocabulary(index)


class Reader:
    """The places of one folder."""

    def __init__(self, path: Path, *, everything: bool) -> None:
        self.everything = everything
        self.files = discover([str(path)], Lookup(isolated=True)).files
        self.insight = Insight(self.files)
        self._roots: dict[str, frozenset[str]] = {}

    def places(self) -> Iterator[Seen]:
        """The places of all files, those that are imported first: what they export is then there when it is asked for."""
        by_path = {found.path: found for found in self.files}
        texts = {path: Path(path).read_text(encoding="utf-8", errors="replace") for path in by_path}
        for path in imported_first(list(by_path), texts, self.insight.layout):
            found, text = by_path[path], texts[path]
            try:
                if "import" not in text or (not self.everything and role(below_root(found.settings.root, found.path), text) != "service"):
                    continue
                with self.insight.of(found) as prepared:
                    yield from self._of_file(prepared)
            except Mistake as mistake:
                print(mistake, file=sys.stderr)

    def _of_file(self, prepared: Prepared) -> Iterator[Seen]:
        vocabulary = _vocabulary(prepared.index)
        roots = self._reachable(prepared.path, prepared.model, vocabulary)
        seen: list[tuple[Call, Seen]] = []
        for call in prepared.model.calls:
            place = _look(call, vocabulary, roots, prepared.source.path)
            if place is not None:
                seen.append((call, place))
        where = spans(prepared.model.tree, prepared.source, [(call.node, call.statement) for call, _ in seen])
        for call, place in seen:
            yield place._replace(line=prepared.source.position(where[id(call.node)].start).line)

    def _reachable(self, path: str, model: SemanticModel, vocabulary: Vocabulary) -> frozenset[str]:
        """The modelled libraries that a file imports, itself or by way of one other file of its project."""
        found = {name.partition(".")[0] for name in model.imports}
        for name in model.imports:
            if not model.knowledge.modelled(name) and (other := _find(self.insight.layout, name, path)):
                found |= self._imported(other)
        found &= vocabulary.index.roots
        return frozenset(found.union(*(vocabulary.related[root] for root in found)))

    def _imported(self, path: str) -> frozenset[str]:
        if path not in self._roots:
            text = Path(path).read_text(encoding="utf-8", errors="replace")
            self._roots[path] = frozenset(one or other for one, other in _ROOTS.findall(text))
        return self._roots[path]


def _find(layout: Layout, module: str, path: str) -> str | None:
    return layout.find(module, Path(path)) if module and all(map(str.isidentifier, module.split("."))) else None


def _look(call: Call, vocabulary: Vocabulary, roots: frozenset[str], path: str) -> Seen | None:
    """A call, if it looks like one of a library."""
    model, meanings = call.model, call.model.meanings
    func = call.node.func if isinstance(call.node, cst.Call) else call.node
    if meanings.at(call.node) is not None:
        wrapped = meanings.wrapped.get(id(call.node))
        name = wrapped.chain[-1][0] if wrapped is not None and wrapped.chain else call.name
        outcome = CONCEPT if wrapped is None else FIRST_PARTY
        return Seen(path, 0, excerpt(func, 60), name.partition(".")[0], vocabulary.group(name), outcome)
    if not isinstance(func, cst.Attribute):
        return None
    method = func.attr.value
    candidates = {library: group for library, group in vocabulary.methods.get(method, {}).items() if library in roots}
    if not candidates:
        return None
    called = last_name(func.value)
    if vocabulary.ambiguous(method) and (not _CLIENT.search(called) or (len(called) == 1 and _is_loop_variable(call, called))):
        return None
    if _is_something_else(call, func.value):
        return None
    library = _likeliest(candidates, called)
    place = Seen(path, 0, excerpt(func, 60), library, candidates[library], NOTHING)
    if call.name and _is_own_function(model, call.name):
        return place._replace(outcome=FIRST_PARTY)
    missing = object_gap(call)
    return place._replace(why=missing.kind, detail=missing.detail)


def last_name(node: cst.BaseExpression) -> str:
    """The last of the names by which an object is reached."""
    match node:
        case cst.Name():
            return node.value
        case cst.Attribute():
            return node.attr.value
        case cst.Call():
            return last_name(node.func)
        case cst.Await():
            return last_name(node.expression)
        case cst.Subscript():
            return last_name(node.value)
    return ""


def _is_loop_variable(call: Call, name: str) -> bool:
    found = call.scope.find(name)
    return found is not None and any(binding.kind == "for" for binding in found[1])


def _likeliest(candidates: Mapping[str, str], called: str) -> str:
    """Of the libraries that have a method of this name, the one that the object's name speaks for; the first one where it speaks for none."""
    ordered = sorted(candidates)
    named = [library for library in ordered if library in called.lower()]
    hinted = [group for group, words in _HINTS if words.search(called.lower())]
    of_group = [library for group in hinted for library in ordered if candidates[library] == group]
    talking = [library for library in ordered if candidates[library]]
    return (named or of_group or talking or ordered)[0]


def _is_something_else(call: Call, receiver: cst.BaseExpression) -> bool:
    """Whether the object of a call is certainly none of a modelled library."""
    model = call.model
    if isinstance(
        receiver, cst.BaseString | cst.BaseNumber | cst.BaseDict | cst.BaseList | cst.BaseSet | cst.BaseComp | cst.Tuple | cst.Comparison
    ):
        return True
    datum = call.evaluate(receiver)
    match datum:
        case Constant() | Items() | Entries():
            return True
        case Instance():
            return not (call.name and _is_own_function(model, call.name))
        case Made():
            if _is_ours(model, datum.name):
                # An instance of a class of the project's own, or what a function gives of which nothing is known.
                return bool(model.type_of(datum)) and not (call.name and _is_own_function(model, call.name))
            return not model.knowledge.modelled(datum.name) or datum.name.startswith("builtins.") or bool(model.type_of(datum))
        case Reference():
            if _is_ours(model, datum.name):
                return _is_own_class(model, datum.name) and not _is_own_function(model, call.name)
            return True
    return _is_container(call, receiver)


def _is_container(call: Call, receiver: cst.BaseExpression) -> bool:
    """Whether a name is annotated as one of Python's own containers."""
    found = call.scope.find(receiver.value) if isinstance(receiver, cst.Name) else None
    annotations = [binding.annotation for binding in found[1] if binding.annotation is not None] if found is not None else []
    return bool(annotations) and all(_CONTAINERS.match(excerpt(annotation).strip("'\"")) for annotation in annotations)


def _is_ours(model: SemanticModel, name: str) -> bool:
    """Whether a name is that of something in the project."""
    if model.knowledge.modelled(name):
        return False
    head = name
    while head:
        if head == model.module_name or (model.sources is not None and model.sources.facts(head) is not None):
            return True
        head = head.rpartition(".")[0]
    return model.defined(name) is not None


def _is_own_function(model: SemanticModel, name: str) -> bool:
    """Whether a name is that of a function or method that the project defines."""
    if isinstance(model.defined(name), Function):
        return True
    head, _, last = name.rpartition(".")
    facts = model.sources.facts(head) if model.sources is not None and head else None
    if facts is not None:
        return last in facts.functions
    module, _, owner = head.rpartition(".")
    place = model.defined(head)
    if isinstance(place, Class):
        return last in place.methods
    facts = model.sources.facts(module) if model.sources is not None and module else None
    return facts is not None and owner in facts.classes and last in facts.classes[owner].methods


def _is_own_class(model: SemanticModel, name: str) -> bool:
    if isinstance(model.defined(name), Class):
        return True
    head, _, last = name.rpartition(".")
    facts = model.sources.facts(head) if model.sources is not None and head else None
    return facts is not None and last in facts.classes


# -- the report


def share(places: Iterable[Seen]) -> str:
    """How many of some places are known, in words."""
    outcomes = Counter(place.outcome for place in places)
    total = outcomes.total()
    known = total - outcomes[NOTHING]
    return f"{known}/{total} = {100 * known / total:.1f} %" if total else "none"


def table(places: Iterable[Seen]) -> str:
    """One row for each library and what it talks to, the largest first."""
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for place in places:
        rows[place.library, place.group][place.outcome] += 1
    lines = [f"{'library':<20} {'group':<9} {'calls':>6} {CONCEPT:>8} {FIRST_PARTY:>12} {NOTHING:>8}   known"]
    for (library, group), counts in sorted(rows.items(), key=lambda row: (-row[1].total(), row[0])):
        known = 100 * (counts.total() - counts[NOTHING]) / counts.total()
        numbers = f"{counts.total():>6} {counts[CONCEPT]:>8} {counts[FIRST_PARTY]:>12} {counts[NOTHING]:>8}"
        lines.append(f"{library:<20} {group or '·':<9} {numbers}   {known:5.1f} %")
    return "\n".join(lines)


def totals(places: dict[str, list[Seen]]) -> str:
    """What goes over HTTP, to databases and to caches, folder by folder."""
    lines = [f"{'':<24}" + "".join(f"{group:>24}" for group in (*GROUPS, "together"))]
    for name, found in [*places.items(), ("all", [place for each in places.values() for place in each])]:
        cells = [share(place for place in found if place.group == group) for group in GROUPS]
        cells.append(share(place for place in found if place.group in GROUPS))
        lines.append(f"{name:<24}" + "".join(f"{cell:>24}" for cell in cells))
    return "\n".join(lines)


def reasons(places: Iterable[Seen]) -> str:
    """Why calls are not known, the most frequent reason first, each with what stands there most often."""
    why: Counter[str] = Counter()
    details: dict[str, Counter[str]] = defaultdict(Counter)
    for place in places:
        if place.outcome == NOTHING:
            why[place.why] += 1
            details[place.why][place.detail] += 1
    lines = []
    for kind, number in why.most_common():
        often = ", ".join(f"{detail} {times}" for detail, times in details[kind].most_common(6))
        lines.append(f"{number:>6}  {kind}: {often}")
    return "\n".join(lines)


def show(places: Iterable[Seen], wanted: str, sample: int, seed: int) -> str:
    """Some places of a library or a group of which nothing is known."""
    unknown = sorted(place for place in places if place.outcome == NOTHING and wanted in (place.library, place.group))
    chosen = sorted(random.Random(seed).sample(unknown, min(sample, len(unknown))))
    lines = [f"{len(chosen)} of {len(unknown)} unknown calls of {wanted}, seed {seed}"]
    lines += [f"{place.path}:{place.line}: {place.code}()  {place.library}  {place.why}: {place.detail}" for place in chosen]
    return "\n".join(lines)


def main() -> int:
    """Counts, and shows what is asked for."""
    parser = argparse.ArgumentParser(prog="tools.coverage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="names in the corpus, or paths (default: the whole corpus)")
    parser.add_argument("--everything", action="store_true", help="also tests, scripts and migrations")
    parser.add_argument("--show", metavar="LIBRARY", help=f"print unknown calls of this library, or of one of {', '.join(GROUPS)}")
    parser.add_argument("--sample", type=int, default=30, help="how many of them (default: 30)")
    parser.add_argument("--seed", type=int, default=1, help="which of them (default: 1)")
    arguments = parser.parse_args()
    folders = [folder(name) for name in arguments.folders] if arguments.folders else everything()
    if not folders:
        parser.error("there is no folder to read")
    gc.disable()  # trees go as soon as their file is done; looking for them takes a third of the time
    places = {path.name: list(Reader(path, everything=arguments.everything).places()) for path in folders}
    all_places = [place for found in places.values() for place in found]
    print(table(all_places))
    print(f"\n{totals(places)}")
    print(
        f"\nwhy calls over HTTP, to databases and to caches are not known\n{reasons(place for place in all_places if place.group in GROUPS)}"
    )
    if arguments.show:
        print(f"\n{show(all_places, arguments.show, arguments.sample, arguments.seed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
