// Wires the page: follow the daemon, show what it says, ask it to switch.
import * as api from "./api.js";
import { RoomCard } from "./rooms.js";
import { startKiosk } from "./kiosk.js";
import { SettingsForm } from "./settings.js";
import { Week } from "./week.js";
import { fillIn, number, span, switchLanguage, t } from "./text.js";

const STALE = 12;
const STEP = 5;
const WINDOW = 15 * 60;
const byId = (id) => document.getElementById(id);
const cards = new Map();
let latest = null;
let offset = 0;          // the daemon's clock minus ours, seconds
let running = null;      // the daemon's clock minus our monotonic one: it changes when a clock is set
let lastSign = 0;        // our monotonic clock, seconds
let unfollow = null;
let retry = null;
let notice = "";

const here = () => performance.now() / 1000;
const daemonNow = () => Date.now() / 1000 + offset;

function show(state) {
  latest = state;
  offset = state.now - Date.now() / 1000;
  const apart = state.now - here();
  const clockSet = running !== null && Math.abs(apart - running) > STEP;
  running = apart;
  byId("device").textContent = state.device.name;
  document.title = state.rooms.map((room) => `${t(room.mood.emotion)} · ${room.name}`).join(", ");
  for (const [id, card] of cards) {
    if (!state.rooms.some((room) => room.id === id)) { card.element.remove(); cards.delete(id); }
  }
  for (const room of state.rooms) {
    if (!cards.has(room.id)) {
      cards.set(room.id, new RoomCard(room.id, change));
      fillIn(cards.get(room.id).element);
      loadHistory();
    }
    cards.get(room.id).show(room, state.now);
  }
  byId("rooms").dataset.count = state.rooms.length > 4 ? "many" : state.rooms.length;
  if (clockSet) loadHistory();
  showAlert(state);
  showHealth(state.health);
  showNotice(state);
  pass();
}

function showAlert({ alert, may_steer: maySteer }) {
  const box = byId("alert");
  box.hidden = !alert;
  if (!alert) return;
  box.dataset.level = alert.level;
  box.dataset.acknowledged = alert.acknowledged;
  const words = `${t(alert.level)}: ${alert.message}`;
  if (byId("alert-message").textContent !== words) byId("alert-message").textContent = words;
  byId("acknowledge").hidden = alert.acknowledged || !maySteer;
  byId("acknowledge").onclick = async () => {
    const answer = await attempt(() => api.acknowledge(alert.cause));
    if (answer) show(answer);
  };
}

function showHealth(health) {
  byId("health").dataset.status = health.status;
  byId("health-word").textContent = t(health.status);
  byId("health-link").hidden = health.status === "ok";
  byId("health-link").dataset.status = health.status;
  if (byId("health-link").textContent !== t(health.status)) byId("health-link").textContent = t(health.status);
  byId("problems").replaceChildren(...health.problems.map((p) => Object.assign(document.createElement("li"), { textContent: p, lang: "en" })));
  byId("engines").tBodies[0].replaceChildren(...health.stages.map((stage) => {
    const row = document.createElement("tr");
    const latency = stage.latency_ms === null ? "–" : `${Math.round(stage.latency_ms)} ms`;
    const cells = [t(stage.sense), stage.model, stage.backend ?? "–", t("perSecond", number(stage.fps, 1)), latency];
    row.append(...cells.map((value, index) => Object.assign(document.createElement(index ? "td" : "th"), { textContent: value })));
    row.firstChild.scope = "row";
    return row;
  }));
}

function sensed({ camera, microphone }, several) {
  const open = camera && microphone ? "Both" : camera ? "Camera" : microphone ? "Microphone" : "None";
  return (several ? "room" : "notice") + open;
}

function showNotice(state) {
  const several = state.rooms.length > 1;
  const rows = state.rooms.map((room) => t(sensed(room.switches, several), room.name));
  if (byId("notice-text").dataset.rows !== rows.join("|")) {
    byId("notice-text").dataset.rows = rows.join("|");
    byId("notice-text").replaceChildren(...rows.map((row) => Object.assign(document.createElement("li"), { textContent: row })));
  }
  byId("history-kept").textContent = state.history_kept_s ? t("historyKept", span(state.history_kept_s)) : t("historyNone");
  byId("erase").hidden = !state.may_steer;
  settings.allow(state.may_steer, state.rooms);
  week.allow(state);
}

function pass() {
  const silent = here() - lastSign;
  const stale = lastSign > 0 && silent > STALE;
  document.documentElement.classList.toggle("stale", stale || lastSign === 0);
  const words = lastSign === 0 ? t("connecting") : stale ? t("stale", span(silent)) : t("live");
  const line = notice ? `${words} · ${notice}` : words;
  if (byId("link").textContent !== line) byId("link").textContent = line;
  if (latest?.alert) byId("alert-since").textContent = t("since", span(daemonNow() - latest.alert.since));
  for (const card of cards.values()) card.pass(daemonNow());
}

function say(words, seconds = 0) {
  notice = words;
  if (seconds) setTimeout(() => { if (notice === words) notice = ""; pass(); }, seconds * 1000);
  pass();
}

async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (error instanceof api.Refused) {
      if (error.message === "token") byId("login").open || byId("login").showModal();
      else say(t("refused"), 6);
    } else {
      say(t("failed", error.message), 6);
    }
    return null;
  }
}

async function change(room, name, on) {
  const answer = await attempt(() => api.setSwitch(room, name, on));
  if (answer) show(answer);
}

const week = new Week(() => attempt(api.getWeek));
const settings = new SettingsForm((room) => attempt(() => api.getSettings(room)), (changes) => attempt(() => api.setSettings(changes)));

async function loadHistory() {
  const found = await attempt(() => api.getHistory(WINDOW));
  for (const [id, points] of Object.entries(found?.rooms ?? {})) cards.get(id)?.timeline.load(points);
  pass();
}

async function start() {
  clearTimeout(retry);
  unfollow?.();
  unfollow = null;
  let state;
  try {
    state = await api.getState();
  } catch (error) {
    if (error instanceof api.Refused) { byId("login").open || byId("login").showModal(); return; }
    retry = setTimeout(start, 2000);
    return;
  }
  lastSign = here();
  show(state);
  unfollow = api.follow(show, () => { lastSign = here(); }, (closed) => { if (closed) retry = setTimeout(start, 2000); });
}

byId("login").querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await api.login(byId("token").value);
    byId("token").value = "";
    byId("login-error").textContent = "";
    byId("login").close();
    start();
  } catch {
    byId("login-error").textContent = t("wrong");
  }
});
byId("erase").addEventListener("click", async () => {
  if (!confirm(t("eraseAsk"))) return;
  if (await attempt(api.eraseHistory)) { for (const card of cards.values()) card.timeline.load([]); week.load(); say(t("erased"), 6); }
});
byId("language").addEventListener("click", () => { switchLanguage(); for (const card of cards.values()) card.timeline.restyle(); if (latest) show(latest); settings.load(); week.load(); });
byId("theme").addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
  for (const card of cards.values()) card.timeline.restyle();
  pass();
});
byId("fullscreen").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen?.();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { unfollow?.(); unfollow = null; } else start();
});

const theme = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem("theme");
if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
fillIn();
if (new URLSearchParams(location.search).has("kiosk")) startKiosk((words) => say(words, 15));
setInterval(pass, 1000);
start();
