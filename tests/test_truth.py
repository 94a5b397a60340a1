"""
Library models against the libraries themselves: names, parameters, positions and defaults, by import and `inspect.signature`.

Only what is installed in the pinned version is looked at, so that an ordinary run needs none of the modelled libraries. With
RELIABILITY_LINT_TRUTH=1 every library is, in whatever version, and a missing one fails: `pip install --group truth` and then
`pip install --no-deps --group truth-without-dependencies` bring them all. An entry is one row of a table here, so each test gives all
that is wrong with a model, not the first thing.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.metadata
import importlib.util
import inspect
import os
import platform
import re
import sys
import tomllib
import types
import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reliability_lint.concepts.base import Parameter
from reliability_lint.concepts.data import Setting
from reliability_lint.concepts.retry import Heeding, Jitter, Limit, OwnRetries, Pause
from reliability_lint.concepts.time import Timeout, VersionedDefault
from reliability_lint.concepts.trust import SizeLimit
from reliability_lint.libraries import load
from reliability_lint.libraries.schema import Entry, Model, parameters

os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # else its import gives dns.query a timeout that it does not have
DATA = Path(load.__file__).parent / "data"
DEMANDED = os.environ.get("RELIABILITY_LINT_TRUTH") == "1"

# Names that no import finds, and why. Those of AWS are looked up in the service descriptions instead.
UNREACHABLE = {
    "boto3.Client": "made at run time from a description of the service",
    "boto3.Resource": "made at run time from a description of the service",
    "boto3.Bucket": "made at run time from a description of the service",
    "boto3.Object": "made at run time from a description of the service",
    "boto3.Queue": "made at run time from a description of the service",
    "boto3.Topic": "made at run time from a description of the service",
    "boto3.Table": "made at run time from a description of the service",
    "threading.Lock": "a function that makes locks, before Python 3.13",
    "threading.RLock": "a function that makes locks, in Python",
    "threading.Condition.acquire": "the method of its lock, given to each instance as it is made",
    "asyncio.Condition.acquire": "the method of its lock, given to each instance as it is made",
    "mysql.connector.connection_cext.CMySQLConnection": "there where the C extension was built",
    "mysql.connector.cursor_cext.CMySQLCursor": "there where the C extension was built",
    "ibis.backends.sql.SQLBackend.raw_sql": "each kind of database has its own",
    "flask_sqlalchemy.SQLAlchemy": "an instance hands on what SQLAlchemy has",
    "googleapiclient.discovery.Resource.__call__": "any method of a resource, made at run time from the description of the service",
    "googleapiclient.discovery.Resource.execute": "what the methods of a resource give is a resource or a request, told apart by no name",
    "aiobotocore.client.AioBaseClient": "made at run time from a description of the service",
    "multiprocessing.Queue": "a method of the default context, written in annotations like a class",
    "multiprocessing.JoinableQueue": "a method of the default context, written in annotations like a class",
    "multiprocessing.SimpleQueue": "a method of the default context, written in annotations like a class",
    "multiprocessing.Pool": "a method of the default context, written in annotations like a class",
    "multiprocessing.Event": "a method of the default context, written in annotations like a class",
    "multiprocessing.Condition": "a method of the default context, written in annotations like a class",
    "multiprocessing.Barrier": "a method of the default context, written in annotations like a class",
    "multiprocessing.Lock": "a method of the default context, written in annotations like a class",
    "multiprocessing.RLock": "a method of the default context, written in annotations like a class",
    "multiprocessing.Semaphore": "a method of the default context, written in annotations like a class",
    "multiprocessing.BoundedSemaphore": "a method of the default context, written in annotations like a class",
    "select.poll": "a function that makes objects of a class without a name",
    "grpc.Stub": "stands for the classes that a tool writes into the project",
    "grpc.aio.Stub": "stands for the classes that a tool writes into the project",
    "celery.Celery.AsyncResult": "a class that each app makes for itself, when it is asked for",
    "celery.Celery.ResultSet": "a class that each app makes for itself, when it is asked for",
    "celery.Celery.GroupResult": "a class that each app makes for itself, when it is asked for",
    "celery.app.control.Control.inspect": "a class that each app makes for itself, when it is asked for",
    "huey.contrib.djhuey": "methods of an instance that Django's settings describe",
    "kazoo.client.KazooClient.Lock": "given to each client as it is made",
    "kazoo.client.KazooClient.ReadLock": "given to each client as it is made",
    "kazoo.client.KazooClient.WriteLock": "given to each client as it is made",
    "kazoo.client.KazooClient.Semaphore": "given to each client as it is made",
    "kazoo.client.KazooClient.Barrier": "given to each client as it is made",
    "kazoo.client.KazooClient.LockingQueue": "given to each client as it is made",
    "flask_restx.Api.route": "handed on to the default namespace",
    "flask_restx.Api.add_resource": "handed on to the default namespace",
    "mcp.server.mcpserver.MCPServer": "what FastMCP is called in version 2",
}

# Libraries that need more than pip, and what: they are looked at wherever they can be imported.
FOREIGN = {
    "MySQLdb": "has no wheel, and is built against MySQL's C library",
    "cx_Oracle": "has no wheel for Python 3.11 and later, and its sources do not build there",
    "pyodbc": "loads the shared library of unixODBC",
    "pyspark": "is half a gigabyte of Java; pyspark-client has the same Python part",
}

# Callables that may say truth = "-", and why no signature can show their parameters.
UNSEEN = {
    "aiomcache.Client.add": "the signature begins with the connection, which a decorator fills in",
    "aiomcache.FlagClient.add": "the signature begins with the connection, which a decorator fills in",
    "boto3.Client": "keywords come from the description of the service",
    "boto3.Queue": "keywords come from the description of the service",
    "boto3.Topic": "keywords come from the description of the service",
    "rq.Queue.enqueue": "job_timeout is taken out of **kwargs",
    "rq.Queue.enqueue_at": "job_timeout is taken out of **kwargs",
    "rq.Queue.enqueue_in": "job_timeout is taken out of **kwargs",
    "structlog": "exc_info is taken out of **kw by whatever processors are set up",
    "stripe": "everything is **params, which become the body or, as idempotency_key, a header",
    "time.sleep": "written in C, without a signature before Python 3.13",
    "socket.setdefaulttimeout": "written in C, without a signature",
    "authlib.integrations.requests_client": "what is not its own goes on to requests",
    "azure": "everything else is **kwargs, shared out among the policies of the pipeline by their names",
    "braintree.Configuration": "timeout is taken out of **kwargs",
    "suds.client.Client": "its keywords are attributes of an options object",
    "select.poll": "written in C, without a signature",
    "pybreaker.CircuitBreaker.__call__": "its one keyword is taken out of **call_kwargs",
    "invoke.run": "options go on to a runner, which takes them out of a dictionary",
    "invoke.sudo": "options go on to a runner, which takes them out of a dictionary",
    "invoke.Context": "options go on to a runner, which takes them out of a dictionary",
    "fabric.Connection": "options go on to invoke's runner, which takes them out of a dictionary",
    "fabric.SerialGroup": "options go on to invoke's runner, which takes them out of a dictionary",
    "fabric.ThreadingGroup": "options go on to invoke's runner, which takes them out of a dictionary",
    "sqlite3.connect": "written in C, without a signature before Python 3.13",
    "aiosqlite.connect": "hands its keywords to sqlite3.connect, which is written in C",
    "psycopg2": "written in C, without signatures; its keywords are libpq's",
    "psycopg.connect": "its keywords are libpq's",
    "psycopg.Connection.connect": "its keywords are libpq's",
    "psycopg.AsyncConnection.connect": "its keywords are libpq's",
    "sqlalchemy.create_engine": "keywords are shared out among dialect, pool and engine by their names",
    "sqlalchemy.engine_from_config": "keywords are shared out among dialect, pool and engine by their names",
    "sqlalchemy.ext.asyncio.create_async_engine": "keywords are shared out among dialect, pool and engine by their names",
    "sqlalchemy.ext.asyncio.async_engine_from_config": "keywords are shared out among dialect, pool and engine by their names",
    "pymongo.MongoClient": "keywords are options that are looked up by their names",
    "pymongo.AsyncMongoClient": "keywords are options that are looked up by their names",
    "motor.motor_asyncio.AsyncIOMotorClient": "hands its keywords to pymongo.MongoClient",
    "motor.motor_tornado.MotorClient": "hands its keywords to pymongo.MongoClient",
    "mysql.connector.connect": "keywords are looked up by their names in a table of defaults",
    "mysql.connector.aio.connect": "keywords are looked up by their names in a table of defaults",
    "mysql.connector.pooling.MySQLConnectionPool": "hands its keywords to mysql.connector.connect",
    "MySQLdb.connect": "hands its keywords to a class that is written in C",
    "MySQLdb.connections.Connection": "takes its keywords out of a dictionary by their names",
    "pyodbc": "written in C, without signatures",
    "duckdb": "written in C++, without signatures",
    "snowflake.connector.connect": "keywords become attributes, by a table of defaults",
    "vertica_python.connect": "keywords are looked up by their names in a dictionary",
    "vertica_python.vertica.cursor.Cursor.execute": "decorated, and the decorator shows nothing",
    "vertica_python.vertica.cursor.Cursor.executemany": "decorated, and the decorator shows nothing",
    "neo4j.GraphDatabase.driver": "keywords become a configuration by their names",
    "neo4j.AsyncGraphDatabase.driver": "keywords become a configuration by their names",
    "ibis.connect": "a function for each kind of address, chosen at run time",
    "celery.Celery.task": "options become attributes of a class made for the task",
    "celery.shared_task": "options become attributes of a class made for the task",
    "kafka.KafkaProducer": "keywords are looked up in a table of defaults",
    "kafka.KafkaConsumer": "keywords are looked up in a table of defaults",
    "kafka.KafkaAdminClient": "keywords are looked up in a table of defaults",
    "confluent_kafka": "written in C, without signatures",
    "pika.ConnectionParameters": "its defaults are a mark, behind which class attributes stand",
    "django.http": "arguments after the content go on to HttpResponseBase by position or keyword",
    "bottle": "functions that are methods of the default application, whose signatures they show with `self`",
    "django.views.decorators.http": "made by require_http_methods for some methods: what they take is the view",
    "flask_smorest.abort": "the arguments after the exception become the data of the error, and its handler reads some of them",
    "tornado.web.HTTPError": "the reason is taken out of **kwargs",
    "tornado.web.Application": "settings are whatever comes by keyword",
    "tornado.web.RequestHandler.send_error": "the reason is taken out of **kwargs, which go on to write_error",
    "chalice": "exceptions take what any exception takes, and options of a route are taken out of **kwargs",
    "connexion.FlaskApp": "options of a route are those of whatever resolves the path",
    "connexion.AsyncApp": "options of a route are those of whatever resolves the path",
    "rest_framework.decorators.action": "the options are attributes of the view's class",
    "django.forms": "classes of a project derive from them: nothing is passed",
    "rest_framework.permissions": "classes of a project derive from them: nothing is passed",
    "rest_framework.serializers": "classes of a project derive from them: nothing is passed",
    "flask.abort": "the arguments after the status are those of the exception that belongs to it",
    "werkzeug.exceptions.abort": "the arguments after the status are those of the exception that belongs to it",
}

_NOTHING = object()


def _is_standard(library: str) -> bool:
    return library in sys.stdlib_module_names


def _version(model: Model) -> str:
    """The installed version of a library, or "" where there is none."""
    if _is_standard(model.library):
        return platform.python_version()
    return _installed(model.distribution or model.library)


def _pins() -> dict[str, str]:
    """The versions that the dependency groups name, by distribution: what is pinned is what was read."""
    groups = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pins = [line.partition("==") for group in ("truth", "truth-without-dependencies") for line in groups[group]]
    return {canonicalize_name(name): version for name, _, version in pins if version}


def _installed(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def _module(name: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _models() -> Iterator[Model]:
    models = [load.load(path) for path in sorted(DATA.glob("*.toml"))]
    pins = _pins()
    pinned = {model.library: canonicalize_name(model.distribution or model.library) for model in models}
    # What is pinned and not modelled makes parts of the others importable; without it nothing that is missing would mean anything.
    complete = all(_installed(name) for name in pins.keys() - set(pinned.values()))
    for model in models:
        name = pinned[model.library]
        if model.library in FOREIGN and _module(model.library) is None:
            continue
        if _is_standard(model.library) or DEMANDED or (complete and _installed(name) and _installed(name) == pins.get(name)):
            yield model


MODELS = tuple(_models())
each_model = pytest.mark.parametrize("model", [pytest.param(model, id=model.library) for model in MODELS])


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Looking at an attribute that is on its way out makes some libraries warn; that is not what is tested."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# -- looking things up


def _optional_apps() -> list[str]:
    """What can be looked into only where it is an application of Django's."""
    return [name for name in ("axes", "django_q") if importlib.util.find_spec(name) is not None]


