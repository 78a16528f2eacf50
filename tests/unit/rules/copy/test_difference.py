"""
What is still to be sent, from what the extract has and what the org stores.
"""

from __future__ import annotations

import polars as pl

from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.copy.convert import (
    Conversion,
    Pending,
    compared,
    compared_columns,
    gathered,
    stored_columns,
)
from tests.builders.frames import a_converted_object, an_id
from tests.builders.mappings import an_entry

T1, T2 = "2026-01-01T00:00:00.000Z", "2026-02-02T00:00:00.000Z"


def a_mapped() -> MappedObject:
    """
    An object with its time of change and a reference to itself.
    """
    return a_converted_object(
        an_entry(
            "LastModifiedDate",
            "DateTime",
            target="Origin_Last_Modified_Date__c",
            treatment=Treatment.SYSTEM,
        ),
        an_entry("Next__c", "Lookup(New__c)", treatment=Treatment.PARENT),
    )


CONVERSION = Conversion(mapped=a_mapped(), deferred=frozenset({ApiName("Next__c")}))


def pending(
    source: list[tuple[int, str, str | None]],
    stored: list[tuple[int, str, str | None]],
    *,
    renew_all: bool = False,
) -> Pending:
    """
    What is to be done for (number, time of change, reference) on both sides.
    """
    ours = pl.DataFrame(
        [(an_id(n), when, next_) for n, when, next_ in source],
        schema=dict.fromkeys(compared_columns(CONVERSION), pl.String),
        orient="row",
    )
    theirs = pl.DataFrame(
        [(f"id{n}", an_id(n), when, next_) for n, when, next_ in stored],
        schema=dict.fromkeys(stored_columns(CONVERSION), pl.String),
        orient="row",
    )
    return compared(
        [ours], gathered([theirs], CONVERSION), CONVERSION, renew_all=renew_all
    )


def keys(*numbers: int) -> list[str]:
    """
    The keys of the records *numbers*.
    """
    return [an_id(number)[3:15] for number in numbers]


def test_each_record_is_missing_stale_or_there() -> None:
    """
    The org's ids and times decide, and what nobody knows is surplus.
    """
    found = pending(
        [(1, T1, None), (2, T2, None), (3, T1, None)],
        [(2, T1, None), (3, "2026-01-01T00:00:00.000+0000", None), (9, T1, None)],
    )
    assert found.missing.to_list() == keys(1)
    assert found.stale.to_list() == keys(2)
    assert (found.records, found.stored, found.already_there) == (3, 3, 1)
    assert found.surplus == 1


def test_a_changed_mapping_makes_every_stored_record_stale() -> None:
    """
    Only what is stored is renewed; the rest is inserted anyway.
    """
    found = pending([(1, T1, None), (2, T1, None)], [(2, T1, None)], renew_all=True)
    assert found.missing.to_list() == keys(1)
    assert found.stale.to_list() == keys(2)


def test_references_that_are_set_in_the_source_only_are_unlinked() -> None:
    """
    Records that are not stored do not count: an upsert would make them.
    """
    found = pending(
        [(1, T1, an_id(2)), (2, T1, an_id(3)), (3, T1, None), (4, T1, an_id(1))],
        [(1, T1, None), (2, T1, "a0Y000000000001AAA"), (3, T1, None)],
    )
    assert found.unlinked.to_list() == keys(1)


def test_keys_pick_the_records_of_an_extract() -> None:
    """
    `take` filters a frame by the keys of one group.
    """
    found = pending([(1, T1, None), (2, T1, None)], [(2, T1, None)])
    frame = pl.DataFrame({"Id": [an_id(2), an_id(1)]})
    assert found.take(frame, found.missing)["Id"].to_list() == [an_id(1)]


def test_an_empty_target_has_everything_missing() -> None:
    """
    A query without a page is a target without records.
    """
    ours = pl.DataFrame(
        [(an_id(1), T1, None)],
        schema=dict.fromkeys(compared_columns(CONVERSION), pl.String),
        orient="row",
    )
    found = compared([ours], gathered([], CONVERSION), CONVERSION)
    assert found.take(ours, found.missing).equals(ours)
    assert found.take(ours, found.stale).is_empty()
    assert (found.records, found.already_there, found.stored) == (1, 0, 0)
