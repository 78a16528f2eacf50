"""
What `reconcile` must not call equal: a mapping that lost something, a decision nobody
took, a value that was not compared.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migrator.emulator.org.org import Org
from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.rundir.layout import shipped_folder
from tests.conftest import Ended
from tests.pipeline.conftest import Journey
from tests.pipeline.deployed_org import invoked

INVOICES = 40
OFFLINE = (("review", "check"), ("generate",))
ONLINE = (("deploy",), ("copy",), ("reconcile",))


@dataclass(frozen=True)
class Archived:
    """
    A journey that has come to 0 differences, everything approved.
    """

    journey: Journey

    @property
    def mapping(self) -> str:
        """
        The text of mapping.yaml.
        """
        return self._mapping_file.read_text("utf-8")

    @property
    def _mapping_file(self) -> Path:
        return self.journey.root / "mapping.yaml"

    def write(self, text: str) -> None:
        """
        *text* as mapping.yaml; it must be another one.
        """
        assert text != self.mapping
        self._mapping_file.write_text(text, "utf-8")

    def edit(self, source: str, change: Callable[[str], str]) -> None:
        """
        The entry of *source*, the first of that name, as *change* rewrites it.
        """
        text = self.mapping
        entry = re.search(
            rf"^      - source: {source}\n(?:        .*\n)*", text, re.MULTILINE
        )
        assert entry, source
        changed = change(entry[0])
        assert changed != entry[0]
        self.write(text[: entry.start()] + changed + text[entry.end() :])

    def refused(self, *verbs: tuple[str, ...], by: str) -> None:
        """
        Each of *verbs* ends with 3 and says *by*, and no verb speaks of success.
        """
        for verb, *words in verbs:
            online = (verb, *words) not in OFFLINE
            perform = self.journey.online if online else self.journey.run
            ended = perform(verb, *words, code=3)
            assert by in ended.text, f"{verb}: {ended.text}"
            assert "0 differences" not in ended.text, verb

    def reconciled(self, *words: str, code: int = 3) -> Ended:
        """
        How `reconcile` ends now.
        """
        return self.journey.online("reconcile", *words, code=code)

    def report(self) -> dict[str, Any]:
        """
        What `report/reconciliation.json` says.
        """
        file = self.journey.root / "report" / "reconciliation.json"
        found = json.loads(file.read_text("utf-8"))
        assert isinstance(found, dict)
        return found

    def page(self) -> str:
        """
        What `report/reconciliation.html` says.
        """
        return (self.journey.root / "report" / "reconciliation.html").read_text("utf-8")


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, RunningOrg]]:
    """An org whose invoices are copied, and the directory that did it."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=INVOICES
    )
    root = tmp_path_factory.mktemp("archived") / "run"
    with start_org(settings) as running:
        journey = Journey(root, running, invoked).planned()
        journey.run("review", "approve", "--by", "Eva")
        journey.run("generate")
        journey.online("deploy", "--execute")
        journey.online("copy", "--execute")
        journey.online("reconcile")
        yield root, running


@pytest.fixture
def archived(archive: tuple[Path, RunningOrg], tmp_path: Path) -> Archived:
    """The same in a directory of its own; what a test does to the org it takes back."""
    template, running = archive
    root = tmp_path / "run"
    shutil.copytree(template, root)
    return Archived(Journey(root, running, invoked))