def _prepare(library: str) -> None:
    """What must have happened before a library can be looked into."""
    if library in ("django", "rest_framework", "ninja", "channels", "axes", "django_q", "django_ratelimit"):
        settings = importlib.import_module("django.conf").settings
        if not settings.configured:
            settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *_optional_apps()], DATABASES={})
            importlib.import_module("django").setup()


def _own(holder: object, name: str) -> object:
    """An attribute; `__call__` only where the class itself has it, for every class is callable."""
    if name == "__call__" and isinstance(holder, type):
        return getattr(holder, name) if any(name in vars(kind) for kind in holder.__mro__) else _NOTHING
    return getattr(holder, name, _NOTHING)


def _find(name: str) -> tuple[object, object]:
    """The object that a dotted name leads to and what holds it, or nothing."""
    return next(_all(name), (_NOTHING, None))


def _all(name: str) -> Iterator[tuple[object, object]]:
    """
    What a dotted name may lead to.

    `tenacity.retry` is a function to who imports `retry` from `tenacity`, and a module to who imports from `tenacity.retry`. The former comes
    first: of all beginnings of the name that are modules, the shortest one with the rest as its attributes.
    """
    _prepare(name.partition(".")[0])
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        found: object = _module(".".join(parts[:count]))
        if found is None:
            break
        holder: object = None
        for part in parts[count:]:
            holder, found = found, _own(found, part)
        if found is not _NOTHING:
            yield found, holder
    if hasattr(builtins, name):
        yield getattr(builtins, name), None


