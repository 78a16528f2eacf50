"""
A sheet out, edited, and in again: exactly its edits, and every other byte as it was.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from migrator.documents.mapping.read import parse_mapping
from migrator.model.mapping import Mapping
from migrator.rundir.layout import shipped_folder
from tests.conftest import Ended, Invoke

INVOICE = "ONB2__Invoice__c"
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@dataclass
class Planned:
    """
    A migration directory with the sample's mapping.
    """

    root: Path
    invoke: Invoke

    def run(self, *words: object, code: int = 0) -> Ended:
        """
        `migrator review ...`, which must end with *code*.
        """
        ended = self.invoke("-C", self.root, "review", *words)
        assert ended.code == code, ended.text
        return ended

    @property
    def mapping(self) -> Path:
        """
        The file that everything is about.
        """
        return self.root / "mapping.yaml"

    @property
    def sheet(self) -> Path:
        """
        What `review` made.
        """
        return self.root / "review" / "mapping.xlsx"

    def read(self) -> Mapping:
        """
        The mapping as it is.
        """
        return parse_mapping(self.mapping.read_text("utf-8"), file="mapping.yaml")

    def edit(
        self,
        edits: dict[tuple[str, str], Any],
        to: Path | None = None,
        sheet: str = "Invoice__c",
    ) -> Path:
        """
        The sheet with *edits*, by (source, column), made to the invoices or to *sheet*.
        """
        book = openpyxl.load_workbook(to if to and to.is_file() else self.sheet)
        head = [cell.value for cell in book[sheet][1]]
        rows = {row[0].value: row for row in book[sheet].iter_rows(min_row=2)}
        for (source, column), value in edits.items():
            rows[source][head.index(column)].value = value
        file = to or self.root / "edited.xlsx"
        book.save(file)
        return file


@pytest.fixture
def planned(tmp_path: Path, invoke: Invoke) -> Planned:
    """Planned and reviewed, with a comment of somebody's in the file."""
    made = Planned(tmp_path / "run", invoke)
    assert invoke("-C", made.root, "init").code == 0
    describes = shipped_folder("sample_describes")
    assert invoke("-C", made.root, "plan", "--describes", describes).code == 0
    text = made.mapping.read_text("utf-8")
    entry = "      - source: ONB2__BillingCity__c\n"
    assert entry in text
    made.mapping.write_text(
        text.replace(entry, f"      # asked Bob about this\n{entry}"), "utf-8"
    )
    made.run("--csv")
    return made


def _changes(before: Mapping, after: Mapping) -> dict[tuple[str, str], Any]:
    found = {}
    for one, other in zip(before.objects, after.objects, strict=True):
        for old, new in zip(one.fields, other.fields, strict=True):
            for name in old.__dataclass_fields__:
                if getattr(old, name) != getattr(new, name):
                    found[str(old.source), name] = getattr(new, name)
    return found


def test_nothing_edited_changes_no_byte(planned: Planned) -> None:
    """Sheet and CSV alike."""
    before = planned.mapping.read_bytes()
    for name in ("mapping.xlsx", "mapping.csv"):
        ended = planned.run("import", planned.root / "review" / name)
        assert "0 cells taken over" in ended.stdout
        assert planned.mapping.read_bytes() == before


def _thirty(mapping: Mapping) -> dict[tuple[str, str], str]:
    invoices = mapping.objects[0]
    texts = [each for each in invoices.fields if str(each.type) == "Text(255)"]
    edits: dict[tuple[str, str], str] = {}
    for number, each in enumerate(texts[:6]):
        edits[each.source, "why"] = f"decided in meeting {number}: yes & no"
        edits[each.source, "label"] = f"Label {number}"
        edits[each.source, "help"] = '=HYPERLINK("x")' if number == 0 else "#: 'help'"
        edits[each.source, "type"] = "LongTextArea(300)"
        edits[each.source, "target"] = f"Renamed_{number}__c"
    return edits


