"""
The Semgrep packs: what they find against what the native rules find, and their form.

Semgrep runs once, offline, over all fixtures and over the examples in the rules' docstrings. Whatever it finds the native rule must find on the same line.
The other way round the marks tell: what only the native rule finds is marked `native only`, so it is written down how far a pack reaches.
"""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest
import yaml

from reliability_lint.api import check_paths
from reliability_lint.engine.settings import Lookup, Settings
from reliability_lint.registry import rules
from reliability_lint.testing import examples, marks

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
PACKS = ROOT / "rules"
SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}

# Semgrep's schema takes any key, so that a misspelt one has no effect and nobody hears of it.
RULE_KEYS = {"id", "languages", "severity", "message", "metadata", "options", "patterns", "pattern-either", "pattern"}
PATTERN_KEYS = {
    "pattern",
    "patterns",
    "pattern-either",
    "pattern-inside",
    "pattern-not",
    "pattern-not-inside",
    "pattern-regex",
    "metavariable-regex",
    "metavariable-pattern",
    "metavariable-comparison",
    "focus-metavariable",
}
METADATA_KEYS = {"native", "parity", "category", "technology", "confidence", "references"}
SECURITY_KEYS = {"cwe", "subcategory", "likelihood", "impact"}


class Pack(NamedTuple):
    """A file of a pack and the one rule in it."""

    path: Path
    rule: dict

    @property
    def code(self) -> str:
        return self.rule["metadata"]["native"]

    @property
    def parity(self) -> str:
        return self.rule["metadata"]["parity"]


def _packs() -> list[Pack]:
    found = []
    for path in sorted(PACKS.rglob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert list(data) == ["rules"], path
        assert len(data["rules"]) == 1, path
        found.append(Pack(path, data["rules"][0]))
    return found


ALL = _packs()
PARITY = {pack.code: pack.parity for pack in ALL}
CODES = {pack.rule["id"]: pack.code for pack in ALL}


def semgrep(config: Path, files: list[Path], scratch: Path) -> dict:
    """What Semgrep says about files, which are given by name, so that no ignore file has a say. Nothing leaves the machine."""
    command = [
        Path(sys.executable).with_name("semgrep"), "scan", "--json", "--quiet", "--strict", "--metrics=off", "--disable-version-check", "--oss-only",
        "--no-rewrite-rule-ids", "--no-git-ignore", "--disable-nosem", "--config", config, *files,
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_SETTINGS_FILE": str(scratch / "settings.yml"),
    }
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True, check=False, cwd=scratch)
    assert done.stdout.startswith("{"), f"semgrep said nothing, and ended with {done.returncode}:\n{done.stderr}"
    return json.loads(done.stdout)


def _native(folder: Path) -> set[tuple[Path, int, str]]:
    """What the native rules of the packs find in a folder."""
    lookup = Lookup(isolated=True, change=lambda one: Settings(root=str(folder), include_tests=True, select=tuple(sorted(PARITY))))
    report = check_paths([str(folder)], lookup)
    return {(Path(one.region.path).resolve(), one.region.line, one.code) for one in report.diagnostics}


class Findings(NamedTuple):
    """What both found, as files, lines and codes; `listed` is Semgrep's as it came, with what was found twice."""

    files: list[Path]
    errors: list[dict]
    scanned: set[Path]
    listed: list[tuple[Path, int, str]]
    native: set[tuple[Path, int, str]]

    @property
    def semgrep(self) -> set[tuple[Path, int, str]]:
        return set(self.listed)


@pytest.fixture(scope="session")
def findings(tmp_path_factory) -> Findings:
    scratch = tmp_path_factory.mktemp("semgrep").resolve()
    folders = [FIXTURES / "shop" / "before", FIXTURES / "shop" / "after"]
    # The marks of `peers` are about other linters.
    elsewhere = {FIXTURES / "shop", FIXTURES / "peers"}
    folders += sorted({path.parent for path in FIXTURES.rglob("*.py") if elsewhere.isdisjoint(path.parents)})
    # Examples of rules about the run itself show comments that silence the native rules; Semgrep has comments of its own.
    for rule in (rule for rule in rules().values() if rule.family != "meta"):
        for number, example in enumerate(examples(rule)):
            folder = scratch / rule.code / str(number)
            for name, text in example.files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
            (folder / "pyproject.toml").touch()
            folders.append(folder)
    files = sorted(path.resolve() for folder in folders for path in folder.rglob("*.py"))
    said = semgrep(PACKS, files, scratch)
    return Findings(
        files,
        said["errors"],
        {(scratch / path).resolve() for path in said["paths"]["scanned"]},
        [((scratch / one["path"]).resolve(), one["start"]["line"], CODES[one["check_id"]]) for one in said["results"]],
        set().union(*(_native(folder) for folder in folders)),
    )


