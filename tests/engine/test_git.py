"""What git is believed."""

import subprocess

import pytest

from reliability_lint.engine.git import Repository


def _git(top, *command, told=b""):
    done = subprocess.run(["git", "-C", str(top), *command], input=told, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize("name", ["..", ".git", ".GIT"])
def test_a_tree_that_no_work_tree_can_hold_leads_nowhere(tmp_path, name):
    _git(tmp_path, "init", "-q")
    blob = _git(tmp_path, "hash-object", "-w", "--stdin", told=b"requests==2\n")
    inner = _git(tmp_path, "mktree", told=f"100644 blob {blob}\trequirements.txt\n".encode())
    outer = _git(tmp_path, "mktree", told=f"040000 tree {inner}\t{name}\n100644 blob {blob}\tuv.lock\n".encode())
    assert list(Repository(str(tmp_path)).tree(outer).files) == ["uv.lock"]
