"""
Allowances and sessions that end in the middle: stop in time, or go on as somebody new.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.emulator.server import RunningOrg
from migrator.errors import InputError, LoginRefused, Stopped
from migrator.model.migration import DEFAULT_API_CEILING
from migrator.model.names import ApiName
from migrator.model.records import Operation
from migrator.org.session import Org, open_org
from tests.pipeline.deployed_org import Copying, copying, deployed_org
from tests.pipeline.signed_in import QUICK_PACE, QUICK_PATIENCE, sign_in

__all__ = ["copying", "deployed_org"]

SOQL = "SELECT Id FROM ONB2__Invoice__c"


@pytest.fixture
def limits(copying: Copying) -> Iterator[Any]:
    """The org's allowances, as they were afterwards."""
    found = copying.org.org.limits
    before = found.api_limit, found.used_calls
    yield found
    found.api_limit, found.used_calls = before


def test_the_reserve_of_calls_is_left_to_others(copying: Copying, limits: Any) -> None:
    """A copy stops with 4 and a time before the reserve; with calls it completes."""
    limits.used_calls = 0
    copying.copy()
    needed = limits.used_calls
    limits.used_calls = 0
    for target in ("Balance__c", "TaxDetail__c", "InvoiceLineItem__c"):
        rows = [str(row["Id"]) for row in copying.stored(target)]
        with copying.org.org.lock:
            copying.org.org.store.delete(target, rows)
    limits.api_limit = needed * 2 // 3
    said = copying.refused(code=4)
    assert "API calls left for 24 hours" in said
    assert "UTC on" in said
    assert limits.used_calls <= limits.api_limit * 0.95
    limits.api_limit = 100_000
    copying.copy()
    copying.assert_complete()


def test_batches_and_query_jobs_are_counted_too(local_org: RunningOrg) -> None:
    """Neither is created when only the reserve is left."""
    limits = local_org.org.limits
    limits.used_query_jobs = 9_500
    limits.used_ingest_batches = 14_249
    with sign_in(local_org) as org:
        with pytest.raises(Stopped, match="Bulk query jobs"):
            org.bulk.start_query(SOQL)
        with pytest.raises(Stopped, match="Bulk batches"):
            org.bulk.create_ingest(ApiName("Account"), Operation.INSERT, records=10_001)
        assert org.bulk.create_ingest(ApiName("Account"), Operation.INSERT)


class Renewing(dict[str, str]):
    """
    An environment whose token somebody renews as soon as it has expired.
    """

    def __init__(self, running: RunningOrg) -> None:
        super().__init__(SF_ACCESS_TOKEN=running.token)
        self._org = running.org

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        """
        The value of *name*, the token always a living one.
        """
        if f"Bearer {self['SF_ACCESS_TOKEN']}" in self._org.faults.expired_tokens:
            self["SF_ACCESS_TOKEN"] = self._org.users.sign_in("admin@example.org")
        return super().get(name, default)


def test_an_expired_session_goes_on_with_the_new_one(local_org: RunningOrg) -> None:
    """A token that its source has renewed is used, also for what is sent once."""
    environ = Renewing(local_org)
    with signed_in(local_org, environ) as org:
        local_org.org.faults.replace("requests: [{nth: 1, expire_token: true}]")
        assert org.bulk.create_ingest(ApiName("Account"), Operation.INSERT)
        assert environ["SF_ACCESS_TOKEN"] != local_org.token


APP = {"SF_CLIENT_ID": "app", "SF_CLIENT_SECRET": "secret"}


def test_a_connected_app_signs_in_again(local_org: RunningOrg) -> None:
    """REST, a describe and SOAP go on with a new token, each by itself."""
    with signed_in(local_org, APP) as org:
        for ask in (
            lambda: org.soql.count(ApiName("Account")),
            lambda: org.describe(ApiName("Account")),
            lambda: org.deployment.read_components("CustomObject", ["Account"]),
        ):
            used = org.rest.session_id
            local_org.org.faults.replace("requests: [{nth: 1, expire_token: true}]")
            assert ask()
            assert org.rest.session_id != used


def test_a_token_that_is_always_refused_is_not_renewed_for_ever(
    local_org: RunningOrg,
) -> None:
    """An org that takes no token at all gets a refusal, not endless sign-ins."""
    with signed_in(local_org, APP) as org:
        local_org.org.faults.replace("requests: [{path: /query, respond: 401}]")
        with pytest.raises(LoginRefused):
            org.soql.count(ApiName("Account"))


def test_half_a_connected_app_is_no_sign_in(local_org: RunningOrg) -> None:
    """What is missing is named, nothing that was given is repeated."""
    with pytest.raises(InputError, match="SF_CLIENT_SECRET is not set") as caught:
        signed_in(local_org, {"SF_CLIENT_ID": "my-app"})
    assert "my-app" not in f"{caught.value}{caught.value.hint}"


def test_an_app_that_may_not_sign_in_is_told_what_to_enable(
    local_org: RunningOrg,
) -> None:
    """The org's own code, and neither the app nor its secret."""
    local_org.org.faults.replace("requests: [{path: /oauth2/token, respond: 401}]")
    with pytest.raises(LoginRefused, match="gave no token") as caught:
        signed_in(local_org, APP)
    assert "client credentials" in caught.value.hint
    assert "secret" not in caught.value.message


def signed_in(running: RunningOrg, environ: dict[str, str]) -> Org:
    """
    *running* as somebody with *environ* sees it, with short waits.
    """
    return open_org(
        running.url,
        environ=environ,
        ceiling=DEFAULT_API_CEILING,
        patience=QUICK_PATIENCE,
        pace=QUICK_PACE,
    )


def test_a_load_file_is_sent_from_its_beginning_again(
    local_org: RunningOrg, tmp_path: Path
) -> None:
    """A session that expires at the upload costs no record of the file on disk."""
    file = tmp_path / "load.csv"
    file.write_text('"Name"\n' + "".join(f'"Made {n}"\n' for n in range(9)), "utf-8")
    environ = Renewing(local_org)
    with open_org(
        local_org.url,
        environ=environ,
        ceiling=DEFAULT_API_CEILING,
        patience=QUICK_PATIENCE,
        pace=QUICK_PACE,
    ) as org:
        job = org.bulk.create_ingest(ApiName("Account"), Operation.INSERT)
        plan = "requests: [{method: PUT, nth: 1, expire_token: true}]"
        local_org.org.faults.replace(plan)
        org.bulk.upload(job, file)
        org.bulk.close_upload(job)
        info = org.bulk.await_ingest(job)
    assert environ["SF_ACCESS_TOKEN"] != local_org.token
    assert (info.processed, info.failed) == (9, 0)


def test_without_a_new_session_the_remedy_is_named(local_org: RunningOrg) -> None:
    """The same token again is no renewal."""
    with sign_in(local_org) as org:
        local_org.org.faults.replace("requests: [{nth: 1, expire_token: true}]")
        with pytest.raises(LoginRefused) as caught:
            org.bulk.start_query(SOQL)
    assert "SF_ACCESS_TOKEN" in caught.value.hint
