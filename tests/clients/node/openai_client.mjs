// openai-node, as it comes from its registry, against a running kai (KAI_URL).
import assert from "node:assert/strict";
import OpenAI from "openai";

const url = process.env.KAI_URL;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "any", maxRetries: 0, timeout: 90_000 });
const france = [{ role: "user", content: "What is the capital of France?" }];
const tides = [{ role: "user", content: "Explain how the tides come about" }];

async function refused(kind, asked) {
  return assert.rejects(client.chat.completions.create(asked), (error) => {
    assert(error instanceof kind, String(error));
    refused.error = error;
    return true;
  }).then(() => refused.error);
}

const names = [];
for await (const model of client.models.list()) names.push(model.id);
assert(names.includes("kai:auto") && names.includes("smollm2:135m"), names.join());
assert.equal((await client.models.retrieve("kai:simple")).id, "kai:simple");

const answer = await client.chat.completions.create({
  model: "kai:auto", messages: france, seed: 7, kai: { tier: "simple" } });
assert.match(answer.choices[0].message.content, /Paris/);
assert.equal(answer.choices[0].finish_reason, "stop");
assert(answer.kai.voters >= 1 && answer.kai.tier === "simple", JSON.stringify(answer.kai));

// Many programs index choices[0] of every chunk, whatever it holds.
let words = "", chunks = 0, last;
for await (const chunk of await client.chat.completions.create({
  model: "kai:simple", messages: tides, stream: true, max_tokens: 40 })) {
  words += chunk.choices[0].delta.content ?? "";
  chunks += 1;
  last = chunk;
}
assert(chunks > 5 && words.length > 0, "an open answer comes word by word");
assert(["stop", "length"].includes(last.choices[0].finish_reason) && last.kai.author);

let usage;
for await (const chunk of await client.chat.completions.create({
  model: "smollm2:135m", messages: france, stream: true, stream_options: { include_usage: true } })) {
  usage = chunk.usage ?? usage;
}
assert(usage.completion_tokens > 0);

// The official helper.
let told = "";
const stream = client.chat.completions.stream({ model: "smollm2:135m", messages: france });
stream.on("content", (delta) => { told += delta; });
const final = await stream.finalChatCompletion();
assert.match(final.choices[0].message.content, /Paris/);
assert.equal(told, final.choices[0].message.content);

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"],
  additionalProperties: false };
const bound = await client.chat.completions.parse({
  model: "kai:auto", messages: france,
  response_format: { type: "json_schema", json_schema: { name: "c", schema, strict: true } } });
assert.deepEqual(Object.keys(bound.choices[0].message.parsed), ["city"]);

const tool = { type: "function", function: { name: "get_weather", description: "The weather now",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } };
const talk = [{ role: "user", content: "Is it hot in Paris now?" }];
const asked = await client.chat.completions.create({
  model: "kai:auto", messages: talk, tools: [tool], tool_choice: "required", max_tokens: 200 });
const [call] = asked.choices[0].message.tool_calls;
assert.equal(asked.choices[0].finish_reason, "tool_calls");
assert.equal(call.function.name, "get_weather");
assert.deepEqual(Object.keys(JSON.parse(call.function.arguments)), ["city"]);
const calling = client.chat.completions.stream({
  model: "kai:auto", messages: talk, tools: [tool], tool_choice: "required" });
const called = (await calling.finalMessage()).tool_calls;
assert.deepEqual(called.map((one) => one.function.name), ["get_weather"]);
const after = await client.chat.completions.create({
  model: "kai:auto", messages: [...talk, asked.choices[0].message,
    { role: "tool", tool_call_id: call.id, content: "31 degrees, sunny" }] });
assert(after.choices[0].message.content.length > 0);

const odds = await client.chat.completions.create({
  model: "kai:auto", messages: france, logprobs: true, top_logprobs: 2 });
const tokens = odds.choices[0].logprobs.content;
assert.equal(Buffer.from(tokens.flatMap((token) => token.bytes)).toString().trim(),
  odds.choices[0].message.content.trim());
assert(tokens.every((token) => token.logprob <= 0 && token.top_logprobs.length === 2));

const flat = { type: "function", strict: true, ...tool.function };
const item = (await client.responses.create({
  model: "kai:auto", input: talk, tools: [flat], tool_choice: "required" })).output[0];
assert.equal(item.type, "function_call");
assert.deepEqual(Object.keys(JSON.parse(item.arguments)), ["city"]);
const following = client.responses.stream({
  model: "kai:auto", input: talk, tools: [flat], tool_choice: "required" });
const followed = (await following.finalResponse()).output;
assert.deepEqual(followed.map((one) => [one.type, one.name]), [["function_call", "get_weather"]]);
const given = await client.responses.create({
  model: "kai:auto", input: [...talk, item,
    { type: "function_call_output", call_id: item.call_id, output: "31 degrees, sunny" }] });
assert(given.output_text.length > 0);

const reply = await client.responses.create({
  model: "kai:simple", input: "What is the capital of France?", store: false });
assert.match(reply.output_text, /Paris/);

if (process.env.KAI_EMBEDDER) {
  const made = await client.embeddings.create({
    model: process.env.KAI_EMBEDDER, input: ["one text", "another"], dimensions: 64 });
  assert.deepEqual(made.data.map((item) => item.embedding.length), [64, 64]);
}

const wrong = await refused(OpenAI.BadRequestError, { model: "kai", messages: france, n: 2 });
assert.equal(wrong.param, "n");
assert.equal(wrong.code, "invalid_request");
const unknown = await refused(OpenAI.NotFoundError, { model: "gpt-4o", messages: france });
assert.equal(unknown.code, "not_found");

// Who aborts has its models go quiet: nothing is answered any more, and history says why.
const rows = async (ending) =>
  (await (await fetch(`${url}/api/v1/queries?ending=${ending}`)).json()).queries;
const before = (await rows("cancelled")).length;
const long = await client.chat.completions.create({
  model: "kai:simple", stream: true, max_tokens: 2000,
  messages: [{ role: "user", content: "Explain at length how the tides come about" }] });
for await (const chunk of long) {
  if (chunk.choices[0].delta.content) break; // the SDK aborts its request then
}
const until = Date.now() + 5000;
while ((await rows("begun")).length > 0 && Date.now() < until) {
  await new Promise((wake) => setTimeout(wake, 20));
}
assert.equal((await rows("begun")).length, 0);
assert.equal((await rows("cancelled")).length, before + 1);
console.log("openai_node ok");
