"""
Points about files and their links.
"""

from __future__ import annotations

from migrator.model.probe import Point

FILES = (
    Point(
        id="file-link",
        family="files",
        question=(
            "Can a file be linked to another record, for viewers inside the company?"
        ),
        relied_on_by="the verb files: files are linked again, not copied",
        expected="linked",
    ),
    Point(
        id="file-link-twice",
        family="files",
        question="What does a second link of the same file to the same record give?",
        relied_on_by="the verb files: a repeated link counts as done",
        expected="refused: DUPLICATE_VALUE",
    ),
    Point(
        id="file-links-unfiltered",
        family="files",
        question="May links be asked for without a filter?",
        relied_on_by="the verb files: links are asked for by record ids",
        expected="refused: MALFORMED_QUERY",
        needs="a user without Query All Files",
    ),
    Point(
        id="file-survives-record",
        family="files",
        question="Does a file stay when a record it is linked to is deleted?",
        relied_on_by="the verb files: linked before the uninstall",
        expected="kept",
    ),
    Point(
        id="file-checksum",
        family="files",
        question="Is a file's checksum the MD5 of its bytes?",
        relied_on_by="the verb files: files are compared by checksum",
        expected="MD5",
    ),
    Point(
        id="file-of-others",
        family="files",
        question="Does Query All Files allow linking a file one has no access to?",
        relied_on_by="the verb files: links need access to the file",
        expected="refused: INSUFFICIENT_ACCESS_OR_READONLY",
        needs="a private file of another user, and Query All Files",
    ),
)
