"""For all tests: how long an example takes says nothing about whether it is right, and machines have other work to do."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis is not there where library models are held against the libraries alone."""
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import HealthCheck, settings

        settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("unhurried")
