"""What the model asks of the outside: of libraries, and of the checked project's other files. Both are answered by layers above."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

from .values import Datum, Made

if TYPE_CHECKING:
    from ..facts.asked import Exports
    from ..libraries.schema import Generated


class Knowledge(Protocol):
    """What is known of libraries. All names are canonical dotted paths."""

    @property
    def tails(self) -> frozenset[str]:
        """The last parts of all modelled callables: most calls of a file end at one look into this set."""

    def canonical(self, name: str) -> str:
        """The spelling under which a library's object is modelled."""

    def modelled(self, name: str) -> bool:
        """Whether the name's root is a modelled library."""

    def instance(self, name: str) -> str:
        """The type of a module-level object, or ""."""

    def attribute(self, type_name: str, attribute: str) -> str:
        """The type that an attribute of an instance holds, or ""."""

    @property
    def parameter_names(self) -> frozenset[str]:
        """The names of all parameters with which it matters what a modelled callable is given."""

    @property
    def setting_up(self) -> frozenset[str]:
        """The last parts of all callables that set an application up."""

    def sets_up(self, name: str) -> bool:
        """Whether a call sets an application up: it makes a function a handler, puts a router somewhere, or has something run around requests."""

    def takes_arguments(self, name: str) -> bool:
        """Whether it matters what a callable is given: it waits, asks somebody, runs SQL or answers."""

    def tells(self, name: str) -> bool:
        """Whether those who call a function have to reckon with this call in it: it keeps its thread for the sake of somebody else."""

    def asks(self, name: str) -> bool:
        """Whether a call asks another service."""

    @property
    def repeating(self) -> frozenset[str]:
        """The libraries that have clients with retries of their own."""

    def repeats(self, name: str) -> bool:
        """Whether what is called makes something that repeats: a client with retries of its own, or the policy of a function."""

    @property
    def landmarks(self) -> frozenset[str]:
        """The last parts of all callables that may say what a program is there for."""

    def is_landmark(self, call: Made) -> bool:
        """Whether a call says what a program is there for, or that a background job may run for ever."""

    def returns(self, name: str) -> str:
        """The type that calling `name` gives, or ""."""

    def enters(self, name: str) -> str:
        """The type that `with name(…) as x` gives, where it is not that of the call itself, or ""."""

    def is_type(self, name: str) -> bool:
        """Whether `name` is a modelled type."""

    def is_traced(self, type_name: str) -> bool:
        """Whether a finding may go back to where an instance of this type was made."""

    def method(self, type_name: str, method: str) -> str:
        """The name under which a type's method is modelled, which may be a base's."""

    def generated(self, name: str) -> Generated | None:
        """What is known of a class that a tool wrote into the checked project."""

    def keeps_result(self, name: str) -> bool:
        """Whether a decorator leaves what the decorated function gives as it is: routes, retries, tasks."""

    def becomes(self, decorator: str) -> str:
        """The type of which a function is an object that stands under this decorator, or ""."""

    def injected(self, marker: Made) -> Datum | None:
        """What a marker such as `Depends(f)` takes its value from; None where it is no such marker."""

    def passes(self, bases: Collection[str], imports: Collection[str], method: str, parameters: int, index: int) -> str:
        """The type of what a framework passes to a method of a class with these bases as its argument `index` after `self`, or ""."""

    @property
    def delivering(self) -> frozenset[str]:
        """The last parts of all callables that have a function called with what arrives."""

    def delivered(self, registration: Made) -> tuple[Datum, tuple[str, ...]] | None:
        """The function, or functions, that a call has called with what arrives, and the types of what they are given; None where it does not."""

    def hooks(self, type_name: str) -> frozenset[str]:
        """The methods by which a subclass of this type would change what we know of it."""

    def lineage(self, type_name: str) -> list[str]:
        """A modelled type and all its modelled bases."""

    @property
    def altering(self) -> frozenset[str]:
        """The names of all attributes whose assignment changes an instance of a modelled type."""

    @property
    def mounting(self) -> frozenset[str]:
        """The names of all methods that build a foreign part into an instance of a modelled type."""

    def altered(self, type_name: str, name: str, parts: tuple[str, ...] | None) -> frozenset[str]:
        """Of a type and its bases, those that are changed by assigning to `name`, or by calling it with parts of these types."""


class Sources(Protocol):
    """Answers about the other files of the checked project."""

    def facts(self, module: str) -> Exports | None:
        """The facts of a first-party module, or None where there is no such file."""
