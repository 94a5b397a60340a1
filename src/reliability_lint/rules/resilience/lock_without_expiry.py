from __future__ import annotations

import re

import libcst as cst

from reliability_lint.rule import Bound, Call, Constant, Findings, Lease, Parameter, find, rule, walk


@rule("REL113", severity="error")
def lock_without_expiry(call: Call, lease: Lease) -> Findings:
    """
    A lock in a store that stays when its owner dies.

    A process that is killed, or loses its connection, gives nothing back. Everybody else then waits for a lock that nobody holds, until a person finds
    the key and deletes it.

    Calls that set what is not there yet are taken for locks only where the key, or the function, is named so.

    Bad:

        import redis

        r = redis.Redis(socket_timeout=5)

        def bill():
            with r.lock("billing"):  # REL113 "never expires"
                run()

        def acquire(order):
            return r.set(f"lock:{order}", "1", nx=True)  # REL113

        def start_import():
            return r.setnx("import-lock", "1")  # REL113

    Good:

        import redis

        r = redis.Redis(socket_timeout=5)

        def bill():
            with r.lock("billing", timeout=120, blocking_timeout=5):
                run()

        def acquire(order, seconds):
            return r.set(f"lock:{order}", "1", nx=True, ex=seconds)

        def acquire_in_two_steps(order):
            if r.setnx(f"lock:{order}", "1"):  # between the two it may stay for ever; but that is a matter of a millisecond
                r.expire(f"lock:{order}", 60)

        def first_seen(visitor):
            r.set(f"visitor:{visitor}", "1", nx=True)  # no lock: a fact that is kept

        def block(account):
            r.setnx(f"blocked:{account}", "1")
    """
    meanings = call.model.meanings
    if call.bare or (lease.asked_by is not None and find(lease.asked_by, call.made) != Constant(True)):
        return
    if (lease.name is not None and not _speaks_of_locks(call, lease.name)) or meanings.lifetime(call, lease) is not Bound.NONE:
        return
    if call.function is not None and any(other.name in lease.limited_by for other in call.function.calls):
        return
    parameters = " or ".join(f"{lifetime.keyword}=" for lifetime in lease.lifetimes[:1])
    yield call.finding(
        f"the lock that {call.title}() takes never expires: if its owner dies, nobody gets it again",
        cure=lease.cure or f"say how long it may be held: {parameters}",
    )


# Locks, but not what is locked, blocks, clocks and releases, and not what is known about a lock.
_KEY = re.compile(
    r"(?:(?<![a-zA-Z])(?i:lock|mutex|lease)|(?<=[a-z])(?:Lock|Mutex|Lease))"
    r"(?!(?i:ed|out|er|[ _-]?(?:version|screen|count|reason|info|state|status)))"
)
# What takes locks is named for one, as a whole.
_TAKER = re.compile(r"(?:^|[._])(?:lock|mutex|lease)(?:_[a-z_]+)?(?:$|\.)|(?:_lock|_mutex|_lease|Lock|Mutex|Lease)(?:$|\.)")


def _speaks_of_locks(call: Call, parameter: Parameter) -> bool:
    """Whether the key, what it is called, or the function around speaks of a lock."""
    node = call.argument_node(*parameter.keywords, position=parameter.position)
    words = []
    for part in walk(node) if node is not None else ():
        match part:
            case cst.SimpleString():
                words.append(str(part.evaluated_value))
            case cst.FormattedStringText() | cst.Name():
                words.append(part.value)
    match find(parameter, call.made):
        case Constant(value=str() as text):
            words.append(text)
    return bool(_TAKER.search(call.scope.qualname)) or any(_KEY.search(word) for word in words)
