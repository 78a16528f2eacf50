"""
Everything that can end a verb early, sorted by whose move it is.

Problems that do not end a verb are not errors: what a person should know about a
field is a `Finding` (`model.finding`), a record the org refused is a row in the
journal. Only `cli.exit_codes` turns an error into an exit code.
"""

from __future__ import annotations

from collections.abc import Iterable


class MigratorError(Exception):
    """
    The root: a sentence for the person at the terminal and what to do next.

    *message* names the object, field or record and what was expected; *hint* is the
    next command or the setting to change. Neither ever holds a credential or a
    record's value.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


# -- The operator's move: mend a file or an option -----------------------------------


class InputError(MigratorError):
    """
    A file or an option that the operator gave cannot be used as it is.
    """


class RunDirectoryError(InputError):
    """
    The migration directory is missing, incomplete, unwritable or of another version.
    """


class DescribeError(InputError):
    """
    A describe file that cannot be read as a Salesforce sObject describe.
    """


class MappingError(InputError):
    """
    A mapping (or migration) file with mistakes, all of them at once.

    *problems* are whole sentences, each naming file, line, object and field.
    """

    def __init__(self, problems: Iterable[str], *, hint: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems), hint=hint)


class TemplateError(InputError):
    """
    A template that cannot be rendered; names the template, line and variable.
    """


# -- A person's decision --------------------------------------------------------------


class DecisionNeeded(MigratorError):
    """
    Nothing is broken, but a person has to decide or allow something first.

    Raised before the first write: for blockers, unapproved entries, components that
    are the customer's own, an unconfirmed production org, records or fields that the
    running user cannot see.
    """


# -- The administrator's move: change something in the org ----------------------------


class OrgRefused(MigratorError):
    """
    The org understood the request and refused it.

    *code* is Salesforce's own error code (`INSUFFICIENT_ACCESS`, ...), empty when the
    reply had none.
    """

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class LoginRefused(OrgRefused):
    """
    The session id is wrong or has expired, or no sign-in was given.
    """


class DeploymentRefused(OrgRefused):
    """
    The org rejected the metadata; the message lists each component and its problem.
    """


# -- Nobody's move: run it again -------------------------------------------------------


class OrgUnreachable(MigratorError):
    """
    No usable answer from the org after several tries.
    """


class Stopped(MigratorError):
    """
    The verb ended before its work was done, and the same command goes on from there.
    """


# -- Ours ------------------------------------------------------------------------------


class Bug(MigratorError):
    """
    A state this program promised could not occur.
    """
