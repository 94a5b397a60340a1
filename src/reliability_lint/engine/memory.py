"""
What former runs found out, and whether it still holds.

A report depends on the file's bytes, on our code, the settings and the versions of libraries: these are its key. It also depends on what other files
answered while it was made, so the questions are kept with it, each with a digest of the answer. The report holds as long as the same questions would get the
same answers, and as facts depend on one file alone, it never matters what those files asked in their turn.

That an answer is the same is seen at once where a file exports just what it did. Else the parts are compared that were asked for.
"""

# ruff: noqa: PTH120

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from .. import registry
from ..diagnostics import FileReport, Severity
from ..facts.asked import part
from ..facts.facts import FileFacts
from ..mistake import Mistake
from ..text.paths import shown_path
from .cache import Cache, digest
from .days import holds_today
from .discover import Found
from .evidence import Evidence
from .fingerprint import fingerprint
from .local_rules import load
from .settings import Lookup, Option, Settings, below_root
from .sources import Layout
from .view import DISK, View

NOTHING = FileFacts("", "")  # stands for "there is no such module" where None means "not known"

_FactsOf = Callable[[str], FileFacts | None]
_pack = msgspec.msgpack.Encoder().encode
_facts_from = msgspec.msgpack.Decoder(FileFacts).decode


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What a module answered: the digest of all its facts, empty where there is no such module; which parts were asked for, and the digest of these."""

    whole: bytes = b""
    parts: tuple[str, ...] = ()
    digest: bytes = b""


class Checked(msgspec.Struct, frozen=True):
    """A file's report and what it was made from: the digest of its bytes, empty where the report is not to be kept, and what each module answered."""

    report: FileReport
    text: bytes = b""
    answers: dict[str, Answer] = {}


class Learned(NamedTuple):
    """Facts, and the digest of the bytes that they were found in, empty where these are not those of a file."""

    facts: FileFacts | None
    text: bytes


class _Place(NamedTuple):
    """What a file is besides its bytes: how it is shown, whether it is a package's `__init__`, its module, and what is known of libraries there."""

    shown: str
    is_package: bool
    module: str
    ground: bytes


class _KeptReport(msgspec.Struct, frozen=True, array_like=True):
    report: FileReport
    answers: dict[str, Answer]


class _KeptRule(msgspec.Struct, frozen=True, array_like=True):
    """What a rule says of itself."""

    code: str
    name: str
    family: str
    set: registry.Set
    severity: Severity
    doc: str
    options: dict[str, Option]
    everywhere: bool
    project: bool
    origin: str


_reports_from = msgspec.msgpack.Decoder(list[FileReport]).decode
_report_from = msgspec.msgpack.Decoder(_KeptReport).decode
_rules_from = msgspec.msgpack.Decoder(tuple[_KeptRule, ...]).decode


def packed(facts: FileFacts) -> bytes:
    """Facts as bytes; empty where they hold what the format cannot: numbers beyond 64 bits, text that is not valid."""
    try:
        return _pack(facts)
    except (OverflowError, ValueError):
        return b""


def mark(facts: FileFacts | None) -> bytes:
    """By what an answer is known: empty for none."""
    # Their bytes would not do: whether a default is written depends on whether it is the very object, so on the way that facts have come.
    return digest(repr(facts).encode("utf-8", "surrogatepass")) if facts is not None else b""


