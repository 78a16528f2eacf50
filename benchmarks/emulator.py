"""
The local org itself: how fast it takes records in, and what a million of them cost.

    python -m benchmarks.emulator [--ingest 50000] [--records 1000000] [--write]

The org runs as `emulator serve` does, in a process of its own, spoken to over HTTP;
processor time and memory are that process's. The line items have 40 columns: a
master-detail, an external id, amounts, numbers, dates, times, picklists and texts.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.results import write_section

API = "/services/data/v66.0"
LINES_PER_INVOICE = 10
_TICKS = os.sysconf("SC_CLK_TCK")
_FIELDS = [
    *((f"Amount{n}__c", "Currency", "<precision>18</precision><scale>2</scale>")
      for n in range(8)),
    *((f"Number{n}__c", "Number", "<precision>18</precision><scale>6</scale>")
      for n in range(4)),
    *((f"Day{n}__c", "Date", "") for n in range(4)),
    *((f"At{n}__c", "DateTime", "") for n in range(2)),
    *((f"Flag{n}__c", "Checkbox", "<defaultValue>false</defaultValue>")
      for n in range(4)),
    *((f"Pick{n}__c", "Picklist", "<valueSet><restricted>true</restricted>"
       "<valueSetDefinition><sorted>false</sorted>" + "".join(
           f"<value><fullName>V{v}</fullName><default>false</default>"
           f"<label>V{v}</label></value>" for v in range(8))
       + "</valueSetDefinition></valueSet>") for n in range(3)),
    *((f"Text{n}__c", "Text", "<length>255</length>") for n in range(9)),
    ("Long__c", "LongTextArea", "<length>5000</length><visibleLines>3</visibleLines>"),
    ("Mail__c", "Email", ""),
]  # fmt: skip
_KEY = (
    "Origin_Id__c",
    "Text",
    "<length>18</length><externalId>true</externalId><unique>true</unique>"
    "<caseSensitive>true</caseSensitive>",
)
_PARENT = (
    "Invoice__c",
    "MasterDetail",
    "<referenceTo>Invoice__c</referenceTo><relationshipName>Lines</relationshipName>"
    "<relationshipOrder>0</relationshipOrder><reparentableMasterDetail>true</reparentableMasterDetail>",
)


def write_metadata(folder: Path) -> None:
    """
    `Invoice__c` and `LineItem__c` as a folder of metadata files.
    """
    objects = {
        "Invoice__c": ("ReadWrite", [_KEY]),
        "LineItem__c": ("ControlledByParent", [_KEY, _PARENT, *_FIELDS]),
    }
    (folder / "objects").mkdir(parents=True)
    for name, (sharing, fields) in objects.items():
        listed = "".join(
            f"<fields><fullName>{api}</fullName><label>{api[:-3]}</label>"
            f"<type>{kind}</type>{more}</fields>"
            for api, kind, more in fields
        )
        (folder / "objects" / f"{name[:-3]}__c.object").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">'
            f"<label>{name[:-3]}</label><pluralLabel>{name[:-3]}s</pluralLabel>"
            "<nameField><label>Name</label><type>Text</type></nameField>"
            "<deploymentStatus>Deployed</deploymentStatus>"
            f"<sharingModel>{sharing}</sharingModel>{listed}</CustomObject>",
            "utf-8",
        )


def parent_id(number: int) -> str:
    """
    Return the record id of an invoice.
    """
    from migrator.emulator.schema.ids import base62, to_18  # noqa: PLC0415

    return to_18(f"a0P5g00000{base62(number + 1, 5)}")


def line_header(parent: str) -> list[str]:
    """
    Return the 40 columns; *parent* is how the file names its invoice.
    """
    names = [name for name, _, _ in _FIELDS]
    return ["Name", "CurrencyIsoCode", "Origin_Id__c", parent, *names]


def line(number: int, parent: str, rng: random.Random) -> list[str]:
    """
    One line item.
    """
    return [
        f"Item {number}",
        "EUR",
        f"a0L{number:09}AAA",
        parent,
        *(f"{rng.random() * 10_000:.2f}" for _ in range(8)),
        *(f"{rng.random() * 100:.6f}" for _ in range(4)),
        *(f"20{rng.randint(10, 25)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
          for _ in range(4)),
        *(f"2024-0{rng.randint(1, 9)}-11T1{rng.randint(0, 9)}:{rng.randint(10, 59)}:"
          f"{rng.randint(10, 59)}.000Z" for _ in range(2)),
        *(rng.choice(("true", "false")) for _ in range(4)),
        *(f"V{rng.randint(0, 7)}" for _ in range(3)),
        *(f"Text about {rng.randint(0, 10**7)}, and more" if n % 3 else ""
          for n in range(9)),
        f"Long text {number} " * 5,
        f"u{number}@example.org",
    ]  # fmt: skip


def write_csv(path: Path, header: list[str], rows: Iterator[list[str]]) -> None:
    """
    Write a CSV file with LF line endings.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@dataclass(slots=True)
