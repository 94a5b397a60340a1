"""A contract for import-linter that it does not bring along: who may import a foreign package's private modules."""

from __future__ import annotations

import re

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateImports(Contract):
    """
    Only `allowed` modules, and those below them, may import what begins with an underscore in `packages`.

    import-linter knows a foreign package as a whole, not its modules; the lines of the imports tell them apart.
    """

    packages = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        found: list[str] = []
        for package in self.packages:  # type: ignore[attr-defined]
            private = re.compile(rf"\b{re.escape(package)}(\.\w+)*(\._|\s+import\s+.*\b_)")
            for importer in sorted(graph.find_modules_that_directly_import(package)):
                if any(f"{importer}.".startswith(f"{module}.") for module in self.allowed):  # type: ignore[attr-defined]
                    continue
                found += [
                    f"{importer}:{details['line_number']}: {details['line_contents']}"
                    for details in graph.get_import_details(importer=importer, imported=package)
                    if private.search(details["line_contents"])
                ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Prints the lines."""
        for line in check.metadata["found"]:
            output.print_error(line)
