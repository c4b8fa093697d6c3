from __future__ import annotations

import errno
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from edge.config.models import PrivacyConfig
from edge.errors import EdgeError
from edge.privacy.durable import replace_file
from edge.privacy.state import PrivacyState, one_change, switch_changes
from edge.privacy.store import SwitchStore

NOON = datetime(2026, 11, 23, 12, 0)
NIGHT = datetime(2026, 11, 23, 23, 0)


def state(folder: Path, device: str = "hub", **fields: object) -> PrivacyState:
    config = PrivacyConfig.model_validate(fields)
    return PrivacyState(config, store=SwitchStore(folder, device))


def test_everything_is_on_before_the_first_time(tmp_path: Path) -> None:
    desired = state(tmp_path).desired(NOON)
    assert (desired.of("camera"), desired.of("microphone"), desired.of("actions")) == (True, True, True)
    assert desired.reasons == {}


def test_off_stays_off_over_restarts(tmp_path: Path) -> None:
    first = state(tmp_path)
    first.set("camera", False)
    assert first.problem is None
    again = state(tmp_path).desired(NOON)
    assert not again.of("camera")
    assert again.of("microphone")
    assert again.reasons == {"camera": "switched off"}


def test_start_disabled_closes_the_devices_at_every_start(tmp_path: Path) -> None:
    first = state(tmp_path, start_disabled=True)
    assert not first.desired(NOON).of("camera")
    first.set("camera", True)
    assert first.desired(NOON).of("camera")
    again = state(tmp_path, start_disabled=True).desired(NOON)
    assert (again.of("camera"), again.of("microphone"), again.of("actions")) == (False, False, True)


def test_the_schedule_wins_over_the_switch_and_says_until_when(tmp_path: Path) -> None:
    nightly = state(tmp_path, schedule=["22:00-07:00 camera"])
    nightly.set("camera", True)
    desired = nightly.desired(NIGHT)
    assert not desired.of("camera")
    assert desired.of("microphone")
    assert desired.reasons["camera"] == "schedule '22:00-07:00 camera', until 07:00"
    assert nightly.desired(NOON).of("camera")


def test_switching_on_within_a_span_counts_when_it_ends(tmp_path: Path) -> None:
    nightly = state(tmp_path, schedule=["22:00-07:00"])
    nightly.set("camera", False)
    nightly.set("camera", True)
    assert not nightly.desired(NIGHT).of("camera")
    assert nightly.desired(NOON).of("camera")


def test_switching_off_outlasts_the_span(tmp_path: Path) -> None:
    nightly = state(tmp_path, schedule=["22:00-07:00"])
    nightly.set("microphone", False)
    assert not nightly.desired(NOON).of("microphone")


def test_a_new_schedule_leaves_the_switches(tmp_path: Path) -> None:
    switched = state(tmp_path)
    switched.set("camera", False)
    switched.reconfigure(PrivacyConfig(schedule=["22:00-07:00 microphone"]))
    desired = switched.desired(NIGHT)
    assert (desired.of("camera"), desired.of("microphone")) == (False, False)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"camera": true}', '{"camera": 1, "microphone": 1, "actions": 1}']
)
def test_a_damaged_file_means_closed(tmp_path: Path, content: str) -> None:
    SwitchStore(tmp_path, "hub").path.write_text(content)
    desired = state(tmp_path).desired(NOON)
    assert (desired.of("camera"), desired.of("microphone"), desired.of("actions")) == (False, False, False)
    switched = state(tmp_path)
    switched.begin()
    assert switched.problem is not None
    assert "is damaged" in switched.problem
    assert not switched.desired(NOON).of("camera")
    switched.set("camera", True)
    assert switched.problem is None


def test_a_renamed_device_keeps_what_was_switched_off(tmp_path: Path) -> None:
    state(tmp_path, "old-name").set("camera", False)
    assert not state(tmp_path, "new-name").desired(NOON).of("camera")
    assert state(tmp_path, "new-name").desired(NOON).of("microphone")


