"""
Deliberate mistakes in what both verbs use, or in what each of them decides for itself.

The mutated program runs `copy` and `reconcile`, so that nobody sound looks at the
records: what is left to see a mistake is the other verb's own decision, the totals, and
what the org's fields say of themselves. `python -m tests.pipeline.shared_mistakes`
tries them all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.rundir.layout import shipped_folder
from tests.pipeline.conftest import Journey
from tests.pipeline.deployed_org import INVOICES, Copying, emptied, invoked
from tests.pipeline.mutating import Mutation, mutated

READER = "documents/mapping/read.py"
MODEL = "model/mapping.py"
APPROVAL = "rules/review/approval.py"
COPY = "rules/copy/convert/columns.py"
COPY_ROWS = "rules/copy/convert/left_out.py"
COPY_CHILDREN = "rules/copy/row_rules.py"
PAIRS = "rules/reconcile/pairs.py"
RECONCILE_ROWS = "rules/reconcile/left_out.py"
SIGNED = "\n    rows:\n      - exclude: {field: ONB2__Status__c, is: [Draft]}\n"
UNSIGNED = """
    rows:
      - exclude: {field: ONB2__Status__c, is: [Paid]}
        why: nobody has agreed to this
        status: proposed
"""
RULE = """\
        rule: {map: {Open: Paid}, otherwise: keep}
        original_target: Status_Original__c
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """
    What is written into the program, and the fields that `reconcile` has to name.
    """

    edits: tuple[Mutation, ...]
    names: tuple[str, ...]
    """Source or target fields, or kinds of damage."""


def changed(file: str, old: str, new: str) -> Mutation:
    """
    *old* replaced by *new* in *file*.
    """
    return Mutation(file=file, old=old, new=new)


def more(file: str, code: str) -> Mutation:
    """
    *code* at the end of *file*, where it can put itself in the place of a function.
    """
    return Mutation(file=file, old="", new=f"\n\n{code}\n")


def misread(field: str, settings: str) -> Mutation:
    """
    The mapping read with other *settings* of the invoice's *field*, `e` its entry; no
    settings: without it.
    """
    one = f"(_d.replace(e, {settings}),)" if settings else "()"
    return more(
        READER,
        f"""
import dataclasses as _d
_sound_{field} = _whole
def _whole(tree):
    found = _sound_{field}(tree)
    objects = found and tuple(
        _d.replace(o, fields=tuple(
            x for e in o.fields for x in ({one} if e.source == {field!r} else (e,))
        )) if o.source == "ONB2__Invoice__c" else o
        for o in found.objects
    )
    return found and _d.replace(found, objects=objects)
""",
    )


def exchanged(one: str, other: str) -> tuple[Mutation, ...]:
    """
    The mapping read with the targets of two fields of the package exchanged.
    """
    return (
        misread(f"ONB2__{one}", f"target=type(e.target)({other!r})"),
        misread(f"ONB2__{other}", f"target=type(e.target)({one!r})"),
    )


def filled(name: str, path: str) -> tuple[Mutation, Mutation]:
    """
    The target field *name* taken from the source column *path*, in both verbs' own
    code; an empty path: not at all.
    """
    copy = f"""
_sound_{name} = fillings
def fillings(entry):
    pairs = _sound_{name}(entry)
    pairs = tuple((({path!r} if t == {name!r} else p), t) for p, t in pairs)
    return tuple((p, t) for p, t in pairs if p)
"""
    pairs = f"""
import dataclasses as _d
_sound_{name} = _pairs
def _pairs(entry):
    for pair in _sound_{name}(entry):
        path = {path!r} if pair.target == {name!r} else pair.path
        if path:
            yield _d.replace(pair, path=path)
"""
    return more(COPY, copy), more(PAIRS, pairs)


NET, TAX = ("TotalNet__c", "ONB2__TotalTax__c"), ("TotalTax__c", "ONB2__TotalNet__c")
FIRST = ("MailingFirstName__c", "ONB2__MailingLastName__c")
LAST = ("MailingLastName__c", "ONB2__MailingFirstName__c")
OWNER = ("Origin_Owner_Name__c", "")
ORIGINAL = ("Status_Original__c", "Name")
NONE_GO = "def inheriting(mapped, restricted):\n    return ()"
CHILDREN_STAY = (more(COPY_CHILDREN, NONE_GO), more(COPY_ROWS, NONE_GO))
CHILDREN_EXPECTED = more(
    RECONCILE_ROWS, "def _goes_along(mapped, thinned):\n    return iter(())"
)
OTHER_REFERENCE = "'RelatedInvoice__c' if {0} == 'CanceledWith__c' else {0}"


