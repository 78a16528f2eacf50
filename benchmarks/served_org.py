"""
The local org with TPC-H invoices, in its own process, with a clock on every request.

    python -m benchmarks.served_org FOLDER INVOICES LINES

Prints its address and token. `POST /bench/reset` empties the targets and the figures;
its JSON body may set `request_s`, `batch_s` and `query_s`, the latency model.
`GET /bench/figures` gives what happened since.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import uvicorn
from benchmarks.tpch_invoices import INVOICE, LINE, write_describes, write_records

from migrator.emulator.app import build_app
from migrator.emulator.engine.building import build_org
from migrator.emulator.engine.org import Org, OrgSettings
from migrator.emulator.serving import _listen

BLOCK = 20_000
_POLL = re.compile(r"/jobs/(?:ingest|query)/[A-Za-z0-9]+/?$")


def fill(org: Org, folder: Path) -> None:
    """
    Stores the records of *folder* as the two source objects.
    """
    prefixes = {name: _prefix(org, name) for name in (INVOICE, LINE)}
    for name in (INVOICE, LINE):
        frames = pl.scan_parquet(folder / f"{name}.parquet").collect()
        with org.lock:
            org.store.insert_many(name, _rows(org, frames, name, prefixes))
            org.ids.skip_to(prefixes[name], frames.height)


def _prefix(org: Org, name: str) -> str:
    definition = org.schema.get(name)
    return (definition.key_prefix if definition else None) or "a00"


def _rows(
    org: Org, frame: pl.DataFrame, name: str, prefixes: dict[str, str]
) -> Iterator[dict[str, Any]]:
    for block in frame.iter_slices(BLOCK):
        for row in block.iter_rows(named=True):
            row["Id"] = org.ids.numbered(prefixes[name], row.pop("number"))
            if name == LINE:
                parent = org.ids.numbered(prefixes[INVOICE], row.pop("invoice"))
                row["ONB2__Invoice__c"] = parent
            yield row


class Clock:
    """
    The org's application with a latency model, counting what clients ask for.
    """

    def __init__(self, org: Org) -> None:
        self.org = org
        self.app = build_app(org)
        self.request_s = 0.0
        self.forget()

    def forget(self) -> None:
        """
        Starts the figures at zero.
        """
        self.requests = self.polls = self.received = self.sent = self.alone = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """
        One request; those below `/bench` are for the benchmark itself.
        """
        if scope["type"] != "http" or not scope["path"].startswith("/bench"):
            await self._served(scope, receive, send)
        elif scope["path"] == "/bench/figures":
            await _reply(send, self.figures())
        else:
            body = (await receive()).get("body") or b"{}"
            await asyncio.to_thread(self.reset, **json.loads(body))
            await _reply(send, {})

    async def _served(self, scope: Any, receive: Any, send: Any) -> None:
        is_poll = scope["method"] == "GET" and _POLL.search(scope["path"])
        self.requests += 1
        self.polls += bool(is_poll)
        # A round trip that no job of the org runs beside is time the client costs.
        self.alone += not is_poll and not self._is_busy()
        if self.request_s:
            await asyncio.sleep(self.request_s)

        async def received() -> Any:
            message = await receive()
            self.received += len(message.get("body") or b"")
            return message

        async def sent(message: Any) -> None:
            self.sent += len(message.get("body") or b"")
            await send(message)

        await self.app(scope, received, sent)

    def _is_busy(self) -> bool:
        jobs = [job for kind in self.org.jobs.values() if hasattr(kind, "all")
                for job in kind.all()]
        return any(job.state in {"UploadComplete", "InProgress"} for job in jobs)

    def figures(self) -> dict[str, float]:
        """
        Requests, bytes on the wire and the jobs' own times.
        """
        ingest, query = (self.org.jobs[each].all() for each in ("ingest", "query"))
        return {
            "requests": self.requests,
            "polls": self.polls,
            "alone": self.alone,
            "received": self.received,
            "sent": self.sent,
            "parts": len(ingest),
            "failed": sum(job.failed for job in ingest),
            "records": sum(job.processed for job in ingest),
            "job_s": sum(job.total_ms for job in (*ingest, *query)) / 1000,
        }

    def reset(
        self, request_s: float = 0.0, batch_s: float = 0.02, query_s: float = 0.02
    ) -> None:
        """
        Removes copied records, jobs and figures; sets the latency model.
        """
        org = self.org
        with org.lock:
            for each in list(org.schema):
                if each.find("Origin_Id__c"):
                    org.store.connection.execute(f'DELETE FROM "{each.name}"')
                    org.store.versions[each.name.lower()] += 1
            for kind in ("ingest", "query"):
                org.jobs[kind]._jobs.clear()
                for path in org.jobs[kind].folder.iterdir():
                    path.unlink()
            org.limits.used_calls = 0
        org.jobs["ingest"].latency_s, org.jobs["query"].latency_s = batch_s, query_s
        self.request_s = request_s
        self.forget()


async def _reply(send: Any, content: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    body = json.dumps(content).encode()
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """
    Serves until standard input ends.
    """
    folder, invoices, lines = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    write_describes(folder / "describes")
    write_records(folder, invoices=invoices, lines=lines)
    settings = OrgSettings(
        describes=folder / "describes",
        invoices=0,
        api_limit=1_000_000,
        storage_mb=1_000_000,
        token="00D000000000001!benchmark",  # noqa: S106 - it opens a made-up org
    )
    org = build_org(settings)
    fill(org, folder)
    listener = _listen(0)
    config = uvicorn.Config(
        Clock(org), log_level="critical", access_log=False, lifespan="off"
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
