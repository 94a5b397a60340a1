"""Where reports go: standard output, or a file that is there whole or not at all."""


# ruff: noqa: PTH101, PTH105, PTH108, PTH110, PTH112, PTH113, PTH116, PTH119, PTH120, PTH123

from __future__ import annotations

import os
import sys

from ...mistake import Mistake

# For terminals that cannot write them, as Windows has some.
_ASCII = str.maketrans({"│": "|", "├": "|", "─": "-", "⋮": ":", "…": "...", "·": "-", "→": "->", "\N{REPLACEMENT CHARACTER}": "?"})


def write_text(text: str) -> None:
    """Writes to standard output what people read, in whatever encoding it has."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        text = text.translate(_ASCII).encode("ascii", "backslashreplace").decode()
    sys.stdout.write(text)


def write_data(text: str) -> None:
    """Writes to standard output what programs read: UTF-8 with plain line ends, everywhere."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))


def write_file(path: str, text: str) -> None:
    """Writes a file beside the one that is meant and puts it in its place, so that nobody ever reads half of it."""
    import tempfile

    target = os.path.realpath(path)
    data = text.encode("utf-8")
    try:
        if os.path.exists(target) and not os.path.isfile(target):  # a device, a pipe
            if os.path.isdir(target):
                raise IsADirectoryError(21, "it is a folder")
            with open(target, "wb") as file:
                file.write(data)
            return
        handle, beside = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", suffix=".tmp", dir=os.path.dirname(target))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(beside, os.stat(target).st_mode & 0o777 if os.path.exists(target) else 0o666 & ~mask)
            os.replace(beside, target)
        except BaseException:
            os.unlink(beside)
            raise
    except OSError as error:
        raise Mistake(f"cannot be written: {error.strerror}", path=path) from None
