"""
The check of one package: every component, with what the org would say to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.emulator.metadata.catalog import (
    Catalog,
    FieldFacts,
    ObjectFacts,
    node_facts,
)
from migrator.emulator.metadata.component_refusals import (
    application_problems,
    custom_permission_problems,
    layout_problems,
    limit_problems,
    list_view_problems,
    permission_set_problems,
    reference_problems,
    sharing_problem,
    tab_problems,
    translation_problems,
    validation_rule_problems,
)
from migrator.emulator.metadata.components import INSTALLED_PACKAGE
from migrator.emulator.metadata.deploy_outcomes import Inspection, Outcome
from migrator.emulator.metadata.package import (
    CHILDREN,
    DESTRUCTIVE,
    Component,
    Manifest,
    Package,
    children_of,
    full_name_of,
    read_manifest,
    read_package,
)
from migrator.emulator.metadata.package_uninstall import dependents
from migrator.emulator.metadata.refusals import (
    Problem,
    field_problems,
    object_problems,
    problem_at,
)
from migrator.emulator.metadata.xml_tree import MetadataError, parse_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.emulator.metadata.components import Components
    from migrator.emulator.metadata.deployment import DeployOptions
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org

__all__ = ["inspect"]

# Nobody can use what does not exist yet: this order makes it exist.
_ORDER = {
    "CustomObject": 0,
    "CustomField": 1,
    "ValidationRule": 2,
    "CustomPermission": 3,
    "CustomTab": 4,
    "CustomApplication": 5,
    "Layout": 6,
    "ListView": 7,
    "PermissionSet": 8,
    "CustomObjectTranslation": 9,
}
# What every custom object has besides its own fields; nobody grants these.
_SYSTEM_FIELDS = {
    name.lower(): FieldFacts(name=name, kind="Text", custom=False, permissionable=False)
    for name in (
        "Id",
        "Name",
        "OwnerId",
        "CurrencyIsoCode",
        "CreatedById",
        "CreatedDate",
        "LastModifiedById",
        "LastModifiedDate",
    )
}


def inspect(
    org: Org, components: Components, data: bytes, options: DeployOptions
) -> Inspection:
    """
    Check the zip *data* against *org*, which is not changed.

    Raises PackageRefused when the zip cannot be read at all.
    """
    package = read_package(data, single_package=options.single_package)
    found = Inspection(root=package.root)
    if "package.xml" not in package.files:
        found.package_problem = Problem(text="No package.xml found", line=1, column=1)
        return found
    try:
        manifest = read_manifest(package.files["package.xml"])
    except MetadataError as error:
        found.package_problem = Problem(
            text=error.problem, line=error.line, column=error.column
        )
        return found
    return _Inspector(org, components, package, manifest, found).run(options)


class _Inspector:
    """
    Checks the components of one package, in dependency order.
    """

    def __init__(
        self,
        org: Org,
        components: Components,
        package: Package,
        manifest: Manifest,
        found: Inspection,
    ) -> None:
        self.org = org
        self.components = components
        self.package = package
        self.manifest = manifest
        self.found = found
        self.catalog = Catalog(org.schema)
        self.catalog.tabs = components.names("CustomTab")
        self.catalog.applications = components.names("CustomApplication")
        self.catalog.custom_permissions = components.names("CustomPermission")
        self.catalog.deleted = components.deleted_relationships

    def run(self, options: DeployOptions) -> Inspection:
        outcomes = list(self._components())
        if not options.allow_missing_files:
            outcomes += self._missing(outcomes)
        self._check_version(outcomes)
        outcomes.sort(key=lambda each: _ORDER.get(each.kind, -1))
        for outcome in outcomes:
            if outcome.is_fine and outcome.node is not None:
                outcome.problems += self._problems(outcome, outcome.node)
                self._compare(outcome)
                self._note(outcome)
        self._check_limits(outcomes)
        outcomes += self._deletions()
        self.found.outcomes = outcomes
        return self.found

    def _compare(self, outcome: Outcome) -> None:
        """
        Note whether the component is new to the org, and whether it changes it.
        """
        kind, name = outcome.kind, outcome.full_name
        outcome.created = not self.components.exists(kind, name)
        outcome.changed = outcome.created or self.components.differs(outcome)
        outcome.component_id = self.components.component_id(kind, name)

    def _components(self) -> Iterator[Outcome]:
        for file_name, data in sorted(self.package.files.items()):
            if file_name == "package.xml" or file_name in DESTRUCTIVE:
                continue
            named = full_name_of(file_name)
            if named is None:
                yield _broken(file_name, "Not emulated: this kind of metadata file")
                continue
            kind, full_name = named
            try:
                node = parse_metadata(data, kind)
            except MetadataError as error:
                problem = Problem(
                    text=error.problem, line=error.line, column=error.column
                )
                yield Outcome(
                    kind=kind,
                    full_name=full_name,
                    file_name=file_name,
                    problems=[problem],
                )
                continue
            yield from self._listed(
                Component(
                    kind=kind, full_name=full_name, file_name=file_name, node=node
                )
            )

    def _listed(self, component: Component) -> Iterator[Outcome]:
        """
        Yield the components of a file that package.xml names, or the complaint.
        """
        whole = self.manifest.names(component.kind, component.full_name)
        children = children_of(component) if component.kind == "CustomObject" else []
        named = [
            child
            for child in children
            if whole or self.manifest.names(child.kind, child.full_name)
        ]
        if whole:
            yield _outcome(component)
        elif not named:
            yield _broken(
                component.file_name, "Not in package.xml", component.full_name
            )
            return
        seen: set[tuple[str, str]] = set()
        for child in children:
            key = (child.kind, child.full_name.lower())
            outcome = _outcome(child)
            if child not in named:
                outcome.problems.append(problem_at(child.node, "Not in package.xml"))
            if key in seen:
                outcome.problems.append(
                    problem_at(child.node, f"Duplicate name: {child.full_name}")
                )
            seen.add(key)
            yield outcome

    def _missing(self, outcomes: list[Outcome]) -> list[Outcome]:
        present = {(each.kind, each.full_name) for each in outcomes}
        missing = []
        for kind, names in self.manifest.members.items():
            for name, node in names.items():
                if name == "*" or (kind, name) in present:
                    continue
                text = (
                    f"An object '{name}' of type {kind} was named in package.xml, but "
                    "was not found in zipped directory"
                )
                missing.append(
                    Outcome(
                        kind="",
                        full_name=name,
                        file_name="package.xml",
                        problems=[problem_at(node, text)],
                    )
                )
        return missing

    def _check_version(self, outcomes: list[Outcome]) -> None:
        version = self.manifest.version
        newest = self.org.settings.max_version
        try:
            fine = 20 <= float(version) <= newest
        except ValueError:
            fine = False
        if not fine:
            self.found.package_problem = Problem(
                text=f"Invalid version specified: {version}", line=1, column=1
            )
            outcomes.clear()

    def _problems(self, outcome: Outcome, node: Node) -> Iterator[Problem]:
        name = outcome.full_name
        match outcome.kind:
            case "CustomObject":
                yield from self._object_problems(name, node)
            case "PermissionSet":
                audit = self.org.settings.audit_fields
                yield from permission_set_problems(
                    self.catalog, node, audit_fields=audit
                )
            case "CustomTab":
                yield from tab_problems(self.catalog, name, node)
            case "CustomApplication":
                yield from application_problems(self.catalog, node)
            case "CustomPermission":
                yield from custom_permission_problems(node)
            case "CustomObjectTranslation":
                yield from translation_problems(self.catalog, name, node)
            case "Layout":
                yield from layout_problems(self.catalog, name, node)
            case _:
                yield from self._child_problems(outcome.kind, name, node)

    def _child_problems(
        self, kind: str, full_name: str, node: Node
    ) -> Iterator[Problem]:
        """
        Yield what is wrong with a field, list view or rule of an object.
        """
        owner_name = full_name.partition(".")[0]
        owner = self.catalog.get(owner_name)
        if owner is None:
            text = f"In field: {kind} - no CustomObject named {owner_name} found"
            yield problem_at(node, text)
        elif kind == "ListView":
            yield from list_view_problems(owner, node)
        elif kind == "ValidationRule":
            yield from validation_rule_problems(node)
        else:
            yield from self._field_problems(owner, node)

    def _object_problems(self, full_name: str, node: Node) -> Iterator[Problem]:
        known = self.org.schema.get(full_name)
        own_level = any(child.name not in CHILDREN for child in node.children)
        if known is not None and (not known.custom or known.namespace):
            # Of a standard or packaged object only the added fields are taken.
            if known.namespace and own_level:
                yield problem_at(node, _managed("CustomEntityDefinition", known.name))
            return
        yield from object_problems(node, full_name)
        facts = _new_facts(full_name, node)
        problem = sharing_problem(facts) if node.text("sharingModel") else None
        if problem:
            yield problem_at(node.first("sharingModel") or node, problem)

    def _field_problems(self, owner: ObjectFacts, node: Node) -> Iterator[Problem]:
        name = node.text("fullName")
        if name.count("__") > 1:
            yield problem_at(node, _managed("CustomFieldDefinition", name))
            return
        yield from field_problems(node)
        yield from reference_problems(self.catalog, owner, node)
        before = self.catalog.field(owner.name, name)
        is_new = self.org.schema.get(owner.name) is None
        if before is None or is_new:
            return
        yield from self._label_problems(owner.name, node)
        if before.has_formula != node.has("formula") and before.kind != "Summary":
            yield problem_at(
                node,
                "Cannot update a field from a Formula to something else"
                if before.has_formula
                else "Cannot update a field to a Formula from something else",
            )
        elif before.kind != node.text("type") and self._is_populated(owner.name):
            yield problem_at(
                node,
                f"Cannot change type of field {owner.name}.{name} from {before.kind} "
                f"to {node.text('type')}: the object holds records",
            )

    def _label_problems(self, owner_name: str, node: Node) -> Iterator[Problem]:
        """
        Refuse a new picklist value under the label of a value that stays.
        """
        owner = self.org.schema.get(owner_name)
        before = owner.find(node.text("fullName")) if owner else None
        new = [each for each in node.walk() if each.name == "value"]
        named = {each.text("fullName").casefold() for each in new}
        labels = {
            each.label.casefold()
            for each in (before.picklist_values if before else ())
            if each.value.casefold() not in named
        }
        for value in new:
            label = value.text("label", value.text("fullName"))
            if label.casefold() in labels:
                yield problem_at(value, f"Duplicate label: {label}")

    def _is_populated(self, object_name: str) -> bool:
        return self.org.store.count(object_name) > 0

    def _note(self, outcome: Outcome) -> None:
        """
        Let the components that follow see one that is fine.
        """
        node = outcome.node
        if node is None or not outcome.is_fine:
            return
        if outcome.kind == "CustomObject":
            known = self.org.schema.get(outcome.full_name)
            if known is None or (known.custom and not known.namespace):
                facts = _new_facts(outcome.full_name, node)
                facts.fields = dict(_SYSTEM_FIELDS)
                if known is not None:
                    # History is switched on first, fields are tracked in a second
                    # deployment.
                    tracked = known.metadata.get("enableHistory")
                    facts.has_history = facts.has_history and bool(tracked)
                self.catalog.add_object(facts)
        elif outcome.kind == "CustomField":
            owner = self.catalog.get(outcome.full_name.partition(".")[0])
            if owner is not None:
                owner.fields[node.text("fullName").lower()] = node_facts(node)
        elif outcome.kind == "CustomTab":
            self.catalog.tabs.add(outcome.full_name.lower())
        elif outcome.kind == "CustomApplication":
            self.catalog.applications.add(outcome.full_name.lower())
        elif outcome.kind == "CustomPermission":
            self.catalog.custom_permissions.add(outcome.full_name.lower())

    def _check_limits(self, outcomes: list[Outcome]) -> None:
        fields = [each for each in outcomes if each.kind == "CustomField"]
        for name in {each.full_name.partition(".")[0] for each in fields}:
            owner = self.catalog.get(name)
            if owner is None:
                continue
            edition = self.org.settings.organization_type
            last = [each for each in fields if each.full_name.startswith(f"{name}.")][
                -1
            ]
            for text in limit_problems(owner, edition):
                assert last.node is not None
                last.problems.append(problem_at(last.node, text))

    def _deletions(self) -> Iterator[Outcome]:
        doomed: list[Outcome] = []
        for file_name in DESTRUCTIVE:
            if file_name not in self.package.files:
                continue
            try:
                manifest = read_manifest(self.package.files[file_name])
            except MetadataError as error:
                yield _broken(file_name, error.problem)
                continue
            doomed += [
                Outcome(
                    kind=kind,
                    full_name=name,
                    file_name=file_name,
                    node=node,
                    is_deletion=True,
                )
                for kind, names in manifest.members.items()
                for name, node in names.items()
            ]
        gone = {each.full_name.lower() for each in doomed}
        for outcome in doomed:
            outcome.problems += self._deletion_problems(outcome, gone)
            yield outcome

    def _deletion_problems(self, outcome: Outcome, gone: set[str]) -> Iterator[Problem]:
        """
        Yield why something cannot be deleted; *gone* goes in the same deployment.
        """
        kind, name, node = outcome.kind, outcome.full_name, outcome.node
        assert node is not None
        if not self.components.exists(kind, name):
            text = f"No {kind} named: {name} found"
            yield problem_at(node, text, "Warning")
        elif kind == INSTALLED_PACKAGE:
            held = sorted(dependents(self.org, self.components, name))
            if held:
                text = "components outside of the package refer to it: "
                yield problem_at(
                    node, f"Cannot uninstall {name}: {text}{', '.join(held)}"
                )
        elif name.rpartition(".")[2].count("__") > 1:
            yield problem_at(node, _managed(kind, name))
        elif kind == "CustomObject":
            staying = {
                child.name
                for child, field in self.org.schema.children_of(name)
                # Attachments and files point at any object; they go with it.
                if field.custom
                and child.name.lower() not in gone
                and f"{child.name}.{field.name}".lower() not in gone
            }
            if staying:
                yield problem_at(
                    node,
                    "This custom object is referenced elsewhere in salesforce.com: "
                    + ", ".join(sorted(staying)),
                )


def _outcome(component: Component) -> Outcome:
    return Outcome(
        kind=component.kind,
        full_name=component.full_name,
        file_name=component.file_name,
        node=component.node,
    )


def _broken(file_name: str, text: str, full_name: str = "") -> Outcome:
    problem = Problem(text=text, line=1, column=1)
    return Outcome(
        kind="",
        full_name=full_name or file_name,
        file_name=file_name,
        problems=[problem],
    )


def _managed(entity: str, name: str) -> str:
    return (
        f"Cannot modify managed object: entity={entity}, component={name}, "
        "state=installed"
    )


def _new_facts(full_name: str, node: Node) -> ObjectFacts:
    return ObjectFacts(
        name=full_name,
        custom=True,
        managed=False,
        has_history=node.flag("enableHistory"),
        sharing_model=node.text("sharingModel"),
        fields={
            field.text("fullName").lower(): node_facts(field)
            for field in node.all("fields")
        },
    )
