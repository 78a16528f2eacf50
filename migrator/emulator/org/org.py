"""
The state of an emulated org: schema, records, users, rights, clock and limits.

What works on it (queries, writes, deployments, jobs) stands in the rooms above and
takes the parts it uses; `start.build` puts all of them together. Every reader and
writer holds `Org.lock` while it touches the store or the schema; it is re-entrant.
"""

from __future__ import annotations

import threading
import time

from migrator.emulator.org.auto_numbers import AutoNumbers
from migrator.emulator.org.clock import Clock
from migrator.emulator.org.definitions import Definitions
from migrator.emulator.org.faults import Faults
from migrator.emulator.org.licences import Licences
from migrator.emulator.org.limits import Limits
from migrator.emulator.org.own_rows import OwnRows
from migrator.emulator.org.permissions import Permissions
from migrator.emulator.org.settings import OrgSettings
from migrator.emulator.org.store import Store
from migrator.emulator.org.users import Users
from migrator.emulator.schema.ids import IdSequence
from migrator.emulator.schema.schema import Schema

__all__ = ["Org"]


class Org:
    """
    A local Salesforce org without an object; `start.build` fills it.

    *rows* writes records on the org's own behalf, *definitions* makes and deletes
    objects and fields, *numbers* gives out automatic numbers. *last_request* is the
    monotonic time of the last one.
    """

    def __init__(self, settings: OrgSettings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.clock = Clock(settings.today)
        self.ids = IdSequence()
        self.id = self.ids.numbered("00D", settings.org_number)
        self.last_request = time.monotonic()
        self.faults = Faults(settings.faults)
        self.schema = Schema()
        self.store = Store(settings.store)
        self.users = Users(
            self.store,
            self.lock,
            org_id=self.id,
            running_id=self.ids.numbered("005", 0),
            token=settings.token,
        )
        self.rows = OwnRows(
            self.schema,
            self.store,
            ids=self.ids,
            clock=self.clock,
            lock=self.lock,
            author=self.users.running_id,
        )
        licences = Licences(self.store, self.clock, self.lock)
        self.permissions = Permissions(self.schema, self.store, self.rows, licences)
        self.definitions = Definitions(
            self.schema,
            self.store,
            self.permissions,
            ids=self.ids,
            clock=self.clock,
            lock=self.lock,
        )
        self.limits = Limits(settings, self.schema, self.store)
        self.numbers = AutoNumbers(self.store, self.clock)