def test_thirty_edits_are_exactly_thirty_changes(planned: Planned) -> None:
    """Comments stay, and the diff that is shown is the diff of the file."""
    before, old = planned.read(), planned.mapping.read_text("utf-8")
    edits = _thirty(before)
    assert len(edits) == 30
    file = planned.edit(edits)
    book = openpyxl.load_workbook(file)
    for row in book["Invoice__c"].iter_rows(min_row=2):
        for cell in row:
            if cell.data_type == "f":  # openpyxl takes what begins with = for one
                cell.data_type = "s"
    book.save(file)
    ended = planned.run("import", file)
    assert "30 cells taken over" in ended.stdout
    changes = _changes(before, planned.read())
    assert {key: str(value) for key, value in changes.items()} == edits
    new = planned.mapping.read_text("utf-8")
    assert "# asked Bob about this" in new
    diff = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    changed = [line for line in list(diff)[2:] if line[0] in "+-"]
    assert all(line in ended.stdout for line in changed)
    gone = Counter(old.splitlines()) - Counter(new.splitlines())
    assert sum(gone.values()) <= 30


def test_an_edited_csv_is_taken_over(planned: Planned) -> None:
    """The same for those without a spreadsheet program."""
    before = planned.read()
    file = planned.root / "review" / "mapping.csv"
    with file.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    (row,) = (
        r for r in rows if (r["object"], r["source"]) == (INVOICE, "ONB2__Footer__c")
    )
    row["label"] = "'=Fußzeile"
    made = io.StringIO()
    writer = csv.DictWriter(made, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(made.getvalue(), "utf-8")
    planned.run("import", file)
    changes = _changes(before, planned.read())
    assert changes == {("ONB2__Footer__c", "label"): "=Fußzeile"}


RULE = '{map: {Open: Paid, "No, thanks": Paid}, otherwise: keep}'


def test_rules_rows_and_labels_are_edited_in_the_sheet(planned: Planned) -> None:
    """Those of fields and of objects; what is right stays approved."""
    planned.run("approve", "--by", "Eva")
    planned.run()
    before = planned.read()
    file = planned.edit(
        {
            ("ONB2__Status__c", "rule"): RULE,
            ("ONB2__Status__c", "original_target"): "Status_Original__c",
            ("ONB2__Status__c", "labels"): "{de: Status}",
            ("ONB2__BillingCity__c", "rule"): "{truncate: 20}",
        }
    )
    (rule,) = before.objects[0].rows
    kept = f"{{field: ONB2__Status__c, is: [Draft]}} because {rule.why}"
    added = '{field: ONB2__Date__c, before: 2001-01-01} because before the euro: "DM"'
    own = {
        (INVOICE, "rows"): f"{kept}\n{added}",
        (INVOICE, "label"): "Bill",
        (INVOICE, "labels"): "{de: Rechnung, fr: Facture}",
    }
    planned.edit(own, to=file, sheet="Objects")
    ended = planned.run("import", file)
    assert "7 cells taken over" in ended.stdout
    invoice = planned.read().objects[0]
    old, new = invoice.rows
    assert old == rule
    assert str(new.exclude) == "ONB2__Date__c is before 2001-01-01"
    assert (new.why, new.status.value) == ('before the euro: "DM"', "proposed")
    assert (invoice.label, invoice.labels.get("fr")) == ("Bill", "Facture")
    status = invoice.entry("ONB2__Status__c")  # type: ignore[arg-type]
    assert status is not None
    assert status.rule is not None
    assert status.rule.map == {"Open": "Paid", "No, thanks": "Paid"}
    assert status.original_target == "Status_Original__c"
    changed = {name for name, _ in _changes(before, planned.read())}
    assert changed == {"ONB2__Status__c", "ONB2__BillingCity__c"}
    ended = planned.run("check", code=3)
    waiting = ("Id", "rows[2]", "ONB2__Status__c", "ONB2__BillingCity__c")
    assert f"{len(waiting)} entries are not approved" in ended.stdout
    assert all(f"{INVOICE}.{name}" in ended.stdout for name in waiting)
    # And out again: the sheet that is made now says the same.
    planned.run("--csv")
    text = planned.mapping.read_bytes()
    for name in ("mapping.xlsx", "mapping.csv"):
        planned.run("import", planned.root / "review" / name)
    assert planned.mapping.read_bytes() == text
    planned.run("import", planned.edit({(INVOICE, "rows"): None}, sheet="Objects"))
    assert planned.read().objects[0].rows == ()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("rule", "map Open to Paid", "expected a rule in braces"),
        ("rule", "{a: b}\nc: d", "expected a rule in braces"),
        ("rule", "{truncate: 20, default: x}", "expected exactly one of"),
        ("rule", "{shorten: 20}", "ONB2__BillingCity__c.rule.shorten"),
        ("labels", "Ort", "expected texts by language"),
    ],
)
def test_a_wrong_rule_in_a_cell_is_named(
    planned: Planned, column: str, value: str, said: str
) -> None:
    """With the place, what was expected, and nothing written."""
    before = planned.mapping.read_bytes()
    file = planned.edit({("ONB2__BillingCity__c", column): value})
    ended = planned.run("import", file, code=1)
    assert said in " ".join(ended.stderr.split())
    assert "ONB2__BillingCity__c" in ended.stderr
    assert planned.mapping.read_bytes() == before


