"""What a file is for. Rules about running services are silent in tests, scripts and migrations, where waiting and failing are somebody's plan."""

from __future__ import annotations

import re
from typing import Literal

Role = Literal["service", "test", "script", "migration"]

_TEST = re.compile(
    r"(^|/)(tests?|testing|test_utils|testutils|conftest\.py|[^/]*_tests?\.py|test_[^/]*\.py|tests?\.py|noxfile\.py|benchmarks?)(/|$)"
)
_MIGRATION = re.compile(r"(^|/)(migrations|alembic/versions|alembic)(/|$)")
_SCRIPT = re.compile(r"(^|/)(scripts?|bin|examples?|docs?|notebooks?|setup\.py|manage\.py|fabfile\.py|tasks/__main__\.py)(/|$)")
_TEST_IMPORT = re.compile(r"^(import|from) (pytest|unittest|nose)\b", re.MULTILINE)


def role(path: str, text: str) -> Role:
    """What a file is for, by where it lies below the checked folder (`path`, with forward slashes) and, for tests, by what it imports."""
    if _TEST.search(path) or _TEST_IMPORT.search(text):
        return "test"
    if _MIGRATION.search(path):
        return "migration"
    if _SCRIPT.search(path):
        return "script"
    return "service"


def sign(path: str, text: str) -> str:
    """By what the role of a file is seen, as `role` sees it; empty for a service."""
    for pattern in (_TEST, _MIGRATION, _SCRIPT):
        if found := pattern.search(path):
            return f"'{found[2]}' in its path"
        if pattern is _TEST and (imported := _TEST_IMPORT.search(text)):
            return f"`{imported[0]}`"
    return ""