def _exists(name: str) -> bool:
    return _find(name)[0] is not _NOTHING


def _documented(name: str, reasons: dict[str, str]) -> bool:
    """Whether a name, or what it lies in, is in one of the tables above."""
    parts = name.split(".")
    return any(".".join(parts[:count]) in reasons for count in range(1, len(parts) + 1))


def _signature(name: str) -> inspect.Signature | None:
    """A callable's signature as a caller sees it, without `self`; None where Python knows none."""
    found, holder = _find(name)
    if found is _NOTHING or not callable(found):
        return None
    try:
        signature = inspect.signature(found)
    except (ValueError, TypeError):
        return None
    if isinstance(holder, type) and not isinstance(found, types.MethodType | type):
        static = inspect.getattr_static(holder, name.rpartition(".")[2])
        if not isinstance(static, staticmethod | classmethod) and _positional(signature):
            return signature.replace(parameters=list(signature.parameters.values())[1:])
    return signature


def _positional(signature: inspect.Signature) -> list[str]:
    return [item.name for item in signature.parameters.values() if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD)]


def _takes_any(signature: inspect.Signature, kind: inspect._ParameterKind) -> bool:
    return any(item.kind is kind for item in signature.parameters.values())


def _parameter(signature: inspect.Signature | None, keyword: str) -> inspect.Parameter | None:
    """The parameter that a keyword argument would fill."""
    found = signature.parameters.get(keyword) if signature is not None else None
    return found if found is not None and found.kind in (found.POSITIONAL_OR_KEYWORD, found.KEYWORD_ONLY) else None


