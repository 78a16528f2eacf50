"""
The demo and the served org as processes: they end by themselves and leave nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx

from tests.conftest import Invoke

MARK = "STARTED_BY_TEST_IN"
PROGRAM = [sys.executable, "-m", "migrator"]


def _left_behind(folder: Path) -> set[int]:
    """
    The process ids that a demo in *folder* has left running.
    """
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"{MARK}={folder}".encode() in environment.split(b"\0"):
            found.add(int(process.name))
    return found


def _demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, "-C", str(folder), "demo", "--invoices", "12"],
        capture_output=True,
        env={**os.environ, MARK: str(folder)},
        text=True,
        check=False,
    )


def test_the_demo_ends_well_and_can_be_repeated(tmp_path: Path) -> None:
    """Exit 0 twice, zero differences, a report, and no org left running."""
    for _ in range(2):
        ended = _demo(tmp_path)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "0 differences" in ended.stdout
        report = tmp_path / "demo-run" / "report" / "reconciliation.json"
        objects = json.loads(report.read_text("utf-8"))["objects"]
        assert len(objects) == 4
        assert all(each["target_records"] > 0 for each in objects)
        assert report.with_suffix(".html").is_file()
    assert not _left_behind(tmp_path)


def test_the_demo_empties_no_folder_of_somebody_else(
    tmp_path: Path, invoke: Invoke
) -> None:
    """A demo-run that no demo made is refused with 3 and stays."""
    keep = tmp_path / "demo-run" / "keep.txt"
    keep.parent.mkdir()
    keep.write_text("mine", "utf-8")
    ended = invoke("-C", tmp_path, "demo")
    assert ended.code == 3
    assert keep.read_text("utf-8") == "mine"


def test_a_served_org_says_where_it_is_and_ends_with_its_input() -> None:
    """Two plain lines first; closing standard input ends the process with 0."""
    with subprocess.Popen(
        [*PROGRAM, "emulator", "serve", "--invoices", "3", "--end-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "COLUMNS": "20"},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        assert first.startswith("URL=http://127.0.0.1:")
        assert second.startswith("TOKEN=")
        url, token = first[4:].strip(), second[6:].strip()
        reply = httpx.get(
            f"{url}/services/data/v66.0/query",
            params={"q": "SELECT COUNT() FROM ONB2__Invoice__c"},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert reply.json()["totalSize"] == 3
        process.stdin.close()
        assert process.wait(timeout=20) == 0
