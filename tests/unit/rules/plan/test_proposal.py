"""
The proposal: every field once, references decided, limits respected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.describe import ChildRelationship, FieldDescribe, ObjectDescribe
from migrator.model.finding import Level, blockers
from migrator.model.kinds.described import DESCRIBED
from migrator.model.mapping import FieldMapping, Mapping
from migrator.model.migration import Migration, Naming, OrgFacts
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.treatment import Treatment
from migrator.rules.check.mapping import check
from migrator.rules.plan.proposal import Profile, plan
from tests.builders.describes import (
    SAMPLES,
    a_described,
    a_described_object,
    a_reference,
    read_describes,
)
from tests.conftest import SHARED_DATA

INVOICE, LINE = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Line__c")
RECORD_TYPE = "RecordType.DeveloperName"


def _planned(
    *objects: ObjectDescribe,
    migrate: Iterable[str] = (),
    facts: OrgFacts | None = None,
    observed: Profile | None = None,
    naming: Naming | None = None,
    previous: Mapping | None = None,
) -> Mapping:
    names = tuple(ApiName(each) for each in migrate) or (objects[0].name,)
    migration = Migration(id="abcd1234", objects=names, naming=naming or Naming())
    describes = {each.name: each for each in objects}
    return plan(describes, migration, facts, observed, previous)


def _entry_of(mapping: Mapping, source: str) -> FieldMapping:
    found = mapping.objects[0].entry(ApiName(source))
    assert found is not None
    return found


def _the_entry(field: FieldDescribe, *others: ObjectDescribe) -> FieldMapping:
    return _entry_of(_planned(a_described_object(INVOICE, field), *others), field.name)


@pytest.fixture(scope="module")
def sample() -> Mapping:
    """The mapping proposed for the shipped describes."""
    return plan(read_describes(SAMPLES), Migration(id="abcd1234"))


def test_every_field_of_the_samples_is_decided_once_in_order(sample: Mapping) -> None:
    """Nothing is dropped, nothing is doubled, the describe's order stays."""
    describes = read_describes(SAMPLES)
    assert [each.source for each in sample.objects] == list(Migration(id="x").objects)
    for mapped in sample.objects:
        fields = [each.name for each in describes[mapped.source].fields]
        assert [entry.source for entry in mapped.fields] == fields
        assert all(entry.why for entry in mapped.fields)


def test_a_proposal_has_nothing_to_object_to(sample: Mapping) -> None:
    """What is proposed passes the check that a hand-edited mapping has to pass."""
    assert check(sample, read_describes(SAMPLES)) == ()
    assert not blockers(tuple(sample.findings))


@pytest.mark.shared_data
@pytest.mark.parametrize("folder", ["cumulusci", "dreamhouse"])
def test_real_objects_can_be_planned(folder: str) -> None:
    """Standard objects, person accounts and 250 fields are described objects too."""
    describes = read_describes(SHARED_DATA / "describes" / folder)
    mapping = plan(describes, Migration(id="abcd1234", objects=tuple(describes)))
    assert not blockers((*mapping.findings, *check(mapping, describes)))
    assert sum(len(each.fields) for each in mapping.objects) == sum(
        len(each.fields) for each in describes.values()
    )


def test_system_fields_have_one_name_on_every_object(sample: Mapping) -> None:
    """The id is the external id, who and when are kept as text and date."""
    invoice = sample.objects[0]
    found = {
        entry.source: (str(entry.type), *entry.targets)
        for entry in invoice.fields
        if entry.treatment is Treatment.SYSTEM
    }
    assert found == {
        "Id": ("Text(18)", "Origin_Id__c"),
        "OwnerId": ("Text(18)", "Origin_Owner__c", "Origin_Owner_Name__c"),
        "CurrencyIsoCode": ("Standard", "CurrencyIsoCode"),
        "CreatedDate": ("DateTime", "Origin_Created_Date__c"),
        "CreatedById": (
            *("Text(18)", "Origin_Created_By__c", "Origin_Created_By_Name__c"),
        ),
        "LastModifiedDate": ("DateTime", "Origin_Last_Modified_Date__c"),
        "LastModifiedById": (
            "Text(18)",
            *("Origin_Last_Modified_By__c", "Origin_Last_Modified_By_Name__c"),
        ),
    }


