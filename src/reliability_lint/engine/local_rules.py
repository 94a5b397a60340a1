"""
Rules that lie in the project that is checked: code of that project, which is executed only where the user has said so outside of it.

Where he has not, their declarations are read and nothing more, so that settings and comments that name them are not taken for mistakes.
"""

# ruff: noqa: PTH112, PTH113, PTH118, PTH120

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from .. import registry
from ..mistake import Mistake
from ..text.paths import shown_path
from .cache import digest
from .declarations import plain_rules
from .selection import Entry, know
from .settings import PRESETS


@cache
def load(path: str) -> bytes:
    """
    Has the rules in a folder or a file known, once in this process, and executed when they are needed: at once where what they declare leaves something open.

    Gives by what their code is known, that which is executed in this process, whatever becomes of the files.
    """
    known = _digest(path)
    plain = plain_rules(_modules(path), path) if registry.is_described() else None
    if plain is None or not registry.declare_local(path, plain, lambda: _execute(path, known)):
        _execute(path, known)
    know()
    return known


def _execute(path: str, known: bytes) -> None:
    """Imports the modules. Nothing is written beside them."""
    if _digest(path) != known:
        raise Mistake("these local rules have changed while they were used", path=shown_path(path), hint="start again")
    package = f"reliability_lint_local_{digest(os.fsencode(path)).hex()[:16]}"
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        registry.import_local(package, path, lambda: _module(package, path))
    finally:
        sys.dont_write_bytecode = writes


def _module(name: str, path: str) -> ModuleType:
    """The folder as a package of this name, or the file as a module in one, so that both may import what lies beside them."""
    from importlib import import_module
    from importlib.util import module_from_spec, spec_from_file_location

    folder = path if os.path.isdir(path) else os.path.dirname(path)
    first = os.path.join(folder, "__init__.py")
    if folder == path and os.path.isfile(first):
        spec = spec_from_file_location(name, first, submodule_search_locations=[folder])
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    sys.modules[name] = package = ModuleType(name)
    package.__path__ = [folder]
    return package if folder == path else import_module(f"{name}.{Path(path).stem}")


def files(path: str) -> Iterator[str]:
    """The Python files of a folder and of its packages, in order; a file itself."""
    if os.path.isfile(path):
        yield path
        return
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(name for name in inner if name.isidentifier() and name != "__pycache__")
        yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def _digest(path: str) -> bytes:
    """By what the code of local rules is known; that of a file includes what lies beside it."""
    return digest(b"".join(digest(Path(file).read_bytes()) for file in _sources(path) if os.path.isfile(file)) + os.fsencode(path))


def _modules(path: str) -> list[str]:
    """The files that are imported: of folders in a folder only packages count."""
    return [
        file
        for file in files(path)
        if all((folder / "__init__.py").is_file() for folder in Path(file).parents if Path(path) in folder.parents)
    ]


def _sources(path: str) -> list[str]:
    return list(files(path)) if os.path.isdir(path) else sorted(map(str, Path(path).parent.glob("*.py")))


@cache
def look_at(path: str) -> None:
    """Reads which rules there are in a file or folder, and executes nothing."""
    know(declared(path))


def declared(path: str) -> Iterator[Entry]:
    """The rules in a file or folder, as their declarations say; nothing is executed."""
    for file in files(path):
        yield from _declared(file)


def _declared(file: str) -> Iterator[Entry]:
    """The functions under `@rule("ACM101")`, if what is there is Python at all."""
    import ast

    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Name() | ast.Attribute(), args=[ast.Constant(value=str(code))]) if registry.is_code(code):
                    said = next((word.value for word in decorator.keywords if word.arg == "set"), None)
                    chosen = said.value if isinstance(said, ast.Constant) and said.value in PRESETS else PRESETS[0]
                    yield Entry(code, node.name.replace("_", "-"), "local", str(chosen))
