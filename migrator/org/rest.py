"""
The REST calls every other client is made of: one host, one token, patient and quiet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUsage:
    """
    The daily API calls as the last reply's `Sforce-Limit-Info` counted them.
    """

    used: int
    limit: int

    @property
    def remaining(self) -> int:
        """
        Calls left today.
        """
        return self.limit - self.used


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    An answer of the org that was no error.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """
        The parsed body; OrgUnreachable when it is not JSON.
        """
        raise NotImplementedError


class RestClient:
    """
    Requests to one org; *path* is below `/services/data/vNN.0` or starts with `/`.
    """

    api_version: str
    usage: ApiUsage | None

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """
        The reply to a GET, repeated while the org is busy.
        """
        raise NotImplementedError

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """
        The reply to a POST; sent again only when *repeatable* says it does no harm.
        """
        raise NotImplementedError
