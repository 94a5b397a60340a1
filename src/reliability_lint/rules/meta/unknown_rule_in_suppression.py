"""
A comment that names a rule which does not exist.

A misspelled name silences nothing, and when the finding is then silenced in another way the comment stays and misleads. Names, codes, beginnings of codes and families are known.

Bad:

    import requests

    def rate():
        return requests.get(URL)  # reliability: ignore[mising-timeout] the caller has a deadline of its own

Good:

    import requests

    def rate():
        return requests.get(URL)  # reliability: ignore[missing-timeout] the caller has a deadline of its own
"""

from __future__ import annotations

from . import about_the_run

about_the_run("REL005", __name__, __doc__, severity="warning")
