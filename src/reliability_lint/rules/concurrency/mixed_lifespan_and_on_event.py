from __future__ import annotations

from reliability_lint.rule import Constant, Findings, Function, Lifespan, Note, SemanticModel, dotted, ignored_lists, rule, unheard_events


@rule("REL721", severity="error")
def mixed_lifespan_and_on_event(model: SemanticModel) -> Findings:
    """
    A start or end of the application that is never run.

    An application that is given a lifespan runs that and nothing else. What is registered for its start and end besides is accepted without a word and
    never called: the pool stays closed, the cache cold, the last messages unsent. Usually one half was moved to the new way and the other forgotten.

    Bad:

        from contextlib import asynccontextmanager

        from fastapi import FastAPI

        @asynccontextmanager
        async def lifespan(app):
            async with connect() as app.state.database:
                yield

        app = FastAPI(lifespan=lifespan)

        @app.on_event("startup")  # REL721 "warm_cache() never runs"
        async def warm_cache():
            await app.state.cache.fill()

    Bad (two arguments):

        from fastapi import FastAPI

        from .life import lifespan

        app = FastAPI(lifespan=lifespan, on_shutdown=[flush])  # REL721 "on_shutdown="

    Good:

        from contextlib import asynccontextmanager

        from fastapi import APIRouter, FastAPI

        @asynccontextmanager
        async def lifespan(app):
            async with connect() as app.state.database:
                await app.state.cache.fill()
                yield

        router = APIRouter()

        @router.on_event("startup")  # those of a router that is included run beside the lifespan
        async def read_rates():
            await rates.read()

        app = FastAPI(lifespan=lifespan)
        app.include_router(router)

        worker = FastAPI()

        @worker.on_event("startup")
        async def start():
            await queue.start()

    Good (the lifespan runs them):

        from contextlib import asynccontextmanager

        from fastapi import FastAPI

        @asynccontextmanager
        async def lifespan(app):
            for start in app.router.on_startup:
                await start()
            yield

        app = FastAPI(lifespan=lifespan)

        @app.on_event("startup")
        async def warm_cache():
            await app.state.cache.fill()
    """
    for call, event, maker in unheard_events(model):
        which = call.argument(*event.event.keywords, position=event.event.position)
        place = call.decorated
        given = call.argument_node(*event.function.keywords, position=event.function.position) if event.function is not None else None
        name = f"{place.name}()" if isinstance(place, Function) else f"{dotted(given)}()" if dotted(given) else "what it is given"
        when = f" at {which.value}" if isinstance(which, Constant) else ""
        made_at = model.meanings.made_at(maker)
        yield call.finding(
            f"{name} never runs{when}: the application has a lifespan, which takes the place of its events",
            cure="move it into the lifespan: before the yield for the start, behind it for the end",
            notes=(Note(made_at, "the application is given its lifespan here"),) if made_at is not None else (),
        )
    for call, concept in model.meanings.of(Lifespan):
        if lists := [f"{keyword}=" for keyword in ignored_lists(call, concept)]:
            yield call.finding(
                f"what stands in {' and '.join(lists)} never runs: the application has a lifespan, which takes the place of its events",
                cure="move it into the lifespan: before the yield for the start, behind it for the end",
            )
