"""
Value rules: what each makes of a value, on both sides, and what goes wrong is found.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.documents.mapping.read import parse_mapping
from migrator.documents.mapping.write import render_mapping
from migrator.errors import MappingError
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    OwnerChoice,
    Status,
    TextRule,
)
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.model.value_rule import ValueRule
from migrator.model.verdict import Damage
from migrator.rules.check.mapping import check
from migrator.rules.copy.convert import Conversion, changed_records, convert
from migrator.rules.reconcile import compare, source_columns, target_columns
from migrator.rules.review.approval import NEEDS_NOTE, Grounds, standings
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.frames import planted
from tests.builders.mappings import a_mapping, a_migration, an_entry

OLD, NEW = "005000000000001AAA", "005000000000009AAA"
IDS = ("a0A000000000001AAA", "a0A000000000002AAA", "a0A000000000003AAA")
NOTES = ("Draft", None, "  Open\r\nand more ")
CITIES = ("Berlin", "Köln", None)
RULES = {
    "constant": ValueRule(constant="Archive"),
    "map": ValueRule(map={"Draft": "Entwurf"}),
    "map_blank": ValueRule(map={"Draft": "Entwurf"}, otherwise="blank"),
    "map_other": ValueRule(map={"Draft": "Entwurf"}, otherwise="Other"),
    "default": ValueRule(default="none given"),
    "truncate": ValueRule(truncate=5),
    "concatenate": ValueRule(
        concatenate=(ApiName("ONB2__City__c"), ApiName("ONB2__Note__c")), separator=", "
    ),
}
GOLDEN: dict[str, list[str | None]] = {
    "constant": ["Archive", "Archive", "Archive"],
    "map": ["Entwurf", None, "Open\nand more"],
    "map_blank": ["Entwurf", None, None],
    "map_other": ["Entwurf", None, "Other"],
    "default": ["Draft", "none given", "Open\nand more"],
    "truncate": ["Draft", None, "Open"],
    "concatenate": ["Berlin, Draft", "Köln", "Open\nand more"],
}
CHANGED = {
    "constant": 3,
    "map": 1,
    "map_blank": 2,
    "map_other": 2,
    "default": 1,
    "truncate": 1,
    "concatenate": 2,
}


def _mapped(rule: ValueRule, *, keep: bool = True) -> MappedObject:
    note = an_entry("ONB2__Note__c", "LongTextArea(32768)", target="Note__c", rule=rule)
    if keep:
        note = replace(note, original_target=ApiName("Note_Original__c"))
    return MappedObject(
        source=ApiName("ONB2__Invoice__c"),
        target=ApiName("Invoice__c"),
        label="Invoice",
        plural_label="Invoices",
        name_label="Number",
        fields=(
            an_entry(
                "Id", "Text(18)", target="Origin_Id__c", treatment=Treatment.SYSTEM
            ),
            note,
            an_entry("ONB2__City__c", "Text(255)", target="City__c"),
        ),
    )


def _source(notes: tuple[str | None, ...] = NOTES) -> pl.DataFrame:
    cities = (CITIES * len(notes))[: len(notes)]
    ids = [f"a0A{number:012}AAA" for number in range(1, len(notes) + 1)]
    schema = dict.fromkeys(("Id", "ONB2__Note__c", "ONB2__City__c"), pl.String())
    return pl.DataFrame([ids, notes, cities], schema=schema)


def _loaded(frame: pl.DataFrame, mapped: MappedObject) -> pl.DataFrame:
    """
    What the org would hold after the load file: `#N/A` is null.
    """
    made = convert(frame, Conversion(mapped=mapped), check=False)
    both = pl.concat([made.frame, made.rest_rows])
    own = pl.Series("Id", [f"a0Z{row:012}AAA" for row in range(both.height)])
    cells = both.with_columns(pl.all().replace("#N/A", None))
    return cells.with_columns(own).select(target_columns(mapped))


@pytest.mark.parametrize("name", RULES)
def test_each_rule_makes_its_value_and_keeps_the_original(name: str) -> None:
    """Golden values, the original beside them, no difference, the changes counted."""
    mapped = _mapped(RULES[name])
    source = _source()
    stored = _loaded(source, mapped)
    assert stored["Note__c"].to_list() == GOLDEN[name]
    assert stored["Note_Original__c"].to_list() == ["Draft", None, "Open\nand more"]
    result = compare(source, stored, mapped, a_mapping(mapped))
    assert result.verdict.differences == 0
    (changed,) = result.verdict.changed
    assert (changed.records, changed.kept_in) == (CHANGED[name], "Note_Original__c")
    counts = changed_records([source], mapped, TextRule())
    assert counts == {"ONB2__Note__c": CHANGED[name]}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("column", ["Note__c", "Note_Original__c"])
def test_a_planted_wrong_value_is_found(name: str, column: str) -> None:
    """One other value in the copy, or in the original beside it: one difference."""
    mapped = _mapped(RULES[name])
    stored = planted(_loaded(_source(), mapped), 0, column, "Daft")
    result = compare(_source(), stored, mapped, a_mapping(mapped))
    (difference,) = result.differences
    assert (difference.origin_id, difference.target_field) == (IDS[0], column)
    assert difference.damage is Damage.VALUE


def test_an_unchanged_copy_is_a_difference() -> None:
    """The source's own value where the rule wants another one is found too."""
    mapped = _mapped(RULES["map"])
    stored = planted(_loaded(_source(), mapped), 0, "Note__c", "Draft")
    result = compare(_source(), stored, mapped, a_mapping(mapped))
    assert result.verdict.by_field == (("ONB2__Note__c", 1),)


