"""
The local org with TPC-H invoices, in its own process, with a clock on every request.

    python -m benchmarks.served_org FOLDER INVOICES LINES

Prints its address and token. `POST /bench/reset` empties the targets and the figures;
its JSON body may set `request_s`, `batch_s` and `query_s`, the latency model.
`POST /bench/copied` fills the targets as a copy would have: its JSON body says of each
which column of the source each of its columns holds. `GET /bench/figures` gives what
happened since. What a folder has been filled with once is served from it again.
"""

from __future__ import annotations

import asyncio
import csv
import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import polars as pl
import uvicorn

from benchmarks.tpch_invoices import (
    INVOICE,
    LINE,
    STAMP,
    write_describes,
    write_records,
)
from migrator.emulator.app import build_app
from migrator.emulator.bulk.columns import match_columns
from migrator.emulator.bulk.csv_text import check_csv, quoted_line
from migrator.emulator.bulk.ingest import BATCH_ROWS, IngestJobs
from migrator.emulator.bulk.ingest_job import IngestJob
from migrator.emulator.bulk.query import QueryJob, QueryJobs
from migrator.emulator.org.org import Org
from migrator.emulator.org.settings import OrgSettings
from migrator.emulator.server import _listen
from migrator.emulator.soql.query import Queries, QueryResult
from migrator.emulator.start.build import build_org
from migrator.emulator.start.services import Services

BLOCK = 20_000
KEPT = frozenset({"Name", "Origin_Id__c", "Origin_Last_Modified_Date__c"})
WATCH_S = 0.02
_POLL = re.compile(r"/jobs/(?:ingest|query)/[A-Za-z0-9]+/?$")
_AGGREGATE = re.compile(r"(SUM|COUNT)\((\w+)\) (\w+)")


class QuickIngest(IngestJobs):
    """
    Ingest jobs that keep of each record only what a copy asks for again.

    The protocol, its checks and its states are the local org's; taking rows apart field
    by field is left out, because it costs minutes and none of the client's time.
    """

    def _process(self, job: IngestJob) -> None:
        check_csv(job.upload, ",", "LF")
        with job.upload.open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        kept = [each for each in header if each in KEPT]
        frame = pl.read_csv(job.upload, columns=kept, infer_schema=False)
        job.columns = match_columns(self._org, job, header)
        for block in frame.iter_slices(BATCH_ROWS):
            time.sleep(self.latency_s)
            if job.abort_wanted:
                return
            self._store(job.object_name, block)
            job.processed += block.height
        job.total = frame.height

    def _store(self, name: str, block: pl.DataFrame) -> None:
        prefix = _prefix(self._org, name)
        columns = ", ".join(f'"{each}"' for each in ("Id", *block.columns))
        marks = ", ".join("?" * (1 + block.width))
        with self._org.lock, self._org.store.transaction():
            self._org.store.connection.executemany(
                f'INSERT INTO "{name}" ({columns}) VALUES ({marks})',
                ((self._org.ids.next(prefix), *row) for row in block.iter_rows()),
            )
            self._org.store.versions[name.lower()] += 1


class QuickQuery(QueryJobs):
    """
    Query jobs that write their result from *folder*'s Parquet files.
    """

    def __init__(self, org: Org, queries: Queries, folder: Path) -> None:
        super().__init__(org, queries)
        self.folder_of_records = folder
        self.files = {
            name: folder / f"{name}.ready.parquet" for name in (INVOICE, LINE)
        }

    def copied(
        self, source: str, target: str, columns: dict[str, str], *, shuffled: bool
    ) -> None:
        """
        Make *target* hold *columns* (its own to the source's) of all records.
        """
        org, path = self._org, self.folder_of_records / f"{target}.parquet"
        chosen = [pl.col(of).alias(name) for name, of in columns.items()]
        frame = pl.read_parquet(self.files[source], columns=[*set(columns.values())])
        frame = frame.select(chosen)
        if shuffled:
            frame = frame.sample(fraction=1.0, shuffle=True, seed=7)
        ids = _ids(org, _prefix(org, target), pl.Series(range(frame.height)))
        frame = frame.with_columns(ids.alias("Id"))
        frame.write_parquet(path, row_group_size=BLOCK)
        with org.lock:
            rows = frame.select("Id", "Origin_Id__c").iter_rows(named=True)
            org.store.insert_many(target, rows)
        self.files[target] = path

    def _write(self, job: QueryJob, result: QueryResult) -> None:
        source = self.files.get(job.object_name)
        if source is None:
            super()._write(job, result)
            return
        job.header = quoted_line(result.columns).encode()
        place = 0
        with job.path.open("wb") as file:
            for lines in _csv_lines(source, result.columns):
                sizes = lines.str.len_bytes().cast(pl.UInt64).cum_sum() + place
                job.offsets.extend(sizes.to_list())
                place = job.offsets[-1]
                file.write("".join(lines.to_list()).encode())
        job.records = len(job.offsets) - 1


