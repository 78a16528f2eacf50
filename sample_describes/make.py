"""
Makes the sample describes: one JSON file per object, as Salesforce would answer.

`facts/fields.json` says what each field is; this script knows how a describe shows
it: 57 keys a field, 45 at the top. The same facts give the same bytes, anywhere.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from described_fields import FACTS, object_fields, parse_type

HERE = Path(__file__).resolve().parent
API = "/services/data/v66.0/sobjects"
SITE = "https://orgname.my.salesforce.com"
MASTER = "012000000000000AAA"
PLAIN_OBJECT: dict[str, Any] = json.loads(
    (FACTS / "shape.json").read_text(encoding="utf-8")
)["object"]
ORIGINS = {
    "reference": "the vendor's public object reference, with its type",
    "pages": "other public pages of the vendor, by API name",
    "label": "public pages of the vendor, by label only",
    "extract": "the column list of a public extract",
    "inferred": "no source; likely from its neighbours",
    "customer": "what customers add, without a namespace",
    "platform": "Salesforce's own object reference",
}
ATTACHED: tuple[tuple[str, str, str | None, bool], ...] = (
    # child object, field, relationship name, goes with its parent
    ("AttachedContentDocument", "LinkedEntityId", "AttachedContentDocuments", True),
    ("Attachment", "ParentId", "Attachments", True),
    ("CombinedAttachment", "ParentId", "CombinedAttachments", True),
    ("ContentDocumentLink", "LinkedEntityId", "ContentDocumentLinks", True),
    ("ContentVersion", "FirstPublishLocationId", None, False),
    ("EntitySubscription", "ParentId", "FeedSubscriptionsForEntity", True),
)
ACTIVITIES: tuple[tuple[str, str, str | None, bool], ...] = (
    ("ActivityHistory", "WhatId", "ActivityHistories", True),
    ("Event", "WhatId", "Events", True),
    ("OpenActivity", "WhatId", "OpenActivities", True),
    ("Task", "WhatId", "Tasks", True),
)


def stem_of(api_name: str) -> str:
    """
    Return a name without its namespace, its `ON_` and its ending: `CanceledWith`.
    """
    bare = re.sub(r"__c$", "", api_name).split("__")[-1]
    return re.sub(r"Id$", "", bare.removeprefix("ON_"))


def child_name(entry: dict[str, Any], child: str, facts: dict[str, Any]) -> str | None:
    """
    Return the name by which a parent knows the records of *child* that point at it.
    """
    if "child" in entry:
        given: str | None = entry["child"]
        return f"{given}__r" if given and entry["name"].endswith("__c") else given
    _, parent = parse_type(entry["type"])
    plural = str(facts["plural"]).replace(" ", "")
    if stem_of(parent) != stem_of(entry["name"]):
        plural = f"{stem_of(entry['name'])}{plural}"
    namespace = "ONB2__" if child.startswith("ONB2__") else ""
    return f"{namespace}{plural}__r"


def relationship(
    child: str, name: str, known_as: str | None, *, cascade: bool
) -> dict[str, Any]:
    """
    One entry of a parent's child relationships.
    """
    return {
        "cascadeDelete": cascade,
        "childSObject": child,
        "deprecatedAndHidden": False,
        "field": name,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": known_as,
        "restrictedDelete": False,
    }


def child_relationships(
    api_name: str, table: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """
    Who points at *api_name*, sorted by child and field.
    """
    found = []
    for child, facts in table.items():
        for entry in facts["fields"]:
            kind, target = parse_type(entry["type"])
            if target != api_name or kind not in {"Lookup", "MasterDetail"}:
                continue
            name = child_name(entry, child, facts)
            cascade = kind == "MasterDetail"
            found.append(relationship(child, entry["name"], name, cascade=cascade))
    platform = [] if api_name == "User" else list(ATTACHED)
    if table[api_name].get("activities"):
        platform += ACTIVITIES
    for child, name, known_as, cascade in platform:
        found.append(relationship(child, name, known_as, cascade=cascade))
    return sorted(found, key=lambda each: (each["childSObject"], each["field"]))


def urls(api_name: str, prefix: str, *, custom: bool) -> dict[str, str]:
    """
    Return the addresses that an org gives with a describe.
    """
    base = f"{API}/{api_name}"
    found = {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "uiDetailTemplate": f"{SITE}/{{ID}}",
        "uiEditTemplate": f"{SITE}/{{ID}}/e",
        "describe": f"{base}/describe",
        "uiNewRecord": f"{SITE}/{prefix}/e",
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        "sobject": base,
    }
    if not custom:
        found["listviews"] = f"{base}/listviews"
    if custom:
        found["defaultValues"] = f"{base}/defaultValues?recordTypeId&fields"
    return found


def record_type(api_name: str) -> dict[str, Any]:
    """
    Return the record type that every object has: Master.
    """
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER,
        "urls": {"layout": f"{API}/{api_name}/describe/layouts/{MASTER}"},
    }


def scopes(facts: dict[str, Any]) -> list[dict[str, str]]:
    """
    Return the list view scopes of one object; only records with an owner can be mine.
    """
    plural = str(facts["plural"]).lower()
    found = [{"label": f"All {plural}", "name": "everything"}]
    if not facts.get("detail"):
        found.append({"label": f"My {plural}", "name": "mine"})
    return [*found, {"label": "Filter by scope", "name": "scopingRule"}]


def describe(api_name: str, table: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """
    Return the describe of one object, with all 45 keys, sorted as an org sorts them.
    """
    facts = table[api_name]
    custom, tab = api_name.endswith("__c"), bool(facts.get("tab"))
    described = PLAIN_OBJECT | {
        "childRelationships": child_relationships(api_name, table),
        "custom": custom,
        "feedEnabled": not custom,
        "fields": object_fields(api_name, facts),
        "keyPrefix": facts["prefix"],
        "label": facts["label"],
        "labelPlural": facts["plural"],
        "mergeable": bool(facts.get("merge")),
        "mruEnabled": tab,
        "name": api_name,
        "recordTypeInfos": [record_type(api_name)],
        "searchLayoutable": tab,
        "searchable": tab,
        "supportedScopes": scopes(facts),
        "urls": urls(api_name, facts["prefix"], custom=custom),
    }
    if facts.get("user"):
        described |= {"deletable": False, "undeletable": False}
    return {key: described[key] for key in sorted(described)}


def inferred_page(table: dict[str, dict[str, Any]]) -> str:
    """
    Return the page that lists every choice no source backs, field by field.
    """
    lines = ["# What is inferred", "", "Made by `make.py` from `facts/fields.json`."]
    lines += ["A field that is not listed stands in its source as it stands here.", ""]
    for api_name, facts in table.items():
        guessed = [entry for entry in facts["fields"] if entry.get("inferred")]
        if not guessed:
            continue
        lines += [f"## {api_name}", "", "| field | inferred | name from |"]
        lines.append("|---|---|---|")
        lines += [
            f"| `{entry['name']}` as {entry['type']} | {', '.join(entry['inferred'])} |"
            f" {ORIGINS[entry['origin']]} |"
            for entry in guessed
        ]
        lines.append("")
    return "\n".join(lines)


def make(folder: Path) -> list[Path]:
    """
    Return the files written into *folder*: a describe per object and `INFERRED.md`.
    """
    table: dict[str, dict[str, Any]] = json.loads(
        (FACTS / "fields.json").read_text(encoding="utf-8")
    )
    written = []
    for api_name in table:
        path = folder / f"{api_name}.json"
        body = json.dumps(describe(api_name, table), ensure_ascii=False, indent=1)
        path.write_text(body + "\n", encoding="utf-8", newline="\n")
        written.append(path)
    page = folder / "INFERRED.md"
    page.write_text(inferred_page(table), encoding="utf-8", newline="\n")
    return [*written, page]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Makes the sample describes anew.")
    parser.add_argument("folder", nargs="?", type=Path, default=HERE)
    for made in make(parser.parse_args().folder):
        print(made)
