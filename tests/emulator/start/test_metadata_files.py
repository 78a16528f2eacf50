"""
An org from metadata files: both formats, one object in several folders, odd kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migrator.emulator.metadata.xml_tree import MetadataError
from migrator.emulator.org.org import Org
from migrator.emulator.org.settings import OrgSettings
from migrator.emulator.schema.schema import FieldDef
from migrator.emulator.start.build import build_org
from migrator.emulator.start.services import Services

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
NAME = "<nameField><label>Name</label><type>Text</type></nameField>"


def _write(folder: Path, path: str, root: str, body: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{HEAD}<{root} {XMLNS}>{body}</{root}>", "utf-8")


def _object(folder: Path, name: str, body: str = "") -> None:
    text = f"<label>{name}</label><pluralLabel>{name}s</pluralLabel>{NAME}{body}"
    path = f"objects/{name}/{name}.object-meta.xml"
    _write(folder, path, "CustomObject", text)


def _field(folder: Path, owner: str, name: str, body: str) -> None:
    text = f"<fullName>{name}</fullName><label>{name}</label>{body}"
    path = f"objects/{owner}/fields/{name}.field-meta.xml"
    _write(folder, path, "CustomField", text)


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Callable[[], Org]]:
    """The org of the files that were written, made when it is asked for."""
    made: list[Services] = []

    def load() -> Org:
        made.append(build_org(OrgSettings(invoices=1, metadata=tmp_path)))
        return made[-1].org

    yield load
    for each in made:
        each.close()


def _known(org: Org, owner: str, name: str) -> FieldDef:
    definition = org.schema.get(owner)
    assert definition is not None
    found = definition.find(name)
    assert found is not None
    return found


def test_an_object_of_several_folders_is_one_object(
    tmp_path: Path, loaded: Callable[[], Org]
) -> None:
    """Fields beside the object and in another package directory are all its own."""
    _object(tmp_path / "core", "Log__c")
    _field(tmp_path / "core", "Log__c", "A__c", "<type>Text</type><length>12</length>")
    _field(tmp_path / "plug", "Log__c", "B__c", "<type>Date</type>")
    org = loaded()
    assert _known(org, "Log__c", "A__c").length == 12
    assert _known(org, "Log__c", "B__c").type == "date"
    assert _known(org, "Log__c", "CreatedDate").type == "datetime"


def test_the_other_format_is_read_too(
    tmp_path: Path, loaded: Callable[[], Org]
) -> None:
    """An .object file carries its fields, with what a build would fill in."""
    fields = (
        "<fields><fullName>C__c</fullName><label>C</label><type>Url</type></fields>"
    )
    lookup = (
        "<fields><fullName>D__c</fullName><label>D</label><type>Lookup</type>"
        "<referenceTo>%%%NAMESPACE%%%Plan__c</referenceTo>"
        "<relationshipName>Logs</relationshipName></fields>"
    )
    body = f"{fields}{lookup}<label>Plan</label>{NAME}<pluralLabel>P</pluralLabel>"
    _write(tmp_path, "objects/Plan__c.object", "CustomObject", body)
    org = loaded()
    assert _known(org, "Plan__c", "C__c").type == "url"
    assert _known(org, "Plan__c", "D__c").reference_to == ("Plan__c",)


def test_a_standard_object_gets_its_custom_fields(
    tmp_path: Path, loaded: Callable[[], Org]
) -> None:
    """Account keeps what it has; objects only referred to exist with a name."""
    _field(tmp_path, "Account", "Rank__c", "<type>Picklist</type>")
    _field(
        tmp_path,
        "Campaign",
        "Plan__c",
        "<type>Lookup</type><referenceTo>Elsewhere__c</referenceTo>",
    )
    org = loaded()
    assert _known(org, "Account", "Rank__c").type == "picklist"
    assert _known(org, "Account", "Name").name_field
    assert _known(org, "Campaign", "Plan__c").reference_to == ("Elsewhere__c",)
    assert _known(org, "Elsewhere__c", "Name").name_field


def test_a_roll_up_has_the_type_of_what_it_adds_up(
    tmp_path: Path, loaded: Callable[[], Org]
) -> None:
    """And describes as calculated without a formula; a count is a whole number."""
    _object(tmp_path, "Order__c")
    _object(tmp_path, "Line__c")
    money = "<type>Currency</type><precision>12</precision><scale>3</scale>"
    _field(tmp_path, "Line__c", "Net__c", money)
    summary = "<type>Summary</type><summaryForeignKey>Line__c.O__c</summaryForeignKey>"
    added = "<summarizedField>Line__c.Net__c</summarizedField>"
    _field(
        tmp_path,
        "Order__c",
        "Net__c",
        f"{summary}{added}<summaryOperation>sum</summaryOperation>",
    )
    _field(
        tmp_path,
        "Order__c",
        "Lines__c",
        f"{summary}<summaryOperation>count</summaryOperation>",
    )
    org = loaded()
    net, lines = _known(org, "Order__c", "Net__c"), _known(org, "Order__c", "Lines__c")
    assert (net.type, net.precision, net.scale) == ("currency", 12, 3)
    assert (lines.type, lines.scale) == ("double", 0)
    assert net.calculated
    assert net.formula is None
    assert not net.createable


def test_a_global_value_set_stands_in_its_picklists(
    tmp_path: Path, loaded: Callable[[], Org]
) -> None:
    """The field names the set, the describe shows its values."""
    value = "<fullName>{0}</fullName><default>false</default><label>{0}</label>"
    _write(
        tmp_path,
        "globalValueSets/Levels.globalValueSet-meta.xml",
        "GlobalValueSet",
        "".join(f"<customValue>{value.format(v)}</customValue>" for v in ("Lo", "Hi")),
    )
    _object(tmp_path, "Log__c")
    named = "<valueSet><valueSetName>Levels</valueSetName></valueSet>"
    _field(tmp_path, "Log__c", "Level__c", f"<type>Picklist</type>{named}")
    values = _known(loaded(), "Log__c", "Level__c").picklist_values
    assert [each.value for each in values] == ["Lo", "Hi"]


def test_custom_settings_say_that_they_are(
    tmp_path: Path, loaded: Callable[[], Org]
) -> None:
    """A setting has no name field in its file and is a custom object nevertheless."""
    body = "<customSettingsType>Hierarchy</customSettingsType><label>Setup</label>"
    _write(tmp_path, "objects/S__c/S__c.object-meta.xml", "CustomObject", body)
    definition = loaded().schema.get("S__c")
    assert definition is not None
    assert definition.custom_setting
    assert definition.label == "Setup"


def test_a_broken_file_is_named(tmp_path: Path, loaded: Callable[[], Org]) -> None:
    """The message says which of hundreds of files it is."""
    _object(tmp_path, "Log__c")
    (tmp_path / "objects/Log__c/Log__c.object-meta.xml").write_text("<a>", "utf-8")
    with pytest.raises(MetadataError, match=r"Log__c\.object-meta\.xml"):
        loaded()
