"""`check --diff-base` and `check --staged`, in this process, with the real git."""

from __future__ import annotations

import os
import shutil

import pytest
from repository import Repository, quiet

from reliability_lint import registry
from reliability_lint.engine import checker, git
from reliability_lint.fronts.cli import run
from reliability_lint.libraries import versions

HTTP = "import requests\n\nclient = requests.Session()\n\n\ndef fetch(url, timeout=3):\n    return client.get(url, timeout=timeout)\n"
RATES = "from shop.http import fetch\n\n\ndef rate(day):\n    return fetch(f'https://rates.example/{day}')\n"
OLD = "import requests\n\n\ndef old():\n    return requests.get('https://old.example')\n"
NEW = "import requests\n\n\ndef new():\n    return requests.get('https://new.example')\n"
FILES = {
    "pyproject.toml": '[tool.reliability-lint]\nselect = ["missing-timeout"]\n',
    "shop/__init__.py": "",
    "shop/http.py": HTTP,
    "shop/rates.py": RATES,
    "shop/old.py": OLD,
}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    quiet(monkeypatch)
    made = Repository(tmp_path / "service")
    monkeypatch.chdir(made.folder)
    made.commit(FILES)
    made.git("switch", "-q", "-c", "work")
    return made


@pytest.fixture
def call(capsysbinary):
    def invoke(*arguments: str) -> tuple[int, str, str]:
        for known in (versions._is_repository, versions._lock, versions._is_project, versions._read_project):
            known.cache_clear()
        code = run(["check", *arguments])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return invoke


@pytest.fixture
def told(call, repository):
    """Where something is found; and nothing that git or anybody else has is touched by looking."""

    def listed(*arguments: str) -> list[str]:
        before = repository.state()
        code, out, err = call("-f", "concise", *arguments)
        assert err == ""
        assert repository.state() == before
        found = [":".join(line.split(":")[:2]) for line in out.splitlines()]
        assert code == (1 if found else 0)
        return found

    return listed


