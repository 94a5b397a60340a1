from __future__ import annotations

from reliability_lint.rule import Findings, Note, SemanticModel, Unkept, rule, unkept


@rule("REL529", severity="warning", set="strict")
def log_only_handler(model: SemanticModel) -> Findings:
    """
    A failure that is logged and then taken for success.

    The order was not written, the payment not made, the job not handed over; the handler writes a line to the log, and the function says that all went well.
    Whoever asked goes on as if it were so, and nobody tries again. In a consumer it is worse: the message is acknowledged, so the broker forgets it, and the line
    in the log is all that is left.

    Told of are handlers that do nothing but to log an error: around what is committed, written, published or paid, where what is returned afterwards is the same
    in both cases; and around the work on a message that is acknowledged in any case. Handlers for certain exceptions count only where the call raises just those.
    What is written beside the work (caches, statistics, a history), one of many items of a loop, and handlers that say in a comment why it is no harm are left
    alone.

    Of jobs `task-swallows-failure` (REL536) tells, of failures that are not even logged `swallowed-exception` (REL509) and `silent-fallback` (REL160).

    Bad:

        import logging

        import aiokafka

        logger = logging.getLogger(__name__)

        async def consume(servers):
            consumer = aiokafka.AIOKafkaConsumer("orders", bootstrap_servers=servers)
            async for message in consumer:
                try:
                    await place(message.value)
                except Exception:  # REL529 "lost"
                    logger.exception("not placed: %s", message.offset)
                await consumer.commit()

    Bad (who asked is told that it was kept):

        import logging

        from sqlalchemy.orm import Session

        logger = logging.getLogger(__name__)

        def confirm(session: Session, order):
            try:
                order.state = "confirmed"
                session.commit()
            except Exception:  # REL529 "commit"
                session.rollback()
                logger.exception("%s was not confirmed", order.id)
            return {"order": order.id, "state": "confirmed"}

    Good:

        import logging

        import aiokafka
        from sqlalchemy.orm import Session

        logger = logging.getLogger(__name__)

        async def consume(servers, dead_letters):
            consumer = aiokafka.AIOKafkaConsumer("orders", bootstrap_servers=servers)
            async for message in consumer:
                try:
                    await place(message.value)
                except Exception:
                    logger.exception("not placed: %s", message.offset)
                    await dead_letters.send(message)
                await consumer.commit()

        def confirm(session: Session, order):
            try:
                order.state = "confirmed"
                session.commit()
            except Exception:
                session.rollback()
                logger.exception("%s was not confirmed", order.id)
                return {"order": order.id, "state": "open"}
            return {"order": order.id, "state": "confirmed"}
    """
    for one in unkept(model):
        yield one.handler.finding(
            _message(one),
            cure=(
                "put it aside (a dead-letter queue, a table) or reject it, and acknowledge what was handled"
                if one.message
                else "raise it again, or say in what is returned that it failed"
            ),
            notes=(Note(one.effect.at, "it is acknowledged here" if one.message else "this may have had no effect"),),
            severity="error" if one.message else None,
        )


def _message(one: Unkept) -> str:
    if one.message:
        return "a message that could not be handled is logged and acknowledged all the same: it is lost"
    function = one.handler.function
    assert function is not None
    return f"where {one.effect.title}() fails, a log knows of it, and whoever called {function.name}() is told that it went well"
