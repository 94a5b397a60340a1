"""Rules and models of other distributions, installed for real: as the page about them shows one, and as they go wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from distribution import SPAWNING, install, install_rules, lint, page_files, python, rule_module, write

SHOP = """\
import ledger
import requests


def rate(currency):
    ledger.book(currency)
    return requests.get(f"https://rates.example/{currency}", timeout=60)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    install(folder, page_files())
    return folder


@pytest.fixture
def author(tmp_path: Path, site: Path) -> Path:
    """The folder in which the distribution is written, which is installed as such things are while they are written."""
    folder = tmp_path / "acme-lint"
    write(folder, page_files())
    shutil.rmtree(site / "acme_lint")
    (site / "acme_lint").symlink_to(folder / "acme_lint")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    write(folder, {"pyproject.toml": "", "rates.py": SHOP})
    return folder


def found(folder: Path, site: Path | None, *arguments: str) -> list[tuple[int, str]]:
    done = lint(["check", "-f", "json", *arguments], folder, site)
    assert not done.stderr
    return [(one["line"], one["code"]) for one in json.loads(done.stdout)["findings"]]


# -- as the page shows it


def test_the_page_shows_every_file() -> None:
    assert sorted(page_files()) == [
        "acme_lint/__init__.py",
        "acme_lint/models/ledger.toml",
        "acme_lint/rules/__init__.py",
        "acme_lint/rules/outlasting_wait.py",
        "fixtures/outlasting_wait/ledger.py",
        "pyproject.toml",
        "tests/test_rules.py",
    ]


def test_rules_and_models_hold_once_they_are_installed(shop: Path, site: Path) -> None:
    assert found(shop, None) == []
    assert found(shop, site) == [(6, "REL101"), (7, "ACM101")]


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (("--ignore", "acme"), ["REL101"]),
        (("--ignore", "outlasting-wait"), ["REL101"]),
        (("--select", "acme"), ["ACM101"]),
        (("--select", "ACM"), ["ACM101"]),
        (("--select", "ACM1", "--ignore", "ACM101"), []),
        (("--select", "ACM101", "--ignore", "acme"), ["ACM101"]),
        (("--jobs", "2"), ["REL101", "ACM101"]),
    ],
)
def test_they_are_selected_as_ours_are(shop: Path, site: Path, arguments: tuple[str, ...], codes: list[str]) -> None:
    assert [code for _, code in found(shop, site, *arguments)] == codes


def test_what_is_misspelt_is_corrected(shop: Path, site: Path) -> None:
    done = lint(["check", "--ignore", "outlasting-weit"], shop, site)
    assert done.returncode == 2
    assert "did you mean 'outlasting-wait'?" in done.stderr


def test_the_letters_of_a_code_are_whole(shop: Path, tmp_path: Path) -> None:
    """Of AC001 and ACM001, `AC` means the first alone, and of ours `RE` means nothing."""
    text = rule_module(code="AC001", name="first") + "\n\n" + rule_module(code="ACM001", name="second").partition("\n\n\n")[2]
    install_rules(tmp_path / "site", "acme_rules", text)
    assert {code for _, code in found(shop, tmp_path / "site", "--select", "AC")} == {"AC001"}
    assert {code for _, code in found(shop, tmp_path / "site", "--select", "ACM0")} == {"ACM001"}
    assert lint(["check", "--select", "RE"], shop, tmp_path / "site").returncode == 2


def test_shells_complete_them_and_import_none(shop: Path, site: Path) -> None:
    write(site, {"acme_lint/__init__.py": "raise SystemExit('imported')\n"})
    told = {"_RELIABILITY_LINT_COMPLETE": "bash_complete", "COMP_WORDS": "reliability-lint explain out", "COMP_CWORD": "2"}
    assert lint([], shop, site, **told).stdout.split() == ["plain,outlasting-wait"]
    told["COMP_WORDS"] = "reliability-lint rules --family ac"
    assert lint([], shop, site, **{**told, "COMP_CWORD": "3"}).stdout.split() == ["plain,acme"]


