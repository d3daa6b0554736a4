"""Every error that weavclip raises on purpose.

WeavclipError
├── SettingsError             a setting, variable or option is wrong
├── QueryError                a question cannot be understood
├── UnknownClipError          no clip has this id
├── AmbiguousIdError          several clips have this id's prefix
├── ClipboardError            the display, the owner or the selection fails
│   ├── NoClipboardError      there is no clipboard to watch here
│   └── PasteError            no keys could be pressed; the clip is on the clipboard
├── JournalError              the data folder cannot be used
│   ├── JournalVersionError   written by a newer weavclip
│   └── DiskReserveError      free space is under the reserve
├── ArchiveError              an exported, backed up or foreign file cannot be read
├── PictureError              a picture cannot be decoded within its limits
├── ModelError                a model is absent, damaged or does not fit
│   ├── NoModelError          none is installed, or the runtime is missing
│   └── DownloadError         a model could not be fetched
├── IndexUnavailableError     Weaviate is absent, slow or refuses
│   ├── IndexAuthError        the key is refused
│   └── IndexVersionError     the server is too old
├── SchemaMismatchError       a collection is not what schema/ or the model says
├── PartialWriteError         some entries of a batch were refused
├── ServerError               the managed server cannot be started or stopped
├── EngineError               the engine does not answer
├── ServiceError              the system's service manager refuses
└── RefusedError              a question was answered with no, or could not be asked
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


MAKE_WRITABLE = "make it writable for you, or name another folder: weavclip --data-dir FOLDER"
"""The next step where the system lets nothing be written."""


class WeavclipError(Exception):
    """Base of every deliberate error: what failed, and one thing to do.

    Attributes:
        hint: The next step for the person, an imperative or a command; empty when there is none.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message for ``str()`` and the hint apart.

        Args:
            message: What failed, on which object, with both numbers; never a clip's content.
            hint: One next step.
        """
        super().__init__(message)
        self.hint = hint


class SettingsError(WeavclipError):
    """A setting is unknown or has a value outside its range.

    Attributes:
        name: Of the setting whose value is wrong; empty when it is not one.
    """

    def __init__(self, message: str, *, hint: str = "", name: str = "") -> None:
        """Keep them apart.

        Args:
            message: What is wrong.
            hint: One next step.
            name: Of the setting whose value is wrong.
        """
        super().__init__(message, hint=hint)
        self.name = name


class QueryError(WeavclipError):
    """A question cannot be understood."""


class UnknownClipError(WeavclipError):
    """No clip has this id."""


class AmbiguousIdError(WeavclipError):
    """More than one clip has an id that begins so."""


class ClipboardError(WeavclipError):
    """The clipboard could not be read or written."""


class NoClipboardError(ClipboardError):
    """No clipboard can be reached from here."""


class PasteError(ClipboardError):
    """The keys that paste could not be pressed; the clip is on the clipboard all the same."""


class JournalError(WeavclipError):
    """The journal cannot be opened, read or written."""


class JournalVersionError(JournalError):
    """The journal was written by a newer weavclip than this one."""


class DiskReserveError(JournalError):
    """Free space is under the reserve; nothing was written."""


class ArchiveError(WeavclipError):
    """A file of clips is damaged, ends too early, or is none that weavclip reads."""


class PictureError(WeavclipError):
    """A picture is damaged, of no known format, or over a limit."""


class ModelError(WeavclipError):
    """A model's files are damaged or do not fit what they are used for."""


class NoModelError(ModelError):
    """No model is installed, or what runs it is not."""


class DownloadError(ModelError):
    """A model could not be fetched."""


class IndexUnavailableError(WeavclipError):
    """The index cannot be reached or does not answer in time."""


class IndexAuthError(IndexUnavailableError):
    """The index refuses the API key."""


class IndexVersionError(IndexUnavailableError):
    """The server is older than the oldest version that weavclip supports."""


class SchemaMismatchError(WeavclipError):
    """A collection differs from its definition, or holds another model's vectors."""


class PartialWriteError(WeavclipError):
    """Some entries of a batch were refused; the others are stored.

    Attributes:
        failed: Why, by the id of each refused entry.
    """

    def __init__(self, message: str, *, failed: Mapping[UUID, str], hint: str = "") -> None:
        """Keep which entries were refused.

        Args:
            message: How many of how many were refused.
            failed: The server's reason by clip id.
            hint: One next step.
        """
        super().__init__(message, hint=hint)
        self.failed = dict(failed)


class ServerError(WeavclipError):
    """The Weaviate that weavclip manages cannot be started, stopped or asked."""


class EngineError(WeavclipError):
    """The engine cannot be started or does not answer."""


class ServiceError(WeavclipError):
    """What runs the agent in the background cannot be reached, or refuses."""


class RefusedError(WeavclipError):
    """A person said no, or could not be asked; nothing was changed."""
