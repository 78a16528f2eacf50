"""
Geolocations: one field is made, its two parts carry the values.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import blockers
from migrator.model.mapping import FieldMapping, MappedObject, Mapping, Status
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.rules.check.limits import usage
from migrator.rules.check.mapping import check
from migrator.rules.copy.convert import load_columns
from migrator.rules.copy.convert.columns import Conversion
from migrator.rules.plan.proposal import Profile, plan
from migrator.rules.target.objects import build_target
from tests.builders.describes import a_described, a_described_object
from tests.builders.mappings import (
    a_key,
    a_location,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
    a_skipped,
)

OBJECT = ApiName("ns__Site__c")
PLACE = "ns__Place__c"
LATITUDE, LONGITUDE = "ns__Place__Latitude__s", "ns__Place__Longitude__s"


def _part(name: str, scale: int = 6) -> FieldDescribe:
    number = a_described(name, "double", precision=scale + 3, scale=scale)
    return replace(number, compound_field=ApiName(PLACE))


def _site(*others: FieldDescribe) -> ObjectDescribe:
    place = replace(a_described(PLACE, "location"), shown_in_decimal=True)
    return a_described_object(OBJECT, *others, _part(LATITUDE), _part(LONGITUDE), place)


def _planned(
    site: ObjectDescribe,
    observed: Profile | None = None,
    previous: Mapping | None = None,
) -> MappedObject:
    migration = replace(a_migration(), objects=(OBJECT,))
    (mapped,) = plan(
        {OBJECT: site}, migration, observed=observed, previous=previous
    ).objects
    return mapped


def _entry(mapped: MappedObject, source: str) -> FieldMapping:
    found = mapped.entry(ApiName(source))
    assert found is not None
    return found


def _targets(mapped: MappedObject) -> dict[str, tuple[str | None, str]]:
    entries = (_entry(mapped, each) for each in (PLACE, LATITUDE, LONGITUDE))
    return {str(each.source): (each.target, str(each.type)) for each in entries}


def test_each_source_field_has_its_entry_and_one_field_is_made() -> None:
    """The compound makes the field, the parts name the columns that come with it."""
    mapped = _planned(_site())
    assert _targets(mapped) == {
        PLACE: ("Place__c", "Location(6, decimal)"),
        LATITUDE: ("Place__Latitude__s", "Number(9, 6)"),
        LONGITUDE: ("Place__Longitude__s", "Number(9, 6)"),
    }
    mapping = a_mapping(mapped)
    (made,) = build_target(mapping, a_migration()).objects
    assert [str(each.name) for each in made.fields] == ["Origin_Id__c", "Place__c"]
    assert blockers(check(mapping, {OBJECT: _site()})) == ()


def test_only_the_parts_are_loaded() -> None:
    """The compound cannot be written."""
    columns = load_columns(Conversion(mapped=_planned(_site())))
    assert "Place__Latitude__s" in columns
    assert "Place__Longitude__s" in columns
    assert "Place__c" not in columns


def test_the_parts_follow_a_location_that_got_another_name() -> None:
    """A customer's own field has the plain name."""
    own = a_described("Place__c", length=20)
    assert _targets(_planned(_site(own))) == {
        PLACE: ("ns_Place__c", "Location(6, decimal)"),
        LATITUDE: ("ns_Place__Latitude__s", "Number(9, 6)"),
        LONGITUDE: ("ns_Place__Longitude__s", "Number(9, 6)"),
    }


def test_a_location_has_the_decimals_of_its_records() -> None:
    """Both parts share the scale of the location, and the larger need wins."""
    seen = {(OBJECT, LONGITUDE): Observed(max_scale=11)}
    assert _targets(_planned(_site(), seen)) == {
        PLACE: ("Place__c", "Location(11, decimal)"),
        LATITUDE: ("Place__Latitude__s", "Number(14, 11)"),
        LONGITUDE: ("Place__Longitude__s", "Number(14, 11)"),
    }


def test_more_decimals_than_a_location_has_are_a_blocker() -> None:
    """Nothing is cut silently."""
    seen = {(OBJECT, LATITUDE): Observed(max_scale=16)}
    mapped = _planned(_site(), seen)
    codes = [each.code for each in blockers(_entry(mapped, LATITUDE).findings)]
    assert codes == ["location-digits-do-not-fit"]


def test_a_location_with_one_visible_part_is_skipped() -> None:
    """What is seen of it is carried as a number, with the reason."""
    place = a_described(PLACE, "location")
    mapped = _planned(a_described_object(OBJECT, _part(LATITUDE), place))
    assert _entry(mapped, PLACE).type is None
    assert "parts" in _entry(mapped, PLACE).why
    assert _entry(mapped, LATITUDE).target == "Place_Latitude__c"


def test_a_location_that_somebody_renamed_takes_its_parts_along() -> None:
    """Planning again keeps the decision."""
    mapped = _planned(_site())
    place = replace(
        _entry(mapped, PLACE), target=ApiName("Where__c"), status=Status.APPROVED
    )
    again = _planned(_site(), previous=_with(mapped, place))
    assert _targets(again)[LATITUDE] == ("Where__Latitude__s", "Number(9, 6)")


def test_the_parts_of_a_skipped_location_are_numbers_of_their_own() -> None:
    """A reviewer wants no location field."""
    skipped = a_skipped(PLACE)
    again = _planned(_site(), previous=_with(_planned(_site()), skipped))
    assert _targets(again)[LATITUDE] == ("Place_Latitude__c", "Number(9, 6)")
    assert blockers(check(a_mapping(again))) == ()


def _with(mapped: MappedObject, changed: FieldMapping) -> Mapping:
    fields = tuple(
        changed if each.source == changed.source else each for each in mapped.fields
    )
    return Mapping(namespace="ns", objects=(replace(mapped, fields=fields),))


def test_a_location_takes_three_places_among_the_fields() -> None:
    """Its two parts, and one of the platform's."""
    assert usage(a_mapped_object(a_key(), a_name(), *a_location())).custom_fields == 4


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (a_location()[:2], "Nothing fills Place__Longitude__s"),
        (a_location()[1:], "belongs to no location"),
        (
            (
                *a_location()[:2],
                replace(a_location()[2], type=FieldType.parse("Number(9, 2)")),
            ),
            "is Number(9, 6)",
        ),
        (a_location("Location(16, degrees)"), "scale must be 0 to 15"),
    ],
    ids=["a part is missing", "no location", "another type", "too many decimals"],
)
def test_a_location_edited_by_hand_is_checked(
    entries: tuple[FieldMapping, ...], words: str
) -> None:
    """A blocker that says what was expected."""
    found = blockers(check(a_mapping(a_mapped_object(a_key(), a_name(), *entries))))
    assert any(words in each.message for each in found)


@pytest.mark.parametrize(
    "spelled",
    ["Location(6, decimal)", "Location(0, degrees)", "EncryptedText(175, all, X)"],
)
def test_a_type_with_words_reads_back(spelled: str) -> None:
    """The mapping's spelling loses nothing."""
    assert str(FieldType.parse(spelled)) == spelled


@pytest.mark.parametrize(
    "spelled",
    ["Location(6)", "Location(6, miles)", "EncryptedText(9)", "EncryptedText(9, a, X)"],
)
def test_a_type_without_its_words_is_told_what_was_expected(spelled: str) -> None:
    """One sentence with an example."""
    with pytest.raises(ValueError, match="does not fit; expected"):
        FieldType.parse(spelled)
