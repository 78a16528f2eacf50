"""
The probe in a real developer org: every point asked, everything taken back.

Run with MIGRATOR_LIVE_ORG=env and the org's sign-in in SF_INSTANCE_URL and
SF_ACCESS_TOKEN; docs/probe.md says how. It writes to that org, and never to a
production org.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from migrator.rules.probe import POINTS
from tests.pipeline.deployed_org import invoked

pytestmark = pytest.mark.live


def test_a_real_org_answers_the_probe(live_org: str, tmp_path: Path) -> None:
    """Every point is told or says what it needs; the answers are kept if asked."""
    file = Path(os.environ.get("MIGRATOR_LIVE_PROBE", tmp_path / "probe.json"))
    arguments = ("probe", "--org", live_org, "--output", file, "--execute")
    ended = invoked(*arguments, env=dict(os.environ))
    assert ended.code in {0, 3}, ended.text
    assert "nothing of the probe is left in the org" in ended.stdout
    points = json.loads(file.read_text(encoding="utf-8"))["points"]
    assert [each["id"] for each in points] == [each.id for each in POINTS]
    undeclared = [
        f"{each['id']}: {each['why']}"
        for each in points
        if each["verdict"] == "could not tell" and not each["why"].startswith("needs ")
    ]
    assert undeclared == []
    differing = [
        f"{each['id']}: assumed {each['expected']}, observed {each['observed']}"
        for each in points
        if each["verdict"] == "differs"
    ]
    assert differing == [], "the org differs: mend the code, then the local org"
