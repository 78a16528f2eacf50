"""
What `extract` finds.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

NO_RECORDS = Code(
    word="no-records",
    level=Level.WARNING,
    sentence="{name} has no records: types are decided without data",
    means="An empty object is migrated all the same.",
)
DELETED_RECORDS = Code(
    word="deleted-records",
    level=Level.INFO,
    sentence="{name} has {count:,} deleted records, which are left out: restore them "
    "from the recycle bin if they are to be kept",
    means="An extract holds no deleted records; the recycle bin is emptied after "
    "fifteen days.",
)
