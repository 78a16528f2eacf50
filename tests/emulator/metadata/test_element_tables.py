"""
The element tables are what the script makes of Salesforce's own schemas.
"""

from __future__ import annotations

import pytest
from lxml import etree

from tests.emulator.metadata.element_tables import (
    PAGE,
    elements,
    page,
    tables,
    types,
    values,
)
from tests.metadata_schema import SHARED_SCHEMA

# Stands on every type since 66.0 and belongs to nothing that is emulated.
LEFT_OUT = {"module"}


def test_the_page_is_what_the_script_makes() -> None:
    """Nobody has edited it: `tests.emulator.metadata.element_tables` makes it anew."""
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.shared_data
def test_what_is_newer_stands_in_the_newer_schema() -> None:
    """With the additions by hand, the tables are those of 66.0."""
    newest = etree.parse(SHARED_SCHEMA).getroot()
    made, enums = tables()
    for name in types():
        wanted = set(elements(newest, name)) - LEFT_OUT
        assert set(made[name]) == wanted, name
    for name, known in enums.items():
        assert set(known) == set(values(newest, name)), name