def _shown_by(keyword: str, own: inspect.Signature | None, truth: inspect.Signature | None) -> inspect.Signature | None:
    """The signature that shows a keyword: the callable's own, else the one it hands its `**kwargs` to."""
    if _parameter(own, keyword) is not None:
        return own
    if (own is None or _takes_any(own, inspect.Parameter.VAR_KEYWORD)) and _parameter(truth, keyword) is not None:
        return truth
    return None


def _holds(versions: str, model: Model) -> bool:
    return not versions or SpecifierSet(versions).contains(_version(model), prereleases=True)


def _rows(model: Model) -> Iterator[tuple[str, Entry]]:
    """Every modelled callable with each of its entries that hold for the installed version."""
    for entry in model.call:
        if _holds(entry.versions, model):
            for pattern in load.names(entry.name):
                for name, holes in load.spellings(pattern, model.sets):
                    yield name, load.filled(entry, holes)


# -- AWS: operations and their members stand in botocore's descriptions

AWS_SERVICES = (
    "s3",
    "sqs",
    "sns",
    "dynamodb",
    "lambda",
    "secretsmanager",
    "ssm",
    "kms",
    "sts",
    "ses",
    "events",
    "kinesis",
    "stepfunctions",
)
AWS_RESOURCES = {
    "boto3.Bucket": ("s3", "Bucket", ("name",)),
    "boto3.Object": ("s3", "Object", ("name", "key")),
    "boto3.Queue": ("sqs", "Queue", ("https://sqs.eu-west-1.amazonaws.com/1/name",)),
    "boto3.Topic": ("sns", "Topic", ("arn:aws:sns:eu-west-1:1:name",)),
    "boto3.Table": ("dynamodb", "Table", ("name",)),
}


