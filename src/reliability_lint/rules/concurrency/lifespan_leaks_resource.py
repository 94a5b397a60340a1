from __future__ import annotations

from reliability_lint.rule import Findings, Note, SemanticModel, leaks, rule


@rule("REL722", severity="warning")
def lifespan_leaks_resource(model: SemanticModel) -> Findings:
    """
    A lifespan that opens something and never closes it.

    What stands before the yield is for the start, what stands behind it for the end. If nothing does, each deployment cuts connections that are in use, and
    the other side keeps its half of them until it gives up; a producer takes its last messages along; a task is ended wherever it happens to be. In tests,
    which start the application again and again, the leak is one in each.

    Nothing is said where the lifespan does anything else behind the yield, or hands over what it has opened: then somebody else may close it.

    Bad:

        from contextlib import asynccontextmanager

        import httpx
        from fastapi import FastAPI

        @asynccontextmanager
        async def lifespan(app):
            app.state.http = httpx.AsyncClient()  # REL722 "its connections"
            yield

        app = FastAPI(lifespan=lifespan)

    Bad (one of two):

        import asyncio
        from contextlib import asynccontextmanager

        import asyncpg
        from fastapi import FastAPI

        async def refresh():
            while True:
                await rates.load()
                await asyncio.sleep(60)

        @asynccontextmanager
        async def lifespan(app):
            pool = await asyncpg.create_pool(DATABASE)
            app.state.pool = pool
            task = asyncio.create_task(refresh())  # REL722 "a task that goes on for ever"
            yield
            await pool.close()

        app = FastAPI(lifespan=lifespan)

    Good:

        import asyncio
        from contextlib import AsyncExitStack, asynccontextmanager

        import asyncpg
        import httpx
        from fastapi import FastAPI

        async def refresh():
            while True:
                await rates.load()
                await asyncio.sleep(60)

        @asynccontextmanager
        async def lifespan(app):
            pool = await asyncpg.create_pool(DATABASE)
            task = asyncio.create_task(refresh())
            async with httpx.AsyncClient() as http:
                yield {"http": http, "pool": pool}
            task.cancel()
            await pool.close()

        app = FastAPI(lifespan=lifespan)

        @asynccontextmanager
        async def stacked_lifespan(app):
            async with AsyncExitStack() as stack:
                http = httpx.AsyncClient()
                stack.push_async_callback(http.aclose)
                pool = await stack.enter_async_context(asyncpg.create_pool(DATABASE))
                yield {"http": http, "pool": pool}

        stacked = FastAPI(lifespan=stacked_lifespan)

        @asynccontextmanager
        async def other_lifespan(app):
            app.state.http = httpx.AsyncClient()
            yield
            await close_everything(app)

        other = FastAPI(lifespan=other_lifespan)
    """
    for leak in leaks(model):
        notes = (Note(leak.end.at, "what stands behind this runs at the end"),)
        if leak.closable is not None:
            yield leak.call.finding(
                f"nothing closes what {leak.call.title}() opens: at the end of the application it still holds {leak.closable.holds}",
                cure="close it behind the yield, in finally, or open it with async with around the yield",
                notes=notes,
            )
        else:
            yield leak.call.finding(
                "nothing ends a task that goes on for ever: at the end of the application it is cut off wherever it is",
                cure="cancel it behind the yield and await it, or start it in a TaskGroup around the yield",
                notes=notes,
            )