def test_the_file_is_replaced_as_a_whole_and_no_scraps_remain(tmp_path: Path) -> None:
    switched = state(tmp_path / "made" / "by-need")
    for on in (False, True, False):
        switched.set("camera", on)
    folder = tmp_path / "made" / "by-need"
    assert [path.name for path in folder.iterdir()] == ["switches-hub.json"]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_switch_counts_even_if_it_cannot_be_stored(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    switched = state(blocked / "state")
    switched.set("camera", False)
    assert not switched.desired(NOON).of("camera")
    assert switched.problem is not None
    assert "cannot store the switches in" in switched.problem


def test_what_could_not_be_stored_is_stored_as_soon_as_it_can_be(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    switched = state(blocked / "state")
    switched.set("camera", False)
    switched.retry()
    assert not switched.stored
    blocked.unlink()
    switched.retry()
    assert (switched.stored, switched.problem) == (True, None)
    assert not state(blocked / "state").desired(NOON).of("camera")


def test_a_start_that_could_not_remember_an_off_is_closed_until_a_person_switches_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    switched = state(blocked / "state")
    switched.begin()
    desired = switched.desired(NOON)
    assert (desired.of("camera"), desired.of("microphone")) == (False, False)
    assert "could not be stored" in desired.reasons["camera"]
    assert switched.problem is not None
    assert "make the folder writable" in switched.problem
    switched.set("camera", True)
    assert switched.desired(NOON).of("camera")
    assert not switched.desired(NOON).of("microphone")


def test_on_a_full_disk_an_off_is_written_where_the_old_file_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched = state(tmp_path)
    switched.begin()

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("edge.privacy.store.replace_file", full)
    switched.set("camera", False)
    assert switched.stored
    assert not state(tmp_path).desired(NOON).of("camera")
    switched.set("camera", True)
    assert switched.stored
    assert state(tmp_path).desired(NOON).of("camera")


def with_notes(folder: Path) -> PrivacyState:
    store = SwitchStore(folder / "state", "hub", volatile=folder / "run", lasting=folder / "cache")
    return PrivacyState(PrivacyConfig(), store=store)


def unwritable(*folders: Path, patch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, text: str) -> None:
        if path.parent in folders:
            raise OSError(errno.EROFS, "Read-only file system")
        replace_file(path, text)

    patch.setattr("edge.privacy.store.replace_file", refuse)
    patch.setattr("edge.privacy.store.overwrite_file", lambda path, text: False)


def test_an_off_that_could_not_be_stored_outlives_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = with_notes(tmp_path)
    before.begin()
    with monkeypatch.context() as patch:
        unwritable(tmp_path / "state", patch=patch)
        before.set("camera", False)
        assert "outlive a crash and a reboot" in str(before.problem)
    after = with_notes(tmp_path)
    after.begin()
    assert not after.desired(NOON).of("camera")
    assert after.desired(NOON).of("microphone")
    assert (after.stored, after.problem) == (True, None)
    assert not [*(tmp_path / "run").iterdir(), *(tmp_path / "cache").iterdir()], "the file knows it now"
    assert not state(tmp_path / "state").desired(NOON).of("camera")


def test_an_off_that_could_not_be_stored_outlives_a_reboot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = with_notes(tmp_path)
    before.begin()
    with monkeypatch.context() as patch:
        unwritable(tmp_path / "state", patch=patch)
        before.set("microphone", False)
    (tmp_path / "run" / "unstored-hub.json").unlink()
    after = with_notes(tmp_path)
    after.begin()
    assert not after.desired(NOON).of("microphone")
    assert after.desired(NOON).of("camera")


def test_where_only_memory_is_left_to_note_an_off_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = with_notes(tmp_path)
    unwritable(tmp_path / "state", tmp_path / "cache", patch=monkeypatch)
    one.set("camera", False)
    assert "a reboot only if a broker" in str(one.problem)


def test_an_on_that_could_not_be_stored_opens_nothing_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = with_notes(tmp_path)
    before.set("camera", False)
    with monkeypatch.context() as patch:
        unwritable(tmp_path / "state", patch=patch)
        before.set("camera", True)
    assert not with_notes(tmp_path).desired(NOON).of("camera")


def after_a_power_cut(folder: Path, **fields: Any) -> PrivacyState:
    """The next start finds the mark of a process of another boot."""
    path = folder / "switches-hub.json"
    stored = json.loads(path.read_text())
    assert stored["running"], "marked before anything opened"
    path.write_text(json.dumps({**stored, "running": "another-boot 12"}))
    return state(folder, **fields)


def test_after_a_power_cut_devices_wait_for_an_off_that_is_kept_elsewhere(tmp_path: Path) -> None:
    state(tmp_path).begin()
    after = after_a_power_cut(tmp_path)
    after.begin()
    assert (after.asking, after.desired(NOON).of("camera"), after.desired(NOON).of("actions")) == (
        True,
        False,
        True,
    )
    after.recall({"camera": False, "microphone": True, "actions": True})
    after.asking = False
    assert (after.desired(NOON).of("camera"), after.desired(NOON).of("microphone")) == (False, True)
    assert not state(tmp_path).desired(NOON).of("camera"), "it is stored now"


def test_after_a_power_cut_all_is_as_it_was_when_nobody_remembers_more(tmp_path: Path) -> None:
    state(tmp_path).set("microphone", False)
    after = after_a_power_cut(tmp_path)
    after.begin()
    after.asking = False
    assert (after.desired(NOON).of("camera"), after.desired(NOON).of("microphone")) == (True, False)


def test_what_is_set_since_the_start_counts_more_than_what_is_kept_elsewhere(tmp_path: Path) -> None:
    state(tmp_path).begin()
    after = after_a_power_cut(tmp_path)
    after.begin()
    after.set("camera", True)
    assert after.desired(NOON).of("camera"), "nobody has to wait for a broker"
    after.recall({"camera": False, "microphone": False, "actions": True})
    after.asking = False
    assert (after.desired(NOON).of("camera"), after.desired(NOON).of("microphone")) == (True, False)


@pytest.mark.parametrize("told", [None, [], {"camera": False}, {"camera": 1}, {"camera": "off"}])
def test_what_is_kept_elsewhere_and_not_understood_changes_nothing(tmp_path: Path, told: object) -> None:
    one = state(tmp_path)
    one.recall(told)
    assert all(one.switches.values())


def test_after_a_clean_end_nobody_waits(tmp_path: Path) -> None:
    first = state(tmp_path)
    first.begin()
    first.end()
    after = state(tmp_path, start_disabled="after_crash")
    assert (after.asking, after.desired(NOON).reasons) == (False, {})


def test_after_crash_closes_the_devices_after_every_end_without_a_word(tmp_path: Path) -> None:
    state(tmp_path).begin()
    after = after_a_power_cut(tmp_path, start_disabled="after_crash")
    after.begin()
    after.asking = False
    assert (after.desired(NOON).of("camera"), after.desired(NOON).of("actions")) == (False, True)
    after.end()
    assert state(tmp_path).desired(NOON).of("camera"), "it was nobody's wish"


def test_an_end_at_which_an_off_could_not_be_stored_is_not_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = with_notes(tmp_path)
    before.begin()
    with monkeypatch.context() as patch:
        unwritable(tmp_path / "state", tmp_path / "run", tmp_path / "cache", patch=patch)
        before.set("camera", False)
        before.end()
    after = after_a_power_cut(tmp_path / "state", start_disabled="after_crash")
    after.asking = False
    assert not after.desired(NOON).of("camera")


def test_a_folder_that_became_read_only_is_told_before_anybody_switches_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = state(tmp_path)
    one.begin()
    monkeypatch.setattr(SwitchStore, "writable", lambda _: False)
    one.retry()
    assert "would not outlive a reboot" in str(one.problem)
    monkeypatch.undo()
    one.retry()
    assert one.problem is None


def test_a_damaged_note_closes_everything(tmp_path: Path) -> None:
    with_notes(tmp_path).begin()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "unstored-hub.json").write_text("{")
    after = with_notes(tmp_path)
    after.begin()
    assert not any(after.switches.values())
    assert "is damaged" in str(after.problem)
    for name in ("camera", "microphone", "actions"):
        after.set(name, True)
    assert after.problem is None
    assert all(with_notes(tmp_path).switches.values())


def test_where_no_note_can_be_left_either_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").write_text("not a folder")
    one = with_notes(tmp_path)
    unwritable(tmp_path / "state", tmp_path / "cache", patch=monkeypatch)
    one.set("camera", False)
    assert "they outlive no crash" in str(one.problem)


def test_what_a_killed_write_left_is_removed_at_the_start(tmp_path: Path) -> None:
    (tmp_path / ".switches-hub.json.x1y2").write_text("{")
    state(tmp_path).begin()
    assert [path.name for path in tmp_path.iterdir()] == ["switches-hub.json"]


def test_starting_disabled_is_not_remembered_as_a_persons_wish(tmp_path: Path) -> None:
    state(tmp_path, start_disabled=True).begin()
    assert state(tmp_path).desired(NOON).of("camera")


def test_a_state_folder_that_cannot_be_read_means_closed_and_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to("state")
    switched = state(tmp_path / "state")
    switched.begin()
    assert not switched.desired(NOON).of("camera")
    assert switched.problem is not None
    assert "STATE_DIRECTORY" in switched.problem


def test_an_unknown_switch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="no switch 'door'; there are camera, microphone, actions"):
        state(tmp_path).set("door", True)


