from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import libcst as cst

from reliability_lint.rule import (
    BROAD,
    Blocking,
    Call,
    Commit,
    Finding,
    Findings,
    Frame,
    Function,
    Loop,
    Note,
    RetryPolicy,
    Rollback,
    SemanticModel,
    SqlExecution,
    Transaction,
    Write,
    answered,
    attempts,
    outbound,
    policy_of,
    rule,
)

# What drivers and mappers raise when a statement fails, by the names that the standard for database modules gives and those in use besides.
_OF_DATABASES = re.compile(
    r"^((Operational|Database|DBAPI|Integrity|Interface|Internal|Programming)Error|(SQLAlchemy|Postgres|MySQL|PyMySQL|Peewee|Psycopg)\w*"
    r"|\w*(Deadlock|Serialization|LockNotAvailable|LockTimeout|StaleData)\w*|Error)$"
)


@rule("REL130", severity="error")
def retry_inside_transaction(model: SemanticModel) -> Findings:
    """
    Attempts that share one transaction.

    When a statement fails, the transaction in which it stood is lost: some databases refuse every further statement until it is rolled back, others have
    undone all of it already. So the next attempt fails too, or is kept without what came before it; and while the loop pauses, all locks are held.

    An attempt that has a savepoint of its own may fail alone.

    Bad:

        import time

        from django.db import OperationalError, models, transaction

        class Stock(models.Model):
            sku = models.CharField(max_length=20)

        def reserve(sku):
            with transaction.atomic():
                for _ in range(3):  # REL130 "same transaction"
                    try:
                        Stock.objects.filter(sku=sku).update(reserved=True)
                        break
                    except OperationalError:
                        time.sleep(1)

    Bad (the outer decorator comes first):

        from django.db import OperationalError, models, transaction
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        class Stock(models.Model):
            sku = models.CharField(max_length=20)

        @transaction.atomic
        @retry(retry=retry_if_exception_type(OperationalError), stop=stop_after_attempt(3), wait=wait_random_exponential(max=2))  # REL130
        def reserve(sku):
            Stock.objects.filter(sku=sku).update(reserved=True)

    Good:

        import time

        from django.db import OperationalError, models, transaction
        from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

        class Stock(models.Model):
            sku = models.CharField(max_length=20)

        @retry(retry=retry_if_exception_type(OperationalError), stop=stop_after_attempt(3), wait=wait_random_exponential(max=2))
        @transaction.atomic
        def reserve(sku):
            Stock.objects.filter(sku=sku).update(reserved=True)

        def release(sku):
            with transaction.atomic():
                for _ in range(3):
                    try:
                        with transaction.atomic():  # a savepoint
                            Stock.objects.filter(sku=sku).update(reserved=False)
                        break
                    except OperationalError:
                        time.sleep(1)
    """
    for loop in model.loops:
        transaction = _around(loop.frame, loop.function)
        if transaction is not None and _repeats_statements(loop, transaction):
            yield _finding(loop, transaction)
    for function in model.functions:
        policy = policy_of(function)
        if policy is None or not _lost_by(answered(policy[2], policy[1])):
            continue
        decorator = policy[0]
        outer = next((one for one in function.decorators[: function.decorators.index(decorator)] if _begins(one)), None)
        if outer is not None and next(_statements(function.calls, outer, None), None) is not None:
            yield _finding(decorator, outer)
        elif not any(_begins(one) for one in function.decorators):
            for call in model.meanings.callers(function):
                transaction = _around(call.frame, call.function)
                if transaction is not None and next(_statements(function.calls, transaction, None), None) is not None:
                    yield call.finding(
                        _MESSAGE,
                        cure=_CURE,
                        notes=(Note(transaction.node, _BEGINS), Note(decorator.node, f"{function.name}() is repeated by this")),
                    )


_MESSAGE = "all attempts run in the same transaction: the first failure aborts it, and every repetition fails too or loses what came before"
_CURE = "begin a transaction in each attempt, not the attempts in a transaction"
_BEGINS = "the transaction begins here, once for all attempts"


def _finding(place: Loop | Call, transaction: Call) -> Finding:
    return place.finding(_MESSAGE, cure=_CURE, notes=(Note(transaction.node, _BEGINS),))


def _begins(call: Call) -> bool:
    return call.model.meanings.means(call, Transaction) is not None


def _around(frame: Frame, function: Function | None) -> Call | None:
    """The call that begins the transaction in which something runs: that of a `with` around it, or the decorator of its function."""
    if function is None:
        return None
    meanings = function.model.meanings
    for one in frame.within_function():
        if isinstance(one.node, cst.With) and one.kind == "with":
            for item in one.node.items:
                call = meanings.at(item.item)
                if call is not None and _begins(call):
                    return call
    return next((decorator for decorator in function.decorators if _begins(decorator)), None)


def _repeats_statements(loop: Loop, transaction: Call) -> bool:
    """Whether a loop tries statements again after the database has refused them."""
    function, meanings = loop.function, loop.model.meanings
    assert function is not None
    inside = [call for call in function.calls if loop.inside.encloses(call.frame)]
    if any(meanings.means(call, Rollback) is not None or call.word == "rollback" for call in inside):
        return False
    over = meanings.at(loop.node.iter) if isinstance(loop.node, cst.For) else None
    policy = meanings.means(over, RetryPolicy) if over is not None else None
    if over is not None and policy is not None:
        return _lost_by(answered(policy, over.made)) and next(_statements(inside, transaction, loop), None) is not None
    tried = attempts(loop)
    return tried is not None and _lost_by(tried.catches) and next(_statements(tried.calls, transaction, loop), None) is not None


def _lost_by(failures: frozenset[str] | None) -> bool:
    """Whether failures after which something is tried again are those of a database, or all of them."""
    if failures is None:
        return False
    return not failures or any(name in BROAD or _OF_DATABASES.match(name.rpartition(".")[2]) for name in failures)


def _statements(calls: Collection[Call], transaction: Call, loop: Loop | None) -> Iterator[Call]:
    """Those of some calls that ask the database, here or in a function of this module, and have no savepoint of their own."""
    for call in calls:
        meanings = call.model.meanings
        callee = meanings.callee(call)
        if _asks_database(call, transaction):
            if not _saved(call, loop):
                yield call
        elif callee is not None and not any(_begins(decorator) for decorator in callee.decorators) and not _saved(call, loop):
            yield from (inner for inner in callee.calls if _asks_database(inner, transaction) and not _saved(inner, None))


def _asks_database(call: Call, transaction: Call) -> bool:
    meanings = call.model.meanings
    sql, blocking = meanings.means(call, SqlExecution), meanings.means(call, Blocking)
    if sql is not None:
        return not (sql.wrapper or sql.fragment)
    if blocking is not None:
        return blocking.kind == "database"
    if any(meanings.means(call, kind) is not None for kind in (Write, Commit)):
        return True
    return outbound(call) and call.name.partition(".")[0] == transaction.name.partition(".")[0]


def _saved(call: Call, loop: Loop | None) -> bool:
    """Whether a transaction or savepoint begins between a call and the loop, or its function, so that it may fail alone."""
    for frame in call.frame.within_function():
        if loop is not None and frame is loop.inside:
            break
        if frame.kind == "with" and isinstance(frame.node, cst.With):
            begun = [call.model.meanings.at(item.item) for item in frame.node.items]
            if any(one is not None and _begins(one) for one in begun):
                return True
    return False
