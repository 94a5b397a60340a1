"""
Other linters that ask what our rules ask: what their codes mean to us, and which of our findings they report as well.

All of it is data, in `rules/peers.toml`. Whether a finding is one of those that a peer reports too is decided by `meanings.peers`, which sees its node.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

# Settings are checked in runs in which nothing else is read; a test holds this against the data.
PEERS = ("bandit", "flake8", "flake8-async", "flake8-bugbear", "pylint", "ruff")
_DATA = Path(__file__).parent / "rules" / "peers.toml"


class Reports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Findings of ours that a peer surely reports too: those for which all that is given here holds. `rules/peers.toml` says what each key means."""

    rules: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    none: str = ""
    absent: str = ""
    alone: bool = False
    catches: tuple[str, ...] = ()
    single: bool = False
    body: str = ""
    leaves: tuple[str, ...] = ()
    imports: str = ""
    sql: str = ""
    raises: str = ""
    asserts: bool = False


class PeerCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a peer asks under one code; `rules` are ours that ask the same. Of others it may report findings all the same, as `reports` tells."""

    peer: str
    code: str
    default: bool
    rules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    reports: tuple[Reports, ...] = ()

    @property
    def meets(self) -> frozenset[str]:
        """The codes of all rules of ours whose findings it may report too."""
        return frozenset(self.rules).union(*(one.rules for one in self.reports))


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    check: tuple[PeerCheck, ...]


@lru_cache(maxsize=1)
def peer_checks() -> tuple[PeerCheck, ...]:
    """Every check of every peer that one of our rules has in common with it."""
    return msgspec.convert(tomllib.loads(_DATA.read_text(encoding="utf-8")), _Data).check


@lru_cache(maxsize=64)
def left_to(names: tuple[str, ...]) -> Mapping[str, tuple[Reports, ...]]:
    """
    What is left to the peers with these names, by the codes of our rules.

    A peer's name alone means what it reports unasked; a name with a code (`ruff:S113`) means that check, which the user has switched on.
    """
    found: dict[str, tuple[Reports, ...]] = {}
    for check in peer_checks():
        if f"{check.peer}:{check.code}" in names or (check.default and check.peer in names):
            for one in check.reports:
                for code in one.rules or check.rules:
                    found[code] = (*found.get(code, ()), one)
    return found


def deferrable() -> Iterable[str]:
    """All that may stand in the setting `defer-to`."""
    return (*PEERS, *(f"{check.peer}:{check.code}" for check in peer_checks() if check.reports))


# Which peers read which comments: a code of a plugin of flake8 is ruff's too, and the other way round.
_READERS = {
    "noqa": frozenset({"ruff", "flake8", "flake8-async", "flake8-bugbear", "flake8-logging"}),
    "nosec": frozenset({"bandit"}),
    "pylint": frozenset({"pylint"}),
    "nosemgrep": frozenset({"semgrep"}),
}


@lru_cache(maxsize=1024)
def meant(kind: str, name: str) -> frozenset[str]:
    """The codes of our rules that ask what a peer's comment of this kind names: `noqa` and S113, `pylint` and missing-timeout."""
    if kind == "nosemgrep":  # an identifier is known by its last part
        name = name.rpartition(".")[2]
    return frozenset(
        code
        for check in peer_checks()
        if check.peer in _READERS[kind] and (name in (check.code, *check.names) or (kind == "noqa" and check.code.startswith(name)))
        for code in check.rules
    )