def test_privacy_on_means_devices_closed() -> None:
    assert switch_changes({"what": "on"}) == {"camera": False, "microphone": False}
    assert switch_changes({"what": "off", "things": ["camera"]}) == {"camera": True}
    assert switch_changes({"what": "status"}) == {}


@pytest.mark.parametrize(
    "arguments",
    [{}, {"what": "maybe"}, {"what": "on", "things": ["door"]}, {"what": "on", "things": "camera"}],
)
def test_a_malformed_request_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(EdgeError):
        switch_changes(arguments)


def house(folder: Path, *rooms: str, **keys: Any) -> PrivacyState:
    return PrivacyState(PrivacyConfig(**keys), store=SwitchStore(folder, "hub"), rooms=rooms)


def shut(found: PrivacyState, moment: datetime = NOON) -> set[str]:
    return set(found.desired(moment).reasons)


def test_a_room_is_switched_alone_and_all_rooms_together(tmp_path: Path) -> None:
    found = house(tmp_path, "hall", "den")
    found.set("hall/camera", False)
    assert shut(found) == {"hall/camera"}
    found.set("camera", False)
    assert shut(found) == {"hall/camera", "den/camera", "camera"}
    found.set("camera", True)
    assert shut(found) == set()
    assert shut(house(tmp_path, "hall", "den")) == set()


