// The last 15 minutes: a band of moods above the steadied confidence, drawn by uPlot.
import { t } from "./text.js";

const SPAN = 15 * 60;
const GAP = 15;  // seconds without a point are a time in which nothing was known

function colour(mood) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${mood}`).trim() || "#888";
}

function band(plot, points) {
  const { ctx, bbox } = plot;
  const height = Math.min(bbox.height, 18 * devicePixelRatio);
  ctx.save();
  points.forEach((point, index) => {
    const end = index + 1 < points.length ? Math.min(points[index + 1].t, point.t + GAP) : point.t + 1;
    const right = Math.ceil(plot.valToPos(end, "x", true));
    if (right < bbox.left || point.emotion === "none") return;
    ctx.fillStyle = colour(point.emotion);
    const left = Math.floor(Math.max(plot.valToPos(point.t, "x", true), bbox.left));
    ctx.fillRect(left, bbox.top, Math.max(right - left, 1), height);
  });
  ctx.restore();
}

/** Short surprises: a mark each below the band. */
function flashes(plot, marks) {
  const { ctx, bbox } = plot;
  const size = 5 * devicePixelRatio;
  ctx.save();
  for (const mark of marks) {
    const x = plot.valToPos(mark.at, "x", true);
    if (x < bbox.left) continue;
    ctx.fillStyle = colour(mark.emotion);
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top + 20 * devicePixelRatio);
    ctx.lineTo(x + size, bbox.top + 20 * devicePixelRatio);
    ctx.lineTo(x, bbox.top + 20 * devicePixelRatio + 2 * size);
    ctx.fill();
  }
  ctx.restore();
}

/** A timeline in an element: `add` takes a point of time (s), mood and confidence; `draw` shows it. */
export class Timeline {
  constructor(element) {
    this.element = element;
    this.points = [];
    this.marks = [];
    this.plot = null;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(element);
  }

  load(points) {
    this.points = points.slice();
  }

  /** Each is told again and again until the next one. */
  mark(glimpse) {
    if (this.marks.at(-1)?.at >= glimpse.at - 0.5) return;
    this.marks.push(glimpse);
    while (this.marks[0].at < glimpse.at - SPAN) this.marks.shift();
  }

  add(point) {
    const last = this.points.at(-1);
    if (last && point.t - last.t < 0.9 && last.emotion === point.emotion) return;
    this.points.push(point);
    const oldest = point.t - SPAN - 10;
    while (this.points.length && this.points[0].t < oldest) this.points.shift();
  }

  draw(now) {
    if (!globalThis.uPlot || !this.element.clientWidth) return;
    this.element.setAttribute("aria-label", t("timeline"));
    const data = [this.points.map((p) => p.t), this.points.map((p) => (p.emotion === "none" ? null : p.confidence * 100))];
    if (!this.plot) this.plot = this.make(data);
    this.now = now;
    this.plot.setData(data, false);
    this.plot.setScale("x", { min: now - SPAN, max: now });
  }

  resize() {
    if (this.plot && this.element.clientWidth) this.plot.setSize(this.size());
  }

  restyle() {
    this.plot?.destroy();
    this.plot = null;
  }

  size() {
    return { width: this.element.clientWidth, height: Math.max(90, Math.min(180, innerHeight * 0.2)) };
  }

  make(data) {
    const ink = colour("ink");
    const axis = { stroke: ink, grid: { stroke: colour("rule"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    const minutes = (_, values) => values.map((v) => `${Math.round((v - this.now) / 60)} ${t("ago")}`);
    return new globalThis.uPlot({
      ...this.size(), cursor: { show: false }, legend: { show: false }, padding: [10, 28, 0, 0],
      scales: { x: { time: false }, y: { range: [0, 100] } },
      axes: [
        { ...axis, values: minutes, splits: () => [0, -5, -10, -15].map((m) => this.now + m * 60).reverse(), size: 24 },
        { ...axis, values: (_, values) => values.map((v) => `${v} %`), splits: () => [0, 50, 100], size: 50 },
      ],
      series: [{}, { stroke: ink, width: 1.5, spanGaps: false, points: { show: false } }],
      hooks: { drawClear: [(plot) => band(plot, this.points)], draw: [(plot) => flashes(plot, this.marks)] },
    }, data, this.element);
  }
}
