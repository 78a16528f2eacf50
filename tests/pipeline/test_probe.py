"""
The probe against the local org: every point answered, nothing left, whatever happens.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migrator.documents.metadata.bundle import make_bundle
from migrator.documents.metadata.probe import ProbePrinter
from migrator.documents.templates import make_environment
from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.rules.probe import POINTS
from migrator.rundir.layout import shipped_folder
from migrator.steps.probe.probe import EXPERIMENTS, SIGHT, TOGETHER
from tests.conftest import ROOT, Ended
from tests.pipeline.deployed_org import invoked, without_faults
from tests.pipeline.signed_in import sign_in

NEED_ANOTHER_ORG = {
    "lock-restrict-lookup",
    "lock-master-detail",
    "lock-set-null-lookup",
    "storage-per-record",
    "file-of-others",
    "licence-end",
    "uninstall-with-links",
}
"""What the local org cannot answer either: it runs no Apex and ends no licences."""


@pytest.fixture(scope="module")
def probed_org() -> Iterator[RunningOrg]:
    """A developer org with the package, and with audit fields switched on."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=3, audit_fields=True
    )
    with start_org(settings) as running:
        yield running


@dataclass(frozen=True)
class Probe:
    """
    A probe that nothing disturbed.
    """

    file: Path
    stdout: str
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def happy(probed_org: RunningOrg, tmp_path_factory: pytest.TempPathFactory) -> Probe:
    """One undisturbed run, for every test that looks at its answers."""
    file = tmp_path_factory.mktemp("happy") / "probe.json"
    before = state(probed_org)
    ended = run(probed_org, file, "--execute")
    return Probe(file, ended.stdout, before, state(probed_org))


@pytest.fixture
def probed(probed_org: RunningOrg) -> Iterator[RunningOrg]:
    """The same org without faults, and what is in it checked to be as before."""
    before = state(probed_org)
    yield probed_org
    without_faults(probed_org)
    assert state(probed_org) == before


def state(running: RunningOrg) -> dict[str, Any]:
    """
    Everything a probe could leave: objects, components, records, jobs.
    """
    org, metadata = running.org, running.services.components
    with org.lock:
        records = {each.name: org.store.count(each.name) for each in org.schema}
        fields = {each.name: len(each.fields) for each in org.schema}
        kinds = ("CustomObject", "CustomField", "Layout", "PermissionSet")
        components = {kind: metadata.names(kind) for kind in kinds}
    return {
        "records": records,
        "fields": fields,
        "components": components,
        "names": set(metadata.deleted_relationships),
    }


def words(running: RunningOrg, file: Path, *more: str) -> list[str]:
    """
    The arguments of a probe that writes *file*.
    """
    return ["probe", "--org", running.url, "--output", str(file), *more]


def run(running: RunningOrg, file: Path, *more: str, code: int = 0) -> Ended:
    """
    A probe in this process that must end with *code*.
    """
    environ = {"SF_ACCESS_TOKEN": running.token}
    ended = invoked(*words(running, file, *more), env=environ)
    assert ended.code == code, ended.text
    return ended


def answers(file: Path) -> dict[str, dict[str, Any]]:
    """
    The points of a probe.json by id.
    """
    content = json.loads(file.read_text(encoding="utf-8"))
    return {each["id"]: each for each in content["points"]}


def test_each_point_has_one_experiment() -> None:
    """No point without an experiment, none answered by two."""
    answered = [
        SIGHT,
        TOGETHER,
        *(point for each in EXPERIMENTS for point in each.points),
    ]
    assert sorted(answered) == sorted(each.id for each in POINTS)


def test_every_point_is_answered_as_assumed(happy: Probe) -> None:
    """Open stays only what declares what it needs."""
    found = answers(happy.file)
    assert list(found) == [each.id for each in POINTS]
    wrong = [name for name, each in found.items() if each["verdict"] == "differs"]
    assert wrong == []
    unanswered = {
        name for name, each in found.items() if each["verdict"] == "could not tell"
    }
    assert unanswered == NEED_ANOTHER_ORG
    assert all(found[name]["why"].startswith("needs ") for name in unanswered)
    assert "nothing of the probe is left in the org" in happy.stdout


def test_nothing_is_left_in_the_org(happy: Probe) -> None:
    """Objects, components, records, assignments and taken names are as before."""
    assert happy.before["records"]["PermissionSetAssignment"]
    assert happy.after == happy.before


def test_the_answers_name_no_org(happy: Probe, probed_org: RunningOrg) -> None:
    """Neither token, address, org nor user stand in probe.json."""
    text = happy.file.read_text(encoding="utf-8")
    org = probed_org.org
    secrets = (probed_org.token, probed_org.url, org.id, org.users.running_id)
    assert not [each for each in secrets if each in text]
    assert json.loads(text)["org"] == {
        "organization_type": "Developer Edition",
        "is_sandbox": False,
        "api_version": "66.0",
    }


