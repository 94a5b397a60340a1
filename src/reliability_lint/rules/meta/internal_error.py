"""
A file that could not be checked because of a mistake in the linter.

What else is reported may be less than what there is, so the run ends with exit code 2, which no option turns into success. Other files, and the other rules
of this file, are not affected. Neither settings nor comments silence this finding.

Bad:

    $ reliability-lint check
    shop/api.py:1:1: error: the rule missing-timeout failed (KeyError: 'timeout')  internal-error REL000
    $ echo $?
    2

Good:

    $ reliability-lint check --ignore missing-timeout  # until the mistake is reported and mended
    $ echo $?
    0
"""

from __future__ import annotations

from . import about_the_run

about_the_run("REL000", __name__, __doc__, severity="error")
