"""
Salesforce's limits on custom objects and fields: each number once, with its source.

"Allocations" is the help page "Custom Fields Allowed Per Object", "Metadata API" the
developer guide of CustomObject and CustomField, "EntityParticle" the Tooling API's
description of its own attributes.
"""

from __future__ import annotations

ID_LENGTH = 18
"""Characters of a record's id in its long form (SOAP API, "ID Field Type")."""
MAX_API_NAME = 40
"""Characters of a developer name, the suffix aside (EntityParticle)."""
MAX_LABEL = 40
"""Characters of a label (EntityParticle, MasterLabel)."""
MAX_RELATIONSHIP_NAME = 40
"""Characters of a child relationship's name (EntityParticle)."""
MAX_HELP = 510
"""Characters of a field's inline help text (Metadata API)."""
MAX_NAME_LENGTH = 80
"""Characters of a record's name (Object reference, Name)."""
MAX_TEXT = 255
"""Characters of a Text field (Metadata API)."""
MAX_EMAIL = 80
"""Characters of an e-mail address (help page "Custom Field Types")."""
MAX_PHONE = 40
"""Characters of a phone number (help page "Custom Field Types")."""
MAX_URL = 255
"""Characters of a URL (help page "Custom Field Types")."""
MIN_LONG_TEXT = 256
"""The least length of a long or rich text area: a shorter one is refused."""
MAX_LONG_TEXT = 131_072
"""Characters of one long or rich text area (Metadata API)."""
MAX_LONG_TEXT_SUM = 1_638_400
"""Characters of all long and rich text areas of one object (Allocations)."""
MAX_PRECISION = 18
"""Digits of a Number, Currency or Percent, the decimals included (Metadata API)."""
MAX_SCALE = 17
"""Decimals of a Number, Currency or Percent (Metadata API)."""
MAX_LOCATION_SCALE = 15
"""Decimals of a geolocation (help page "Custom Field Attributes")."""
LOCATION_FIELDS = 3
"""Places that a geolocation takes among the custom fields: latitude, longitude and one
of the platform's own (object reference, "Geolocation Compound Field")."""
MAX_ENCRYPTED = 175
"""Characters of an encrypted text (security guide, Classic Encryption)."""
MAX_INDEXED = 25
"""External ids and unique fields of one object, together (Allocations)."""
MAX_RELATIONSHIPS = 40
"""Lookups and master-details of one object (Allocations)."""
MAX_MASTER_DETAILS = 2
"""Master-details of one object (Allocations)."""
MAX_PICKLIST_VALUE = 255
"""Characters of one picklist value."""
MAX_MULTISELECT = 100 * (MAX_PICKLIST_VALUE + 1)
"""Characters of the chosen values of a multi-select: 100 of them, a semicolon each."""
MAX_PICKLIST_CHARACTERS = 15_000
"""Characters of all values of one unrestricted picklist (Allocations)."""
MAX_PICKLIST_VALUES = 1_000
"""Values of one picklist, the inactive ones included (Metadata API)."""
MAX_MULTISELECT_VALUES = 500
"""Values of one multi-select picklist (Metadata API)."""
MAX_CUSTOM_FIELDS = 900
"""Custom fields of one object, those of packages included, in any edition; what an org
whose edition is not known is measured by (Allocations)."""

CUSTOM_FIELDS = {
    "Professional Edition": 100,
    "Enterprise Edition": 500,
    "Developer Edition": 500,
    "Unlimited Edition": 800,
    "Performance Edition": 800,
}
"""Custom fields of one object by `Organization.OrganizationType` (Allocations)."""
