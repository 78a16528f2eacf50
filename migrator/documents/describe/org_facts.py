"""
`describes/org.json`: what `describe` learnt about the org itself.
"""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from migrator.documents.json_text import read_json
from migrator.errors import DescribeError
from migrator.model.migration import OrgFacts

_FACTS = TypeAdapter(OrgFacts)
_HINT = "make the file again with `migrator describe --org ORG`"


def render_org_facts(facts: OrgFacts) -> str:
    """
    *facts* as JSON with sorted keys: the same facts give the same bytes.
    """
    content = _FACTS.dump_python(facts, mode="json")
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def parse_org_facts(text: str, *, file: str) -> OrgFacts:
    """
    Return the facts in *text*; *file* names it in messages.

    Raises DescribeError when it is not what `describe` writes.
    """
    content = read_json(text, file=file, hint=_HINT)
    try:
        return _FACTS.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise DescribeError(f"{file}: {place}: {first['msg']}", hint=_HINT) from error
