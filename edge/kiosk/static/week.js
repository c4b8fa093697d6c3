// Seven days by the hour, the longest spells, and what changed: for devices that keep a history.
import { entries, told } from "./legend.js";
import { span, t } from "./text.js";

const HOURS = [0, 6, 12, 18];

function made(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

export class Week {
  /** `ask()` gives the week, or null where it was refused. */
  constructor(ask) {
    this.ask = ask;
    this.names = new Map();
    this.box = document.getElementById("week");
    this.rows = this.box.querySelector(".rows");
    this.box.addEventListener("toggle", () => this.load());
  }

  allow(state) {
    this.names = new Map(state.rooms.map((room) => [room.id, room.name]));
    this.box.hidden = !state.history_kept_s;
  }

  async load() {
    if (!this.box.open) return;
    const found = await this.ask();
    if (!found) return;
    const rooms = Object.entries(found.rooms);
    this.rows.replaceChildren(...(rooms.length ? rooms.flatMap(([id, room]) => this.room(this.names.get(id) ?? id, room)) : [made("p", { textContent: t("weekEmpty") })]));
  }

  room(name, { hours, shares, longest, changes }) {
    const percent = (share) => `${Math.round(share * 100)} %`;
    const spells = longest.slice(0, 3).map((one) => `${t(one.emotion)} ${span(one.seconds)}`).join(", ");
    const moved = Object.entries(changes).filter(([, by]) => Math.abs(by) >= 0.01)
      .map(([emotion, by]) => `${t(emotion)} ${by > 0 ? "+" : "−"}${percent(Math.abs(by))}`).join(", ");
    const legend = made("ul", { className: "legend" });
    legend.append(...entries(shares));
    const lines = [spells && t("weekLongest", spells), moved && t("weekChanged", moved)].filter(Boolean);
    return [made("h3", { textContent: name }), grid(hours, `${name}: ${told(shares).join(", ")}`), legend, ...lines.map((line) => made("p", { textContent: line }))];
  }
}

function grid(hours, label) {
  const box = made("div", { className: "hours" });
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", label);
  const known = new Map(hours.map((one) => [one.day * 24 + one.hour, one.emotion]));
  t("weekDays").split(" ").forEach((word, day) => {
    box.append(made("span", { textContent: word }));
    for (let hour = 0; hour < 24; hour += 1) {
      const mood = known.get(day * 24 + hour);
      const cell = made("i", { title: `${word} ${hour}:00 ${mood ? t(mood) : "–"}` });
      if (mood) cell.dataset.mood = mood;
      box.append(cell);
    }
  });
  box.append(made("span"), ...Array.from({ length: 24 }, (_, hour) => made("span", { textContent: HOURS.includes(hour) ? hour : "" })));
  return box;
}
