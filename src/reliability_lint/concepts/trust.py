"""What stands between a stranger's request and the code that serves it."""

from __future__ import annotations

from typing import Literal

from .base import Concept, Parameter


class SizeLimit(Parameter, frozen=True):
    """The argument that limits how many bytes a request may have: `default` holds without it, and `none` tells what `None` means."""

    default: int | Literal["unlimited", "unknown"] = "unknown"
    none: Literal["unlimited", "default"] = "unlimited"


class Guard(Concept, frozen=True):
    """
    Decides which requests get through: a decorator, a dependency, a base class, a function that raises, or an argument of a call that does something else.

    `kind` tells what it looks at, where the callable itself is the guard; `switch` is the argument that, when it is false, makes it let everybody through,
    `inverse` the one that does so when it is true. The other keys name arguments that hold guards: of one kind, or of any (`dependencies`). `methods` and
    `methods_argument` are the verbs that get through.
    """

    kind: Literal["authentication", "permission", "rate-limit", "validation", "size", "method", ""] = ""
    switch: Parameter | None = None
    inverse: Parameter | None = None
    authentication: Parameter | None = None
    permission: Parameter | None = None
    rate_limit: Parameter | None = None
    validation: Parameter | None = None
    size: SizeLimit | None = None
    dependencies: Parameter | None = None
    methods: tuple[str, ...] = ()
    methods_argument: Parameter | None = None


class Validator(Concept, frozen=True):
    """
    Has a function check what somebody sent: the function that is decorated, or, of a base class, the `methods` of those that derive from it.

    A name in `methods` that ends in `*` stands for all that begin so. `refuses` is the exception by which such a function says no; without it, it says so
    by what it returns.
    """

    methods: tuple[str, ...] = ()
    refuses: str = ""

    def validates(self, method: str) -> bool:
        """Whether a method of this name checks what was sent."""
        return any(method.startswith(name[:-1]) if name.endswith("*") else method == name for name in self.methods)


class Verification(Concept, frozen=True):
    """
    Tells whether something is what it claims to be, and raises where it is not.

    `switch` is the argument that, when it is false, makes it take everything for genuine.
    """

    switch: Parameter | None = None