class TestDiffBase:
    def test_what_was_there_before_is_left_out(self, repository, told, call):
        assert told() == ["shop/old.py:5"]
        assert told("--diff-base", "main") == []
        assert "All clear: 4 files" in call("--diff-base", "main")[1]
        assert "not shown: 1 that were there before" in call("--diff-base", "main")[1]

    @pytest.mark.parametrize("how", ["not added", "added", "committed"])
    def test_what_is_new_is_told_however_far_it_has_come(self, repository, told, how):
        repository.write({"shop/new.py": NEW, "shop/old.py": OLD + NEW.partition("\n\n\n")[2]})
        if how != "not added":
            repository.git("add", "--all")
        if how == "committed":
            repository.commit()
        assert told("--diff-base", "main") == ["shop/new.py:5", "shop/old.py:7"]

    def test_what_a_change_causes_in_a_file_that_it_does_not_touch(self, repository, told):
        repository.commit({"shop/http.py": HTTP.replace("timeout=3", "timeout=None")})
        assert told("--diff-base", "main") == ["shop/rates.py:5"]
        assert told("--diff-base", "main", "shop/rates.py") == ["shop/rates.py:5"]
        assert told("--diff-base", "main", "shop/old.py") == []

    def test_a_module_that_is_gone_or_new_counts_on_its_side_alone(self, repository, told):
        repository.commit({"shop/mail.py": "from shop.slow import fetch\n\n\ndef send():\n    return fetch('https://mail.example')\n"})
        repository.git("branch", "base")
        repository.write({"shop/slow.py": HTTP.replace("timeout=3", "timeout=None")})
        assert told("--diff-base", "base") == ["shop/mail.py:5"], "not known before: the module has come"
        repository.commit()
        repository.git("branch", "-f", "base")
        assert told("--diff-base", "base") == []
        repository.write({"shop/slow.py": None, "shop/mail.py": None, "shop/post.py": NEW})
        assert told("--diff-base", "base") == ["shop/post.py:5"]

    def test_what_only_moves_is_not_new(self, repository, told):
        repository.write({"shop/old.py": "import os\n\n# above\n\n" + OLD.replace("requests.get(", "requests.get(\n        ")})
        assert told("--diff-base", "main") == []
        repository.write({"shop/old.py": None, "shop/older.py": OLD})
        assert told("--diff-base", "main") == []
        repository.commit()
        assert told("--diff-base", "main") == []

    def test_one_more_of_the_same_is_new(self, repository, told):
        repository.write({"shop/old.py": OLD.replace("    return", "    requests.get('https://old.example')\n    return")})
        assert told("--diff-base", "main") == ["shop/old.py:6"]

    def test_it_is_compared_with_where_the_histories_part(self, repository, told):
        """What others have repaired meanwhile, or brought, is not this change's."""
        repository.commit({"shop/new.py": NEW})
        repository.git("switch", "-q", "main")
        repository.commit({"shop/old.py": OLD.replace("example')", "example', timeout=3)"), "shop/other.py": NEW})
        repository.git("switch", "-q", "work")
        assert told("--diff-base", "main") == ["shop/new.py:5"]
        repository.git("merge", "-q", "--no-edit", "main")
        assert told("--diff-base", "main") == ["shop/new.py:5"]

    def test_any_name_of_a_revision(self, repository, told):
        first = repository.git("rev-parse", "main")
        repository.git("tag", "-a", "-m", "one", "v1")
        repository.commit({"shop/new.py": NEW})
        for name in ("main", "HEAD~1", "v1", first[:10]):
            assert told("--diff-base", name) == ["shop/new.py:5"]
        assert told("--diff-base", "HEAD") == []

    @pytest.mark.parametrize("side", ["work tree", "index"])
    def test_a_version_is_that_of_its_side(self, repository, told, side):
        """redis waits for five seconds since its version 8, and for ever before."""
        stock = "import redis\n\nstock = redis.Redis()\n\n\ndef left(sku):\n    return stock.get(sku)\n"
        repository.commit({"requirements/all.txt": "redis==8.0.0\n", "shop/stock.py": stock})
        assert told() == ["shop/old.py:5"]
        repository.write({"requirements/all.txt": "redis==7.1.0\n"})
        if side == "index":
            repository.git("add", "--all")
            repository.write({"requirements/all.txt": "redis==8.0.0\n"})
        assert told(*(("--staged",) if side == "index" else ("--diff-base", "HEAD"))) == ["shop/stock.py:3"]
        repository.write({"requirements/all.txt": "redis==7.1.0\n"})
        repository.commit()
        repository.write({"requirements/all.txt": "redis==5.0.1\n"})
        assert told("--diff-base", "HEAD") == [], "found with both versions"

    def test_line_ends_are_no_change(self, repository, told):
        repository.write({name: text.replace("\n", "\r\n") for name, text in FILES.items()})
        assert told("--diff-base", "main") == []

    def test_settings_are_those_of_today(self, repository, told):
        repository.write(
            {
                "pyproject.toml": '[tool.reliability-lint]\nselect = ["missing-timeout", "REL002"]\n',
                "shop/http.py": HTTP + "X = 1  # reliability: ignore[REL101] it is so\n",
            }
        )
        assert told("--diff-base", "main") == ["shop/http.py:8"]
        repository.commit()
        repository.git("branch", "base")
        repository.write({"pyproject.toml": '[tool.reliability-lint]\nselect = ["missing-timeout", "REL002"]\ninclude-tests = true\n'})
        assert told("--diff-base", "base") == []

    def test_a_suppression_that_is_taken_out_is_a_change(self, repository, told):
        repository.commit({"shop/old.py": OLD.replace("old.example')", "old.example')  # reliability: ignore[REL101] it is so")})
        repository.git("branch", "base")
        repository.write({"shop/old.py": OLD})
        assert told("--diff-base", "base") == ["shop/old.py:5"]

    def test_a_file_that_no_longer_parses_is_told(self, repository, told):
        repository.write({"shop/old.py": "def old(:\n"})
        assert told("--diff-base", "main") == ["shop/old.py:1"]
        repository.commit()
        assert told("--diff-base", "HEAD") == []

    def test_rules_that_see_all_files_together(self, repository, told):
        app = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/orders')\ndef orders():\n    return []\n\n\n"
        health = "@app.get('/health')\ndef health():\n    return 'ok'\n"
        chosen = ("--select", "missing-health-endpoint")
        repository.commit({"shop/api.py": app + health})
        repository.git("branch", "base")
        assert told(*chosen) == []
        repository.write({"shop/api.py": app})
        (there,) = told(*chosen)
        assert told("--diff-base", "base", *chosen) == [there]
        repository.commit()
        assert told("--diff-base", "HEAD", *chosen) == []

    def test_with_a_baseline(self, repository, told, capsysbinary):
        repository.write({"shop/new.py": NEW})
        assert run(["baseline", "create", "shop/new.py"]) == 0
        capsysbinary.readouterr()
        repository.write({"shop/newer.py": NEW.replace("def new", "def newer")})
        assert told("--diff-base", "main") == ["shop/newer.py:5"]
        assert told("--diff-base", "main", "--no-baseline") == ["shop/new.py:5", "shop/newer.py:5"]

    def test_from_a_folder_below(self, repository, told, monkeypatch):
        repository.write({"shop/new.py": NEW})
        monkeypatch.chdir(repository.folder / "shop")
        assert told("--diff-base", "main") == ["new.py:5"]

    def test_in_a_second_work_tree(self, repository, call, monkeypatch, tmp_path):
        repository.git("worktree", "add", "-q", str(tmp_path / "second"), "-b", "second")
        monkeypatch.chdir(tmp_path / "second")
        (tmp_path / "second" / "shop" / "new.py").write_text(NEW)
        assert call("-f", "concise", "--diff-base", "main")[1].startswith("shop/new.py:5:")

    def test_a_submodule_is_left_to_itself(self, repository, told, tmp_path):
        other = Repository(tmp_path / "other")
        other.commit({"lib.py": OLD})
        repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.folder.as_uri(), "vendor")
        repository.commit()
        repository.write({"shop/new.py": NEW})
        assert "vendor/lib.py:5" in told()
        assert told("--diff-base", "HEAD") == ["shop/new.py:5"]

    def test_several_processes_and_a_cache_find_the_same(self, repository, call, monkeypatch, tmp_path):
        monkeypatch.delenv("RELIABILITY_LINT_NO_CACHE")
        monkeypatch.setenv("RELIABILITY_LINT_CACHE_DIR", str(tmp_path / "kept"))
        monkeypatch.setattr(registry, "_described", {})
        repository.commit({f"shop/part{number}.py": RATES for number in range(16)})
        repository.git("branch", "base")
        repository.write({"shop/http.py": HTTP.replace("timeout=3", "timeout=None"), "shop/part3.py": None})
        arguments = ("-f", "concise", "--diff-base", "base")
        first = call(*arguments, "--jobs", "3")[1]
        assert len(first.splitlines()) == 16
        assert call(*arguments)[1] == call(*arguments, "--no-cache", "--jobs", "1")[1] == first