def test_a_new_room_takes_over_what_is_off_for_all_and_keeps_what_was_its_own(tmp_path: Path) -> None:
    found = house(tmp_path, "hall")
    found.set("camera", False)
    found.have_rooms(["hall", "den"])
    assert "den/camera" in shut(found)
    found.set("den/camera", True)
    found.have_rooms(["hall"])
    assert found.former_rooms == {"den"}
    assert shut(house(tmp_path, "hall", "den")) == {"hall/camera"}


def test_what_was_off_without_rooms_is_off_in_each_and_the_other_way_round(tmp_path: Path) -> None:
    state(tmp_path).set("microphone", False)
    found = house(tmp_path, "hall", "den")
    assert shut(found) == {"hall/microphone", "den/microphone", "microphone"}
    found.set("hall/microphone", True)
    alone = house(tmp_path)
    assert shut(alone) == {"microphone"}
    alone.set("microphone", True)
    assert shut(house(tmp_path)) == set()
    assert shut(house(tmp_path, "hall", "den")) == set()


def test_all_rooms_on_opens_no_room_that_is_not_there(tmp_path: Path) -> None:
    found = house(tmp_path, "hall", "den")
    found.set("den/camera", False)
    found.have_rooms(["hall"])
    found.set("camera", True)
    assert shut(house(tmp_path, "hall", "den")) == {"den/camera"}


def test_the_schedule_and_a_start_switched_off_hold_in_every_room(tmp_path: Path) -> None:
    nightly = house(tmp_path, "hall", "den", schedule=["22:00-07:00 camera"])
    assert shut(nightly, NIGHT) == {"hall/camera", "den/camera", "camera"}
    off = house(tmp_path, "hall", start_disabled=True)
    assert shut(off) == {"hall/camera", "hall/microphone", "camera", "microphone"}
    off.have_rooms(["hall", "den"])
    assert {"den/camera", "den/microphone"} <= shut(off)


def test_a_span_for_a_room_closes_that_one_alone_and_a_new_one_from_its_first_moment(tmp_path: Path) -> None:
    nightly = house(tmp_path, "hall", schedule=["22:00-07:00 room:den", "22:00-07:00 microphone room:hall"])
    assert shut(nightly, NIGHT) == {"hall/microphone", "microphone"}
    nightly.have_rooms(["hall", "den"])
    nightly.set("den/camera", True)
    assert shut(nightly, NIGHT) == {"hall/microphone", "den/camera", "den/microphone", "microphone"}
    assert nightly.desired(NIGHT).reasons["den/camera"] == "schedule '22:00-07:00 room:den', until 07:00"
    assert shut(nightly) == set()


def test_a_damaged_file_closes_every_room(tmp_path: Path) -> None:
    house(tmp_path, "hall").begin()
    (tmp_path / "switches-hub.json").write_text("{")
    assert {"hall/camera", "den/microphone"} <= shut(house(tmp_path, "hall", "den"))


def test_a_room_that_cannot_be_stored_starts_closed(tmp_path: Path) -> None:
    found = house(tmp_path / "state", "hall")
    found.begin()
    shutil.rmtree(tmp_path / "state")
    (tmp_path / "state").touch()
    found.have_rooms(["hall", "den"])
    assert shut(found) == {"den/camera", "den/microphone"}


def test_an_unknown_room_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="no room 'attic'; there are hall, den"):
        house(tmp_path, "hall", "den").set("attic/camera", False)
    with pytest.raises(EdgeError, match="this device has no rooms"):
        state(tmp_path).set("attic/camera", False)
    assert switch_changes({"what": "on", "things": ["camera"], "room": "hall"}) == {"hall/camera": False}
    assert one_change({"name": "actions", "on": False, "room": "hall"}) == {"actions": False}