def _reference(name: str, note: str | None, city: str | None) -> str | None:
    """
    The rules once more, as the documentation says them.
    """
    blanks = " \t\n\r\x0b\x0c"
    note = (note or "").replace("\r\n", "\n").replace("\r", "\n").strip(blanks)
    made = {
        "constant": "Archive",
        "map": "Entwurf" if note == "Draft" else note,
        "map_blank": "Entwurf" if note == "Draft" else "",
        "map_other": "Entwurf" if note == "Draft" else note and "Other",
        "default": note or "none given",
        "truncate": note[:5].rstrip(blanks),
        "concatenate": ", ".join(each for each in (city, note) if each),
    }
    return made[name] or None


_NOTES = st.lists(
    st.one_of(st.none(), st.sampled_from(["Draft", "draft", "", " "]), st.text()),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("name", RULES)
@given(_NOTES)
def test_any_text_gets_what_the_reference_says(
    name: str, notes: list[str | None]
) -> None:
    """Row by row the same value, and nothing to complain of on the other side."""
    mapped = _mapped(RULES[name])
    source = _source(tuple(notes))
    made = convert(source, Conversion(mapped=mapped), check=False)
    cells = pl.concat([made.frame, made.rest_rows])
    stored = dict(cells.select("Origin_Id__c", "Note__c").iter_rows())
    rows = source.select("Id", "ONB2__Note__c", "ONB2__City__c").iter_rows()
    for own, note, city in rows:
        assert stored[own] == (_reference(name, note, city) or "#N/A")
    target = _loaded(source, mapped)
    result = compare(source, target, mapped, a_mapping(mapped))
    assert result.verdict.differences == 0


def _owned() -> MappedObject:
    owner = an_entry(
        "OwnerId", "Text(18)", target="Origin_Owner__c", treatment=Treatment.SYSTEM
    )
    rule = ValueRule(owners={OLD: NEW})
    mapped = _mapped(RULES["default"])
    fields = (mapped.fields[0], replace(owner, rule=rule))
    return replace(mapped, fields=fields, owner=OwnerChoice.KEEP)


def test_an_owner_map_moves_the_owner_and_keeps_who_it_was() -> None:
    """The real owner is the new one, the text the old one; a wrong owner is found."""
    mapped = _owned()
    source = pl.DataFrame({"Id": IDS[:2], "OwnerId": [OLD, NEW]})
    assert set(source_columns(mapped)) == {"Id", "OwnerId"}
    stored = _loaded(source, mapped)
    assert stored["OwnerId"].to_list() == [NEW, NEW]
    assert stored["Origin_Owner__c"].to_list() == [OLD, NEW]
    right = compare(source, stored, mapped, a_mapping(mapped)).verdict
    assert right.differences == 0
    assert [(e.records, e.kept_in) for e in right.changed] == [(1, "Origin_Owner__c")]
    wrong = planted(stored, 0, "OwnerId", OLD)
    (difference,) = compare(source, wrong, mapped, a_mapping(mapped)).differences
    assert (difference.origin_id, difference.target_field) == (IDS[0], "OwnerId")


def test_the_original_gets_a_field_of_its_own() -> None:
    """Text(255) unless the entry says otherwise."""
    mapped = _mapped(RULES["map"])
    (target,) = build_target(a_mapping(mapped), a_migration()).objects
    made = {str(field.name): str(field.type) for field in target.fields}
    assert made["Note_Original__c"] == "Text(255)"


@pytest.mark.parametrize("name", RULES)
def test_rules_come_back_from_the_file(name: str) -> None:
    """What is written is read again, commas, quotes and all."""
    rule = RULES[name]
    if rule.map:
        rule = replace(
            rule, map={**rule.map, 'No, "never": {x}': "NO", "012": "a b, c"}
        )
    mapping = a_mapping(replace(_owned(), fields=_mapped(rule).fields))
    text = render_mapping(mapping, templates=[shipped_folder("templates")])
    assert parse_mapping(text, file="mapping.yaml") == mapping


def test_two_actions_in_one_rule_are_refused_with_their_line() -> None:
    """Neither wins silently."""
    mapping = a_mapping(_mapped(ValueRule(constant="x", default="y")))
    text = render_mapping(mapping, templates=[shipped_folder("templates")])
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, file="mapping.yaml")
    line = next(n for n, each in enumerate(text.split("\n"), 1) if " rule: {" in each)
    assert f"mapping.yaml:{line}, ONB2__Invoice__c.ONB2__Note__c.rule" in str(
        caught.value
    )


