"""
A file that is no Python, so that nothing in it can be checked.

A file that is passed over in silence looks like a file without findings. Reading stops at the place that is shown; what stands before it is not
checked either. Select as you like, this is told, unless it is ignored by name.

Bad:

    def charge(order:
        return order

Good:

    def charge(order):
        return order

Files that are templates rather than Python belong into `exclude`.
"""

from __future__ import annotations

from . import about_the_run

about_the_run("REL001", __name__, __doc__, severity="error")
