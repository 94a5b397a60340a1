"""Options that several commands have in common, handed to each as one argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Command = Callable[..., Any]
Option = Callable[[Command], Command]
_Gathered = TypeVar("_Gathered", bound=tuple[Any, ...])


def gathered(name: str, kind: type[_Gathered], options: Sequence[Option]) -> Callable[[Command], Command]:
    """Gives a command some options. What they are given comes as the argument `name`: a named tuple whose fields are called as they are."""
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]

    def add(command: Command) -> Command:
        def with_options(**given: Any) -> Any:
            return command(**{name: kind(*(given.pop(field) for field in fields))}, **given)

        with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
        with_options.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
        result: Command = with_options
        for option in reversed(options):
            result = option(result)
        return result

    return add