@cache
def _aws(kind: str) -> tuple[Any, ...]:
    """Instances of what a name of ours stands for; making them opens no connection."""
    session = importlib.import_module("boto3").Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="eu-west-1")
    if kind == "boto3.Client":
        return tuple(session.client(service) for service in AWS_SERVICES)
    if kind == "boto3.Resource":
        return tuple(session.resource(service) for service in ("s3", "sqs", "sns", "dynamodb"))
    service, name, arguments = AWS_RESOURCES[kind]
    return (getattr(session.resource(service), name)(*arguments),)


def _aws_members(name: str) -> set[str]:
    """The arguments of an operation, over all services that have one of this name."""
    kind, _, operation = name.rpartition(".")
    found: set[str] = set()
    for client in _aws(kind):
        low = client if kind == "boto3.Client" else client.meta.client
        api = low.meta.method_to_api_mapping.get(operation)
        if api:
            found |= set(low.meta.service_model.operation_model(api).input_shape.members)
    return found


def _is_aws(name: str) -> bool:
    return name in ("boto3.Client", "boto3.Resource", *AWS_RESOURCES)


# -- the tests


@each_model
def test_the_library_is_installed(model: Model) -> None:
    _prepare(model.library)
    assert _module(model.library) is not None, f"pip install {model.distribution or model.library}"
    assert _version(model)


@each_model
def test_names_exist(model: Model) -> None:
    missing = []
    for name, entry in _rows(model):
        holder, _, last = name.rpartition(".")
        if _is_aws(holder):
            if not any(hasattr(item, last) for item in _aws(holder)):
                missing.append(name)
        elif not _documented(name, UNREACHABLE) and not callable(_find(name)[0]):
            missing.append(name)
        if entry.truth not in ("", "-") and not callable(_find(entry.truth)[0]):
            missing.append(f"{entry.truth} (truth of {name})")
        others = [other for other in (entry.returns, entry.enters, *entry.raises) if other and not _documented(other, UNREACHABLE)]
        missing += [f"{other} (from {name})" for other in others if not _exists(other)]
    assert not missing, "\n".join(missing)


def _keywords(entry: Entry) -> Iterator[Parameter]:
    """All parameters of an entry, and the keywords that it names without a table of their own."""
    # An error handler's `exception` is a parameter of the function that it makes a handler, not of the call.
    foreign = entry.error_handler.exception if entry.error_handler is not None else None
    yield from (parameter for parameter in parameters(entry) if parameter is not foreign)
    if entry.wait is not None and entry.wait.streams:
        yield Parameter(keyword=entry.wait.streams)
    if entry.retry is not None:
        yield from (Parameter(keyword=keyword) for keyword in entry.retry.activated_by)