def test_a_field_can_be_skipped_in_the_sheet(planned: Planned) -> None:
    """Its target goes with it, and the mapping is still right."""
    edits = {("ONB2__Account__c", "treatment"): "skip"}
    planned.run("import", planned.edit(edits))
    entry = planned.read().objects[0].entry("ONB2__Account__c")  # type: ignore[arg-type]
    assert entry is not None
    assert (entry.treatment.value, entry.targets, entry.type) == ("skip", (), None)


def test_a_stale_cell_is_refused_with_both_texts(planned: Planned) -> None:
    """Nothing is written; edits elsewhere in the file do no harm."""
    file = planned.edit(
        {
            ("ONB2__BillingCity__c", "type"): "Text(50)",
            ("ONB2__Footer__c", "why"): "because",
        }
    )
    text = planned.mapping.read_text("utf-8")
    at = text.index("source: ONB2__BillingCity__c")
    changed = text[:at] + text[at:].replace("Text(40)", "Text(60)", 1)
    planned.mapping.write_text(changed, "utf-8")
    ended = planned.run("import", file, code=3)
    assert "1 cell(s) of edited.xlsx do not fit" in ended.stderr
    assert "type: the sheet was made when it said 'Text(40)'" in ended.stderr
    assert "mapping.yaml says 'Text(60)' by now" in ended.stderr
    assert planned.mapping.read_text("utf-8") == changed

    planned.run("import", planned.edit({("ONB2__Footer__c", "why"): "because"}))
    assert "why: because" in planned.mapping.read_text("utf-8")


@pytest.mark.parametrize(
    ("column", "value", "said", "code"),
    [
        ("treatment", "cpoy", "'cpoy': expected 'copy'", 1),
        ("type", "Text", "expected Text(length)", 1),
        ("target", None, "ONB2__BillingCity__c.target: is missing", 1),
        ("why", "=A1", "holds a formula", 3),
    ],
)
def test_a_wrong_cell_is_named(
    planned: Planned, column: str, value: str | None, said: str, code: int
) -> None:
    """With the field, what was expected, and nothing written."""
    before = planned.mapping.read_bytes()
    file = planned.edit({("ONB2__BillingCity__c", column): value})
    ended = planned.run("import", file, code=code)
    assert said in " ".join(ended.stderr.split())
    assert planned.mapping.read_bytes() == before


