"""`python -m reliability_lint`."""

from __future__ import annotations

from .fronts.cli import main

if __name__ == "__main__":
    main()
