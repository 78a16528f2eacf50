"""
What the org said about a deployment, told with the mapping entries it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migrator.documents.metadata.junit import ComponentResult
from migrator.errors import DeploymentRefused
from migrator.model.codes import deploy as codes
from migrator.model.finding import Finding
from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.target import Target
from migrator.org.deployment import ComponentProblem, DeployReport
from migrator.rules.target.deploy_errors import advice

MEND = "mend the entries in mapping.yaml, then run `migrator deploy` again"

_COMPONENT = re.compile(r"\b\w+__c(?:\.\w+__c)?\b")


def refusal(
    report: DeployReport, mapping: Mapping, *, check_only: bool, hint: str = MEND
) -> DeploymentRefused:
    """
    Return the error that lists every component of *report* that the org refused, and
    says once for each kind of refusal what to do.
    """
    verb = "validation" if check_only else "deployment"
    lines = [described(each, mapping) for each in report.errors]
    if report.message:
        lines.append(report.message)
    words = [report.message] if report.message else []
    words += [each.problem for each in report.errors]
    lines.extend(f"what to do: {each}" for each in advice(words))
    what = f"{len(report.errors)} component problem(s)" if report.errors else "refused"
    return DeploymentRefused(
        "\n".join([f"{verb} {report.id} ended as {report.status}: {what}", *lines]),
        hint=f"{hint}; nothing was changed in the org",
    )


def described(problem: ComponentProblem, mapping: Mapping) -> str:
    """
    *problem* on one line: file, line, column, component, the org's words, the entry.

    The place is one in the bundle, which `generate` prints alike.
    """
    numbers = [str(n) for n in (problem.line, problem.column) if n is not None]
    place = ":".join([problem.file or "(no file)", *numbers])
    entry = entry_of(problem, mapping)
    origin = f" (mapping.yaml: {entry})" if entry else ""
    return f"{place}: {problem.type} {problem.full_name}: {problem.problem}{origin}"


def entry_of(problem: ComponentProblem, mapping: Mapping) -> str:
    """
    Return the mapping entry that *problem* comes from, `Object.Field` of the source, if
    any.

    A permission set has no entry of its own; then the component decides that the org's
    words name ("no CustomField named Invoice__c.Total__c found").
    """
    mapped, entry = _source_of(problem, mapping)
    if mapped is None:
        return ""
    return f"{mapped.source}.{entry.source}" if entry else str(mapped.source)


def _source_of(
    problem: ComponentProblem, mapping: Mapping
) -> tuple[MappedObject | None, FieldMapping | None]:
    for name in (problem.full_name, *_COMPONENT.findall(problem.problem)):
        mapped, entry = _made_from(name, mapping)
        if mapped is not None:
            return mapped, entry
    return None, None


def _made_from(
    full_name: str, mapping: Mapping
) -> tuple[MappedObject | None, FieldMapping | None]:
    name, _, field = full_name.partition(".")
    mapped = mapping.by_target(ApiName(name))
    entries = mapped.fields if mapped else ()
    found = (each for each in entries if field and field in each.made_targets)
    return mapped, next(found, None)


def warning(problem: ComponentProblem, mapping: Mapping) -> Finding:
    """
    *problem*, which the org let pass, as a finding of the entry it comes from.
    """
    mapped, entry = _source_of(problem, mapping)
    found = codes.DEPLOY_WARNING(component=problem.full_name, said=problem.problem)
    if mapped is None:
        return found
    return found.at(mapped.source, entry.source if entry else None)


def results(
    report: DeployReport, target: Target, mapping: Mapping
) -> Iterator[ComponentResult]:
    """
    One result per component of *target*, then what the org said about anything else.
    """
    if report.message:
        yield ComponentResult(
            type="Package", name="package.xml", problems=(report.message,)
        )
    heard = [_key(each) for each in (*report.errors, *report.warnings)]
    for kind, name in dict.fromkeys([*_components(target), *heard]):
        yield ComponentResult(
            type=kind,
            name=name,
            problems=_said(report.errors, (kind, name), mapping),
            warnings=_said(report.warnings, (kind, name), mapping),
        )


def _components(target: Target) -> Iterator[tuple[str, str]]:
    for made in target.objects:
        yield "CustomObject", made.name
        for field in made.fields:
            yield "CustomField", f"{made.name}.{field.name}"
        for view in made.list_views:
            yield "ListView", f"{made.name}.{view.name}"
        for rule in made.rules:
            yield "ValidationRule", f"{made.name}.{rule.name}"
        yield "Layout", f"{made.name}-{made.layout.name}"
        yield "CustomTab", made.name
    yield "CustomApplication", target.application.name
    yield "CustomPermission", target.custom_permission.name
    for each in target.permission_sets:
        yield "PermissionSet", each.name


def _key(problem: ComponentProblem) -> tuple[str, str]:
    return problem.type or "Package", problem.full_name or problem.file


def _said(
    problems: Iterable[ComponentProblem], key: tuple[str, str], mapping: Mapping
) -> tuple[str, ...]:
    return tuple(described(each, mapping) for each in problems if _key(each) == key)
