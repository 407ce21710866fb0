"""A client for widgets' back ends: they tell the server's half of the conversation ledger.

Imports only the catalogue's kinds, msgspec and the standard library: a back end pays for nothing of the server.
"""

from chatvitals.client.client import Client

__all__ = ["Client"]
