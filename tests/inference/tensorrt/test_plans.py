import dataclasses
import json
import multiprocessing
import os
import stat
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from edge.errors import EngineError
from edge.inference.tensorrt.plans import Broken, Plan, PlanStore, match, write_atomically
from edge.inference.tensorrt.recipe import Options, Recipe, Wanted

SHAPES = ((1, 1, 48, 48), (1, 1, 48, 48), (8, 1, 48, 48))
RECIPE = Recipe(
    model="face",
    model_sha256="a" * 64,
    onnx_sha256="b" * 64,
    precision="fp16",
    tensorrt="tensorrt 10.3.0",
    device="Orin",
    target="sm_87",
    driver=(12, 6),
    profile={"face": SHAPES},
    options=Options(),
)
WANTED = Wanted("face", "a" * 64, "fp16", "tensorrt 10.3.0", "Orin", "sm_87", (12, 6))
CONTENT = bytes(range(256)) * 40


@pytest.fixture
def store(tmp_path: Path) -> PlanStore:
    return PlanStore(tmp_path / "cache")


def test_a_saved_plan_is_found_and_read_back(store: PlanStore) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=40.0)
    found = match([store], WANTED)
    assert found.plan == saved
    assert found.plan.read() == CONTENT
    assert store.find(RECIPE) == saved


def test_plans_are_readable_by_the_service_and_nothing_temporary_stays(store: PlanStore) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=1.0)
    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o644
    assert sorted(path.name for path in store.directory.iterdir()) == [
        RECIPE.file_name,
        f"{RECIPE.file_name}.json",
    ]


def test_a_flipped_bit_is_found_when_the_plan_is_read(store: PlanStore) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=1.0)
    damaged = bytearray(CONTENT)
    damaged[5000] ^= 1
    saved.path.write_bytes(damaged)
    with pytest.raises(EngineError, match="damaged: its sha256 is not the one in its side-car"):
        saved.read()
    assert store.find(RECIPE) is None


def test_a_truncated_plan_is_refused_without_being_read(store: PlanStore) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=1.0)
    saved.path.write_bytes(CONTENT[:100])
    found = match([store], WANTED)
    assert found.plan is None
    assert found.refused == (f"{saved.path} is cut short: 100 of {len(CONTENT)} bytes",)
    with pytest.raises(EngineError, match=f"cut short: 100 of {len(CONTENT)} bytes"):
        saved.read()


def test_a_plan_of_another_tensorrt_is_named_and_explained(store: PlanStore) -> None:
    saved = store.save(dataclasses.replace(RECIPE, tensorrt="tensorrt 10.1.0"), CONTENT, seconds=42.0)
    found = match([store], WANTED)
    assert found.plan is None
    assert found.refused == (f"{saved.path} was compiled by tensorrt 10.1.0, this is tensorrt 10.3.0",)
    assert found.seconds == 42.0


def test_a_fitting_plan_is_taken_beside_refused_ones(store: PlanStore) -> None:
    store.save(dataclasses.replace(RECIPE, device="Thor", target="sm_110"), CONTENT, seconds=1.0)
    mine = store.save(RECIPE, CONTENT, seconds=1.0)
    found = match([store], WANTED)
    assert found.plan == mine


def test_of_two_fitting_plans_the_newer_is_taken(store: PlanStore) -> None:
    old = store.save(dataclasses.replace(RECIPE, options=Options(optimization_level=5)), CONTENT, seconds=1.0)
    new = store.save(RECIPE, CONTENT, seconds=1.0)
    os.utime(old.path, (1, 1))
    assert match([store], WANTED).plan == new


def test_an_engine_file_without_side_car_is_never_loaded(store: PlanStore) -> None:
    store.directory.mkdir()
    orphan = store.directory / "face-foreign.engine"
    orphan.write_bytes(CONTENT)
    assert store.entries() == [Broken(orphan, "has no side-car, so nothing is known about it")]
    assert match([store], WANTED).plan is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"recipe": {}}', '{"recipe": {"format": 1}, "plan": {}}']
)
def test_a_damaged_side_car_makes_the_plan_unusable(store: PlanStore, text: str) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=1.0)
    saved.path.with_name(saved.path.name + ".json").write_text(text)
    (entry,) = store.entries("face")
    assert isinstance(entry, Broken)
    assert "damaged side-car" in entry.reason


def test_a_side_car_of_another_format_is_refused(store: PlanStore) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=1.0)
    side_car = saved.path.with_name(saved.path.name + ".json")
    document = json.loads(side_car.read_text())
    document["recipe"]["format"] = 99
    side_car.write_text(json.dumps(document))
    (entry,) = store.entries()
    assert isinstance(entry, Broken)
    assert "another version of emotion-edge" in entry.reason


def test_models_whose_names_begin_alike_are_kept_apart(store: PlanStore) -> None:
    store.save(dataclasses.replace(RECIPE, model="face-small"), CONTENT, seconds=1.0)
    assert store.entries("face") == []
    assert len(store.entries("face-small")) == 1


def test_a_missing_cache_is_an_empty_one_and_is_not_created(store: PlanStore) -> None:
    assert match([store], WANTED).plan is None
    assert not store.directory.exists()


@pytest.mark.skipif(
    not os.access("/proc", os.R_OK), reason="needs /proc as a folder that nobody can write to"
)
def test_a_folder_that_cannot_be_written_is_named_with_the_remedy() -> None:
    store = PlanStore(Path("/proc/emotion-edge"))
    with pytest.raises(EngineError, match=r"cannot write to /proc/emotion-edge: .*; choose .* --cache"):
        store.save(RECIPE, CONTENT, seconds=1.0)
    with pytest.raises(EngineError, match="cannot write"), store.lock("x"):
        pass


def test_an_interrupted_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_removing_takes_side_car_and_layers_along(store: PlanStore) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=1.0)
    saved.path.with_suffix(".layers.json").write_text("[]")
    store.remove(saved)
    assert list(store.directory.iterdir()) == []


def _hold(directory: Path, held: Event, release: Event) -> None:
    with PlanStore(directory).lock("plan"):
        held.set()
        release.wait(10)


def test_two_processes_take_turns_and_the_second_says_that_it_waits(store: PlanStore) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(store.directory, held, release))
    other.start()
    assert held.wait(30)
    waiting = threading.Event()

    def let_go() -> None:
        waiting.set()
        release.set()

    with store.lock("plan", let_go):
        assert waiting.is_set()
    other.join(30)
    assert other.exitcode == 0


def test_plan_has_no_opinion_about_content_it_has_not_read(store: PlanStore) -> None:
    saved = store.save(RECIPE, CONTENT, seconds=1.0)
    saved.path.unlink()
    assert isinstance(saved, Plan)
    with pytest.raises(EngineError, match="cannot be read"):
        saved.read()
