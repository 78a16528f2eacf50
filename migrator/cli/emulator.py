"""
`migrator emulator serve`.
"""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli.command import Context, verb
from migrator.cli.exit_codes import Exit


@click.group()
def command() -> None:
    """
    Serve a local Salesforce org on 127.0.0.1, to learn, rehearse and test.
    """


@command.command()
@click.option(
    "--describes",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Describes the org starts from (default: the sample describes).",
)
@click.option(
    "--metadata",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Metadata files (source or mdapi format) of objects it has as well.",
)
@click.option(
    "--records",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="CSV or Parquet files of records, named by object: Account.csv.",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the org in this file; started again with it, it is the same org.",
)
@click.option(
    "--invoices",
    type=click.IntRange(min=0),
    help="How many made-up invoices it holds, with their line items and the rest "
    "(default: 2000, none with --records).",
)
@click.option(
    "--storage-mb",
    type=click.IntRange(min=1),
    default=1_024,
    show_default=True,
    help="Its data storage, at 2 KB a record.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="0 takes any free port.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the records.")
@click.option("--sandbox", is_flag=True, help="Be a sandbox.")
@click.option("--production", is_flag=True, help="Be an Enterprise Edition org.")
@click.option(
    "--own-objects",
    is_flag=True,
    help="Have a populated Invoice__c of the customer's own.",
)
@click.option(
    "--tls",
    is_flag=True,
    help="Serve HTTPS with a certificate authority of its own (CA=... names it); "
    "needs pip install 'migrator[tls]'.",
)
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file of faults to have.",
)
@click.option(
    "--idle-minutes",
    type=click.FloatRange(min=0.01),
    default=60.0,
    show_default=True,
    help="End after this long without a request.",
)
@click.option("--end-with-stdin", is_flag=True, help="End when standard input does.")
@verb
def serve(
    context: Context,
    *,
    describes: Path | None,
    metadata: Path | None,
    records: Path | None,
    store: Path | None,
    invoices: int | None,
    storage_mb: int,
    port: int,
    seed: int,
    sandbox: bool,
    production: bool,
    own_objects: bool,
    tls: bool,
    faults: Path | None,
    idle_minutes: float,
    end_with_stdin: bool,
) -> Exit:
    """
    Serve the local org; prints URL=... and TOKEN=... when it is ready.

    After them come the commands that connect the sf CLI and Python. Sign in with
    `--org URL` and SF_ACCESS_TOKEN=TOKEN. It holds made-up records, or yours from
    `--records`, and listens on 127.0.0.1 only. It forgets everything when it ends,
    unless `--store` names a file: with that file it goes on where it ended, and the
    options that say how to build an org count for a new file only.
    """
    del context
    from migrator.emulator.server import OrgSettings, SettingsError
    from migrator.emulator.server import serve as serve_org
    from migrator.errors import InputError
    from migrator.rundir.layout import shipped_folder

    edition = "Enterprise Edition" if production else "Developer Edition"
    made_up = 0 if records else 2_000
    settings = OrgSettings(
        describes=describes or shipped_folder("sample_describes"),
        metadata=metadata,
        records=records,
        store=store,
        invoices=made_up if invoices is None else invoices,
        storage_mb=storage_mb,
        port=port,
        seed=seed,
        is_sandbox=sandbox,
        organization_type=edition,
        own_objects=own_objects,
        tls=tls,
        faults=faults.read_text(encoding="utf-8") if faults else None,
        idle_minutes=idle_minutes,
        end_with_stdin=end_with_stdin,
    )
    try:
        serve_org(settings)
    except SettingsError as error:
        raise InputError(str(error)) from None
    return Exit.DONE
