"""
Writes the lists of callables in the Semgrep packs, from the library models: `python -m tools.semgrep_lists`.

A list stands among the alternatives of a `pattern-either`, between two comments:

    # generated: requests.wait
    # end of generated

The first names a library, or `any` for all of them, and what of it is listed (`LISTS` below). A library comes with a guard: the file must import it,
and the name must not be a parameter's. Methods are left out, for Semgrep knows no types by which to tell `session.get` from another `get`.

`--check` writes nothing and fails if something would change.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from reliability_lint.libraries.load import names, shipped, spellings
from reliability_lint.libraries.schema import Entry, Model

ROOT = Path(__file__).resolve().parent.parent
PACKS = ROOT / "rules"
_LIST = re.compile(
    r"^(?P<indent>[ ]*)# generated: (?P<library>\w+)\.(?P<what>[\w-]+)\n(?P<body>.*?)^[ ]*# end of generated\b", re.MULTILINE | re.DOTALL
)
# Somewhere in the file, in whatever order: a range that is the whole file if the word is in it, and nothing otherwise.
_FILE_SAYS = "pattern-not-inside:\n  pattern-regex: (?s)\\A.*\\b({words})\\b.*\\Z"
_IMPORTS = r"(?sm)\A.*^[ \t]*(?:from|import)[ ]+(?:[\w., ]*,[ ]*)?{library}\b.*\Z"
_SOCKET_DEFAULT = _FILE_SAYS.format(words="setdefaulttimeout")
_UNKNOWN_ARGUMENTS = ("pattern-not: $CALL(..., *$MORE, ...)", "pattern-not: $CALL(..., **$OPTIONS)")
_STREAMS = "pattern-not-inside:\n  pattern-regex: (?s)\\A.*\\.stream\\(.*\\Z"
_DEADLINES = _FILE_SAYS.format(words=r"wait_for|timeout_at|fail_after|move_on_after|asyncio\.timeout|async_timeout")


def callables(model: Model, wanted: Callable[[Entry], bool]) -> list[tuple[str, Entry]]:
    """The functions and classes of a library, with what is said of them, whose entries are wanted; methods are left out."""
    types = {kind.name for kind in model.type}
    found = {
        spelling: entry
        for entry in model.call
        if wanted(entry)
        for name in names(entry.name)
        for spelling, _ in spellings(name, model.sets)
        if spelling.rpartition(".")[0] not in types
    }
    return sorted(found.items())


def _unbounded(model: Model) -> Iterator[str]:
    """Calls that wait for ever unless they are told otherwise."""

    def wanted(entry: Entry) -> bool:
        wait = entry.wait
        if wait is None or wait.tier != "always" or entry.versions or wait.switch is not None or wait.asynchronous or wait.partial:
            return False
        return (
            wait.timeout is not None
            and wait.timeout.default in ("never", "socket")
            and not (wait.timeout.carried_by or wait.timeout.inside)
        )

    def conditions(entry: Entry) -> Iterator[str]:
        timeout = entry.wait.timeout if entry.wait is not None else None
        assert timeout is not None
        yield from (f"pattern-not: $CALL(..., {keyword}=$GIVEN, ...)" for keyword in timeout.keywords)
        if timeout.position is not None:
            yield f"pattern-not: $CALL({', '.join(f'$A{number}' for number in range(timeout.position + 1))}, ...)"
        if timeout.default == "socket":
            yield _SOCKET_DEFAULT
        yield from _UNKNOWN_ARGUMENTS

    return _grouped(callables(model, wanted), _called, conditions)


def _disabled(model: Model) -> Iterator[str]:
    """Calls with a timeout that None, or what means the same, switches off; $NEVER is what they are given."""

    def wanted(entry: Entry) -> bool:
        wait = entry.wait
        if wait is None or wait.tier not in ("always", "disabled-only") or entry.versions or wait.switch is not None or wait.settled_by:
            return False
        return (
            wait.timeout is not None
            and wait.timeout.keyword != ""
            and not wait.timeout.inside
            and wait.timeout.none == "never"
            and wait.timeout.unit == "s"
        )

    makers = {name for kind in model.type for name in (kind.name, *kind.made_by)}

    def given(name: str, entry: Entry) -> str:
        assert entry.wait is not None
        assert entry.wait.timeout is not None
        return f"{name}(..., {entry.wait.timeout.keyword}=$NEVER, ...)"

    def conditions(entry: Entry) -> Iterator[str]:
        assert entry.wait is not None
        if entry.wait.streams:
            yield f"pattern-not: $CALL(..., {entry.wait.streams}=$STREAMS, ...)"
        if set(names(entry.name)) & makers:  # a client that is used for streams is meant to wait
            yield _STREAMS
        if entry.wait.asynchronous:
            yield _DEADLINES

    return _grouped(callables(model, wanted), given, conditions)


def _blocking(model: Model) -> Iterator[str]:
    """Calls that keep their thread; the methods of a class by one pattern, for libraries with hundreds of them."""

    def wanted(entry: Entry) -> bool:
        # Of a timeout without a name it cannot be told whether it is zero, as in `select.select(…, 0)`.
        timeout = entry.wait.timeout if entry.wait is not None else None
        nameless = timeout is not None and timeout.position is not None and not timeout.keyword
        return entry.blocking is not None and entry.blocking.kind not in ("file", "cpu") and not nameless

    found = callables(model, wanted)
    owners: dict[str, list[str]] = {}
    for name, entry in found:
        if entry.wait is None or entry.wait.switch is None:
            owner, _, last = name.rpartition(".")
            if owner.rpartition(".")[2][:1].isupper():
                owners.setdefault(owner, []).append(last)
            else:
                yield f"pattern: {name}(...)"
    for owner, methods in owners.items():
        if len(methods) == 1:
            yield f"pattern: {owner}.{methods[0]}(...)"
        else:
            regex = f"metavariable-regex:\n  metavariable: $METHOD\n  regex: ^({'|'.join(methods)})$"
            yield _listed("patterns", [f"pattern: {owner}.$METHOD(...)", regex])


def _requests(model: Model) -> Iterator[str]:
    """Calls that send a request."""
    yield from (f"pattern: {name}(...)" for name, _ in callables(model, lambda entry: entry.http_request is not None))


def _payments(model: Model) -> Iterator[str]:
    """Calls that make a payment, and another one when they are made again."""

    def conditions(entry: Entry) -> Iterator[str]:
        assert entry.payment is not None
        yield from (f"pattern-not: $CALL(..., {keyword}=$KEY, ...)" for keyword in entry.payment.key.keywords)
        yield from _UNKNOWN_ARGUMENTS

    found = callables(model, lambda entry: entry.payment is not None and entry.payment.again == "adds" and not entry.payment.key.inside)
    return _grouped(found, _called, conditions)


def _keys(model: Model) -> Iterator[str]:
    """Calls with an argument for an idempotency key; $KEY is what they are given."""
    for name, entry in callables(model, lambda entry: entry.payment is not None and not entry.payment.key.inside):
        assert entry.payment is not None
        yield from (f"pattern: {name}(..., {keyword}=$KEY, ...)" for keyword in entry.payment.key.keywords)


def _responses(model: Model) -> Iterator[str]:
    """Calls whose arguments are sent to the client; $DETAIL is one that is."""
    for name, entry in callables(model, lambda entry: entry.response is not None and not entry.response.masked):
        assert entry.response is not None
        for parameter in entry.response.body:
            yield from (f"pattern: {name}(..., {keyword}=$DETAIL, ...)" for keyword in parameter.keywords)
            if parameter.position is not None:
                before = "".join(f"$A{number}, " for number in range(parameter.position))
                yield f"pattern: {name}({before}$DETAIL, ...)"


def _fresh(model: Model) -> Iterator[str]:
    """Calls that give another value each time."""
    yield from (f"pattern: {name}(...)" for name, _ in callables(model, lambda entry: entry.fresh is not None))


def _strategies(model: Model) -> Iterator[str]:
    """Building blocks of retry policies that must be called before they are passed on."""
    yield from (f"pattern: {name}" for name in sorted({name for one in model.strategy if not one.instance for name in one.name}))


def _locks(model: Model) -> Iterator[str]:
    """Calls that make a lock or semaphore."""
    yield from (f"pattern: {name}(...)" for name, _ in callables(model, lambda entry: entry.lock is not None))


def _thread_locks(model: Model) -> Iterator[str]:
    """Calls that make a lock which stops its whole thread, and not only a task."""
    found = callables(model, lambda entry: entry.lock is not None and entry.lock.holder != "task")
    yield from (f"pattern: {name}(...)" for name, _ in found)


def _breakers(model: Model) -> Iterator[str]:
    """Calls that make a circuit breaker."""

    def conditions(entry: Entry) -> Iterator[str]:
        assert entry.breaker is not None
        yield "pattern-not: $CALL(..., **$OPTIONS)"
        for parameter in entry.breaker.shared:
            yield from (f"pattern-not: $CALL(..., {keyword}=$SHARED, ...)" for keyword in parameter.keywords)
            if parameter.position is not None:
                yield f"pattern-not: $CALL({', '.join(f'$A{number}' for number in range(parameter.position + 1))}, ...)"

    return _grouped(callables(model, lambda entry: entry.breaker is not None), _called, conditions)


def _loops(model: Model) -> Iterator[str]:
    """Calls that run an event loop until something is done."""
    yield from (f"pattern: {name}(...)" for name, _ in callables(model, lambda entry: entry.loop_run is not None))


def _exits(model: Model) -> Iterator[str]:
    """Calls that end the process, whatever they are given."""

    def wanted(entry: Entry) -> bool:
        return entry.exit is not None and entry.exit.process is None and entry.exit.signal is None

    for name, _ in callables(model, wanted):
        # What stands for itself as a word, such as exit(), may be anything in a file that binds it; nobody imports it.
        if not name.startswith("builtins."):
            yield f"pattern: {name}(...)"


def _retries_once(model: Model) -> Iterator[str]:
    """Decorators that repeat the making of a generator, and nothing of what happens in it."""

    def wanted(entry: Entry) -> bool:
        policy = entry.retry
        return (
            policy is not None
            and policy.subject == "function"
            and policy.generators == "once"
            and not policy.optional
            and not entry.versions
        )

    yield from (f"pattern: {name}" for name, _ in callables(model, wanted))


def _sync_only(model: Model) -> Iterator[str]:
    """Decorators that see no more of a coroutine than that it was made."""

    def wanted(entry: Entry) -> bool:
        return entry.sync_only is not None and entry.sync_only.unless is None and not entry.versions

    yield from (f"pattern: {name}" for name, _ in callables(model, wanted))


def _metrics(model: Model) -> Iterator[str]:
    """Calls that make a metric of a fixed name among those of the whole process."""

    def made(name: str, _: Entry) -> str:
        return f'{name}("$NAME", ...)'

    def conditions(entry: Entry) -> Iterator[str]:
        assert entry.metric is not None
        if entry.metric.registry is not None:
            yield from (f"pattern-not: $CALL(..., {keyword}=$REGISTRY, ...)" for keyword in entry.metric.registry.keywords)
        yield from _UNKNOWN_ARGUMENTS

    return _grouped(callables(model, lambda entry: entry.metric is not None and entry.metric.name.position == 0), made, conditions)


LISTS: dict[str, Callable[[Model], Iterator[str]]] = {
    "blocking": _blocking,
    "breaker": _breakers,
    "exit": _exits,
    "fresh": _fresh,
    "http-request": _requests,
    "idempotency-key": _keys,
    "lock": _locks,
    "loop-run": _loops,
    "metric": _metrics,
    "payment": _payments,
    "response": _responses,
    "retry-once": _retries_once,
    "strategy": _strategies,
    "sync-only": _sync_only,
    "thread-lock": _thread_locks,
    "wait": _unbounded,
    "wait-none": _disabled,
}

# What is looked for in a part of a call, where no import can be seen.
_UNGUARDED = frozenset({"breaker", "fresh", "retry-once", "sync-only", "thread-lock"})


def _called(name: str, _: Entry) -> str:
    return f"{name}(...)"


def _grouped(
    found: list[tuple[str, Entry]], pattern: Callable[[str, Entry], str], conditions: Callable[[Entry], Iterable[str]]
) -> Iterator[str]:
    """The alternatives for callables: one for all that stand under the same conditions."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, entry in found:
        groups.setdefault(tuple(conditions(entry)), []).append(f"pattern: {pattern(name, entry)}")
    for shared, patterns in groups.items():
        if shared:
            yield _listed("patterns", [patterns[0] if len(patterns) == 1 else _listed("pattern-either", patterns), *shared])
        else:
            yield from patterns


