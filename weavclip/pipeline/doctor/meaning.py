"""Finding by meaning: the model, and the Weaviate that holds its vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.pipeline.doctor.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weavclip.domain.models import ModelSet

UP = "weavclip server up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a Weaviate that answers says.

    Attributes:
        url: Where it is.
        version: Of the server, one that weavclip supports.
        collection: The one that is written to; empty while there is none.
        anonymous: It answers without a key.
        in_the_clear: Clips and key cross a network without TLS.
        exposed: Ports of ours on which it listens to other machines: what each is, and whether it
            asks for a credential.
    """

    url: str
    version: str
    collection: str = ""
    anonymous: bool = False
    in_the_clear: bool = False
    exposed: Sequence[tuple[str, bool]] = ()


def no_model() -> Verdict:
    """Nothing can be found by meaning."""
    sentence = "none: clips are found by their words only"
    return Verdict("model", None, sentence, "weavclip model add ViT-B-16")


def models(ids: ModelSet, *, verify: Callable[[str], object], failed: int) -> Iterator[Verdict]:
    """Whether the models' files are those that their cards name, and whether clips failed.

    Args:
        ids: Of those in use.
        verify: Compares a model's files with their digests and runs it once; raises ModelError.
        failed: How many clips could not be embedded or indexed.
    """
    for model_id in ids.names:
        verify(model_id)
        yield Verdict("model", True, f"{model_id}: its files are as its card says, and it runs")
    if failed:
        clips = "1 clip" if failed == 1 else f"{failed} clips"
        yield Verdict("clips", False, f"{clips} failed", "weavclip status")


def no_weaviate(sentence: str, *, mend: str = UP) -> Verdict:
    """None is wanted, or it is down by choice; ``mend`` is the command that changes that."""
    return Verdict("Weaviate", None, f"{sentence}: the journal is searched exactly", mend)


def weaviate(found: Reached) -> Iterator[Verdict]:
    """What is to be said of a Weaviate that answers."""
    holds = f", writes to {found.collection}" if found.collection else ", no collection yet"
    yield Verdict("Weaviate", True, f"{found.version} at {found.url}{holds}")
    yield _access(found)
    if found.exposed:
        yield _ports(found.exposed)


def _access(found: Reached) -> Verdict:
    if found.in_the_clear:
        sentence = f"clips and key cross the network to {found.url} without TLS"
        return Verdict("access", False, sentence, "weavclip config set weaviate_url https://...")
    if found.anonymous:
        sentence = f"{found.url} answers without a key: whoever reaches it reads your clips"
        return Verdict("access", False, sentence, "turn anonymous access off in that server")
    return Verdict("access", True, "it answers to the key only")


def _ports(exposed: Sequence[tuple[str, bool]]) -> Verdict:
    named = ", ".join(name for name, _asks in exposed)
    if all(asks for _name, asks in exposed):
        sentence = f"other machines reach {named}; each asks for its key or password"
        return Verdict("ports", None, sentence, "close them in the firewall, if you have one")
    open_ones = ", ".join(name for name, asks in exposed if not asks)
    sentence = f"other machines reach {open_ones}, which asks for nothing"
    return Verdict("ports", False, sentence, "weavclip server down")
