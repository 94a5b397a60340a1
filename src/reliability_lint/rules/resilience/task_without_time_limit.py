from __future__ import annotations

import re

from reliability_lint.project import Application, Finding, Findings, JobLimit, Project, Task, is_endless, rule


@rule("REL111", severity="warning", set="strict")
def task_without_time_limit(project: Project) -> Findings:
    """
    Background jobs that may run for ever.

    A job that hangs keeps its worker until somebody restarts it. A few of them, and the queue stands still while all graphs say that the workers are
    busy.

    It is one finding for an application of Celery whose project sets a time limit nowhere, neither in its settings nor at any task; settings that are
    read from elsewhere may hold one, and count as if they did. Of other queues, which have a limit by default, it is the place that switches it off.

    Bad:

        # shop/jobs.py
        from celery import Celery

        app = Celery("shop", broker=BROKER)  # REL111

        # shop/reports.py
        from shop.jobs import app

        @app.task
        def report(month):
            ...

    Bad (a limit that is switched off):

        import dramatiq
        from redis import Redis
        from rq import Queue

        queue = Queue(connection=Redis(socket_timeout=5), default_timeout=-1)  # REL111

        @dramatiq.actor(time_limit=float("inf"))  # REL111
        def report(month):
            ...

    Good:

        # shop/jobs.py
        from celery import Celery

        app = Celery("shop", broker=BROKER)
        app.conf.task_soft_time_limit = 300

        @app.task
        def report(month):
            ...

    Good (settings from elsewhere):

        from celery import Celery

        app = Celery("shop", broker=BROKER)
        app.config_from_envvar("CELERY_SETTINGS")

        @app.task
        def report(month):
            ...

    Good (the default of the library):

        import dramatiq

        @dramatiq.actor
        def report(month):
            ...
    """
    for _, landmark, limit in project.landmarks(JobLimit):
        if isinstance(limit, JobLimit) and is_endless(limit, landmark.call):
            message = f"{landmark.call.name}() lets jobs run for ever: one that hangs keeps its worker until somebody restarts it"
            yield Finding(landmark.site, message, "set a limit that the longest job keeps")
    for _, landmark, application in project.landmarks(Application):
        if not isinstance(application, Application) or not application.limited_by or not project.has_function(Task):
            continue
        if not project.speaks_of("|".join(application.limited_by)) and not _is_told_elsewhere(application, project):
            message = f"no job of {landmark.call.name} has a time limit, and none is the default: one that hangs keeps its worker until somebody restarts it"
            yield Finding(landmark.site, message, application.cure)
            return


def _is_told_elsewhere(application: Application, project: Project) -> bool:
    """Whether settings come from what is not among the files."""
    if application.elsewhere and project.speaks_of("|".join(application.elsewhere)):
        return True
    modules = {facts.module for facts in project.files.values()}
    reads = re.compile(rf"""\b{application.reads}\(\s*(?:["']([\w.]+?)(?::[\w.]+)?["'])?""") if application.reads else None
    named = [match[1] for text in project.texts.values() for match in (reads.finditer(text) if reads is not None else ())]
    # Of settings with a name of their own, `package:settings`, those are meant that the program has.
    return any(name is None or (name not in modules and not name.endswith(".conf")) for name in named)
