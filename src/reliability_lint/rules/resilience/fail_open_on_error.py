from __future__ import annotations

from reliability_lint.rule import Findings, Note, Opening, SemanticModel, openings, rule, unverified

_MEANWHILE = {
    "access": "while it lasts nobody is kept out",
    "rate": "while it lasts nothing is limited",
    "validity": "what could not be looked at counts as valid",
}


@rule("REL161", severity="error")
def fail_open_on_error(model: SemanticModel) -> Findings:
    """
    A check that lets everybody through when it cannot find out.

    What is asked is down for a minute, or a bug raises where nobody thought of it, and for that long every token is valid and everybody an administrator.
    Nothing fails, so nobody notices; and whoever finds out how to make it fail has found the way in.

    What is meant is left alone, where a comment in the handler says so, or the log ("accepting the token"): to limit no one while the counter is down
    may well be right, and of limits and of data any word in the log will do. So is what is caught because it is expected (`KeyError`, an entry that does
    not exist). What a function decides is told by its name; where that does not say what yes means, nothing is said.

    Bad:

        import requests

        def is_allowed(user, action):
            try:
                return requests.get(ACL, params={"user": user, "action": action}, timeout=1).json()["allowed"]
            except Exception:  # REL161
                return True

    Bad (yes keeps out):

        import redis

        store = redis.Redis(socket_timeout=1)

        def is_revoked(token):
            try:
                return store.sismember("revoked", token.id)
            except redis.RedisError:  # REL161
                return False

    Bad (the refusal ends in the function that refuses):

        import logging

        from fastapi import HTTPException

        logger = logging.getLogger(__name__)

        def verify_signature(request, key):
            try:
                if sign(request.body, key) != request.headers["X-Signature"]:
                    raise HTTPException(401)
            except Exception:  # REL161
                logger.exception("no signature")

    Bad (what was refused is read without a look at it):

        import jwt

        def claims(token):
            try:
                found = jwt.decode(token, KEY, algorithms=["RS256"])
            except jwt.ExpiredSignatureError:
                found = jwt.decode(token, options={"verify_signature": False})  # REL161
            return found

    Good:

        import logging

        import redis
        import requests

        logger = logging.getLogger(__name__)
        store = redis.Redis(socket_timeout=1)

        def is_allowed(user, action):
            try:
                return requests.get(ACL, params={"user": user, "action": action}, timeout=1).json()["allowed"]
            except requests.RequestException:
                logger.exception("nobody is let in: the access list does not answer")
                return False

        def is_revoked(token):
            try:
                return store.sismember("revoked", token.id)
            except redis.RedisError:
                return True

        def within_rate_limit(customer):
            try:
                return store.incr(customer) <= 100
            except redis.RedisError:
                # Better too many requests than none at all.
                return True

        def can_edit(user, page):
            try:
                return LOCKS[page.id] == user.id
            except KeyError:
                return True  # nobody has locked it

        def is_enabled(feature):
            try:
                return requests.get(FLAGS, params={"name": feature}, timeout=1).json()["on"]
            except Exception:
                return True  # a switch, and nobody's permission
    """
    for opening in openings(model):
        yield opening.trap.place.finding(
            f"{_cause(opening)}: {_MEANWHILE[opening.decision.about]}",
            cure="say no, or let the error pass; if it is meant so, a comment here says why",
            at=opening.trap.at,
            severity="error" if opening.decision.about == "access" else "warning",
        )
    for call, refusing in unverified(model):
        yield call.finding(
            f"{call.title}() takes for genuine what {refusing.title}() has refused: whatever it says holds",
            cure="read it with the same checks, or refuse it",
            notes=(Note(refusing.at, "refused here"),),
        )


def _cause(opening: Opening) -> str:
    """What happens when the check fails."""
    if opening.passes:
        return f"after a failure of {opening.what} the request is handed on as if it had been let through"
    if opening.decision.raises and not opening.answers:
        return f"{opening.name}() refuses by an exception and takes that itself, with any failure of {opening.what}"
    return f"a failure of {opening.what} makes {opening.name}() answer {'no' if opening.decision.inverted else 'yes'}"
