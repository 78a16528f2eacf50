"""
What every verb shares: the context it runs in, and how its end becomes an exit code.

A verb is a function that returns an `Exit`; errors of `migrator.errors` end it with one
message, the hint below it, and never a traceback.
"""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections import abc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from migrator import errors
from migrator.cli.exit_codes import Exit, exit_code

if TYPE_CHECKING:
    from migrator.cli.output import Output
    from migrator.model.consent import Consent
    from migrator.org.session import Org
    from migrator.rundir.layout import RunDirectory
    from migrator.steps.workspace import Workspace

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """
    The options before the verb, and what they lead to.
    """

    root: Path
    verbosity: int = 0
    """-1 for `-q`, 1 and more for `-v`."""
    as_json: bool = False
    says_next: bool = True
    """False where the next command follows by itself, in the demo."""
    environ: abc.Mapping[str, str] = field(default_factory=lambda: os.environ)

    def run(self) -> RunDirectory:
        """
        Return the migration directory; RunDirectoryError when `init` was not run there.
        """
        from migrator.rundir.layout import open_run

        return open_run(self.root)

    def workspace(
        self, *, templates: Path | None = None, note: bool = True
    ) -> Workspace:
        """
        Return the migration directory, opened once for the verb; a folder of
        *templates* given on the command line is noted for all verbs unless not *note*.
        """
        from migrator.steps.templates import note_templates
        from migrator.steps.workspace import Workspace

        workspace = Workspace(run=self.run(), templates=templates)
        if note and (noted := note_templates(workspace)):
            self.output().line(f"  migration.yaml now says templates: {noted}")
        return workspace

    @contextmanager
    def org(self, spec: str, *, ceiling: str) -> Iterator[Org]:
        """
        Lend a signed-in org, closed afterwards; *ceiling* is the API version to stay
        below.
        """
        from migrator.org.session import open_org

        org = open_org(spec, environ=self.environ, ceiling=ceiling)
        try:
            yield org
        finally:
            org.close()

    def output(self) -> Output:
        """
        Where this verb prints.
        """
        from migrator.cli.output import Output

        return Output(
            as_json=self.as_json,
            verbosity=self.verbosity,
            says_next=self.says_next,
        )

    def within(self, root: Path, environ: abc.Mapping[str, str]) -> Context:
        """
        Return the same options for one verb of a whole journey in another directory.
        """
        return replace(self, root=root, environ=environ, says_next=False)


org_option = click.option(
    "--org",
    "org_spec",
    required=True,
    metavar="ORG",
    help="`env` (SF_INSTANCE_URL with SF_ACCESS_TOKEN, or SF_CLIENT_ID and "
    "SF_CLIENT_SECRET) or http://127.0.0.1:PORT.",
)
execute_option = click.option(
    "--execute", is_flag=True, help="Write to the org; without it nothing is written."
)
production_option = click.option(
    "--yes-production",
    metavar="NAME",
    default="",
    help="The org's name: the first write to a production org asks for it.",
)
unreviewed_option = click.option(
    "--allow-unreviewed",
    is_flag=True,
    help="For rehearsals: go on although nobody approved the mapping.",
)

templates_option = click.option(
    "--templates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Your templates, replacing ours by name; noted in migration.yaml.",
)


def with_typed_name(consent: Consent, org: Org) -> Consent:
    """
    *consent* with the production org's name asked for at a terminal.
    """
    facts = org.facts
    unasked = consent.execute and facts.is_production and not consent.yes_production
    if not unasked or not sys.stdin.isatty():
        return consent
    name = click.prompt(
        f"{facts.org_name} is a production org. Type its name to write to it",
        err=True,
    )
    return replace(consent, yes_production=name)


def verb(
    function: Callable[Concatenate[Context, P], Exit],
) -> Callable[P, None]:
    """
    Return *function* as the body of a click command: its result, or its error, ends the
    run.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        context = click.get_current_context().find_object(Context)
        assert context is not None
        sys.exit(end(context, functools.partial(function, context, *args, **kwargs)))

    return guarded


def end(context: Context, action: Callable[[], Exit]) -> Exit:
    """
    Return the exit code of *action*, its errors told on the way.
    """
    try:
        return action()
    except errors.MigratorError as error:
        code = exit_code(error)
        context.output().failure(error, code)
        return code
    except KeyboardInterrupt:
        stopped = errors.Stopped(
            "stopped by the keyboard; what the org confirmed is kept",
            hint="run the same command again, it goes on from there",
        )
        context.output().failure(stopped, Exit.STOPPED)
        return Exit.STOPPED
    except BrokenPipeError:  # `migrator ... | head`: the reader has seen enough
        sys.stdout = None
        return Exit.FAILED
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:  # noqa: BLE001 - the last line before a traceback
        context.output().failure(_defect(error, context), Exit.FAILED)
        return Exit.FAILED


def _defect(error: Exception, context: Context) -> errors.Bug:
    """
    Return an error nobody foresaw, without its text: that could hold a record's value.
    """
    if context.verbosity > 1:
        traceback.print_exc()
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "migrator" in frame.filename] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    return errors.Bug(
        f"a defect of migrator: {type(error).__name__} at {place}",
        hint="nothing is lost; run again with -vv and report what it prints",
    )
