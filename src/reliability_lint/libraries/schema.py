"""
The grammar of a library model: TOML decoded into these types. A wrong key is an error that names file, line and key.

A model is one file per import root, `data/<root>.toml`:

    library      = "requests"                      # the import root, and the file's name
    distribution = "requests"                      # its name in lock files, where it differs from the root
    docs         = "https://…"                     # where the defaults are documented
    seen         = "2.34.2"                        # the version whose source was read

    [aliases]                                      # other spellings; whole dotted prefixes are rewritten, longest first
    "requests.api" = "requests"

    [sets]                                         # "{verb}" in a name stands for each of these
    verb = ["get", "post"]

    [[type]]
    name = "requests.Session"

    [[call]]
    name = ["requests.{verb}", "requests.Session.{verb}"]
    wait = { what = "HTTP request", tier = "always", timeout = { keyword = "timeout", default = "never" } }
    http-request = { method = "{verb}", url = { position = 0, keyword = "url" } }
    truth = "requests.Session.request"

Names are canonical dotted paths: a method is written on its type (`requests.Session.get`), calling an instance is `Type.__call__`. Several
`[[call]]` tables may name the same callable: their concepts are joined, the later wins.
"""

from __future__ import annotations

import msgspec

from ..concepts.base import Concept, Parameter
from ..concepts.concurrency import (
    Executor,
    Gather,
    Launch,
    Lock,
    LoopCheck,
    LoopRun,
    NestedLoops,
    Offload,
    Submission,
    SyncOnly,
    TaskGroup,
    TaskSpawn,
)
from ..concepts.data import (
    CacheWrite,
    Commit,
    Connection,
    Lease,
    OnExit,
    Pool,
    QueryLimit,
    Rollback,
    Sanitiser,
    SqlExecution,
    Transaction,
    Write,
)
from ..concepts.http import (
    ErrorHandler,
    HandlerClass,
    HttpRequest,
    Inclusion,
    Injection,
    Middleware,
    Refusal,
    Response,
    Route,
    Router,
    StatusCheck,
)
from ..concepts.lifecycle import Application, Buffered, Closable, Exit, Fork, LifeEvent, Lifespan, Serve
from ..concepts.queues import Acknowledgement, Delivery, JobLimit, JobWait, Publication, Requeue
from ..concepts.retry import Breaker, Fresh, IdempotencyKey, OwnRetries, Payment, RetryPolicy, Strategy, Task
from ..concepts.speech import ExceptionText, Log, Metric, MetricLabel
from ..concepts.time import Blocking, Deadline, GlobalTimeout, Sleep, TimeoutClass, Wait
from ..concepts.trust import Guard, Validator, Verification


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """
    One or more callables and what calling them means.

    `versions` restricts the entry to some versions of the distribution. `returns` is the type of the result (awaited, where the call is awaited),
    `enters` what `with … as` gives where that is not the result itself. `raises` lists the exceptions a caller should expect. `truth` is the
    callable whose signature shows the parameters, where it is not the (first) name itself; "-" where no signature can show them.
    """

    name: str | tuple[str, ...]
    versions: str = ""
    returns: str = ""
    enters: str = ""
    raises: tuple[str, ...] = ()
    truth: str = ""

    wait: Wait | None = None
    deadline: Deadline | None = None
    global_timeout: GlobalTimeout | None = None
    sleep: Sleep | None = None
    blocking: Blocking | None = None
    http_request: HttpRequest | None = None
    status_check: StatusCheck | None = None
    route: Route | None = None
    error_handler: ErrorHandler | None = None
    response: Response | None = None
    refusal: Refusal | None = None
    injection: Injection | None = None
    router: Router | None = None
    inclusion: Inclusion | None = None
    middleware: Middleware | None = None
    guard: Guard | None = None
    validator: Validator | None = None
    verification: Verification | None = None
    retry: RetryPolicy | None = None
    own_retries: OwnRetries | None = None
    breaker: Breaker | None = None
    task: Task | None = None
    delivery: Delivery | None = None
    requeue: Requeue | None = None
    publication: Publication | None = None
    acknowledgement: Acknowledgement | None = None
    job_wait: JobWait | None = None
    job_limit: JobLimit | None = None
    application: Application | None = None
    payment: Payment | None = None
    idempotency_key: IdempotencyKey | None = None
    fresh: Fresh | None = None
    sql: SqlExecution | None = None
    sanitiser: Sanitiser | None = None
    connection: Connection | None = None
    on_exit: OnExit | None = None
    transaction: Transaction | None = None
    commit: Commit | None = None
    rollback: Rollback | None = None
    write: Write | None = None
    pool: Pool | None = None
    query_limit: QueryLimit | None = None
    cache_write: CacheWrite | None = None
    lease: Lease | None = None
    spawn: TaskSpawn | None = None
    offload: Offload | None = None
    exit: Exit | None = None
    fork: Fork | None = None
    lifespan: Lifespan | None = None
    life_event: LifeEvent | None = None
    serve: Serve | None = None
    closable: Closable | None = None
    buffered: Buffered | None = None
    sync_only: SyncOnly | None = None
    executor: Executor | None = None
    loop_run: LoopRun | None = None
    loop_check: LoopCheck | None = None
    nested_loops: NestedLoops | None = None
    lock: Lock | None = None
    submission: Submission | None = None
    task_group: TaskGroup | None = None
    gather: Gather | None = None
    launch: Launch | None = None
    log: Log | None = None
    exception_text: ExceptionText | None = None
    metric: Metric | None = None
    metric_label: MetricLabel | None = None


