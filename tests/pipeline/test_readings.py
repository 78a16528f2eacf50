"""
A verb opens its directory once: no file is read twice, nothing is worked out twice.

Counted are calls and openings on the verb's own thread, by the interpreter's hooks:
nothing is put in the place of anything.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

from migrator.documents.describe.describe import parse_describe
from migrator.documents.mapping.read import read_mapping
from migrator.documents.migration_yaml import parse_migration
from migrator.rules.review.approval import standings
from migrator.rules.target.objects import build_target
from tests.pipeline.conftest import Journey

COUNTED: dict[CodeType, str] = {
    parse_describe.__code__: "describes parsed",
    parse_migration.__code__: "migration.yaml parsed",
    read_mapping.__code__: "mapping.yaml parsed",
    standings.__code__: "standings",
    build_target.__code__: "targets built",
}


class _Openings:
    """
    Files opened for reading on one thread; an audit hook can never be taken out.
    """

    def __init__(self) -> None:
        self.counted: Counter[str] | None = None
        self.thread = 0
        sys.addaudithook(self.heard)

    def heard(self, event: str, arguments: tuple[object, ...]) -> None:
        """One more when a file is opened while somebody counts."""
        if event != "open" or self.counted is None:
            return
        path, mode, _ = arguments
        is_reading = isinstance(path, str) and isinstance(mode, str) and "r" in mode
        if is_reading and threading.get_ident() == self.thread:
            self.counted[str(path)] += 1


OPENINGS = _Openings()
ORG = "--org"


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """
    How often each function is called, and each file opened, from here on.
    """
    counted: Counter[str] = Counter()

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in COUNTED:
            counted[COUNTED[frame.f_code]] += 1

    OPENINGS.thread, OPENINGS.counted = threading.get_ident(), counted
    sys.setprofile(called)
    try:
        yield counted
    finally:
        sys.setprofile(None)
        OPENINGS.counted = None


VERBS: dict[str, tuple[str, ...]] = {
    "plan": ("plan",),
    "review": ("review", "--csv"),
    "review check": ("review", "check"),
    "review diff": ("review", "diff", "earlier.yaml"),
    "review import": ("review", "import", "mapping.csv"),
    "plan again": ("plan",),
    "review approve": ("review", "approve", "--by", "Eva"),
    "generate": ("generate",),
    "deploy": ("deploy", ORG, "--execute"),
    "copy": ("copy", ORG, "--execute"),
    "extract": ("extract", ORG),
    "reconcile": ("reconcile", ORG),
    "reconcile --repair": ("reconcile", ORG, "--repair"),
    "status": ("status",),
    "unload": ("unload", ORG, "--execute"),
    "deploy --undo": ("deploy", ORG, "--undo", "--execute"),
    "describe": ("describe", ORG),
}
DECIDES = {"review check"}
"""These end with 3: nothing has been approved yet."""
REWRITES = {"plan", "review import", "review approve", "plan again"}
"""These look at mapping.yaml once more, just before they put theirs in its place."""
BUILDS = {"generate", "deploy", "deploy --undo"}
"""Whoever writes or sends components; the others ask for their names at most."""


def prepared(journey: Journey, verb: str) -> list[str]:
    """
    The words of *verb*, with the files they name made before anybody counts.
    """
    folder = journey.root / "review"
    made = {
        "earlier.yaml": folder / "earlier.yaml",
        "mapping.csv": folder / "mapping.csv",
    }
    if verb == "review diff":
        made["earlier.yaml"].write_bytes((journey.root / "mapping.yaml").read_bytes())
    if verb == "review import":
        text = made["mapping.csv"].read_text("utf-8-sig")
        assert "same kind of field" in text
        changed = text.replace("same kind of field", "as it is", 1)
        made["mapping.csv"].write_text(changed, "utf-8")
    words = [str(made.get(word, word)) for word in VERBS[verb]]
    return [f"--org={journey.org.url}" if word == ORG else word for word in words]


def test_each_verb_reads_and_works_out_everything_once(journey: Journey) -> None:
    """Describes, both YAML files, approvals and the target, verb by verb."""
    journey.run("init")
    journey.online("describe")
    journey.online("extract")
    describes = sorted((journey.root / "describes").glob("*.json"))
    assert len(describes) > 10
    migration, mapping = journey.root / "migration.yaml", journey.root / "mapping.yaml"
    for verb in VERBS:
        words, code = prepared(journey, verb), 3 if verb in DECIDES else 0
        with counting() as counted:
            journey.run(*words, code=code)
        about = (verb, counted)
        assert counted["describes parsed"] <= len(describes), about
        assert counted["migration.yaml parsed"] <= 1, about
        assert counted["mapping.yaml parsed"] <= 1, about
        assert counted["standings"] <= 1, about
        assert counted["targets built"] == (verb in BUILDS), about
        assert counted[str(migration)] <= 1, about
        assert counted[str(mapping)] <= 1 + (verb in REWRITES), about
        for file in describes:
            assert counted[str(file)] <= 1, about
