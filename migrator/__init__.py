"""
Leave JustOn Billing & Invoice Management, stay on Salesforce, keep every invoice.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("migrator")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"
