"""
Sixty mistakes in one mapping, and one run that names them all with their lines.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.documents.mapping.edits import edited
from migrator.documents.mapping.read import parse_mapping, read_mapping
from migrator.errors import MappingError
from migrator.model.names import ApiName
from migrator.model.review import Edit
from migrator.rundir.layout import shipped_folder
from tests.conftest import Invoke

INVOICE = "ONB2__Invoice__c"
LINE = "ONB2__InvoiceLineItem__c"

# (object, field, setting, what is written there, what the message says)
MISTAKES: tuple[tuple[str, str, str, str, str], ...] = (
    # What cannot be read.
    (INVOICE, "ONB2__AEDiscount__c", "treatment", "cpoy", "did you mean copy?"),
    (INVOICE, "ONB2__AccountName__c", "treatment", "Copy", "expected 'copy'"),
    (INVOICE, "ONB2__AccountTaxClass__c", "treatment", "NO", "expected 'copy'"),
    (INVOICE, "ONB2__BankAccountOwner__c", "type", "Text", "expected Text(length)"),
    (INVOICE, "ONB2__BankAccount__c", "type", "Txt(34)", "is no field type"),
    (INVOICE, "ONB2__BankCode__c", "type", "Text(many)", "expected Text(length)"),
    (INVOICE, "ONB2__BillingCity__c", "type", "Currency(18)", "precision, scale"),
    (INVOICE, "ONB2__BillingCountry__c", "type", "Date(3)", "does not fit"),
    (INVOICE, "ONB2__BillingState__c", "type", "Lookup", "does not fit"),
    (INVOICE, "ONB2__BillingStreet__c", "status", "aproved", "did you mean approved?"),
    (
        INVOICE,
        "ONB2__CancelationReason__c",
        "required",
        "maybe",
        "expected true or false",
    ),
    (INVOICE, "ONB2__BillingPostalCode__c", "volatile", "2", "expected true or false"),
    (INVOICE, "ONB2__BillingStateCode__c", "values", "NO", "expected a list"),
    (INVOICE, "IsDeleted", "target", "Deleted__c", "skip carries nothing"),
    (INVOICE, "SystemModstamp", "type", "Text(5)", "skip carries nothing"),
    (INVOICE, "ONB2__DebtorNo__c", "name_source", "Owner.Name", "go together"),
    # What cannot be done: names.
    (INVOICE, "ONB2__Date__c", "target", "Date", "no custom name"),
    (INVOICE, "ONB2__DiscountRate__c", "target", "1Discount__c", "no custom name"),
    (INVOICE, "ONB2__PaymentDueDate__c", "target", "Due__Date__c", "no custom name"),
    (INVOICE, "ONB2__EmailBCC__c", "target", "Email-BCC__c", "no custom name"),
    (INVOICE, "ONB2__EmailInvoiceCC__c", "target", f"{'E' * 41}__c", "no custom name"),
    (INVOICE, "ONB2__EmailStatus__c", "target", "Email_Status___c", "no custom name"),
    (INVOICE, "ONB2__EmailError__c", "target", "DiscountAmount__c", "is filled by"),
    (INVOICE, "ONB2__Exported__c", "target", "HEADER__C", "no custom name"),
    (INVOICE, "ONB2__InfoLeft__c", "target", "Origin_Id__c", "is filled by"),
    (INVOICE, "ONB2__InfoRight__c", "label", "L" * 41, "label has 41 characters"),
    # Types out of the platform's range.
    (INVOICE, "ONB2__MailingCity__c", "type", "Text(256)", "Text(256)"),
    (INVOICE, "ONB2__MailingCountry__c", "type", "Text(0)", "Text(0)"),
    (INVOICE, "ONB2__MailingState__c", "type", "LongTextArea(255)", "LongTextArea"),
    (INVOICE, "ONB2__MailingStreet__c", "type", "LongTextArea(131073)", "131073"),
    (INVOICE, "ONB2__TotalNet__c", "type", "Currency(19, 2)", "Currency(19, 2)"),
    (INVOICE, "ONB2__TotalTax__c", "type", "Currency(4, 5)", "Currency(4, 5)"),
    # Types that would lose something.
    (INVOICE, "ONB2__GrandTotal__c", "type", "Currency(18, 0)", "decimal"),
    (INVOICE, "ONB2__ShippingCity__c", "type", "Text(10)", "40"),
    (INVOICE, "ONB2__ShippingStreet__c", "type", "Checkbox", "Checkbox"),
    (INVOICE, "ONB2__ShippingCountry__c", "type", "Date", "Date"),
    (INVOICE, "ONB2__ShippingState__c", "type", "Number(18, 0)", "Number"),
    # Settings that do not go together.
    (INVOICE, "ONB2__Header__c", "required", "true", "Only the link to a parent"),
    (INVOICE, "ONB2__Footer__c", "values", "[a, b]", "has no values"),
    (INVOICE, "ONB2__Text1__c", "type", "Picklist", "at least one value"),
    (INVOICE, "ONB2__Text2__c", "type", "Name(80)", "go together"),
    (INVOICE, "ONB2__EmailLastName__c", "type", "Standard", "CurrencyIsoCode alone"),
    (INVOICE, "ONB2__EmailFirstName__c", "treatment", "parent", "expected a Lookup"),
    (INVOICE, "ONB2__EmailSalutation__c", "treatment", "lookup", "expected a Lookup"),
    # References.
    (INVOICE, "ONB2__Account__c", "type", "Lookup(ONB2__Bill__c)", "uninstalled"),
    (INVOICE, "ONB2__Contact__c", "type", "MasterDetail(Contact)", "would delete"),
    (
        INVOICE,
        "ONB2__RelatedInvoice__c",
        "type",
        "Lookup(Order__c)",
        "no target in this",
    ),
    (INVOICE, "ON_Order__c", "relationship_name", "1 bad", "cannot name"),
    (LINE, "ONB2__Invoice__c", "type", "Lookup(Missing__c)", "no target in this"),
    (LINE, "ONB2__Item__c", "treatment", "lookup", "expected a Lookup"),
    (LINE, "ONB2__Subscription__c", "target", "Sub scription__c", "no custom name"),
    (LINE, "Id", "target", "My_Id__c", "has to be kept in Origin_Id__c"),
    (LINE, "Name", "type", "Text(80)", "go together"),
    (LINE, "ONB2__PosTotalNet__c", "treatment", "copy", "works this value out"),
    (LINE, "ONB2__PosTotalGross__c", "type", "Currency(18, 0)", "decimal"),
    # Objects.
    (INVOICE, "", "sharing", "Secret", "expected 'Private'"),
    (LINE, "", "sharing", "ControlledByParent", "needs a master-detail"),
    (LINE, "", "plural_label", "P" * 41, "plural_label has 41"),
    ("ONB2__TaxDetail__c", "", "target", "Tax Detail__c", "no custom name"),
    ("ONB2__Balance__c", "", "label", "", "label is empty"),
)


@pytest.fixture
def planned(tmp_path: Path, invoke: Invoke) -> Path:
    """A migration directory with the sample's mapping."""
    root = tmp_path / "run"
    assert invoke("-C", root, "init").code == 0
    describes = shipped_folder("sample_describes")
    assert invoke("-C", root, "plan", "--describes", describes).code == 0
    return root


