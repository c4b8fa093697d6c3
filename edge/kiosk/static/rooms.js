// A card for each room: the mood, who is there, the probabilities, the switches.
import { LABELS, number, span, t } from "./text.js";
import { drawFace } from "./icons.js";
import { Timeline } from "./timeline.js";

const DEVICES = ["camera", "microphone", "actions"];
const GLIMPSE = 5;  // seconds for which a short surprise is told
const MOST_DOUBT = Math.log2(LABELS.length);

function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

const isOn = (room, device) => Boolean(room.switches[device]);
const works = (room, device) => isOn(room, device) && !room.failing.includes(device);

/** What is said while there is no mood: nobody is only where somebody could be noticed. */
function absence(room) {
  if (works(room, "camera")) return "none";
  if (works(room, "microphone")) return "unheard";
  return isOn(room, "camera") || isOn(room, "microphone") ? "senseless" : "off";
}

export class RoomCard {
  constructor(id, onSwitch) {
    this.id = id;
    const copy = document.getElementById("room-template").content.cloneNode(true);
    this.element = copy.querySelector("article");
    this.element.dataset.room = id;
    this.part = (name) => this.element.querySelector(`.${name}`);
    this.buttons = new Map(DEVICES.map((name) => [name, this.makeSwitch(name, onSwitch)]));
    this.shown = "";
    for (const name of ["more", "aim"]) this.part(name).addEventListener("toggle", () => this.room && this.show(this.room, 0));
    document.getElementById("rooms").append(this.element);
    this.timeline = new Timeline(this.part("timeline"), this.part("legend"));
  }

  makeSwitch(name, onSwitch) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "switch");
    button.dataset.switch = name;
    button.addEventListener("click", () => onSwitch(this.id, name, button.getAttribute("aria-checked") !== "true"));
    this.part("switches").append(button);
    return button;
  }

  show(room, now) {
    this.room = room;
    text(this.part("room-name"), room.name);
    this.showMood(room);
    this.showPeople(room);
    this.showBars(room);
    this.showScene(room);
    for (const [name, button] of this.buttons) this.showSwitch(button, name, room);
    if (room.glimpse) this.timeline.mark(room.glimpse);
    if (now) this.timeline.add({ t: now, emotion: room.mood.emotion, confidence: room.mood.confidence });
  }

  showMood(room) {
    const { emotion, confidence, sure, source } = room.mood;
    const without = absence(room);
    const off = without === "off" || without === "senseless";
    const shown = off ? "none" : emotion !== "none" && !sure ? "unsure" : emotion;
    if (this.shown !== shown) drawFace(this.part("face"), shown);
    this.shown = shown;
    this.element.dataset.mood = shown;
    text(this.part("word"), t(shown === "none" ? without : shown));
    const doubt = shown === "none" ? "" : shown === "unsure" ? t("maybe", t(emotion)) : t("sure", Math.round(confidence * 100));
    text(this.part("doubt"), doubt && `${doubt}, ${t(`source_${source}`)}`);
  }

  /** A short surprise is told for some seconds. */
  showGlimpse(now) {
    const glimpse = this.room.glimpse;
    const fresh = glimpse && absence(this.room) !== "off" && now - glimpse.at < GLIMPSE;
    text(this.part("glimpse"), fresh ? t("glimpse", t(glimpse.emotion)) : "");
  }

  /** What changes by time alone. */
  pass(now) {
    if (!this.room) return;
    this.showGlimpse(now);
    text(this.part("since"), ["off", "senseless"].includes(absence(this.room)) ? "" : t("since", span(now - this.room.mood.since)));
    if (!document.hidden) this.timeline.draw(now);
  }

  showPeople(room) {
    const rows = room.people.map((p) => {
      const word = p.emotion === null ? t("unjudged") : `${t(p.emotion)} ${Math.round(p.confidence * 100)} %`;
      return `${t("person", p.number)}, ${t(p.place)}: ${word}`;
    });
    if (room.failing.includes("camera")) rows.push(t("noPicture"));
    else if (!rows.length && isOn(room, "camera")) rows.push(room.faces ? t(room.faces === 1 ? "people1" : "people", room.faces) : t("people0"));
    if (room.failing.includes("microphone")) rows.push(t("noSound"));
    else if (room.speaking) rows.push(t("speaking"));
    const list = this.part("people");
    if (list.dataset.rows === rows.join("|")) return;
    list.dataset.rows = rows.join("|");
    list.replaceChildren(...rows.map((row) => Object.assign(document.createElement("li"), { textContent: row })));
  }

  showBars(room) {
    const details = this.part("more");
    if (!details.open && this.barsMade) return;
    const kinds = ["face", "speech", "steady"].filter((kind) => room.probabilities[kind]);
    const head = document.createElement("tr");
    head.append(...["emotion", ...kinds].map((key) => Object.assign(document.createElement("th"), { scope: "col", textContent: t(key) })));
    this.part("bars").tHead.replaceChildren(head);
    this.part("bars").tBodies[0].replaceChildren(...LABELS.map((label) => this.bar(label, kinds, room.probabilities)));
    this.showAffect(room);
    this.barsMade = true;
  }

  showAffect(room) {
    const judged = room.quality > 0;
    const signed = (value) => (judged ? `${value > 0 ? "+" : ""}${number(value, 2)}` : "–");
    text(this.part("valence"), signed(room.valence));
    text(this.part("arousal"), signed(room.arousal));
    text(this.part("entropy"), judged ? t("bits", Math.round((room.entropy / MOST_DOUBT) * 100), number(room.entropy, 2)) : "–");
    text(this.part("quality"), judged ? `${Math.round(room.quality * 100)} %` : "–");
  }

  bar(label, kinds, probabilities) {
    const row = document.createElement("tr");
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: t(label) }));
    for (const kind of kinds) {
      const percent = Math.round(probabilities[kind][label] * 100);
      const cell = document.createElement("td");
      const meter = Object.assign(document.createElement("meter"), { min: 0, max: 100, value: percent });
      meter.setAttribute("aria-label", `${t(kind)}, ${t(label)}`);
      cell.append(meter, ` ${percent} %`);
      row.append(cell);
    }
    return row;
  }

  showScene(room) {
    const aim = this.part("aim");
    aim.hidden = !room.switches.camera;
    const scene = this.part("scene");
    const count = room.boxes.length;
    scene.setAttribute("aria-label", t(count === 1 ? "people1" : count ? "people" : "people0", count));
    if (!aim.open) return;
    scene.innerHTML = '<rect class="frame" width="160" height="120"/>' + room.boxes.map(silhouette).join("");
  }

  showSwitch(button, name, room) {
    const on = room.switches[name];
    button.hidden = on === undefined;
    button.setAttribute("aria-checked", String(Boolean(on)));
    const reason = room.reasons[name];
    text(button, `${t(name)}: ${on ? t("on") : t("offWord")}${reason ? ` (${reason})` : ""}`);
  }
}

/** A head and shoulders where a box is: x, y, w, h as shares of the picture. */
function silhouette([x, y, w, h]) {
  const [left, top, width, height] = [x * 160, y * 120, w * 160, h * 120].map((v) => Number(v) || 0);
  const middle = left + width / 2;
  return `<ellipse class="head" cx="${middle}" cy="${top + height / 2}" rx="${width / 2}" ry="${height / 2}"/>` +
    `<path class="body" d="M${middle - width} ${top + height * 2}q0 ${-height * 0.8} ${width} ${-height * 0.8}t${width} ${height * 0.8}z"/>`;
}
