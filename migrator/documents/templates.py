"""
The Jinja environment that every template of the program is printed with.

Templates print, Python decides: they receive finished values, an undefined name is an
error, and no template can reach beyond its values (sandbox), because a migration
directory may bring templates of its own.
"""

from __future__ import annotations

import traceback
from collections import abc
from collections.abc import Sequence
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from migrator.errors import TemplateError

ESCAPED_SUFFIXES = (".xml.j2", ".html.j2")
TEMPLATE_SUFFIX = ".j2"
TEMPLATE_HINT = (
    "mend the template, or delete your copy of it to use the one that is shipped"
)


Environment = jinja2.Environment
"""What templates are printed with."""


def make_environment(folders: Sequence[Path]) -> Environment:
    """
    Return an environment whose templates are looked up in *folders*, the first one
    first.

    A customer's folder before ours thus replaces single templates by name. Values are
    escaped in `*.xml.j2` and `*.html.j2` and nowhere else.
    """
    return ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        undefined=jinja2.StrictUndefined,
        autoescape=_is_escaped,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(
    environment: jinja2.Environment, template: str, values: abc.Mapping[str, object]
) -> str:
    """
    Return the text that *template* (`metadata/object.xml.j2`) prints for *values*.

    Raises TemplateError, which names the file, the line and the variable or the
    construct that is wrong.
    """
    try:
        return environment.get_template(template).render(values)
    except jinja2.TemplateSyntaxError as error:
        shown = error.filename or error.name or template
        raise _broken(shown, error.lineno, error.message) from error
    except jinja2.TemplateNotFound as error:
        raise _broken(template, None, f"there is no template {error}") from error
    # Whatever a template stumbles over is the template's mistake: a filter applied to
    # the wrong type raises TypeError, a division by zero ZeroDivisionError.
    except Exception as error:
        shown, line = _place(error, template)
        raise _broken(shown, line, str(error) or type(error).__name__) from error


def _is_escaped(template: str | None) -> bool:
    return template is not None and template.endswith(ESCAPED_SUFFIXES)


def _place(error: Exception, template: str) -> tuple[str, int | None]:
    """
    Return the innermost template line that *error* passed: Jinja rewrites the traceback
    so that its frames show the template's own file and line.
    """
    frames = traceback.extract_tb(error.__traceback__)
    inside = [each for each in frames if each.filename.endswith(TEMPLATE_SUFFIX)]
    return (inside[-1].filename, inside[-1].lineno) if inside else (template, None)


def _broken(shown: str, line: int | None, problem: str | None) -> TemplateError:
    place = shown if line is None else f"{shown}:{line}"
    return TemplateError(f"{place}: {problem}", hint=TEMPLATE_HINT)
