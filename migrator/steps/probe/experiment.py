"""
One experiment: what it does on the bench, and the points it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from migrator.model.probe import Observation
from migrator.steps.probe.bench import Bench

Run = Callable[[Bench], Iterator[Observation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """
    What is tried, and the ids of the points it answers.
    """

    run: Run
    points: tuple[str, ...]

    @classmethod
    def of(cls, run: Run, *points: str) -> Self:
        """
        Return the experiment *run*, which answers *points*.
        """
        return cls(run=run, points=points)
