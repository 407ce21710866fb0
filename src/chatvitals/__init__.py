"""chatvitals: real-user monitoring for embedded chat widgets."""

__version__ = "0.1.0"