def test_an_import_voids_what_it_changes(planned: Planned) -> None:
    """An edited entry waits for its approval again, the others do not."""
    planned.run("approve", "--by", "Eva")
    planned.run()
    planned.run("import", planned.edit({("ONB2__Footer__c", "why"): "because"}))
    ended = planned.run("check", code=3)
    assert "1 entries are not approved" in ended.stdout
    assert f"{INVOICE}.ONB2__Footer__c (edited since)" in ended.stdout


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_may_save_it_again(planned: Planned, tmp_path: Path) -> None:
    """Another program's file of the same sheet says the same, edits included."""
    before, old = planned.read(), planned.mapping.read_bytes()
    again = _saved_again(planned.sheet, tmp_path / "plain")
    planned.run("import", again)
    assert planned.mapping.read_bytes() == old
    edits = _thirty(before)
    edits = {key: value for key, value in edits.items() if not value.startswith("=")}
    again = _saved_again(planned.edit(edits), tmp_path / "edited")
    planned.run("import", again)
    changes = _changes(before, planned.read())
    assert {key: str(value) for key, value in changes.items()} == edits


def _saved_again(file: Path, folder: Path) -> Path:
    assert OFFICE is not None
    profile = folder / "profile"
    words = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{profile}", *words, folder, file],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder / file.name


def test_json_names_each_edit(planned: Planned) -> None:
    """For programs."""
    file = planned.edit({("ONB2__Footer__c", "why"): "because"})
    ended = planned.invoke("-C", planned.root, "--json", "review", "import", file)
    (edit,) = json.loads(ended.stdout)["edits"]
    assert edit == {
        "object": INVOICE,
        "field": "ONB2__Footer__c",
        "setting": "why",
        "value": "because",
    }


def test_a_diff_says_what_is_decided_otherwise(planned: Planned) -> None:
    """Against a file and against git, as text, JSON and HTML; 3 when it differs."""
    old = planned.root / "old.yaml"
    shutil.copy(planned.mapping, old)
    assert "0 differences" in planned.run("diff", old).stdout
    _git(planned.root, "init", "-q")
    _git(planned.root, "add", "mapping.yaml")
    _git(planned.root, "commit", "-q", "-m", "first")
    text = planned.mapping.read_text("utf-8")
    planned.mapping.write_text(
        text.replace("# asked Bob about this", "# Bob & Eva say <no>").replace(
            "label: Footer", "label: <Footer> & more"
        ),
        "utf-8",
    )
    for other in (old, "HEAD"):
        ended = planned.run("diff", other, code=3)
        assert "ONB2__Footer__c.label: 'Footer' -> '<Footer> & more'" in ended.stdout
        assert "1 differences" in ended.stdout
    page = (planned.root / "review" / "diff.html").read_text("utf-8")
    assert "&lt;Footer&gt; &amp; more" in page
    ended = planned.invoke("-C", planned.root, "--json", "review", "diff", "HEAD")
    (change,) = json.loads(ended.stdout)["differences"]
    assert (change["setting"], change["change"]) == ("label", "changed")
    assert "no mapping file" in planned.run("diff", "no-such", code=1).stderr


def _git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=Eva", "-c", "user.email=eva@example.com")
    subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)


def test_the_schema_is_printed(planned: Planned) -> None:
    """The same that editors find beside the mapping."""
    ended = planned.run("schema")
    assert ended.stdout == (planned.root / "mapping.schema.json").read_text("utf-8")
    assert json.loads(ended.stdout)["title"] == "mapping.yaml"


