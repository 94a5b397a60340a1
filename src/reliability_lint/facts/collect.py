"""What a file exports, from its semantic model. The model must have no sources: facts depend on one file alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from ..model.altered import Altered, altered, is_altered, marked
from ..model.calls import slim
from ..model.exports import ClassFacts, Forward, FunctionFacts, Given, Landmark, Step, Use
from ..model.places import Class
from ..model.scopes import Binding
from ..model.semantic import SemanticModel
from ..model.summaries import says, summary
from ..model.values import Constant, Datum, Entries, Instance, Items, Made, Reference, Site, Unknown
from ..syntax.spans import spans
from ..text.source import SourceFile
from .application import nested, site, uses, wordings
from .facts import FileFacts

_LONGEST_TEXT = 2000


def collect(model: SemanticModel, source: SourceFile) -> FileFacts:
    """The facts of a file."""
    names: dict[str, Datum] = {}
    for name, bindings in model.scope.bindings.items():
        if any(binding.kind in ("function", "class") for binding in bindings):
            continue
        datum = _reference(bindings) or model.agreed(bindings, name)
        if not isinstance(datum, Unknown) and not (isinstance(datum, Items | Entries) and model.is_filled(name, model.scope)):
            names[name] = datum
    functions = {
        function.name: summary(model, function, model.function_facts(function))
        for function in model.functions
        if function.scope is model.scope
    }
    classes = {place.name: _summed_up(model, place) for place in model.classes if place.scope is model.scope}
    every = [*functions.values(), *(method for its in classes.values() for method in its.methods.values())]
    data = [*names.values(), *(datum for its in classes.values() for datum in its.attributes.values())]
    handed = [forward.call for facts in every for forward in facts.forwards]
    handed += [step.call for facts in every for step in facts.steps if step.call is not None and model.knowledge.tells(step.name)]
    sites = _sites(model, source, [*data, *(facts.gives for facts in every), *(facts.yields for facts in every)], handed)

    landmarks = [call for call in model.calls if call.word in model.knowledge.landmarks and model.knowledge.is_landmark(call.made)]
    places = spans(model.tree, source, [(call.node, call.statement) for call in landmarks]) if landmarks else {}
    types = altered(model)

    def given(datum: Datum) -> Datum:
        return portable(_changed(model, datum, types) if types.types else datum, sites)

    def carried(facts: FunctionFacts) -> FunctionFacts:
        return msgspec.structs.replace(
            facts,
            gives=given(facts.gives),
            yields=given(facts.yields),
            forwards=tuple(handed_on(forward) for forward in facts.forwards),
            steps=tuple(stepped(step) for step in facts.steps),
            repeated=told(facts.repeated) if facts.repeated is not None else None,
        )

    def told(call: Made) -> Made:
        changed = call.owner is not None and is_altered(model, call.owner, types)
        carried = portable(call, sites)
        assert isinstance(carried, Made)
        return msgspec.structs.replace(carried, site=None, changed=changed)

    def stepped(step: Step) -> Step:
        if step.call is None:
            return step
        return msgspec.structs.replace(step, call=told(step.call), site=sites.get(step.call.key))

    def handed_on(forward: Forward) -> Forward:
        slots = {slot: _portable_default(one, sites) for slot, one in forward.given.items()}
        return msgspec.structs.replace(forward, call=told(forward.call), given=slots, site=sites.get(forward.call.key))

    def known(data: dict[str, Datum]) -> dict[str, Datum]:
        return {key: value for key, datum in data.items() if not isinstance(value := given(datum), Unknown)}

    return FileFacts(
        model.module_name,
        source.path,
        known(names),
        {name: carried(facts) for name, facts in functions.items()},
        {
            name: msgspec.structs.replace(
                its, attributes=known(its.attributes), methods={key: carried(facts) for key, facts in its.methods.items()}
            )
            for name, its in classes.items()
        },
        tuple(model.scope.starred),
        tuple(_carried_use(use, sites) for use in uses(model)),
        wordings(model, source),
        model.is_program,
        tuple(Landmark(_outline(call.made), site(places[id(call.node)], source)) for call in landmarks),
    )


def _changed(model: SemanticModel, datum: Datum, types: Altered) -> Datum:
    """A datum with a mark on the objects that this file changes after they were made."""
    match datum:  # what holds objects: displays, and what a function or a manager gives
        case Items():
            return Items(datum.kind, tuple(_changed(model, item, types) for item in datum.items))
        case Entries():
            return Entries(tuple((key, _changed(model, value, types)) for key, value in datum.entries), datum.open)
        case Made(name="contextlib.context" | "lambda"):
            return Made(datum.name, tuple(_changed(model, argument, types) for argument in datum.arguments))
    return marked(datum) if is_altered(model, datum, types) else datum


def _summed_up(model: SemanticModel, place: Class) -> ClassFacts:
    its = model.class_facts(place)
    methods = {name: summary(model, function, its.methods[name]) for name, function in place.methods.items() if name in its.methods}
    inner = {
        one.name: ClassFacts(attributes={key: portable(value, {}) for key, value in model.class_facts(one).attributes.items()})
        for one in nested(model, place)
    }
    return msgspec.structs.replace(its, methods={**its.methods, **methods}, nested=inner, says=says(model, place))


def _carried_use(use: Use, sites: Mapping[int, Site]) -> Use:
    call = portable(use.call, sites)
    assert isinstance(call, Made)
    return msgspec.structs.replace(use, call=call)


def _portable_default(given: Given, sites: Mapping[int, Site]) -> Given:
    return msgspec.structs.replace(given, default=portable(given.default, sites)) if given.default is not None else given


def _sites(model: SemanticModel, source: SourceFile, data: list[Datum], handed: list[Made]) -> dict[int, Site]:
    """Where the calls stand that make objects to which a finding may go back, and the modelled calls of wrappers; few files have any, and only these are counted through."""
    keys = {datum.key for datum in data if isinstance(datum, Made) and datum.key and model.knowledge.is_traced(model.type_of(datum))}
    keys |= {call.key for call in handed if model.knowledge.modelled(call.name)}
    if not keys:
        return {}
    found: dict[int, Site] = {}
    for key, span in spans(model.tree, source, [(call.node, call.statement) for call in model.calls if id(call.node) in keys]).items():
        found[key] = site(span, source)
    return found


def _outline(call: Made) -> Made:
    """A call without what only its own file knows of it."""
    made = portable(slim(Made(call.name, call.arguments, call.keywords, open=call.open)), {})
    assert isinstance(made, Made)
    return made


def _reference(bindings: list[Binding]) -> Reference | None:
    """What an import brings, as it is written: whoever asks follows it."""
    if len({binding.dotted for binding in bindings}) == 1 and bindings[0].kind == "import":
        return Reference(bindings[0].dotted)
    return None


def _writable(text: str) -> bool:
    """Whether a text can be written down: half of a surrogate pair, which a literal may hold, cannot."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def portable(datum: Datum, sites: Mapping[int, Site], depth: int = 0) -> Datum:
    """A datum without what holds in its own file only, and no larger than is worth carrying."""
    if depth > 6:
        return Unknown()
    match datum:
        case Constant(value=str() as text) if len(text) > _LONGEST_TEXT or not _writable(text):
            return Unknown()
        case Constant(value=float() as number) if not math.isfinite(number):  # there is none in JSON
            return Reference("math.inf") if number == math.inf else Unknown()
        case Items():
            return (
                Items(datum.kind, tuple(portable(item, sites, depth + 1) for item in datum.items)) if len(datum.items) <= 64 else Unknown()
            )
        case Entries():
            if len(datum.entries) > 64:
                return Unknown()
            return Entries(tuple((portable(k, sites, depth + 1), portable(v, sites, depth + 1)) for k, v in datum.entries), datum.open)
        case Reference():
            return Reference(datum.name, portable(datum.owner, sites, depth + 1) if datum.owner is not None else None)
        case Instance(made=Made() as made):
            inner = portable(made, sites, depth + 1)
            return Instance(datum.type, inner if isinstance(inner, Made) else None)
        case Made():
            return Made(
                datum.name,
                tuple(portable(item, sites, depth + 1) for item in datum.arguments),
                {key: portable(value, sites, depth + 1) for key, value in datum.keywords.items()},
                open=datum.open,
                owner=portable(datum.owner, sites, depth + 1) if datum.owner is not None else None,
                site=datum.site or sites.get(datum.key),
                changed=datum.changed,
            )
    return datum
