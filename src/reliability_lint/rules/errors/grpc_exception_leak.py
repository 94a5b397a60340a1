from __future__ import annotations

from reliability_lint.rule import Findings, Note, SemanticModel, escapes, rule


@rule("REL503", severity="error")
def grpc_exception_leak(model: SemanticModel) -> Findings:
    """
    An exception that leaves a method of a service, whose text the caller is sent.

    What a method of a servicer does not catch, the server puts into the details of the status, word for word: the statement with its values, host names,
    the answer of another service. And the code is UNKNOWN, of which no caller can tell whether it may try again.

    It is reported where the file makes the server as well, and so tells that nothing stands between. Text of an exception that the method itself puts into
    the details is reported by `exception-detail-in-response` (REL501).

    Bad:

        from concurrent import futures

        import grpc
        import requests

        from shop.protos import orders_pb2, orders_pb2_grpc

        class Orders(orders_pb2_grpc.OrdersServicer):
            def Search(self, request, context):
                found = requests.get(ARCHIVE, params={"number": request.number}, timeout=3)  # REL503 "Search()"
                return orders_pb2.Answer(text=found.text)

        def serve():
            server = grpc.server(futures.ThreadPoolExecutor())
            orders_pb2_grpc.add_OrdersServicer_to_server(Orders(), server)
            server.start()

    Good:

        from concurrent import futures

        import grpc
        import requests

        from shop.protos import orders_pb2, orders_pb2_grpc

        class Orders(orders_pb2_grpc.OrdersServicer):
            def Search(self, request, context):
                try:
                    found = requests.get(ARCHIVE, params={"number": request.number}, timeout=3)
                except requests.RequestException:
                    logger.exception("the archive does not answer")
                    context.abort(grpc.StatusCode.UNAVAILABLE, "the archive does not answer")
                return orders_pb2.Answer(text=found.text)

        def serve():
            server = grpc.server(futures.ThreadPoolExecutor())
            orders_pb2_grpc.add_OrdersServicer_to_server(Orders(), server)
            server.start()

    Good (an interceptor sees to it):

        from concurrent import futures

        import grpc
        import requests

        from shop.interceptors import MapExceptions
        from shop.protos import orders_pb2, orders_pb2_grpc

        class Orders(orders_pb2_grpc.OrdersServicer):
            def Search(self, request, context):
                found = requests.get(ARCHIVE, params={"number": request.number}, timeout=3)
                return orders_pb2.Answer(text=found.text)

        def serve():
            server = grpc.server(futures.ThreadPoolExecutor(), interceptors=[MapExceptions()])
            orders_pb2_grpc.add_OrdersServicer_to_server(Orders(), server)
            server.start()
    """
    for function, call, server in escapes(model):
        yield call.finding(
            f"what {call.title}() raises leaves {function.name}(), and the caller is sent its text: nothing stands between the method and the server",
            cure="catch it and abort with a code and words of your own, or give the server an interceptor that does",
            notes=(Note(server.at, "the server is made here, without interceptors"),),
        )