def test_every_file_is_read_and_understood(findings):
    assert findings.scanned == set(findings.files)
    assert not findings.errors


def test_whatever_semgrep_finds_the_native_rules_find(findings):
    assert findings.semgrep
    extra = sorted(f"{path}:{line}: {code} is found by Semgrep alone" for path, line, code in findings.semgrep - findings.native)
    assert not extra, "\n".join(extra)


def test_nothing_is_found_twice(findings):
    twice = sorted(f"{path}:{line}: {code}" for path, line, code in findings.semgrep if findings.listed.count((path, line, code)) > 1)
    assert not twice, "\n".join(twice)


def reach(text: str, found: set[tuple[int, str]], parity: dict[str, str]) -> list[str]:
    """
    What the marks of a text say wrongly about how far the packs reach: nothing if `native only` stands where, and only where, Semgrep finds nothing.

    `native only` means every code of its line that a pack has, unless it names some.
    """
    problems = []
    lines = defaultdict(list)
    for mark in marks(text):
        lines[mark.line].append(mark)
    for line, here in sorted(lines.items()):
        packed = [mark for mark in here if mark.code in parity and mark.kind != "missed"]
        if any(mark.native for mark in here) and not any(mark.native for mark in packed):
            problems.append(f"line {line}: no pack has {', '.join(mark.code for mark in here)}: remove the words 'native only'")
        for mark in packed:
            if (line, mark.code) in found and mark.native:
                problems.append(f"line {line}: Semgrep finds {mark.code}: remove the words 'native only'")
            elif (line, mark.code) not in found and parity[mark.code] == "exact":
                problems.append(f"line {line}: Semgrep does not find {mark.code}, whose parity is said to be exact")
            elif (line, mark.code) not in found and not mark.native:
                problems.append(f"line {line}: Semgrep does not find {mark.code}: mark it 'native only'")
    return problems


def test_marks_say_what_is_left_to_the_native_rules(findings):
    found = defaultdict(set)
    for path, line, code in findings.semgrep:
        found[path].add((line, code))
    problems = [
        f"{path.relative_to(FIXTURES.resolve())}: {problem}"
        for path in findings.files
        if FIXTURES.resolve() in path.parents
        for problem in reach(path.read_text(encoding="utf-8"), found[path], PARITY)
    ]
    assert not problems, "\n".join(problems)


def test_every_pack_finds_something(findings):
    assert set(PARITY) == {code for _, _, code in findings.semgrep}


@pytest.mark.parametrize(
    ("line", "found", "parity", "said"),
    [
        ("x()  # REL101", {(1, "REL101")}, "part", ""),
        ("x()  # REL101", set(), "part", "mark it 'native only'"),
        ("x()  # REL101", set(), "exact", "said to be exact"),
        ("x()  # REL101 native only", set(), "part", ""),
        ("x()  # REL101 native only", set(), "exact", "said to be exact"),
        ("x()  # REL101 native only", {(1, "REL101")}, "part", "remove the words"),
        ('x()  # REL101 "for ever" native only', set(), "part", ""),
        ("x()  # REL101 REL701 native only", set(), "part", ""),
        ("x()  # REL101 REL701 native only", {(1, "REL701")}, "part", "finds REL701"),
        ("x()  # REL101 REL701 native only: REL101", {(1, "REL701")}, "part", ""),
        ("x()  # REL101 REL701 native only: REL101", set(), "part", "does not find REL701"),
        ("x()  # REL120 REL701 native only", set(), "part", ""),
        ("x()  # REL120 native only", set(), "part", "no pack has REL120"),
        ("x()  # missed: REL101", set(), "part", ""),
        ("x()  # false alarm: REL101", set(), "part", "mark it 'native only'"),
    ],
)
def test_reach(line, found, parity, said):
    problems = reach(line, found, {"REL101": parity, "REL701": parity})
    assert (said in problems[0] and len(problems) == 1) if said else not problems, problems


# -- form


