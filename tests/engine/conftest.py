"""Every test of the engine that is about selection, settings or comments sees the same few rules."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from still_rules import RULES

from reliability_lint import registry
from reliability_lint.engine import selection

_USERS = ("test_selection", "test_settings", "test_suppress", "test_discover")


@pytest.fixture(autouse=True)
def still_rules(request, monkeypatch):
    if request.module.__name__ not in _USERS:
        yield
        return
    catalogue = {**selection.catalogue()}
    for one in RULES.values():
        catalogue[one.code] = selection.Entry(one.code, one.name, one.family, one.set)
    monkeypatch.setattr(registry, "rules", lambda: MappingProxyType(RULES))
    monkeypatch.setattr(registry, "_described", {})
    monkeypatch.setattr(selection, "catalogue", lambda: catalogue)
    caches = (selection.expand, selection._chosen)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()
