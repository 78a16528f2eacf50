"""
What is made of a golden case, and how much of it the case's folder shows.

A whole tree shows every file of the source format, and of the mdapi format the files
that are put together from several of those: each other one has the bytes of its twin.
Any other case shows its own fields; what stands around them is a tree's again.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path, PurePosixPath

from migrator.documents.metadata.files import SOURCE_ROOT, render_mdapi, render_source
from migrator.documents.templates import make_environment
from migrator.model.target import Target
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.mappings import a_migration
from tests.golden.cases import CASES, LANGUAGES, TREES
from tests.golden.replan import cases as replan

HERE = Path(__file__).parent
ROOMS = ("trees", "fields", "replan")
COMPOSED = ("objects/", "objectTranslations/")
"""Where one file of the wire is several in the source format."""
KEY = "Origin_Id__c.field-meta.xml"
Files = abc.Mapping[str, bytes]


def target(case: str) -> Target:
    """
    The decided target of *case*.
    """
    return build_target(CASES[case], a_migration(languages=LANGUAGES))


@cache
def source(case: str) -> Files:
    """
    What git gets of *case*.
    """
    return render_source(target(case), make_environment([shipped_folder("templates")]))


@cache
def mdapi(case: str) -> Files:
    """
    What the wire gets of *case*.
    """
    return render_mdapi(target(case), make_environment([shipped_folder("templates")]))


def rendered(case: str) -> dict[str, bytes]:
    """
    All that is made of *case*: `source/...` for git, `mdapi/...` for the wire.
    """
    return {
        **{f"source/{path}": content for path, content in source(case).items()},
        **{f"mdapi/{path}": content for path, content in mdapi(case).items()},
    }


def twin(path: str) -> str:
    """
    The file in source format that has the bytes of the mdapi file *path*.
    """
    if path == "package.xml":
        return "manifest/package.xml"
    return f"{SOURCE_ROOT}/{path}-meta.xml"


def own_fields(case: str) -> dict[str, bytes]:
    """
    The fields that *case* is about, by path: every one but the key of the records.
    """
    return {
        path: content
        for path, content in source(case).items()
        if path.endswith(".field-meta.xml") and not path.endswith(KEY)
    }


def _tree(case: str) -> Files:
    shown = ("source/", *(f"mdapi/{each}" for each in COMPOSED))
    return {p: content for p, content in rendered(case).items() if p.startswith(shown)}


def _fields(case: str) -> Files:
    fields = own_fields(case)
    named = {PurePosixPath(path).name: fields[path] for path in fields}
    assert len(named) == len(fields)
    return named


def _replan(case: str) -> Files:
    return {name: text.encode() for name, text in replan.files(case).items()}


FOLDERS: dict[str, Callable[[], Files]] = {
    **{f"trees/{case}": partial(_tree, case) for case in TREES},
    **{f"fields/{case}": partial(_fields, case) for case in CASES if case not in TREES},
    **{f"replan/{case}": partial(_replan, case) for case in replan.CASES},
}
"""By golden folder: what makes the files that have to be in it, and no other."""


def stored(folder: str) -> dict[str, bytes]:
    """
    The files that lie in *folder*.
    """
    root = HERE / folder
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file()
    }


def stored_folders() -> set[str]:
    """
    The golden folders there are.
    """
    return {
        f"{room}/{each.name}"
        for room in ROOMS
        for each in (HERE / room).iterdir()
        if each.is_dir() and each.name != "__pycache__"
    }