def test_the_schema_of_settings_has_them(shop: Path, site: Path) -> None:
    schema = json.loads(lint(["config", "schema"], shop, site).stdout)
    assert {"acme", "ACM", "ACM1", "ACM101", "outlasting-wait"} <= set(schema["$defs"]["selector"]["enum"])
    assert schema["properties"]["rules"]["properties"]["outlasting-wait"]["properties"]["longest"] == {"type": "number", "default": 30.0}


def test_settings_and_comments_name_them(shop: Path, site: Path) -> None:
    settings = '[tool.reliability-lint]\nextend-select = ["acme"]\n[tool.reliability-lint.rules.outlasting-wait]\nlongest = 90\nseverity = "note"\n'
    write(shop, {"pyproject.toml": settings})
    assert found(shop, site) == [(6, "REL101")]
    write(shop, {"pyproject.toml": settings.replace("90", "50")})
    done = lint(["check", "-f", "concise"], shop, site)
    assert "rates.py:7:12: note ACM101 outlasting-wait: " in done.stdout
    for comment in ("reliability: ignore[outlasting-wait] the bank is slow", "reliability: ignore[acme] the bank is slow", "noqa: ACM101"):
        write(shop, {"rates.py": SHOP.replace("timeout=60)", f"timeout=60)  # {comment}")})
        assert found(shop, site) == [(6, "REL101")]


def test_a_wrong_option_is_a_mistake(shop: Path, site: Path) -> None:
    write(shop, {"pyproject.toml": '[tool.reliability-lint.rules.outlasting-wait]\nlongest = "long"\n'})
    done = lint(["check"], shop, site)
    assert done.returncode == 2
    assert "pyproject.toml:2:11: 'longest' must be a number, not a string" in done.stderr


def test_they_are_listed_and_explained(shop: Path, site: Path) -> None:
    listed = json.loads(lint(["rules", "--family", "acme", "-f", "json"], shop, site).stdout)
    assert [(one["code"], one["name"], one["origin"], one["options"]) for one in listed] == [
        ("ACM101", "outlasting-wait", "acme-lint 1.2", {"longest": "30"})
    ]
    page = lint(["explain", "outlasting-wait"], shop, site).stdout
    assert "error · family acme · preset recommended · from acme-lint 1.2" in page
    assert "The longest that the gateway waits, in seconds." in page


def test_the_doctor_lists_them(shop: Path, site: Path) -> None:
    done = lint(["doctor"], shop, site)
    assert "ok       plugins   acme-lint 1.2 (rules: 1, library models: 1)\n" in done.stdout
    write(site, {"acme_lint/rules/broken.py": "import acme_core\n"})
    done = lint(["doctor"], shop, site)
    assert done.returncode == 2
    assert (
        "problem  plugins   the rules of acme-lint 1.2 cannot be imported: ModuleNotFoundError: No module named 'acme_core'" in done.stdout
    )
    write(site, {"acme_lint/rules/broken.py": "", "acme_lint/models/ledger.toml": "library = 1\n"})
    assert "(a model of acme-lint 1.2)" in lint(["doctor"], shop, site).stdout


def test_reports_for_programs_have_them(shop: Path, site: Path) -> None:
    (run,) = json.loads(lint(["check", "-f", "sarif"], shop, site).stdout)["runs"]
    assert [(one["id"], one["properties"]["tags"]) for one in run["tool"]["driver"]["rules"]] == [
        ("ACM101", ["reliability", "acme"]),
        ("REL101", ["reliability", "resilience"]),
    ]


def test_flake8_shows_them_once_without_being_asked(shop: Path, site: Path) -> None:
    done = python(["-m", "flake8", "--isolated", "rates.py"], shop, site)
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["REL101", "ACM101"], done.stdout + done.stderr


def test_pylint_goes_on_without_them(shop: Path, site: Path) -> None:
    arguments = [
        "-m",
        "pylint",
        "--rcfile=/dev/null",
        "--load-plugins=reliability_lint.fronts.pylint",
        "--disable=all",
        "--enable=reliability",
    ]
    done = python([*arguments, "rates.py"], shop, site)
    assert "rel-missing-timeout" in done.stdout, done.stdout + done.stderr
    assert "gateway" not in done.stdout


