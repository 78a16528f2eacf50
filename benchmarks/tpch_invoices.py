"""
TPC-H orders and line items as invoices: two objects of exactly 40 mapped fields.

Beside these 40 there is only SystemModstamp, which every object has and nobody maps.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
INVOICE, LINE = "ONB2__Invoice__c", "ONB2__InvoiceLineItem__c"
ORDERS_AT_SCALE_1 = 1_500_000
LINES_AN_INVOICE = 4

_SYSTEM = ("Id", "Name", "CurrencyIsoCode", "CreatedDate", "LastModifiedDate")
STAMP = "SystemModstamp"
_TEXTS = ("Clerk", "Priority", "Recipient", "Street", "City", "PostalCode", "VatId")
_LONG = ("Comment", "Footer")
_DATES = ("Date", "DueDate", "ServiceFrom", "ServiceTo", "PaidOn")
_AMOUNTS = (
    *("GrandTotal", "Net", "Tax", "Discount", "Paid", "Open", "Prepaid", "Reminder"),
    *("Interest", "Bonus", "Cost", "Margin"),
)
_NUMBERS = ("Rate", "Quantity", "Partner", "Period", "Weight")
_FLAGS = ("Sent", "Printed", "Disputed")
_KINDS = (
    ("ONB2__PaymentMethod__c", "string", _TEXTS),
    ("ONB2__BillingAddress__c", "textarea", _LONG),
    ("ONB2__Date__c", "date", _DATES),
    ("ONB2__Balance__c", "currency", _AMOUNTS),
    ("ONB2__ConversionRate__c", "double", _NUMBERS),
    ("ONB2__DisplayTransactionTables__c", "boolean", _FLAGS),
)


def write_describes(folder: Path) -> None:
    """
    Write the two objects' describes, made of fields of the sample describes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    samples = ROOT / "sample_describes"
    for name in (INVOICE, LINE):
        raw = json.loads((samples / f"{name}.json").read_text("utf-8"))
        given = {each["name"]: each for each in raw["fields"]}
        other = json.loads((samples / f"{INVOICE}.json").read_text("utf-8"))
        models = {each["name"]: each for each in other["fields"]} | given
        fields = [given[each] for each in (*_SYSTEM, STAMP)]
        fields += _made_fields(models, name)
        raw["fields"] = fields
        children = [c for c in raw["childRelationships"] if c["childSObject"] == LINE]
        raw["childRelationships"] = children
        (folder / f"{name}.json").write_text(json.dumps(raw), "utf-8")


def _made_fields(models: dict[str, Any], name: str) -> list[dict[str, Any]]:
    made = []
    for sample, type_, words in _KINDS:
        model = next(
            (m for m in (models.get(sample), *models.values()) if _fits(m, type_)),
        )
        made += [_field(model, word) for word in words]
    if name == LINE:
        return [models["ONB2__Invoice__c"], *made]
    return [*made, _field(made[0], "Status")]


def _fits(model: dict[str, Any] | None, type_: str) -> bool:
    if model is None or model["calculated"] or not model["custom"]:
        return False
    length = model["length"]
    return bool(model["type"] == type_ and (type_ != "textarea" or length > 255))


def _field(model: dict[str, Any], word: str) -> dict[str, Any]:
    sizes: dict[str, Any] = {}
    if model["type"] == "string":
        sizes = {"length": 80, "byteLength": 240}
    if model["type"] in {"double", "currency"}:
        sizes = {"precision": 18, "scale": 6 if model["type"] == "double" else 2}
    named = {"name": f"ONB2__{word}__c", "label": word, "defaultValue": None}
    return model | {"externalId": False, "unique": False} | named | sizes


