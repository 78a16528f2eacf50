"""
A real org, reached only when the environment names one.
"""

from __future__ import annotations

import os
import socket

import pytest

VARIABLE = "MIGRATOR_LIVE_ORG"
_CONNECT = socket.socket.connect


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without an org these tests say what they would need."""
    if os.environ.get(VARIABLE):
        return
    reason = f"{VARIABLE} names no org (see docs/probe.md)"
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def live_org(_no_network: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `--org` gets; the network is open for as long as the test runs."""
    monkeypatch.setattr(socket.socket, "connect", _CONNECT)
    return os.environ[VARIABLE]