def test_sixty_mistakes_are_named_in_one_run(planned: Path, invoke: Invoke) -> None:
    """Each with its line, its field and what was expected."""
    assert len(MISTAKES) == 60
    file = planned / "mapping.yaml"
    text = file.read_text("utf-8")
    known = set(read_mapping(text, file="m").lines)
    edits = []
    for owner, field, setting, value, _ in MISTAKES:
        assert (owner, field, "") in known, (owner, field)
        edits.append(
            Edit(
                object=ApiName(owner),
                field=ApiName(field) if field else None,
                setting=setting,
                value=value,
            )
        )
    planted = edited(text, edits, file="mapping.yaml").replace('"[a, b]"', "[a, b]")
    file.write_text(planted, "utf-8")
    ended = invoke("-C", planned, "review", "check")
    assert ended.code == 1, ended.text
    said = ended.stderr.splitlines()
    missing = [
        each for each in MISTAKES if not _is_named(each, said, planted.splitlines())
    ]
    assert missing == []


def _is_named(
    mistake: tuple[str, str, str, str, str], said: list[str], lines: list[str]
) -> bool:
    """
    A line of *said* names the place, and the line it points at belongs there.
    """
    owner, field, _, _, words = mistake
    place = ".".join(part for part in (owner, field) if part)
    for line in said:
        head, _, message = line.strip().removeprefix("Error: ").partition(": ")
        number, _, where = head.partition(", ")
        if where.startswith(place) and words in message:
            at = int(number.partition(":")[2])
            return _entry_at(lines, at) == (field or owner)
    return False


