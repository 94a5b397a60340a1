"""Putting a file in the place of another."""

from __future__ import annotations

import os
import stat

import pytest

from reliability_lint.engine import writing
from reliability_lint.engine.writing import asked_for, replace


@pytest.fixture
def service(tmp_path):
    path = tmp_path / "service.py"
    path.write_bytes(b"old()\n")
    path.chmod(0o750)
    return path


def test_it_is_written_and_its_mode_stays(service):
    os.utime(service, (1, 1))
    assert replace(str(service), b"old()\n", b"new()\r\n") == ""
    assert service.read_bytes() == b"new()\r\n"
    assert stat.S_IMODE(service.stat().st_mode) == 0o750
    assert service.stat().st_mtime > 1
    assert [path.name for path in service.parent.iterdir()] == ["service.py"]


def test_another_file_takes_its_place_so_whoever_reads_it_reads_on(service):
    with service.open("rb") as reading:
        assert replace(str(service), b"old()\n", b"new()\n") == ""
        assert reading.read() == b"old()\n"


def test_what_has_changed_is_left_alone(service):
    assert "has changed since" in replace(str(service), b"older()\n", b"new()\n")
    assert service.read_bytes() == b"old()\n"
    assert [path.name for path in service.parent.iterdir()] == ["service.py"]


def test_what_has_gone_is_left_alone(service):
    service.unlink()
    assert "has gone since" in replace(str(service), b"old()\n", b"new()\n")
    assert list(service.parent.iterdir()) == []


def test_what_is_read_only_is_left_alone(service):
    service.chmod(0o440)
    assert "read-only" in replace(str(service), b"old()\n", b"new()\n")
    assert service.read_bytes() == b"old()\n"


def test_what_cannot_be_written_leaves_nothing_behind(service, monkeypatch):
    def full(_from: str, _to: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "replace", full)
    assert replace(str(service), b"old()\n", b"new()\n") == "not fixed, for it cannot be written: No space left on device"
    assert service.read_bytes() == b"old()\n"
    assert [path.name for path in service.parent.iterdir()] == ["service.py"]


def test_what_was_asked_for(tmp_path):
    inside, beside = tmp_path / "shop" / "service.py", tmp_path / "shopping.py"
    inside.parent.mkdir()
    paths = [str(inside), str(beside)]
    assert asked_for(paths, [str(tmp_path / "shop")]) == {str(inside)}
    assert asked_for(paths, [str(beside)]) == {str(beside)}
    assert asked_for(paths, [str(tmp_path)]) == set(paths)
    (tmp_path / "link").symlink_to(inside)
    assert asked_for(paths, [str(tmp_path / "link")]) == {str(inside)}
