"""
Builds the wheel, installs it into an empty venv elsewhere and runs its demo there.

`make wheel` calls it: what a user gets must work without the checkout.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """
    The exit code of the installed program's demo.
    """
    with tempfile.TemporaryDirectory(prefix="migrator-wheel-") as name:
        folder = Path(name)
        build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder)]
        subprocess.run([*build, str(ROOT)], check=True, stdout=subprocess.DEVNULL)
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        subprocess.run(
            [python, "-m", "pip", "install", "-q", str(wheel)], cwd=folder, check=True
        )
        program = folder / "venv" / "bin" / "migrator"
        demo = [str(program), "-C", str(folder / "x"), "demo", "--invoices", "300"]
        return subprocess.run(demo, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
