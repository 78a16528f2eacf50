"""
What kind of org to build.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

__all__ = ["OrgSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgSettings:
    """
    What kind of org to build; the defaults are a small Developer Edition org.

    *today* fixes the clock's day (None: the real one). *faults* is handed to
    `faults.Faults` as it is. *storage_mb* is the data storage limit. *own_objects*
    adds a populated `Invoice__c` of the customer's own. *describes* None takes the
    sample describes that come with the program. *metadata* is a folder of metadata
    files whose objects and fields the org has as well, *records* one of files with
    records (`Account.csv`, `Invoice__c.parquet`). The package's licence ends
    in *licence_days*; after it the package's objects are gone. *tls* serves HTTPS
    with a certificate authority of its own. *audit_fields* is the switch "Set Audit
    Fields upon Record Creation". *org_number* tells the ids of two orgs
    apart, say of a sandbox and of production. *store* is a file to keep the org in:
    one that holds an org is that org again, whatever else would build a new one.
    """

    port: int = 0
    token: str | None = None
    describes: Path | None = None
    metadata: Path | None = None
    store: Path | None = None
    records: Path | None = None
    invoices: int = 200
    seed: int = 1
    org_number: int = 0
    today: date | None = None
    organization_type: str = "Developer Edition"
    is_sandbox: bool = False
    organization_name: str = "Rehearsal"
    own_objects: bool = False
    package_installed: bool = True
    licence_days: int = 90
    api_limit: int = 15_000
    storage_mb: int = 1_024
    min_version: int = 60
    max_version: int = 66
    tls: bool = False
    audit_fields: bool = False
    idle_minutes: float = 60.0
    end_with_stdin: bool = False
    faults: Any = None
