"""The command line, in this process."""

from __future__ import annotations

import io
import json
import os
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from reliability_lint import __version__, registry
from reliability_lint.diagnostics import Diagnostic, Region, Report, Severity
from reliability_lint.engine import run as engine_run
from reliability_lint.engine.cache_folder import Hold
from reliability_lint.fronts import cli
from reliability_lint.fronts.cli import run
from reliability_lint.fronts.cli.reporting import FORMATS

# Found whatever rules there are: a file that is no Python, and a comment that names nothing.
BROKEN = "def f(:\n"
BLANKET = "x = 1  # reliability: ignore\n"


def test_clean_and_found(here, call):
    (here / "a.py").write_text("x = 1\n")
    code, out, err = call("check")
    assert (code, err) == (0, "")
    assert out.startswith("All clear: 1 file, ")
    (here / "b.py").write_text(BLANKET)
    code, out, err = call("check")
    assert (code, err) == (1, "")
    assert out.startswith("b.py:1:8: warning: ")
    assert "blanket-suppression REL003\n" in out
    assert "1 │ x = 1  # reliability: ignore\n" in out


def test_an_empty_folder_is_no_mistake(call):
    assert call("check") == (0, "Nothing was checked: there is no Python file.\n", "")


@pytest.mark.parametrize("output_format", FORMATS)
def test_the_exit_code_is_the_same_for_every_format(here, call, output_format, monkeypatch):
    arguments = ("check", "a.py", "--output-format", output_format)
    (here / "a.py").write_text("x = 1\n")
    assert call(*arguments)[0] == 0
    (here / "a.py").write_text(BLANKET)
    assert call(*arguments)[0] == 1
    assert call(*arguments, "--exit-zero")[0] == 0
    (here / "a.py").write_text(BROKEN)
    assert call(*arguments)[0] == 1
    assert call(*arguments, "--select", "xyzzy")[0] == 2
    internal = Diagnostic(Region("a.py", 1, 1, 1, 1), "REL000", "internal-error", Severity.ERROR, "it failed")
    monkeypatch.setattr(engine_run, "run", lambda files, **_: Report((internal,), (), (), 1, 1, 0.0))
    assert call(*arguments)[0] == 2
    assert call(*arguments, "--exit-zero")[0] == 2


def test_concise(here, call):
    (here / "a.py").write_text(BLANKET)
    assert call("check", "-f", "concise")[1] == (
        "a.py:1:8: warning REL003 blanket-suppression: this comment does not say what it silences, so it silences nothing\n"
    )


def test_statistics(here, call):
    (here / "a.py").write_text(BLANKET * 3)
    assert call("check", "-f", "concise", "--statistics")[1].endswith("\n\n3  REL003  blanket-suppression\n")


def test_show_suppressed(here, call):
    (here / "a.py").write_text("# reliability: ignore[blanket-suppression] shown in the handbook\n" + BLANKET)
    code, out, _ = call("check")
    assert code == 0
    assert "(not shown: 1 suppressed)" in out
    code, out, _ = call("check", "--show-suppressed")
    assert code == 0
    assert "a.py:2:8: suppressed: " in out
    assert "shown in the handbook" in out


def test_machine_formats_are_the_same_every_time(here, call):
    (here / "a.py").write_text(BLANKET)
    (here / "b_pb2.py").write_text("")
    for output_format in FORMATS[3:]:
        first = call("check", "-f", output_format)[1]
        assert first == call("check", "-f", output_format, "--jobs", "1")[1]
    document = json.loads(call("check", "-f", "json")[1])
    assert document["skipped"] == [{"path": "b_pb2.py", "reason": "generated code"}]
    assert [one["code"] for one in document["findings"]] == ["REL003"]


