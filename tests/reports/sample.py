"""A report that shows everything once."""

from __future__ import annotations

from types import MappingProxyType

from reliability_lint.diagnostics import Anchor, Diagnostic, Region, Related, Report, Severity, Skip, Suppression
from reliability_lint.registry import Rule

DOC = """
A request that may wait for ever.

A peer that says nothing keeps this worker until someone restarts it. As many such peers as workers stop the
service.

Bad:

    requests.get(URL)

Good:

    requests.get(URL, timeout=5)

Only the client knows how long is long enough.

Options:
    suggest: The timeout that is suggested,
        in seconds.
    max_size: How much.

See:
    https://example.org/timeouts
"""

RULES = MappingProxyType(
    {
        code: Rule(
            code, name, family, "recommended", severity, DOC, MappingProxyType({"suggest": 10.0, "max_size": 3} if code == "REL101" else {})
        )
        for code, name, family, severity in (
            ("REL000", "internal-error", "meta", Severity.ERROR),
            ("REL101", "missing-timeout", "resilience", Severity.ERROR),
            ("REL301", "sql-interpolated-value", "data", Severity.ERROR),
            ("REL310", "write-without-commit", "data", Severity.WARNING),
            ("REL401", "route-without-auth", "security", Severity.WARNING),
        )
    }
)

FILES = {
    "src/client.py": (
        "import httpx\n"
        "\n"
        "class Client:\n"
        "    async def capture(self, order):\n"
        "        for attempt in range(5):\n"
        '            resp = self._http.post(f"/capture/{order}")\n'
        "\n"
        "\tévénement = 日本(x)  # tab and wide\n"
    ),
    "src/http.py": "import httpx\n\ndef make(url):\n    return httpx.Client(base_url=url, timeout=None)\n",
}


def region(path: str, line: int, column: int, end_column: int, end_line: int = 0) -> Region:
    return Region(path, line, column, end_line or line, end_column)


TIMEOUT = Diagnostic(
    region("src/client.py", 6, 20, 35),
    "REL101",
    "missing-timeout",
    Severity.ERROR,
    "the POST may wait for ever",
    "set a timeout on the client",
    (
        Related(region("src/client.py", 5, 9, 33), "up to 5 attempts"),
        Related(region("src/http.py", 4, 39, 51), "the default is switched off here"),
        Related(region("src/gone.py", 1, 2, 3), "and this"),
    ),
    anchor=Anchor("Client.capture", "f01d"),
)
COMMIT = Diagnostic(
    region("src/client.py", 8, 2, 11), "REL310", "write-without-commit", Severity.WARNING, "nothing is committed: 100% lost, a|b"
)
NOTE = Diagnostic(region("src/ü b.py", 1, 1, 2, end_line=3), "REL401", "route-without-auth", Severity.NOTE, "anyone may call this")
HIDDEN = Diagnostic(
    region("src/http.py", 4, 12, 24),
    "REL301",
    "sql-interpolated-value",
    Severity.ERROR,
    "it is hidden",
    suppressed=Suppression(4, "on purpose"),
)


def make(*diagnostics: Diagnostic, suppressed: tuple[Diagnostic, ...] = (), skips: tuple[Skip, ...] = (), checked: int = 3) -> Report:
    return Report(diagnostics, suppressed, skips, checked, 7, 0.314)


def text_of(path: str) -> str | None:
    return FILES.get(path)


REPORT = make(
    TIMEOUT,
    COMMIT,
    NOTE,
    suppressed=(HIDDEN,),
    skips=(Skip("a_pb2.py", "generated code"), Skip("b_pb2.py", "generated code"), Skip("c.py", "the link leads nowhere")),
)
