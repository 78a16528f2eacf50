"""
The journey through an org that is often in trouble: it still ends without a difference.
"""

from __future__ import annotations

import json
from pathlib import Path

from migrator.emulator.server import OrgSettings, start_org
from migrator.rundir.layout import shipped_folder
from tests.conftest import Ended, Invoke
from tests.pipeline.conftest import Journey

# What one run lives through: lost and cut answers, slowness, locked rows, batches that
# are tried again.
BORNE = """
requests:
  - {method: GET, path: /sobjects/ONB2__Invoice__c/describe, nth: 1, respond: 503}
  - {path: /jobs/query/.*/results, nth: 1, truncate: cell}
  - {path: /jobs/query/.*/results, nth: 3, reset_after: 200}
  - {path: /query, nth: 2, delay: 0.3}
  - {path: /metadata/deployRequest/, nth: 1, respond: 503}
  - {path: /jobs/ingest/.*/batches, nth: 1, reset_after: 0}
  - {path: /jobs/ingest/.*/successfulResults, nth: 2, reset_after: 100}
  - {path: /jobs/ingest/.*/successfulResults, nth: 3, truncate: cell}
bulk:
  - {object: Invoice__c, lock_rows: {every: 7}, times: 1}
  - {object: InvoiceLineItem__c, fail_batch: 0, times: 2}
"""
# What stops a run, so that the same command is given again.
STOPPING = """
requests:
  - {method: POST, path: /jobs/query$, nth: 1, respond: 503}
  - {path: /jobs/query/.*/results, nth: 2, times: 8, respond: 503}
  - {method: POST, path: /jobs/ingest$, nth: 2, respond: 503}
  - {path: /jobs/ingest, nth: 9, reset_after: 0}
  - {path: /jobs/ingest/.*/failedResults, nth: 1, reset_after: 0}
bulk:
  - {object: TaxDetail__c, fail_job_after: 200, times: 1}
  - {object: Balance__c, lock_rows: {every: 5}, times: 2}
"""
_TRIES = 6


def _differences(root: Path) -> tuple[int, int]:
    """Differences, and records of the smallest object on either side."""
    found = json.loads((root / "report" / "reconciliation.json").read_text("utf-8"))
    counts = [each["source_records"] for each in found["objects"]]
    counts += [each["target_records"] for each in found["objects"]]
    return found["differences"], min(counts)


def test_the_demo_bears_a_schedule_of_faults(tmp_path: Path, invoke: Invoke) -> None:
    """One call, trouble at each step, 0 differences."""
    plan = tmp_path / "faults.yaml"
    plan.write_text(BORNE, "utf-8")
    line = ("demo", "--invoices", "60", "--faults", plan)
    ended = invoke("-C", tmp_path, *line)
    assert ended.code == 0, ended.text
    differences, least = _differences(tmp_path / "demo-run")
    assert (differences, least > 0) == (0, True)


def stubbornly(journey: Journey, verb: str, *words: str) -> int:
    """Give a command again while it ends without being done; how often it did."""
    for tries in range(_TRIES):
        ended = _run(journey, verb, *words)
        if ended.code == 0:
            return tries
        assert ended.code in {3, 4}, ended.text
    raise AssertionError(f"{verb} was not done after {_TRIES} runs")


def _run(journey: Journey, verb: str, *words: str) -> Ended:
    environ = {"SF_ACCESS_TOKEN": journey.org.token}
    place = () if verb in {"init", "plan", "generate"} else ("--org", journey.org.url)
    return journey.invoke("-C", journey.root, verb, *place, *words, env=environ)


def test_stopped_commands_go_on_where_the_org_confirmed(
    tmp_path: Path, invoke: Invoke
) -> None:
    """Commands that stop are given again; the end is the same, nothing twice."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=60, faults=STOPPING
    )
    with start_org(settings) as running:
        journey = Journey(tmp_path / "run", running, invoke)
        rehearsal = ("--execute", "--allow-unreviewed")
        stops = {
            verb: stubbornly(journey, verb, *words)
            for verb, words in (
                ("init", ()),
                ("describe", ()),
                ("extract", ()),
                ("plan", ()),
                ("generate", ()),
                ("deploy", rehearsal),
                ("copy", rehearsal),
                ("reconcile", rehearsal[1:]),
            )
        }
        assert stops["extract"] + stops["copy"] > 1
        assert stops["reconcile"] == 0
        differences, least = _differences(journey.root)
        assert (differences, least > 0) == (0, True)
        with running.org.lock:
            for own in ("Invoice__c", "InvoiceLineItem__c", "TaxDetail__c"):
                copied = running.org.store.count(own)
                assert copied == running.org.store.count(f"ONB2__{own}")
