"""What is found with the help of another tool that knows more types: kept apart, and never in the way of what we find ourselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from reliability_lint.diagnostics import FileReport
from reliability_lint.engine.checker import Checker
from reliability_lint.engine.discover import Found
from reliability_lint.engine.inference import Inference
from reliability_lint.engine.settings import Lookup
from reliability_lint.text.source import SourceFile, Span

SERVICE = """\
    import queue

    import corp_pool
    import requests


    async def known(url):
        return requests.get(url)


    async def typed(jobs: queue.Queue):
        return jobs.get()


    async def nobody_knows(jobs):
        return jobs.get()


    async def foreign():
        return corp_pool.jobs().get()


    async def no_word_of_ours(jobs):
        return jobs.certainly_no_method_of_a_library()
    """


class Told:
    """Knows types by the text of expressions, and where classes are defined; remembers what it was asked."""

    def __init__(self, types: Mapping[str, str], origins: Mapping[str, str] = {}) -> None:
        self.by_text, self.origins = types, origins
        self.asked: list[str] = []

    def types(self, source: SourceFile, spans: Sequence[Span]) -> Sequence[str]:
        self.asked = [source.text[span.start : span.end] for span in spans]
        return [self.by_text.get(text, "") for text in self.asked]

    def origin(self, name: str) -> str:
        return self.origins.get(name, "")


class Failing(Told):
    def types(self, source: SourceFile, spans: Sequence[Span]) -> Sequence[str]:
        raise KeyError("type")


def check(folder: Path, inference: Inference | None, text: str = SERVICE) -> FileReport:
    path = folder / "service.py"
    path.write_text(dedent(text), encoding="utf-8")
    settings = Lookup(isolated=True).of_file(str(path))
    return Checker(inference=inference).check(Found(str(path), "service.py", settings))


def lines(report: FileReport) -> tuple[set[int], set[int]]:
    """Where something is found without and with the other tool."""
    return {one.region.line for one in report.diagnostics}, {one.region.line for one in report.inferred}


def test_only_receivers_of_which_nothing_is_known_are_asked_for(tmp_path: Path) -> None:
    told = Told({})
    check(tmp_path, told)
    assert told.asked == ["jobs", "corp_pool.jobs()"]


def test_what_is_found_with_an_answer_stands_apart(tmp_path: Path) -> None:
    alone, _ = lines(check(tmp_path, None))
    told = Told({"jobs": "queue.Queue", "corp_pool.jobs()": "queue.Queue"})
    assert lines(check(tmp_path, told)) == (alone, {16, 20})
    assert alone == {8, 12}


def test_columns_count_in_any_text(tmp_path: Path) -> None:
    text = """\
        async def größe(jobs):
            return "ä" * 3, (jobs).get(), "ß"


        import queue
        """
    assert lines(check(tmp_path, Told({"jobs": "queue.Queue"}), text)) == (set(), {2})


@pytest.mark.parametrize("name", ["", "queue.Strange", "corp_pool.Queue", "builtins.dict"])
def test_an_answer_that_no_model_knows_adds_nothing(tmp_path: Path, name: str) -> None:
    alone, _ = lines(check(tmp_path, None))
    assert lines(check(tmp_path, Told({"jobs": name}))) == (alone, set())


def test_a_class_is_known_by_the_name_that_its_library_offers(tmp_path: Path) -> None:
    types = {"jobs": "_queue.parts.Queue"}
    assert lines(check(tmp_path, Told(types, {"queue.Queue": "_queue.parts.Queue"})))[1] == {16}
    assert lines(check(tmp_path, Told(types, {"queue.Queue": "queue.Queue"})))[1] == set()


def test_a_class_of_the_project_is_asked_what_it_does_itself(tmp_path: Path) -> None:
    (tmp_path / "pool.py").write_text(
        "import queue\n\n\nclass Plain(queue.Queue):\n    pass\n\n\nclass Hasty(queue.Queue):\n    def get(self):\n        return super().get(timeout=3)\n"
    )
    assert lines(check(tmp_path, Told({"jobs": "pool.Plain"})))[1] == {16}
    assert "missing-timeout" not in {one.name for one in check(tmp_path, Told({"jobs": "pool.Hasty"})).inferred}


def test_what_can_be_given_a_timeout_later_on_may_have_been(tmp_path: Path) -> None:
    text = """\
        import requests


        def price(session):
            return session.get("https://rates.example")


        async def rate(session):
            return session.get("https://rates.example")
        """
    (told,) = check(tmp_path, Told({"session": "requests.Session"}), text).inferred
    assert (told.region.line, told.name) == (9, "blocking-call-in-async")


def test_a_comment_about_what_is_found_so_is_not_unused(tmp_path: Path) -> None:
    text = """\
        import queue


        async def rates(jobs):
            jobs.get()  # reliability: ignore[missing-timeout, blocking-call-in-async] it is filled before
            jobs.get(timeout=3)  # reliability: ignore[missing-timeout] it is filled before
            return jobs.get()
        """
    assert lines(check(tmp_path, Told({}), text)) == ({5, 6}, set())
    report = check(tmp_path, Told({"jobs": "queue.Queue"}), text)
    assert lines(report) == ({6}, {6, 7})
    assert {one.code for one in report.diagnostics} == {"REL002"}


def test_when_it_fails_what_we_find_ourselves_stays(tmp_path: Path) -> None:
    alone = check(tmp_path, None)
    report = check(tmp_path, Failing({}))
    assert [one.code for one in report.diagnostics] == ["REL000", *(one.code for one in alone.diagnostics)]
    assert "KeyError" in report.diagnostics[0].message
    assert report.inferred == ()
