"""
A comment that silences a rule which finds nothing there.

The reason given in the comment is about a problem that is gone, and the next one in its place will be silenced as well. The comment is judged only where every
rule that it names was run on the file.

Bad:

    import requests

    def rate():
        return requests.get(URL, timeout=5)  # reliability: ignore[missing-timeout] the peer is on this host

Good:

    import requests

    def rate():
        return requests.get(URL, timeout=5)
"""

from __future__ import annotations

from . import about_the_run

about_the_run("REL002", __name__, __doc__, severity="warning")