def _codes(entry: FieldMapping) -> list[tuple[str, str]]:
    mapped = replace(_mapped(RULES["map"]), fields=(entry,))
    found = check(a_mapping(mapped))
    return [(e.code, e.level.value) for e in found if e.field == entry.source]


def test_rules_that_do_not_fit_are_named() -> None:
    """Treatment, picklist values, owners elsewhere; a silent change is a warning."""
    lookup = an_entry(
        "A__c",
        "Text(18)",
        treatment=Treatment.SNAPSHOT,
        rule=RULES["default"],
        original_target=ApiName("B__c"),
    )
    assert ("rule-treatment", "blocker") in _codes(lookup)
    picklist = an_entry("A__c", "Picklist", values=("Draft",), rule=RULES["map"])
    assert ("rule-result", "blocker") in _codes(picklist)
    owners = an_entry("A__c", "Text(18)", rule=ValueRule(owners={OLD: NEW}))
    assert ("rule-owners-field", "blocker") in _codes(owners)
    silent = an_entry("A__c", "Text(80)", rule=RULES["map"])
    assert _codes(silent) == [("changes-values", "warning")]


def test_a_silent_change_needs_an_approval_with_a_note() -> None:
    """Approved without one it does not hold; with one, or an original kept, it does."""
    grounds = Grounds(describes={}, templates={})
    reasons = {}
    for keep, note in ((False, ""), (False, "agreed with tax"), (True, "")):
        mapped = _mapped(RULES["map"], keep=keep)
        signed = replace(mapped.fields[1], status=Status.APPROVED, note=note, by="A")
        (found,) = standings(a_mapping(replace(mapped, fields=(signed,))), grounds)
        signed = replace(signed, digest=found.digest, basis=found.basis)
        (found,) = standings(a_mapping(replace(mapped, fields=(signed,))), grounds)
        reasons[keep, note] = (found.status, found.reason)
    assert reasons == {
        (False, ""): (Status.CHANGED, NEEDS_NOTE),
        (False, "agreed with tax"): (Status.APPROVED, ""),
        (True, ""): (Status.APPROVED, ""),
    }
