"""
Records as received to load-file cells: exact, or a finding.

Design note.

*Input* is an extract frame: one text column for each SOQL path, null for blank.
*Output* is a load-file frame: `Origin_Id__c` first, then Name and CurrencyIsoCode, then
the other targets in mapping order; a parent is the column `Parent__r.Origin_Id__c`.
Every cell is text. Nothing but text is computed with: a number is taken apart into its
digits, so that no float, no rounding and no width limit can touch it. `1.5E2` becomes
`150`; a number that needs more digits than its target has is a finding, never a value.

*Blank* is `#N/A`, which sets a field to null on insert and update alike and keeps field
defaults away; a relationship column is left empty instead (Bulk API 2.0 guide, "Valid
CSV Record Rows"). A record that holds the literal text `#N/A`, or more characters than
a load file's record may, travels in `rest_rows`.

*Text* is stored by the platform without outer blanks, and a load file allows one kind
of line break, so CR LF and CR become LF and blanks around a text go (`TextRule`).
Blanks are space, tab, LF, CR, vertical tab and form feed, the ASCII white space that
Java and so Apex trims; a no-break space is content ("sObject string fields", Apex
developer guide).

*What does not fit* is a `Misfit` with a count and example ids. It blocks, unless the
entry's `loses:` agrees to it; then the cell is cut and counted as a `Loss`. Digits
before the point, malformed values and missing required cells can never be agreed to.
Misfits of many frames are merged, so that a whole object is checked before its first
record is sent.
"""

from __future__ import annotations

from migrator.rules.copy.convert.cells import (
    RECORD_CHARACTERS,
    Converted,
    convert,
    links,
    load_columns,
    picked,
    rest_records,
    updatable,
)
from migrator.rules.copy.convert.columns import (
    Conversion,
    Frame,
    Series,
    fillings,
    reference_column,
)
from migrator.rules.copy.convert.difference import (
    Pending,
    Stored,
    calculated,
    calculated_columns,
    compared,
    compared_columns,
    gathered,
    recalculated,
    stored_columns,
    with_stale,
)
from migrator.rules.copy.convert.left_out import LeftOut, left_out
from migrator.rules.copy.convert.load_files import (
    Cutter,
    removals,
    sort_columns,
    subset,
)
from migrator.rules.copy.convert.misfits import Checked, check_frame, merged
from migrator.rules.copy.convert.repair import (
    as_extracted,
    chosen_cells,
    mending_rows,
    sent_columns,
    with_ids,
)
from migrator.rules.copy.convert.sample import restricted, sample_columns, sampled
from migrator.rules.copy.convert.value_rules import changed_records, ruled_columns

__all__ = [
    "RECORD_CHARACTERS",
    "Checked",
    "Conversion",
    "Converted",
    "Cutter",
    "Frame",
    "LeftOut",
    "Pending",
    "Series",
    "Stored",
    "as_extracted",
    "calculated",
    "calculated_columns",
    "changed_records",
    "check_frame",
    "chosen_cells",
    "compared",
    "compared_columns",
    "convert",
    "fillings",
    "gathered",
    "left_out",
    "links",
    "load_columns",
    "mending_rows",
    "merged",
    "picked",
    "recalculated",
    "reference_column",
    "removals",
    "rest_records",
    "restricted",
    "ruled_columns",
    "sample_columns",
    "sampled",
    "sent_columns",
    "sort_columns",
    "stored_columns",
    "subset",
    "updatable",
    "with_ids",
    "with_stale",
]
