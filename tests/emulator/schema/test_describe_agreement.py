"""
Describes of fields loaded from their authors' metadata against the real describes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.conftest import SHARED_DATA
from tests.emulator.conftest import BASE, FULL, grant, signed_in

pytestmark = pytest.mark.shared_data

AGREEMENT = 0.98
_TICKETS = {
    "EventInstance__c": "Ticketable_Event__c",
    "TicketAllocation__c": "Event_Instance__c",
    "TicketPriceLevel__c": "Ticket_Allocation__c",
}
# Fields of Contact were recorded as Account shows them for a person account: formulas
# are rewritten to Account's paths, references are not searched by.
_SEEN_FROM_ACCOUNT = ("calculatedFormula", "searchPrefilterable")
Pair = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """(real, ours) of each field that stands on both sides."""
    ours = _described("npsp", "Account", "Contact")
    real = _real("cumulusci/Account_PersonAccount.json")
    found = [(each, ours.get(_metadata_name(each["name"]))) for each in real]
    ours = _described("dreamhouse", *_TICKETS)
    for owner, name in _TICKETS.items():
        (each,) = [
            each for each in _real(f"dreamhouse/{owner}.json") if each["name"] == name
        ]
        found.append((each, ours.get((owner, name))))
    return [(each, mine) for each, mine in found if mine is not None]


def _real(path: str) -> list[dict[str, Any]]:
    text = (SHARED_DATA / "describes" / path).read_text(encoding="utf-8")
    fields: list[dict[str, Any]] = json.loads(text)["fields"]
    return fields


def _described(folder: str, *owners: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The fields of *owners* as an org with that metadata describes them."""
    settings = OrgSettings(invoices=0, metadata=SHARED_DATA / "metadata" / folder)
    with start_org(settings) as running:
        caller = signed_in(running)
        grant(running.org, "All", dict.fromkeys(owners, FULL))
        answers = {
            owner: caller.http.get(f"{BASE}/sobjects/{owner}/describe").json()
            for owner in owners
        }
        caller.http.close()
    return {
        (owner, each["name"]): each
        for owner, answer in answers.items()
        for each in answer["fields"]
    }


def _metadata_name(name: str) -> tuple[str, str]:
    """Owner and name in the metadata of a field that the describe shows."""
    if not name.startswith("npsp__"):
        return "", name
    own = name.removeprefix("npsp__")
    if own.endswith("__pc"):
        return "Contact", own.removesuffix("pc") + "c"
    return "Account", own


def _plain(value: Any) -> str:
    """A value without the namespace and without the suffixes of person accounts."""
    text = json.dumps(value, sort_keys=True).replace("npsp__", "")
    return text.replace('__pc"', '__c"').replace('__pr"', '__r"')


def _compared(key: str, pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    for real, mine in pairs:
        from_account = real["name"].endswith("__pc")
        if not (from_account and key in _SEEN_FROM_ACCOUNT):
            yield _plain(real.get(key)), _plain(mine.get(key))


def test_each_key_agrees(pairs: list[Pair], capsys: pytest.CaptureFixture[str]) -> None:
    """98 percent for each of the 57 keys, where the value is not the commonest."""
    assert len(pairs) == 48 + 3
    keys = sorted(pairs[0][0])
    assert len(keys) == 57
    rows = []
    for key in keys:
        compared = list(_compared(key, pairs))
        common = Counter(real for real, _ in compared).most_common(1)[0][0]
        rare = [real == mine for real, mine in compared if real != common]
        whole = [real == mine for real, mine in compared]
        rows.append((key, len(rare), _share(rare), _share(whole)))
    with capsys.disabled():
        print(f"\n{'key':32}{'not common':>12}{'agree':>8}{'all':>8}")  # noqa: T201
        for key, count, rare_share, share in rows:
            print(f"{key:32}{count:12}{rare_share:8.0%}{share:8.0%}")  # noqa: T201
    assert [row for row in rows if min(row[2:]) < AGREEMENT] == []


def _share(agreed: list[bool]) -> float:
    return sum(agreed) / len(agreed) if agreed else 1.0
