"""
Points about owners, audit fields and what is out of sight.
"""

from __future__ import annotations

from migrator.model.probe import Point

OWNERS = (
    Point(
        id="owner-without-read",
        family="owners",
        question="May a record be given to a user who may not read its object?",
        relied_on_by="model/mapping: owner: keep",
        expected="refused: TRANSFER_REQUIRES_READ",
        needs="a second active user without rights of its own on the probe's objects",
    ),
    Point(
        id="owner-with-read",
        family="owners",
        question="And once that user may read it?",
        relied_on_by="model/mapping: owner: keep",
        expected="taken",
        needs="a second active user without rights of its own on the probe's objects",
    ),
    Point(
        id="record-count-sharing",
        family="owners",
        question="Does /limits/recordCount count records out of the user's sight?",
        relied_on_by=(
            "steps/guards: the org's own count shows what a user does not see"
        ),
        expected="counted",
        needs=(
            "a second active user without rights of its own on the probe's "
            "objects, and a running user without View All Data"
        ),
    ),
    Point(
        id="reference-out-of-sight",
        family="owners",
        question="May a record point at one that its user does not see?",
        relied_on_by="steps/guards: whoever copies sees every parent",
        expected="refused: INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        needs=(
            "a second active user without rights of its own on the probe's "
            "objects, and a running user without View All Data"
        ),
    ),
    Point(
        id="owner-inactive",
        family="owners",
        question="May a record be given to an inactive user?",
        relied_on_by="model/mapping: owner: keep",
        expected="refused: INACTIVE_OWNER_OR_USER",
        needs="an inactive user",
    ),
    Point(
        id="owner-inactive-permitted",
        family="owners",
        question="And with the permission Update Records with Inactive Owners?",
        relied_on_by="model/mapping: owner: keep",
        expected="refused: TRANSFER_REQUIRES_READ",
        needs=(
            'an inactive user, and the switch "Set Audit Fields upon Record '
            'Creation" (Setup > User Interface)'
        ),
    ),
    Point(
        id="audit-described",
        family="owners",
        question=(
            "Does describe call the audit fields createable without the permission?"
        ),
        relied_on_by="steps/copy/guards: what may be filled is read from the describe",
        expected="not createable",
    ),
    Point(
        id="audit-permission-names",
        family="owners",
        question="What does the org call the two permissions for audit fields?",
        relied_on_by="rules/target/permission_sets: the permission set Loader_Audit",
        expected="CreateAuditFields, UpdateWithInactiveOwners",
    ),
    Point(
        id="audit-permission-deploys",
        family="owners",
        question="Can a permission set with these two be deployed?",
        relied_on_by="rules/target/permission_sets: the permission set Loader_Audit",
        expected="deployed",
        needs=(
            'the switch "Set Audit Fields upon Record Creation" (Setup > User '
            "Interface)"
        ),
    ),
    Point(
        id="audit-created",
        family="owners",
        question="Are CreatedDate and CreatedById taken on insert with the permission?",
        relied_on_by="model/mapping: audit: keep",
        expected="as given",
        needs=(
            'the switch "Set Audit Fields upon Record Creation" (Setup > User '
            "Interface)"
        ),
    ),
    Point(
        id="audit-last-modified",
        family="owners",
        question=(
            "Are LastModifiedDate and LastModifiedById taken on insert with the"
            " permission?"
        ),
        relied_on_by="model/mapping: audit: keep",
        expected="as given",
        needs=(
            'the switch "Set Audit Fields upon Record Creation" (Setup > User '
            "Interface)"
        ),
    ),
    Point(
        id="audit-inactive-creator",
        family="owners",
        question="May CreatedById be an inactive user?",
        relied_on_by="model/mapping: audit: keep",
        expected="taken",
        needs=(
            'an inactive user, and the switch "Set Audit Fields upon Record '
            'Creation" (Setup > User Interface)'
        ),
    ),
    Point(
        id="audit-on-update",
        family="owners",
        question="Are they taken on update?",
        relied_on_by="steps/copy/copy: a second pass resets LastModifiedDate",
        expected="refused: INVALID_FIELD_FOR_INSERT_UPDATE",
        needs=(
            'the switch "Set Audit Fields upon Record Creation" (Setup > User '
            "Interface)"
        ),
    ),
)