def _wrong_place(parameter: Parameter, own: inspect.Signature | None, truth: inspect.Signature | None) -> Iterator[str]:
    """What is not so about where a callable is said to take an argument."""
    for keyword in parameter.keywords:
        shown = _shown_by(keyword, own, truth)
        if shown is None:
            yield f"no parameter {keyword}"
        elif parameter.position is not None and keyword == parameter.keyword:
            reachable = shown is own or own is None or _takes_any(own, inspect.Parameter.VAR_POSITIONAL)
            positional = _positional(shown)
            place = positional.index(keyword) if keyword in positional and reachable else None
            if place != parameter.position:
                yield f"{keyword} is at {place}, not {parameter.position}"
    if not parameter.keywords and parameter.position is not None:
        shown = own or truth
        if shown is None:
            yield f"no signature shows an argument {parameter.position}"
        elif parameter.position >= len(_positional(shown)) and not _takes_any(shown, inspect.Parameter.VAR_POSITIONAL):
            yield f"takes no argument {parameter.position}"


@each_model
def test_parameters_exist_where_they_are_said_to_be(model: Model) -> None:
    wrong = []
    for name, entry in _rows(model):
        if entry.truth == "-":
            if not _documented(name, UNSEEN):
                wrong.append(f'{name}: truth = "-" without a reason')
            elif _is_aws(name.rpartition(".")[0]):
                absent = {keyword for item in _keywords(entry) for keyword in item.keywords} - _aws_members(name)
                wrong += [f"{name}: no parameter {keyword}" for keyword in sorted(absent)]
            continue
        own, truth = _signature(name), _signature(entry.truth) if entry.truth else None
        for parameter in _keywords(entry):
            wrong += [f"{name}: {problem}" for problem in _wrong_place(parameter, own, truth)]
    assert not wrong, "\n".join(wrong)


def _for_version(default: object, model: Model) -> object:
    """Of a default that changed, the one of the installed version."""
    if isinstance(default, tuple):
        rows = [row.value for row in default if isinstance(row, VersionedDefault) and _holds(row.versions, model)]
        return rows[0] if len(rows) == 1 else f"{len(rows)} defaults for {_version(model)}"
    return default


def _agrees_with_number(said: float, shown: object, *, none_is_default: bool) -> bool:
    if shown is inspect.Parameter.empty:
        return False
    if shown is None:
        return none_is_default
    if isinstance(shown, int | float) and not isinstance(shown, bool):
        return float(shown) == said
    maker: Callable[[float], object] = type(shown)
    try:  # an object that is a timeout, such as httpx.Timeout(5)
        return bool(maker(said) == shown)
    except Exception:  # a mark that stands for "not given" shows nothing, whatever it does when it is called
        return True


def _is_mark(shown: object) -> bool:
    """Whether a default is an object that stands for "not given"."""
    return shown is not inspect.Parameter.empty and not isinstance(shown, int | float)


def _agrees(parameter: Timeout | Limit | Pause | Setting, said: object, shown: object) -> bool:
    """Whether what a signature shows as the default can be what the model says holds without the argument."""
    if said == "unknown":
        return True
    if isinstance(parameter, Timeout):
        if isinstance(said, int | float):
            return _agrees_with_number(said, shown, none_is_default=parameter.none == "default")
        if said == "never":
            if shown is None:
                return parameter.none == "never"
            number = shown if isinstance(shown, int | float) else None
            return number is not None and ((number == 0 and parameter.zero == "never") or (number < 0 and parameter.negative == "never"))
        if said == "client":
            if isinstance(shown, int | float) and shown < 0:  # pexpect's -1 and ftplib's -999
                return parameter.negative == "default"
            return parameter.none in ("default", "now") if shown is None else _is_mark(shown)
        if said == "socket":  # None where it leaves the socket as it is: whoever passes None gets the default of all sockets
            return parameter.none == "default" if shown is None else _is_mark(shown)
        return False
    if isinstance(parameter, Setting):
        unlimited = shown in parameter.unlimited or (shown is None and "None" in parameter.unlimited)
        if shown is None and not unlimited:
            return True  # what holds then is decided within
        return unlimited if said == "unlimited" else type(said) in (type(shown), float) and said == shown
    if isinstance(said, int | float):
        return _agrees_with_number(said, shown, none_is_default=isinstance(parameter, Pause))
    endless = parameter.endless if isinstance(parameter, Limit) else ()
    return said == "never" and (shown in endless or (shown is None and "None" in endless))


