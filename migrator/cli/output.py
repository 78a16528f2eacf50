"""
What people see: progress, tables, findings, and the one JSON document of `--json`.

Results go to standard output, progress and errors to standard error. Without a terminal
there are no bars and no colour: plain lines that a CI log can keep.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from migrator.errors import MigratorError
from migrator.model.finding import Finding, Level
from migrator.model.progress import Progress

if TYPE_CHECKING:
    from migrator.org.session import Org

PLAIN_WIDTH = 110
SHOWN_FINDINGS = 12
_STYLES = {Level.INFO: "dim", Level.WARNING: "yellow", Level.BLOCKER: "bold red"}


class Output:
    """
    Prints for one verb.
    """

    def __init__(
        self, *, as_json: bool, verbosity: int, says_next: bool = True
    ) -> None:
        self.as_json = as_json
        self.verbosity = verbosity
        self.says_next = says_next
        self.results = _console(stderr=as_json)
        self.messages = _console(stderr=True)

    def progress(self, org: Org | None = None) -> Progress:
        """
        Bars on a terminal, plain lines elsewhere, nothing with `-q`.

        With *org* its API calls are shown too: those of this run and those left.
        """
        if self.verbosity < 0:
            from migrator.model.progress import Silent

            return Silent()
        from migrator.cli.progress import ApiCalls, BarProgress, LineProgress

        calls = ApiCalls(lambda: org.rest.usage if org else None)
        shown = BarProgress if self.messages.is_terminal else LineProgress
        return shown(self.messages, calls)

    def title(self, text: str) -> None:
        """
        Print the headline of a step.
        """
        if self.verbosity >= 0:
            self.results.print(Text(text, style="bold"), soft_wrap=True)

    def line(self, text: str, style: str = "") -> None:
        """
        One line of a result; never wrapped, so that paths can be copied.
        """
        if self.verbosity >= 0:
            self.results.print(Text(text, style=style), soft_wrap=True)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        figures: bool = True,
    ) -> None:
        """
        Print a table, its first column text and its other columns *figures*, or
        text as well.
        """
        if self.verbosity < 0:
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, column in enumerate(columns):
            table.add_column(
                column,
                justify="right" if number and figures else "left",
                overflow="fold",
                no_wrap=number == 0,
            )
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.results.print(table)

    def findings(self, findings: Sequence[Finding]) -> None:
        """
        Blockers and warnings, the worst first; more with `-v`, blockers with `-q`.
        """
        loud = self.verbosity > 0
        wanted = [Level.BLOCKER]
        wanted += [Level.WARNING] if self.verbosity >= 0 else []
        wanted += [Level.INFO] if loud else []
        for level in wanted:
            group = [each for each in findings if each.level is level]
            shown = group if loud or level is Level.BLOCKER else group[:SHOWN_FINDINGS]
            for finding in shown:
                self._finding(finding)
            if len(group) > len(shown):
                rest = len(group) - len(shown)
                self.line(f"  ... and {rest} more {level.value}s; -v shows all", "dim")

    def _finding(self, finding: Finding) -> None:
        place = f"{finding.where}: " if finding.where else ""
        text = Text.assemble(
            (f"  {finding.level.value:<8}", _STYLES[finding.level]),
            f"{place}{finding.message}",
        )
        if finding.remedy:
            text.append(f"  -> {finding.remedy}", style="cyan")
        self.results.print(text, soft_wrap=True)

    def next(self, command: str) -> None:
        """
        Print the command that comes after this one.
        """
        if self.says_next:
            self.line(f"Next: {command}", "green")

    def document(self, content: dict[str, Any]) -> None:
        """
        Print the result for programs: one JSON document, only with `--json`.
        """
        if self.as_json:
            json.dump(content, sys.stdout, indent=2, ensure_ascii=False, default=_plain)
            sys.stdout.write("\n")

    def failure(self, error: MigratorError, code: int) -> None:
        """
        Why the verb ended: the message, and below it what to do next.
        """
        head, *rest = error.message.splitlines() or [""]
        self.messages.print(
            Text.assemble(("Error: ", "bold red"), head), soft_wrap=True
        )
        for line in rest:
            self.messages.print(Text(f"  {line}"), soft_wrap=True)
        if error.hint:
            self.messages.print(Text(f"  -> {error.hint}", "cyan"), soft_wrap=True)
        self.document(
            {
                "error": type(error).__name__,
                "message": error.message,
                "hint": error.hint,
                "exit": int(code),
            }
        )


def _plain(value: Any) -> Any:
    """
    Return a value of the model as JSON knows it: dataclasses as objects, the rest as
    text.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console = Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)
    return console
