from __future__ import annotations

from reliability_lint.rule import (
    Constant,
    Findings,
    Function,
    FunctionFacts,
    JobWait,
    Made,
    Note,
    Task,
    find,
    led_to,
    rule,
    short,
    way_in_words,
)


@rule("REL716", severity="error")
def task_waits_on_subtask(function: Function, task: Task) -> Findings:
    """
    A background job that waits for another one.

    A job that waits keeps its worker. When as many jobs wait as there are workers, none is left for those that they wait for: the queue stands still
    until somebody restarts it, and it happens at the hour of the highest load. Have the second job follow the first instead.

    Waiting in functions that the job calls counts as well, over up to three calls.

    Bad:

        from celery import group, shared_task

        @shared_task
        def render(page):
            ...

        @shared_task
        def publish(page):
            return render.delay(page).get(timeout=30)  # REL716

        @shared_task
        def publish_all(pages):
            return all_of(pages)  # REL716 "all_of() → celery.result.ResultSet.join()"

        def all_of(pages):
            return group(render.s(page) for page in pages).apply_async().join()

    Good:

        from celery import chain, group, shared_task

        @shared_task
        def render(page):
            ...

        @shared_task
        def store(text):
            ...

        @shared_task
        def publish(page):
            chain(render.s(page), store.s()).delay()

        def view(request, page):
            return render.delay(page).get(timeout=30)
    """
    meanings = function.model.meanings
    for call in function.calls:
        if call.bare or not call.name:
            continue
        wait = meanings.means(call, JobWait)
        if wait is not None and wait.framework == task.framework and _waits(wait, call.made):
            yield call.finding(_MESSAGE.format(how=f"{call.title}()"), cure=_CURE)
        if wait is not None or meanings.index.modelled(call.name):
            continue
        for reach in led_to(meanings, call.name, _runs):
            known = meanings.index.known(reach.call.name)
            inner = known.concepts.get(JobWait) if known is not None else None
            if isinstance(inner, JobWait) and inner.framework == task.framework and _waits(inner, reach.call):
                notes = (Note(reach.site, f"{short(reach.way[-1])}() waits here"),) if reach.site is not None else ()
                yield call.finding(_MESSAGE.format(how=way_in_words(reach.way, reach.call.name)), cure=_CURE, notes=notes)
                break


_MESSAGE = "this job keeps its worker while it waits for another job: when all workers wait, none is left for what they wait for: {how}"
_CURE = "let the second job follow the first (a chain, a callback), or do its work here"


def _waits(wait: JobWait, made: Made) -> bool:
    """Whether a call that can wait does."""
    return wait.switch is None or find(wait.switch, made) == Constant(True)


def _runs(facts: FunctionFacts) -> bool:
    return not facts.generator
