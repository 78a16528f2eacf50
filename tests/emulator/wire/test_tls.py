"""
HTTPS with an authority of the org's own, and nothing but this machine's address.
"""

from __future__ import annotations

import socket
import ssl
import sys
import tomllib

import httpx
import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.conftest import ROOT, Invoke


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


def test_the_servers_key_is_its_users_alone() -> None:
    """Nobody else on this machine reads it, and the authority's is never written."""
    with start_org(OrgSettings(invoices=0, tls=True)) as running:
        assert running.authority is not None
        folder = running.authority.parent
        modes = {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}
        assert modes["server.key"] == 0o600
        assert set(modes) == {"ca.pem", "server.pem", "server.key"}
        assert b"PRIVATE KEY" not in running.authority.read_bytes()


def test_without_the_extra_its_command_is_named(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence and exit 1, before an org is built."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    monkeypatch.delitem(sys.modules, "migrator.emulator.certificates", raising=False)
    ended = invoke("emulator", "serve", "--tls", "--invoices", "1")
    assert ended.code == 1
    assert "HTTPS needs the package trustme: pip install 'migrator[tls]'" in ended.text
    assert "URL=" not in ended.text


def test_tests_have_what_the_extra_brings() -> None:
    """What `migrator[tls]` asks for is in the group that `make test` installs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["optional-dependencies"]["tls"]
    assert wanted
    assert set(wanted) <= set(project["dependency-groups"]["tests"])


def test_only_the_loopback_address_is_bound() -> None:
    """Another address of this machine, even of the loopback net, is refused."""
    with start_org(OrgSettings(invoices=0)) as running:
        port = int(running.url.rpartition(":")[2])
        with socket.socket() as other:
            other.settimeout(2)
            assert other.connect_ex(("127.0.0.1", port)) == 0
        assert running._listener.getsockname()[0] == "127.0.0.1"