class Type(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """
    What makes an instance, and what an instance gives.

    Calling `name` makes one, and so does calling any of `made_by`. `bases` are modelled types whose methods it shares. `attributes` maps an attribute
    to the type it holds. `hooks` are methods by which a subclass, or an assignment to an instance, may change how requests are made: where one
    is overridden nothing is known of waits. `mounts` are methods by which foreign parts are built in, `harmless_mounts` the parts that change no
    timeout. `settings` are attributes whose assignment replaces what the maker was told, `ignored_attributes` those that look so and are never read.
    `always_passed` maps a hook to the keywords with which the library calls it in any case, so that a default of the hook's own never comes into play.
    `every_method` is the callable that any of its methods is, whatever the method's name. `sent_attributes` are those whose value reaches the client,
    `sent_items` those that hold items which do; "" stands for the object's own.
    """

    name: str
    made_by: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    attributes: dict[str, str] = {}
    hooks: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    harmless_mounts: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    ignored_attributes: tuple[str, ...] = ()
    always_passed: dict[str, tuple[str, ...]] = {}
    every_method: str = ""
    sent_attributes: tuple[str, ...] = ()
    sent_items: tuple[str, ...] = ()


class Generated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """
    Classes that a tool writes into the checked project, known by their names: what they make depends on the type of one argument.

    `module` is the ending of the modules they stand in, `name` that of the classes; `takes` is the argument, `gives` maps its type to the result's.
    """

    module: str
    name: str
    takes: Parameter
    gives: dict[str, str]


class Instance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A module-level object of the library: `django.db.connection` is a `django.db.Connection`."""

    name: str
    type: str


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """A whole model file. `records` are classes whose subclasses hold what they are made with, and show all of it."""

    library: str
    docs: str
    distribution: str = ""
    seen: str = ""
    aliases: dict[str, str] = {}
    sets: dict[str, tuple[str, ...]] = {}
    type: tuple[Type, ...] = ()
    instance: tuple[Instance, ...] = ()
    generated: tuple[Generated, ...] = ()
    call: tuple[Entry, ...] = ()
    timeout_class: tuple[TimeoutClass, ...] = ()
    strategy: tuple[Strategy, ...] = ()
    handler_class: tuple[HandlerClass, ...] = ()
    records: tuple[str, ...] = ()


def parameters(entry: Entry | Concept) -> tuple[Parameter, ...]:
    """Every parameter that an entry, or one concept, names."""
    found: list[Parameter] = []

    def visit(value: object) -> None:
        if isinstance(value, Parameter):
            found.append(value)
        elif isinstance(value, tuple):
            for item in value:
                visit(item)
        elif isinstance(value, msgspec.Struct):
            for field in value.__struct_fields__:
                visit(getattr(value, field))

    for field in entry.__struct_fields__:
        visit(getattr(entry, field))
    return tuple(found)
