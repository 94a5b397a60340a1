"""Where first-party modules are, and what they export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..facts.facts import FileFacts

FactsOf = Callable[[str], FileFacts | None]  # path → facts

_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", "manage.py", "requirements.txt")


class Layout:
    """How modules lie in the file system, remembered for a run: a repository is not expected to change while it is read."""

    def __init__(self) -> None:
        self._package: dict[Path, tuple[Path, str]] = {}
        self._roots: dict[Path, tuple[Path, ...]] = {}
        self._found: dict[tuple[Path, str], str | None] = {}
        self._listing: dict[Path, frozenset[str]] = {}

    def module_name(self, path: Path) -> tuple[str, bool]:
        """The dotted name under which a file is imported, and whether it is a package's `__init__`."""
        _, package = self._package_of(path.parent)
        if path.stem == "__init__":
            return package, True
        return (f"{package}.{path.stem}" if package else path.stem), False

    def _package_of(self, folder: Path) -> tuple[Path, str]:
        """
        The folder from which a folder's package is imported, and the package's dotted name.

        A folder without `__init__.py` is a part of the package around it, if there is one. Where there is none it is named from the project's
        folder, or the `src` in it.
        """
        known = self._package.get(folder)
        if known is None:
            known = (folder, "")
            if folder.parent != folder and folder.name.isidentifier() and not self._is_root(folder):
                root, package = self._package_of(folder.parent)
                if package or "__init__.py" in self._names(folder) or self._is_root(root):
                    known = (root, f"{package}.{folder.name}" if package else folder.name)
            self._package[folder] = known
        return known

    def _is_root(self, folder: Path) -> bool:
        """Whether a folder is a project's, or the one in which such a project keeps its packages."""
        names = self._names(folder)
        if any(marker in names for marker in _MARKERS):
            return True
        return folder.name == "src" and "__init__.py" not in names and any(marker in self._names(folder.parent) for marker in _MARKERS)

    def _names(self, folder: Path) -> frozenset[str]:
        names = self._listing.get(folder)
        if names is None:
            try:
                names = frozenset(entry.name for entry in folder.iterdir())
            except OSError:
                names = frozenset()
            self._listing[folder] = names
        return names

    def roots(self, path: Path) -> tuple[Path, ...]:
        """The folders from which a file's absolute imports may start, the nearest first, up to the project's."""
        folder = path.parent
        known = self._roots.get(folder)
        if known is None:
            start, _ = self._package_of(folder)
            # A script finds what lies beside it, and what is run by a `manage.py` what lies beside that.
            found = [] if "__init__.py" in self._names(folder) else [folder]
            found += [parent for parent in (folder, *folder.parents) if parent.is_relative_to(start) and "manage.py" in self._names(parent)]
            found.append(start)
            for parent in (start, *start.parents):
                found += [parent, parent / "src"] if "src" in self._names(parent) else [parent]
                if any(marker in self._names(parent) for marker in _MARKERS) or len(found) > 12:
                    break
            known = tuple(dict.fromkeys(found))
            self._roots[folder] = known
        return known

    def find(self, module: str, path: Path) -> str | None:
        """The file of a module as imported from the file at `path`."""
        for root in self.roots(path):
            found = self._look(root, module)
            if found is not None:
                return found
        return None

    def _look(self, root: Path, module: str) -> str | None:
        key = (root, module)
        if key in self._found:
            return self._found[key]
        folder = root
        *parents, last = module.split(".")
        found: str | None = None
        for name in parents:
            if name not in self._names(folder):
                break
            folder /= name
        else:
            if last in self._names(folder) and "__init__.py" in self._names(folder / last):
                found = str(folder / last / "__init__.py")
            elif f"{last}.py" in self._names(folder):
                found = str(folder / f"{last}.py")
        self._found[key] = found
        return found


class FileSources:
    """The answers for one file: its imports start where it lies. Remembers what it was asked."""

    def __init__(self, path: Path, layout: Layout, facts_of: FactsOf) -> None:
        self.path = path
        self.layout = layout
        self.facts_of = facts_of
        self.asked: dict[str, FileFacts | None] = {}

    def facts(self, module: str) -> FileFacts | None:
        """The facts of a first-party module, or None where there is no such file."""
        if module in self.asked:
            return self.asked[module]
        if not module or not all(map(str.isidentifier, module.split("."))):
            return None
        found = self.layout.find(module, self.path)
        facts = self.facts_of(found) if found is not None and found != str(self.path) else None
        self.asked[module] = facts
        return facts
