"""
sObject Collections: a few records at once, for what load files cannot say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migrator.model.names import ApiName
from migrator.model.records import RowFailure

MAX_ROWS = 200

Row = Mapping[str, str | None]


class CollectionsClient:
    """
    Inserts and upserts of at most 200 records a call, each judged on its own.
    """

    def insert_rows(
        self, object_name: ApiName, rows: Sequence[Row]
    ) -> list[RowFailure]:
        """
        The records of *rows* that the org refused to create.

        A column `Parent__r.Origin_Id__c` names a parent by its external id.
        """
        raise NotImplementedError

    def upsert_rows(
        self, object_name: ApiName, external_id: ApiName, rows: Sequence[Row]
    ) -> list[RowFailure]:
        """
        The records of *rows* that the org refused to create or update.
        """
        raise NotImplementedError
