"""What here is no module of the tests' own Python."""

from __future__ import annotations

# Run by the system's, which has their toolkits.
collect_ignore = ["gtk.py", "office.py", "pasted_into.py", "qt.py"]
