"""How an application is put together, as one file tells it to others."""

import pytest

from reliability_lint.facts.collect import collect
from reliability_lint.facts.facts import decode, encode
from reliability_lint.libraries.index import index_for
from reliability_lint.libraries.versions import Versions
from reliability_lint.model.build import build
from reliability_lint.model.semantic import SemanticModel
from reliability_lint.model.values import Constant, Entries, Items, Made
from reliability_lint.syntax.tree import parse
from reliability_lint.text.source import SourceFile


def facts_of(text, module="shop.main", is_package=False):
    model = build(SemanticModel(parse(text), index_for(Versions()), module_name=module, is_package=is_package))
    facts = collect(model, SourceFile("main.py", text))
    assert decode(encode(facts)) == facts
    assert encode(facts) == encode(decode(encode(facts)))
    return facts


def uses_of(text):
    return [(use.call.name, use.on, use.named, use.function) for use in facts_of(text).uses]


def test_routes_and_inclusions():
    text = """
from fastapi import APIRouter, Depends, FastAPI
from shop import orders
from shop.auth import current_user

app = FastAPI(dependencies=[Depends(current_user)])
router = APIRouter(prefix="/stock")

@router.get("/{sku}")
async def stock(sku): ...

app.include_router(router, prefix="/v1")
app.include_router(orders.router, dependencies=[Depends(current_user)])
"""
    facts = facts_of(text)
    assert [(use.call.name, use.on, use.named, use.function) for use in facts.uses] == [
        ("fastapi.APIRouter.get", "shop.main.router", {}, "shop.main.stock"),
        ("fastapi.FastAPI.include_router", "shop.main.app", {"0": "shop.main.router"}, ""),
        ("fastapi.FastAPI.include_router", "shop.main.app", {"0": "shop.orders.router"}, ""),
    ]
    assert facts.uses[0].call.arguments == (Constant("/{sku}"),)
    assert facts.uses[1].call.keywords == {"prefix": Constant("/v1")}
    # A router's own prefix and dependencies are those of the call that made it.
    assert facts.names["router"].keywords == {"prefix": Constant("/stock")}
    dependencies = facts.names["app"].keywords["dependencies"]
    assert isinstance(dependencies, Items)
    assert dependencies.items[0].arguments[0].name == "shop.auth.current_user"


def test_middlewares_and_handlers_of_exceptions():
    text = """
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from shop.errors import OutOfStock, out_of_stock

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"])
app.add_exception_handler(OutOfStock, out_of_stock)
"""
    assert [(name.rpartition(".")[2], named) for name, _, named, _ in uses_of(text)] == [
        ("add_middleware", {"0": "starlette.middleware.cors.CORSMiddleware"}),
        ("add_exception_handler", {"0": "shop.errors.OutOfStock", "1": "shop.errors.out_of_stock"}),
    ]


def test_a_flask_blueprint_and_a_task():
    text = """
from celery import shared_task
from flask import Blueprint, Flask

bp = Blueprint("orders", __name__, url_prefix="/orders")
app = Flask(__name__)

@bp.route("/", methods=["POST"])
def place(): ...

@shared_task(max_retries=None)
def ship(order): ...

app.register_blueprint(bp)
"""
    found = uses_of(text)
    assert [(name.rpartition(".")[2], function) for name, _, _, function in found] == [
        ("route", "shop.main.place"),
        ("shared_task", "shop.main.ship"),
        ("register_blueprint", ""),
    ]
    assert found[2][2] == {"0": "shop.main.bp"}


def test_settings_and_models_are_names_and_attributes():
    text = """
from django.db import models

REST_FRAMEWORK = {"PAGE_SIZE": 50}
INSTALLED_APPS = ["shop"]

class Order(models.Model):
    number = models.CharField(max_length=20, unique=True)

    class Meta:
        unique_together = [("number", "customer")]
        ordering = ["number"]
"""
    facts = facts_of(text)
    assert isinstance(facts.names["REST_FRAMEWORK"], Entries)
    assert facts.names["REST_FRAMEWORK"].get("PAGE_SIZE") == Constant(50)
    order = facts.classes["Order"]
    assert order.bases == ("django.db.models.Model",)
    number = order.attributes["number"]
    assert isinstance(number, Made)
    assert number.keywords == {"max_length": Constant(20), "unique": Constant(True)}
    assert order.nested["Meta"].attributes["ordering"] == Items("list", (Constant("number"),))


