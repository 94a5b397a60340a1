from __future__ import annotations

from reliability_lint.rule import Buffered, Call, Findings, Note, rule, unflushed


@rule("REL727", severity="warning")
def producer_never_flushed(call: Call, buffered: Buffered) -> Findings:
    """
    A producer that goes away before it has sent what it was given.

    Sending puts a message into a buffer and returns; a thread takes it from there when a batch is full or its time has come. A producer that a function
    makes, feeds and forgets is gone before that. Nothing is raised, the message is missing, and locally, where the broker is quick, all is well.

    Only producers that stay in their function are looked at. One that is handed to somebody, kept, or whose sent messages are waited for may be flushed.

    Bad:

        from confluent_kafka import Producer

        def order_shipped(order):
            producer = Producer(SETTINGS)
            producer.produce("shipped", order.json())  # REL727 "producer is never flushed"
            producer.poll(0)

    Bad (what is awaited is the place in the buffer):

        from aiokafka import AIOKafkaProducer

        async def order_shipped(order):
            producer = AIOKafkaProducer(bootstrap_servers=KAFKA)
            await producer.start()
            await producer.send("shipped", order.json())  # REL727

    Bad (the last records, which say why it ended):

        import logging
        import queue
        from logging.handlers import QueueHandler, QueueListener

        def set_up_logging():
            records = queue.Queue(-1)
            logging.basicConfig(handlers=[QueueHandler(records)])
            listener = QueueListener(records, logging.StreamHandler())
            listener.start()  # REL727 "when the process ends"

    Good:

        from aiokafka import AIOKafkaProducer
        from confluent_kafka import Producer
        from kafka import KafkaProducer

        producer = Producer(SETTINGS)  # lives as long as the process, which flushes it at its end

        def order_shipped(order):
            producer.produce("shipped", order.json())
            producer.poll(0)

        def orders_shipped(orders):
            own = Producer(SETTINGS)
            for order in orders:
                own.produce("shipped", order.json())
            own.flush(10)

        def order_paid(order):
            own = KafkaProducer(bootstrap_servers=KAFKA)
            own.send("paid", order.json()).get(timeout=10)

        async def order_returned(order):
            async with AIOKafkaProducer(bootstrap_servers=KAFKA) as own:
                await own.send("returned", order.json())

        def make_producer():
            made = Producer(SETTINGS)
            made.produce("beats", b"1")
            return made

    Good (the listener is stopped when the process ends):

        import atexit
        from logging.handlers import QueueListener

        def set_up_logging(records, handler):
            listener = QueueListener(records, handler)
            listener.start()
            atexit.register(listener.stop)
    """
    name = unflushed(call, buffered)
    if name is None:
        return
    assert call.function is not None
    made_at = call.model.meanings.made_at(call.made.owner)
    flush = f"{name or call.name.rpartition('.')[0].rpartition('.')[2]}.{buffered.flushed_by[0]}()"
    if buffered.with_process:
        message = f"{name} is never stopped: what is still in its queue when the process ends is lost, the last records first of all"
        cure = f"call {flush} at the end of the process, for instance by atexit.register()"
    else:
        message = f"{name or call.title + '()'} is never flushed: what it has not sent when {call.function.name}() returns is lost"
        cure = f"call {flush} before it goes, or keep one producer for the whole process and flush it at its end"
    yield call.finding(
        message, cure=cure, notes=(Note(made_at, "it is made here, and known nowhere else"),) if made_at is not None and name else ()
    )
