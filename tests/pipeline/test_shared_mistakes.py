"""
A program with one mistake in what both verbs use copies and compares; it is seen.

A seeded few of the mistakes are tried here, the others by `make mutations`.
"""

from __future__ import annotations

import random

from tests.pipeline.killing import SEED
from tests.pipeline.shared_mistakes import MISTAKES, tried

SMALL = 12
"""Invoices: enough for every kind of record."""


def test_reconcile_sees_what_both_verbs_do_wrong() -> None:
    """Without a mistake nothing differs; with one its fields are named."""
    assert len(MISTAKES) >= 20
    chosen = random.Random(SEED)
    told = sorted(name for name in MISTAKES if name.startswith("the mapping"))
    twice = sorted(name for name in MISTAKES if name.startswith("both"))
    names = chosen.choice(told), chosen.choice(twice)
    found = list(tried(names, SMALL))
    assert [name for name, _, _ in found] == ["no mistake", *names]
    for name, judged, is_right in found:
        assert is_right, f"{name}: {judged}"
