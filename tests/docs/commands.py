"""
Writes docs/commands.md from the program's own help: `python -m tests.docs.commands`.
"""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli.main import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
HEAD = """# Commands

Made from `--help` by `make docs`; a test compares.
"""


def _sections(
    command: click.Command, context: click.Context
) -> list[tuple[str, click.Context]]:
    found = [(context.command_path, context)]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            inner = click.Context(child, info_name=name, parent=context)
            found += _sections(child, inner)
    return found


def page() -> str:
    """
    The whole page: one section a command, as the terminal shows its help.
    """
    names = main.context_settings["help_option_names"]
    top = click.Context(
        main,
        info_name="migrator",
        terminal_width=88,
        max_content_width=88,
        help_option_names=names,
    )
    sections = [
        f"## {path}\n\n```text\n{context.get_help().strip()}\n```\n"
        for path, context in _sections(main, top)
    ]
    return "\n".join((HEAD, *sections))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
