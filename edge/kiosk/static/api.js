// The one place that talks to the daemon; every address is relative, so that a proxy may put a path before it.
export class Refused extends Error {}

async function call(path, options = {}) {
  const answer = await fetch(`api/v1/${path}`, { credentials: "same-origin", cache: "no-store", ...options });
  if (answer.status === 401) throw new Refused("token");
  if (answer.status === 403) throw new Refused("steer");
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return answer.json();
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const getState = () => call("state");
export const getHistory = (seconds) => call(`history?seconds=${seconds}`);
export const getWeek = () => call("week");
export const login = (token) => post("session", { token });
export const setSwitch = (room, name, on) => post("switch", { room, name, on });
export const getSettings = (room) => call(room ? `settings?room=${encodeURIComponent(room)}` : "settings");
export const setSettings = (changes) => post("settings", changes);
export const acknowledge = (cause) => post("alert/ack", { cause });
export const eraseHistory = () => call("history", { method: "DELETE", headers: { "Content-Type": "application/json" } });

/** Follow the daemon: `onState` for each state, `onSign` for every sign of life. Returns a function that ends it. */
export function follow(onState, onSign, onLost) {
  const source = new EventSource("api/v1/events");
  source.addEventListener("state", (event) => { onSign(); onState(JSON.parse(event.data)); });
  source.addEventListener("tick", onSign);
  source.addEventListener("error", () => onLost(source.readyState === EventSource.CLOSED));
  return () => source.close();
}
