"""
The command group: options before the verb, and verbs that are loaded when called.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import click

from migrator import __version__
from migrator.cli.command import Context

ALLOCATOR = "narenas:2,dirty_decay_ms:200,muzzy_decay_ms:0"
"""
Settings of jemalloc, by which polars is built: without them a copy of millions of
records holds a fifth more memory than it uses.
"""
VERBS = {
    "init": "Start a migration directory.",
    "describe": "Fetch the sObject describes of the package's objects.",
    "extract": "Save every readable field of every record: the backup, first.",
    "plan": "Propose the mapping that people review.",
    "review": "Show, compare, edit and approve the mapping.",
    "generate": "Write the new objects' metadata from the mapping.",
    "deploy": "Validate the metadata in the org; --execute deploys it.",
    "copy": "Count what would be copied; --execute copies the records.",
    "reconcile": "Compare every mapped cell and write the report.",
    "unload": "Count what this migration has copied; --execute removes it again.",
    "status": "Say where this migration stands and what comes next.",
    "probe": "Ask a developer org what only a real org knows; --execute does it.",
    "demo": "Walk the whole journey on a local org emulator.",
    "emulator": "Serve the local org, to rehearse with any Salesforce client.",
}


class Verbs(click.Group):
    """
    A group that imports a verb's module only when the verb is called.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """
        Return the verbs in the order of the journey.
        """
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """
        Return the command called *cmd_name*: `migrator.cli.<cmd_name>.command`.
        """
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"migrator.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """
        Write the list in `--help` from the table above: nothing is imported.
        """
        del ctx
        with formatter.section("Verbs, in the order of the journey"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog=(
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 differences found or a person "
        "must decide, 4 stopped and safe to run again."
    ),
)
@click.option(
    "-C",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The migration directory (default: here).",
)
@click.option("-v", "--verbose", count=True, help="Say more; -vv with tracebacks.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.version_option(__version__, prog_name="migrator")
@click.pass_context
def main(
    ctx: click.Context, root: Path, verbose: int, *, quiet: bool, as_json: bool
) -> None:
    """
    Leave JustOn Billing & Invoice Management, stay on Salesforce, keep every invoice.

    Nothing is written to an org without --execute. Every verb can be run again; one
    that was killed goes on where the org last confirmed.
    """
    # Before polars is loaded: its allocator gives back what it no longer needs.
    os.environ.setdefault("_RJEM_MALLOC_CONF", ALLOCATOR)
    ctx.obj = Context(root=root, verbosity=-1 if quiet else verbose, as_json=as_json)
