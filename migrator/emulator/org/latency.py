"""
How long Bulk jobs take: in the queue, for each batch and for each row.

The times of a plan's `latency:` are means; each wait is drawn around its mean, seeded,
so that the same jobs in the same order wait as long in every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

_KEYS = frozenset({"queue", "batch", "row", "spread", "seed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """
    Means in seconds; *spread* 0.3 draws between 70 and 130 percent of them.
    """

    queue_s: float = 0.0
    batch_s: float = 0.0
    row_s: float = 0.0
    spread: float = 0.0
    seed: int = 1

    @classmethod
    def from_plan(cls, entry: Mapping[str, Any]) -> Latency:
        """
        Read the model in a plan; raises ValueError for a key it does not know.
        """
        unknown = sorted(set(entry) - _KEYS)
        if unknown:
            message = f"unknown latency keys {unknown}"
            raise ValueError(message)
        return cls(
            queue_s=float(entry.get("queue", 0)),
            batch_s=float(entry.get("batch", 0)),
            row_s=float(entry.get("row", 0)),
            spread=float(entry.get("spread", 0)),
            seed=int(entry.get("seed", 1)),
        )

    def in_queue(self, job_id: str) -> float:
        """
        Tell how long a job waits before its first batch.
        """
        return self._drawn(self.queue_s, f"{job_id}:queue")

    def in_batch(self, job_id: str, number: int, rows: int) -> float:
        """
        Tell how long batch *number* of a job takes on top of the work itself.
        """
        return self._drawn(self.batch_s + rows * self.row_s, f"{job_id}:{number}")

    def _drawn(self, mean: float, key: str) -> float:
        if not mean:
            return 0.0
        # Not for secrets: the same seed must draw the same waits.
        rng = Random(f"{self.seed}:{key}")  # noqa: S311
        return mean * rng.uniform(1 - self.spread, 1 + self.spread)