def without_object(text: str, source: str) -> str:
    """
    A mapping without the block of *source*.
    """
    return re.sub(
        rf"\n*^  - source: {source}\n.*?(?=^  - source: |\Z)",
        "\n",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


# -- An object falls out of the mapping ------------------------------------------------


def test_an_object_cut_off_the_mapping_stops_every_verb(archived: Archived) -> None:
    """The last block is gone: each verb names the object that migration.yaml lists."""
    text = archived.mapping
    assert (
        re.findall(r"^  - source: (\w+)", text, re.MULTILINE)[-1] == "ONB2__Balance__c"
    )
    archived.write(without_object(text, "ONB2__Balance__c"))
    archived.refused(*OFFLINE, *ONLINE, by="ONB2__Balance__c")


def test_a_mapping_of_no_object_stops_every_verb(archived: Archived) -> None:
    """`objects: []` maps nothing that migration.yaml lists."""
    head, _, _ = archived.mapping.partition("\nobjects:\n")
    archived.write(f"{head}\nobjects: []\n")
    archived.refused(*OFFLINE, *ONLINE, by="ONB2__TaxDetail__c")


def test_an_object_without_describe_and_mapping_is_missed(archived: Archived) -> None:
    """Both files lost it: what was approved and what the org shows still have it."""
    archived.write(without_object(archived.mapping, "ONB2__Balance__c"))
    (archived.journey.root / "describes" / "ONB2__Balance__c.json").unlink()
    archived.refused(("review", "check"), by="ONB2__Balance__c")
    archived.refused(("reconcile",), by="ONB2__Balance__c")


def test_an_object_taken_out_of_both_files_is_missed(archived: Archived) -> None:
    """migration.yaml forgot it too: its copies are in the org and bear our mark."""
    archived.write(without_object(archived.mapping, "ONB2__Balance__c"))
    file = archived.journey.root / "migration.yaml"
    text = file.read_text("utf-8")
    assert text.count("  - ONB2__Balance__c\n") == 1
    file.write_text(text.replace("  - ONB2__Balance__c\n", ""), "utf-8")
    refused = (("review", "check"), ("deploy", "--execute"), ("copy", "--execute"))
    archived.refused(*refused, by="ONB2__Balance__c")
    archived.refused(("reconcile",), by="Balance__c was made by this migration")
    # A person may agree to it; what lies in the org is said even then.
    archived.journey.run("review", "approve", "--by", "Eva")
    archived.journey.run("review", "check")
    archived.refused(("reconcile",), by="Balance__c was made by this migration")


# -- A decision that nobody took -------------------------------------------------------


def test_an_entry_deleted_after_the_copy_hides_nothing(archived: Archived) -> None:
    """All totals are 1.00 and nobody maps them: the missing entry is named."""
    with changed(archived, "Invoice__c", "GrandTotal__c", lambda _: "1.00"):
        archived.edit("ONB2__GrandTotal__c", lambda _: "")
        archived.refused(*OFFLINE, *ONLINE, by="ONB2__GrandTotal__c")


def test_a_loss_written_by_hand_excuses_nothing(archived: Archived) -> None:
    """The cents are gone and `loses: cents` was approved by nobody."""

    def agreed(entry: str) -> str:
        entry = re.sub(r"type: Currency\(\d+, \d\)", "type: Currency(18, 0)", entry)
        return entry.replace("        status:", "        loses: cents\n        status:")

    with changed(
        archived, "Invoice__c", "GrandTotal__c", lambda x: x.partition(".")[0]
    ):
        archived.edit("ONB2__GrandTotal__c", agreed)
        archived.refused(("reconcile",), by="ONB2__GrandTotal__c (edited since)")
        # For a rehearsal it holds; the report and the terminal say on what ground.
        ended = archived.reconciled("--allow-unreviewed", code=0)
        assert "ONB2__GrandTotal__c (edited since)" in ended.text
        found = [each["code"] for each in archived.report()["findings"]]
        assert "unreviewed" in found
        assert "ONB2__GrandTotal__c (edited since)" in archived.page()


def skipped(entry: str) -> str:
    """
    *entry* as one that leaves its field behind.
    """
    kept = re.sub(
        r"^        (?:\w*target|type|label|help|name_source|values|unique|"
        r"relationship_name|required|volatile):.*\n(?:          .*\n)*",
        "",
        entry,
        flags=re.MULTILINE,
    )
    return re.sub(r"treatment: \w+", "treatment: skip", kept)


HIDDEN = {
    "skip": skipped,
    "a constant": lambda entry: entry.replace(
        "        status:", '        rule: {constant: "1"}\n        status:'
    ),
    "read from the clock": lambda entry: entry.replace(
        "        status:", "        status:"
    ).replace("        digest:", "        volatile: true\n        digest:"),
    "another column": lambda entry: entry.replace(
        "target: GrandTotal__c", "target: PosTotal__c"
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_an_edit_that_nobody_approved_excuses_nothing(
    archived: Archived, name: str
) -> None:
    """Whatever the edit would hide, it is a person's to decide first."""
    archived.edit("ONB2__GrandTotal__c", HIDDEN[name])
    ended = invoked(
        *("--json", "-C", archived.journey.root, "reconcile"),
        *("--org", archived.journey.org.url),
        env={"SF_ACCESS_TOKEN": archived.journey.org.token},
    )
    assert ended.code == 3
    said = json.loads(ended.stdout)
    assert "ONB2__GrandTotal__c" in json.dumps(said)
    assert "differences" not in said


def test_a_sibling_taken_out_of_an_entry_hides_nothing(archived: Archived) -> None:
    """The names of the accounts are mapped no more: edited, and said."""
    archived.edit(
        "ONB2__Account__c",
        lambda entry: re.sub(r"        name_(source|target):.*\n", "", entry),
    )
    archived.refused(("reconcile",), by="ONB2__Account__c (edited since)")


# -- A column that came after the describe ---------------------------------------------


def without_field(archived: Archived, source: str, field: str) -> None:
    """
    Takes *field* out of the stored describe of *source* and out of the mapping, as if
    both had been made before it came.
    """
    file = archived.journey.root / "describes" / f"{source}.json"
    content = json.loads(file.read_text("utf-8"))
    fields = [each for each in content["fields"] if each["name"] != field]
    assert len(fields) == len(content["fields"]) - 1
    file.write_text(json.dumps({**content, "fields": fields}), "utf-8")
    archived.edit(field, lambda _: "")
    # Layouts and lists show it too.
    shown = rf"^ +- {field}\n"
    if re.search(shown, archived.mapping, re.MULTILINE):
        archived.write(re.sub(shown, "", archived.mapping, flags=re.MULTILINE))


@pytest.mark.parametrize(
    "field",
    ["CurrencyIsoCode", "ONB2__GrandTotal__c", "LastModifiedById", "CreatedDate"],
)
def test_a_field_that_the_describe_does_not_know_is_named(
    archived: Archived, field: str
) -> None:
    """Custom or standard: neither describe nor mapping has it, the org does."""
    without_field(archived, "ONB2__Invoice__c", field)
    said = f"ONB2__Invoice__c.{field}"
    archived.refused(("copy",), ("reconcile",), ("reconcile", "--repair"), by=said)
    assert f"{said}" in archived.journey.online("extract", code=3).text


def test_currencies_that_nobody_maps_are_compared(archived: Archived) -> None:
    """100 USD are not 100 EUR: an approved skip of the currency hides no change."""
    archived.edit("CurrencyIsoCode", skipped)
    archived.journey.run("review", "approve", "--by", "Eva")
    archived.reconciled(code=0)
    with changed(archived, "Invoice__c", "CurrencyIsoCode", lambda _: "EUR") as count:
        archived.reconciled()
        report = archived.report()
    assert count
    (invoices,) = (o for o in report["objects"] if o["target"] == "Invoice__c")
    assert invoices["by_field"]["CurrencyIsoCode"] == count


# -- Values that were not compared -----------------------------------------------------


def forget_extract(archived: Archived) -> None:
    """
    Removes what the extract, and what was copied of it, say of every object.
    """
    for folder in ("extract", "copied"):
        for file in archived.journey.root.glob(f".migrator/*/{folder}/ONB2__*.json"):
            file.unlink()


def test_clock_formulas_without_an_extract_are_no_success(archived: Archived) -> None:
    """Nothing differs; page, JSON and exit say what was not compared."""
    forget_extract(archived)
    ended = archived.reconciled()
    assert "not compared" in ended.text
    report = archived.report()
    assert report["differences"] == 0
    (found,) = (e for o in report["objects"] for e in o["not_compared"])
    assert found["cells"] > 0
    page = archived.page()
    assert 'class="banner good"' not in page
    assert "not compared" in page
    ended = archived.journey.run("status")
    assert "not everything was compared" in ended.stdout
    assert "Next: migrator" in ended.text


# -- Changing the copies ---------------------------------------------------------------


@contextmanager
def changed(
    archived: Archived, target: str, field: str, value: Callable[[str], str]
) -> Iterator[int]:
    """
    The copies' *field* as *value* makes it of what they hold, and how many changed;
    taken back afterwards.
    """
    org = archived.journey.org.org
    with org.lock:
        before = {
            str(row["Id"]): str(row[field])
            for row in org.store.select(target)
            if row[field] is not None
        }
    made = {key: value(old) for key, old in before.items()}
    count = sum(made[key] != old for key, old in before.items())
    assert count, "nothing was changed"
    _store(org, target, field, made)
    try:
        yield count
    finally:
        _store(org, target, field, before)


def _store(org: Org, target: str, field: str, values: dict[str, str]) -> None:
    with org.lock, org.store.transaction():
        for key, each in values.items():
            org.store.update(target, key, {field: each})