def held(
    running: RunningOrg, file: Path, request: int, path: str = ""
) -> subprocess.Popen[bytes]:
    """
    A probe in a process of its own that waits for the answer to its n-th request,
    of those to *path* only.
    """
    hold = f"hold: {{request: {request}, when: after}}"
    plan = f"requests: [{{{hold}, path: '{path}'}}]"
    running.org.faults.replace(plan)
    process = subprocess.Popen(
        [sys.executable, "-m", "migrator", *words(running, file, "--execute")],
        cwd=ROOT,
        env=os.environ | {"SF_ACCESS_TOKEN": running.token},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    deadline = time.monotonic() + 60
    while not running.org.faults.held:
        assert process.poll() is None, "it ended before it was held"
        assert time.monotonic() < deadline, "no request was held"
        time.sleep(0.02)
    return process


def test_a_killed_probe_is_cleaned_up_by_the_next(
    happy: Probe, probed: RunningOrg, tmp_path: Path
) -> None:
    """It is known by its marker, and the next run gives the same bytes."""
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    process = held(probed, first, 120)
    process.kill()
    process.communicate(timeout=30)
    without_faults(probed)
    assert "Migrator_Probe__c" in probed.org.schema
    planned = run(probed, second)
    assert "left by an earlier probe, removed first: CustomObject" in planned.stdout
    assert not first.exists()
    ended = run(probed, second, "--execute")
    assert "an earlier probe was stopped" in ended.text
    assert second.read_bytes() == happy.file.read_bytes()


def test_an_interrupted_probe_cleans_up(probed: RunningOrg, tmp_path: Path) -> None:
    """Ctrl-C ends it with 4, after everything was taken back."""
    process = held(probed, tmp_path / "probe.json", 100)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    without_faults(probed)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 4, said
    assert b"nothing of the probe is left in the org" in said
    assert not (tmp_path / "probe.json").exists()


def test_an_interrupted_deployment_is_waited_for(
    probed: RunningOrg, tmp_path: Path
) -> None:
    """Ctrl-C while the org deploys: what arrives afterwards is taken back, too."""
    deployments = probed.services.deployments
    quick, deployments.latency_s = deployments.latency_s, 0.7
    process = held(probed, tmp_path / "probe.json", 1, path="/deployRequest/0Af")
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    without_faults(probed)
    said, _ = process.communicate(timeout=60)
    deployments.latency_s = quick
    while not all(each.done for each in deployments._all.values()):
        time.sleep(0.02)
    assert process.returncode == 4, said
    assert b"nothing of the probe is left in the org" in said


def test_one_point_in_trouble_does_not_stop_the_others(
    probed: RunningOrg, tmp_path: Path
) -> None:
    """What went wrong stands at the point, and a person must look at it (exit 3)."""
    file = tmp_path / "probe.json"
    probed.org.faults.replace("""
requests:
  - {method: POST, path: /sobjects/ContentVersion, respond: 503}
  - {method: DELETE, path: /sobjects/Migrator_Probe__c/, nth: 1, respond: 404}
""")
    ended = run(probed, file, "--execute", code=3)
    found = answers(file)
    wrong = [name for name, each in found.items() if each["verdict"] == "differs"]
    assert wrong == ["restrict-refuses-delete"]
    assumption = "restrict-refuses-delete: assumed 'refused: DELETE_FAILED', observed"
    assert assumption in ended.stdout
    assert "relied on by rules/target/objects" in ended.stdout
    open_ = {n for n, each in found.items() if each["verdict"] == "could not tell"}
    assert {name for name in open_ if name not in NEED_ANOTHER_ORG} == {
        name for name, each in found.items() if each["family"] == "files"
    } - {"file-of-others"}
    assert "503" in found["file-link"]["why"]


def test_a_bare_org_says_what_it_would_need(tmp_path: Path) -> None:
    """Without package, other users and audit fields: open points, and exit 0."""
    file = tmp_path / "probe.json"
    with start_org(OrgSettings(invoices=0, package_installed=False)) as running:
        before = state(running)
        run(running, file, "--execute")
        assert state(running) == before
    open_ = {
        name: each["why"]
        for name, each in answers(file).items()
        if each["verdict"] == "could not tell"
    }
    assert set(open_) > NEED_ANOTHER_ORG
    assert open_["packaged-line-parent"] == "needs the package ONB2"
    assert "Set Audit Fields upon Record Creation" in open_["audit-created"]
    assert all(why.startswith("needs ") for why in open_.values())


def test_a_refused_deployment_leaves_nothing(
    probed: RunningOrg, tmp_path: Path
) -> None:
    """The org's words, exit 1."""
    taken = ("migrator_probe__c", "migrator_probe_lines")
    names = probed.services.components.deleted_relationships
    names.add(taken)
    ended = run(probed, tmp_path / "probe.json", "--execute", code=1)
    names.discard(taken)
    assert "already a Child Relationship named Migrator_Probe_Lines" in ended.text


def test_without_execute_nothing_is_written(probed: RunningOrg, tmp_path: Path) -> None:
    """It lists the points and what would be deployed."""
    file = tmp_path / "probe.json"
    ended = run(probed, file)
    assert all(each.id in ended.stdout for each in POINTS)
    assert "CustomObject Migrator_Probe_Line__c" in ended.stdout
    assert not file.exists()


def test_a_production_org_is_refused(tmp_path: Path) -> None:
    """Exit 3 before anything is deployed."""
    settings = OrgSettings(invoices=0, organization_type="Enterprise Edition")
    with start_org(settings) as running:
        before = state(running)
        ended = run(running, tmp_path / "probe.json", "--execute", code=3)
        assert state(running) == before
    assert "is a production org" in ended.text


def test_an_object_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    """Without the marker it is somebody else's."""
    with start_org(OrgSettings(invoices=0)) as running, sign_in(running) as org:
        environment = make_environment([shipped_folder("templates")])
        files = {
            path: content.replace(b"[migrator probe]", b"ours")
            for path, content in ProbePrinter(environment, "66.0").objects().items()
        }
        assert org.deployment.deploy(make_bundle(files), check_only=False).success
        before = state(running)
        ended = run(running, tmp_path / "probe.json", "--execute", code=3)
        assert state(running) == before
    assert "CustomObject Migrator_Probe__c exists and was not made" in ended.text


def altered(file: Path, to: Path, **observed: str) -> Path:
    """
    A copy of a probe.json in which some points were observed otherwise.
    """
    content = json.loads(file.read_text(encoding="utf-8"))
    for each in content["points"]:
        each["observed"] = observed.get(each["id"].replace("-", "_"), each["observed"])
    to.write_text(json.dumps(content), encoding="utf-8")
    return to


def test_two_files_are_laid_side_by_side_without_an_org(
    happy: Probe, tmp_path: Path
) -> None:
    """Only the points that differ are shown, and exit 3 says that there are some."""
    real = altered(happy.file, tmp_path / "real.json", csv_bom="it is skipped")
    ended = invoked("probe", "--output", happy.file, "--compare", real)
    assert ended.code == 3, ended.text
    row = next(line for line in ended.stdout.splitlines() if "csv-bom" in line)
    assert "the job fails" in row
    assert "it is skipped" in row
    assert "1 points differ" in ended.stdout
    assert "text-trim" not in ended.stdout


def test_the_same_answers_do_not_differ(happy: Probe, tmp_path: Path) -> None:
    """Other words of the org are no other answer."""
    text = happy.file.read_text(encoding="utf-8")
    other = tmp_path / "other.json"
    other.write_text(text.replace("data value too large", "zu lang"), "utf-8")
    assert other.read_text("utf-8") != text
    ended = invoked("probe", "--output", happy.file, "--compare", other)
    assert ended.code == 0, ended.text
    assert "give the same answers" in ended.stdout


def test_a_run_is_compared_at_once(
    happy: Probe, probed: RunningOrg, tmp_path: Path
) -> None:
    """With --json one document holds the answers and what differs."""
    real = altered(happy.file, tmp_path / "real.json", name_empty="null")
    environ = {"SF_ACCESS_TOKEN": probed.token}
    arguments = words(probed, tmp_path / "probe.json", "--execute", "--compare")
    ended = invoked("--json", *arguments, real, env=environ)
    assert ended.code == 3, ended.text
    document = json.loads(ended.stdout)
    assert [each["point"] for each in document["differ"]] == ["name-empty"]
    assert len(document["answers"]) == len(POINTS)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "--org ORG, --compare FILE, or both"),
        (("--execute", "--compare", "{file}"), 2, "--execute needs --org"),
        (("--org", "env", "--compare", "{file}"), 2, "needs --execute"),
        (("--compare", "absent.json"), 2, "does not exist"),
        (("--compare", "{file}"), 1, "probe --org ORG --execute"),
        (("--output", "{file}", "--compare", "{file}"), 1, "this is no probe.json"),
        (("--output", "{text}", "--compare", "{text}"), 1, "this is no JSON document"),
    ],
)
def test_bad_input_is_named(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """One clear message, no traceback."""
    file, text = tmp_path / "a.json", tmp_path / "b.json"
    file.write_text("[]", encoding="utf-8")
    text.write_text("text", encoding="utf-8")
    given = [each.format(file=file, text=text) for each in arguments]
    ended = invoked("-C", tmp_path, "probe", *given)
    assert ended.code == code, ended.text
    assert said in ended.text
