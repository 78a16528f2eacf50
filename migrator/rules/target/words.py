"""
Labels and descriptions that fit: the org refuses a text that is one character too long.
"""

from __future__ import annotations

import re

MAX_LABEL = 40
MAX_DESCRIPTION = 1000


def shortened(text: str, limit: int) -> str:
    """
    *text* on one line in at most *limit* characters, cut at its end.

    The org counts UTF-16 units: a character outside the basic plane, an emoji for
    instance, is two.
    """
    line = " ".join(text.split())
    while len(line.encode("utf-16-le", errors="surrogatepass")) > limit * 2:
        line = line[:-1]
    return line.rstrip()


def sibling_label(label: str, suffix: str) -> str:
    """
    Return the label of the field beside *label*: `Account` has `Account Id`, `Account
    Name`.

    The end of a long label gives way, never the suffix, which tells the two apart.
    """
    stem = re.sub(r"\s+ID$", "", " ".join(label.split()), flags=re.IGNORECASE)
    room = MAX_LABEL - len(suffix) - 1
    return f"{shortened(stem, room)} {suffix}"


def marked(text: str, marker: str) -> str:
    """
    *text* as a description that ends with *marker*, in at most 1,000 characters.
    """
    room = MAX_DESCRIPTION - len(marker) - 1
    return f"{shortened(text, room)} {marker}"
