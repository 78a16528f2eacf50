"""
The journey with labels in other languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.documents.metadata.bundle import make_bundle
from migrator.emulator.server import OrgSettings, start_org
from migrator.org.session import Org
from migrator.rundir.layout import shipped_folder
from tests.pipeline.conftest import Journey
from tests.pipeline.deployed_org import invoked
from tests.pipeline.signed_in import sign_in

FOLDER = "force-app/main/default/objectTranslations/Invoice__c-de"
XML = "http://soap.sforce.com/2006/04/metadata"


@pytest.fixture
def planned(journey: Journey) -> Journey:
    """A mapping with German labels."""
    journey.run("init")
    _replace(journey.root / "migration.yaml", "languages: []", "languages: [de, fr]")
    journey.online("describe")
    journey.run("plan")
    return journey


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_labels_are_proposed_edited_generated_and_deployed(planned: Journey) -> None:
    """What a person writes is in the files, and the org takes all of it, twice."""
    mapping = planned.root / "mapping.yaml"
    _replace(mapping, "          de: Date\n", "          de: Datum\n")
    planned.run("plan")
    assert "          de: Datum\n" in mapping.read_text("utf-8")
    planned.run("generate")
    file = planned.root / FOLDER / "Date__c.fieldTranslation-meta.xml"
    assert "<label>Datum</label>" in file.read_text("utf-8")
    planned.online("deploy", "--execute", "--allow-unreviewed")
    planned.online("deploy", "--execute", "--allow-unreviewed")
    planned.online("deploy", "--undo", "--execute")


def test_a_language_less_takes_its_files_away(planned: Journey) -> None:
    """As everything that is no longer made."""
    planned.run("generate")
    _replace(planned.root / "migration.yaml", "[de, fr]", "[fr]")
    planned.run("generate")
    assert not list((planned.root / FOLDER).glob("*"))
    french = planned.root / FOLDER.replace("-de", "-fr")
    assert (french / "Invoice__c-fr.objectTranslation-meta.xml").is_file()


def test_a_describe_in_another_language_gives_its_labels(planned: Journey) -> None:
    """Put beside the others by whoever ran it as a German user."""
    folder = planned.root / "describes" / "de"
    folder.mkdir()
    text = (planned.root / "describes" / "ONB2__Invoice__c.json").read_text("utf-8")
    words = (("Date", "Datum"), ("Open", "Offen"), ("Invoice No.", "Rechnungsnummer"))
    german = text
    for english, translated in words:
        assert f'"label": "{english}"' in german
        german = german.replace(f'"label": "{english}"', f'"label": "{translated}"')
    (folder / "ONB2__Invoice__c.json").write_text(german, "utf-8")
    (planned.root / "mapping.yaml").unlink()
    planned.run("plan")
    assert "          de: Datum\n" in (planned.root / "mapping.yaml").read_text("utf-8")
    planned.run("generate")
    status = planned.root / FOLDER / "ONB2_Status__c.fieldTranslation-meta.xml"
    assert "<translation>Offen</translation>" in status.read_text("utf-8")
    whole = planned.root / FOLDER / "Invoice__c-de.objectTranslation-meta.xml"
    assert "<nameFieldLabel>Rechnungsnummer<" in whole.read_text("utf-8")
    planned.online("deploy", "--execute", "--allow-unreviewed")


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("None__c-de", "", "no CustomObject named None__c found"),
        ("Invoice__c-xx", "", "Not available for deploy: language xx"),
        (
            "Invoice__c-de",
            "<fields><label>a</label><name>Lost__c</name></fields>",
            "no CustomField named Invoice__c.Lost__c found",
        ),
        (
            "Invoice__c-de",
            "<fields><label>a</label><name>Date__c</name></fields>" * 2,
            "Duplicate name specified: Date__c",
        ),
        (
            "Invoice__c-de",
            "<caseValues><caseType>Some</caseType><value>a</value></caseValues>",
            "Some",
        ),
    ],
)
def test_the_org_refuses_a_wrong_translation(
    deployed: Org, name: str, body: str, sentence: str
) -> None:
    """The local org looks up what a translation names."""
    types = f"<members>{name}</members><name>CustomObjectTranslation</name>"
    files = {
        "package.xml": f'<Package xmlns="{XML}"><types>{types}</types>'
        "<version>66.0</version></Package>",
        f"objectTranslations/{name}.objectTranslation": "<CustomObjectTranslation "
        f'xmlns="{XML}">{body}</CustomObjectTranslation>',
    }
    bundle = make_bundle({path: text.encode() for path, text in files.items()})
    report = deployed.deployment.deploy(bundle, check_only=True)
    assert not report.success
    assert any(sentence in each.problem for each in report.errors), report.errors


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """An org with the archive's objects, for checks that change nothing."""
    settings = OrgSettings(invoices=2, describes=shipped_folder("sample_describes"))
    with start_org(settings) as running:
        root = tmp_path_factory.mktemp("translated") / "run"
        Journey(root, running, invoked).deployed()
        signed_in = sign_in(running)
        yield signed_in
        signed_in.close()
