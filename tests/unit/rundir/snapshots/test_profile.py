"""
The profile of an extract: counted over all parts, and no value leaves unmasked.
"""

from __future__ import annotations

from pathlib import Path

from migrator.rundir.snapshots.profile import MAX_COUNTED, masked, profile, samples
from tests.builders.describes import a_described, a_described_object
from tests.unit.rundir.snapshots.test_snapshots import NAME, a_frame, an_extract


def test_columns_are_counted_over_all_parts(tmp_path: Path) -> None:
    """Distinct values, texts that look like nothing, addresses that are none."""
    extract = an_extract(
        tmp_path,
        a_frame(("1", "a@b.de"), ("2", "#N/A"), ("3", None)),
        a_frame(("4", "a@b.de"), ("5", ""), ("6", "a b@c")),
    )
    described = a_described_object(NAME, a_described("A__c", "email", length=80))
    told = profile(extract, NAME, described)["A__c"]
    assert (told.rows, told.blanks) == (6, 2)
    assert (told.distinct, told.is_more) == (3, False)
    assert (told.na_literals, told.odd_emails) == (1, 2)


def test_counting_stops_somewhere(tmp_path: Path) -> None:
    """Beyond it the number decides nothing."""
    rows = [(str(n), str(n)) for n in range(MAX_COUNTED + 5)]
    extract = an_extract(tmp_path, a_frame(*rows[:600]), a_frame(*rows[600:]))
    told = profile(extract, NAME, None)["A__c"]
    assert (told.distinct, told.is_more) == (MAX_COUNTED, True)


def test_samples_are_a_few_different_cells(tmp_path: Path) -> None:
    """In the order of the records, blanks aside."""
    rows = (("1", "x"), ("2", None), ("3", "x"), ("4", "y"), ("5", "z"), ("6", "u"))
    extract = an_extract(tmp_path, a_frame(*rows))
    assert samples(extract, NAME)["A__c"] == ("x", "y", "z")


def test_a_mask_keeps_the_shape_alone() -> None:
    """Letters, digits and signs of any script."""
    assert masked("Müller, 12.5 €") == "Xxxxxx, 99.9 *"
    assert masked("日本-1\n") == "xx-9*"
