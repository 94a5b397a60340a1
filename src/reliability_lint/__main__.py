"""`python -m reliability_lint`."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Python then looks for modules in the working directory first. What is checked may lie there, and nothing of it is to be imported for what is meant.
    if not sys.flags.safe_path and Path(__file__).resolve().parents[1] != Path.cwd().resolve():
        del sys.path[0]
    from .fronts.cli import main

    main()