MISTAKES: dict[str, Mistake] = {
    # What both verbs are told.
    "the mapping is read with two amounts exchanged": Mistake(
        edits=exchanged("TotalNet__c", "TotalTax__c"),
        names=("TotalNet__c", "TotalTax__c"),
    ),
    "the mapping is read with two texts exchanged": Mistake(
        edits=exchanged("MailingFirstName__c", "MailingLastName__c"),
        names=("MailingFirstName__c", "MailingLastName__c"),
    ),
    "the mapping is read with two references exchanged": Mistake(
        edits=exchanged("CanceledWith__c", "RelatedInvoice__c"),
        names=("CanceledWith__c", "RelatedInvoice__c"),
    ),
    "the mapping is read without an entry": Mistake(
        edits=(misread("ONB2__PaymentMethod__c", ""),), names=("PaymentMethod__c",)
    ),
    "the mapping is read without a sibling for a name": Mistake(
        edits=(misread("OwnerId", "name_target=None"),),
        names=("Origin_Owner_Name__c",),
    ),
    "the mapping is read without a sibling for an id": Mistake(
        edits=(misread("ONB2__Account__c", "id_target=None"),),
        names=("Account_Id__c",),
    ),
    "the mapping is read without a sibling for an original": Mistake(
        edits=(misread("ONB2__Status__c", "original_target=None"),),
        names=("Status_Original__c",),
    ),
    "the mapping is read with another path for a name": Mistake(
        edits=(misread("OwnerId", "name_source='LastModifiedBy.Name'"),),
        names=("Origin_Owner_Name__c", "OwnerId"),
    ),
    "frozen fields are carried by nobody": Mistake(
        edits=(
            changed(
                MODEL,
                "if f.treatment is not Treatment.SKIP)",
                "if f.treatment not in (Treatment.SKIP, Treatment.FREEZE))",
            ),
        ),
        names=("ONB2__GrandTotal__c", "ONB2__TotalNet__c"),
    ),
    "a rule for records holds that nobody signed": Mistake(
        edits=(more(APPROVAL, "def in_force(mapping, grounds):\n    return mapping"),),
        names=("missing record",),
    ),
    # The same mistake made twice, in two places that share nothing.
    "both exchange two amounts": Mistake(
        edits=(*filled(*NET), *filled(*TAX)), names=("TotalNet__c", "TotalTax__c")
    ),
    "both exchange two texts": Mistake(
        edits=(*filled(*FIRST), *filled(*LAST)),
        names=("MailingFirstName__c", "MailingLastName__c"),
    ),
    "both forget a sibling for a name": Mistake(
        edits=filled(*OWNER), names=("Origin_Owner_Name__c",)
    ),
    "both keep another field as the original": Mistake(
        edits=filled(*ORIGINAL), names=("Status_Original__c",)
    ),
    "both mistake one reference for another": Mistake(
        edits=(
            changed(
                COPY,
                "traversal(entry.target)",
                f"traversal(ApiName({OTHER_REFERENCE.format('entry.target')}))",
            ),
            changed(
                PAIRS,
                "_parent_path(entry.target) if is_parent",
                f"_parent_path(ApiName({OTHER_REFERENCE.format('entry.target')}))"
                " if is_parent",
            ),
        ),
        names=("RelatedInvoice__c",),
    ),
    "both keep children without their parent": Mistake(
        edits=(*CHILDREN_STAY, CHILDREN_EXPECTED),
        names=("missing record",),
    ),
    # What one of them decides for itself.
    "the copy exchanges two amounts": Mistake(
        edits=(filled(*NET)[0], filled(*TAX)[0]),
        names=("TotalNet__c", "TotalTax__c"),
    ),
    "the copy forgets a sibling for a name": Mistake(
        edits=filled(*OWNER)[:1], names=("Origin_Owner_Name__c",)
    ),
    "the copy forgets a sibling for an id": Mistake(
        edits=filled("CanceledWith_Id__c", "")[:1], names=("CanceledWith_Id__c",)
    ),
    "the copy keeps another field as the original": Mistake(
        edits=filled(*ORIGINAL)[:1], names=("Status_Original__c",)
    ),
    "the copy mistakes one reference for another": Mistake(
        edits=(
            changed(
                COPY,
                "traversal(entry.target)",
                f"traversal(ApiName({OTHER_REFERENCE.format('entry.target')}))",
            ),
        ),
        names=("CanceledWith__c",),
    ),
    "the copy turns a rule for records round": Mistake(
        edits=(
            changed(
                COPY_ROWS,
                "text.is_in(list(condition.is_))",
                "(~text.is_in(list(condition.is_)))",
            ),
        ),
        names=("missing record", "surplus record"),
    ),
    "the copy keeps children without their parent": Mistake(
        edits=CHILDREN_STAY, names=("missing record",)
    ),
    "the comparison exchanges two amounts": Mistake(
        edits=(filled(*NET)[1], filled(*TAX)[1]),
        names=("TotalNet__c", "TotalTax__c"),
    ),
    "the comparison forgets a sibling for a name": Mistake(
        edits=filled(*OWNER)[1:], names=("Origin_Owner_Name__c",)
    ),
    "the comparison turns a rule for records round": Mistake(
        edits=(
            changed(
                RECONCILE_ROWS,
                "return text in condition.is_\n",
                "return text not in condition.is_\n",
            ),
        ),
        names=("missing record", "surplus record"),
    ),
    "the comparison expects children without their parent": Mistake(
        edits=(CHILDREN_EXPECTED,), names=("missing record",)
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """
    How both verbs of a mutated program ended.
    """

    copied: int
    code: int
    """Of `reconcile`."""
    differences: int
    named: frozenset[str]
    """Every field and kind of damage that the report names."""


def judged(copying: Copying, mistake: Mistake | None) -> Judged:
    """
    What a program with *mistake* says of the copy that it has made itself.
    """
    edits = mistake.edits if mistake else ()
    report = copying.root / "report" / "reconciliation.json"
    report.unlink(missing_ok=True)
    words = ("-C", str(copying.root), "reconcile", "--org", copying.org.url)
    # One rule of the rehearsal is left unsigned on purpose.
    reconcile = (*words, "--allow-unreviewed")
    with mutated(*edits) as folder:
        codes = [
            subprocess.run(
                [sys.executable, "-m", "migrator", *words],
                cwd=folder,
                env=os.environ | copying.environ | {"PYTHONPATH": str(folder)},
                capture_output=True,
                check=False,
            ).returncode
            for words in (copying.words, reconcile)
        ]
    content = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Judged(
        copied=codes[0],
        code=codes[1],
        differences=content.get("differences", 0),
        named=frozenset(_named(content)),
    )


def _named(content: dict[str, Any]) -> Iterator[str]:
    for each in content.get("objects", ()):
        yield from each["by_field"]
    for each in content.get("named_differences", ()):
        yield each["damage"]
        yield from re.findall(r"[\w.]+", each["field"])
        yield each["target_field"] or each["damage"]


@contextmanager
def deployed_with_rules(invoices: int) -> Iterator[tuple[Path, RunningOrg]]:
    """
    An org with the new objects, for a mapping that leaves drafts out and changes a
    value, both signed; another rule for records is not.
    """
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=invoices
    )
    with tempfile.TemporaryDirectory() as name, start_org(settings) as running:
        journey = Journey(Path(name) / "run", running, invoked).planned()
        file = journey.root / "mapping.yaml"
        head = "      - source: ONB2__Status__c\n"
        text = file.read_text("utf-8")
        assert text.count(SIGNED) == 1
        at = text.index(head, text.index(SIGNED)) + len(head)
        file.write_text(text[:at] + RULE + text[at:], "utf-8")
        journey.run("review", "--approve", "--by", "A. Reviewer")
        journey.run("review", "--approve", "--by", "A. Reviewer", "--field", "rows[1]")
        text = file.read_text("utf-8")
        both = UNSIGNED + SIGNED.partition("rows:\n")[2]
        file.write_text(text.replace(SIGNED, both, 1), "utf-8")
        journey.run("generate")
        journey.online("deploy", "--execute", "--allow-unreviewed")
        yield journey.root, running


def tried(names: tuple[str, ...], invoices: int) -> Iterator[tuple[str, Judged, bool]]:
    """
    Each of the mistakes called *names*, or all, tried; True when it was judged rightly.
    """
    with deployed_with_rules(invoices) as (template, running):
        for name in (None, *(names or MISTAKES)):
            root = template.with_name("trial")
            shutil.copytree(template, root)
            mistake = MISTAKES[name] if name else None
            found = judged(Copying(root, running), mistake)
            yield name or "no mistake", found, is_right(found, mistake)
            shutil.rmtree(root)
            emptied(running)


def is_right(found: Judged, mistake: Mistake | None) -> bool:
    """
    True when a sound program finds nothing, and another one what it did wrong.
    """
    if mistake is None:
        return (found.copied, found.code, found.differences) == (0, 0, 0)
    return found.code == 3 and found.named >= set(mistake.names)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--invoices", default=INVOICES, show_default=True)
def main(names: tuple[str, ...], invoices: int) -> None:
    """
    Copy and reconcile with each mistake, or those called NAMES; 1 when one goes unseen.
    """
    wrong = 0
    for name, found, is_sound in tried(names, invoices):
        wrong += not is_sound
        said = f"copy {found.copied}, reconcile {found.code}, {found.differences}"
        click.echo(f"{'' if is_sound else 'UNSEEN '}{name}: {said} differences")
        if not is_sound:
            click.echo(f"    named: {', '.join(sorted(found.named)) or 'nothing'}")
    click.echo(f"{len(names or MISTAKES)} mistakes, {wrong} judged wrongly")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
