"""
The workbench of the experiments: small writes whose refusals are values, not errors.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import time
from collections import abc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from migrator.documents.metadata.bundle import make_bundle
from migrator.documents.metadata.probe import PARENT, PROBE_SET, Files, ProbePrinter
from migrator.errors import DeploymentRefused, OrgRefused
from migrator.model.mapping import ORIGIN_ID
from migrator.model.names import ApiName
from migrator.model.records import Operation
from migrator.org.deployment import DeployReport
from migrator.org.rest import Call, Reply
from migrator.org.session import Org
from migrator.org.soql import literal
from migrator.steps.probe.answers import Load, Said, deploy_words, last_words, read_said

_UNKNOWN = ""
_JSON = {"Content-Type": "application/json; charset=UTF-8"}

Cell = str | None
"""None is an empty cell without quotes; `#N/A` is written as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """
    One org with the probe's objects, and short ways to try things on them.
    """

    org: Org
    printer: ProbePrinter
    sleep: Callable[[float], None] = time.sleep
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _under_way: list[str] = field(default_factory=list)

    def key(self, prefix: str = "probe") -> str:
        """
        Return a key that no other record of this run has.
        """
        return f"{prefix}-{next(self._numbers):04}"

    def create(self, name: str, **fields: Any) -> Said:
        """
        Return what the org says to a new record of the object *name*.
        """
        return self._said("POST", f"sobjects/{name}", fields)

    def parent(self, **fields: Any) -> str:
        """
        Return the id of a new parent; OrgRefused when it cannot be made.
        """
        made = self.create(PARENT, **{ORIGIN_ID: self.key(), **fields})
        if made.code:
            raise OrgRefused(made.evidence, code=made.code)
        return made.id

    def change(self, name: str, record_id: str, **fields: Any) -> Said:
        """
        Return what the org says to a change of one record.
        """
        return self._said("PATCH", f"sobjects/{name}/{record_id}", fields)

    def remove(self, name: str, record_id: str) -> Said:
        """
        Return what the org says to a deletion.
        """
        return self._said("DELETE", f"sobjects/{name}/{record_id}", None)

    def ask(self, soql: str) -> Said:
        """
        Return what the org says to a query.
        """
        call = Call(method="GET", path="query", params={"q": soql})
        return read_said(self.org.rest.exchange(call))

    def stored(self, record_id: str, column: str, name: ApiName = PARENT) -> Any:
        """
        Return the value of one field of one record, as REST gives it.
        """
        soql = f"SELECT {column} FROM {name} WHERE Id = {literal(record_id)}"  # noqa: S608
        (row,) = self.org.soql.query(soql)
        return row[column]

    def by_key(
        self, key: str, columns: Sequence[str], name: ApiName = PARENT
    ) -> dict[str, Any] | None:
        """
        Return the *columns* of the record with the origin id *key*; None without one.
        """
        listed = ", ".join(columns)
        soql = f"SELECT {listed} FROM {name} WHERE {ORIGIN_ID} = {literal(key)}"  # noqa: S608
        rows = self.org.soql.query(soql)
        return rows[0] if rows else None

    def load(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        name: ApiName = PARENT,
        operation: Operation = Operation.INSERT,
    ) -> Load:
        """
        How a job with these rows ended.
        """
        content = load_file([tuple(columns), *rows])
        return self.load_bytes(content, name=name, operation=operation)

    def load_bytes(
        self,
        content: bytes,
        *,
        name: ApiName = PARENT,
        operation: Operation = Operation.INSERT,
    ) -> Load:
        """
        How a job with *content* as its load file ended; the job is dropped again.
        """
        bulk = self.org.bulk
        job_id = bulk.create_ingest(name, operation)
        bulk.upload(job_id, content)
        bulk.close_upload(job_id)
        job = bulk.await_ingest(job_id)
        failed = self._results(job_id, "failedResults")
        done = Load(
            job=job,
            failures=tuple(bulk.failures(job_id, name)),
            echo=tuple(self._results(job_id, "successfulResults")),
            raw_errors=tuple(row.get("sf__Error", "") for row in failed),
        )
        self.org.rest.exchange(Call(method="DELETE", path=f"jobs/ingest/{job_id}"))
        return done

    def bulk_value(self, record_id: str, column: str) -> str:
        """
        One field of one record as a Bulk query writes it.
        """
        bulk = self.org.bulk
        soql = f"SELECT {column} FROM {PARENT} WHERE Id = {literal(record_id)}"  # noqa: S608
        job_id = bulk.start_query(soql)
        try:
            bulk.await_query(job_id)
            path = f"jobs/query/{job_id}/results?maxRecords=10"
            reply = self.org.rest.get(path, headers={"Accept": "text/csv"})
        finally:
            bulk.delete_query(job_id)
        (row,) = _csv_rows(reply)
        return row[column]

    def deploy(
        self, files: Files, *, check_only: bool = False, purge: bool = False
    ) -> DeployReport:
        """
        How a deployment of *files* ended, refused or not.
        """
        client, bundle = self.org.deployment, make_bundle(files)
        self._under_way.append(_UNKNOWN)
        try:
            deploy_id = client.start(bundle, check_only=check_only, purge=purge)
        except DeploymentRefused:
            self._under_way.clear()
            raise
        self._under_way[:] = [deploy_id]
        report = client.await_deploy(deploy_id)
        self._under_way.clear()
        return report

    def settle(self) -> bool:
        """
        Wait for the deployment that was under way when the run was stopped.

        False when the org's answer to its start was lost: it may still come.
        """
        for deploy_id in self._under_way:
            if deploy_id == _UNKNOWN:
                return False
            self.org.deployment.await_deploy(deploy_id)
        return True

    def require_deployed(self, files: Files) -> None:
        """
        Deploys *files*; DeploymentRefused with the org's words when it does not.
        """
        report = self.deploy(files)
        if not report.success:
            raise DeploymentRefused(deploy_words(report), hint="nothing was deployed")

    def assign(self, permission_set: str, user_id: str) -> Said:
        """
        Return what the org says to an assignment.
        """
        try:
            self.org.access.assign(permission_set, user_id)
        except OrgRefused as error:
            return Said(code=error.code or "REFUSED", message=last_words(error.message))
        return Said(id=permission_set)

    def grant(self, name: ApiName, field_name: str) -> None:
        """
        Add a field that was made later to the probe's permission set.
        """
        line = {
            "ParentId": self.org.access.permission_set_id(PROBE_SET),
            "SobjectType": name,
            "Field": f"{name}.{field_name}",
            "PermissionsRead": True,
            "PermissionsEdit": True,
        }
        self.org.rest.post("sobjects/FieldPermissions", line)

    def withdraw(self, user_id: str, permission_set: str = PROBE_SET) -> None:
        """
        Take the user's assignments of *permission_set* away.
        """
        for each in self.org.access.assignments([permission_set]):
            if each.user_id == user_id:
                self.org.access.unassign(each.id)

    def _said(
        self, method: str, path: str, fields: abc.Mapping[str, Any] | None
    ) -> Said:
        content = None if fields is None else json.dumps(fields).encode()
        headers = _JSON if content else None
        call = Call(method=method, path=path, content=content, headers=headers)
        return read_said(self.org.rest.exchange(call))

    def _results(self, job_id: str, kind: str) -> list[dict[str, str]]:
        path = f"jobs/ingest/{job_id}/{kind}/"
        return _csv_rows(self.org.rest.get(path, headers={"Accept": "text/csv"}))


def load_file(rows: Sequence[Sequence[Cell]], line_end: str = "\n") -> bytes:
    """
    *rows*, the header first, as a load file; every cell quoted but the empty ones.
    """
    return "".join(",".join(map(_quoted, row)) + line_end for row in rows).encode()


def _quoted(cell: Cell) -> str:
    return "" if cell is None else '"' + cell.replace('"', '""') + '"'


def _csv_rows(reply: Reply) -> list[dict[str, str]]:
    text = io.StringIO(reply.content.decode("utf-8"), newline="")
    return list(csv.DictReader(text))
