from __future__ import annotations

import dataclasses
import logging
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.benchmarks.random_clip import TINY, random_clip
from tests.unit.embed.offering import Offer, files_of, serve
from weavclip.domain.errors import DownloadError, ModelError, NoModelError
from weavclip.domain.query import Space
from weavclip.domain.vectors import Calibration, Crowd, Logistic, Sureness
from weavclip.embed import cards, catalogue, fetching
from weavclip.embed.models import ModelStore
from weavclip.embed.roboflow_api import Roboflow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "ViT-B-16"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_clip(
        tmp_path_factory.mktemp("tiny"), dataclasses.replace(TINY, vocabulary=49_408)
    )


@pytest.fixture
def offer(tiny: Path) -> Iterator[Offer]:
    yield from serve(Offer(files_of(tiny)))


@pytest.fixture
def store(offer: Offer, tmp_path: Path) -> ModelStore:
    return store_at(tmp_path, offer.url)


def store_at(folder: Path, url: str = "http://127.0.0.1:9", key: str = "") -> ModelStore:
    return ModelStore(folder / "models", roboflow_url=url, api_key=key, retry_pause_s=0.01)


def test_a_model_is_fetched_checked_and_can_be_opened(store: ModelStore, offer: Offer) -> None:
    seen: list[tuple[int, int | None]] = []

    card = store.add(ID, progress=lambda done, total: seen.append((done, total)))

    total = sum(map(len, offer.files.values()))
    assert (card.id, card.dim, card.resolution_px, card.token_dtype) == (ID, 32, 32, "int32")
    assert set(card.files) == {"visual.onnx", "textual.onnx"}
    assert seen == sorted(seen)
    assert seen[-1] == (total, total)
    with closing(store.open(ID)) as embedder:
        assert embedder.embed_texts(["a red circle"]).shape == (1, 32)
    assert store.verify(ID) == card


def test_it_is_asked_for_as_roboflows_library_asks(offer: Offer, tmp_path: Path) -> None:
    offer.key = "secret-key"

    store_at(tmp_path, offer.url, "secret-key").add(ID)

    path, headers = offer.asked[0]
    assert path.startswith(f"/core_model/clip/{ID}?")
    assert {"nocache=true", "dynamic=true", "api_key=secret-key"} <= set(
        path.split("?")[1].split("&")
    )
    assert "X-Roboflow-Inference-Version" in headers


def test_files_are_for_their_owner_alone(store: ModelStore, tmp_path: Path) -> None:
    store.add(ID)

    folder = tmp_path / "models"
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o777 for path in (folder / ID).iterdir()} == {0o600}
    assert sorted(path.name for path in folder.iterdir()) == [ID]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_fault_that_passes_is_waited_out(store: ModelStore, offer: Offer, status: int) -> None:
    offer.failures = [status, status]
    offer.metadata_failures = [status]

    assert store.add(ID).id == ID


def test_a_fault_that_stays_ends_it_and_the_next_call_goes_on(
    store: ModelStore, offer: Offer
) -> None:
    offer.torn_after, offer.torn_times = 100_000, fetching.TRIES
    with pytest.raises(DownloadError, match=f"in {fetching.TRIES} tries") as raised:
        store.add(ID)
    assert "weavclip model import" in raised.value.hint
    with pytest.raises(NoModelError):
        store.card(ID)
    offer.bytes_sent = 0

    store.add(ID)

    assert offer.bytes_sent < sum(map(len, offer.files.values())) - 300_000
    store.verify(ID)


@pytest.mark.parametrize("tagged", [True, False])
def test_a_torn_body_is_resumed_only_where_it_is_surely_the_same_file(
    store: ModelStore, offer: Offer, *, tagged: bool
) -> None:
    offer.torn_after, offer.torn_times, offer.tagged = 100_000, 2, tagged

    store.add(ID)

    resumed = [headers for _, headers in offer.asked if "If-Range" in headers]
    assert bool(resumed) == tagged
    store.verify(ID)


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    store: ModelStore, offer: Offer, tmp_path: Path
) -> None:
    other = random_clip(tmp_path / "other", dataclasses.replace(TINY, vocabulary=49_408), seed=1)
    offer.torn_after, offer.torn_times = 100_000, fetching.TRIES
    with pytest.raises(DownloadError):
        store.add(ID)
    offer.files = files_of(other)

    card = store.add(ID)

    expected = {name: cards.sha256_of(other / name) for name in offer.files}
    assert card.files == expected


def test_a_server_without_ranges_will_do(store: ModelStore, offer: Offer) -> None:
    offer.ranges, offer.torn_after, offer.torn_times = False, 0, 0

    assert store.add(ID).id == ID


def test_an_address_that_ran_out_is_asked_for_anew(store: ModelStore, offer: Offer) -> None:
    offer.failures = [403]

    store.add(ID)

    assert sum(path.startswith("/core_model/") for path, _ in offer.asked) == 2