def test_paths_in_sarif_are_relative_to_the_repository(here, call, monkeypatch):
    (here / ".git").mkdir()
    (here / "backend").mkdir()
    (here / "backend" / "a.py").write_text(BLANKET)
    monkeypatch.chdir(here / "backend")
    result = json.loads(call("check", "-f", "sarif")[1])["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "backend/a.py"
    assert "primaryLocationLineHash" in result["partialFingerprints"]


def test_github_writes_the_summary(here, call, monkeypatch):
    (here / "a.py").write_text(BLANKET)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    assert call("check", "-f", "github")[1].startswith("::warning file=a.py,line=1,")
    assert "| `a.py:1` | warning | blanket-suppression REL003 |" in (here / "summary.md").read_text()


class TestOutputFile:
    def test_holds_the_report_and_nothing_is_left_beside(self, here, call):
        (here / "a.py").write_text(BLANKET)
        code, out, err = call("check", "-f", "json", "-o", "report.json")
        assert (code, out, err) == (1, "", "")
        assert json.loads((here / "report.json").read_text())["summary"]["findings"] == 1
        assert sorted(os.listdir(here)) == ["a.py", "report.json"]

    def test_no_colours(self, here, call, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "1")
        (here / "a.py").write_text(BLANKET)
        assert "\x1b[" in call("check")[1]
        call("check", "-o", "report.txt")
        assert "\x1b[" not in (here / "report.txt").read_text()

    def test_rights_and_links_are_kept(self, here, call):
        (here / "a.py").write_text("x = 1\n")
        umask = os.umask(0o022)
        os.umask(umask)
        call("check", "-o", "new.txt")
        assert (here / "new.txt").stat().st_mode & 0o777 == 0o666 & ~umask
        (here / "old.txt").write_text("old")
        (here / "old.txt").chmod(0o640)
        os.symlink("old.txt", here / "link.txt")
        call("check", "-o", "link.txt")
        assert (here / "link.txt").is_symlink()
        assert (here / "old.txt").read_text().startswith("All clear")
        assert (here / "old.txt").stat().st_mode & 0o777 == 0o640

    def test_what_cannot_be_written_is_a_mistake(self, here, call):
        (here / "a.py").write_text("x = 1\n")
        (here / "folder").mkdir()
        for path in ("none/report.json", "folder"):
            code, out, err = call("check", "-o", path)
            assert (code, out) == (2, "")
            assert err.startswith(f"error: {path}: cannot be written: ")
        assert call("check", "-o", os.devnull)[0] == 0

    def test_an_interrupted_writing_leaves_the_old_file(self, here, call, monkeypatch):
        (here / "a.py").write_text("x = 1\n")
        (here / "report.txt").write_text("old")

        def failing(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", failing)
        assert call("check", "-o", "report.txt")[0] == 2
        assert (here / "report.txt").read_text() == "old"
        assert sorted(os.listdir(here)) == ["a.py", "report.txt"]


class TestSelection:
    def test_repeated_and_with_commas(self, here, call):
        (here / "a.py").write_text(BLANKET + "y = 1  # reliability: ignore[xyzzy] it is known to nobody\n")
        for arguments in (("--select", "REL003,REL005"), ("--select", "REL003", "--select", " REL005 ,")):
            out = call("check", "-f", "concise", *arguments)[1]
            assert [line.split()[2] for line in out.splitlines()] == ["REL003", "REL005"]
        assert call("check", "--select", "meta", "--ignore", "REL003,unknown-rule-in-suppression")[0] == 0

    def test_the_command_line_goes_over_the_settings(self, here, call):
        (here / "a.py").write_text(BLANKET)
        settings = here / "reliability-lint.toml"
        settings.write_text('ignore = ["REL003"]\n')
        assert call("check")[0] == 0
        assert call("check", "--isolated")[0] == 1
        assert call("check", "--select", "REL003")[0] == 1
        assert call("check", "--extend-select", "blanket-suppression")[0] == 1
        assert call("check", "--ignore", "REL005")[0] == 0
        settings.write_text('select = ["REL005"]\n')
        assert call("check")[0] == 0
        assert call("check", "--preset", "strict")[0] == 1
        assert call("check", "--preset", "strict", "--ignore", "meta")[0] == 0

    def test_config_names_the_settings_of_all(self, here, call):
        (here / "a.py").write_text(BLANKET)
        (here / "other.toml").write_text('ignore = ["REL003"]\n')
        assert call("check", "--config", "other.toml")[0] == 0
        code, _, err = call("check", "--config", "none.toml")
        assert (code, err) == (2, "error: there is no settings file 'none.toml'\n")
        assert call("check", "--config", "other.toml", "--isolated")[0] == 2

    def test_an_unknown_rule_is_shown(self, call):
        assert call("check", "--select", "REL003,blanket-supression", "--ignore", "x") == (
            2,
            "",
            (
                "error: unknown rule, family or preset 'blanket-supression'\n"
                "  --select REL003,blanket-supression\n"
                "                  ^^^^^^^^^^^^^^^^^^ did you mean 'blanket-suppression'?\n"
            ),
        )

    def test_settings_adjust_severities(self, here, call):
        (here / "a.py").write_text(BLANKET)
        (here / "reliability-lint.toml").write_text('rules.blanket-suppression.severity = "note"\n')
        assert call("check", "-f", "concise")[1].startswith("a.py:1:8: note REL003")


class TestMistakes:
    def test_a_path_that_is_not_there(self, call):
        assert call("check", "nope") == (2, "", "error: nope: no such file or folder\n")

    def test_settings(self, here, call):
        (here / "a.py").write_text("")
        (here / "pyproject.toml").write_text('[tool.reliability-lint]\nselct = ["REL1"]\n')
        assert call("check") == (
            2,
            "",
            (
                "error: pyproject.toml:2:1: unknown option 'selct' in [tool.reliability-lint]\n"
                '2 | selct = ["REL1"]\n'
                "  | ^^^^^ did you mean 'select'?\n"
            ),
        )

    def test_usage(self, call):
        for arguments in (("chekc",), ("check", "--nope"), ("check", "--jobs", "0"), ("check", "-f", "xml"), ("explain",), ()):
            code, out, err = call(*arguments)
            assert (code, out) == (2, ""), arguments
            assert err
            assert "Traceback" not in err
        assert "did you mean 'check'?" in call("chekc")[2]
        assert f"there is {', '.join(cli._COMMANDS)}" in call("xyzzy")[2]

    def test_our_own_mistakes_are_no_traceback(self, here, call, monkeypatch):
        (here / "a.py").write_text("")

        def failing(*_, **__):
            raise KeyError("what")

        monkeypatch.setattr(engine_run, "run", failing)
        code, out, err = call("check")
        assert (code, out) == (2, "")
        assert err.startswith("error: reliability-lint failed (KeyError: 'what')\n")
        monkeypatch.setenv("RELIABILITY_LINT_DEBUG", "1")
        with pytest.raises(KeyError):
            run(["check"])

    def test_ctrl_c_is_silent(self, here, call, monkeypatch):
        (here / "a.py").write_text("")

        def interrupted(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr(engine_run, "run", interrupted)
        assert call("check") == (130, "", "")


class TestStdin:
    def test_has_a_place_and_settings(self, here, call):
        (here / "src").mkdir()
        (here / "src" / "a.py").write_text("x = 1\n")
        code, out, _ = call("check", "-", "--stdin-filename", "src/a.py", stdin=BLANKET.encode())
        assert code == 1
        assert out.startswith("src/a.py:1:8: warning: ")
        assert "1 │ x = 1  # reliability: ignore" in out
        (here / "src" / "reliability-lint.toml").write_text('ignore = ["REL003"]\n')
        assert call("check", "-", "--stdin-filename", "src/a.py", stdin=BLANKET.encode())[0] == 0

    def test_without_a_name(self, call):
        code, out, _ = call("check", "-f", "concise", "-", stdin=BLANKET.encode())
        assert code == 1
        assert out.startswith("<stdin>:1:8: warning REL003")

    def test_beside_files(self, here, call):
        (here / "a.py").write_text(BLANKET)
        (here / "b.py").write_text(BLANKET)
        out = call("check", "-f", "concise", ".", "-", "--stdin-filename", "a.py", stdin=b"x = 1\n")[1]
        assert [line.split(":")[0] for line in out.splitlines()] == ["b.py"]

    def test_excluded(self, here, call):
        (here / "reliability-lint.toml").write_text('extend-exclude = ["gen/"]\n')
        arguments = ("check", "-", "--stdin-filename", "gen/a.py")
        assert call(*arguments, stdin=BLANKET.encode())[0] == 1
        code, out, _ = call(*arguments, "--force-exclude", stdin=BLANKET.encode())
        assert code == 0
        assert "not shown: 1 file skipped: excluded" in out

    def test_what_is_no_text(self, call):
        code, _, err = call("check", "-", stdin=b"x = '\xff'\n")
        assert (code, err) == (2, "error: standard input cannot be read: byte 5 is not valid utf-8\n")

    def test_a_name_without_standard_input(self, call):
        assert call("check", "a.py", "--stdin-filename", "b.py")[0] == 2


def test_force_exclude(here, call):
    (here / "reliability-lint.toml").write_text('extend-exclude = ["gen/"]\n')
    (here / "gen").mkdir()
    (here / "gen" / "a.py").write_text(BLANKET)
    assert call("check", "gen/a.py")[0] == 1
    assert call("check", "gen/a.py", "--force-exclude")[0] == 0


class TestExplain:
    def test_by_code_and_by_name(self, call):
        code, out, err = call("explain", "REL003")
        assert (code, err) == (0, "")
        assert out.startswith("# blanket-suppression (REL003)\n\nwarning · family meta · preset recommended\n")
        assert call("explain", "blanket-suppression")[1] == call("explain", "rel003")[1] == out

    def test_every_rule(self, call):
        for rule in registry.rules().values():
            code, out, _ = call("explain", rule.code)
            assert code == 0
            assert rule.summary in out

    def test_unknown(self, call):
        code, _, err = call("explain", "blanket-supression")
        assert code == 2
        assert "did you mean 'blanket-suppression'?" in err
        assert call("explain", "xyzzy")[2].endswith("list them with: reliability-lint rules\n")
        assert call("explain", "resilience")[0] == 2

    def test_reserved(self, call):
        catalogue = tomllib.loads((Path(registry.__file__).parent / "rules" / "catalogue.toml").read_text())["rule"]
        reserved = next((entry for entry in catalogue if entry["code"] not in registry.rules()), None)
        if reserved is not None:
            for word in (reserved["code"], reserved["name"]):
                assert "is reserved for a rule that is not there yet" in call("explain", word)[2]

    def test_colours_only_on_terminals(self, call, monkeypatch):
        assert "\x1b[" not in call("explain", "REL003")[1]
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b[" in call("explain", "REL003")[1]


class TestRules:
    def test_text(self, call):
        code, out, _ = call("rules")
        assert code == 0
        assert len(out.splitlines()) == len(registry.rules())
        assert out.startswith("REL000  internal-error ")

    def test_json_and_family(self, call):
        listed = json.loads(call("rules", "--output-format", "json", "--family", "meta")[1])
        assert {rule["family"] for rule in listed} == {"meta"}
        assert listed[0] == {
            "code": "REL000",
            "name": "internal-error",
            "family": "meta",
            "origin": "",
            "preset": "recommended",
            "severity": "error",
            "summary": registry.rules()["REL000"].summary,
            "options": {},
        }

    def test_an_unknown_family(self, call):
        code, _, err = call("rules", "--family", "mata")
        assert code == 2
        assert err == "error: unknown family 'mata'\n  --family mata\n           ^^^^ did you mean 'meta'?\n"


class TestClean:
    @pytest.fixture(autouse=True)
    def cached(self, here, monkeypatch):
        monkeypatch.delenv("RELIABILITY_LINT_NO_CACHE")
        monkeypatch.setattr(registry, "_described", {})
        (here / "pyproject.toml").touch()
        (here / "a.py").write_text(BLANKET)

    def test_what_check_has_kept(self, here, call):
        call("check")
        assert (here / ".reliability_lint_cache").is_dir()
        assert call("clean") == (0, "Deleted .reliability_lint_cache\n", "")
        assert sorted(os.listdir(here)) == ["a.py", "pyproject.toml"]
        assert call("clean") == (0, "There is no cache: .reliability_lint_cache\n", "")

    def test_in_a_folder_that_is_named(self, here, call):
        call("check", "--cache-dir", "kept")
        (here / "kept" / "letters.txt").write_text("dear")
        assert call("clean", "--cache-dir", "kept") == (0, "Deleted kept\n", "")
        assert os.listdir(here / "kept") == ["letters.txt"]

    def test_what_is_not_ours_is_left_alone(self, here, call):
        (here / "kept").mkdir()
        (here / "kept" / "cache-1.sqlite").write_text("mine")
        code, out, err = call("clean", "--cache-dir", "kept")
        assert (code, out, err) == (2, "", "error: kept: this is no cache of ours, so nothing in it is deleted\n")
        (here / "kept" / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n# of somebody else\n")
        assert call("clean", "--cache-dir", "kept")[0] == 2
        assert sorted(os.listdir(here / "kept")) == ["CACHEDIR.TAG", "cache-1.sqlite"]
        assert call("clean", "--cache-dir", "a.py")[0] == 2

    def test_while_it_is_used(self, here, call):
        call("check")
        hold = Hold(str(here / ".reliability_lint_cache"))
        assert hold.take()
        code, _, err = call("clean")
        assert code == 2
        assert err.startswith("error: .reliability_lint_cache: a run is using this cache\n")
        hold.release()
        assert call("clean")[0] == 0


def test_version_and_help(call):
    assert call("--version") == (0, f"reliability-lint {__version__}\n", "")
    code, out, _ = call("--help")
    assert code == 0
    for command in ("check", "clean", "explain", "rules"):
        assert f"\n  {command} " in out
        assert call(command, "--help")[0] == 0


def test_text_that_the_terminal_cannot_write(here, monkeypatch):
    (here / "a.py").write_text("é = 1  # reliability: ignore\n", encoding="utf-8")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert run(["check"]) == 1
    text = raw.getvalue().decode("ascii")
    assert "1 | \\xe9 = 1  # reliability: ignore\n" in text


@pytest.mark.parametrize("name", list(cli._COMMANDS))
def test_what_a_command_is_for_is_told_without_importing_it(name):
    command = getattr(import_module(f"reliability_lint.fronts.cli.{name}"), name)
    assert cli._COMMANDS[name] == command.get_short_help_str(200)
