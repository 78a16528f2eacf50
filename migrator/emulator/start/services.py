"""
Everything that works on one org, put together: what the wire asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.emulator.bulk.ingest import IngestJobs
from migrator.emulator.bulk.query import QueryJobs
from migrator.emulator.metadata.components import Components
from migrator.emulator.metadata.deploy import Deployments
from migrator.emulator.metadata.retrieve import Retrievals
from migrator.emulator.org.org import Org
from migrator.emulator.soql.cursors import Cursors
from migrator.emulator.soql.query import Queries
from migrator.emulator.start.store_file import StoreFile
from migrator.emulator.tooling.query import DefinitionQueries

__all__ = ["Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """
    The services of *org*. *queries* are SOQL over records, *definition_queries* over
    the org's own definition; *ingest* and *bulk_queries* are the jobs of Bulk API 2.0.
    """

    org: Org
    components: Components
    store_file: StoreFile
    deployments: Deployments
    retrievals: Retrievals
    queries: Queries
    definition_queries: DefinitionQueries
    cursors: Cursors
    ingest: IngestJobs
    bulk_queries: QueryJobs

    def close(self) -> None:
        """
        Write down what is kept, and give the storage back.
        """
        with self.org.lock:
            self.store_file.save()
            self.org.store.close()
        self.ingest.close()
        self.bulk_queries.close()