def _listed(key: str, items: Iterable[str]) -> str:
    return f"{key}:\n" + "\n".join(f"  - {_indented(item, '    ')}" for item in items)


def _indented(text: str, indent: str) -> str:
    return text.replace("\n", f"\n{indent}")


def block(model: Model, what: str) -> str:
    """The alternative of one library: its callables, behind the guard."""
    found = list(LISTS[what](model))
    if not found:
        return ""
    if what in _UNGUARDED:
        return "".join(f"- {_indented(one, '  ')}\n" for one in found)
    alternatives = "\n".join(f"        - {_indented(one, '          ')}" for one in found)
    return (
        "- patterns:\n"
        "    - pattern-inside:\n"
        f"        pattern-regex: {_IMPORTS.format(library=model.library)}\n"
        "    - pattern-not-inside: |\n"
        f"        def $SHADOW(..., {model.library}, ...):\n"
        "          ...\n"
        "    - pattern-either:\n"
        f"{alternatives}\n"
    )


def filled(pack: str) -> str:
    """A pack's text with its lists brought up to date."""

    def lines(match: re.Match[str]) -> str:
        library, what, indent = match["library"], match["what"], match["indent"]
        if what not in LISTS:
            raise SystemExit(f"'{what}' is not listed; what is: {', '.join(LISTS)}")
        models = [model for model in shipped() if library in ("any", model.library)]
        if not models:
            raise SystemExit(f"there is no model of '{library}'")
        text = "".join(block(model, what) for model in models)
        if not text:
            raise SystemExit(f"no library model says anything about {library}.{what}")
        body = "".join(f"{indent}{line}\n" for line in text.splitlines())
        return f"{indent}# generated: {library}.{what}\n{body}{indent}# end of generated"

    return _LIST.sub(lines, pack)


def main() -> int:
    """Writes the packs, or says which are out of date."""
    parser = argparse.ArgumentParser(prog="tools.semgrep_lists", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something would change")
    parser.add_argument("--packs", type=Path, default=PACKS, metavar="FOLDER", help="where the packs are; rules/ if not given")
    arguments = parser.parse_args()
    stale = 0
    for path in sorted(arguments.packs.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        wanted = filled(text)
        if text == wanted:
            continue
        stale += 1
        if arguments.check:
            print(f"{path} is not up to date: run python -m tools.semgrep_lists")
        else:
            path.write_text(wanted, encoding="utf-8", newline="\n")
            print(f"written: {path}")
    return 1 if arguments.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
