"""The page in a real browser, against a daemon of plain values."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from kiosk.conftest import STEER, VIEW, Open, Site
from kiosk.hub import NOW
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from edge.history.segments import Segment
from edge.kiosk.room_view import GlimpseView
from edge.kiosk.state_view import AlertView

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SNAP = CHROMIUM is not None and "/snap" in str(Path(CHROMIUM).resolve())
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium"),
    pytest.mark.skipif(SNAP, reason="chromium is a snap here, which a test cannot drive"),
    pytest.mark.xdist_group("browser"),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MORE_ROOMS = ("Kitchen", "Children's room upstairs", "Office", "Hall", "Workshop")
expect.set_options(timeout=60_000)  # a busy machine takes more than Playwright's five seconds
SIZES = [(320, 640), (1920, 1080), (3840, 2160)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened, faults = context.new_page(), []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield opened
    assert [fault for fault in faults if "ERR_" not in fault and "40" not in fault] == []


def test_the_mood_is_shown_and_follows_the_room(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text("happy")
    expect(page.locator(".doubt")).to_have_text("70 % sure, from face and voice")
    expect(page.locator(".people li").first).to_have_text("person 3, left: sad 70 %")
    site.hub.emotion = "angry"
    expect(page.locator(".word")).to_have_text("angry")


def test_doubt_is_told_instead_of_a_guess(page: Page, site: Site) -> None:
    site.hub.sure = False
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text("not sure")
    expect(page.locator(".doubt")).to_contain_text("perhaps happy")


def test_a_short_surprise_is_told_beside_the_mood(page: Page, site: Site) -> None:
    site.hub.glimpse = GlimpseView(emotion="surprise", at=NOW + 3600)
    page.goto(site.url)
    expect(page.locator(".glimpse")).to_have_text("surprised for a moment")
    expect(page.locator(".word")).to_have_text("happy")


def test_a_switch_switches_and_says_why_something_is_closed(page: Page, site: Site) -> None:
    page.goto(site.url)
    camera = page.get_by_role("switch", name="Camera")
    expect(camera).to_have_attribute("aria-checked", "true")
    camera.click()
    expect(camera).to_have_text("Camera: off (switched off)")
    assert site.hub.switches["camera"] is False


def test_settings_are_changed_on_the_page_and_given_back_to_the_file(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.locator("#settings summary").click()
    page.get_by_label("Whose face makes the mood").select_option("subject")
    expect(page.get_by_text("set here; the file says all")).to_be_visible()
    assert site.hub.set.people == "subject"
    page.get_by_label("Half-life in seconds").fill("2.5")
    page.get_by_label("Half-life in seconds").press("Tab")
    expect(page.get_by_text("set here; the file says 0.")).to_be_visible()
    page.get_by_role("button", name="Everything as in the file").click()
    expect(page.get_by_text("set here")).to_have_count(0)
    assert site.hub.set.chosen == {}


def test_a_room_is_chosen_and_set_alone(page: Page, site: Site) -> None:
    site.hub.furnish("Hall")
    page.goto(site.url)
    page.locator("#settings summary").click()
    page.locator("#settings-of select").select_option("Hall")
    expect(page.get_by_text("as for all rooms").first).to_be_visible()
    expect(page.get_by_label("Model for faces")).to_have_count(0)
    page.get_by_label("Whose face makes the mood").select_option("subject")
    expect(page.get_by_text("set here; the file says all")).to_be_visible()
    assert site.hub.set.of("hall").people == "subject"
    page.locator("#settings-of select").select_option("all rooms")
    expect(page.get_by_label("Whose face makes the mood")).to_have_value("all")
    page.get_by_role("button", name="Everything as in the file").click()
    expect(page.get_by_role("button", name="Everything as in the file")).to_be_disabled()
    assert not site.hub.set.rooms


@pytest.mark.parametrize("value", ["999", "", "-1"])
def test_a_number_that_cannot_be_is_not_set(page: Page, site: Site, value: str) -> None:
    page.goto(site.url)
    page.locator("#settings summary").click()
    field = page.get_by_label("Half-life in seconds")
    field.fill(value)
    field.press("Tab")
    expect(field).to_be_focused()
    assert field.evaluate("one => one.validationMessage")
    page.get_by_label("Whose face makes the mood").select_option("subject")
    expect(page.get_by_text("set here; the file says all")).to_be_visible()
    assert site.hub.set.chosen == {"people": "subject"}


def test_a_refused_setting_is_shown_as_it_was(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.locator("#settings summary").click()
    site.hub.refuses = "no such model"
    page.get_by_label("Model for faces").select_option("face-small")
    expect(page.locator("#link")).to_contain_text("no such model")
    expect(page.get_by_label("Model for faces")).to_have_value("auto")


def test_an_alert_is_a_banner_until_it_is_over_and_one_click_acknowledges_it(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site.url)
    banner = page.get_by_role("alert").filter(has_text="Take a break")
    expect(page.locator(".word")).to_have_text("happy")
    expect(banner).to_have_count(0)
    site.hub.alert = AlertView(
        cause="stress", level="critical", message="Take a break", since=NOW - 75, acknowledged=False
    )
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("Alarm: Take a break")
    expect(page.locator("#alert-since")).to_have_text("for 75 s")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in grave] == []
    banner.get_by_role("button", name="Noticed").click()
    expect(banner.get_by_role("button")).to_have_count(0)
    assert site.hub.acknowledged == ["stress"]
    site.hub.alert = None
    expect(banner).to_have_count(0)


def test_valence_and_arousal_stand_with_the_probabilities(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.locator(".more summary").click()
    expect(page.locator(".valence")).to_have_text("+0.52")
    expect(page.locator(".entropy")).to_have_text("51 % (1.44 bits)")


def test_german_is_one_click_away_and_stays(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator(".word")).to_have_text("fröhlich")
    page.reload()
    expect(page.locator(".word")).to_have_text("fröhlich")


def test_the_page_finds_back_by_itself_when_the_daemon_was_away(page: Page, open_site: Open) -> None:
    site = open_site()
    page.goto(site.url)
    expect(page.locator("#link")).to_have_text("live")
    site.stop()
    expect(page.locator("#link")).to_contain_text("no news for", timeout=30_000)
    again = open_site(port=site.port)
    again.hub.emotion = "sad"
    expect(page.locator(".word")).to_have_text("sad", timeout=30_000)
    expect(page.locator("#link")).to_have_text("live")


def test_a_token_lets_in_and_a_viewer_cannot_steer(page: Page, open_site: Open) -> None:
    site = open_site(tokens=True)
    page.goto(site.url)
    page.locator("#token").fill("wrong")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("alert")).to_have_text("That token is not accepted.")
    page.locator("#token").fill(VIEW)
    page.get_by_role("button", name="Enter").click()
    expect(page.locator(".word")).to_have_text("happy")
    page.get_by_role("switch", name="Camera").click()
    expect(page.locator("#link")).to_contain_text("not allowed with this token")
    expect(page.get_by_role("button", name="Erase the history")).to_be_hidden()
    assert site.hub.switches["camera"] is True


def test_with_the_other_token_one_may_erase(page: Page, open_site: Open) -> None:
    site = open_site(tokens=True)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(site.url)
    page.locator("#token").fill(STEER)
    page.get_by_role("button", name="Enter").click()
    page.get_by_role("button", name="Erase the history").click()
    expect(page.locator("#link")).to_contain_text("The history is erased.")
    assert site.hub.erased


def test_a_kiosk_has_no_buttons_until_it_is_touched(page: Page, site: Site) -> None:
    page.goto(site.url + "?kiosk")
    expect(page.locator(".word")).to_have_text("happy")
    expect(page.locator("nav")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.locator("#notice-text")).to_contain_text("A camera and a microphone sense")
    page.mouse.move(100, 100)
    expect(page.locator("nav")).to_be_visible()
    expect(page.get_by_role("switch", name="Camera")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}px")
@pytest.mark.parametrize("query", ["", "?kiosk"])
def test_nothing_is_wider_than_the_screen(page: Page, site: Site, size: tuple[int, int], query: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(site.url + query)
    expect(page.locator(".word")).to_have_text("happy")
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    expect(page.locator("#set-people")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_week_is_told_where_a_history_is_kept(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text("happy")
    expect(page.locator("#week")).to_be_hidden()
    site.hub.kept = [Segment("living", NOW - 86_400, NOW - 79_200, "happy", 0.8, 2, "ok")]
    page.locator("#week summary").click()
    expect(page.locator("#week")).to_contain_text("happy 100 %")
    expect(page.locator("#week")).to_contain_text("Longest: happy 2 h")
    expect(page.locator(".hours [data-mood=happy]")).to_have_count(2)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("rooms", [2, 4])
@pytest.mark.parametrize("size", [(360, 740), (1280, 800), (1920, 1080)], ids=lambda size: f"{size[0]}px")
def test_rooms_stand_side_by_side_where_there_is_room(
    page: Page, site: Site, rooms: int, size: tuple[int, int]
) -> None:
    site.hub.furnish(*MORE_ROOMS[: rooms - 1])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text(["happy"] * rooms)
    tops = [card.evaluate("one => one.getBoundingClientRect().top") for card in page.locator(".room").all()]
    beside = sum(abs(top - tops[0]) < 1 for top in tops)
    assert beside == {360: 1, 1280: 2, 1920: rooms}[size[0]]
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("rooms", [1, 2, 4, 6])
def test_a_kiosk_shows_all_rooms_at_once_without_scrolling(page: Page, site: Site, rooms: int) -> None:
    site.hub.furnish(*MORE_ROOMS[: rooms - 1])
    site.hub.emotion = "surprise"
    page.goto(site.url + "?kiosk&lang=de")
    expect(page.locator(".word")).to_have_text(["überrascht"] * rooms)
    for width, height in ((800, 480), (1280, 720), (1920, 1080), (800, 1280)):
        page.set_viewport_size({"width": width, "height": height})
        whole = "document.documentElement"
        assert page.evaluate(f"[{whole}.scrollWidth, {whole}.scrollHeight]") == [width, height]
        for card in page.locator(".room").all():
            word = card.locator(".word")
            outer, inner = card.bounding_box(), word.bounding_box()
            assert outer is not None
            assert inner is not None
            assert inner["height"] < 1.5 * word.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
            assert word.evaluate("one => one.scrollWidth <= one.clientWidth")
            assert outer["y"] <= inner["y"]
            assert inner["y"] + inner["height"] <= outer["y"] + outer["height"] <= height


def test_every_room_has_switches_of_its_own(page: Page, site: Site) -> None:
    site.hub.furnish("Kitchen")
    page.goto(site.url)
    kitchen = page.get_by_role("article").filter(has_text="Kitchen")
    kitchen.get_by_role("switch", name="Camera").click()
    expect(kitchen.get_by_role("switch", name="Camera")).to_have_text("Camera: off (switched off)")
    expect(page.get_by_role("switch", name="Camera").first).to_have_text("Camera: on")
    expect(page.locator("#notice-text li")).to_have_text(
        ["Living room: camera and microphone.", "Kitchen: a microphone."]
    )
    assert site.hub.switches["camera"]
    assert not site.hub.others["kitchen"]["camera"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_stands_between_the_page_and_anybody(
    browser: Browser, site: Site, scheme: str
) -> None:
    # The checker is a script from outside, which the page's own policy would refuse.
    context = browser.new_context(bypass_csp=True, color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text("happy")
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    expect(page.locator("#set-people")).to_be_visible()
    found = Axe().run(page).response["violations"]
    context.close()
    assert [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ] == []


def test_everything_can_be_reached_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text("happy")
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim().split(':')[0]"))
    assert {"Skip to the rooms", "Deutsch", "Camera", "Microphone", "Actions", "Probabilities"} <= reached


def test_nobody_is_there_only_where_somebody_could_be_noticed(page: Page, site: Site) -> None:
    site.hub.emotion = "none"
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text("nobody there")
    site.hub.failing = ["camera"]
    expect(page.locator(".word")).to_have_text("nobody speaks")
    expect(page.locator(".people")).to_contain_text("the camera gives no picture")
    site.hub.failing = ["camera", "microphone"]
    expect(page.locator(".word")).to_have_text("cannot sense")
    site.hub.switches.update(camera=False, microphone=False)
    site.hub.failing = []
    expect(page.locator(".word")).to_have_text("sensing is off")


def test_trouble_is_told_at_the_top_and_leads_to_its_reason(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator(".word")).to_have_text("happy")
    top = page.locator("#health-link")
    expect(top).to_be_hidden()
    site.hub.status, site.hub.problems = "error", ["camera: /dev/video0 is not there"]
    expect(top).to_have_text("Something is broken.")
    top.click()
    expect(page.locator("#health")).to_be_focused()
    expect(page.get_by_text("/dev/video0 is not there")).to_be_in_viewport()


def test_the_timeline_names_its_colours(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator(".legend li")).to_have_text(["happy 100 %"])
    expect(page.get_by_role("img", name="Mood of the last 15 minutes, happy 100 %")).to_be_visible()


def test_the_timeline_is_asked_for_anew_when_the_daemons_clock_was_set(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.locator(".legend li")).to_have_text(["happy 100 %"])
    with page.expect_request("**/api/v1/history?*", timeout=60_000):
        site.hub.now, site.hub.emotion = NOW - 3600, "sad"
