"""
The template environment: what is escaped, what is refused, and how mistakes are told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.documents.templates import make_environment, render
from migrator.errors import TemplateError


def _printed(folder: Path, name: str, text: str, **values: object) -> str:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return render(make_environment([folder]), name, values)


@pytest.mark.parametrize("name", ["a.xml.j2", "report/a.html.j2"])
def test_mark_up_is_escaped(tmp_path: Path, name: str) -> None:
    """Values cannot become elements in XML and HTML."""
    assert _printed(tmp_path, name, "<a>{{ x }}</a>", x="<&>") == (
        "<a>&lt;&amp;&gt;</a>"
    )


@pytest.mark.parametrize("name", ["mapping.yaml.j2", "a.json.j2", "a.txt.j2"])
def test_other_text_is_printed_as_it_is(tmp_path: Path, name: str) -> None:
    """YAML and JSON have escapes of their own."""
    assert _printed(tmp_path, name, "{{ x }}", x="<&>") == "<&>"


def test_an_undefined_name_is_told_with_its_place(tmp_path: Path) -> None:
    """File, line and variable are in the message, the way out in the hint."""
    with pytest.raises(TemplateError) as caught:
        _printed(tmp_path, "a.xml.j2", "<a>\n{{ missing }}\n</a>")
    assert caught.value.message == f"{tmp_path}/a.xml.j2:2: 'missing' is undefined"
    assert caught.value.hint


def test_an_undefined_attribute_is_told_with_its_place(tmp_path: Path) -> None:
    """A misspelt attribute is a mistake, never an empty text."""
    with pytest.raises(TemplateError) as caught:
        _printed(tmp_path, "a.xml.j2", "\n\n{{ x.labl }}", x=tmp_path)
    assert f"{tmp_path}/a.xml.j2:3: " in caught.value.message
    assert "labl" in caught.value.message


def test_a_mistake_in_an_included_file_names_that_file(tmp_path: Path) -> None:
    """The innermost template is the one to mend."""
    (tmp_path / "part.xml.j2").write_text("\n{{ lost }}", "utf-8")
    with pytest.raises(TemplateError) as caught:
        _printed(tmp_path, "a.xml.j2", "{% include 'part.xml.j2' %}")
    assert caught.value.message == f"{tmp_path}/part.xml.j2:2: 'lost' is undefined"


def test_broken_syntax_is_told_with_its_place(tmp_path: Path) -> None:
    """A template that does not compile is an operator's mistake as well."""
    with pytest.raises(TemplateError) as caught:
        _printed(tmp_path, "a.xml.j2", "ok\n{% for %}")
    assert caught.value.message.startswith(f"{tmp_path}/a.xml.j2:2: ")


@pytest.mark.parametrize("text", ["{{ 1 / 0 }}", "{{ x + 1 }}", "{{ x | nofilter }}"])
def test_whatever_a_template_stumbles_over_is_its_mistake(
    tmp_path: Path, text: str
) -> None:
    """No traceback of ours for an error of theirs."""
    with pytest.raises(TemplateError) as caught:
        _printed(tmp_path, "a.xml.j2", text, x="text")
    assert caught.value.message.startswith(f"{tmp_path}/a.xml.j2:1: ")


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    """The name that was asked for is in the message."""
    with pytest.raises(TemplateError, match=r"lost\.xml\.j2"):
        render(make_environment([tmp_path]), "lost.xml.j2", {})


@pytest.mark.parametrize(
    "text",
    ["{{ ''.__class__.__mro__ }}", "{{ x.append(1) }}", "{{ x.__init__.__globals__ }}"],
)
def test_a_template_reaches_nothing_but_its_values(tmp_path: Path, text: str) -> None:
    """A template out of a foreign directory cannot run code or change the model."""
    with pytest.raises(TemplateError):
        _printed(tmp_path, "a.txt.j2", text, x=[])
