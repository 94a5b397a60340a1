"""Settings: which file holds, and what is said of mistakes in it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from reliability_lint.engine.settings import DEFAULT_EXCLUDE, KEYS, Lookup, Settings, read, settings_for
from reliability_lint.mistake import Mistake

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def project(here: Path, text: str) -> Path:
    path = here / "pyproject.toml"
    path.write_text(f"[tool.reliability-lint]\n{text}")
    return path


def error(here: Path, text: str) -> list[str]:
    with pytest.raises(Mistake) as caught:
        read(str(project(here, text)))
    return str(caught.value).splitlines()


def test_everything_can_be_set(here):
    (here / "models").mkdir()
    for name in ("b.toml", "a.toml"):
        (here / "models" / name).write_text("")
    path = project(
        here,
        """
        select = ["REL1", "data"]
        ignore = ["timeout-disabled"]
        extend-select = ["audit"]
        preset = "strict"
        exclude = ["x/"]
        extend-exclude = ["y/"]
        force-exclude = true
        include-tests = true
        defer-to = ["ruff", "ruff:S113"]
        libraries = ["models/*.toml"]
        cache-dir = "kept"
        per-file-ignores = { "scripts/**" = ["resilience"] }
        rules.missing-timeout = { severity = "error", suggest = 3, clients = ["a", "b"], strict = true, depth = 1, note = "n", any = 2 }
        rules.REL102.severity = "note"
        """,
    )
    assert read(str(path)) == Settings(
        select=("REL1", "data"),
        ignore=("timeout-disabled",),
        extend_select=("audit",),
        preset="strict",
        exclude=("x/",),
        extend_exclude=("y/",),
        force_exclude=True,
        include_tests=True,
        defer_to=("ruff", "ruff:S113"),
        libraries=(str(here / "models/a.toml"), str(here / "models/b.toml")),
        per_file_ignores=(("scripts/**", ("resilience",)),),
        rules=(
            (
                "missing-timeout",
                (
                    ("any", 2),
                    ("clients", ("a", "b")),
                    ("depth", 1),
                    ("note", "n"),
                    ("severity", "error"),
                    ("strict", True),
                    ("suggest", 3.0),
                ),
            ),
            ("timeout-disabled", (("severity", "note"),)),
        ),
        cache_dir="kept",
        source=str(path),
        root=str(here),
    )


def test_settings_are_frozen_and_hashable(here):
    settings = read(str(project(here, 'rules.missing-timeout.clients = ["a"]\n')))
    assert len({settings, read(settings.source)}) == 1
    with pytest.raises(AttributeError):
        settings.preset = "audit"
    assert msgspec.json.decode(msgspec.json.encode(settings), type=Settings) == settings


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ('selct = ["REL1"]', "2:1", "unknown option 'selct' in [tool.reliability-lint]", "did you mean 'select'?"),
        ('extend_select = ["REL1"]', "2:1", "unknown option 'extend_select' in [tool.reliability-lint]", "did you mean 'extend-select'?"),
        ('source = "x"', "2:1", "unknown option 'source' in [tool.reliability-lint]", ""),
        ('\nselect = ["REL1", "retrys"]', "3:19", "unknown rule, family or preset 'retrys'", ""),
        ('ignore = ["mising-timeout"]', "2:11", "unknown rule, family or preset 'mising-timeout'", "did you mean 'missing-timeout'?"),
        ('select = "REL1"', "2:10", "'select' must be a list of strings, not a string", ""),
        ("select = [\n 'REL1',\n 7]", "4:2", "'select' must be a list of strings, not a whole number", ""),
        ("force-exclude = 1", "2:17", "'force-exclude' must be true or false, not a whole number", ""),
        ('preset = "strickt"', "2:10", "'preset' must be one of 'recommended', 'strict' or 'audit'", "did you mean 'strict'?"),
        ("preset = 1", "2:10", "'preset' must be one of 'recommended', 'strict' or 'audit'", ""),
        ('libraries = ["none.toml"]', "2:14", "there is no file 'none.toml' in .", ""),
        ('defer-to = ["bandit", "rufff"]', "2:23", "unknown linter 'rufff'", "did you mean 'ruff'?"),
        ('defer-to = ["ruff:S133"]', "2:13", "unknown linter 'ruff:S133'", "did you mean 'ruff:S113'?"),
        ('defer-to = ["semgrep"]', "2:13", "unknown linter 'semgrep'", ""),
        ('defer-to = "ruff"', "2:12", "'defer-to' must be a list of strings, not a string", ""),
        ("per-file-ignores = []", "2:20", "'per-file-ignores' must be a table, not a list", ""),
        ('[tool.reliability-lint.per-file-ignores]\n"a/*" = ["nope-nope"]', "3:10", "unknown rule, family or preset 'nope-nope'", ""),
        ("rules.mising-timeout.severity = 'error'", "2:7", "unknown rule 'mising-timeout'", "did you mean 'missing-timeout'?"),
        ("rules.resilience.severity = 'error'", "2:7", "unknown rule 'resilience'", ""),
        ("rules.REL113.severity = 'error'", "2:7", "'REL113' is not there yet: its code is reserved", "REL113 lock-without-expiry"),
        (
            "[tool.reliability-lint.rules.missing-timeout]\nsugest = 1",
            "3:1",
            "unknown option 'sugest' of missing-timeout",
            "did you mean 'suggest'?",
        ),
        ("rules.missing-timeout.suggest = 'x'", "2:33", "'suggest' must be a number, not a string", ""),
        ("rules.missing-timeout.depth = 1.5", "2:31", "'depth' must be a whole number, not a number", ""),
        ("rules.missing-timeout.depth = true", "2:31", "'depth' must be a whole number, not true or false", ""),
        ("rules.missing-timeout.strict = 1", "2:32", "'strict' must be true or false, not a whole number", ""),
        ("rules.missing-timeout.note = 1", "2:30", "'note' must be a string, not a whole number", ""),
        ("rules.missing-timeout.clients = ['a', 1]", "2:39", "'clients' must be a string, not a whole number", ""),
        ("rules.missing-timeout.any = 1979-05-27", "2:29", "'any' must be a string, a number, true or false, not a date or time", ""),
        ("rules.missing-timeout.severity = 'fatal'", "2:34", "'severity' must be one of 'error', 'warning' or 'note'", ""),
        ("rules.missing-timeout = 1", "2:25", "'missing-timeout' must be a table of options, not a whole number", ""),
        ("exclude = ['a/***b', '!']", "2:22", "'!' is no pattern, as in a .gitignore", ""),
        ("select = [", "2:11", "this is no TOML: ", ""),
        ("select = 1 2", "2:12", "this is no TOML: ", ""),
    ],
)
def test_mistakes_are_shown_at_their_place(here, text, place, message, hint):
    first, quote, caret = error(here, text)
    assert first.startswith(f"error: pyproject.toml:{place}: {message}")
    line, column = map(int, place.split(":"))
    assert quote == f"{line} | " + f"[tool.reliability-lint]\n{text}".splitlines()[line - 1]
    assert caret.index("^") == len(f"{line} | ") + column - 1
    assert hint in caret


def test_our_own_file_has_no_table(here):
    (here / "reliability-lint.toml").write_text('preset = "audit"\n')
    assert settings_for("a.py").preset == "audit"
    (here / "reliability-lint.toml").write_text('presset = "audit"\n')
    with pytest.raises(Mistake, match=r"reliability-lint.toml:1:1: unknown option 'presset' in reliability-lint.toml"):
        settings_for("a.py")


def test_a_table_that_is_none(here):
    (here / "pyproject.toml").write_text("[tool]\nreliability-lint = 3\n")
    with pytest.raises(Mistake, match=r"pyproject.toml:2:20: 'tool.reliability-lint' must be a table, not a whole number"):
        settings_for("a.py")


def test_the_closest_file_holds_alone(here):
    project(here, 'preset = "strict"\nignore = ["data"]\n')
    below = here / "a" / "b"
    below.mkdir(parents=True)
    (here / "a" / "pyproject.toml").write_text("[project]\nname = 'no table of ours'\n")
    assert settings_for(str(below / "x.py")).preset == "strict"
    (below / "pyproject.toml").write_text('[tool.reliability-lint]\nignore = ["REL1"]\n')
    found = settings_for(str(below / "x.py"))
    assert (found.preset, found.ignore, found.root) == ("recommended", ("REL1",), str(below))
    (below / "reliability-lint.toml").write_text("preset = 'audit'\n")
    assert settings_for(str(below / "x.py")).preset == "audit"


def test_a_broken_pyproject_is_our_business_only_if_it_may_hold_our_table(here):
    (here / "pyproject.toml").write_text("[broken\n")
    assert settings_for("a.py").source == ""
    (here / "pyproject.toml").write_text("[tool.reliability-lint]\n[broken\n")
    with pytest.raises(Mistake, match=r"pyproject.toml:2:8: this is no TOML: "):
        settings_for("a.py")
    (here / "pyproject.toml").write_bytes(b"[tool.reliability-lint]\nx = '\xff'\n")
    with pytest.raises(Mistake, match="byte 29 is not valid UTF-8"):
        settings_for("a.py")


def test_a_byte_order_mark_is_no_mistake(here):
    (here / "reliability-lint.toml").write_bytes(b"\xef\xbb\xbfpreset = 'audit'\n")
    assert settings_for("a.py").preset == "audit"


def test_a_changed_file_is_read_again(here):
    path = project(here, 'preset = "strict"\n')
    assert settings_for("a.py").preset == "strict"
    path.write_text("[tool.reliability-lint]\npreset = 'recommended'\n")
    assert settings_for("a.py").preset == "recommended"


def test_without_settings_the_root_is_that_of_the_project(here):
    (here / "p" / "q").mkdir(parents=True)
    (here / "p" / "setup.py").write_text("")
    assert settings_for("p/q/x.py") == Settings(root=str(here / "p"))
    assert settings_for("x.py").root == str(here)


def test_isolated_and_named_settings(here):
    project(here, 'preset = "strict"\n')
    (here / "other.toml").write_text('preset = "audit"\n')
    assert Lookup(isolated=True).of_file(str(here / "a.py")).preset == "recommended"
    assert Lookup("other.toml").of_file("/anywhere/a.py").preset == "audit"
    with pytest.raises(Mistake, match="there is no settings file"):
        Lookup("none.toml")
    (here / "sub").mkdir()
    (here / "sub" / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(Mistake, match=r"it has no table \[tool.reliability-lint\]"):
        Lookup("sub/pyproject.toml")


def test_what_the_command_line_says_is_said_of_every_file(here):
    lookup = Lookup(change=lambda settings: msgspec.structs.replace(settings, preset="audit"))
    project(here, "")
    assert lookup.of_file(str(here / "a.py")).preset == "audit"
    assert lookup.of_file("/none/a.py").preset == "audit"


def test_every_key_is_documented_with_its_default():
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    headings = [line.removeprefix("### ").strip("`") for line in text.splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(KEYS)
    assert sorted(KEYS) == sorted(
        field.replace("_", "-") for field in Settings.__struct_fields__ if field not in ("local_rules_allowed", "source", "root")
    )
    for folder in ("build", "dist", "node_modules", "site-packages"):
        assert f"{folder}/" in DEFAULT_EXCLUDE
        assert f"`{folder}`" in text


def test_the_example_in_the_documentation_is_right(here):
    from reliability_lint.engine import selection

    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    path = here / "pyproject.toml"
    path.write_text(example)
    settings = read(str(path))
    assert settings.preset == "strict"
    assert selection.chosen(settings, str(here / "scripts" / "x.py"))
