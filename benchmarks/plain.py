"""
The copy as most people write it: simple-salesforce, the csv module, 50,000 a batch.

    python -m benchmarks.plain URL COLUMNS.json WORK     (SF_ACCESS_TOKEN)
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path

import requests
from simple_salesforce.api import Salesforce

BATCH = 50_000
WAIT_S = 0.1
"""simple-salesforce waits 5 s before it first asks; that would not be a fair race."""


def main() -> None:
    """
    Read each object, name its columns anew, and upsert it.
    """
    url, columns, work = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    org = Salesforce(
        instance_url=url.replace("http:", "https:"),
        session_id=os.environ["SF_ACCESS_TOKEN"],
        session=requests.Session(),
        version="66.0",
    )
    org.bulk2_url = org.bulk2_url.replace("https:", "http:")
    for each in json.loads(columns.read_text("utf-8")):
        paths = [path for path, _ in each["columns"]]
        soql = f"SELECT {', '.join(paths)} FROM {each['source']}"
        file = work / f"{each['target']}.csv"
        with file.open("w", encoding="utf-8", newline="") as made:
            writer = csv.writer(made, lineterminator="\n")
            writer.writerow([column for _, column in each["columns"]])
            source = getattr(org.bulk2, each["source"])
            for page in source.query(soql, max_records=BATCH, wait=WAIT_S):
                rows = csv.reader(io.StringIO(page))
                next(rows)
                writer.writerows(rows)
        done = getattr(org.bulk2, each["target"]).upsert(
            str(file), external_id_field="Origin_Id__c", batch_size=BATCH, wait=WAIT_S
        )
        failed = sum(part["numberRecordsFailed"] for part in done)
        if failed:
            sys.exit(f"{each['target']}: {failed} records failed")


if __name__ == "__main__":
    main()
