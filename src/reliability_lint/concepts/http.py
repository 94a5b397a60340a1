"""HTTP, from both ends."""

from __future__ import annotations

import msgspec

from .base import Concept, Parameter

Method = str


class HttpRequest(Concept, frozen=True):
    """
    A call that sends a request to another host and waits for the answer.

    `method` is the verb in lower case, or empty where an argument (`method_argument`) gives it.
    """

    method: str = ""
    method_argument: Parameter | None = None
    url: Parameter | None = None
    headers: Parameter | None = None


class Route(Concept, frozen=True):
    """
    Makes a function a request handler.

    `methods` in lower case, empty where `methods_argument` gives them; "any" where every method is let through. `sends_return`: what
    the function returns is what the client gets. `threaded`: a plain function runs in a thread of its own, not on the event loop.
    """

    framework: str
    methods: tuple[str, ...] = ()
    methods_argument: Parameter | None = None
    methods_default: tuple[str, ...] = ("get",)
    path: Parameter | None = None
    handler: Parameter | None = None
    sends_return: bool = False
    threaded: bool = False


class ErrorHandler(Concept, frozen=True):
    """Makes a function the handler of exceptions: its parameter `exception` is one, and what it returns is sent."""

    framework: str
    exception: Parameter
    catches: Parameter | None = None
    handler: Parameter | None = None
    sends_return: bool = True


class Response(Concept, frozen=True):
    """
    A call whose arguments reach the client: a response, an exception that becomes one, a message on a socket.

    `body` lists the arguments that are sent; `rest`: every positional argument from that index on is sent, and `keywords`: every keyword
    argument is. `status` gives the status code, `default_status` holds where it is not given. `masked`: the framework hides the body when
    the status is 500 or more.
    """

    framework: str
    body: tuple[Parameter, ...] = ()
    rest: int | None = None
    keywords: bool = False
    status: Parameter | None = None
    default_status: int = 200
    masked: bool = False


class Injection(Concept, frozen=True):
    """Marks a parameter that a framework fills with what `provider` gives or yields."""

    provider: Parameter


class HandlerClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """A base class whose subclasses' methods handle requests: `methods` maps a method's name to the verbs it serves."""

    name: str
    framework: str
    methods: dict[str, tuple[str, ...]]
    sends_return: bool = False
    threaded: bool = False