def _csv_lines(source: Path, columns: Sequence[str]) -> Iterator[pl.Series]:
    cells = [
        pl.concat_str(
            pl.lit('"'),
            pl.col(each).fill_null("").str.replace_all('"', '""', literal=True),
            pl.lit('"'),
        ).alias(each)
        for each in columns
    ]
    line = pl.concat_str(cells, separator=",")
    whole = pl.concat_str(line, pl.lit("\n")).alias("line")
    height = pl.scan_parquet(source).select(pl.len()).collect().item()
    for start in range(0, height, BLOCK):
        part = pl.scan_parquet(source).slice(start, BLOCK).select(whole).collect()
        yield part["line"]


def fill(org: Org, folder: Path) -> None:
    """
    Store what is counted of each record of *folder*; the rest stays in Parquet.
    """
    prefixes = {name: _prefix(org, name) for name in (INVOICE, LINE)}
    for name in (INVOICE, LINE):
        frame = pl.read_parquet(folder / f"{name}.parquet")
        ids = _ids(org, prefixes[name], frame["number"])
        frame = frame.with_columns(ids.alias("Id"))
        if name == LINE:
            parents = _ids(org, prefixes[INVOICE], frame["invoice"])
            frame = frame.with_columns(parents.alias("ONB2__Invoice__c"))
        ready = frame.with_columns(
            pl.when(pl.col(each) > 0)
            .then(pl.lit("true"))
            .otherwise(pl.lit("false"))
            .alias(each)
            for each, type_ in frame.schema.items()
            if type_ == pl.Int64
        )
        ready.write_parquet(folder / f"{name}.ready.parquet", row_group_size=BLOCK)
        with org.lock:
            org.store.insert_many(name, frame.select("Id", STAMP).iter_rows(named=True))
            org.ids.skip_to(prefixes[name], frame.height)


def _prefix(org: Org, name: str) -> str:
    definition = org.schema.get(name)
    return (definition.key_prefix if definition else None) or "a00"


def _ids(org: Org, prefix: str, numbers: pl.Series) -> pl.Series:
    return pl.Series([org.ids.numbered(prefix, each) for each in numbers])