def _agrees_with_size(limit: SizeLimit, said: object, shown: object) -> bool:
    return said == "unknown" or (said == "unlimited" and limit.none == "unlimited" if shown is None else said == shown)


def _defaults(entry: Entry) -> Iterator[tuple[Parameter, object, Callable[[object, object], bool]]]:
    """Each parameter with a default of its own, that default, and how to compare it."""
    for parameter in parameters(entry):
        if isinstance(parameter, Timeout | Limit | Pause | Setting) and not parameter.inside:
            yield parameter, parameter.default, partial(_agrees, parameter)
        elif isinstance(parameter, Jitter | Heeding):
            yield parameter, parameter.default, lambda said, shown: said == bool(shown)
    size = entry.guard.size if entry.guard is not None else None
    if size is not None:
        yield size, size.default, partial(_agrees_with_size, size)
    own = entry.own_retries
    if isinstance(own, OwnRetries) and not own.parameter.inside:
        yield (
            own.parameter,
            own.default,
            lambda said, shown: isinstance(said, int | float) and _agrees_with_number(said, shown, none_is_default=True),
        )


@each_model
def test_defaults_are_what_the_signatures_show(model: Model) -> None:
    wrong = []
    endless = [_find(name)[0] for strategy in model.strategy if strategy.endless for name in strategy.name]
    for name, entry in _rows(model):
        if entry.truth == "-":
            continue
        own, truth = _signature(name), _signature(entry.truth) if entry.truth else None
        for parameter, default, agree in _defaults(entry):
            shown = _parameter(_shown_by(parameter.keyword, own, truth), parameter.keyword)
            said = _for_version(default, model)
            if shown is None or (said == "never" and any(shown.default is item for item in endless)):
                continue
            if not agree(said, shown.default):
                wrong.append(f"{name}: {parameter.keyword} is {shown.default!r}, the model says {said}")
    assert not wrong, "\n".join(wrong)


@each_model
def test_records_are_classes(model: Model) -> None:
    assert all(isinstance(_find(name)[0], type) for name in model.records)


@each_model
def test_aliases_are_other_names_of_the_same(model: Model) -> None:
    wrong = []
    modelled = {name for name, _ in _rows(model)} | {kind.name for kind in model.type}
    for alias, target in model.aliases.items():
        # Here the last reading counts: an alias for a module is about imports from it.
        here, there = (([found for found, _ in _all(name)] or [_NOTHING])[-1] for name in (alias, target))
        owner, _, last = alias.rpartition(".")
        if here is _NOTHING and isinstance(there, type) and isinstance(kind := _find(owner)[0], type) and _has(kind, last):
            continue  # each instance makes its own
        if here is _NOTHING or there is _NOTHING:
            wrong.append(f"{alias} or {target} does not exist")
        elif isinstance(here, types.ModuleType) and isinstance(there, types.ModuleType):
            rests = [name.removeprefix(f"{target}.") for name in modelled if name.startswith(f"{target}.")]
            both = [rest for rest in rests if hasattr(here, rest) and hasattr(there, rest)]
            wrong += [f"{alias}.{rest} is not {target}.{rest}" for rest in both if getattr(here, rest) is not getattr(there, rest)]
        elif here is not there:
            wrong.append(f"{alias} is not {target}")
    assert not wrong, "\n".join(wrong)


# Attributes that something else sets on the instances, and what.
SET_ELSEWHERE = {"django.http.HttpRequest.session": "django.contrib.sessions.middleware.SessionMiddleware"}


