"""
The review page in Chromium: search, filter, sort, links, keys, print, phone, speed.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.documents.review.page import render_review
from migrator.documents.templates import make_environment
from tests.browser.conftest import CHROMIUM
from tests.builders.reviews import a_wide_review
from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOTAL = 269
AXE = Path(os.environ.get("AXE_CORE", ROOT / ".cache/node_modules/axe-core/axe.min.js"))
INVOICE = "ONB2__Invoice__c"
GRAND_TOTAL = f"{INVOICE}.ONB2__GrandTotal__c"


def _shown(page: Page) -> list[str]:
    ids: list[str] = page.eval_on_selector_all(
        "tr[id]", "rows => rows.filter(r => !r.hidden).map(r => r.id)"
    )
    return ids


def test_search_shows_what_holds_all_words(page: Page) -> None:
    """Names, types and reasons are searched, in any case."""
    assert len(_shown(page)) == TOTAL
    page.fill("#search", "GRAND currency")
    page.locator("#clear").wait_for()
    shown = _shown(page)
    assert GRAND_TOTAL in shown
    assert 0 < len(shown) < 10
    assert page.inner_text("#count") == f"{len(shown)} of {TOTAL} fields"
    page.click("#clear")
    assert len(_shown(page)) == TOTAL


def test_filters_add_up(page: Page) -> None:
    """Treatment and findings together."""
    page.select_option("#by-treatment", "freeze")
    frozen = _shown(page)
    assert frozen
    page.select_option("#by-level", "warning")
    warned = _shown(page)
    assert set(warned) < set(frozen)
    page.select_option("#by-status", "approved")
    assert _shown(page) == []
    assert page.locator(".none:visible").count() == 4


def test_columns_sort_up_down_and_back(page: Page) -> None:
    """The header says how the table is sorted."""
    order = _shown(page)
    head = page.locator(f"table[data-object={INVOICE}] th").first
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    rows = [each for each in _shown(page) if each.startswith(f"{INVOICE}.")]
    names = [row.split(".")[1].lower() for row in rows]
    assert names == sorted(names)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    head.locator("button").click()
    assert _shown(page) == order


def test_a_link_opens_its_field(page: Page, page_file: Path) -> None:
    """Even when a filter hides it."""
    page.fill("#search", "nothing has these words")
    page.locator("#clear").wait_for()
    assert _shown(page) == []
    page.goto(f"{page_file.as_uri()}#{GRAND_TOTAL}")
    page.locator(f'[id="{GRAND_TOTAL}"]:focus').wait_for()
    row = page.locator(f'[id="{GRAND_TOTAL}"]')
    assert row.is_visible()
    box = row.bounding_box()
    assert box is not None
    assert 100 < box["y"] < 800


def test_the_keyboard_is_enough(page: Page) -> None:
    """Search, walk the rows, open one, clear."""
    page.keyboard.press("/")
    page.keyboard.type("billing")
    page.locator("#clear").wait_for()
    page.keyboard.press("Enter")
    shown = _shown(page)
    focused = "document.activeElement.id"
    assert page.evaluate(focused) == shown[0]
    page.keyboard.press("j")
    assert page.evaluate(focused) == shown[1]
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#{shown[0]}")
    page.keyboard.press("Escape")
    assert len(_shown(page)) == TOTAL


def test_the_header_stays_in_sight(page: Page) -> None:
    """In the middle of a long table its columns are still named."""
    page.evaluate("scrollTo(0, 4000)")
    box = page.locator(f"table[data-object={INVOICE}] thead th").first.bounding_box()
    tools = page.locator(".tools").bounding_box()
    assert box is not None
    assert tools is not None
    assert abs(box["y"] - (tools["y"] + tools["height"])) < 3


def test_it_prints_on_a4_landscape(page: Page, tmp_path: Path) -> None:
    """Every page is A4 across, and nothing is cut off at the side."""
    file = tmp_path / "mapping.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    content = file.read_bytes()
    assert b"/MediaBox [0 0 841.91998 594.95996]" in content
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1040, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1040


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(browser: Browser, page_file: Path, scheme: str) -> None:
    """At 390 pixels nothing has to be moved sideways."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.fill("#search", "grand")
    page.locator("#clear").wait_for()
    assert GRAND_TOTAL in _shown(page)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed")
def test_axe_finds_nothing_serious(
    browser: Browser, page_file: Path, scheme: str
) -> None:
    """Contrast, names and roles hold for people who do not see the page."""
    context = browser.new_context(
        bypass_csp=True, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run()")
    assert found["passes"]
    serious = [
        (each["id"], each["nodes"][0]["html"])
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    context.close()


def test_nine_hundred_fields_stay_quick(browser: Browser, tmp_path: Path) -> None:
    """Usable at most three times as late as an empty page; a search within 0.5 s."""
    environment = make_environment([ROOT / "templates"])
    files = []
    for count in (0, 900):
        files.append(tmp_path / f"{count}.html")
        review = a_wide_review(count)
        files[-1].write_text(render_review(review, environment), "utf-8")
    took = [min(_time_to_use(browser, file) for _ in range(4)) for file in files]
    assert took[1] <= 3 * took[0] + 0.1, took

    page = browser.new_page()
    page.goto(files[1].as_uri())
    searched = [_time_to_search(page) for _ in range(4)]
    assert min(searched) < 500, searched
    page.fill("#search", "note77")
    page.locator("#clear").wait_for()
    assert len(_shown(page)) == 11
    page.close()


def _time_to_search(page: Page) -> float:
    page.locator("#clear").wait_for(state="hidden")
    started = page.evaluate("performance.now()")
    page.fill("#search", "note77")
    page.locator("#clear").wait_for()
    took: float = page.evaluate("performance.now()") - started
    page.keyboard.press("Escape")
    return took


def _time_to_use(browser: Browser, file: Path) -> float:
    page = browser.new_page()
    started = time.perf_counter()
    page.goto(file.as_uri())
    page.focus("#search")
    page.evaluate("new Promise(done => requestAnimationFrame(() => done(1)))")
    took = time.perf_counter() - started
    page.close()
    return took


def test_chromium_is_there_in_ci() -> None:
    """A machine that says it has a browser does not skip these tests silently."""
    if os.environ.get("CI_BROWSER"):
        assert CHROMIUM is not None
