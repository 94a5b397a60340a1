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


class StatusCheck(Concept, frozen=True):
    """
    A call that raises `error` where the other side has answered that something failed: what will pass and what will not, all alike.

    `under` are the classes that are wider than `error` and catch it, too. `asked_by` is the argument, of the call or of what made its object, without
    which it raises nothing.
    """

    error: str
    under: tuple[str, ...] = ()
    asked_by: Parameter | None = None


class Route(Concept, frozen=True):
    """
    Makes a function a request handler.

    `methods` in lower case, empty where `methods_argument` gives them; "any" where every method is let through. `sends_return`: what
    the function returns is what the client gets, and `status_first` that a tuple begins with the status. `sends_raised`: so is the text of what it
    raises. `threaded`: a plain function runs in a thread of its own, not on the event loop.
    """

    framework: str
    methods: tuple[str, ...] = ()
    methods_argument: Parameter | None = None
    methods_default: tuple[str, ...] = ("get",)
    path: Parameter | None = None
    handler: Parameter | None = None
    sends_return: bool = False
    status_first: bool = False
    sends_raised: bool = False
    threaded: bool = False


class ErrorHandler(Concept, frozen=True):
    """
    Makes a function the handler of exceptions: its parameter `exception` is one, and what it returns is sent.

    `table` is an argument that maps exceptions to their handlers. `delegates`: the call is one that a handler makes to hand on what it does not handle
    itself, so that the function around it is the handler. `unexpected` are the status codes whose handler is passed whatever was raised, and `original`
    is the attribute that holds it where the handler is passed an exception of the framework instead.
    """

    framework: str
    exception: Parameter
    catches: Parameter | None = None
    handler: Parameter | None = None
    table: Parameter | None = None
    unexpected: tuple[int, ...] = ()
    original: str = ""
    delegates: bool = False
    sends_return: bool = True


class Router(Concept, frozen=True):
    """
    Makes an object that carries routes: an application, or a part of one. `prefix` begins the paths of all of them, `routes` lists them, `middleware`
    what runs around them. `traces`: told so, it sends the trace of what no handler catches.
    """

    framework: str
    prefix: Parameter | None = None
    routes: Parameter | None = None
    middleware: Parameter | None = None
    traces: Parameter | None = None


class Inclusion(Concept, frozen=True):
    """Puts the routes of `child`, a router, an application or a module, under the object on which it is called, or into the table in which it stands."""

    framework: str
    child: Parameter
    prefix: Parameter | None = None


class Middleware(Concept, frozen=True):
    """
    Has a function or class run around every request: what is decorated, or the argument `handler`. `sends_return`: what it returns is sent in the place
    of what the handler gives.
    """

    framework: str
    handler: Parameter | None = None
    sends_return: bool = False


class Response(Concept, frozen=True):
    """
    A call whose arguments reach the client: a response, an exception that becomes one, a message on a socket.

    `body` lists the arguments that are sent; `rest`: every positional argument from that index on is sent, and `keywords`: every keyword
    argument is. `status` gives the status code, `default_status` holds where it is not given. `masked`: the framework hides the body when
    the status is 500 or more, but for the arguments in `unmasked`. `json`: what is sent is JSON, for programs; `codes` are the arguments that tell a
    program which error it is.
    """

    framework: str
    body: tuple[Parameter, ...] = ()
    rest: int | None = None
    keywords: bool = False
    status: Parameter | None = None
    default_status: int = 200
    masked: bool = False
    unmasked: tuple[Parameter, ...] = ()
    json: bool = False
    codes: tuple[Parameter, ...] = ()


class Refusal(Concept, frozen=True):
    """
    Raises an exception for which the framework waits: it becomes an answer, or says what is to become of a job.

    `error` is what a function raises; of a class that is raised itself it is empty. `asked_by` is the argument that must be true for that, and
    `asked_default` what holds without it. `status` is that of the answer, and `job` says that a job is spoken of. `told_by` are the frameworks whose handlers
    send the words of a class that is raised itself; others keep them.
    """

    error: str = ""
    asked_by: Parameter | None = None
    asked_default: bool = False
    status: int | None = None
    job: bool = False
    told_by: tuple[str, ...] = ()


class Injection(Concept, frozen=True):
    """Marks a parameter that a framework fills with what `provider` gives or yields."""

    provider: Parameter


class HandlerClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """
    A base class whose subclasses' methods handle requests.

    `methods` maps a method's name to the verbs it serves; a name that ends in `*` stands for all that begin so and have no underscore in front. `generated`
    is the ending of the modules into which a tool writes the base, whose name ends in the last part of `name`. `bare`: no base is asked for in a file that
    imports the library. `takes` lists the types of what a method is passed after `self`; one with fewer parameters is none. `exceptions` maps methods that
    handle exceptions to the parameter that holds one, `exc_info` those that are passed what `sys.exc_info()` gives to its keyword.
    """

    name: str
    framework: str
    methods: dict[str, tuple[str, ...]] = {}
    exceptions: dict[str, int] = {}
    exc_info: dict[str, str] = {}
    takes: tuple[str, ...] = ()
    generated: str = ""
    bare: bool = False
    sends_return: bool = False
    sends_raised: bool = False
    threaded: bool = False

    def serves(self, method: str, parameters: int) -> tuple[str, ...] | None:
        """The verbs that a method of this name with so many parameters after `self` serves; None where it serves none."""
        found = self.methods.get(method)
        if found is None and not method.startswith("_"):
            found = next((verbs for name, verbs in self.methods.items() if name.endswith("*") and method.startswith(name[:-1])), None)
        return found if parameters >= len(self.takes) else None
