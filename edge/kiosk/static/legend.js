// Moods with their colour, name and share of the time.
import { t } from "./text.js";

/** Words of shares, the greatest first. */
export function told(shares) {
  return Object.entries(shares).map(([mood, share]) => `${t(mood)} ${Math.round(share * 100)} %`);
}

/** The same as list items, each with a swatch of its colour. */
export function entries(shares) {
  const words = told(shares);
  return Object.keys(shares).map((mood, index) => {
    const item = document.createElement("li");
    const swatch = document.createElement("i");
    swatch.dataset.mood = mood;
    item.append(swatch, words[index]);
    return item;
  });
}
