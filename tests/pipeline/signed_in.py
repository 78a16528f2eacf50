"""
The org's own clients, signed in to a local org, and a small bundle to deploy.
"""

from __future__ import annotations

from migrator.documents.metadata.bundle import make_bundle
from migrator.emulator.server import RunningOrg
from migrator.model.migration import DEFAULT_API_CEILING
from migrator.org.polling import Pace
from migrator.org.session import Org, open_org
from migrator.org.transport import Patience
from tests.golden.files import mdapi

BUNDLE = "sample"
"""Invoice__c with Origin_Id__c and Note__c, and its three permission sets."""
LOADER = "Invoice_Archive_Loader"
MARKER = "[migrator 0a1b2c3d]"

QUICK_PACE = Pace(first_s=0.01, longest_s=0.05)
QUICK_PATIENCE = Patience(tries=4, first_wait_s=0.01)


def sign_in(running: RunningOrg, token: str | None = None) -> Org:
    """
    *running* as the product sees it, with short waits.
    """
    return open_org(
        running.url,
        environ={"SF_ACCESS_TOKEN": token or running.token},
        ceiling=DEFAULT_API_CEILING,
        patience=QUICK_PATIENCE,
        pace=QUICK_PACE,
    )


def a_bundle(**replaced: str) -> bytes:
    """
    The small bundle, with words *replaced* in its object file.
    """
    files = dict(mdapi(BUNDLE))
    key = "objects/Invoice__c.object"
    for old, new in replaced.items():
        assert old.encode() in files[key]
        files[key] = files[key].replace(old.encode(), new.encode())
    return make_bundle(files)


def with_archive(org: Org) -> Org:
    """
    *org* with the small bundle deployed and its user allowed to fill it.
    """
    report = org.deployment.deploy(a_bundle(), check_only=False)
    assert report.success, report
    assert org.access.assign(LOADER, org.facts.user_id)
    return org
