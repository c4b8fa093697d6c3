// `node human.mjs PACKAGES FOLDER`: what @vladmandic/human (WASM) finds in the pictures of FOLDER, as JSON.
// PACKAGES is the node_modules that `npm install` made; FOLDER holds index.json and raw RGB files of one size.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const packages = resolve(process.argv[2]);
const folder = process.argv[3];
const require = createRequire(join(packages, "resolver.cjs"));
const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-wasm").setWasmPaths(join(packages, "@tensorflow/tfjs-backend-wasm/dist/"));
const { Human } = require(join(packages, "@vladmandic/human/dist/human.node-wasm.js"));

// The models lie in the package; its own loader wants to fetch them.
globalThis.fetch = async (url) => {
  const content = readFileSync(new URL(url).pathname);
  return new Response(content, { status: 200, headers: { "content-type": url.endsWith(".json") ? "application/json" : "application/octet-stream" } });
};

const off = { enabled: false };
const human = new Human({
  backend: "wasm",
  wasmPath: join(packages, "@tensorflow/tfjs-backend-wasm/dist/"),
  modelBasePath: `file://${join(packages, "@vladmandic/human/models")}/`,
  debug: false, cacheSensitivity: 0, async: false, warmup: "none",
  filter: off, gesture: off, body: off, hand: off, object: off, segmentation: off,
  face: {
    enabled: true, detector: { rotation: false, maxDetected: 1, skipFrames: 0, skipTime: 0 }, mesh: off, iris: off,
    description: off, antispoof: off, liveness: off, attention: off,
    emotion: { enabled: true, minConfidence: 0, skipFrames: 0, skipTime: 0 },
  },
});

const { width, height, pictures } = JSON.parse(readFileSync(join(folder, "index.json"), "utf-8"));
await tf.setBackend("wasm");
await tf.ready();
const found = [];
let before = process.cpuUsage();
for (const [number, { file }] of pictures.entries()) {
  if (number === 1) before = process.cpuUsage(); // the first one loads the models
  const picture = tf.tensor3d(new Uint8Array(readFileSync(join(folder, file))), [height, width, 3], "int32");
  const { face } = await human.detect(picture);
  picture.dispose();
  const best = face[0]?.emotion?.toSorted((a, b) => b.score - a.score)[0];
  found.push(best ? best.emotion : null);
}
const used = process.cpuUsage(before);
const ms = (used.user + used.system) / 1000 / (pictures.length - 1);
console.log(JSON.stringify({ ms: ms, rss_mb: process.resourceUsage().maxRSS / 1024, emotions: found }));
