"""
Target names: legal, unique without case, the same in every run.
"""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from migrator.model.names import ApiName
from migrator.rules.target.names import (
    Wish,
    field_names,
    fitted,
    fitted_label,
    is_legal_stem,
    object_names,
    parts_of,
    relationship_names,
)


def _names_of(*sources: str, fixed: tuple[str, ...] = ()) -> list[str]:
    wishes = [Wish(source=ApiName(each)) for each in sources]
    given_names = field_names(wishes, fixed=[ApiName(each) for each in fixed])
    return [given_names[ApiName(each)].target for each in sources]


def test_the_namespace_goes() -> None:
    """Packaged, other people's and standard fields get plain custom names."""
    assert _names_of("ONB2__Total__c", "Own__c", "Phone", "npsp__Batch__pc") == [
        *("Total__c", "Own__c", "Phone__c", "Batch__c")
    ]
    assert _names_of("Place__Latitude__s", "ns__Place__Longitude__s") == [
        *("Place_Latitude__c", "Place_Longitude__c")
    ]


def test_the_customers_field_keeps_its_name() -> None:
    """The packaged one steps back, in whichever order the describe lists them."""
    assert _names_of("ONB2__Region__c", "Region__c", "ON_Region__c") == [
        *("ONB2_Region__c", "Region__c", "ON_Region__c")
    ]
    assert _names_of("REGION__c", "ONB2__Region__c") == ["REGION__c", "ONB2_Region__c"]
    assert _names_of("Phone", "ONB2__Phone__c", "phone__c") == [
        *("Standard_Phone__c", "ONB2_Phone__c", "phone__c")
    ]


def test_the_second_choice_may_be_taken_as_well() -> None:
    """A digest of the source name ends the search."""
    first, second, third = _names_of("ONB2__Region__c", "Region__c", "ONB2_Region__c")
    assert (second, third) == ("Region__c", "ONB2_Region__c")
    assert first.startswith("ONB2_Region_")
    assert first == _names_of("ONB2__Region__c", "Region__c", "ONB2_Region__c")[0]


def test_earlier_decisions_and_origin_names_are_kept_free() -> None:
    """Nobody gets a name that a standing entry or an audit copy has."""
    assert _names_of("ONB2__Total__c", fixed=("TOTAL__c",)) == ["ONB2_Total__c"]
    assert _names_of("Origin_Id__c", "ONB2__Origin_Note__c") == [
        *("Own_Origin_Id__c", "ONB2_Origin_Note__c")
    ]


def test_siblings_step_around_fields() -> None:
    """An existing Account_Name__c is not overwritten by the name of an account."""
    account = Wish(
        source=ApiName("ONB2__Account__c"), siblings=("Id", "Name"), is_reference=True
    )
    own = Wish(source=ApiName("ONB2__Account_NAME__c"))
    given_names = field_names([account, own])
    siblings = given_names[account.source].siblings
    assert given_names[own.source].target == "Account_NAME__c"
    assert siblings["Id"] == "Account_Id__c"
    assert siblings["Name"].startswith("Account_Name_")


def test_a_snapshot_ends_in_id() -> None:
    """The id of a record left behind is text, and its name says so."""
    wish = Wish(
        source=ApiName("RecordTypeId"), end="Id", siblings=("Name",), is_reference=True
    )
    given_name = field_names([wish])[wish.source]
    assert given_name.target == "RecordType_Id__c"
    assert given_name.siblings == {"Name": "RecordType_Name__c"}


def test_long_names_are_cut_and_stay_apart() -> None:
    """Two names that differ only at the end do not become one."""
    long = "A" * 39
    first, second = _names_of(f"X__{long}BB__c", f"X__{long}BC__c")
    assert first != second
    assert len(first) == len(second) == 43
    assert fitted("A" * 41, "key") == fitted("A" * 41, "KEY")


STEMS = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=60)
SOURCES = st.builds(
    lambda space, stem: ApiName(f"{space}{stem}__c"),
    st.sampled_from(["", "ONB2__", "acme__"]),
    STEMS,
)


@given(
    st.lists(SOURCES, max_size=30, unique_by=str.casefold),
    st.lists(SOURCES, max_size=5),
)
def test_names_are_always_legal_and_never_alike(
    sources: list[ApiName], fixed: list[ApiName]
) -> None:
    """Whatever fields there are, the org accepts every name."""
    wishes = [
        Wish(source=each, siblings=("Id", "Name") if number % 3 == 0 else ())
        for number, each in enumerate(sources)
    ]
    given_names = field_names(wishes, fixed=fixed)
    made = [
        name
        for each in given_names.values()
        for name in (each.target, *each.siblings.values())
    ]
    assert all(is_legal_stem(name.removesuffix("__c")) for name in made)
    folded = [name.casefold() for name in made]
    assert len(set(folded)) == len(folded)
    assert not set(folded) & {name.casefold() for name in fixed}
    assert field_names(wishes, fixed=fixed) == given_names


def test_objects_get_a_prefix_when_their_name_is_taken() -> None:
    """Only the taken one changes, unless every object is to carry the prefix."""
    sources = (ApiName("ONB2__Invoice__c"), ApiName("ONB2__Balance__c"))
    taken = (ApiName("invoice__c"),)
    assert list(object_names(sources, prefix="JustOn", taken=taken).values()) == [
        *("JustOn_Invoice__c", "Balance__c")
    ]
    prefixed = object_names(sources, prefix="Old", always_prefix=True)
    assert list(prefixed.values()) == ["Old_Invoice__c", "Old_Balance__c"]


def test_a_customers_own_object_is_never_overwritten() -> None:
    """Its copy cannot have the same name."""
    own = ApiName("Ticket__c")
    assert object_names((own,), prefix="JustOn") == {own: "JustOn_Ticket__c"}
    both = (ApiName("ONB2__Ticket__c"), own)
    names = object_names(both, prefix="JustOn")
    assert len({"Ticket__c", *names.values()}) == 3


def test_relationship_names_are_unique_on_the_parent() -> None:
    """Two children of one parent never share a name; other parents do not matter."""
    account, invoice = ApiName("Account"), ApiName("Invoice__c")
    line, long = ApiName("Line__c"), ApiName(f"{'L' * 30}__c")
    links = [
        (account, invoice, ApiName("Account__c")),
        (account, line, ApiName("Account__c")),
        (invoice, line, ApiName("Invoice__c")),
        (account, long, ApiName(f"{'F' * 30}__c")),
    ]
    names = relationship_names(links, taken=[(account, "INVOICE_Account__r")])
    assert names[line, ApiName("Invoice__c")] == "Line_Invoice"
    assert names[line, ApiName("Account__c")] == "Line_Account"
    taken = names[invoice, ApiName("Account__c")]
    assert taken.casefold() != "invoice_account"
    assert all(is_legal_stem(name) for name in names.values())


def test_labels_fit_on_one_line() -> None:
    """The platform takes 40 characters."""
    assert fitted_label("Due\n date ") == "Due date"
    assert len(fitted_label("x" * 41)) == 40


def test_names_are_taken_apart() -> None:
    """Only a namespace is one, a part of a location is none."""
    assert parts_of(ApiName("ONB2__Invoice__c")).namespace == "ONB2"
    assert parts_of(ApiName("Place__Latitude__s")).namespace == ""
    assert not parts_of(ApiName("AccountId")).custom
