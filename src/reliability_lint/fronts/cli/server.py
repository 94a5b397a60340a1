"""`reliability-lint server`."""

from __future__ import annotations

import click


@click.command(short_help="Answer an editor.")
@click.option("--stdio", is_flag=True, help="Talk over standard input and output, which is what happens anyway.")
@click.option("--config", type=click.Path(), metavar="FILE", help="Take the settings of this file for all files.")
def server(stdio: bool, config: str | None) -> None:  # noqa: ARG001 -- some editors always pass it
    """
    Answer an editor, over the language server protocol: findings while a file is written, repairs, and what rules are about.

    It is started by the editor. It ends when the editor does.
    """
    import importlib.util

    from ...engine.settings import read
    from ...mistake import Mistake

    if importlib.util.find_spec("pygls") is None:
        raise Mistake("the server needs pygls", hint="pip install 'reliability-lint[lsp]'")
    if config:
        read(config)
    from ..editor.server import serve

    serve(config or "")
