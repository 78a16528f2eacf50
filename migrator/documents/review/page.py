"""
The mapping as one self-contained page that people search, filter, print and link to.

No clock, no network, no font or script from elsewhere: the same mapping gives the same
bytes, and the page's policy lets run exactly the script that it brings.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from jinja2 import Environment

from migrator.documents.templates import render
from migrator.model.review import Review, ReviewObject
from migrator.model.treatment import Treatment

TEMPLATE = "review/mapping.html.j2"
SCRIPT = "review/mapping.js.j2"
CHART_WIDTH = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    """
    One piece of an object's bar, in percent of the width.
    """

    treatment: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """
    One object of the page.
    """

    review: ReviewObject
    bars: tuple[_Bar, ...]
    approved: int


def render_review(
    review: Review, environment: Environment, *, with_samples: bool = False
) -> str:
    """
    Return the page of *review*; *with_samples* it shows the samples that are in it.
    """
    script = render(environment, SCRIPT, {})
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()
    return render(
        environment,
        TEMPLATE,
        {
            "review": review,
            "parts": [_part(each) for each in review.objects],
            "treatments": list(Treatment),
            "script": script,
            "script_digest": digest,
            "with_samples": with_samples,
            "has_profile": any(each.profile for each in review.entries),
            "total": len(review.entries),
            "approved": review.statuses["approved"],
        },
    )


def _part(each: ReviewObject) -> _Part:
    return _Part(
        review=each,
        bars=_bars(each),
        approved=sum(entry.status.value == "approved" for entry in each.entries),
    )


def _bars(each: ReviewObject) -> tuple[_Bar, ...]:
    total, x, bars = len(each.entries), 0.0, []
    counts = each.treatments
    for treatment in Treatment:
        count = counts[treatment.value]
        if count:
            width = count * CHART_WIDTH / total
            bars.append(
                _Bar(
                    treatment=treatment.value,
                    count=count,
                    x=round(x, 3),
                    width=round(width, 3),
                )
            )
            x += width
    return tuple(bars)
