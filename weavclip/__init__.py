"""A private memory for everything a person copies, found again by meaning."""

__version__ = "0.3.0"
