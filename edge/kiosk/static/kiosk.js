// What a screen on a wall needs: no bars, no cursor, awake, no burn-in, back to the start when left alone.
import { t } from "./text.js";

const IDLE = 60_000;
const SHIFT = 60_000;

async function stayAwake(say) {
  try {
    const lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => document.hidden || stayAwake(say));
  } catch {
    say(t("awake"));
  }
}

/** Begin kiosk mode. */
export function startKiosk(say) {
  document.documentElement.classList.add("kiosk");
  stayAwake(say);
  document.addEventListener("visibilitychange", () => document.hidden || stayAwake(say));
  document.addEventListener("click", () => document.fullscreenElement || document.documentElement.requestFullscreen?.().catch(() => {}), { once: true });
  let idle;
  const wake = () => {
    document.documentElement.classList.add("touched");
    clearTimeout(idle);
    idle = setTimeout(() => {
      document.documentElement.classList.remove("touched");
      document.querySelectorAll("details[open]").forEach((details) => { details.open = false; });
      scrollTo({ top: 0 });
    }, IDLE);
  };
  ["pointerdown", "pointermove", "keydown"].forEach((kind) => document.addEventListener(kind, wake, { passive: true }));
  let step = 0;
  setInterval(() => {
    step += 1;
    document.body.style.setProperty("--shift-x", `${Math.round(Math.cos(step) * 6)}px`);
    document.body.style.setProperty("--shift-y", `${Math.round(Math.sin(step * 1.3) * 6)}px`);
  }, SHIFT);
}
