"""
The docstring of a rule, taken apart: a sentence, the reasons, and sections.

A section begins with a line that ends in a colon and stands alone (`Bad:`, `Options:`); its body is indented. Text at the margin after it is prose again.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from ..registry import Rule

_SECTION = re.compile(r"([A-Z][\w -]*):")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`'\"(])")
_CODE = ("Bad", "Good", "Fixed")


@dataclass(frozen=True, slots=True)
class Documentation:
    """A rule's docstring. `parts` holds prose (an empty title) and sections in their order."""

    summary: str
    parts: tuple[tuple[str, str], ...]

    @property
    def why(self) -> str:
        """The first sentence of the reasons, without its full stop: one line for reports."""
        first = next((body for title, body in self.parts if not title), "")
        paragraph = " ".join(first.partition("\n\n")[0].split())
        return _SENTENCE.split(paragraph)[0].rstrip(".")


def documentation(rule: Rule) -> Documentation:
    """A rule's docstring, taken apart."""
    summary, _, rest = rule.doc.strip().partition("\n")
    parts: list[tuple[str, list[str]]] = []
    title = ""
    for line in rest.strip("\n").splitlines():
        heading = _SECTION.fullmatch(line.rstrip())
        if heading:
            title = heading[1]
            parts.append((title, []))
            continue
        if title and line and not line[0].isspace():
            title = ""
        if not parts or (not title and parts[-1][0]):
            parts.append(("", []))
        parts[-1][1].append(line)
    bodies = ((title, textwrap.dedent("\n".join(body)).strip("\n")) for title, body in parts)
    return Documentation(summary.strip(), tuple((title, body) for title, body in bodies if title or body.strip()))


def markdown(rule: Rule, *, heading: bool = True) -> str:
    """A rule's page, in Markdown."""
    doc = documentation(rule)
    out: list[str] = []
    if heading:
        whose = f" · from {rule.whose}" if rule.origin else ""
        out += [f"# {rule.name} ({rule.code})", f"{rule.severity.value} · family {rule.family} · preset {rule.set}{whose}"]
    out.append(doc.summary)
    for title, body in doc.parts:
        if title == "Options":
            continue
        if title:
            out.append(f"## {title}" if heading else f"**{title}**")
        out.append(_fenced(body, "python" if not body.lstrip().startswith(("$", "shop/")) else "") if title in _CODE else body)
    options = _options(rule, dict(doc.parts).get("Options", ""))
    if options:
        out += ["## Options" if heading else "**Options**", options]
    if rule.code != "REL000":
        out.append("## Silence it" if heading else "**Silence it**")
        out.append(_fenced(f"# reliability: ignore[{rule.name}] the reason", "python"))
    return "\n\n".join(part.strip("\n") for part in out if part.strip()) + "\n"


def _fenced(body: str, language: str) -> str:
    fence = "```"
    while fence in body:
        fence += "`"
    return f"{fence}{language}\n{body}\n{fence}"


def _options(rule: Rule, described: str) -> str:
    """Every option with its default; what the docstring says of it (`name: text`, indented lines go on)."""
    texts: dict[str, str] = {}
    name = ""
    for line in described.splitlines():
        match = re.match(r"(\w+):\s*(.*)", line)
        if match:
            name = match[1]
            texts[name] = match[2]
        elif name and line.strip():
            texts[name] += f" {line.strip()}"
    lines = [f"- `{key.replace('_', '-')}` = `{toml(default)}`: {texts.get(key, '')}".rstrip(": ") for key, default in rule.options.items()]
    return "\n".join(lines)


def toml(value: object) -> str:
    """A default as it would be written in settings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, set | frozenset):
        return "[" + ", ".join(sorted(toml(item) for item in value)) + "]"
    return f"{value:g}" if isinstance(value, float) else "unset" if value is None else str(value)