def _is_set_by(setter: str | None, attribute: str) -> bool:
    kind = _find(setter)[0] if setter is not None else None
    return isinstance(kind, type) and re.search(rf"\brequest\.{attribute} = ", inspect.getsource(kind)) is not None


def _has(kind: object, attribute: str) -> bool:
    """Whether instances have an attribute: the class or what makes it does, annotates it, or its source sets it."""
    if hasattr(kind, attribute):
        return True
    maker = type(kind)
    if maker is not type and (
        hasattr(maker, attribute) or f'"{attribute}"' in inspect.getsource(maker)
    ):  # Django's models get a manager from theirs
        return True
    for base in getattr(kind, "__mro__", ()):
        if attribute in getattr(base, "__annotations__", {}):
            return True
        if "__setattr__" in vars(base) and hasattr(sys.modules[base.__module__.partition(".")[0]], attribute.upper()):
            return True  # the options of ZeroMQ, which are set like attributes
        try:
            source = inspect.getsource(base)
        except (OSError, TypeError):
            continue
        if re.search(rf"\bself\.{attribute}\b", source):
            return True
        module = sys.modules.get(base.__module__)
        if attribute in getattr(module, "_subservices", {}):  # stripe makes its services on demand from this table
            return True
        parts = vars(base).get("implemented_classes")
        if isinstance(parts, list) and attribute in [part.__name__.lower() for part in parts]:  # hvac names them after their classes
            return True
    return False


@each_model
def test_types_are_classes_with_these_attributes(model: Model) -> None:
    wrong = []
    for item in model.type:
        found = _find(item.name)[0]
        if _documented(item.name, UNREACHABLE):
            continue
        if not isinstance(found, type):
            wrong.append(f"{item.name} is no class")
            continue
        wrong += [
            f"{maker} (makes {item.name})"
            for maker in item.made_by
            if not callable(_find(maker)[0]) and not _documented(maker, UNREACHABLE)
        ]
        wrong += [
            f"{item.name} has no {name}"
            for name in (*item.attributes, *item.hooks, *item.mounts, *item.settings, *item.sent_attributes, *filter(None, item.sent_items))
            if not _has(found, name) and not _is_set_by(SET_ELSEWHERE.get(f"{item.name}.{name}"), name)
        ]
        wrong += [
            f"{other} (from {item.name})" for other in (*item.attributes.values(), *item.bases, *item.harmless_mounts) if not _exists(other)
        ]
    wrong += [instance.name for instance in model.instance if not _exists(instance.name)]
    wrong += [instance.type for instance in model.instance if not _exists(instance.type)]
    assert not wrong, "\n".join(wrong)


@each_model
def test_building_blocks_exist(model: Model) -> None:
    wrong = []
    for item in model.timeout_class:
        signature = _signature(item.name)
        if signature is None:
            wrong.append(f"{item.name} has no signature")
            continue
        whole = [item.whole] if item.whole is not None else []
        for parameter in (*whole, *(Parameter(keyword=part) for part in item.parts)):
            wrong += [f"{item.name}: {problem}" for problem in _wrong_place(parameter, signature, None)]
        for position, part in enumerate(item.positions):
            wrong += [f"{item.name}: {problem}" for problem in _wrong_place(Parameter(keyword=part, position=position), signature, None)]
        wrong += [
            f"{item.name}: {part} is none of its parts"
            for part in (*item.needs_all, *item.needs_any, *item.positions)
            if part not in item.parts
        ]
    for strategy in model.strategy:
        for name in strategy.name:
            if not _exists(name):
                wrong.append(name)
            elif strategy.seconds is not None:
                wrong += [f"{name}: {problem}" for problem in _wrong_place(strategy.seconds, _signature(name), None)]
    handlers = [handler for handler in model.handler_class if not (handler.bare or handler.generated)]
    wrong += [handler.name for handler in handlers if not isinstance(_find(handler.name)[0], type)]
    wrong += [kind for handler in model.handler_class for kind in handler.takes if kind and not isinstance(_find(kind)[0], type)]
    assert not wrong, "\n".join(wrong)
