// The form for what may be tuned while the daemon runs; made from what the API offers.
import { t } from "./text.js";

const NUMBERS = { sensitivity: { type: "range", min: 0, max: 100, step: 1 }, half_life: { type: "number", min: 0, max: 60, step: 0.1, required: true } };

function made(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

/** Choices that are words of ours have a translation; names of models, profiles and rules stand for themselves. */
function named(key, choice) {
  return key === "people" || (key === "profile" && choice === "none") ? t(`choice_${choice}`) : choice;
}

export class SettingsForm {
  /** `ask(room)` gives the settings, of all rooms (null) or one; `change(changes)` sets some and gives them anew, or null where it was refused. */
  constructor(ask, change) {
    this.ask = ask;
    this.change = change;
    this.box = document.getElementById("settings");
    this.rows = this.box.querySelector(".rows");
    this.box.addEventListener("toggle", () => this.load());
    this.box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.reset = document.getElementById("reset");
    this.reset.addEventListener("click", () => this.set({ reset: true }));
    this.of = document.getElementById("settings-of");
    this.chooser = this.of.querySelector("select");
    this.chooser.addEventListener("change", () => this.load());
  }

  /** Only who may steer gets to see it; where there are several rooms, each has settings of its own. */
  allow(may, rooms) {
    this.box.hidden = !may;
    this.of.hidden = rooms.length < 2;
    const wanted = JSON.stringify([t("allRooms"), ...rooms.map((room) => [room.id, room.name])]);
    if (this.chooser.dataset.rooms === wanted) return;
    const chosen = this.chooser.value;
    this.chooser.dataset.rooms = wanted;
    this.chooser.replaceChildren(
      made("option", { value: "", textContent: t("allRooms") }),
      ...rooms.map((room) => made("option", { value: room.id, textContent: room.name })),
    );
    this.chooser.value = rooms.some((room) => room.id === chosen) ? chosen : "";
    if (this.chooser.value !== chosen) this.load();
  }

  /** Null: all rooms. */
  get room() {
    return this.of.hidden ? null : this.chooser.value || null;
  }

  async load() {
    if (!this.box.open) return;
    const found = await this.ask(this.room);
    if (found) this.show(found);
  }

  async set(changes) {
    const found = await this.change(this.room ? { room: this.room, ...changes } : changes);
    if (found) this.show(found); else this.load();
  }

  show(found) {
    const focused = document.activeElement?.id;
    this.rows.replaceChildren(...Object.entries(found.values).map(([key, value]) => this.row(key, value, found)));
    this.reset.disabled = found.set.length === 0 && !Object.values(found.rooms ?? {}).some((own) => Object.keys(own).length);
    this.reset.textContent = t(found.room ? "resetRoom" : "reset");
    document.getElementById("settings-note").textContent = found.not_stored ? t("notStored", found.not_stored) : "";
    if (focused) document.getElementById(focused)?.focus();
  }

  row(key, value, found) {
    const label = made("label");
    const name = made("span", { textContent: t(`set_${key}`) });
    const field = this.field(key, value, found.choices[key]);
    field.id = `set-${key}`;
    field.addEventListener("change", () => {
      if (field.validity.valid) this.set({ [key]: key in NUMBERS ? Number(field.value) : field.value });
      else setTimeout(() => field.reportValidity());  // once the focus has moved on, so that it comes back
    });
    const from = found.set.includes(key) ? t("ownSetting", found.file[key]) : t(found.room ? "fromAll" : "fromFile");
    label.append(name, field, made("small", { textContent: key === "sensitivity" ? `${value} · ${from}` : from }));
    return label;
  }

  field(key, value, choices) {
    if (key in NUMBERS) return made("input", { ...NUMBERS[key], value });
    const field = made("select");
    field.append(...choices.map((one) => made("option", { value: one, textContent: named(key, one) })));
    field.value = value;
    return field;
  }
}
