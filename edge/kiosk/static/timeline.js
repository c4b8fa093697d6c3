// The last 15 minutes: the steadied confidence over the colour of the mood, drawn by uPlot.
import { entries, told } from "./legend.js";
import { t } from "./text.js";

const SPAN = 15 * 60;
const GAP = 15;  // seconds without a point are a time in which nothing was known

function colour(mood) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${mood}`).trim() || "#888";
}

const remPixels = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
const lasts = (points, index) => (index + 1 < points.length ? Math.min(points[index + 1].t - points[index].t, GAP) : 1);

/** Under the line the colour of the mood, and a stripe of it on the ground. */
function paint(plot, points) {
  const { ctx, bbox } = plot;
  const ground = bbox.top + bbox.height;
  ctx.save();
  points.forEach((point, index) => {
    const right = Math.ceil(plot.valToPos(point.t + lasts(points, index), "x", true));
    if (right < bbox.left || point.emotion === "none") return;
    const left = Math.floor(Math.max(plot.valToPos(point.t, "x", true), bbox.left));
    const width = Math.max(Math.min(right, bbox.left + bbox.width) - left, 1);
    const top = plot.valToPos(point.confidence * 100, "y", true);
    const stripe = Math.min(bbox.height, 8 * devicePixelRatio);
    ctx.fillStyle = colour(point.emotion);
    ctx.globalAlpha = 0.3;
    ctx.fillRect(left, top, width, ground - top);
    ctx.globalAlpha = 1;
    ctx.fillRect(left, ground - stripe, width, stripe);
  });
  ctx.restore();
}

/** Short surprises: a mark each at the top. */
function flashes(plot, marks) {
  const { ctx, bbox } = plot;
  const size = 5 * devicePixelRatio;
  ctx.save();
  for (const mark of marks) {
    const x = plot.valToPos(mark.at, "x", true);
    if (x < bbox.left) continue;
    ctx.fillStyle = colour(mark.emotion);
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top);
    ctx.lineTo(x + size, bbox.top);
    ctx.lineTo(x, bbox.top + 2 * size);
    ctx.fill();
  }
  ctx.restore();
}

/** Shares of the time with a mood, the greatest first. */
function shares(points) {
  const seconds = {};
  points.forEach((point, index) => {
    if (point.emotion !== "none") seconds[point.emotion] = (seconds[point.emotion] ?? 0) + lasts(points, index);
  });
  const whole = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  return Object.fromEntries(Object.entries(seconds).sort((a, b) => b[1] - a[1]).map(([mood, one]) => [mood, one / whole]));
}

/** Times and confidences; a time in which nothing was known is a hole in the line. */
function line(points) {
  const [times, values] = [[], []];
  points.forEach((point, index) => {
    times.push(point.t);
    values.push(point.emotion === "none" ? null : point.confidence * 100);
    if (index + 1 < points.length && points[index + 1].t - point.t > GAP) { times.push(point.t + GAP); values.push(null); }
  });
  return [times, values];
}

/** A timeline in an element: `add` takes a point of time (s), mood and confidence; `draw` shows it. */
export class Timeline {
  constructor(element, legend) {
    this.element = element;
    this.legend = legend;
    this.points = [];
    this.marks = [];
    this.plot = null;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(element);
  }

  load(points) {
    this.points = points.slice();
    const newest = points.at(-1)?.t ?? 0;
    this.marks = this.marks.filter((mark) => mark.at <= newest + 1);
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
    const found = shares(this.points.filter((point) => point.t >= now - SPAN));
    const words = [t("timeline"), ...told(found)].join(", ");
    if (this.element.getAttribute("aria-label") !== words) {
      this.element.setAttribute("aria-label", words);
      this.legend.replaceChildren(...entries(found));
    }
    const data = line(this.points);
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
    return { width: this.element.clientWidth, height: Math.max(90, Math.min(11 * remPixels(), innerHeight * 0.2)) };
  }

  make(data) {
    const [ink, rem] = [colour("ink"), remPixels()];
    const axis = { stroke: ink, grid: { stroke: colour("rule"), width: 1 }, ticks: { show: false }, font: `${0.75 * rem}px system-ui` };
    const minutes = (_, values) => values.map((v) => { const ago = Math.round((v - this.now) / 60); return ago ? t("ago", `−${-ago}`) : t("now"); });
    return new globalThis.uPlot({
      ...this.size(), cursor: { show: false }, legend: { show: false }, padding: [0.6 * rem, 1.75 * rem, 0, 0],
      scales: { x: { time: false }, y: { range: [0, 100] } },
      axes: [
        { ...axis, values: minutes, splits: () => [0, -5, -10, -15].map((m) => this.now + m * 60).reverse(), size: 1.5 * rem },
        { ...axis, values: (_, values) => values.map((v) => `${v} %`), splits: () => [0, 50, 100], size: 3.1 * rem },
      ],
      series: [{}, { stroke: ink, width: 1.5, spanGaps: false, paths: globalThis.uPlot.paths.stepped({ align: 1 }), points: { show: false } }],
      hooks: { drawClear: [(plot) => paint(plot, this.points)], draw: [(plot) => flashes(plot, this.marks)] },
    }, data, this.element);
  }
}
