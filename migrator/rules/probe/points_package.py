"""
Points that only an org with the package can answer.
"""

from __future__ import annotations

from migrator.model.probe import Point

PACKAGE = (
    Point(
        id="packaged-line-parent",
        family="package",
        question="How do the package's invoice lines hang on invoices?",
        relied_on_by="rules/plan/proposal: the parent of a line item",
        expected="master-detail",
        needs="the package ONB2",
    ),
    Point(
        id="packaged-formula-text",
        family="package",
        question="Does describe show the text of packaged formulas?",
        relied_on_by="rules/plan/field_types: calculatedFormula",
        expected="shown",
        needs="the package ONB2",
    ),
    Point(
        id="packaged-long-text-length",
        family="package",
        question="Does describe give packaged long texts lengths above 255?",
        relied_on_by="rules/plan/field_types: lengths come from describe",
        expected="above 255",
        needs="the package ONB2",
    ),
    Point(
        id="licence-end",
        family="package",
        question=(
            "What does an administrator see of the package once its licence has ended?"
        ),
        relied_on_by="steps/guards: a dead licence stops the run",
        expected="nothing",
        needs="an org in which the package's licence has ended",
    ),
    Point(
        id="uninstall-with-links",
        family="package",
        question="Do linked files outlive the uninstall of the package?",
        relied_on_by="the verb files: linked before the uninstall",
        expected="kept",
        needs="an org in which the package may be uninstalled",
    ),
)
