"""
Where everything of one migration lies on disk, and how it is written safely.

Every path of the migration directory (docs: "The migration directory") is a property
here. A file is written beside its place and renamed over it after an fsync, so that a
reader, or the next run after a power cut, meets the old bytes or the new ones and never
half of them.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import abc
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import RunDirectoryError, Stopped
from migrator.model.names import ApiName

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
PUBLIC_FILE = 0o644
BOM = "\ufeff"
"""The byte order mark that Windows editors put first."""

GITIGNORE = """\
# Made by `migrator init`: records and reports stay out of git.
.migrator/
report/
review/*.xlsx
*.sample.*
"""

_ORG_ID = re.compile(r"00D[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?")


@dataclass(frozen=True, slots=True)
class OrgState:
    """
    What one org has of this migration: `.migrator/<org id>/`, private to its owner.
    """

    root: Path

    @property
    def identity(self) -> Path:
        """
        `identity.json`: which org this state belongs to.
        """
        return self.root / "identity.json"

    @property
    def journal(self) -> Path:
        """
        `journal.sqlite`: what the org has confirmed.
        """
        return self.root / "journal.sqlite"

    @property
    def extract(self) -> Path:
        """
        `extract/`: the records as received, the backup.
        """
        return self.root / "extract"

    @property
    def copied(self) -> Path:
        """
        `copied/`: values that read the clock, as they were when they were copied.
        """
        return self.root / "copied"

    @property
    def ranges(self) -> Path:
        """
        `ranges/`: ids on their way to being compared, gone when that is done.
        """
        return self.root / "ranges"

    @property
    def load_files(self) -> Path:
        """
        `load/`: records on their way to the org, gone when the run has ended.
        """
        return self.root / "load"

    @property
    def reconciled(self) -> Path:
        """
        `reconciled.json`: how the last reconciliation of this org ended.
        """
        return self.root / "reconciled.json"

    @property
    def log(self) -> Path:
        """
        `log.jsonl`: what happened when, without record values.
        """
        return self.root / "log.jsonl"

    @property
    def lock(self) -> Path:
        """
        `lock`: held by the run that is writing.
        """
        return self.root / "lock"

    def make(self) -> None:
        """
        Make the folder, readable by its owner alone.
        """
        _make_folder(self.extract, mode=PRIVATE_FOLDER)
        for folder in (self.root.parent, self.root, self.extract):
            folder.chmod(PRIVATE_FOLDER)


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """
    One migration directory.
    """

    root: Path

    @property
    def migration_file(self) -> Path:
        """
        `migration.yaml`: what to migrate; no credentials, ever.
        """
        return self.root / "migration.yaml"

    @property
    def mapping_file(self) -> Path:
        """
        `mapping.yaml`: the reviewed decision.
        """
        return self.root / "mapping.yaml"

    @property
    def gitignore(self) -> Path:
        """
        `.gitignore`: what must not enter the customer's repository.
        """
        return self.root / ".gitignore"

    @property
    def describes(self) -> Path:
        """
        `describes/`: the sObject describes this migration was planned from.
        """
        return self.root / "describes"

    @property
    def org_facts_file(self) -> Path:
        """
        `describes/org.json`: edition, currencies, versions, taken names.
        """
        return self.describes / "org.json"

    @property
    def review(self) -> Path:
        """
        `review/`: the mapping as a page and as a sheet.
        """
        return self.root / "review"

    @property
    def report(self) -> Path:
        """
        `report/`: what a verb found, without record values.
        """
        return self.root / "report"

    @property
    def private_report(self) -> Path:
        """
        `report/private/`: whatever holds record values.
        """
        return self.report / "private"

    def digests(self, target: ApiName) -> Path:
        """
        `report/private/digests-<object>.csv`: the stored records of *target*.
        """
        return self.private_report / f"digests-{target}.csv"

    @property
    def user_templates(self) -> Path:
        """
        `templates/`: the customer's own templates, used instead of ours by name.
        """
        return self.root / "templates"

    def org_state(self, org_id: str) -> OrgState:
        """
        Return the state of the org called *org_id* (15 or 18 characters).
        """
        if not _ORG_ID.fullmatch(org_id):
            raise RunDirectoryError(
                f"{org_id!r} is no Salesforce org id; expected 00D and 12 or 15 more "
                "letters and digits"
            )
        return OrgState(self.root / ".migrator" / org_id)

    def known_orgs(self) -> tuple[str, ...]:
        """
        Return the ids of the orgs that have state here.
        """
        folder = self.root / ".migrator"
        found = folder.iterdir() if folder.is_dir() else ()
        return tuple(sorted(p.name for p in found if _ORG_ID.fullmatch(p.name)))

    def read_text(self, path: Path) -> str:
        """
        Return the text of *path*; a byte order mark is dropped.

        Raises RunDirectoryError when it is missing, unreadable or not UTF-8.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unusable("read", self.shown(path), error) from error
        return self.text_of(path, content).removeprefix(BOM)

    def read_bytes(self, path: Path) -> bytes | None:
        """
        Return the content of *path*, None when there is no such file.

        Raises RunDirectoryError when it cannot be read.
        """
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable("read", self.shown(path), error) from error

    def text_of(self, path: Path, content: bytes) -> str:
        """
        Return the text of *content*, which was read from *path*; RunDirectoryError when
        it is not UTF-8.
        """
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RunDirectoryError(
                f"{self.shown(path)}: byte {error.start} is not UTF-8",
                hint="save the file as UTF-8 and run the command again",
            ) from error

    def write_text(self, path: Path, text: str) -> None:
        """
        *text* as the whole content of *path*, in UTF-8.
        """
        self.write_bytes(path, text.encode("utf-8"))

    def write_bytes(self, path: Path, content: bytes) -> None:
        """
        *content* as the whole of *path*; readable by others.
        """
        self._write(path, content, PUBLIC_FILE)

    def replace_bytes(self, path: Path, content: bytes, *, read: bytes | None) -> None:
        """
        Write a file that people edit, of which *content* was made from *read*.

        Raises Stopped when *path* holds something else by now: what somebody has saved
        in the meantime would be lost. It is asked as late as can be, when only the
        renaming is left to do.
        """

        def require_unchanged() -> None:
            if self.read_bytes(path) != read:
                raise Stopped(
                    f"{self.shown(path)} was saved by somebody else while this command "
                    "ran; nothing was written",
                    hint="look at what has changed there, then run the same command "
                    "again",
                )

        self._write(path, content, PUBLIC_FILE, before_renaming=require_unchanged)

    def write_private(self, path: Path, content: bytes) -> None:
        """
        *content* as the whole of *path*, readable by its owner alone (0600).
        """
        self._write(path, content, PRIVATE_FILE)

    def remove(self, path: Path) -> None:
        """
        Remove the file *path* if it is there.
        """
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable("remove", self.shown(path), error) from error

    def shown(self, path: Path) -> str:
        """
        *path* as messages print it: relative to the migration directory.
        """
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)

    def _write(
        self,
        path: Path,
        content: bytes,
        mode: int,
        before_renaming: abc.Callable[[], None] = lambda: None,
    ) -> None:
        try:
            private = mode == PRIVATE_FILE
            _make_folder(path.parent, mode=PRIVATE_FOLDER if private else 0o755)
            with _beside(path) as temporary:
                temporary.chmod(mode)
                with temporary.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                before_renaming()
                temporary.replace(path)
        except OSError as error:
            raise _unusable("write", self.shown(path), error) from error


def open_run(root: Path) -> RunDirectory:
    """
    Return the migration directory at *root*.

    Raises RunDirectoryError when `init` has not been run there.
    """
    run = RunDirectory(root.resolve())
    if not run.migration_file.is_file():
        raise RunDirectoryError(
            f"{root} is no migration directory: it has no migration.yaml",
            hint=f"migrator -C {root} init",
        )
    return run


def shipped_folder(name: str) -> Path:
    """
    Return the folder *name* (`templates`, `sample_describes`) that belongs to the
    program.

    In a checkout it lies at the top level, in an installed wheel inside the package.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "shipped" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise RunDirectoryError(
        f"the program's own folder {name!r} is missing from the installation",
        hint="install migrator again",
    )


@contextmanager
def _beside(path: Path) -> abc.Iterator[Path]:
    """
    Lend a fresh file in the folder of *path*, gone afterwards unless it was renamed.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _make_folder(folder: Path, *, mode: int) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=mode)


def _unusable(verb: str, shown: str, error: OSError) -> RunDirectoryError:
    reason = (error.strerror or type(error).__name__).lower()
    return RunDirectoryError(
        f"cannot {verb} {shown}: {reason}",
        hint="check the folder's owner, its permissions and the free disk space",
    )
