"""What a file is for, told by where it lies."""

import pytest

from reliability_lint.engine.roles import role, sign
from reliability_lint.engine.settings import Lookup, below_root


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop/orders.py", "service"),
        ("shop/contest.py", "service"),
        ("shop/tests/helpers.py", "test"),
        ("shop/test_orders.py", "test"),
        ("shop/orders_test.py", "test"),
        ("shop/tasks/test.py", "test"),
        ("shop/migrations/0001_initial.py", "migration"),
        ("alembic/versions/1a2b.py", "migration"),
        ("scripts/load.py", "script"),
    ],
)
def test_by_its_path(path, expected):
    assert role(path, "") == expected
    # And by what that is seen, for whoever asks.
    seen = sign(path, "")
    assert bool(seen) is (expected != "service")
    assert seen.removeprefix("'").removesuffix("' in its path") in path


def test_by_what_it_imports():
    assert role("shop/helpers.py", "import pytest\n") == "test"
    assert sign("scripts/helpers.py", "import pytest\n") == "`import pytest`"


def test_a_folder_without_init_between_packages_does_not_hide_what_is_above(tmp_path):
    versions = tmp_path / "shop" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").touch()
    file = versions / "1a2b_orders.py"
    file.touch()
    root = Lookup(isolated=True).of_file(str(file)).root
    assert role(below_root(root, str(file)), "") == "migration"
