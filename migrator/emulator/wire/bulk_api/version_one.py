"""
Bulk API 1.0, `/services/async`: refused in its own error shape.

Bulk API Developer Guide, "Errors": an exception code and message, XML unless the
client speaks JSON.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.metadata.xml_tree import escape
from migrator.emulator.wire.json_text import answer

_NS = "http://www.force.com/2009/06/asyncapi/dataload"
_CODE = "FeatureNotEnabled"
_MESSAGE = "Not emulated: Bulk API 1.0; /services/data/vNN.0/jobs is Bulk API 2.0"


def routes() -> list[BaseRoute]:
    """
    Return every address of Bulk API 1.0.
    """
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route("/services/async/{tail:path}", _refused, methods=methods)]


def _refused(request: Request) -> Response:
    spoken = request.headers.get("accept", "") + request.headers.get("content-type", "")
    if "application/json" in spoken:
        return answer({"exceptionCode": _CODE, "exceptionMessage": _MESSAGE}, 400)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><error xmlns="{_NS}">'
        f"<exceptionCode>{_CODE}</exceptionCode>"
        f"<exceptionMessage>{escape(_MESSAGE)}</exceptionMessage></error>"
    )
    return Response(text, status_code=400, media_type="application/xml")
