"""
What the threads of a running org do to files and sockets.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset(
    {
        *(f"os.{name}" for name in ("chmod", "chown", "exec", "link", "mkdir")),
        *(f"os.{name}" for name in ("putenv", "remove", "rename", "rmdir", "symlink")),
        *(f"os.{name}" for name in ("posix_spawn", "system", "truncate", "utime")),
        "shutil.copyfile",
        "shutil.rmtree",
        "subprocess.Popen",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
    }
)
_LISTENING = "0A"


class Watch:
    """
    Notes what threads other than the one that made it write, start or reach.

    An audit hook stays in the process for good; this one is silent when not *active*.
    """

    def __init__(self) -> None:
        self.active = True
        self.seen: list[str] = []
        self._own = threading.get_ident()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or threading.get_ident() == self._own:
            return
        if event == "open":
            path, mode, flags = arguments
            is_writing = isinstance(mode, str) and set(mode) & set("wax+")
            if is_writing or (isinstance(flags, int) and flags & _WRITING):
                self.seen.append(f"open {path}")
        elif event == "sqlite3.connect" and arguments[0] != ":memory:":
            self.seen.append(f"{event} {arguments[0]}")
        elif event in {"socket.bind", "socket.connect"}:
            address = arguments[1]
            if address[0] != "127.0.0.1":
                self.seen.append(f"{event} {address}")
        elif event in _CHANGES:
            self.seen.append(f"{event} {arguments}")


def listening() -> set[str]:
    """
    The IPv4 and IPv6 addresses, in hexadecimal, on which this process listens.
    """
    own = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            own.add(entry.readlink().name)
        except OSError:
            continue  # closed meanwhile
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == _LISTENING and f"socket:[{parts[9]}]" in own:
                found.add(parts[1].partition(":")[0])
    return found