def test_its_own_tests_pass(author: Path, site: Path) -> None:
    done = python(["-m", "pytest", "-p", "no:cacheprovider", "-q", "tests"], author, site)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_command_tests_it(author: Path, site: Path) -> None:
    done = lint(["test"], author, site)
    assert (done.returncode, done.stdout) == (0, "1 rule, 2 examples, 1 fixture: all as marked\n"), done.stderr


# -- the command for authors


def test_the_command_tells_what_is_wrong_and_where(author: Path, site: Path) -> None:
    rule = author / "acme_lint" / "rules" / "outlasting_wait.py"
    rule.write_text(
        rule.read_text(encoding="utf-8").replace("timeout=5)", "timeout=55)").replace('ACM101 "60 s"', 'ACM101 "sixty"'), encoding="utf-8"
    )
    fixture = author / "fixtures" / "outlasting_wait" / "ledger.py"
    fixture.write_text(fixture.read_text(encoding="utf-8").replace("120", "12"), encoding="utf-8")
    done = lint(["test"], author, site)
    lines = rule.read_text(encoding="utf-8").splitlines()
    bad, good = (next(number for number, line in enumerate(lines, 1) if what in line) for what in ("timeout=60", "timeout=55"))
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert said[0].startswith(f"acme_lint/rules/outlasting_wait.py:{bad}: outlasting-wait: ACM101 says ")
    assert said[1].startswith(f"acme_lint/rules/outlasting_wait.py:{good}: outlasting-wait: ACM101 is found and not marked: ")
    assert said[2:] == [
        "fixtures/outlasting_wait/ledger.py:11: outlasting-wait: ACM101 is not found",
        "1 rule, 2 examples, 1 fixture: 3 failures",
    ]


def test_a_path_into_a_distribution_means_its_rules(author: Path, site: Path) -> None:
    done = lint(["test", "acme_lint/rules/outlasting_wait.py"], author, site)
    assert (done.returncode, done.stdout) == (0, "1 rule, 2 examples, 1 fixture: all as marked\n"), done.stderr


FIXED = '''\
import libcst as cst

from reliability_lint.rule import Call, Edit, Findings, Fix, rule


@rule("ACM201")
def old_name(call: Call) -> Findings:
    """
    A call under the old name.

    The old name goes with the next version.

    Bad:

        import shop

        shop.old(1)  # ACM201

    Fixed:

        import shop

        shop.fresh(1)

    Good:

        import shop

        shop.new(1)
    """
    if call.name == "shop.old":
        assert isinstance(call.node, cst.Call)
        yield call.finding("old() goes", cure="write new()", fix=Fix("write new()", (Edit(call.node.func, "shop.new"),), safe=True))
'''


def test_what_fixes_make_is_tested_too(tmp_path: Path) -> None:
    write(tmp_path, {"lint/old_name.py": FIXED, "fixtures/old_name/pay.py": "import shop\n\nshop.old(2)  # ACM201\n"})
    write(tmp_path, {"fixtures/old_name/pay.fixed.py": "import shop\n\nshop.new(3)\n"})
    done = lint(["test", "lint"], tmp_path)
    assert done.returncode == 1
    assert "lint/old_name.py:21: old-name: this is not what the fixes make of it:" in done.stdout
    assert "    -shop.fresh(1)\n    +shop.new(1)\n" in done.stdout
    assert "fixtures/old_name/pay.fixed.py: old-name: this is not what the fixes make of it:" in done.stdout
    write(
        tmp_path,
        {"lint/old_name.py": FIXED.replace("shop.fresh", "shop.new"), "fixtures/old_name/pay.fixed.py": "import shop\n\nshop.new(2)\n"},
    )
    done = lint(["test", "lint"], tmp_path)
    assert (done.returncode, done.stdout) == (0, "1 rule, 3 examples, 2 fixtures: all as marked\n"), done.stdout + done.stderr


