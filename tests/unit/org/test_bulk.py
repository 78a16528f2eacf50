"""
Result pages: exact for any text, and never taken for whole when they are not.
"""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.errors import Bug, MigratorError, OrgRefused, OrgUnreachable
from migrator.org.bulk import BulkClient, parse_page
from migrator.org.polling import Pace
from tests.unit.org.scripted import Answer, Scripted, refused, scripted, told

COLUMNS = ("Id", "Name", "Owner.Name")
TEXT = st.text(
    st.characters(codec="utf-8") | st.sampled_from('",\n\r\t\x00 \u2028'),
    max_size=12,
)
ROWS = st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=6)


def as_csv(rows: list[tuple[str, ...]], quoting: int = csv.QUOTE_ALL) -> bytes:
    """
    *rows* under COLUMNS as the org writes them.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerows([COLUMNS, *rows])
    return text.getvalue().encode()


def page(content: bytes, records: int | str, locator: str = "null") -> Answer:
    """
    A page with the headers of a real one.
    """
    announced = {"Sforce-NumberOfRecords": str(records), "Sforce-Locator": locator}
    return Answer(body=content, headers=announced)


def client(org: Scripted) -> BulkClient:
    """
    A client that does not sleep.
    """
    return BulkClient(org.rest(), pace=Pace(sleep=org.waits.append))


@settings(deadline=None)
@given(ROWS)
def test_any_text_survives_a_page(rows: list[tuple[str, ...]]) -> None:
    """Every cell comes back exactly; only the empty one is null."""
    frame = parse_page(as_csv(rows), COLUMNS)
    assert frame.columns == list(COLUMNS)
    assert frame.rows() == [tuple(cell or None for cell in row) for row in rows]


@settings(deadline=None)
@given(ROWS, st.data())
def test_no_cut_page_counts_as_whole(
    rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    """Cut anywhere: refused, or its record count is not the announced one."""
    content = as_csv(rows)
    end = data.draw(st.integers(0, len(content) - 1))
    with scripted(page(content[:end], len(rows))) as org:
        pages = client(org).result_pages("750x", COLUMNS)
        with pytest.raises(OrgUnreachable):
            list(pages)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'"Id","Name","Owner.Name"\n"1","a"\n', "cannot be read"),
        (b'"Id","Name","Owner.Name"\n"1","a","b"\n"2","a"\n', "too few cells"),
        (b'"Id","Name","Owner.Name"\n"1","a","b","c"\n', "cannot be read"),
        (b'"Id","Owner.Name","Name"\n"1","a","b"\n', "columns"),
        (b'"Id","Name"\n"1","a"\n', "columns"),
        (b'"Id","Name","Owner.Name"\n"1","a","\xff"\n', "cannot be read"),
        (b'"Id","Name","Owner.Name"\n"1","a","b\n', "middle of a record"),
        (b'"Id","Name","Owner.Name"\n"1","a","b"', "middle of a record"),
        (b'"Id","Name","Owner.Name"\n', "0 records instead of 1"),
        (b"<html>", "middle of a record"),
    ],
)
def test_a_damaged_page_is_named(content: bytes, why: str) -> None:
    """The announced single record is not what the page holds."""
    with scripted(page(content, 1)) as org:
        with pytest.raises(OrgUnreachable, match=why):
            list(client(org).result_pages("750x", COLUMNS))
        assert len(org.heard) == 4


def test_empty_cells_without_quotes_are_null_too() -> None:
    """Some pages quote only what needs it."""
    content = b"Id,Name,Owner.Name\n1,,\n2,x,\n"
    assert parse_page(content, COLUMNS).rows() == [("1", None, None), ("2", "x", None)]


def test_header_names_may_come_in_the_schemas_spelling() -> None:
    """The frame's columns are spelled as asked."""
    content = b'"ID","NAME","owner.name"\n"1","a","b"\n'
    assert parse_page(content, COLUMNS).columns == list(COLUMNS)


