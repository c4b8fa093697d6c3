// What zigbee2mqtt's own converters make of payloads: a JSON array on stdin, Zigbee commands as JSON on stdout.
// Payload by payload, key by key, each converter once, as zigbee2mqtt's publish extension does it.
const { findByDevice, setLogger } = require("zigbee-herdsman-converters");

const [model, maker] = process.argv.slice(2);
const quiet = () => {};
setLogger({ debug: quiet, info: quiet, warning: quiet, error: (text) => process.stderr.write(`${text}\n`) });

const sent = [];
class Endpoint {
  constructor() { Object.assign(this, { ID: 11, inputClusters: [], outputClusters: [], meta: {} }); }
  getDevice() { return device; }
  supportsInputCluster() { return true; }
  getClusterAttributeValue() { return undefined; }
  saveClusterAttributeKeyValue() {}
  async command(cluster, command, payload) { sent.at(-1).commands.push([cluster, command, payload]); }
  async read() { return {}; }
  async write() { return {}; }
}
const endpoint = new Endpoint();
const device = {
  modelID: model, manufacturerName: maker, type: "Router", ieeeAddr: "0x00", meta: {},
  endpoints: [endpoint], getEndpoint: () => endpoint,
};

async function convert(definition, message) {
  sent.push({ commands: [], unknown: [] });
  const used = new Set();
  for (const [key, value] of Object.entries(message)) {
    const converter = definition.toZigbee.find((one) => one.key.includes(key) && one.convertSet);
    if (!converter) {
      if (key !== "transition") sent.at(-1).unknown.push(key);
    } else if (!used.has(converter)) {
      used.add(converter);
      await converter.convertSet(endpoint, key, value, { message, mapped: definition, options: {}, state: {}, device, publish: quiet });
    }
  }
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const definition = await findByDevice(device);
  for (const message of JSON.parse(Buffer.concat(chunks))) await convert(definition, message);
  process.stdout.write(JSON.stringify(sent));
}

main().catch((error) => { process.stderr.write(`${error.stack}\n`); process.exit(1); });
