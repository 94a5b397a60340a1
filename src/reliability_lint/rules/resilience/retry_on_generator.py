from __future__ import annotations

import libcst as cst

from reliability_lint.rule import Call, Constant, Findings, Function, RetryPolicy, Yield, active, decorations, dotted, rule, walk


@rule("REL133", severity="error")
def retry_on_generator(function: Function) -> Findings:
    """
    A retry policy on a generator.

    Calling a generator function runs nothing of its body, so there is nothing to repeat: what fails, fails while somebody iterates, outside of the
    retry. The same is true of context managers that are written as generators. Some libraries run the body again, from its beginning, and whoever
    iterates gets the first items twice.

    Bad:

        import contextlib
        import itertools

        import httpx
        from tenacity import retry, stop_after_attempt, wait_random_exponential

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))  # REL133 "nothing of it is repeated"
        def pages():
            for number in itertools.count():
                yield httpx.get(f"{SHOP}/orders?page={number}").json()

        @retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))  # REL133
        @contextlib.contextmanager
        def locked(name):
            token = httpx.post(f"{LOCKS}/{name}").text
            yield token
            httpx.delete(f"{LOCKS}/{name}/{token}")

    Good:

        import httpx
        from tenacity import Retrying, retry, stop_after_attempt, wait_random_exponential

        from shop.tools import as_list

        patiently = retry(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5))

        @patiently
        def page(number):
            return httpx.get(f"{SHOP}/orders?page={number}").json()

        def pages():
            for number in range(10):
                yield page(number)

        @patiently
        @as_list  # may run the whole of it
        def all_pages():
            yield from pages()

        @patiently
        def handlers():
            def each():
                yield 1  # of another function

            return list(each())

        def stubborn():
            for attempt in Retrying(stop=stop_after_attempt(3), wait=wait_random_exponential(max=5)):
                with attempt:
                    found = httpx.get(f"{SHOP}/orders").json()
            yield from found
    """
    if not function.generator or function.overload:
        return
    for decorator, _, policy in decorations(function, RetryPolicy):
        title = f"{decorator.title or dotted(decorator.node)}()"
        if policy.generators == "once" and active(decorator, policy):
            yield decorator.finding(
                f"{title} repeats the making of the generator {function.name}(), which never fails: nothing of it is repeated "
                "when its body does",
                cure="put what may fail into a function of its own, and repeat that",
            )
        elif policy.generators == "again" and _is_innermost(decorator, function) and any(_counts(one) for one in function.yields):
            yield decorator.finding(
                f"{title} runs {function.name}() from its beginning after a failure: whoever iterates gets the first items again",
                cure="put what may fail into a function of its own, and repeat that",
            )


def _is_innermost(decorator: Call, function: Function) -> bool:
    """Whether a decorator is given the function itself."""
    below = function.decorators[function.decorators.index(decorator) + 1 :]
    return function.model.only_marks(one.name for one in below)


def _counts(one: Yield) -> bool:
    """Whether this stands in a loop that counts, and begins to count anew with each run; another loop may go on where it has stopped."""
    for frame in one.frame.within_function():
        if frame.kind == "loop" and isinstance(frame.node, cst.For) and isinstance(frame.node.iter, cst.Call):
            counter, given = one.model.name_of(frame.node.iter.func, one), frame.node.iter.args
            if counter == "itertools.count" or counter == "builtins.range":
                return (counter.endswith("range") and len(given) == 1) or all(_is_fixed(arg.value, one) for arg in given[:1])
        if frame.kind == "loop" and isinstance(frame.node, cst.While):
            counters = [node.target for node in walk(frame.node.body) if isinstance(node, cst.AugAssign)]
            return any(isinstance(name, cst.Name) and _begins(name.value, one) for name in counters)
    return False


def _is_fixed(value: cst.BaseExpression, where: Yield) -> bool:
    return isinstance(where.evaluate(value), Constant)


def _begins(name: str, where: Yield) -> bool:
    """Whether a local variable begins with a number that is written in the function."""
    bindings = where.scope.bindings.get(name, [])
    return any(isinstance(one.value, cst.Integer) for one in bindings)