def _entry_at(lines: list[str], number: int) -> str:
    """
    The source that the line *number* stands below; an entry's own or an object's.
    """
    mark = "- source: "
    above = [line for line in lines[:number] if line.strip().startswith(mark)]
    return above[-1].strip().removeprefix(mark)


def test_the_unspoiled_mapping_has_no_mistake(planned: Path, invoke: Invoke) -> None:
    """The list above is about what was planted."""
    assert "mapping.yaml:" not in invoke("-C", planned, "review", "check").text


TRAPS = {
    "an alias": "a: &x [1]\nb: *x\n",
    "a bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "a tag": "a: !!python/object:os.system x\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "repeated keys": "version: 1\nversion: 1\n",
    "tabs": "a:\n\t- b\n",
    "deep": "[" * 3_000,
    "a list": "- a\n- b\n",
    "nothing": "",
    "a number": "12",
    "another version": "version: 2\n",
    "a null byte": "a: \0\n",
    "fifty megabytes": "a: " + "x" * 50_000_000,
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_ends_in_one_clear_message(
    planned: Path, invoke: Invoke, trap: str
) -> None:
    """Never a traceback, a guess or a long wait."""
    (planned / "mapping.yaml").write_text(TRAPS[trap], "utf-8")
    for words in (("review", "check"), ("generate",), ("plan",)):
        ended = invoke("-C", planned, *words)
        assert ended.code == 1, ended.text
        assert ended.stderr.startswith("Error: mapping.yaml")
        assert "defect" not in ended.stderr


SAMPLE = """\
version: 1
namespace: ONB2
objects:
  - source: ONB2__Invoice__c
    target: Invoice__c
    label: Invoice
    plural_label: Invoices
    name_label: Number
    fields:
      - source: Id
        target: Origin_Id__c
        type: Text(18)
        treatment: system
        why: the key
        values: [a, "b"]
        findings:
          - level: info
            code: x
            message: y
"""
PIECES = st.sampled_from(
    [":", "- ", "\n", "  ", "&a ", "*a", "!!x ", "[", "]", "{", "}", "'", '"', "#", "|"]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_text_ends_in_a_traceback(data: st.DataObject) -> None:
    """A mapping torn apart in any way is read, or refused with its line."""
    text = SAMPLE
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        to = at + data.draw(st.integers(0, 30))
        piece = data.draw(PIECES | st.text(max_size=4))
        text = text[:at] + piece + text[to:]
    for read in (parse_mapping, read_mapping):
        assert all(each.startswith("mapping.yaml") for each in _problems(read, text))


def _problems(read: Callable[..., object], text: str) -> tuple[str, ...]:
    try:
        read(text, file="mapping.yaml")
    except MappingError as error:
        return error.problems
    return ()
