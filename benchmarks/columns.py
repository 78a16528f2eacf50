"""
Which source column fills which load-file column, from a mapping; for the plain script.

    python -m benchmarks.columns DIRECTORY COLUMNS.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from migrator.model.treatment import Treatment
from migrator.rules.copy.convert import reference_column
from migrator.rundir.layout import open_run
from migrator.steps.workspace import Workspace

run = open_run(Path(sys.argv[1]))
objects = []
for mapped in Workspace(run=run).mapping.objects:
    pairs = []
    for entry in mapped.carried:
        is_parent = entry.treatment is Treatment.PARENT
        column = reference_column(entry) if is_parent else entry.target
        pairs.append((entry.source, column))
    objects.append({"source": mapped.source, "target": mapped.target, "columns": pairs})
Path(sys.argv[2]).write_text(json.dumps(objects), "utf-8")
for each in objects:
    print(each["source"], len(each["columns"]), "mapped columns")