def test_a_rule_without_examples_is_not_tested(tmp_path: Path) -> None:
    write(tmp_path, {"lint/odd_call.py": rule_module()})
    done = lint(["test", "lint"], tmp_path)
    assert done.returncode == 1
    assert "lint/odd_call.py:7: odd-call: there is no example under 'Bad:'" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "error: no distribution with rules is installed"),
        (["nowhere"], "error: nowhere: there is no folder and no Python file of this name"),
        (["empty"], "error: there is no local rule in empty"),
        (["lint", "--fixtures", "nowhere"], "error: there is no folder 'nowhere'"),
    ],
)
def test_the_command_needs_something_to_test(tmp_path: Path, arguments: list[str], said: str) -> None:
    write(tmp_path, {"lint/odd_call.py": rule_module(), "empty/__init__.py": ""})
    done = lint(["test", *arguments], tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# -- what is kept


def test_a_plugin_that_changes_is_asked_again(shop: Path, site: Path) -> None:
    """In the rule itself, in a module beside it, in a model, and in what is said of the rule."""
    assert found(shop, site) == found(shop, site) == [(6, "REL101"), (7, "ACM101")]
    module = site / "acme_lint" / "rules" / "outlasting_wait.py"
    text = module.read_text(encoding="utf-8").replace("longest: float = 30.0", "longest: float = LONGEST")
    module.write_text("from acme_lint.limits import LONGEST\n" + text, encoding="utf-8")
    write(site, {"acme_lint/limits.py": "LONGEST = 70.0\n"})
    assert found(shop, site) == [(6, "REL101")]
    write(site, {"acme_lint/limits.py": "LONGEST = 7.0\n"})
    assert found(shop, site) == [(6, "REL101"), (7, "ACM101")]
    model = site / "acme_lint" / "models" / "ledger.toml"
    model.write_text(model.read_text(encoding="utf-8").replace('"never"', "7"), encoding="utf-8")
    assert found(shop, site) == [(7, "ACM101")]
    module.write_text(module.read_text(encoding="utf-8").replace('severity="error"', 'severity="error", set="audit"'), encoding="utf-8")
    assert found(shop, site) == []
    shutil.rmtree(site)
    assert found(shop, site) == []
    assert lint(["check", "--select", "acme"], shop, site).returncode == 2


def test_what_is_kept_needs_no_import(shop: Path, site: Path) -> None:
    write(site, {"acme_lint/__init__.py": "import sys\nprint('imported', file=sys.stderr)\n"})
    assert "imported" in lint(["check"], shop, site).stderr
    done = lint(["check", "-f", "concise", "--ignore", "missing-timeout"], shop, site)
    assert "ACM101" in done.stdout
    done = lint(["check", "-f", "concise", "--ignore", "missing-timeout"], shop, site)
    assert "ACM101" in done.stdout
    assert not done.stderr


def test_any_number_of_processes_finds_the_same(tmp_path: Path, site: Path) -> None:
    folder = tmp_path / "many"
    write(folder, {"pyproject.toml": "", **{f"rates{number}.py": SHOP for number in range(40)}})
    one, two = (lint(["check", "--no-cache", "-f", "concise", "-j", jobs], folder, site) for jobs in ("1", "2"))
    write(tmp_path, {"spawning.py": SPAWNING})
    spawned = python([str(tmp_path / "spawning.py"), "check", "--no-cache", "-f", "concise", "-j", "2"], folder, site)
    assert one.stdout.count("ACM101") == 40
    assert one.stdout == two.stdout == spawned.stdout


# -- what goes wrong


def wrong(tmp_path: Path, site: Path, *commands: list[str]) -> str:
    """What is said of a plugin that cannot be used: the same by every command."""
    write(tmp_path / "shop", {"pyproject.toml": "", "rates.py": SHOP})
    done = [lint(arguments, tmp_path / "shop", site) for arguments in (["check", "--no-cache"], *commands)]
    assert {one.returncode for one in done} == {2}
    (said,) = {one.stderr for one in done}
    assert "Traceback" not in said
    return said


def test_a_plugin_that_cannot_be_imported_ends_the_run(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install_rules(site, "acme_rules", "import math\n\nimport acme_core\n")
    said = wrong(tmp_path, site, ["check"], ["check", "-j", "2"], ["rules"], ["explain", "REL101"])
    assert said.startswith("error: the rules of acme-lint 1.2 cannot be imported: ModuleNotFoundError: No module named 'acme_core' (")
    assert "acme_rules.py:3)\n  update acme-lint or what it needs, or uninstall it\n" in said


def test_other_linters_end_with_the_same_words(shop: Path, tmp_path: Path) -> None:
    install_rules(tmp_path / "site", "acme_rules", "import acme_core\n")
    said = "error: the rules of acme-lint 1.2 cannot be imported: ModuleNotFoundError: No module named 'acme_core'"
    flake8 = python(["-m", "flake8", "--isolated", "rates.py"], shop, tmp_path / "site")
    assert (flake8.returncode, said in flake8.stderr + flake8.stdout) == (1, True), flake8.stdout + flake8.stderr
    arguments = ["-m", "pylint", "--rcfile=/dev/null", "--load-plugins=reliability_lint.fronts.pylint", "rates.py"]
    pylint = python(arguments, shop, tmp_path / "site")
    assert (pylint.returncode, pylint.stderr.startswith(said)) == (32, True), pylint.stdout + pylint.stderr
    assert "Traceback" not in flake8.stderr + pylint.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def (\n", "SyntaxError: invalid syntax"),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
        ("assert False, 'no'\n", "AssertionError: no"),
    ],
)
def test_whatever_a_plugin_does_on_import(tmp_path: Path, text: str, says: str) -> None:
    install_rules(tmp_path / "site", "acme_rules", text)
    assert says in wrong(tmp_path, tmp_path / "site")


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (
            rule_module(code="REL101"),
            "its code is 'REL101'\n  a code is two or three capital letters, not REL, and three digits, as ACM101",
        ),
        (rule_module(code="acme1"), "its code is 'acme1'"),
        (
            rule_module(place="Return").replace("Return, ", "Return, ").replace("import Return", "import Return"),
            "it asks for Return\n  its first parameter is one of AttributeAssignment, Call,",
        ),
        (rule_module(more=', severity="fatal"'), "its severity is 'fatal'\n  it is one of error, warning, note"),
        (rule_module(more=', set="default"'), "its set is 'default'\n  it is one of recommended, strict, audit"),
        (
            rule_module().replace("place: Call", "place: Call, other: Call"),
            "it asks for Call and Call\n  its second parameter is a concept",
        ),
        (rule_module().replace("place: Call", ""), "it asks for nothing"),
        (
            rule_module(name="missing_timeout"),
            "two rules have the name 'missing-timeout': REL101 missing-timeout of reliability-lint, and ACM101 missing-timeout of acme-lint 1.2",
        ),
        ("", "there is no rule in 'acme_rules' (acme-lint 1.2, entry point 'acme')"),
    ],
)
def test_what_is_no_rule_is_told(tmp_path: Path, module: str, says: str) -> None:
    install_rules(tmp_path / "site", "acme_rules", module)
    assert says in wrong(tmp_path, tmp_path / "site")


