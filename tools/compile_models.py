"""
Run by hatchling when the package is built: writes the library models down in the form in which they are read fastest.

The TOML files stay what counts. What is written here is used as long as they are the same to the byte.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileModels(BuildHookInterface[Any]):
    """Puts the compiled models into the wheel, and for an editable install beside their sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        source = Path(self.root) / "src"
        sys.path.insert(0, str(source))
        from reliability_lint.libraries.load import COMPILED, compiled

        place = source / "reliability_lint" / "libraries" / COMPILED
        place.write_bytes(compiled())
        build_data["artifacts"].append(f"/{place.relative_to(self.root).as_posix()}")
