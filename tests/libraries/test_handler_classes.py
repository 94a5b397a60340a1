"""Which methods of which classes answer requests, by what a model says of their bases, their names and their parameters."""

from reliability_lint.libraries.index import Index
from reliability_lint.libraries.load import parse
from reliability_lint.libraries.versions import Versions

MODEL = """
library = "depot"
docs = "https://depot.example"

[[type]]
name = "depot.Request"

[[type]]
name = "depot.Response"
sent-attributes = ["text"]

[[handler-class]]
name = "depot.View"
framework = "Depot"
methods = { get = ["get"], "resolve_*" = ["query"] }

[[handler-class]]
name = "depot.Resource"
framework = "Depot"
bare = true
methods = { on_get = ["get"], "on_get_*" = ["get"] }
takes = ["depot.Request", "depot.Response"]

[[handler-class]]
name = "depot.Servicer"
framework = "Depot"
generated = "_pb2_depot"
methods = { "*" = ["rpc"] }
takes = ["", "depot.Request"]
"""
INDEX = Index((parse(MODEL, "depot.toml"),), Versions())


def verbs(bases, imports, method, parameters):
    return [handler.serves(method, parameters) for handler in INDEX.handlers(bases, imports) if handler.serves(method, parameters)]


def test_methods_are_known_by_the_base_and_their_names():
    assert verbs(["depot.View"], [], "get", 1) == [("get",)]
    assert verbs(["depot.View"], [], "resolve_orders", 1) == [("query",)]
    assert verbs(["depot.View"], [], "render", 1) == []
    assert verbs(["shop.View"], [], "get", 1) == []


def test_what_begins_with_an_underscore_is_nobodys_to_call():
    assert verbs(["shop.orders_pb2_depot.OrdersServicer"], [], "Place", 2) == [("rpc",)]
    assert verbs(["shop.orders_pb2_depot.OrdersServicer"], [], "_place", 2) == []
    assert verbs(["shop.orders_pb2_depot.OrdersServicer"], [], "__init__", 2) == []


def test_a_generated_base_is_known_by_its_module_and_name():
    assert verbs(["shop.orders.OrdersServicer"], [], "Place", 2) == []
    assert verbs(["shop.orders_pb2_depot.Orders"], [], "Place", 2) == []


def test_without_a_base_the_file_must_import_the_library():
    assert verbs([], ["depot.errors"], "on_get", 2) == [("get",)]
    assert verbs([], ["depot"], "on_get_one", 3) == [("get",)]
    assert verbs([], ["depots"], "on_get", 2) == []


def test_a_method_with_fewer_parameters_is_none():
    assert verbs([], ["depot"], "on_get", 1) == []
    assert verbs(["shop.orders_pb2_depot.OrdersServicer"], [], "Place", 1) == []


def test_what_a_method_is_passed_has_a_type():
    assert INDEX.passes([], ["depot"], "on_get", 2, 1) == "depot.Response"
    assert INDEX.passes([], ["depot"], "on_get", 3, 2) == ""
    assert INDEX.passes([], ["depot"], "write", 2, 1) == ""
    assert INDEX.passes(["shop.orders_pb2_depot.OrdersServicer"], [], "Place", 2, 0) == ""
    assert INDEX.passes(["shop.orders_pb2_depot.OrdersServicer"], [], "Place", 2, 1) == "depot.Request"


def test_attributes_that_are_sent():
    assert INDEX.sending == {"text": ("depot.Response",)}
