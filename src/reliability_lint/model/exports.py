"""What other places may know of a function or class: plain data, for this file and, as part of its facts, for all others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from .values import UNKNOWN, Datum, Made, Site


class Given(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    An argument that a function hands on: what its caller passed for the parameter `name`, or by `position` (from 0, `self` left out; None where only
    the keyword works). `whole`: as it is, else as a part of a text or a container. `default` is what is handed on where the caller passes nothing;
    None where it must pass something. `asked`: a condition around asks about it, or for a debug switch, so that it does not always get there.
    """

    name: str
    position: int | None = None
    whole: bool = True
    default: Datum | None = None
    asked: bool = False


class Forward(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A call in a function's body that hands on what the function was given.

    `given` says which arguments, by position (as text) or keyword; they are unknown in `call`. `rest`: so is every other keyword, by `**kwargs`.
    `guarded`: it stands in a loop or a `try`. `limited`: something around it may end it in time. `site` is where it stands, where that is known.
    """

    call: Made
    given: dict[str, Given] = {}
    rest: bool = False
    guarded: bool = False
    limited: bool = False
    site: Site | None = None


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A call in a function's own body that whoever calls the function has to reckon with: of another function of the project, or a modelled one that keeps
    its thread or comes from a client that repeats requests.

    `name` is as this file knows it; `call` is given for modelled ones, and `site` is where one stands that keeps its thread. `conditional`: it stands in a branch, a loop's
    `else` or a handler. `caught`: in a `try` whose handlers may end its failure. `to` begins what its first argument says: the host of an address, or the
    constant that it begins with; "" where it begins with anything else.
    """

    name: str
    call: Made | None = None
    site: Site | None = None
    conditional: bool = False
    caught: bool = False
    to: str = ""


def short(name: str) -> str:
    """A function's name as its users know it: with its class, without its module."""
    *_, before, last = ("", *name.split("."))
    if last == "__init__":
        return before
    return f"{before}.{last}" if before[:1].isupper() else last


def way_in_words(way: Iterable[str], last: str = "") -> str:
    """The functions on a way, and what the last one calls: `load() → fetch() → requests.get()`."""
    return " → ".join([*(f"{short(name)}()" for name in way), *([f"{last}()"] if last else [])])


class FunctionFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A function or method. `gives` is what calling it gives (awaited, where it is a coroutine function), `yields` what it yields.

    `decorators` are their dotted names. A function with decorators of unknown effect gives nothing that is known. `forwards` are the calls to which it
    hands on what it is given, `hands_back` the parameter that it returns as it is, `makes` the one for a class of which
    it gives an instance, `tells` are the parameters for exceptions whose text is in what it gives, and `always_raises` says that it never returns.
    `steps` are the calls in it that its callers have to reckon with; where its decorators keep its result they are left out. `repeated` is the decorator
    that repeats it.
    """

    gives: Datum = UNKNOWN
    yields: Datum = UNKNOWN
    asynchronous: bool = False
    generator: bool = False
    decorators: tuple[str, ...] = ()
    forwards: tuple[Forward, ...] = ()
    hands_back: Given | None = None
    makes: Given | None = None
    tells: tuple[Given, ...] = ()
    always_raises: bool = False
    steps: tuple[Step, ...] = ()
    repeated: Made | None = None


class Use(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A call that sets an application up: a route, an inclusion, a middleware, a handler of exceptions.

    `on` is the dotted name of what it is called on, `named` those of the arguments that are plain names, by position (as text) or keyword; `function` is what
    it decorates.
    """

    call: Made
    on: str = ""
    named: dict[str, str] = {}
    function: str = ""


class Landmark(msgspec.Struct, frozen=True):
    """A call that says what a program is there for, or that a job of it may run for ever; `site` is where it stands."""

    call: Made
    site: Site


Wording: TypeAlias = Literal["fixed", "filled", "derived"]


class Quoted(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a `raise` puts into its exception of another one, in the argument `slot`: a position (as text) or a keyword. `of` are the names of what that may
    be, "" where it is not known, and `attribute` the one of its attributes that is put in; "" for its text. `site` is where this stands.
    """

    slot: str
    of: tuple[str, ...] = ()
    attribute: str = ""
    site: Site | None = None


class Raising(msgspec.Struct, frozen=True, omit_defaults=True):
    """With which words a file raises the exceptions of a class: the ones of the worst `raise`, and what all of them quote."""

    wording: Wording = "fixed"
    quotes: tuple[Quoted, ...] = ()


class Says(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What an exception of a class of its own says of what it was made with.

    `attributes` are those of an instance that hold what was passed, and which parameters of the constructor that is. `up` is what the constructor hands on
    to that of its base, by position (as text) or keyword; None where it hands on nothing, and the exception says all that was passed by position.
    `text` are the attributes whose text the class gives for itself; None where it leaves that to its base. `made`: it has a constructor.
    """

    attributes: dict[str, tuple[Given, ...]] = {}
    up: dict[str, tuple[Given, ...]] | None = None
    text: tuple[str, ...] | None = None
    made: bool = False


class ClassFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A class: its bases as dotted names, its methods, what its instances' attributes hold; `nested` are the classes in its body: `Meta`, `Config`.

    `says` is given for exceptions with a constructor or a text of their own.
    """

    bases: tuple[str, ...] = ()
    methods: dict[str, FunctionFacts] = {}
    attributes: dict[str, Datum] = {}
    nested: dict[str, ClassFacts] = {}
    says: Says | None = None
