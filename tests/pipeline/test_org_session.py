"""
Signing in to a local org, describing it, and what happens when it is gone.
"""

from __future__ import annotations

import time

import pytest

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.errors import LoginRefused, OrgRefused, OrgUnreachable
from migrator.model.names import ApiName
from migrator.org.session import open_org
from tests.pipeline.signed_in import sign_in

INVOICE = ApiName("ONB2__Invoice__c")


def test_a_local_org_says_who_it_is(local_org: RunningOrg) -> None:
    """Identity, user, version and the calls of the day."""
    with sign_in(local_org) as org:
        assert org.facts.org_id == local_org.org.id
        assert org.facts.org_name == "Rehearsal"
        assert org.facts.organization_type == "Developer Edition"
        assert org.facts.username == "admin@example.org"
        assert org.facts.user_id.startswith("005")
        assert org.facts.api_version == "66.0"
        assert not org.facts.is_production
        assert org.rest.usage is not None
        assert org.rest.usage.limit == 15_000


def test_an_enterprise_org_is_production() -> None:
    """Bought, no sandbox, without an end."""
    settings = OrgSettings(organization_type="Enterprise Edition", invoices=1)
    with start_org(settings) as running, sign_in(running) as org:
        assert org.facts.is_production


def test_describes_come_as_the_org_gives_them(local_org: RunningOrg) -> None:
    """Through simple-salesforce, over plain http, with every key of a field."""
    with sign_in(local_org) as org:
        described = org.describe(INVOICE)
        assert described["name"] == INVOICE
        assert len(described["fields"][0]) == 57
        names = {each["name"] for each in org.describe_global()}
        assert {INVOICE, "Account"} <= names


def test_an_object_that_is_not_there_is_not_found(local_org: RunningOrg) -> None:
    """With Salesforce's code, so that the caller can tell."""
    with sign_in(local_org) as org, pytest.raises(OrgRefused) as caught:
        org.describe(ApiName("Nothing__c"))
    assert caught.value.code == "NOT_FOUND"


def test_a_wrong_token_is_refused(local_org: RunningOrg) -> None:
    """With the remedy, without the token."""
    with pytest.raises(LoginRefused) as caught:
        sign_in(local_org, token="00Dwrong!token")
    assert "SF_ACCESS_TOKEN" in caught.value.hint
    assert "00Dwrong" not in caught.value.message + caught.value.hint


def test_a_session_that_expires_is_refused_in_the_middle(
    local_org: RunningOrg,
) -> None:
    """REST, describe and SOAP tell it alike."""
    with sign_in(local_org) as org:
        local_org.org.faults.replace("requests: [{expire_token: true, nth: 1}]")
        with pytest.raises(LoginRefused):
            org.soql.count(INVOICE)
        with pytest.raises(LoginRefused):
            org.describe(INVOICE)
        with pytest.raises(LoginRefused):
            org.deployment.read_components("CustomObject", [INVOICE])


def test_a_stopped_org_is_unreachable_within_seconds() -> None:
    """With the usual patience: the address is named, the token is not."""
    with start_org(OrgSettings(invoices=1)) as running:
        url, token = running.url, running.token
    started = time.monotonic()
    with pytest.raises(OrgUnreachable) as caught:
        open_org(url, environ={"SF_ACCESS_TOKEN": token}, ceiling="66.0")
    assert time.monotonic() - started < 5
    assert url in caught.value.message
    assert token not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "fault",
    [
        "{path: /query, respond: 503, times: 2}",
        "{path: /query, respond: 500, times: 2}",
        "{path: /query, reset_after: 20, times: 2}",
        "{path: /query, truncate: 20, times: 1}",
    ],
)
def test_passing_troubles_of_a_query_are_not_noticed(
    local_org: RunningOrg, fault: str
) -> None:
    """Busy, broken, reset or cut: asked again."""
    with sign_in(local_org) as org:
        local_org.org.faults.replace(f"requests: [{fault}]")
        if "truncate" in fault:
            with pytest.raises(OrgUnreachable, match="expected JSON"):
                org.soql.count(INVOICE)
        assert org.soql.count(INVOICE) == 60


def test_all_pages_of_a_query_are_read(local_org: RunningOrg) -> None:
    """More records than one page holds, each once."""
    with sign_in(local_org) as org:
        name = ApiName("ONB2__InvoiceLineItem__c")
        rows = org.soql.query(f"SELECT Id, ONB2__Invoice__r.Name FROM {name}")  # noqa: S608
        assert len(rows) == len({row["Id"] for row in rows}) == org.soql.count(name)
        assert all(row["ONB2__Invoice__r"].keys() == {"Name"} for row in rows)


def test_active_currencies_are_listed(local_org: RunningOrg) -> None:
    """Sorted codes of a multi-currency org."""
    with sign_in(local_org) as org:
        found = org.currencies()
    assert "EUR" in found
    assert list(found) == sorted(found)
