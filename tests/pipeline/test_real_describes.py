"""
`plan` and `generate` on describes that real orgs answered with.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import SHARED_DATA, Invoke
from tests.metadata_schema import shared_schema, violations

pytestmark = pytest.mark.shared_data

DESCRIBES = SHARED_DATA / "describes"
REFUSED = {"Custom__c"}
"""A custom setting."""
FILES = sorted(
    file for file in DESCRIBES.glob("*/*.json") if file.stem not in {"Global", *REFUSED}
)


@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_a_real_describe_is_planned_and_generated(
    file: Path, tmp_path: Path, invoke: Invoke
) -> None:
    """Both end well, every field stands in the mapping, the schema agrees."""
    described = json.loads(file.read_text("utf-8"))
    folder = tmp_path / "describes"
    folder.mkdir()
    name = described.get("name", file.stem)
    shutil.copy(file, folder / f"{name}.json")
    run = tmp_path / "run"
    assert invoke("-C", run, "init").code == 0
    planned = invoke("-C", run, "plan", "--describes", folder, "--object", name)
    assert planned.code == 0, planned.text
    mapping = (run / "mapping.yaml").read_text("utf-8")
    for field in described["fields"]:
        assert mapping.count(f"- source: {field['name']}\n") == 1
    generated = invoke("-C", run, "generate")
    assert generated.code == 0, generated.text
    files = {
        path.relative_to(run).as_posix(): path.read_bytes()
        for top in ("force-app", "manifest")
        for path in (run / top).rglob("*.xml")
    }
    assert len(files) > 4
    assert violations(files, shared_schema()) == []


@pytest.mark.parametrize("project", ["dreamhouse", "cumulusci"])
def test_a_whole_folder_of_describes_is_planned(
    project: str, tmp_path: Path, invoke: Invoke
) -> None:
    """
    All objects of a folder at once; the list of all objects that lies beside them, a
    second describe of one object and a custom setting do not end it.
    """
    names = {
        json.loads(file.read_text("utf-8")).get("name", file.stem)
        for file in (DESCRIBES / project).glob("*.json")
        if file.stem != "Global"
    }
    words = [word for name in sorted(names) for word in ("--object", name)]
    invoke("-C", tmp_path, "init")
    planned = invoke("-C", tmp_path, "plan", "--describes", DESCRIBES / project, *words)
    assert planned.code == 0, planned.text
    if project == "cumulusci":
        assert "Custom__c is a custom setting" in planned.text
        assert "both describe Account" in planned.text
    assert invoke("-C", tmp_path, "generate").code == 0


def test_a_custom_setting_alone_is_refused_by_name(
    tmp_path: Path, invoke: Invoke
) -> None:
    """Nothing is left to plan: a person decides."""
    invoke("-C", tmp_path, "init")
    refused = invoke(
        *("-C", tmp_path, "plan", "--describes", DESCRIBES / "cumulusci"),
        *("--object", "Custom__c"),
    )
    assert refused.code == 3
    assert "Custom__c is a custom setting" in refused.text
