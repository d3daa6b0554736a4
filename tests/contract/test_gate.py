"""Whatever decides by where a copy comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from weavclip.domain.clip import Offer
from weavclip.privacy.gate import AppGate, Gates, HintGate
from weavclip.privacy.pauses import Pauses

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.domain.ports import Gate

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(params=["hints", "applications", "several", "pauses"])
def gate(request: pytest.FixtureRequest, tmp_path: Path) -> Gate:
    made: dict[str, Gate] = {
        "hints": HintGate(),
        "applications": AppGate(["signal"]),
        "several": Gates(HintGate(), AppGate(["signal"])),
        "pauses": Pauses(tmp_path),
    }
    return made[request.param]


def test_what_forbids_reading_forbids_keeping(gate: Gate) -> None:
    for name in gate.unread_types:
        assert gate.refusal(Offer(types=("text/plain", name), at=NOW)), name


def test_a_copy_without_marks_of_an_unnamed_program_may_be_kept(gate: Gate) -> None:
    content = {"text/plain": b"two peaks"}
    offer = Offer(types=("text/plain",), representations=content, at=NOW, source_app="Firefox")

    assert gate.refusal(offer) is None


def test_a_refusal_says_nothing_of_the_content(gate: Gate) -> None:
    content = {"text/plain": b"unspeakable"}
    for name in (*gate.unread_types, "text/plain"):
        offer = Offer(types=(name,), representations=content, at=NOW, source_app="Signal")

        assert "unspeakable" not in (gate.refusal(offer) or "")
