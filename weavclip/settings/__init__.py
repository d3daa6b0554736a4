"""What can be set: option, then WEAVCLIP_* variable, then config.toml, then the default.

The agent reads this room, so it imports the standard library and platformdirs only.
"""

from weavclip.settings.fields import PREFIX, Settings
from weavclip.settings.loading import (
    DESCRIBED,
    Loaded,
    config_path,
    is_secret,
    load,
    names,
    written_in,
)

__all__ = [
    "DESCRIBED",
    "PREFIX",
    "Loaded",
    "Settings",
    "config_path",
    "is_secret",
    "load",
    "names",
    "written_in",
]