def write_records(folder: Path, *, invoices: int, lines: int) -> None:
    """
    `<Object>.parquet` of each object in *folder*, as the local org stores them.
    """
    scale = max(0.01, 1.05 * invoices / ORDERS_AT_SCALE_1)
    tables = folder / "tpch"
    command = Path(sys.executable).with_name("tpchgen-cli")
    subprocess.run(
        [
            command,
            "parquet",
            "-s",
            f"{scale:.4f}",
            "--tables",
            "orders,lineitem",
            "--output-dir",
            tables,
            "--overwrite",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    orders = pl.scan_parquet(tables / "orders.parquet").head(invoices)
    orders = orders.with_row_index("number")
    numbers = orders.select("o_orderkey", "number", "o_clerk", "o_orderdate")
    items = (
        pl.scan_parquet(tables / "lineitem.parquet")
        .filter(pl.col("l_linenumber") <= LINES_AN_INVOICE)
        .join(
            numbers, left_on="l_orderkey", right_on="o_orderkey", maintain_order="left"
        )
        .rename({"number": "invoice"})
        .head(lines)
        .with_row_index("number")
    )
    _invoice_rows(orders).sink_parquet(folder / f"{INVOICE}.parquet")
    _line_rows(items).sink_parquet(folder / f"{LINE}.parquet")


def _invoice_rows(orders: pl.LazyFrame) -> pl.LazyFrame:
    total, day = pl.col("o_totalprice"), pl.col("o_orderdate")
    return orders.select(
        pl.col("number"),
        _text("INV-", pl.col("o_orderkey")).alias("Name"),
        *_common(total, day, pl.col("o_clerk"), pl.col("o_comment")),
        pl.col("o_orderpriority").alias("ONB2__Priority__c"),
        pl.col("o_orderstatus").alias("ONB2__Status__c"),
        *_figures(total, pl.col("o_custkey"), pl.col("o_shippriority")),
    )


def _line_rows(items: pl.LazyFrame) -> pl.LazyFrame:
    price, day = pl.col("l_extendedprice"), pl.col("l_shipdate")
    return items.select(
        pl.col("number"),
        pl.col("invoice"),
        _text("LI-", pl.col("number")).alias("Name"),
        *_common(price, day, pl.col("o_clerk"), pl.col("l_comment")),
        pl.col("l_shipinstruct").alias("ONB2__Priority__c"),
        *_figures(price, pl.col("l_partkey"), pl.col("l_linenumber")),
    )


def _common(
    amount: pl.Expr, day: pl.Expr, clerk: pl.Expr, comment: pl.Expr
) -> list[pl.Expr]:
    customer = amount.cast(pl.Int64) % 997
    stamp = pl.concat_str(day.cast(pl.String), pl.lit("T08:15:30.000Z"))
    return [
        pl.lit("EUR").alias("CurrencyIsoCode"),
        stamp.alias("CreatedDate"),
        stamp.alias("LastModifiedDate"),
        stamp.alias(STAMP),
        clerk.alias("ONB2__Clerk__c"),
        _text("Müller & Söhne ", customer).alias("ONB2__Recipient__c"),
        _text('"Haus" am Markt, ', customer).alias("ONB2__Street__c"),
        pl.when(customer % 3 > 0).then(pl.lit("Jena")).alias("ONB2__City__c"),
        _text("07", customer).alias("ONB2__PostalCode__c"),
        pl.when(customer % 5 > 0).then(_text("DE", customer)).alias("ONB2__VatId__c"),
        comment.str.strip_chars().alias("ONB2__Comment__c"),
        pl.when(customer % 2 > 0)
        .then(pl.concat_str(comment.str.strip_chars(), pl.lit(", payable at once.")))
        .alias("ONB2__Footer__c"),
        *(
            day.dt.offset_by(f"{number * 14}d")
            .cast(pl.String)
            .alias(f"ONB2__{word}__c")
            for number, word in enumerate(_DATES)
        ),
    ]


def _figures(amount: pl.Expr, partner: pl.Expr, count: pl.Expr) -> list[pl.Expr]:
    made = []
    for number, word in enumerate(_AMOUNTS):
        share = (amount.cast(pl.Float64) * (100 - 7 * number) / 100).round(2)
        text = _number(share)
        if number > 6:
            text = pl.when(partner % 3 > 0).then(text)
        made.append(text.alias(f"ONB2__{word}__c"))
    numbers = (
        (partner % 100).cast(pl.Float64) / 10_000 + 1,
        count.cast(pl.Float64),
        partner.cast(pl.Float64),
        (partner % 12).cast(pl.Float64),
        (partner % 1_000).cast(pl.Float64) / 1_000,
    )
    for word, value in zip(_NUMBERS, numbers, strict=True):
        made.append(_number(value).alias(f"ONB2__{word}__c"))
    made += [
        (partner % (number + 2) > 0).cast(pl.Int64).alias(f"ONB2__{word}__c")
        for number, word in enumerate(_FLAGS)
    ]
    return made


def _number(value: pl.Expr) -> pl.Expr:
    text = value.round(6).cast(pl.String)
    return text.str.strip_suffix(".0")


def _text(words: str, number: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(words), number.cast(pl.String))
