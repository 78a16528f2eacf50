"""
A certificate authority of the emulator's own, for clients that insist on HTTPS.

Made new at each start; its private key is never written down, so nobody else can sign
with it. Needs the extra `tls`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

__all__ = ["Certificates", "make_certificates"]

# Some clients refuse certificates that are valid for years.
_VALID = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """
    The files of a server: *authority* is what clients trust.
    """

    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path) -> Certificates:
    """
    Make an authority and a certificate for 127.0.0.1 and localhost, as PEM in *folder*.
    """
    authority = trustme.CA(organization_name="Local Salesforce org emulator")
    until = datetime.now(UTC) + _VALID
    server = authority.issue_cert("127.0.0.1", "localhost", not_after=until)
    made = Certificates(
        authority=folder / "ca.pem",
        certificate=folder / "server.pem",
        key=folder / "server.key",
    )
    authority.cert_pem.write_to_path(str(made.authority))
    server.cert_chain_pems[0].write_to_path(str(made.certificate))
    # Readable by its user alone, from the first byte on.
    descriptor = os.open(made.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(server.private_key_pem.bytes())
    return made