def test_a_name_is_copied_and_an_auto_number_frozen() -> None:
    """Either way the record's name stays what it was."""
    plain = _entry_of(_planned(a_described_object(INVOICE)), "Name")
    assert (plain.treatment, str(plain.type)) == (Treatment.COPY, "Name(80)")
    number = a_described("Name", length=30, name_field=True, auto_number=True)
    counted = _entry_of(
        _planned(a_described_object(INVOICE, number, with_name=False)), "Name"
    )
    assert (counted.treatment, counted.target) == (Treatment.FREEZE, "Name")


def test_a_detail_is_linked_to_its_migrated_parent() -> None:
    """The link is required and can be resolved by the server; no id is needed."""
    invoice = a_described_object(INVOICE)
    line = a_described_object(LINE, a_reference("ONB2__Invoice__c", INVOICE, order=0))
    mapping = _planned(line, invoice, migrate=(LINE, INVOICE))
    entry = _entry_of(mapping, "ONB2__Invoice__c")
    assert (entry.treatment, str(entry.type)) == (
        Treatment.PARENT,
        "Lookup(Invoice__c)",
    )
    assert (entry.required, entry.id_target) == (True, None)
    assert entry.relationship_name == "Line_Invoice"


def test_an_optional_parent_keeps_its_id_as_well() -> None:
    """A reference to the object itself may point at a record that was not copied."""
    entry = _the_entry(a_reference("ONB2__CanceledWith__c", INVOICE))
    assert entry.treatment is Treatment.PARENT
    assert (entry.required, entry.id_target) == (False, "CanceledWith_Id__c")


def test_an_account_stays_a_lookup_with_text_beside_it() -> None:
    """Even a master-detail: deleting an account must not delete the ledger."""
    entry = _the_entry(a_reference("ONB2__Account__c", "Account", order=0))
    assert (entry.treatment, str(entry.type)) == (Treatment.LOOKUP, "Lookup(Account)")
    assert not entry.required
    assert entry.targets == ("Account__c", "Account_Id__c", "Account_Name__c")
    assert entry.name_source == "ONB2__Account__r.Name"


def test_a_packaged_object_that_stays_behind_becomes_text() -> None:
    """A lookup to it would keep the package from being uninstalled."""
    entry = _the_entry(a_reference("ONB2__Template__c", "ONB2__Template__c"))
    assert (entry.treatment, str(entry.type)) == (Treatment.SNAPSHOT, "Text(18)")
    assert entry.targets == ("Template_Id__c", "Template_Name__c")
    assert "leaves with the package" in entry.why


@pytest.mark.parametrize(
    ("name", "to", "treatment", "path"),
    [
        ("WhatId", ("Account", "Case"), Treatment.SNAPSHOT, "What.Name"),
        ("RecordTypeId", ("RecordType",), Treatment.SNAPSHOT, RECORD_TYPE),
        ("ON_Order__c", ("Order",), Treatment.LOOKUP, "ON_Order__r.OrderNumber"),
        ("ON_Own__c", ("Own__c",), Treatment.LOOKUP, "ON_Own__r.Name"),
        ("ON_Type__c", ("Kind__mdt",), Treatment.SNAPSHOT, "ON_Type__r.Name"),
        ("ON_None__c", (), Treatment.SNAPSHOT, ""),
    ],
)
def test_other_references(
    name: str, to: tuple[str, ...], treatment: Treatment, path: str
) -> None:
    """Lookups where a lookup is possible, text where it is not, names where known."""
    entry = _the_entry(a_reference(name, *to))
    assert (entry.treatment, entry.name_source) == (treatment, path)


