"""reliability-lint: finds what will page you in Python backend code."""

__version__ = "0.1.0"