class Clock:
    """
    The org's application with a latency model, counting what clients ask for.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self.app = build_app(services)
        self.request_s = 0.0
        self.in_flight = 0
        self.forget()
        threading.Thread(target=self.watch, daemon=True).start()

    def forget(self) -> None:
        """
        Start the figures at zero.
        """
        self.requests = self.polls = self.received = self.sent = self.alone = 0
        self.busy_s = 0.0

    def watch(self) -> None:
        """
        Add up the time in which the org had something to do, for ever.
        """
        last = time.monotonic()
        while True:
            time.sleep(WATCH_S)
            now = time.monotonic()
            if self.in_flight or self._is_busy():
                self.busy_s += now - last
            last = now

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """
        One request; those below `/bench` are for the benchmark itself.
        """
        sums = self._sums(scope)
        if sums is not None:
            await _reply(send, sums)
        elif scope["type"] != "http" or not scope["path"].startswith("/bench"):
            await self._served(scope, receive, send)
        elif scope["path"] == "/bench/figures":
            await _reply(send, self.figures())
        elif scope["path"] == "/bench/copied":
            body = json.loads((await receive()).get("body") or b"{}")
            await asyncio.to_thread(self._copied, body)
            await _reply(send, {})
        else:
            body = (await receive()).get("body") or b"{}"
            await asyncio.to_thread(self.reset, **json.loads(body))
            await _reply(send, {})

    def _copied(self, body: dict[str, Any]) -> None:
        quick = self.services.bulk_queries
        assert isinstance(quick, QuickQuery)
        for each in body["objects"]:
            quick.copied(**each, shuffled=body.get("shuffled", False))

    def _sums(self, scope: Any) -> dict[str, Any] | None:
        """
        Return the answer to a query for sums and counts, which the store has no values
        for.
        """
        if scope["type"] != "http" or not scope["path"].endswith("/query"):
            return None
        soql = parse_qs(scope["query_string"].decode()).get("q", [""])[0]
        asked, quick = _AGGREGATE.findall(soql), self.services.bulk_queries
        assert isinstance(quick, QuickQuery)
        path = quick.files.get(soql.partition(" FROM ")[2].partition(" ")[0])
        if not asked or path is None:
            return None
        sums = [
            pl.len().alias(name)
            if kind == "COUNT"
            else pl.col(field)
            .cast(pl.Decimal(38, 6))
            .sum()
            .cast(pl.Float64)
            .alias(name)
            for kind, field, name in asked
        ]
        group = re.findall(r"GROUP BY (\w+)", soql)
        frame = pl.scan_parquet(path)
        found = frame.group_by(group).agg(sums) if group else frame.select(sums)
        kind = {"attributes": {"type": "AggregateResult"}}
        records = [kind | row for row in found.collect().iter_rows(named=True)]
        return {"totalSize": len(records), "done": True, "records": records}

    async def _served(self, scope: Any, receive: Any, send: Any) -> None:
        is_poll = scope["method"] == "GET" and _POLL.search(scope["path"])
        self.requests += 1
        self.polls += bool(is_poll)
        # A round trip that no job of the org runs beside is time the client costs.
        self.alone += not is_poll and not self._is_busy()

        async def received() -> Any:
            message = await receive()
            self.received += len(message.get("body") or b"")
            return message

        async def sent(message: Any) -> None:
            self.sent += len(message.get("body") or b"")
            await send(message)

        self.in_flight += 1
        try:
            if self.request_s:
                await asyncio.sleep(self.request_s)
            await self.app(scope, received, sent)
        finally:
            self.in_flight -= 1

    def _is_busy(self) -> bool:
        jobs = (*self.services.ingest.all(), *self.services.bulk_queries.all())
        return any(job.state in {"UploadComplete", "InProgress"} for job in jobs)

    def figures(self) -> dict[str, float]:
        """
        Return requests, bytes on the wire and the jobs' own times.
        """
        ingest, query = self.services.ingest.all(), self.services.bulk_queries.all()
        return {
            "requests": self.requests,
            "polls": self.polls,
            "alone": self.alone,
            "received": self.received,
            "sent": self.sent,
            "parts": len(ingest),
            "failed": sum(job.failed for job in ingest),
            "records": sum(job.processed for job in ingest),
            "busy_s": self.busy_s,
            "job_s": sum(job.total_ms for job in (*ingest, *query)) / 1000,
        }

    def reset(
        self, request_s: float = 0.0, batch_s: float = 0.02, query_s: float = 0.02
    ) -> None:
        """
        Remove copied records, jobs and figures; set the latency model.
        """
        org, both = (
            self.services.org,
            (self.services.ingest, self.services.bulk_queries),
        )
        with org.lock:
            for each in list(org.schema):
                if each.find("Origin_Id__c"):
                    org.store.connection.execute(f'DELETE FROM "{each.name}"')
                    org.store.versions[each.name.lower()] += 1
            for jobs in both:
                jobs._jobs.clear()
                for path in jobs.folder.iterdir():
                    path.unlink()
            org.limits.used_calls = 0
        for jobs, latency_s in zip(both, (batch_s, query_s), strict=True):
            jobs.latency_s = latency_s
        self.request_s = request_s
        self.forget()


async def _reply(send: Any, content: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    body = json.dumps(content).encode()
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """
    Serve until standard input ends.
    """
    folder, invoices, lines = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    write_describes(folder / "describes")
    if not (folder / f"{LINE}.ready.parquet").is_file():
        write_records(folder, invoices=invoices, lines=lines)
    settings = OrgSettings(
        describes=folder / "describes",
        invoices=0,
        api_limit=1_000_000,
        storage_mb=1_000_000,
        token="00D000000000001!benchmark",  # noqa: S106 - it opens a made-up org
    )
    services = build_org(settings)
    org = services.org
    services = replace(
        services,
        ingest=QuickIngest(org),
        bulk_queries=QuickQuery(org, services.queries, folder),
    )
    fill(org, folder)
    listener = _listen(0)
    config = uvicorn.Config(
        Clock(services), log_level="critical", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, daemon=True
    ).start()
    while not server.started:
        time.sleep(0.05)
    print(f"http://127.0.0.1:{listener.getsockname()[1]} {settings.token}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
