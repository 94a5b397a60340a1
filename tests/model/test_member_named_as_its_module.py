"""A package that takes a member of the same name from a module of its own: `from .session import session`."""

from reliability_lint.testing import check_files

FILES = {
    "shop/session.py": "import requests\n\nsession = requests.Session()\n",
    "shop/__init__.py": "from .session import session\n\n\ndef inside(url):\n    return session.get(url)\n",
    "shop/rates.py": "from shop.session import session\n\n\ndef outside(url):\n    return session.get(url)\n",
}


def test_the_member_is_found_in_the_package_and_from_its_module():
    found = check_files(FILES, ["REL101"])
    assert [(name, d.region.line) for name, diagnostics in sorted(found.items()) for d in diagnostics] == [
        ("shop/__init__.py", 5),
        ("shop/rates.py", 5),
    ]
