"""
Experiments with values: texts, numbers, picklists, keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from migrator.documents.metadata.probe import PARENT
from migrator.errors import OrgRefused
from migrator.model.mapping import ORIGIN_ID
from migrator.model.probe import PROBE_MARKER, Observation
from migrator.org.soql import literal
from migrator.steps.probe.answers import NEEDS, deploy_words, lacking, seen
from migrator.steps.probe.bench import Bench, load_file
from migrator.steps.probe.experiment import Experiment

KEPT = "kept"
_AROUND = {
    "space": " ",
    "tab": "\t",
    "LF": "\n",
    "CR": "\r",
    "VT": "\v",
    "FF": "\f",
    "U+00A0": "\u00a0",
    "U+3000": "\u3000",
}
_ECHOED = "912260031"
_DIGITS = "123456789012345678"


def _line_feed(bench: Bench) -> Iterator[Observation]:
    key, text = bench.key(), "one\ntwo"
    load = bench.load((ORIGIN_ID, "Text__c"), [(key, text)])
    row = bench.by_key(key, ["Text__c"])
    if row is None:
        yield seen("text-line-feed", load.verdict, load.evidence)
        return
    found = row["Text__c"]
    value = KEPT if found == text else "changed"
    yield seen("text-line-feed", value, f"stored as {found!r}")


def _carriage_return_in_file(bench: Bench) -> Iterator[Observation]:
    key = bench.key()
    load = bench.load((ORIGIN_ID, "Text__c"), [(key, "one\r\ntwo")])
    row = bench.by_key(key, ["Text__c"])
    value = load.verdict if row is None else f"stored as {row['Text__c']!r}"
    yield seen("text-crlf-in-file", value, load.evidence)


def _line_breaks_by_rest(bench: Bench) -> Iterator[Observation]:
    for point, line_break in (
        ("text-crlf-by-rest", "\r\n"),
        ("text-cr-by-rest", "\r"),
    ):
        made = bench.parent(Text__c=f"one{line_break}two")
        found = bench.stored(made, "Text__c")
        value = "becomes LF" if found == "one\ntwo" else f"becomes {found!r}"
        yield seen(point, value, f"stored as {found!r}")


def _trimming(bench: Bench) -> Iterator[Observation]:
    for point, column in (
        ("text-trim", "Text__c"),
        ("text-trim-long", "Long_Text__c"),
    ):
        dropped = []
        for name, char in _AROUND.items():
            made = bench.parent(**{column: f"{char}x{char}"})
            if bench.stored(made, column) == "x":
                dropped.append(name)
        yield seen(point, ", ".join(dropped) or "none")
    made = bench.parent(Text__c=" \t ")
    found = bench.stored(made, "Text__c")
    yield seen("text-only-blanks", "null" if found is None else repr(found))


def _trimming_in_file(bench: Bench) -> Iterator[Observation]:
    plain, hard = bench.key(), bench.key()
    rows = [(plain, "  x  "), (hard, "\u00a0x\u00a0")]
    load = bench.load((ORIGIN_ID, "Text__c"), rows)
    found = [(bench.by_key(key, ["Text__c"]) or {}).get("Text__c") for key, _ in rows]
    first = "blanks dropped" if found[0] == "x" else "blanks kept"
    second = "kept" if found[1] == rows[1][1] else "dropped"
    value = f"{first}, no-break space {second}"
    yield seen("text-trim-in-file", value, load.evidence)


def _refused_texts(bench: Bench) -> Iterator[Observation]:
    for point, column, text in (
        ("text-too-long", "Text__c", "x" * 256),
        ("email-malformed", "Email__c", "nobody"),
        ("picklist-outside-restricted", "Choice__c", "Neither"),
    ):
        said = bench.create(PARENT, **{ORIGIN_ID: bench.key(), column: text})
        # The sentence may repeat the value, which is long.
        yield seen(point, said.verdict, said.evidence.replace(text, "<the text>"))


def _kept_texts(bench: Bench) -> Iterator[Observation]:
    html = "<p>Probe <b>bold</b></p>"
    found = bench.stored(bench.parent(Rich_Text__c=html), "Rich_Text__c")
    yield seen("html-plain", KEPT if found == html else "changed", f"stored {found!r}")
    made = bench.parent(Free_Choice__c="Neither")
    found = bench.stored(made, "Free_Choice__c")
    value = "taken as sent" if found == "Neither" else f"stored as {found!r}"
    yield seen("picklist-outside-open", value)
    found = bench.stored(bench.parent(Free_Choice__c="OPEN"), "Free_Choice__c")
    value = "spelled as defined" if found == "Open" else f"stored as {found!r}"
    yield seen("picklist-case", value)
    found = bench.stored(bench.parent(Many__c="Gamma;Alpha"), "Many__c")
    value = "order of the definition" if found == "Alpha;Gamma" else repr(found)
    yield seen("multi-select-order", value, f"Gamma;Alpha is stored as {found}")
    made = bench.parent(When__c="2001-02-03T04:05:06.789Z")
    found = str(bench.stored(made, "When__c"))
    value = "whole seconds" if ".000" in found else "kept"
    yield seen("datetime-fraction", value, found)


def _byte_order_mark(bench: Bench) -> Iterator[Observation]:
    key = bench.key()
    content = b"\xef\xbb\xbf" + load_file([(ORIGIN_ID, "Text__c"), (key, "x")])
    load = bench.load_bytes(content)
    row = bench.by_key(key, ["Text__c"])
    value = load.verdict if row is None else "it is skipped"
    yield seen("csv-bom", value, load.evidence)


def _digits(bench: Bench) -> Iterator[Observation]:
    key = bench.key()
    load = bench.load((ORIGIN_ID, "Whole__c"), [(key, _DIGITS)])
    row = bench.by_key(key, ["Id", "Whole__c"])
    if row is None:
        yield seen("number-18-digits", load.verdict, load.evidence)
        return
    by_bulk = bench.bulk_value(str(row["Id"]), "Whole__c")
    ways = {"REST": Decimal(str(row["Whole__c"])), "Bulk": Decimal(by_bulk)}
    lost = [name for name, number in ways.items() if number != Decimal(_DIGITS)]
    value = f"lost by {' and '.join(lost)}" if lost else "all digits both ways"
    yield seen("number-18-digits", value, f"{row['Whole__c']} and {by_bulk}")


def _numbers(bench: Bench) -> Iterator[Observation]:
    keys = [bench.key() for _ in range(4)]
    cells = ("1.239", "1.5E3", "12345678901234567", "abc")
    load = bench.load((ORIGIN_ID, "Decimals__c"), list(zip(keys, cells, strict=True)))
    refused = {each.origin_id: each for each in load.failures}
    found = [(bench.by_key(k, ["Decimals__c"]) or {}).get("Decimals__c") for k in keys]
    words = {Decimal("1.23"): "cut", Decimal("1.24"): "rounded"}
    for key, point, number, named in (
        (keys[0], "number-extra-decimals", found[0], words),
        (keys[1], "number-exponent", found[1], {Decimal(1500): "taken as 1500"}),
        (keys[2], "number-too-large", found[2], {}),
        (keys[3], "number-malformed", found[3], {}),
    ):
        if key in refused:
            row = refused[key]
            yield seen(point, f"refused: {row.code}", row.message)
        elif number is not None:
            stored = Decimal(str(number))
            yield seen(point, named.get(stored, "taken"), f"stored as {stored}")


def _echo(bench: Bench) -> Iterator[Observation]:
    key = bench.key()
    load = bench.load((ORIGIN_ID, "Whole__c"), [(key, _ECHOED)])
    echoed = [row.get("Whole__c", "") for row in load.echo]
    if echoed:
        yield seen("number-echo", echoed[0])
    row = bench.by_key(key, ["Id"])
    if row is None:
        raise OrgRefused(load.evidence or load.verdict)
    yield seen("number-in-bulk-query", bench.bulk_value(str(row["Id"]), "Whole__c"))


def _masks(bench: Bench) -> Iterator[Observation]:
    point, name, secret = "encrypted-masked", "Secret__c", "probe"
    field = {
        "fullName": name,
        "description": PROBE_MARKER,
        "label": "Secret",
        "length": "20",
        "maskChar": "asterisk",
        "maskType": "all",
        "type": "EncryptedText",
    }
    report = bench.deploy(bench.printer.fields(PARENT, [field]))
    if not report.success:
        yield lacking(point, NEEDS[point], deploy_words(report))
        return
    bench.grant(PARENT, name)
    found = bench.stored(bench.parent(Secret__c=secret), name)
    if found == secret:
        yield lacking(point, NEEDS[point], "the user reads encrypted text")
        return
    is_mask = bool(found) and set(str(found)) == {"*"}
    yield seen(point, "masked" if is_mask else "another", f"read as {found!r}")


def _currencies(bench: Bench) -> Iterator[Observation]:
    points = ("currency-missing", "currency-inactive")
    column = "CurrencyIsoCode"
    if not bench.org.currencies():
        for point in points:
            yield lacking(point, NEEDS[point])
        return
    found = bench.stored(bench.parent(), column)
    me = literal(bench.org.facts.user_id)
    soql = f"SELECT DefaultCurrencyIsoCode FROM User WHERE Id = {me}"  # noqa: S608
    (user,) = bench.org.soql.query(soql)
    own = found == user["DefaultCurrencyIsoCode"]
    yield seen(points[0], "the user's" if own else "another", str(found))
    said = bench.create(PARENT, **{ORIGIN_ID: bench.key(), column: "XTS"})
    yield seen(points[1], said.verdict, said.evidence)


def _keys(bench: Bench) -> Iterator[Observation]:
    upper, lower = "PROBE-CASE", "probe-case"
    first = bench.create(PARENT, **{ORIGIN_ID: upper})
    second = bench.create(PARENT, **{ORIGIN_ID: lower})
    both = not (first.code or second.code)
    value = "two keys" if both else second.verdict
    yield seen("unique-case-sensitive", value, second.evidence)
    bench.parent(Folded_Key__c=upper)
    second = bench.create(PARENT, **{ORIGIN_ID: bench.key(), "Folded_Key__c": lower})
    yield seen("unique-folded", second.verdict, second.evidence)


def _row_errors(bench: Bench) -> Iterator[Observation]:
    rows = [(bench.key(), "Neither"), (bench.key(), "Open")]
    load = bench.load((ORIGIN_ID, "Choice__c"), rows)
    if load.failures and load.raw_errors:
        failure, raw = load.failures[0], load.raw_errors[0]
        whole = bool(failure.code) and raw.rstrip().endswith("--")
        value = "CODE:message:fields --" if whole and failure.fields else "another"
        yield seen("row-error-form", value, load.evidence)
    counted = {2: "included", 1: "left out"}.get(load.job.processed, "neither")
    words = f"processed {load.job.processed}, failed {load.job.failed} of 2"
    yield seen("processed-counts-failed", counted, words)


EXPERIMENTS = (
    Experiment.of(_line_feed, "text-line-feed"),
    Experiment.of(_carriage_return_in_file, "text-crlf-in-file"),
    Experiment.of(_line_breaks_by_rest, "text-crlf-by-rest", "text-cr-by-rest"),
    Experiment.of(_trimming, "text-trim", "text-trim-long", "text-only-blanks"),
    Experiment.of(_trimming_in_file, "text-trim-in-file"),
    Experiment.of(
        _refused_texts,
        "text-too-long",
        "email-malformed",
        "picklist-outside-restricted",
    ),
    Experiment.of(
        _kept_texts,
        "html-plain",
        "picklist-outside-open",
        "picklist-case",
        "multi-select-order",
        "datetime-fraction",
    ),
    Experiment.of(_byte_order_mark, "csv-bom"),
    Experiment.of(_digits, "number-18-digits"),
    Experiment.of(
        _numbers,
        "number-extra-decimals",
        "number-exponent",
        "number-too-large",
        "number-malformed",
    ),
    Experiment.of(_masks, "encrypted-masked"),
    Experiment.of(_currencies, "currency-missing", "currency-inactive"),
    Experiment.of(_echo, "number-echo", "number-in-bulk-query"),
    Experiment.of(_keys, "unique-case-sensitive", "unique-folded"),
    Experiment.of(_row_errors, "row-error-form", "processed-counts-failed"),
)