def test_a_migration_is_a_class_with_operations():
    text = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.AddField("order", "note", models.TextField(null=True))]
"""
    operations = facts_of(text, "shop.migrations.0002_note").classes["Migration"].attributes["operations"]
    assert isinstance(operations, Items)
    assert operations.items[0].name == "django.db.migrations.AddField"


@pytest.mark.parametrize(
    ("raised", "wording"),
    [
        ("raise OutOfStock('none left')", "fixed"),
        ("raise OutOfStock()", "fixed"),
        ("raise OutOfStock(f'{sku} is out')", "filled"),
        ("try:\n        work()\n    except KeyError as error:\n        raise OutOfStock(str(error))", "derived"),
        ("if sku:\n        raise OutOfStock('a')\n    raise OutOfStock(sku)", "filled"),
        ("raise ValueError(sku)", None),
    ],
)
def test_with_which_words_exceptions_are_raised(raised, wording):
    facts = facts_of(f"class OutOfStock(Exception): ...\n\ndef stock(sku):\n    {raised}\n")
    raising = facts.raises.get("shop.main.OutOfStock")
    assert (raising.wording if raising is not None else None) == wording
    assert bool(raising is not None and raising.quotes) is (wording == "derived")
    assert facts.classes["OutOfStock"].bases == ("builtins.Exception",)


def test_what_an_exception_quotes_of_another():
    text = """
import requests

class NoStock(Exception): ...

def stock(sku):
    try:
        return requests.get(sku, timeout=3)
    except requests.RequestException as error:
        if isinstance(error, requests.Timeout):
            raise NoStock(f"asked for {error}") from error
        raise NoStock("no stock", reason=error.args) from error
"""
    asked, quoted = facts_of(text).raises["shop.main.NoStock"].quotes
    assert (asked.slot, asked.of, asked.attribute) == ("0", ("",), "")
    assert (quoted.slot, quoted.of, quoted.attribute) == ("reason", ("requests.RequestException",), "args")
    assert quoted.site is not None
    assert quoted.site.line == 12


@pytest.mark.parametrize(
    ("body", "up", "attributes", "text"),
    [
        ("def __init__(self, orig):\n        super().__init__(f'failed: {orig}')", {"0": ("orig",)}, {}, None),
        ("def __init__(self, orig):\n        super().__init__('failed')\n        self.orig = orig", {}, {"orig": ("orig",)}, None),
        ("def __init__(self, orig):\n        self.orig = orig", None, {"orig": ("orig",)}, None),
        ("def __init__(self, orig):\n        Failure.__init__(self, code=1, cause=str(orig))", {"cause": ("orig",)}, {}, None),
        ("def __init__(self, orig):\n        orig = clean(orig)\n        super().__init__(orig)", {}, {}, None),
        ("def __str__(self):\n        return f'{self.code}: {self.orig}'", None, {}, ("code", "orig")),
    ],
)
def test_what_an_exception_says_of_what_it_was_made_with(body, up, attributes, text):
    says = facts_of(f"class NotSaved(Failure):\n    {body}\n").classes["NotSaved"].says
    assert says is not None
    assert (says.up if says.up is None else {slot: tuple(one.name for one in given) for slot, given in says.up.items()}) == up
    assert {name: tuple(one.name for one in given) for name, given in says.attributes.items()} == attributes
    assert says.text == text
    assert facts_of(f"class Orders(Table):\n    {body}\n").classes["Orders"].says is None


def test_a_program():
    assert facts_of("if __name__ == '__main__':\n    main()\n").program
    assert not facts_of("if DEBUG:\n    main()\n").program
