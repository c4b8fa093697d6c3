// The form for what may be tuned while the daemon runs; made from what the API offers.
import { t } from "./text.js";

const NUMBERS = { sensitivity: { type: "range", min: 0, max: 100, step: 1 }, half_life: { type: "number", min: 0, max: 60, step: 0.1 } };

function made(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

/** Choices that are words of ours have a translation; names of models, profiles and rules stand for themselves. */
function named(key, choice) {
  return key === "people" || (key === "profile" && choice === "none") ? t(`choice_${choice}`) : choice;
}

export class SettingsForm {
  /** `ask()` gives the settings; `change(changes)` sets some and gives them anew, or null where it was refused. */
  constructor(ask, change) {
    this.ask = ask;
    this.change = change;
    this.box = document.getElementById("settings");
    this.rows = this.box.querySelector(".rows");
    this.box.addEventListener("toggle", () => this.load());
    this.box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    this.reset = document.getElementById("reset");
    this.reset.addEventListener("click", () => this.set({ reset: true }));
  }

  /** Only who may steer gets to see it. */
  allow(may) {
    this.box.hidden = !may;
  }

  async load() {
    if (!this.box.open) return;
    const found = await this.ask();
    if (found) this.show(found);
  }

  async set(changes) {
    const found = await this.change(changes);
    if (found) this.show(found); else this.load();
  }

  show(found) {
    const focused = document.activeElement?.id;
    this.rows.replaceChildren(...Object.entries(found.values).map(([key, value]) => this.row(key, value, found)));
    this.reset.disabled = found.set.length === 0;
    document.getElementById("settings-note").textContent = found.not_stored ? t("notStored", found.not_stored) : "";
    if (focused) document.getElementById(focused)?.focus();
  }

  row(key, value, found) {
    const label = made("label");
    const name = made("span", { textContent: t(`set_${key}`) });
    const field = this.field(key, value, found.choices[key]);
    field.id = `set-${key}`;
    field.addEventListener("change", () => field.validity.valid && this.set({ [key]: key in NUMBERS ? Number(field.value) : field.value }));
    const from = found.set.includes(key) ? t("ownSetting", found.file[key]) : t("fromFile");
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
