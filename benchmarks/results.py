"""
`benchmarks/RESULTS.md`: one section per benchmark, each written by its own run.
"""

from __future__ import annotations

import re
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
_HEAD = "# Measured\n"


def write_section(title: str, text: str) -> None:
    """
    Put *text* under the heading *title*, in the place of what stood there.
    """
    content = RESULTS.read_text("utf-8") if RESULTS.is_file() else _HEAD
    section = f"## {title}\n\n{text.strip()}\n"
    pattern = re.compile(
        rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL
    )
    if pattern.search(content):
        content = pattern.sub(lambda _: f"{section}\n", content)
    else:
        content = f"{content.rstrip()}\n\n{section}"
    RESULTS.write_text(content.rstrip() + "\n", "utf-8")
