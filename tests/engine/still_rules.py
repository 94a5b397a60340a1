"""Rules that stand still: tests of the engine do not depend on which rules there are."""

from __future__ import annotations

from types import MappingProxyType

from reliability_lint.diagnostics import Severity
from reliability_lint.registry import Rule


def rule(code: str, name: str, family: str, preset: str, **options: object) -> Rule:
    return Rule(code, name, family, preset, Severity.WARNING, f"{name}.", MappingProxyType(options))  # type: ignore[arg-type]


RULES = {
    one.code: one
    for one in (
        rule("REL000", "internal-error", "meta", "recommended"),
        rule("REL001", "syntax-error", "meta", "recommended"),
        rule("REL002", "unused-suppression", "meta", "recommended"),
        rule("REL003", "blanket-suppression", "meta", "recommended"),
        rule("REL004", "suppression-without-reason", "meta", "strict"),
        rule("REL005", "unknown-rule-in-suppression", "meta", "recommended"),
        rule(
            "REL101",
            "missing-timeout",
            "resilience",
            "recommended",
            suggest=10.0,
            clients=("requests",),
            strict=False,
            depth=3,
            note="",
            any=None,
        ),
        rule("REL102", "timeout-disabled", "resilience", "recommended"),
        rule("REL121", "unbounded-retry", "resilience", "strict"),
        rule("REL153", "missing-circuit-breaker", "resilience", "audit"),
        rule("REL301", "sql-interpolated-value", "data", "recommended"),
    )
}
