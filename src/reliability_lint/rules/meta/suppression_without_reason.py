"""
A comment that silences a finding and does not say why.

Whoever meets it later cannot tell whether the reason still holds, so the comment stays, and with it what it hides. Words that say nothing (`todo`,
`false positive`, `legacy`, a number) are no reason; a sentence, a name or the key of a ticket is.

Bad:

    import requests

    def rate():
        return requests.get(URL)  # reliability: ignore[missing-timeout]

Good:

    import requests

    def rate():
        return requests.get(URL)  # reliability: ignore[missing-timeout] the caller has a deadline of its own
"""

from __future__ import annotations

from . import about_the_run

about_the_run("REL004", __name__, __doc__, severity="warning", preset="strict")
