"""
A program with a mistake in its conversion copies without a complaint; `reconcile` sees.

A seeded few of the mistakes are tried here, the others by `make mutations`.
"""

from __future__ import annotations

import random

import pytest

from tests.pipeline.deployed_org import Copying, copying, deployed_org
from tests.pipeline.killing import SEED
from tests.pipeline.mutating import MUTATIONS, copied_with, reconciled

__all__ = ["copying", "deployed_org"]


@pytest.mark.parametrize("name", random.Random(SEED).sample(sorted(MUTATIONS), 3))
def test_reconcile_sees_what_a_wrong_conversion_did(
    copying: Copying, name: str
) -> None:
    """The copy ends with 0, the comparison with 3."""
    assert copied_with(copying, MUTATIONS[name]) == 0
    assert reconciled(copying).code == 3


def test_a_program_of_its_own_without_a_mistake_has_no_difference(
    copying: Copying,
) -> None:
    """It is the mistake that is seen, not the way it was made."""
    assert len(MUTATIONS) >= 20
    assert copied_with(copying, None) == 0
    assert reconciled(copying).code == 0