def test_two_that_take_the_same_code_are_both_named(tmp_path: Path) -> None:
    install_rules(tmp_path / "site", "acme_rules", rule_module())
    install_rules(tmp_path / "site", "bolt_rules", rule_module(name="other_call"), "bolt-lint", "bolt", "3.0")
    said = wrong(tmp_path, tmp_path / "site")
    assert "two rules have the code ACM101: ACM101 odd-call of acme-lint 1.2, and ACM101 other-call of bolt-lint 3.0" in said


@pytest.mark.parametrize("family", ["resilience", "strict", "local", "Acme"])
def test_a_family_has_a_name_of_its_own(tmp_path: Path, family: str) -> None:
    install_rules(tmp_path / "site", "acme_rules", rule_module(), family=family)
    assert f"'{family}' " in wrong(tmp_path, tmp_path / "site")


def test_a_model_that_cannot_be_used_ends_the_run(shop: Path, site: Path) -> None:
    model = site / "acme_lint" / "models" / "ledger.toml"
    model.write_text(model.read_text(encoding="utf-8").replace("default =", "defalt ="), encoding="utf-8")
    done = lint(["check"], shop, site)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "ledger.toml:7: call.wait.timeout.defalt: object contains unknown field `defalt` (a model of acme-lint 1.2)" in done.stderr
    assert not done.stdout