class Marks:
    """By what the parts of some facts are known, each worked out once."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self.whole = mark(facts)
        self._parts: dict[str, bytes] = {}

    def of(self, parts: Iterable[str]) -> bytes:
        """By what some parts together are known."""
        known = self._parts
        for name in parts:
            if name not in known:
                known[name] = digest(repr(part(self.facts, name)).encode("utf-8", "surrogatepass"))
        return digest(b"".join(known[name] for name in parts))

    def answer(self, noted: Iterable[str]) -> Answer:
        """What was answered, when these parts were asked for."""
        parts = tuple(sorted(noted))
        return Answer(self.whole, parts, self.of(parts))


class Memory:
    """
    What is known from former runs about the files of this one, and what this one adds.

    `beside` is that of the other side where two sides of a change are compared: what it has found to hold no longer may hold here, and the reports that it
    keeps are those that the next run will ask for.
    """

    def __init__(self, cache: Cache, view: View = DISK, beside: Memory | None = None) -> None:
        self.cache = cache
        self.view = view
        self._beside = beside
        self._keys: dict[str, bytes] = {}  # of the reports, by path
        self._outdated: dict[bytes, Checked] = {}  # reports that were kept and do not hold, by key
        self._new: dict[bytes, bytes] = {}
        self._code = fingerprint(cache, self._new)
        self._layout = Layout(view)
        self._lookup = Lookup()
        self._found: dict[str, Found] = {}
        self._overlay: Mapping[str, str] = {}
        self._texts: dict[str, bytes] = {}
        self._evidence = Evidence(Layout() if view is not DISK else self._layout)
        self._read: dict[str, bytes] = {}
        self._grounds: dict[tuple[bytes, tuple[str, ...]], bytes] = {}
        self._models: dict[str, bytes] = {}
        self._wishes: dict[int, bytes] = {}
        self._learned: Mapping[str, Learned] = {}
        self._marks: dict[str, bytes | None] = {}
        self._parts: dict[str, Marks] = {}
        self._places: dict[str, _Place] = {}
        self._modules: dict[tuple[str, ...], dict[str, str | None]] = {}  # by the roots of imports, where modules are

    # -- rules

    def describe_rules(self) -> None:
        """Tells the registry what the rules say of themselves, if that was kept: then none needs to be imported for it."""
        data = self._value(self._key("rules"))
        try:
            rules = _rules_from(data) if data else ()
        except msgspec.MsgspecError:
            return
        registry.describe(registry.Rule(**{name: getattr(rule, name) for name in rule.__struct_fields__}) for rule in rules)

    def _keep_rules(self) -> None:
        if registry.is_described() or not registry.is_imported():
            return
        rules = [rule for rule in registry.rules().values() if not rule.local]  # what a project has of its own is read with its settings
        if all(isinstance(value, bool | int | float | str | tuple | None) for rule in rules for value in rule.options.values()):
            said = ({name: getattr(one, name) for name in _KeptRule.__struct_fields__} for one in rules)
            kept = [_KeptRule(**{**values, "options": dict(values["options"])}) for values in said]
            self._new[self._key("rules")] = _pack(kept)

    # -- reports

    def recalled(self, files: Sequence[Found], overlay: Mapping[str, str]) -> dict[str, Checked]:
        """The reports, by path, that were kept for files with just these bytes; whether they hold is for `holding` to say."""
        self._found = {found.path: found for found in files}
        self._overlay = overlay
        keys = {found.path: self._report_key(found, self._text(found.path)) for found in files if found.path not in overlay}
        self._keys = keys
        theirs = self._beside._outdated if self._beside is not None else {}
        values = self.cache.get(key for key in keys.values() if key and key not in theirs)
        recalled: dict[str, Checked] = {}
        for path, key in keys.items():
            if key in theirs:
                recalled[path] = theirs[key]
            elif key in values:
                try:
                    kept = _report_from(values[key])
                except msgspec.MsgspecError:
                    continue
                if not holds_today(kept.report.term):
                    continue
                recalled[path] = Checked(kept.report, self._texts[path], kept.answers)
        return recalled

    def holding(self, recalled: Mapping[str, Checked], facts_of: _FactsOf) -> dict[str, FileReport]:
        """Those reports whose questions would be answered as they were. Where it is not known otherwise, `facts_of` tells what a file exports now."""
        where: dict[str, dict[str, str | None]] = {}
        asked: set[str] = set()
        for path, checked in recalled.items():
            roots = self._layout.roots(path)
            modules = where[path] = self._modules.setdefault(roots, {})
            for module in checked.answers:
                if module not in modules:
                    modules[module] = self._layout.find_below(roots, module)
                place = modules[module]
                if place is not None and place != path:
                    asked.add(place)
        self._recall_marks(asked)

        def holds(path: str, checked: Checked, facts_of: _FactsOf | None) -> bool | None:
            """None where that is not known, and nobody is to be asked."""
            modules = where[path]
            sure = True
            for module, answer in checked.answers.items():
                place = modules[module]
                same = self._is_same(answer, place if place != path else None, facts_of)
                if same is False:
                    return False
                sure = sure and same is True
            return sure or None

        # Nothing is parsed for a report that does not hold anyway.
        likely = [(path, checked, sure) for path, checked in recalled.items() if (sure := holds(path, checked, None)) is not False]
        held = {path: checked.report for path, checked, sure in likely if sure or holds(path, checked, facts_of)}
        self._outdated = {self._keys[path]: checked for path, checked in recalled.items() if path not in held}
        return held

    def _is_same(self, answer: Answer, place: str | None, facts_of: _FactsOf | None) -> bool | None:
        """Whether a file, None where there is none, would answer what it did; None where that is not known, and nobody is to be asked."""
        now = b"" if place is None else self._marks[place]
        if now is None and facts_of is not None:
            assert place is not None
            now = self._marks[place] = mark(facts_of(place))
        if now is None or now == answer.whole:
            return None if now is None else True
        if place is None or not now or not answer.whole:
            return False
        if place not in self._parts:
            facts = self.recall(place)
            if facts is None and facts_of is not None:
                facts = facts_of(place)
            if facts is None:
                return None if facts_of is None else False
            self._parts[place] = Marks(facts)
        return self._parts[place].of(answer.parts) == answer.digest

    def _recall_marks(self, paths: Iterable[str]) -> None:
        keys = {path: self._facts_key(path, self._text(path)) for path in paths if path not in self._marks}
        values = self.cache.get(key for key in keys.values() if key)
        for path, key in keys.items():
            self._marks[path] = values.get(key)

    def recall(self, path: str) -> FileFacts | None:
        """The facts of a file as kept, `NOTHING` where it has none, None where that is not known."""
        if path in self._learned:
            return self._learned[path].facts or NOTHING
        if path not in self._marks:
            self._recall_marks([path])
        found = self._marks[path]
        if not found:
            return NOTHING if found == b"" else None
        data = self._value(found)
        try:
            return _facts_from(data) if data else None
        except msgspec.MsgspecError:
            return None

    # -- what is new

    def learn(self, learned: Mapping[str, Learned]) -> None:
        """Hears what files export now, by path."""
        self._learned = learned
        for path, one in learned.items():
            self._marks[path] = mark(one.facts)
            self._parts.pop(path, None)

    def save(self, learned: Mapping[str, Learned], checked: Mapping[str, Checked]) -> None:
        """Keeps what this run has learned, and the reports it has made, by path; unless the ground has moved meanwhile."""
        for path, (facts, text) in learned.items():
            if key := self._facts_key(path, text):
                self._new[key] = found = mark(facts)
                if facts is not None and (data := packed(facts)):
                    self._new[found] = data
        theirs = frozenset(self._beside._keys.values()) if self._beside is not None else frozenset()
        for path, one in checked.items():
            key = self._report_key(self._found[path], one.text)
            if key and key not in theirs:
                with suppress(OverflowError, ValueError):  # a message that is no valid text
                    self._new[key] = _pack(_KeptReport(one.report, one.answers))
        if not self._code or (self._new and not self._is_as_before()):
            return
        self._keep_rules()
        self.cache.put(self._new)

    def joined(self, files: Sequence[Found], make: Callable[[], list[FileReport]]) -> list[FileReport]:
        """What was found in just these files by rules that see them all together; where that is not known, `make` finds it, and it is kept."""
        keys = [self._report_key(found, self._text(found.path)) for found in files]
        key = self._key("joined", keys) if all(keys) else b""
        data = self._value(key)
        with suppress(msgspec.MsgspecError):
            kept = _reports_from(data) if data else None
            if kept is not None and all(holds_today(report.term) for report in kept):
                return kept
        reports = make()
        if key and not any(one.code == "REL000" for report in reports for one in report.diagnostics) and self._is_as_before():
            with suppress(OverflowError, ValueError):
                self.cache.put({key: _pack(reports)})
        return reports

    def _is_as_before(self) -> bool:
        now = Evidence(Layout())
        return (
            fingerprint(self.cache, {}) == self._code
            and all(_model(path) == then for path, then in self._models.items())
            and all(now.of(folder) == then for folder, then in self._read.items())
        )

    # -- keys

    def _value(self, key: bytes) -> bytes | None:
        return self.cache.get([key]).get(key) if key else None

    def _key(self, kind: str, *parts: object) -> bytes:
        return digest(_pack((kind, self._code, *parts))) if self._code else b""

    def _text(self, path: str) -> bytes:
        """The digest of a file's bytes; empty for what stands in the overlay, and for what cannot be read."""
        known = self._texts.get(path)
        if known is None:
            known = b""
            if path not in self._overlay:
                try:
                    known = digest(self.view.read(path))
                except OSError:
                    known = b""
            self._texts[path] = known
        return known

    def _place(self, path: str) -> _Place | None:
        """Where a file stands; None where that cannot be told."""
        known = self._places.get(path)
        if known is None:
            found = self._found.get(path)
            try:
                settings = found.settings if found is not None else self._lookup.of_file(path)
            except Mistake:  # in the settings of another project: whoever asks for the facts will hear of it
                return None
            module, is_package = self._layout.module_name(path)
            shown = found.shown if found is not None else shown_path(path)
            known = self._places[path] = _Place(
                shown, is_package, module, self._ground(self.view.ground(os.path.dirname(path)), settings.libraries)
            )
        return known

    def _report_key(self, found: Found, text: bytes) -> bytes:
        place = self._place(found.path) if text else None
        if place is None:
            return b""
        root = found.settings.root
        return self._key("report", text, place, bool(root), os.fsencode(below_root(root, found.path)), self._wish(found.settings))

    def _facts_key(self, path: str, text: bytes) -> bytes:
        place = self._place(path) if text else None
        return self._key("facts", text, place) if place is not None else b""

    def _ground(self, folder: str, libraries: tuple[str, ...]) -> bytes:
        """The digest of what is known of libraries in a folder."""
        said = self._evidence.of(folder)
        known = self._grounds.get((said, libraries))
        if known is None:
            for library in libraries:
                if library not in self._models:
                    self._models[library] = _model(library)
            models = [self._models[library] for library in libraries]
            known = self._grounds[said, libraries] = digest(_pack((self._versions(folder, said), models)))
        return known

    def _versions(self, folder: str, said: bytes) -> bytes:
        """The digest of the versions that are used in a folder. They are read only where it is not known what the files say."""
        key = self._key("versions", said)
        known = self._value(key)
        if known is None:
            from ..libraries.versions import read

            known = digest(_pack(read(Path(folder))))
            self._new[key] = known
            self._read[folder] = said
        return known

    def _wish(self, settings: Settings) -> bytes:
        """The digest of what settings say of reports."""
        known = self._wishes.get(id(settings))  # they live as long as the files of the run
        if known is None:
            said = (
                settings.preset,
                settings.select,
                settings.extend_select,
                settings.ignore,
                settings.per_file_ignores,
                settings.include_tests,
                settings.rules,
                settings.defer_to,
                [load(path) for path in settings.local_rules] if settings.local_rules_allowed else settings.local_rules,
            )
            known = self._wishes[id(settings)] = digest(repr(said).encode("utf-8", "surrogatepass"))
        return known


def _model(path: str) -> bytes:
    """The digest of a library model of the user's; empty where there is none."""
    try:
        return digest(Path(path).read_bytes())
    except OSError:
        return b""
