"""
A comment that would silence every rule at once.

It would hide today's known problem and every later one, and tell no reader which is meant. Such a comment silences nothing; the finding under it is reported.

Bad:

    import requests

    def rate():
        return requests.get(URL)  # reliability: ignore

Good:

    import requests

    def rate():
        return requests.get(URL)  # reliability: ignore[missing-timeout] the caller has a deadline of its own
"""

from __future__ import annotations

from . import about_the_run

about_the_run("REL003", __name__, __doc__, severity="warning")