class Served:
    """
    A running `emulator serve`.
    """

    process: subprocess.Popen[str]
    url: str = ""
    token: str = ""
    header: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        """
        Return the answer to one request; its headers are in `header`.
        """
        data, kind = body, "text/csv; charset=UTF-8"
        if isinstance(body, dict):
            data, kind = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", kind)
        with _opened(request) as reply:
            self.header = {name.lower(): value for name, value in reply.getheaders()}
            content: bytes = reply.read()
        return content

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """
        Return the answer as JSON.
        """
        return json.loads(self.call(method, path, body) or b"null")

    def cpu_s(self) -> float:
        """
        Processor seconds of the org so far.
        """
        stat = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8")
        ticks = stat.rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / _TICKS

    def peak_mb(self) -> float:
        """
        Return the most memory that the org has had.
        """
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        kept = next(each for each in status.splitlines() if each.startswith("VmHWM"))
        return int(kept.split()[1]) / 1024


def _opened(request: urllib.request.Request) -> Any:
    try:
        return urllib.request.urlopen(request, timeout=600)
    except urllib.error.HTTPError as error:
        sys.exit(f"{request.full_url}: {error.read().decode()}")


@contextmanager
def served(*options: str | Path) -> Iterator[Served]:
    """
    Lend an org in a process of its own.
    """
    words = ["-m", "migrator", "emulator", "serve", "--end-with-stdin"]
    process = subprocess.Popen(
        [sys.executable, *words, *map(str, options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    org = Served(process)
    try:
        org.url = process.stdout.readline().strip().partition("=")[2]
        org.token = process.stdout.readline().strip().partition("=")[2]
        yield org
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def measured(org: Served, work: Callable[[], object]) -> tuple[float, float]:
    """
    Wall and processor seconds that *work* takes of the org.
    """
    wall, cpu = time.monotonic(), org.cpu_s()
    work()
    return time.monotonic() - wall, org.cpu_s() - cpu


# -- Ingest ---------------------------------------------------------------------------


def ingest(metadata: Path, work: Path, rows: int) -> list[str]:
    """
    Return the table of ingest jobs: insert, upsert of new rows, upsert of known ones.
    """
    told = [
        f"{rows:,} rows of 40 columns, one job each; load at the start "
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores:",
        "",
        "| job | rows a processor second | rows a second | peak memory |",
        "| --- | --- | --- | --- |",
    ]
    with served("--metadata", metadata, "--invoices", "0") as org:
        for number in range(rows // LINES_PER_INVOICE // 10_000 + 1):
            parents = range(number * 10_000, (number + 1) * 10_000)
            _parents(org, work, parents)
        for words, operation, first in (
            ("insert", "insert", 0),
            ("upsert, all new", "upsert", rows),
            ("upsert, all known", "upsert", rows),
        ):
            path = work / "lines.csv"
            rng = random.Random(first)
            lines = (
                line(first + n, f"P{n // LINES_PER_INVOICE}", rng) for n in range(rows)
            )
            write_csv(path, line_header("Invoice__r.Origin_Id__c"), lines)
            wall, cpu = measured(org, lambda: _job(org, operation, path))  # noqa: B023
            told.append(
                f"| {words} | {rows / cpu:,.0f} | {rows / wall:,.0f} | "
                f"{org.peak_mb():.0f} MB |"
            )
            print(told[-1], flush=True)
    return [*told, ""]


def _parents(org: Served, work: Path, numbers: range) -> None:
    path = work / "parents.csv"
    rows = ([f"I-{n}", f"P{n}"] for n in numbers)
    write_csv(path, ["Name", "Origin_Id__c"], rows)
    _job(org, "insert", path, name="Invoice__c")


def _job(org: Served, operation: str, path: Path, name: str = "LineItem__c") -> None:
    """
    One ingest job to its end, in as many uploads as the 100 MB limit needs.
    """
    body = {"object": name, "operation": operation, "contentType": "CSV"}
    if operation == "upsert":
        body["externalIdFieldName"] = "Origin_Id__c"
    job = org.json("POST", f"{API}/jobs/ingest", body)["id"]
    one = f"{API}/jobs/ingest/{job}"
    org.call("PUT", f"{one}/batches", path.read_bytes())
    org.call("PATCH", one, {"state": "UploadComplete"})
    while (found := org.json("GET", one))["state"] != "JobComplete":
        if found["state"] == "Failed":
            sys.exit(f"failed: {found['errorMessage']}")
        time.sleep(0.2)
    if found["numberRecordsFailed"]:
        sys.exit(org.call("GET", f"{one}/failedResults").decode()[:2_000])


# -- Many records ---------------------------------------------------------------------


def many(metadata: Path, work: Path, rows: int) -> list[str]:
    """
    Return the table of an org that holds *rows* line items, in a file and without.
    """
    folder = work / f"records-{rows}"
    folder.mkdir()
    invoices = rows // LINES_PER_INVOICE + 1
    write_csv(
        folder / "Invoice__c.csv",
        ["Id", "Name", "Origin_Id__c"],
        ([parent_id(n), f"I-{n}", f"P{n}"] for n in range(invoices)),
    )
    rng = random.Random(7)
    write_csv(
        folder / "LineItem__c.csv",
        line_header("Invoice__c"),
        (line(n, parent_id(n // LINES_PER_INVOICE), rng) for n in range(rows)),
    )
    told = []
    options = ["--metadata", metadata, "--records", folder, "--storage-mb", "8192"]
    for words, more in (
        ("temporary", []),
        ("--store", ["--store", work / f"{rows}.db"]),
    ):
        began = time.monotonic()
        with served(*options, *more) as org:
            figures = {"load": (time.monotonic() - began, org.cpu_s())}
            figures |= _queries(org, rows)
            told.append(_row(f"{rows:,}, {words}", figures, org.peak_mb()))
        print(told[-1], flush=True)
    began = time.monotonic()
    with served("--store", work / f"{rows}.db", "--storage-mb", "8192") as org:
        figures = {"load": (time.monotonic() - began, org.cpu_s())}
        figures |= _queries(org, rows)
        told.append(_row(f"{rows:,}, --store again", figures, org.peak_mb()))
    print(told[-1], flush=True)
    return told


def _row(words: str, figures: dict[str, tuple[float, float]], peak: float) -> str:
    cells = " | ".join(f"{cpu:.1f} / {wall:.1f}" for wall, cpu in figures.values())
    return f"| {words} | {cells} | {peak:.0f} MB |"


def _queries(org: Served, rows: int) -> dict[str, tuple[float, float]]:  # noqa: C901
    def query(soql: str) -> Any:
        return org.json("GET", f"{API}/query?q={urllib.parse.quote(soql)}")

    def paged() -> None:
        page = query(
            "SELECT Id, Name, Amount0__c, Invoice__r.Name FROM LineItem__c "
            "WHERE Pick0__c = 'V3'"
        )
        for _ in range(9):
            if page["done"]:
                break
            page = org.json("GET", page["nextRecordsUrl"])

    def bulk() -> None:
        body = {
            "operation": "query",
            "query": "SELECT Id, Name, Amount0__c, Day0__c, Text1__c FROM LineItem__c",
        }
        one = f"{API}/jobs/query/" + org.json("POST", f"{API}/jobs/query", body)["id"]
        while org.json("GET", one)["state"] != "JobComplete":
            time.sleep(0.2)
        seen, locator = 0, ""
        while locator != "null":
            more = f"&locator={locator}" if locator else ""
            org.call("GET", f"{one}/results?maxRecords=50000{more}")
            seen += int(org.header["sforce-numberofrecords"])
            locator = org.header["sforce-locator"]
        assert seen == rows, seen

    one = {"Name": "one", "Invoice__c": parent_id(1)}

    def write() -> None:
        for number in range(20):
            body = one | {"Origin_Id__c": f"one-{number}"}
            made = org.json("POST", f"{API}/sobjects/LineItem__c", body)["id"]
            org.call("DELETE", f"{API}/sobjects/LineItem__c/{made}")

    def count() -> None:
        assert query("SELECT COUNT() FROM LineItem__c")["totalSize"] == rows

    by_key = "SELECT Id FROM LineItem__c WHERE Origin_Id__c = 'a0L000000017AAA'"
    return {
        "count": measured(org, count),
        "by key": measured(org, lambda: query(by_key)),
        "of a parent": measured(
            org,
            lambda: query(
                f"SELECT Id FROM LineItem__c WHERE Invoice__c = '{parent_id(5)}'"
            ),
        ),
        "paged": measured(org, paged),
        "group": measured(
            org,
            lambda: query(
                "SELECT Pick1__c, COUNT(Id), SUM(Amount1__c) FROM LineItem__c "
                "GROUP BY Pick1__c"
            ),
        ),
        "bulk": measured(org, bulk),
        "write": measured(org, write),
    }


def main() -> None:
    """
    Run what the command line asks for.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--ingest", type=int, default=50_000)
    parser.add_argument("--records", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--write", action="store_true", help="RESULTS.md")
    asked = parser.parse_args()
    told: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        work, metadata = Path(folder), Path(folder) / "metadata"
        write_metadata(metadata)
        if asked.ingest:
            told += ingest(metadata, work, asked.ingest)
        if asked.records:
            told += [
                "Line items of 40 columns from CSV (`--records`), processor / wall "
                "seconds:",
                "",
                "| line items | load | COUNT() | by external id | of a parent | "
                "filter, ten pages | GROUP BY, SUM | Bulk query, 5 columns | 20 "
                "inserts and deletes | peak memory |",
                "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            ]
            for rows in asked.records:
                told += many(metadata, work, rows)
    text = "\n".join(told)
    print(f"\n{text}")
    if asked.write:
        write_section("emulator", text)


if __name__ == "__main__":
    main()