@pytest.fixture(scope="session")
def schema() -> dict:
    spec = find_spec("semgrep")
    assert spec is not None
    assert spec.origin is not None
    return yaml.safe_load((Path(spec.origin).parent / "semgrep_interfaces" / "rule_schema_v1.yaml").read_text(encoding="utf-8"))


def _keys(node: object) -> set[str]:
    """The keys of all patterns below a rule; those of a metavariable's condition are its own."""
    found: set[str] = set()
    if isinstance(node, list):
        for item in node:
            found |= _keys(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            found |= {key} if key not in ("metavariable", "regex", "comparison") else set()
            found |= _keys(value)
    return found


@pytest.mark.parametrize("pack", ALL, ids=lambda pack: pack.path.stem)
def test_form(pack, schema):
    rule, metadata = pack.rule, pack.rule["metadata"]
    jsonschema.validate({"rules": [rule]}, schema, cls=jsonschema.Draft7Validator)
    assert set(rule) <= RULE_KEYS
    assert _keys({key: rule[key] for key in rule if key.startswith("pattern")}) <= PATTERN_KEYS
    assert set(metadata) == METADATA_KEYS | (SECURITY_KEYS if metadata["category"] == "security" else set())
    assert metadata["parity"] in ("exact", "part")
    assert metadata["category"] in ("security", "correctness", "best-practice", "maintainability", "portability", "performance")
    assert metadata["confidence"] in ("LOW", "MEDIUM", "HIGH")
    assert rule["message"] == rule["message"].strip()
    assert "\n" not in rule["message"]


@pytest.mark.parametrize("pack", ALL, ids=lambda pack: pack.path.stem)
def test_a_pack_belongs_to_its_native_rule(pack):
    """Ids are flat, without a dot, so that what Semgrep puts before them, the path of the folder, can be told from them."""
    native = rules()[pack.code]
    assert pack.path.relative_to(PACKS).as_posix() == f"{native.family}/{native.name}.yaml"
    assert pack.rule["id"] == f"reliability-lint-{native.name}"
    assert pack.rule["severity"] == SEVERITIES[native.severity.value]
    assert pack.rule["metadata"]["references"][0] == f"docs/rules/{native.name}.md"


def test_ids_are_unique():
    assert len(CODES) == len(PARITY) == len(ALL)


def test_patterns_can_be_read(tmp_path):
    """Semgrep complains about a pattern only when there is a file for it, however small."""
    stub = tmp_path / "stub.py"
    stub.write_text("pass\n", encoding="utf-8")
    said = semgrep(PACKS, [stub], tmp_path)
    assert said["errors"] == []
    assert said["results"] == []


def test_a_pattern_that_cannot_be_read_is_an_error(tmp_path):
    """So the test above can fail."""
    text = (PACKS / "resilience" / "unbounded-retry.yaml").read_text(encoding="utf-8")
    config = tmp_path / "broken.yaml"
    config.write_text(text.replace("backoff.on_predicate(...)", "backoff.on_predicate(..."), encoding="utf-8")
    stub = tmp_path / "stub.py"
    stub.write_text("pass\n", encoding="utf-8")
    assert semgrep(config, [stub], tmp_path)["errors"]


# -- lists


def _lists(*arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "tools.semgrep_lists", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_lists_are_up_to_date():
    done = _lists("--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_lists_are_checked_and_brought_up_to_date(tmp_path):
    text = (PACKS / "resilience" / "missing-timeout.yaml").read_text(encoding="utf-8")
    pack = tmp_path / "missing-timeout.yaml"
    pack.write_text("".join(line for line in text.splitlines(keepends=True) if "requests.patch(" not in line), encoding="utf-8")
    done = _lists("--check", "--packs", str(tmp_path))
    assert (done.returncode, "is not up to date" in done.stdout) == (1, True)
    done = _lists("--packs", str(tmp_path))
    assert (done.returncode, pack.read_text(encoding="utf-8")) == (0, text)


def test_a_list_of_nothing_is_an_error(tmp_path):
    (tmp_path / "pack.yaml").write_text("# generated: reqests.wait\n# end of generated\n", encoding="utf-8")
    done = _lists("--packs", str(tmp_path))
    assert done.returncode == 1
    assert "there is no model of 'reqests'" in done.stderr


# -- documentation


def test_the_documentation_lists_every_pack():
    text = (ROOT / "docs" / "semgrep.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (REL\d{3}) \| [^|]+ \| (exact|part) \|", text, re.MULTILINE))
    assert listed == PARITY
