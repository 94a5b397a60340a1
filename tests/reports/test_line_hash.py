"""The hash of a line, against values that GitHub's uploader computes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability_lint.reports.line_hash import line_hashes

# What the uploader gives for these texts, line by line.
GREETINGS = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]
LOREM = [
    *(f"a7f2ff13bc495cf2:{n}" for n in range(1, 7)),
    "a7f2ff1481e87703:1",
    "a9cf91f7bbf1862b:1",
    "55ec222b86bcae53:1",
    "cc97dc7b1d7d8f7b:1",
    "c129715d7a2bc9a3:1",
]


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETINGS),
        (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETINGS),
        (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETINGS),
        (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETINGS),
        ("Lorem ipsum dolor sit amet.\n" * 10, LOREM),
    ],
)
def test_known_values(text, hashes):
    wanted = range(1, len(hashes) + 3)
    assert line_hashes(text, wanted) == dict(enumerate(hashes, 1))


@given(st.text(alphabet="ab \t\r\n\U0001f600é", max_size=400), st.integers(1, 30))
def test_one_line_hashes_as_all_do(text, number):
    """A second, slow way: each line by itself, unit by unit."""
    every = line_hashes(text, range(1, 999))
    assert line_hashes(text, [number]).get(number) == every.get(number)
    packed = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    units = [int.from_bytes(packed.encode("utf-16-le")[i : i + 2], "little") for i in range(0, len(packed.encode("utf-16-le")), 2)]
    lines: list[int] = [0] + [index + 1 for index, unit in enumerate(units) if unit == 10]
    assert len(every) == len(lines)
    padded = [*units, 65535, *([0] * 100)]
    for line, start in enumerate(lines, 1):
        value = 0
        for unit in padded[start : start + 100]:
            value = (value * 37 + unit) % 2**64
        assert every[line].split(":")[0] == f"{value:x}"


def test_moving_a_line_does_not_change_its_hash():
    text = "".join(f"statement_{n}(argument)\n" for n in range(40))
    before = line_hashes(text, [10])[10]
    assert line_hashes("import something\n\n" + text, [12])[12] == before