def test_what_is_kept_serves_both_sides(repository, call, monkeypatch, tmp_path):
    """After a run over all, only the changed file is checked, and those that ask it: each once, and of the side before nothing."""
    monkeypatch.delenv("RELIABILITY_LINT_NO_CACHE")
    monkeypatch.setenv("RELIABILITY_LINT_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(registry, "_described", {})
    examined: list[str] = []
    original = checker.prepare

    def prepare(path, *arguments, **options):
        examined.append(os.path.basename(path))
        return original(path, *arguments, **options)

    monkeypatch.setattr(checker, "prepare", prepare)
    call()
    examined.clear()
    repository.write({"shop/http.py": HTTP.replace("timeout=3", "timeout=None")})
    assert call("-f", "concise", "--diff-base", "main")[1].startswith("shop/rates.py:5:")
    assert sorted(examined) == ["http.py", "rates.py"]
    examined.clear()
    call()
    assert examined == [], "the side before has taken nothing away"


class TestStaged:
    def test_what_would_be_committed_is_checked_and_nothing_else(self, repository, told):
        repository.write({"shop/new.py": NEW})
        assert told("--staged") == []
        repository.git("add", "shop/new.py")
        assert told("--staged") == ["shop/new.py:5"]
        repository.write({"shop/new.py": NEW.replace("example')", "example', timeout=3)")})
        assert told("--staged") == ["shop/new.py:5"], "repaired on disk, and not added"
        assert told() == ["shop/old.py:5"]
        repository.git("add", "shop/new.py")
        assert told("--staged") == []

    def test_the_report_shows_what_is_staged(self, repository, call):
        repository.write({"shop/new.py": "# above\n" + NEW})
        repository.git("add", "--all")
        repository.write({"shop/new.py": "x = 1\n"})
        out = call("--staged")[1]
        assert "6 │     return requests.get('https://new.example')" in out

    def test_a_file_that_is_in_the_index_alone(self, repository, told):
        repository.write({"shop/new.py": NEW, "build/gen.py": NEW, "shop/made_pb2.py": NEW})
        repository.git("add", "--all", "--force")
        for name in ("shop/new.py", "build/gen.py", "shop/made_pb2.py"):
            (repository.folder / name).unlink()
        assert told("--staged") == ["shop/new.py:5"]
        assert told("--staged", "shop") == ["shop/new.py:5"]

    def test_across_files(self, repository, told):
        repository.write({"shop/http.py": HTTP.replace("timeout=3", "timeout=None")})
        assert told("--staged") == []
        repository.git("add", "--all")
        repository.write({"shop/http.py": HTTP})
        assert told("--staged") == ["shop/rates.py:5"]
        assert told() == ["shop/old.py:5"]

    def test_a_rename(self, repository, told):
        repository.git("mv", "shop/old.py", "shop/older.py")
        assert told("--staged") == []

    def test_the_first_commit(self, tmp_path, call, monkeypatch, repository):
        first = Repository(tmp_path / "first")
        monkeypatch.chdir(first.folder)
        first.write({"a.py": NEW})
        assert call("--staged")[0] == 0
        first.git("add", "--all")
        assert call("-f", "concise", "--staged")[1].startswith("a.py:5:")

    def test_within_a_hook_the_index_is_that_of_the_commit(self, repository, told, monkeypatch):
        """`git commit -a` and `git commit FILE` have an index of their own while their hooks run."""
        shutil.copy(repository.folder / ".git" / "index", repository.folder / ".git" / "next-index")
        repository.write({"shop/new.py": NEW})
        repository.git("add", "shop/new.py", GIT_INDEX_FILE=str(repository.folder / ".git" / "next-index"))
        assert told("--staged") == []
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index")
        monkeypatch.setenv("GIT_DIR", ".git")
        assert told("--staged") == ["shop/new.py:5"]

    def test_a_hook_of_another_repository_does_not_mislead(self, repository, told, monkeypatch, tmp_path):
        other = Repository(tmp_path / "other")
        repository.write({"shop/new.py": NEW})
        repository.git("add", "--all")
        monkeypatch.chdir(other.folder)
        monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git" / "index"))
        assert [place.rpartition("/")[2] for place in told("--staged", str(repository.folder))] == ["new.py:5"]


def test_nothing_that_the_repository_names_is_run(repository, told):
    """Hooks, monitors, filters and pagers would be other people's programs."""
    trap = repository.folder.parent / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {repository.folder.parent}/sprung\ncat\n")
    trap.chmod(0o755)
    repository.commit({".gitattributes": "*.py filter=trap diff=trap\n"})
    for key in (
        "core.fsmonitor",
        "core.pager",
        "filter.trap.clean",
        "filter.trap.smudge",
        "diff.trap.textconv",
        "diff.external",
        "core.sshCommand",
    ):
        repository.git("config", key, str(trap))
    repository.folder.joinpath("shop/new.py").write_text(NEW)
    for hook in ("post-index-change", "post-checkout", "reference-transaction"):
        shutil.copy(trap, repository.folder / ".git" / "hooks" / hook)
    told("--diff-base", "main")
    told("--staged")
    assert run(["suppressions"]) == 0
    assert not (repository.folder.parent / "sprung").exists()


class TestMistakes:
    @pytest.fixture(autouse=True)
    def shop(self, repository):
        repository.commit({"shop/new.py": NEW})

    def test_a_revision_that_is_not_there(self, call):
        code, out, err = call("--diff-base", "mian")
        assert (code, out) == (2, "")
        assert err == "error: git knows no revision 'mian' here\n  did you mean 'main'?\n"
        assert "name a branch, a tag or a commit that is in this clone" in call("--diff-base", "0123456789abcdef")[2]

    @pytest.mark.parametrize("revision", ["--output=x", "-h", "", "main:shop", "main..work", "@{999}", "a b"])
    def test_odd_revisions(self, repository, call, revision):
        before = repository.state()
        code, out, err = call(f"--diff-base={revision}")
        assert (code, out) == (2, "")
        assert err.startswith(f"error: git knows no revision '{revision}' here\n")
        assert repository.state() == before

    def test_a_branch_of_a_remote_that_was_not_fetched(self, repository, call):
        repository.git("remote", "add", "origin", "https://git.example/shop")
        assert call("--diff-base", "origin/main")[2].endswith("\n  fetch it first: git fetch origin main\n")

    def test_histories_that_have_nothing_in_common(self, repository, call):
        repository.git("switch", "-q", "--orphan", "apart")
        repository.commit({"a.py": NEW})
        code, _, err = call("--diff-base", "main")
        assert code == 2
        assert "git knows no commit where HEAD and 'main' part\n  they began apart" in err

    @pytest.mark.parametrize("depth", ["no revision", "no common commit"])
    def test_a_shallow_clone(self, repository, call, monkeypatch, tmp_path, depth):
        repository.git("switch", "-q", "main")
        repository.commit({"shop/other.py": OLD})
        url = repository.folder.as_uri()
        repository.git("clone", "-q", "--depth", "1", "--branch", "work", url, str(tmp_path / "shallow"))
        monkeypatch.chdir(tmp_path / "shallow")
        base = "main"
        if depth == "no common commit":
            repository.git("-C", str(tmp_path / "shallow"), "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
            base = "origin/main"
        code, out, err = call("--diff-base", base)
        assert (code, out) == (2, "")
        assert (
            "this clone is shallow: fetch more of the history with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`" in err
        )
        assert ("no commit where HEAD and" in err) is (depth == "no common commit")
        repository.git("-C", str(tmp_path / "shallow"), "fetch", "-q", "--unshallow", "origin", "+refs/heads/*:refs/remotes/origin/*")
        assert call("-f", "concise", "--diff-base", "origin/main")[1].startswith("shop/new.py:5:")

    def test_a_shallow_clone_that_goes_back_far_enough(self, repository, call, monkeypatch, tmp_path):
        repository.git("clone", "-q", "--depth", "2", "--branch", "work", repository.folder.as_uri(), str(tmp_path / "shallow"))
        monkeypatch.chdir(tmp_path / "shallow")
        assert call("-f", "concise", "--diff-base", "HEAD~1")[1].startswith("shop/new.py:5:")

    def test_a_partial_clone_fetches_nothing(self, repository, call, monkeypatch, tmp_path):
        repository.git("config", "uploadpack.allowFilter", "true")
        repository.write({"shop/old.py": OLD + "\n\nX = 1\n"})
        repository.commit()
        repository.git("clone", "-q", "--filter=blob:none", "--branch", "work", repository.folder.as_uri(), str(tmp_path / "partial"))
        monkeypatch.chdir(tmp_path / "partial")
        code, out, err = call("--diff-base", "HEAD~1")
        assert (code, out) == (2, "")
        assert "a partial clone leaves files with the server: fetch them with `git fetch --refetch --no-filter`" in err

    def test_no_commit_yet(self, tmp_path, call, monkeypatch):
        empty = Repository(tmp_path / "empty")
        monkeypatch.chdir(empty.folder)
        empty.write({"a.py": NEW})
        code, _, err = call("--diff-base", "main")
        assert code == 2
        assert "there is no commit yet, so there is nothing to compare with" in err

    def test_no_repository(self, tmp_path, call, monkeypatch):
        (tmp_path / "plain").mkdir()
        (tmp_path / "plain" / "a.py").write_text(NEW)
        monkeypatch.chdir(tmp_path / "plain")
        for arguments in (("--staged",), ("--diff-base", "main")):
            code, out, err = call(*arguments)
            assert (code, out) == (2, "")
            assert "this is not in a git repository\n  git is asked what has changed" in err

    def test_two_repositories(self, repository, call, tmp_path):
        Repository(tmp_path / "other").commit({"b.py": NEW})
        code, _, err = call("--staged", "shop", str(tmp_path / "other"))
        assert code == 2
        assert "lie in different git repositories" in err

    def test_no_git(self, call, monkeypatch):
        monkeypatch.setenv("PATH", os.devnull)
        code, out, err = call("--staged")
        assert (code, out) == (2, "")
        assert err == "error: git is needed for this, and was not found\n  install git, or add it to PATH\n"

    def test_git_that_hangs(self, call, monkeypatch, tmp_path):
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "git").write_text("#!/bin/sh\nexec sleep 30\n")
        (tmp_path / "bin" / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(git, "PATIENCE", 0.2)
        code, _, err = call("--staged")
        assert code == 2
        assert "took longer than 0.2 seconds" in err

    def test_a_repository_of_somebody_else(self, call, monkeypatch):
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        code, _, err = call("--staged")
        assert code == 2
        assert "git does not trust this repository" in err
        assert "git config --global --add safe.directory" in err

    def test_a_damaged_repository(self, repository, call):
        (repository.folder / ".git" / "index").write_bytes(b"DIRC and no more")
        code, out, err = call("--staged")
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert "our mistake" not in err

    @pytest.mark.parametrize(
        "arguments", [("--staged", "--diff-base", "main"), ("--staged", "--fix"), ("--staged", "--diff"), ("--diff-base", "main", "-")]
    )
    def test_what_does_not_go_together(self, call, arguments):
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert "--staged" in err
