"""
HTTPS with an authority of the org's own, and nothing but this machine's address.
"""

from __future__ import annotations

import socket
import ssl

import httpx
import pytest

from migrator.emulator.server import OrgSettings, start_org


def test_https_is_trusted_through_its_own_authority() -> None:
    """With the authority both names of this machine work, without it none does."""
    with start_org(OrgSettings(invoices=0, tls=True)) as running:
        assert running.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(running.authority))
        for url in (running.url, running.url.replace("127.0.0.1", "localhost")):
            answer = httpx.get(f"{url}/services/data", verify=trusting)
            assert answer.status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{running.url}/services/data")
    assert running.authority is not None
    assert not running.authority.exists()


def test_only_the_loopback_address_is_bound() -> None:
    """Another address of this machine, even of the loopback net, is refused."""
    with start_org(OrgSettings(invoices=0)) as running:
        port = int(running.url.rpartition(":")[2])
        with socket.socket() as other:
            other.settimeout(2)
            assert other.connect_ex(("127.0.0.1", port)) == 0
        assert running._listener.getsockname()[0] == "127.0.0.1"
