"""
`python -m tests.clients.install [NAME]...`: install the clients of other authors.
"""

from __future__ import annotations

import subprocess
import sys

from tests.clients.installing import ALL


def main(names: list[str]) -> int:
    """
    Install the clients called *names*, or all; 1 when one of them failed.
    """
    failed = []
    for each in ALL:
        if names and each.name not in names:
            continue
        sys.stdout.write(f"{each.name}: {' '.join(each.packages)}\n")
        sys.stdout.flush()
        try:
            each.install()
        except (subprocess.CalledProcessError, OSError) as error:
            sys.stderr.write(f"{each.name}: not installed: {error}\n")
            failed.append(each.name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
