"""
Deliberate mistakes in the program text of the conversion, each with what it does to a
copy: `python -m tests.pipeline.mutating` copies with every one of them and reconciles.

The mistake is written into a copy of the package, which then runs `migrator copy` as
anybody would; `migrator reconcile` is the real one and has to refuse the certificate.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from tests.conftest import ROOT, Ended
from tests.pipeline.deployed_org import INVOICES, Copying, emptied, invoked
from tests.pipeline.killing import deployed

CONVERSION = "rules/copy/convert"
_MADE = "def _made_frame(\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """
    A mistake: *old* text of *file*, below the package, replaced by *new*; at its end,
    where there is no old text.
    """

    file: str
    old: str
    new: str

    def apply(self, package: Path) -> None:
        """
        Writes the mistake into *package*.
        """
        path = package / self.file
        text = path.read_text("utf-8")
        if not self.old:
            path.write_text(text + self.new, "utf-8")
            return
        assert text.count(self.old) == 1, f"{self.file} does not have {self.old!r} once"
        path.write_text(text.replace(self.old, self.new), "utf-8")


def cell(column: str, expression: str) -> Mutation:
    """
    The cells of *column*, `x`, made otherwise.
    """
    made = f'(lambda x: {expression})(pl.col("{column}"))'
    return frame(column, f'{made}.alias("{column}")')


def frame(column: str, expressions: str) -> Mutation:
    """
    The load-file frames that have *column* with other *expressions*.
    """
    return Mutation(
        file=f"{CONVERSION}/cells.py",
        old=_MADE,
        new="def _made_frame(*given):\n    made = _right_frame(*given)\n"
        f'    if "{column}" in made.columns:\n'
        f"        made = made.with_columns({expressions})\n"
        "    return made\n\n\ndef _right_frame(\n",
    )


def swapped(one: str, other: str) -> Mutation:
    """
    Two columns under each other's name.
    """
    return frame(
        one, f'pl.col("{other}").alias("{one}"), pl.col("{one}").alias("{other}")'
    )


PARENT = "Invoice__r.Origin_Id__c"
MUTATIONS: dict[str, Mutation] = {
    "the last digit is dropped": cell("Amount__c", "x.str.head(-1)"),
    "a digit is added": cell("GrandTotal__c", 'x + "1"'),
    "the sign is dropped": cell("GrandTotal__c", 'x.str.strip_prefix("-")'),
    "amounts are rounded to whole units": cell(
        "TotalTax__c", "x.cast(pl.Float64).round(0).cast(pl.String)"
    ),
    "numbers pass through a short float": cell(
        "GrandTotal__c", "(x.cast(pl.Float32) / 3 * 3.00001).round(2).cast(pl.String)"
    ),
    "a blank number becomes zero": cell("DiscountAmount__c", 'x.fill_null("0")'),
    "zero becomes blank": cell(
        "UnitPrice__c", "pl.when(x.cast(pl.Float64) != 0).then(x)"
    ),
    "two amounts are swapped": swapped("TotalNet__c", "TotalTax__c"),
    "two texts are swapped": swapped("MailingFirstName__c", "MailingLastName__c"),
    "inner blanks go": cell("RecipientAddress__c", 'x.str.replace_all(" ", "")'),
    "texts are cut": cell("Title__c", "x.str.head(5)"),
    "line breaks go": cell("RecipientAddress__c", r'x.str.replace_all("\n", " ")'),
    "letters lose their marks": cell(
        "RecipientAddress__c", 'x.str.replace_all("[äöüßÄÖÜ]", "?")'
    ),
    "capitals go": cell("Title__c", "x.str.to_lowercase()"),
    "dates are a day later": cell(
        "Date__c", 'x.str.to_date().dt.offset_by("1d").cast(pl.String)'
    ),
    "the time of day goes": cell(
        "Origin_Created_Date__c", 'x.str.head(10) + "T00:00:00.000Z"'
    ),
    "a time zone is added": cell(
        "Origin_Created_Date__c", 'x.str.replace("Z", "+01:00", literal=True)'
    ),
    "checkboxes are cleared": cell("PrintInvoice__c", 'x.str.replace("true", "false")'),
    "ids lose their last letters": cell("Origin_Owner__c", "x.str.head(15)"),
    "a column is left out": cell(
        "PaymentMethod__c", 'pl.lit(None, pl.String).alias("PaymentMethod__c")'
    ),
    "the currency is the user's": cell(
        "CurrencyIsoCode", 'pl.lit("EUR").alias("CurrencyIsoCode")'
    ),
    "parents are the neighbours'": cell(
        PARENT, "x.gather((pl.int_range(pl.len()) + 1) % pl.len())"
    ),
    "the last record is lost": Mutation(
        file=f"{CONVERSION}/load_files.py",
        old="        ordered = frame\n",
        new="        is_last = self.conversion.mapped.target == 'Balance__c'\n"
        "        ordered = frame.head(-1) if is_last else frame\n",
    ),
    "the second pass forgets a reference": Mutation(
        file="steps/copy/lanes.py",
        old="            return cleared(links(frame, conversion, self.mapping), "
        "conversion)\n",
        new="            made = links(frame, conversion, self.mapping).head(-1)\n"
        "            return cleared(made, conversion)\n",
    ),
}


@contextmanager
def mutated(*mutations: Mutation) -> Iterator[Path]:
    """
    A folder with the whole program, *mutations* in it.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(
            ROOT / "migrator",
            folder / "migrator",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        for data in ("templates", "sample_describes"):
            (folder / data).symlink_to(ROOT / data)
        for each in mutations:
            each.apply(folder / "migrator")
        yield folder


def copied_with(copying: Copying, mutation: Mutation | None) -> int:
    """
    How a copy by the program with *mutation* ended.
    """
    with mutated(*filter(None, [mutation])) as folder:
        ended = subprocess.run(
            [sys.executable, "-m", "migrator", *copying.words],
            cwd=folder,
            env=os.environ | copying.environ | {"PYTHONPATH": str(folder)},
            capture_output=True,
            check=False,
        )
    return ended.returncode


def reconciled(copying: Copying) -> Ended:
    """
    What the real `migrator reconcile` says.
    """
    words = ("-C", copying.root, "--json", "reconcile", "--org", copying.org.url)
    return invoked(*words, "--allow-unreviewed", env=copying.environ)


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """
    Copy with each mistake, or those called NAMES, and reconcile; 1 when one goes
    unseen.
    """
    unseen = 0
    chosen = {name: MUTATIONS[name] for name in names or MUTATIONS}
    with deployed(INVOICES) as (template, running):
        for name, mutation in {"no mistake": None, **chosen}.items():
            root = template.with_name("trial")
            shutil.copytree(template, root)
            copying = Copying(root, running)
            code = copied_with(copying, mutation)
            ended = reconciled(copying)
            found = json.loads(ended.stdout).get("differences", "?")
            unseen += (ended.code == 3) is (mutation is None)
            click.echo(
                f"{name}: copy {code}, reconcile {ended.code}, {found} differences"
            )
            shutil.rmtree(root)
            emptied(running)
    click.echo(f"{len(chosen)} mistakes, {unseen} judged wrongly")
    sys.exit(bool(unseen))


if __name__ == "__main__":
    main()
