"""What functions decide, by their names: what yes means, and of which nothing is said."""

from __future__ import annotations

import pytest

from reliability_lint.engine.discover import discover
from reliability_lint.engine.insight import Insight
from reliability_lint.engine.settings import Lookup
from reliability_lint.meanings.decisions import Decision, decision


def decided(tmp_path, signature):
    """What the first function of a file decides."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "orders.py").write_text(f"import requests\n\n\ndef {signature}:\n    return requests.get(URL)\n", encoding="utf-8")
    files = discover([str(tmp_path)], Lookup(isolated=True)).files
    with Insight(files).of(files[0]) as prepared:
        return decision(prepared.model.functions[0])


@pytest.mark.parametrize(
    "signature",
    [
        "is_allowed(user)",
        "_is_authorized(user)",
        "hasPermission(user)",
        "has_role(user, role)",
        "can_edit(user, page)",
        "user_can_edit(page)",
        "is_member(user)",
        "allow_request(request)",
        "authenticate(request)",
        "is_safe_redirect(url)",
    ],
)
def test_yes_lets_in(tmp_path, signature):
    assert decided(tmp_path, signature) == Decision("access")


@pytest.mark.parametrize("signature", ["is_banned(user)", "is_token_expired(token)", "has_revoked_access(user)", "is_private_ip(ip)"])
def test_yes_keeps_out(tmp_path, signature):
    assert decided(tmp_path, signature) == Decision("access", inverted=True)


@pytest.mark.parametrize("signature", ["verify_signature(body)", "require_role(user)", "check_access(user)", "validate_token(token)"])
def test_no_is_an_exception_or_a_value(tmp_path, signature):
    assert decided(tmp_path, signature) == Decision("access", raises=True)


@pytest.mark.parametrize(
    ("signature", "inverted"),
    [("within_rate_limit(user)", False), ("under_limit(user)", False), ("is_rate_limited(user)", True), ("has_exceeded_quota(user)", True)],
)
def test_how_often(tmp_path, signature, inverted):
    assert decided(tmp_path, signature) == Decision("rate", inverted=inverted)


@pytest.mark.parametrize(("signature", "raises"), [("is_valid_invoice(invoice)", False), ("validate_invoice(invoice)", True)])
def test_what_it_claims_to_be(tmp_path, signature, raises):
    assert decided(tmp_path, signature) == Decision("validity", raises=raises)


@pytest.mark.parametrize(
    "signature",
    [
        "is_expired(entry)",
        "is_not_allowed(user)",
        "is_allowed_or_banned(user)",
        "is_feature_allowed(name)",
        "has_optional_role(user)",
        "can_edit(page)",
        "can_connect(user)",
        "is_healthy()",
        "allowed_users()",
        "permission(user)",
        "check_updates(user)",
        "is_over(game)",
        "_()",
    ],
)
def test_nothing_is_known(tmp_path, signature):
    assert decided(tmp_path, signature) is None