def test_a_folder_of_models_without_any_ends_the_run(shop: Path, site: Path) -> None:
    (site / "acme_lint" / "models" / "ledger.toml").unlink()
    done = lint(["check"], shop, site)
    assert done.returncode == 2
    assert "'acme_lint.models' is no package with TOML files in its folder (acme-lint 1.2, entry point 'acme')" in done.stderr


def test_models_are_not_imported(shop: Path, tmp_path: Path) -> None:
    model = page_files()["acme_lint/models/ledger.toml"]
    files = {"acme_client/__init__.py": "raise SystemExit('imported')\n", "acme_client/lint/ledger.toml": model}
    install(tmp_path / "client", files, "acme-client", "7", {"reliability_lint.models": {"acme": "acme_client.lint"}})
    assert found(shop, tmp_path / "client") == [(6, "REL101")]


def test_a_rule_that_raises_leaves_the_others_alone(shop: Path, tmp_path: Path) -> None:
    install_rules(tmp_path / "site", "acme_rules", rule_module(body="raise KeyError(place.name)"))
    write(shop, {"rates.py": SHOP.replace(", timeout=60", "")})
    done = lint(["check", "-f", "concise"], shop, tmp_path / "site")
    assert done.returncode == 2
    assert "REL000 internal-error: rule odd-call failed on this file with KeyError" in done.stdout
    assert "please report it to those who made acme-lint 1.2, with the file" in lint(["check"], shop, tmp_path / "site").stdout
    assert "REL101" in done.stdout


@pytest.mark.parametrize("body", ["return", "return [place.name]", "yield from (place,)"])
def test_what_is_no_finding_is_laid_to_the_rule(shop: Path, tmp_path: Path, body: str) -> None:
    install_rules(tmp_path / "site", "acme_rules", rule_module(body=body))
    done = lint(["check", "-f", "concise", "--select", "acme"], shop, tmp_path / "site")
    assert done.returncode == 2
    assert "REL000 internal-error: rule odd-call failed on this file with TypeError" in done.stdout


def test_a_rule_sees_files_in_which_ours_would_find_nothing(tmp_path: Path) -> None:
    install_rules(tmp_path / "site", "acme_rules", rule_module(place="Class"))
    write(tmp_path / "shop", {"pyproject.toml": "", "order.py": "class Order:\n    total = 1\n"})
    assert found(tmp_path / "shop", tmp_path / "site") == [(1, "ACM101")]


def test_nothing_is_installed_by_what_is_checked(tmp_path: Path) -> None:
    """A folder that is checked may have the metadata of a distribution, and Python may look for modules there."""
    install_rules(tmp_path, "acme_rules", "open('executed', 'w')\n")
    write(tmp_path, {"pyproject.toml": "", "click.py": "open('executed', 'w')\n"})
    for site in (None, tmp_path):
        if site is not None:
            (tmp_path / "click.py").unlink()
        assert lint(["check"], tmp_path, site).returncode == 0
        assert not (tmp_path / "executed").exists()


def test_who_has_none_pays_next_to_nothing(shop: Path) -> None:
    listed = "import sys; from reliability_lint.fronts.cli import run; run(sys.argv[1:]); print(*sys.modules)"
    for arguments in (["--version"], ["--help"]):
        assert "reliability_lint.plugins" not in python(["-c", listed, *arguments], shop).stdout.split()
    assert "importlib.metadata" not in python(["-c", listed, "check"], shop).stdout.split()
