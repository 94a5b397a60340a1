from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from reliability_lint.rule import (
    NONE,
    Call,
    Constant,
    Edit,
    Findings,
    Fix,
    HttpRequest,
    Items,
    Missing,
    Note,
    RetryPolicy,
    active,
    dotted,
    find,
    lost,
    rule,
    walk,
)


@rule("REL134", severity="warning")
def retry_config_not_applied(call: Call, policy: RetryPolicy) -> Findings:
    """
    A retry policy that has no effect.

    The code says that requests are repeated, and reviewers believe it; the first failure is the last all the same.

    Bad (it is handed to nothing):

        import requests
        from requests.adapters import HTTPAdapter

        def rate(currency):
            session = requests.Session()
            adapter = HTTPAdapter(max_retries=3)  # REL134 "never read"
            return session.get(f"{RATES}/{currency}", timeout=5)

    Bad (the request goes past the session):

        import requests
        from requests.adapters import HTTPAdapter

        def rate(currency):
            session = requests.Session()
            session.mount("https://", HTTPAdapter(max_retries=3))
            return requests.get(f"{RATES}/{currency}", timeout=5)  # REL134 "session"

    Fixed:

        import requests
        from requests.adapters import HTTPAdapter

        def rate(currency):
            session = requests.Session()
            session.mount("https://", HTTPAdapter(max_retries=3))
            return session.get(f"{RATES}/{currency}", timeout=5)

    Bad (no status is named that should be repeated):

        from urllib3.util import Retry

        retries = Retry(total=5, status=3, backoff_factor=0.5)  # REL134 "status_forcelist="

    Bad (this raises a TypeError):

        # requirements.txt
        urllib3==2.8.0
        # shop/http.py
        from urllib3.util import Retry

        retries = Retry(total=5, backoff_factor=0.5, method_whitelist=["GET"])  # REL134 "TypeError"

    Fixed:

        # requirements.txt
        urllib3==2.8.0
        # shop/http.py
        from urllib3.util import Retry

        retries = Retry(total=5, backoff_factor=0.5, allowed_methods=["GET"])

    Good:

        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util import Retry

        retries = Retry(total=5, status=3, backoff_factor=0.5, status_forcelist=[502, 503, 504], allowed_methods=["GET"])

        def rate(currency):
            session = requests.Session()
            session.mount("https://", HTTPAdapter(max_retries=retries))
            return session.get(f"{RATES}/{currency}", timeout=5)

        def patient():
            session = requests.Session()
            session.mount("https://", HTTPAdapter(max_retries=retries))
            requests.get(RATES, timeout=5)  # once is enough here
            return session  # this one is for somebody else

        def plain():
            session = requests.Session()
            adapter = HTTPAdapter()  # no retries are promised
            return session.get(RATES, timeout=5)
    """
    if call.bare or not active(call, policy):
        return
    for old, new in policy.renamed.items():
        if old in call.made.keywords:
            yield call.finding(
                f"{call.title}() has no parameter {old} any more: this raises a TypeError",
                cure=f"its name is {new}",
                at=call.argument_node(old),
                severity="error",
                fix=_renamed(call, old, new),
            )
    for parameter in policy.dependent:
        if _counts(find(parameter, call.made)) and find(parameter.needs, call.made) in (
            Missing.ABSENT,
            NONE,
            Items("tuple", ()),
            Items("list", ()),
        ):
            yield call.finding(
                f"{parameter.keyword}= stands here without {parameter.needs.keyword}=: {parameter.then}",
                cure=f"name the codes: {parameter.needs.keyword}=",
                at=call.argument_node(*parameter.keywords, position=parameter.position),
            )
    if not policy.handed_to:
        return
    if how := lost(call):
        yield call.finding(f"these retries never happen, for {how}", cure=f"hand it to {policy.handed_to}")
    for request, session, builder in _past(call):
        yield request.finding(
            f"{request.title}() goes past {session}, which has the retries and sends nothing here",
            cure=f"send it by {session}.{request.word}()",
            notes=(Note(call.at, "these retries are for the requests of that session only"),),
            fix=_sent_by(request, session, builder),
        )


