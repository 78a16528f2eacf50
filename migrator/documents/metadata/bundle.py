"""
The zip that a deployment carries, byte-identical for the same files.
"""

from __future__ import annotations

import io
import zipfile
from collections import abc

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment a zip can express; a real time would change the bytes."""
_UNIX = 3
_REGULAR_FILE = 0o100644 << 16
_LEVEL = 9


def make_bundle(files: abc.Mapping[str, bytes]) -> bytes:
    """
    *files* (POSIX path to content) as a zip: sorted, without times or owners.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EARLIEST)
            entry.create_system = _UNIX
            entry.external_attr = _REGULAR_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path], compresslevel=_LEVEL)
    return buffer.getvalue()
