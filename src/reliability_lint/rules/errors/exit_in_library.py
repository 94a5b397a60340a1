from __future__ import annotations

from reliability_lint.rule import Findings, SemanticModel, library_leavings, rule


@rule("REL526", severity="warning")
def exit_in_library(model: SemanticModel) -> Findings:
    """
    A function that ends the process of whoever calls it.

    Whether a failure is the end is for the program to say. `SystemExit` passes every `except Exception` above it: retries, clean-up and error pages do not
    see it. A web server answers 500 and goes on without the reason, a worker loses its job, a test run stops.

    Programs may exit: files that read a command line, have commands or ask for `__name__`, modules and functions that are named for it, what asks somebody
    at a terminal, commands, handlers of signals.
    Requests, jobs and threads are a matter of `hard-exit` (REL724).

    Bad:

        import sys

        def load_rates(path):
            if not path.exists():
                sys.exit(f"{path} is missing")  # REL526 "whoever calls load_rates()"
            return path.read_text()

    Good:

        import sys

        class RatesMissing(Exception):
            pass

        def load_rates(path):
            if not path.exists():
                raise RatesMissing(path)
            return path.read_text()

        def main():
            try:
                load_rates(RATES)
            except RatesMissing as error:
                sys.exit(str(error))
    """
    for leaving in library_leavings(model):
        function = leaving.place.function
        assert function is not None
        yield leaving.place.finding(
            f"{leaving.title} ends the process of whoever calls {function.name}(), and no except Exception sees why",
            cure="raise an exception, and let the program decide",
        )