def test_the_name_field_is_the_described_one() -> None:
    """An object may be named by another field, or by none."""
    field = a_reference("ON_Own__c", "Own__c")
    named = a_described_object(
        "Own__c", a_described("Nr__c", name_field=True), with_name=False
    )
    assert _the_entry(field, named).name_source == "ON_Own__r.Nr__c"
    nameless = _the_entry(field, a_described_object("Own__c", with_name=False))
    assert nameless.targets == ("ON_Own__c", "ON_Own_Id__c")


def test_only_names_that_were_extracted_can_be_kept() -> None:
    """The extract's user may not have been able to step to a record."""
    invoice = a_described_object(
        INVOICE, a_reference("ONB2__Template__c", "ONB2__Template__c")
    )
    seen = {(INVOICE, "ONB2__Template__c"): Observed(rows=1)}
    entry = _entry_of(_planned(invoice, observed=seen), "ONB2__Template__c")
    assert entry.targets == ("Template_Id__c",)
    known = seen | {(INVOICE, "ONB2__Template__r.Name"): Observed(rows=1)}
    entry = _entry_of(_planned(invoice, observed=known), "ONB2__Template__c")
    assert entry.targets == ("Template_Id__c", "Template_Name__c")


def test_a_formula_that_reads_the_clock_is_marked() -> None:
    """Its value differs tomorrow without anybody's fault."""
    field = a_described(
        "ONB2__Overdue__c", "double", precision=18, formula="TODAY( ) - X__c"
    )
    entry = _the_entry(field)
    assert (entry.treatment, entry.volatile) == (Treatment.FREEZE, True)
    assert "reads-clock" in [each.code for each in entry.findings]


def test_above_forty_relationships_lookups_become_text() -> None:
    """Parents stay; the last lookups give way, and a warning says so."""
    lookups = [a_reference(f"ONB2__L{n}__c", "Account") for n in range(45)]
    self_reference = a_reference("ONB2__Parent__c", INVOICE)
    mapping = _planned(a_described_object(INVOICE, *lookups, self_reference))
    types = [entry.type for entry in mapping.objects[0].fields]
    assert sum(each is not None and each.is_reference for each in types) == 40
    assert _entry_of(mapping, "ONB2__Parent__c").treatment is Treatment.PARENT
    last = _entry_of(mapping, "ONB2__L44__c")
    assert last.treatment is Treatment.SNAPSHOT
    assert [each.code for each in last.findings] == ["relationship-limit"]
    assert not blockers((*mapping.findings, *check(mapping)))


def _facts(edition: str = "Enterprise Edition", *taken: str) -> OrgFacts:
    return OrgFacts(
        org_id="00D000000000001EAA",
        name="Org",
        organization_type=edition,
        is_sandbox=False,
        api_version="66.0",
        taken_names=tuple(ApiName(each) for each in taken),
    )


def test_an_edition_with_too_few_fields_is_a_blocker() -> None:
    """Professional Edition has room for a hundred fields, and says so at once."""
    fields = [a_described(f"ONB2__F{n}__c", "date") for n in range(110)]
    invoice = a_described_object(INVOICE, *fields)
    small = _planned(invoice, facts=_facts("Professional Edition"))
    (blocker,) = blockers(tuple(small.findings))
    assert (blocker.code, blocker.object) == ("over-limit", INVOICE)
    assert not blockers(tuple(_planned(invoice, facts=_facts()).findings))


def test_a_taken_name_gives_way_to_a_prefix() -> None:
    """References point at the new name, and a finding tells."""
    invoice = a_described_object(INVOICE, a_reference("ONB2__Parent__c", INVOICE))
    mapping = _planned(invoice, facts=_facts("Enterprise Edition", "Invoice__c"))
    assert mapping.objects[0].target == "JustOn_Invoice__c"
    assert (
        str(_entry_of(mapping, "ONB2__Parent__c").type) == "Lookup(JustOn_Invoice__c)"
    )
    assert [each.code for each in mapping.findings] == ["name-taken"]


