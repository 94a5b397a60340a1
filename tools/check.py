"""
Every check that a change must pass: `python -m tools.check`.

They run in order, the quick ones first, and the first that fails ends the run with its exit status.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format --check", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    # import-linter cannot be run as a module.
    ("lint-imports", ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")),
    ("pytest", ("-m", "pytest", "-n", "2")),
)


def main() -> int:
    for name, arguments in STEPS:
        print(f"==> {name}", flush=True)
        status = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode
        if status:
            print(f"==> {name} failed with exit status {status}", flush=True)
            return status
    print("==> all checks passed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