def _renamed(call: Call, old: str, new: str) -> Fix | None:
    """The parameter by its new name: as it is, the call raises, so there is nobody who could miss anything."""
    if not isinstance(call.node, cst.Call) or new in call.made.keywords:
        return None
    keyword = next((arg.keyword for arg in call.node.args if arg.keyword is not None and arg.keyword.value == old), None)
    return Fix(f"call it {new}=", (Edit(keyword, new),), safe=True) if keyword is not None else None


def _sent_by(request: Call, session: str, builder: Call) -> Fix | None:
    """The request sent by the session, where that surely is set up by then; what else the session adds to requests is for somebody to look at."""
    func = request.node.func if isinstance(request.node, cst.Call) else None
    if not isinstance(func, cst.Attribute) or builder.order > request.order or not builder.frame.encloses(request.frame):
        return None
    return Fix(f"send it by {session}.{request.word}()", (Edit(func.value, session),))


def _counts(value: object) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, int) and not isinstance(value.value, bool) and value.value > 0


def _past(call: Call) -> Iterator[tuple[Call, str, Call]]:
    """
    The requests of a function that makes a session, builds a policy into it and then does not send them by it; with the session's name and the call
    that builds the policy in.
    """
    function = call.function
    if function is None:
        return
    builder = next((other for other in function.calls if _builds_in(other, call)), None)
    name = _receiver(builder) if builder is not None else ""
    found = call.scope.find(name) if name else None
    if (
        builder is None
        or found is None
        or found[0] is not function.inner
        or any(binding.kind not in ("assign", "with") for binding in found[1])
    ):
        return
    if _used(function.node.body, name, builder.word):
        return
    root = call.model.type_of(builder.made.owner).partition(".")[0] if builder.made.owner is not None else ""
    for request, _ in call.model.meanings.of(HttpRequest):
        if request.function is function and request.made.owner is None and root and request.name.partition(".")[0] == root:
            yield request, name, builder


def _builds_in(other: Call, policy: Call) -> bool:
    """Whether a call builds what another makes into an object: `session.mount("https://", adapter)`."""
    owner = other.made.owner
    if owner is None or not isinstance(other.node, cst.Call) or not _receiver(other):
        return False
    kind = other.model.meanings.index.types.get(other.model.type_of(owner))
    if kind is None or other.word not in kind.mounts:
        return False
    given = {id(node) for arg in other.node.args for node in walk(arg.value)}
    names = {dotted(arg.value) for arg in other.node.args} - {""}
    return id(policy.node) in given or bool(names & set(_names(policy)))


def _names(policy: Call) -> list[str]:
    """The local names to which what a call makes is assigned."""
    match policy.statement:
        case cst.SimpleStatementLine(body=[*_, cst.Assign(targets=targets, value=value)]) if value is policy.node or policy.node in walk(
            value
        ):
            return [dotted(target.target) for target in targets]
    return []


def _receiver(call: Call) -> str:
    match call.node:
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name))):
            return name
    return ""


def _used(body: cst.CSTNode, name: str, builds_in: str) -> bool:
    """Whether an object is used for more than being set up: it sends, is returned, passed on, or kept."""
    set_up: set[int] = set()
    for node in walk(body):
        match node:
            case cst.Attribute(value=cst.Name(value=its) as owner, attr=cst.Name(value=attribute)) if its == name and attribute in (
                builds_in,
                "headers",
                "auth",
                "verify",
                "close",
            ):
                set_up.add(id(owner))
            case cst.AssignTarget(target=cst.Name() as target) | cst.AsName(name=cst.Name() as target):
                set_up.add(id(target))
            case cst.Attribute():
                set_up.add(id(node.attr))
            case cst.Arg() if node.keyword is not None:
                set_up.add(id(node.keyword))
    return any(isinstance(node, cst.Name) and node.value == name and id(node) not in set_up for node in walk(body))
