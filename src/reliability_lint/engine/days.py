"""Days on which comments and entries of a baseline end, as `2027-01-31`. They are those of UTC, so that all machines agree."""

from __future__ import annotations

import re
import time

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def today() -> str:
    """The day that decides what still holds."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def is_date(text: str) -> bool:
    """Whether this is a day of the calendar, as `2027-01-31`."""
    from datetime import date

    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def holds_today(term: tuple[str, str]) -> bool:
    """Whether what was said with this term is still to be said."""
    return term == ("", "") or (term[0] <= (now := today()) and (not term[1] or now <= term[1]))