def test_a_wrong_size_is_refused(store: ModelStore, offer: Offer) -> None:
    offer.extra_bytes = 5

    with pytest.raises(DownloadError, match="bytes instead of"):
        store.add(ID)


def test_a_body_that_is_no_graph_is_refused_and_nothing_is_installed(
    store: ModelStore, offer: Offer
) -> None:
    good = offer.files["visual.onnx"]
    offer.files["visual.onnx"] = b"x" * len(good)

    with pytest.raises(ModelError, match=r"visual\.onnx"):
        store.add(ID)

    assert not any(each.is_installed and each.id == ID for each in store.list())
    offer.files["visual.onnx"] = good
    assert store.add(ID).id == ID


def test_a_model_that_roboflow_does_not_have(store: ModelStore) -> None:
    with pytest.raises(NoModelError, match="has no model RN50"):
        store.add("RN50")


def test_a_name_that_is_no_model_lists_those_that_are(store: ModelStore) -> None:
    with pytest.raises(NoModelError) as raised:
        store.add("ViT-Z")

    assert all(name in raised.value.hint for name in catalogue.CLIP_MODELS)


def test_a_refused_key_is_said_and_never_shown(
    offer: Offer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    offer.key = "right"
    store = store_at(tmp_path, offer.url, "wrong-key")

    with pytest.raises(DownloadError, match="401") as raised:
        store.add(ID)

    assert "WEAVCLIP_ROBOFLOW_API_KEY" in raised.value.hint
    assert "wrong-key" not in caplog.text + str(raised.value) + repr(raised.value.__cause__)


def test_signatures_never_reach_the_log(
    store: ModelStore, offer: Offer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    offer.failures = [500]

    store.add(ID)

    assert "sig=secret" not in caplog.text


@pytest.mark.parametrize("metadata", [{"weights": {}}, {"nothing": 1}, [1], "words"])
def test_an_answer_of_another_form_is_a_download_error(
    store: ModelStore, offer: Offer, metadata: object
) -> None:
    offer.metadata = metadata

    with pytest.raises(DownloadError):
        store.add(ID)


def test_a_name_in_an_address_cannot_leave_the_folder(
    store: ModelStore, offer: Offer, tmp_path: Path
) -> None:
    addresses = {name: f"{offer.url}/w/{name}" for name in offer.files}
    offer.metadata = {"weights": addresses | {"evil": f"{offer.url}/..%2f.bashrc/.."}}

    store.add(ID)

    assert {path.name for path in (tmp_path / "models" / ID).iterdir()} == {
        "visual.onnx",
        "textual.onnx",
        "card.json",
    }


def test_a_server_that_never_answers_is_given_up(
    offer: Offer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "TRIES", 2)
    offer.hangs = True
    source = Roboflow(offer.url, timeout_s=0.3, pause_s=0.01)

    with pytest.raises(DownloadError, match="ReadTimeout"):
        source.fetch(ID, tmp_path, names=("visual.onnx",))


def test_without_a_network_it_says_what_to_do_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "TRIES", 1)

    with pytest.raises(DownloadError, match="ConnectError") as raised:
        store_at(tmp_path).add(ID)

    assert "weavclip model import FOLDER" in raised.value.hint


@pytest.mark.parametrize("layout", catalogue.cache_folders("RN50"))
@pytest.mark.parametrize("whole", [True, False])
def test_a_roboflow_cache_of_either_layout_is_imported(
    tiny: Path, tmp_path: Path, layout: str, *, whole: bool
) -> None:
    shutil.copytree(tiny, tmp_path / "cache" / layout)
    seen: list[int] = []
    store = store_at(tmp_path)

    card = store.import_folder(
        tmp_path / "cache" / ("" if whole else layout), lambda done, _: seen.append(done)
    )

    assert card.id == "RN50"
    assert seen
    assert store.verify("RN50").files == card.files


def test_a_plain_folder_is_imported_under_its_own_name(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "my-clip")

    assert store_at(tmp_path).import_folder(tmp_path / "my-clip").id == "my-clip"


def test_what_is_no_model_is_refused_with_what_would_be_one(tmp_path: Path) -> None:
    for folder in (tmp_path / "absent", tmp_path):
        with pytest.raises(ModelError) as refused:
            store_at(tmp_path).import_folder(folder)

        assert str(folder) in str(refused.value)
        assert "visual.onnx and textual.onnx" in refused.value.hint
        assert "model.onnx and tokenizer.json" in refused.value.hint


@pytest.mark.parametrize(
    ("model_id", "hint"),
    [
        ("RN50x16", "weavclip model add RN50x16"),
        ("vit-b-61", "ViT-B-16, if that is meant; 'weavclip model list' names every model"),
        ("blorp", "'weavclip model list' names every model"),
        ("", "weavclip model add ViT-B-16"),
    ],
)
def test_a_model_that_is_not_there_is_told_with_the_next_step(
    model_id: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(NoModelError) as refused:
        store_at(tmp_path).card(model_id)

    assert refused.value.hint == hint


def test_a_folder_of_several_models_names_them(tiny: Path, tmp_path: Path) -> None:
    for name in ("RN50", "RN101"):
        shutil.copytree(tiny, tmp_path / "cache" / "clip" / name)

    with pytest.raises(ModelError, match="2 models"):
        store_at(tmp_path).import_folder(tmp_path / "cache")


@pytest.mark.parametrize("missing", ["visual.onnx", "textual.onnx"])
def test_a_folder_without_both_graphs_is_refused(tiny: Path, tmp_path: Path, missing: str) -> None:
    folder = shutil.copytree(tiny, tmp_path / "half")
    (folder / missing).unlink()

    with pytest.raises(ModelError, match=r"visual\.onnx and textual\.onnx"):
        store_at(tmp_path).import_folder(folder)


def test_towers_of_two_models_are_refused(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "mixed")
    wide = random_clip(tmp_path / "wide", dataclasses.replace(TINY, dim=48))
    shutil.copy(wide / "textual.onnx", folder / "textual.onnx")

    with pytest.raises(ModelError, match="vectors of 32"):
        store_at(tmp_path).import_folder(folder)


def test_exchanged_towers_are_refused(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "exchanged")
    shutil.copy(tiny / "textual.onnx", folder / "visual.onnx")

    with pytest.raises(ModelError, match="not float32"):
        store_at(tmp_path).import_folder(folder)


def test_adding_again_replaces_the_model_whole(store: ModelStore, offer: Offer) -> None:
    first = store.add(ID)

    assert store.add(ID) == first
    assert offer.bytes_sent > 0


def test_a_changed_byte_is_found(store: ModelStore, tmp_path: Path) -> None:
    store.add(ID)
    path = tmp_path / "models" / ID / "visual.onnx"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(ModelError, match=r"visual\.onnx is"):
        store.verify(ID)


def test_a_removed_model_is_gone_and_the_sample_stays(store: ModelStore, tmp_path: Path) -> None:
    store.add(ID)

    store.remove(ID)

    assert list((tmp_path / "models").iterdir()) == []
    with pytest.raises(NoModelError):
        store.open(ID)
    with pytest.raises(NoModelError):
        store.remove("sample")


def test_a_calibration_comes_back_bit_by_bit(store: ModelStore) -> None:
    card = store.add(ID)
    rng = np.random.default_rng(0)
    means = {space: rng.random(32).astype(np.float32) for space in (Space.IMAGE, Space.TEXT)}
    logistics = {Space.IMAGE: Logistic(12.5, -3.1), Space.TEXT: Logistic(0.1, 1 / 3)}
    crowd = Crowd(
        centre=means[Space.IMAGE],
        directions=rng.random((3, 32)).astype(np.float32),
        rest=0.1,
        means=(-0.1, 0.0, 1 / 3),
        spreads=(0.1, 0.2, 0.3),
        by_mean=130.0,
        by_spread=-90.0,
    )
    calibration = Calibration(
        means=means,
        words_to=logistics,
        picture_to=logistics,
        origin="a set, today",
        figures={"ndcg": 0.9},
        crowds={Space.IMAGE: crowd},
        sureness=Sureness(cut_off=0.1, by_candidates=0.9, usual=200, most=80),
    )

    store.save_card(dataclasses.replace(card, calibration=calibration))

    kept = store.card(ID).calibration
    assert kept is not None
    assert all((kept.means[space] == mean).all() for space, mean in means.items())
    assert (kept.words_to, kept.picture_to) == (logistics, logistics)
    assert (kept.origin, kept.figures) == ("a set, today", {"ndcg": 0.9})
    assert kept.sureness == calibration.sureness
    back = kept.crowds[Space.IMAGE]
    assert (back.centre == crowd.centre).all()
    assert (back.directions == crowd.directions).all()
    assert (back.rest, back.means, back.spreads) == (crowd.rest, crowd.means, crowd.spreads)
    assert (back.by_mean, back.by_spread) == (crowd.by_mean, crowd.by_spread)


def test_what_was_found_of_the_sample_is_kept_beside_the_package(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    card = dataclasses.replace(store.card("sample"), note="kept")

    store.save_card(card)

    assert store.card("sample").note == "kept"
    assert [each.id for each in store.list()].count("sample") == 1


def test_the_list_has_all_that_can_be_fetched_and_the_sample_and_what_is_installed(
    store: ModelStore,
) -> None:
    store.add(ID)

    listed = {each.id: each for each in store.list()}

    assert set(listed) == {*catalogue.CLIP_MODELS, *catalogue.TEXT_MODELS, "sample"}
    assert len(listed) == 12
    assert [name for name, each in listed.items() if each.is_installed] == [ID, "sample"]


def test_a_damaged_card_is_a_model_error(store: ModelStore, tmp_path: Path) -> None:
    store.add(ID)
    (tmp_path / "models" / ID / "card.json").write_text('{"id": 3')

    with pytest.raises(ModelError, match="is damaged"):
        store.open(ID)