def test_a_damaged_page_is_asked_for_again() -> None:
    """The second answer is whole, and the page counts once."""
    whole = as_csv([("1", "a", "b")])
    with scripted(page(whole[:-3], 1), page(whole, 1)) as org:
        (found,) = client(org).result_pages("750x", COLUMNS)
        assert found.frame.rows() == [("1", "a", "b")]
        assert found.records == 1
        assert found.size == len(whole)


def test_pages_end_at_the_word_null() -> None:
    """A locator leads on, `null` ends it, and each is asked with the page size."""
    one, two = as_csv([("1", "", "")]), as_csv([("2", "", "")])
    with scripted(page(one, 1, "MTAw"), page(two, 1)) as org:
        pages = client(org).result_pages("750x", COLUMNS, max_records=1)
        assert [each.frame.item(0, "Id") for each in pages] == ["1", "2"]
        assert [h.path.partition("?")[2] for h in org.heard] == [
            "maxRecords=1",
            "maxRecords=1&locator=MTAw",
        ]
        assert "gzip" in org.heard[0].headers["Accept-Encoding"]


def test_a_locator_that_comes_back_ends_with_an_error() -> None:
    """Never an endless loop."""
    with (
        scripted(page(as_csv([]), 0, "MTAw")) as org,
        pytest.raises(OrgUnreachable, match="before"),
    ):
        list(client(org).result_pages("750x", COLUMNS, max_records=1))


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Sforce-Locator": "null"}, "number of records"),
        ({"Sforce-NumberOfRecords": "0"}, "whether more pages follow"),
    ],
)
def test_a_page_without_its_headers_is_no_end(
    headers: dict[str, str], why: str
) -> None:
    """A missing locator must not be taken for the last page."""
    with (
        scripted(Answer(body=as_csv([]), headers=headers)) as org,
        pytest.raises(OrgUnreachable, match=why),
    ):
        list(client(org).result_pages("750x", COLUMNS))


def test_a_failed_query_brings_the_orgs_words() -> None:
    """OrgRefused with the code that stands before the colon."""
    failed = {"id": "750x", "state": "Failed", "errorMessage": "INVALID_FIELD: no X"}
    busy = {"id": "750x", "state": "InProgress"}
    with scripted(told(busy), told(failed)) as org:
        with pytest.raises(OrgRefused, match="no X") as caught:
            client(org).await_query("750x")
        assert caught.value.code == "INVALID_FIELD"
        assert org.waits == [0.1]


def test_an_unknown_job_state_is_unusable() -> None:
    """A state nobody knows is not waited out for ever."""
    with (
        scripted(told({"id": "750x", "state": "Dreaming"})) as org,
        pytest.raises(OrgUnreachable),
    ):
        client(org).await_query("750x")


@pytest.mark.parametrize(
    "soql", ["SELECT Id FROM X__c ORDER BY Id", "select Id from X__c limit 5"]
)
def test_queries_that_turn_chunking_off_are_our_mistake(soql: str) -> None:
    """Nothing is sent."""
    with scripted(told({})) as org:
        with pytest.raises(Bug):
            client(org).start_query(soql)
        assert not org.heard


def test_a_job_that_cannot_be_deleted_is_left() -> None:
    """Tidying up never fails the work."""
    with scripted(refused(400, "INVALIDJOBSTATE")) as org:
        client(org).delete_query("750x")
        assert org.heard[0].method == "DELETE"


def test_the_job_is_dropped_also_after_an_error() -> None:
    """Start, failed wait, delete."""
    made = told({"id": "750x", "state": "UploadComplete"})
    failed = told({"id": "750x", "state": "Aborted"})
    with scripted(made, failed) as org:
        with pytest.raises(MigratorError):
            list(client(org).query_frames("SELECT Id FROM X__c", ["Id"]))
        assert [h.method for h in org.heard] == ["POST", "GET", "DELETE"]
