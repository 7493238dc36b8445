// ollama-js, as it comes from its registry, against a running kai (KAI_URL).
import assert from "node:assert/strict";
import { Ollama } from "ollama";

const url = process.env.KAI_URL;
const client = new Ollama({ host: url });
const france = [{ role: "user", content: "What is the capital of France?" }];
const tides = [{ role: "user", content: "Explain how the tides come about" }];

const names = (await client.list()).models.map((model) => model.name);
assert(names.includes("kai:auto") && names.includes("smollm2:135m"), names.join());
const shown = await client.show({ model: "smollm2:135m" });
assert.equal(shown.model_info["general.architecture"], "llama");
assert.match((await client.version()).version, /^\d+\.\d+\.\d+$/);

const answer = await client.chat({ model: "kai", messages: france, options: { seed: 7 } });
assert.match(answer.message.content, /Paris/);
assert(answer.done && answer.done_reason === "stop" && answer.eval_count > 0);

let words = "", lines = 0, last;
for await (const part of await client.chat({
  model: "kai:simple", messages: tides, stream: true, options: { num_predict: 40 } })) {
  words += part.message.content;
  lines += 1;
  last = part;
}
assert(last.done && lines > 5 && words.length > 0);

const generated = await client.generate({ model: "smollm2:135m", prompt: "Name a colour.",
  system: "Be brief.", options: { num_predict: 10, temperature: 0 } });
assert(generated.response.length > 0 && generated.done);
assert((await client.ps()).models.some((model) => model.name === "smollm2:135m"));

const format = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const bound = await client.chat({ model: "kai", messages: france, format });
assert.deepEqual(Object.keys(JSON.parse(bound.message.content)), ["city"]);

const tool = { type: "function", function: { name: "get_weather", description: "The weather now",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } };
const talk = [{ role: "user", content: "Is it hot in Paris now?" }];
const asked = await client.chat({ model: "kai", messages: talk, tools: [tool] });
for (const call of asked.message.tool_calls ?? []) {
  assert.equal(call.function.name, "get_weather");
  assert.deepEqual(Object.keys(call.function.arguments), ["city"]);
}
assert(asked.message.tool_calls || asked.message.content, JSON.stringify(asked));

if (process.env.KAI_EMBEDDER) {
  const made = await client.embed({ model: process.env.KAI_EMBEDDER, input: ["one text", "another"] });
  assert.deepEqual(made.embeddings.map((vector) => vector.length), [384, 384]);
}

await assert.rejects(client.chat({ model: "none:1b", messages: france }),
  (error) => error.status_code === 404 && error.message.includes("none:1b"));
await assert.rejects(client.chat({ model: "kai", messages: france, options: { top_k: 5 } }),
  (error) => error.status_code === 400 && error.message.includes("top_k"));

// Who aborts has its models go quiet.
const rows = async (ending) =>
  (await (await fetch(`${url}/api/v1/queries?ending=${ending}`)).json()).queries;
const before = (await rows("cancelled")).length;
const long = await client.chat({ model: "kai:simple", stream: true, options: { num_predict: 2000 },
  messages: [{ role: "user", content: "Explain at length how the tides come about" }] });
try {
  for await (const part of long) {
    if (part.message.content) long.abort();
  }
  assert.fail("the stream went on");
} catch (error) {
  assert.equal(error.name, "AbortError");
}
const until = Date.now() + 5000;
while ((await rows("begun")).length > 0 && Date.now() < until) {
  await new Promise((wake) => setTimeout(wake, 20));
}
assert.equal((await rows("begun")).length, 0);
assert.equal((await rows("cancelled")).length, before + 1);
console.log("ollama_node ok");