def test_our_own_deployed_links_are_not_in_their_own_way() -> None:
    """Planning again after a deployment proposes the same relationship names."""
    invoice = a_described_object(INVOICE, a_reference("ONB2__Account__c", "Account"))
    first = _entry_of(
        _planned(invoice, a_described_object("Account")), "ONB2__Account__c"
    )
    ours = ChildRelationship(
        child=ApiName("Invoice__c"),
        field=ApiName("Account__c"),
        name=f"{first.relationship_name}__r",
    )
    again = _planned(invoice, a_described_object("Account", children=(ours,)))
    assert _entry_of(again, "ONB2__Account__c") == first
    theirs = replace(ours, child=ApiName("Other__c"))
    other = _planned(invoice, a_described_object("Account", children=(theirs,)))
    found = _entry_of(other, "ONB2__Account__c").relationship_name
    assert found != first.relationship_name


def test_a_describe_without_id_gets_one() -> None:
    """Of a describe only its fields are needed, and every object has an Id."""
    bare = replace(
        a_described_object(INVOICE), fields=(a_described("ONB2__Note__c", length=20),)
    )
    mapping = _planned(bare)
    assert [each.source for each in mapping.objects[0].fields] == [
        *("Id", "ONB2__Note__c")
    ]
    codes = {each.code: each.level for each in mapping.findings}
    assert codes == {"describe-without-id": Level.INFO, "no-name": Level.WARNING}


def test_a_name_too_long_for_a_name_stays_a_field() -> None:
    """Account names have 255 characters, names of custom records 80."""
    name = a_described("Name", length=255, name_field=True)
    entry = _entry_of(
        _planned(a_described_object("Account", name, with_name=False)), "Name"
    )
    assert (entry.target, str(entry.type)) == ("Name__c", "Text(255)")


FIELDS = st.builds(
    a_described,
    st.from_regex(r"(ONB2__|ns__|)[A-Z][a-z_]{0,45}[a-z]__c", fullmatch=True),
    st.sampled_from(sorted(DESCRIBED)),
    length=st.integers(min_value=0, max_value=140_000),
    precision=st.integers(min_value=0, max_value=18),
    scale=st.integers(min_value=0, max_value=18),
    calculated=st.booleans(),
    auto_number=st.booleans(),
    to=st.lists(
        st.sampled_from(["Account", INVOICE, "ONB2__Item__c", "Own__c"]), max_size=2
    ).map(tuple),
    order=st.none() | st.just(0),
    values=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    label=st.text(max_size=60),
)
OBSERVATIONS = st.builds(
    Observed,
    max_length=st.integers(min_value=0, max_value=200_000),
    max_scale=st.integers(min_value=0, max_value=20),
    max_integer_digits=st.integers(min_value=0, max_value=20),
    has_line_breaks=st.booleans(),
    values=st.lists(st.text(max_size=5), max_size=3).map(tuple),
)


@settings(deadline=None)
@given(
    st.lists(FIELDS, max_size=8, unique_by=lambda each: each.name.casefold()),
    st.none() | OBSERVATIONS,
)
def test_whatever_is_described_the_proposal_can_be_generated(
    fields: list[FieldDescribe], seen: Observed | None
) -> None:
    """Odd describes end in findings, never in something the org refuses."""
    invoice = a_described_object(INVOICE, *fields)
    observed = None
    if seen is not None:
        observed = {(INVOICE, str(each.name)): seen for each in invoice.fields}
    mapping = _planned(invoice, observed=observed)
    assert [each.source for each in mapping.objects[0].fields] == [
        each.name for each in invoice.fields
    ]
    known = {"digits-do-not-fit", "over-limit", "label", "loses"}
    found = blockers((*mapping.findings, *check(mapping, {INVOICE: invoice})))
    assert {each.code for each in found} <= known
    assert _planned(invoice, observed=observed, previous=mapping) == mapping
