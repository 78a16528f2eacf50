"""
Record ids: 15 base-62 characters and the 18-character form with its checksum.
"""

from __future__ import annotations

from collections import defaultdict

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT, LONG = 15, 18


def to_18(record_id: str) -> str:
    """
    Lengthen a 15-character id to its 18-character form; longer ones stay as they are.
    """
    if len(record_id) != SHORT:
        return record_id
    blocks = (record_id[start : start + 5] for start in (0, 5, 10))
    return record_id + "".join(_CHECKSUM[_capitals(block)] for block in blocks)


def _capitals(block: str) -> int:
    """
    Set a bit per capital letter of a block of five, the first the least significant.
    """
    return sum(1 << place for place, char in enumerate(block) if "A" <= char <= "Z")


def is_id(value: str) -> bool:
    """
    Tell whether *value* is a well-formed 15- or 18-character id (any case of the
    checksum).
    """
    if len(value) not in {SHORT, LONG} or not value.isascii() or not value.isalnum():
        return False
    return len(value) == SHORT or to_18(value[:SHORT]) == value


def base62(number: int, width: int) -> str:
    """
    Write *number* in base 62, zero-padded to *width*.
    """
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(width, "0")


class IdSequence:
    """
    New 18-character ids, one counter per key prefix; the same org, the same ids.
    """

    def __init__(self) -> None:
        self._used: dict[str, int] = defaultdict(int)

    def next(self, key_prefix: str) -> str:
        """
        Give out the next id of an object with *key_prefix* (three characters).
        """
        number = self._used[key_prefix]
        self._used[key_prefix] += 1
        return self.numbered(key_prefix, number)

    def numbered(self, key_prefix: str, number: int) -> str:
        """
        Return the id that the record *number* (from 0) has, now or later.
        """
        return to_18(f"{key_prefix}5g00000{base62(number + 1, 5)}")

    def skip_to(self, key_prefix: str, number: int) -> None:
        """
        Go on with *number*, unless the counter is further already.
        """
        self._used[key_prefix] = max(self._used[key_prefix], number)

    def used(self) -> dict[str, int]:
        """
        Tell how many ids each prefix has given out.
        """
        return dict(self._used)

    def bounds(self, key_prefix: str) -> tuple[str, str]:
        """
        Return the first id made here, and the first that cannot be.
        """
        return f"{key_prefix}5g00000", f"{key_prefix}5g00001"

    def number_of(self, record_id: str) -> int:
        """
        Return the number that an id made here was made of.
        """
        number = 0
        for char in record_id[10:SHORT]:
            number = number * 62 + _BASE62.index(char)
        return number - 1
