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

from migrator.rules.copy.convert.aspect import Aspect
from migrator.rules.copy.convert.cells import (
    RECORD_CHARACTERS,
    Converted,
    cleared,
    convert,
    examined,
    links,
    load_columns,
    picked,
    rest_records,
    updatable,
)
from migrator.rules.copy.convert.clock import copied_values
from migrator.rules.copy.convert.columns import (
    Conversion,
    Frame,
    Series,
    fillings,
    reference_column,
)
from migrator.rules.copy.convert.difference import (
    KEY,
    STORED,
    Judged,
    Mark,
    Pending,
    Sides,
    judged,
    keys_of,
    known_records,
    pending,
    read_records,
    stored_records,
    wanted_records,
    with_keys,
    worth_noting,
)
from migrator.rules.copy.convert.left_out import LeftOut, left_out
from migrator.rules.copy.convert.load_files import (
    Cutter,
    id_frame,
    removals,
    sort_columns,
    subset,
)
from migrator.rules.copy.convert.misfits import Checked, check_frame, merged
from migrator.rules.copy.convert.recent import Recent, is_same
from migrator.rules.copy.convert.repair import (
    as_extracted,
    chosen_cells,
    mending_rows,
    sent_columns,
    with_ids,
)
from migrator.rules.copy.convert.sample import sample_columns, sampled
from migrator.rules.copy.convert.value_rules import changed_records, ruled_columns

__all__ = [
    "KEY",
    "RECORD_CHARACTERS",
    "STORED",
    "Aspect",
    "Checked",
    "Conversion",
    "Converted",
    "Cutter",
    "Frame",
    "Judged",
    "LeftOut",
    "Mark",
    "Pending",
    "Recent",
    "Series",
    "Sides",
    "as_extracted",
    "changed_records",
    "check_frame",
    "chosen_cells",
    "cleared",
    "convert",
    "copied_values",
    "examined",
    "fillings",
    "id_frame",
    "is_same",
    "judged",
    "keys_of",
    "known_records",
    "left_out",
    "links",
    "load_columns",
    "mending_rows",
    "merged",
    "pending",
    "picked",
    "read_records",
    "reference_column",
    "removals",
    "rest_records",
    "ruled_columns",
    "sample_columns",
    "sampled",
    "sent_columns",
    "sort_columns",
    "stored_records",
    "subset",
    "updatable",
    "wanted_records",
    "with_ids",
    "with_keys",
    "worth_noting",
]
