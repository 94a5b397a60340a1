"""Where first-party modules are, and what they export."""

# Paths are strings here: a run asks for thousands of modules.
# ruff: noqa: PTH118, PTH120, PTH122, PTH208

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ..facts.asked import Asked
from ..facts.facts import FileFacts
from .view import DISK, View

FactsOf = Callable[[str], FileFacts | None]  # path → facts
AnyPath = str | os.PathLike[str]

_SETTINGS = re.compile(r"""DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""")
_LONGEST_SCRIPT = 100_000  # bytes
_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", "manage.py", "requirements.txt")
NAMING = frozenset({"__init__.py", *_MARKERS})  # files whose coming or going may give other modules other names


class Layout:
    """How modules lie in the file system, remembered for a run: a repository is not expected to change while it is read."""

    def __init__(self, view: View = DISK) -> None:
        self._view = view
        self._package: dict[str, tuple[str, str]] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self._folders: dict[tuple[str, str], str | None] = {}
        self._with: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        self._listing: dict[str, frozenset[str]] = {}

    def module_name(self, path: AnyPath) -> tuple[str, bool]:
        """The dotted name under which a file is imported, and whether it is a package's `__init__`."""
        folder, name = os.path.split(os.fspath(path))
        _, package = self._package_of(folder)
        stem, _ = os.path.splitext(name)
        if stem == "__init__":
            return package, True
        return (f"{package}.{stem}" if package else stem), False

    def _package_of(self, folder: str) -> tuple[str, str]:
        """
        The folder from which a folder's package is imported, and the package's dotted name.

        A folder without `__init__.py` is a part of the package around it, if there is one. Where there is none it is named from the project's
        folder, or the `src` in it.
        """
        known = self._package.get(folder)
        if known is None:
            known = (folder, "")
            above, name = os.path.split(folder)
            if above != folder and name.isidentifier() and not self._is_root(folder):
                root, package = self._package_of(above)
                if package or "__init__.py" in self.names(folder) or self._is_root(root):
                    known = (root, f"{package}.{name}" if package else name)
            self._package[folder] = known
        return known

    def _is_root(self, folder: str) -> bool:
        """Whether a folder is a project's, or the one in which such a project keeps its packages."""
        names = self.names(folder)
        if any(marker in names for marker in _MARKERS):
            return not self._is_managed_package(folder)
        above, name = os.path.split(folder)
        return name == "src" and "__init__.py" not in names and any(marker in self.names(above) for marker in _MARKERS)

    def _is_managed_package(self, folder: str) -> bool:
        """Whether a folder with Django's `manage.py` is itself in the package whose settings that names: `shop/manage.py` with `shop.settings`."""
        names = self.names(folder)
        if "__init__.py" not in names or not {"manage.py"}.issuperset(names.intersection(_MARKERS)):
            return False
        try:
            text = self._view.read(os.path.join(folder, "manage.py"))[:_LONGEST_SCRIPT].decode("utf-8", "replace")
        except OSError:
            return False
        found = _SETTINGS.search(text)
        named = found.group(1).split(".") if found is not None else []
        here = list(Path(folder).parts)
        return any(here[-count:] == named[:count] for count in range(1, len(named)))

    def names(self, folder: str) -> frozenset[str]:
        """What lies in a folder."""
        names = self._listing.get(folder)
        if names is None:
            try:
                names = frozenset(os.listdir(folder))
            except OSError:
                names = frozenset()
            names = self._listing[folder] = self._view.names(folder, names)
        return names

    def roots(self, path: AnyPath) -> tuple[str, ...]:
        """The folders from which a file's absolute imports may start, the nearest first, up to the project's."""
        folder = os.path.dirname(os.fspath(path))
        known = self._roots.get(folder)
        if known is None:
            start, _ = self._package_of(folder)
            # A script finds what lies beside it, and what is run by a `manage.py` what lies beside that.
            found = [] if "__init__.py" in self.names(folder) else [folder]
            found += [parent for parent in _upward(folder, start) if "manage.py" in self.names(parent)]
            found.append(start)
            for parent in _upward(start):
                names = self.names(parent)
                found += [parent, os.path.join(parent, "src")] if "src" in names else [parent]
                if any(marker in names for marker in _MARKERS) or len(found) > 12:
                    break
            known = tuple(dict.fromkeys(found))
            self._roots[folder] = known
        return known

    def find(self, module: str, path: AnyPath) -> str | None:
        """The file of a module as imported from the file at `path`."""
        return self.find_below(self.roots(path), module)

    def find_below(self, roots: tuple[str, ...], module: str) -> str | None:
        """The file of a module as imported from any file with these roots."""
        for root in self._beginning(module.partition(".")[0], roots):
            found = self._look(root, module)
            if found is not None:
                return found
        return None

    def _beginning(self, name: str, roots: tuple[str, ...]) -> tuple[str, ...]:
        """The roots in which a name is anything at all: most names are those of libraries, which are in none."""
        known = self._with.get((name, roots))
        if known is None:
            known = tuple(root for root in roots if name in self.names(root) or f"{name}.py" in self.names(root))
            self._with[name, roots] = known
        return known

    def _look(self, root: str, module: str) -> str | None:
        key = (root, module)
        if key in self._found:
            return self._found[key]
        package, _, last = module.rpartition(".")
        folder = self._folder(root, package)
        found: str | None = None
        if folder is not None:
            names = self.names(folder)
            if last in names and "__init__.py" in self.names(inside := os.path.join(folder, last)):
                found = os.path.join(inside, "__init__.py")
            elif f"{last}.py" in names:
                found = os.path.join(folder, f"{last}.py")
        self._found[key] = found
        return found

    def _folder(self, root: str, package: str) -> str | None:
        """The folder of a package below a root, with or without an `__init__.py`."""
        if not package:
            return root
        key = (root, package)
        if key not in self._folders:
            around, _, last = package.rpartition(".")
            folder = self._folder(root, around)
            self._folders[key] = os.path.join(folder, last) if folder is not None and last in self.names(folder) else None
        return self._folders[key]


def _upward(folder: str, last: str = "") -> Iterator[str]:
    """A folder and those above it, up to the last."""
    yield folder
    while folder != last and (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


class FileSources:
    """The answers for one file: its imports start where it lies. Remembers what it was asked."""

    def __init__(self, path: AnyPath, layout: Layout, facts_of: FactsOf) -> None:
        self.path = os.fspath(path)
        self.layout = layout
        self.facts_of = facts_of
        self.asked: dict[str, Asked | None] = {}

    def facts(self, module: str) -> Asked | None:
        """The facts of a first-party module, or None where there is no such file."""
        if module in self.asked:
            return self.asked[module]
        if not module or not all(map(str.isidentifier, module.split("."))):
            return None
        found = self.layout.find(module, self.path)
        facts = self.facts_of(found) if found is not None and found != self.path else None
        asked = self.asked[module] = Asked(facts) if facts is not None else None
        return asked