def test_only_what_is_named_is_approved(planned: Planned) -> None:
    """One object, one field, in any case; a slip approves nothing."""
    field = f"{INVOICE}.ONB2__Footer__c"
    slip = planned.run(
        "approve", "--by", "Eva", "--field", field, "--field", "Fotter", code=1
    )
    assert "no entry of Fotter" in slip.stderr
    assert "by: Eva" not in planned.mapping.read_text("utf-8")
    planned.run("approve", "--by", "Eva", "--field", field.lower(), "--note", "yes: 1")
    entry = planned.read().objects[0].entry("ONB2__Footer__c")  # type: ignore[arg-type]
    assert entry is not None
    assert (entry.by, entry.note, entry.status.value) == ("Eva", "yes: 1", "approved")
    assert "# asked Bob about this" in planned.mapping.read_text("utf-8")
    planned.run("approve", "--by", "Max", "--object", "ONB2__Balance__c")
    signed = [
        (mapped.source, entry.by)
        for mapped in planned.read().objects
        for entry in mapped.fields
        if entry.by
    ]
    assert (INVOICE, "Eva") in signed
    assert {owner for owner, by in signed if by == "Max"} == {"ONB2__Balance__c"}
    planned.run("check", code=3)


def test_single_decisions_are_approved_by_their_whole_name(planned: Planned) -> None:
    """A field and a rule; a bare field name is no whole name."""
    rule, field = f"{INVOICE}.rows[1]", f"{INVOICE}.ONB2__Footer__c"
    words = ("approve", "--by", "Eva", "--decision")
    slip = planned.run(*words, "ONB2__Footer__c", code=1)
    assert "no entry of ONB2__Footer__c" in slip.stderr
    ended = planned.run(*words, rule, "--decision", field.upper())
    assert "2 entries approved by Eva" in ended.stdout
    invoice = planned.read().objects[0]
    assert [each.by for each in invoice.rows] == ["Eva"]
    assert [e.source for e in invoice.fields if e.by] == ["ONB2__Footer__c"]


@pytest.mark.parametrize(
    ("old", "now"),
    [
        (("--check",), ("check",)),
        (("--schema",), ("schema",)),
        (("--diff", "mapping.yaml"), ("diff", "mapping.yaml")),
        (("--diff=mapping.yaml",), ("diff", "mapping.yaml")),
        (("--by", "Eva", "--approve"), ("approve", "--by", "Eva")),
        (("--import", "review/mapping.csv"), ("import", "review/mapping.csv")),
    ],
)
def test_the_old_spellings_do_the_same_and_say_so_once(
    planned: Planned,
    monkeypatch: pytest.MonkeyPatch,
    old: tuple[str, ...],
    now: tuple[str, ...],
) -> None:
    """Pipelines of today go on; what they read on stdout is what it was."""
    monkeypatch.chdir(planned.root)
    planned.run("--csv")
    before = planned.mapping.read_bytes()
    words = ("-C", planned.root, "--json", "review")
    first = planned.invoke(*words, *old)
    planned.mapping.write_bytes(before)
    second = planned.invoke(*words, *now)
    assert (first.code, first.stdout) == (second.code, second.stdout)
    assert first.stderr.count(f"is `review {now[0]}` now") == 1
    assert "now; the option goes" not in second.stderr


def test_options_of_the_page_are_no_options_of_a_command(planned: Planned) -> None:
    """They would do nothing there, so they are refused."""
    ended = planned.run("--csv", "check", code=2)
    assert "these options are about the page" in ended.stderr


def test_a_blocker_is_decided_before_it_is_approved(planned: Planned) -> None:
    """Nobody signs what cannot be done."""
    planned.run("import", planned.edit({("ONB2__BillingCity__c", "type"): "Text(9)"}))
    refused = planned.run("approve", "--by", "Eva", code=3)
    assert f"{INVOICE}.ONB2__BillingCity__c" in refused.stderr
    assert "by: Eva" not in planned.mapping.read_text("utf-8")


def test_samples_need_an_extract(planned: Planned) -> None:
    """And the page without them holds none."""
    assert "extract" in planned.run("--with-samples", code=1).stderr
    assert not list((planned.root / "review").glob("*.sample.*"))
