"""ollama-python, as it comes from its registry, against a running kai (KAI_URL)."""
import json
import os
import time

import ollama

client = ollama.Client(host=os.environ["KAI_URL"], timeout=90)
france = [{"role": "user", "content": "What is the capital of France?"}]
tides = [{"role": "user", "content": "Explain how the tides come about"}]


def refused(status, **asked):
    try:
        client.chat(**asked)
    except ollama.ResponseError as error:
        assert error.status_code == status, error
        return error.error
    raise AssertionError(f"{asked} was not refused")


names = [model.model for model in client.list().models]
assert "kai:auto" in names and "smollm2:135m" in names, names
shown = client.show("smollm2:135m")
assert shown.modelinfo["general.architecture"] == "llama" and shown.details.format == "gguf", shown
assert client.show("kai:expert").modelinfo is not None

answer = client.chat(model="kai", messages=france, options={"seed": 7}, keep_alive="5m")
assert "Paris" in answer.message.content and answer.done and answer.done_reason == "stop", answer
assert answer.total_duration > 1_000_000 and answer.eval_count > 0, answer

words, lines = "", 0
for part in client.chat(model="kai:simple", messages=tides, stream=True, options={"num_predict": 40}):
    words += part.message.content
    lines += 1
assert part.done and words and lines > 5, (lines, words)

generated = client.generate(model="smollm2:135m", prompt="Name a colour.", system="Be brief.",
                            options={"num_predict": 10, "temperature": 0})
assert generated.response and generated.done, generated
assert client.generate(model="kai:auto").done_reason == "load"
assert "smollm2:135m" in [model.model for model in client.ps().models]



def gone(model):
    """Whether it has left, which it does as soon as nobody uses it."""
    until = time.monotonic() + 20
    while model in [one.model for one in client.ps().models] and time.monotonic() < until:
        time.sleep(0.05)
    return model not in [one.model for one in client.ps().models]


# How long models stay: said with a question, or without one.
client.chat(model="smollm2:135m", messages=france, keep_alive="2h")
there = {one.model: one.expires_at for one in client.ps().models}["smollm2:135m"]
assert there.timestamp() - time.time() > 3600, there
assert client.generate(model="smollm2:135m", keep_alive=0).done_reason == "unload"
assert gone("smollm2:135m"), "told without a question"
client.chat(model="smollm2:135m", messages=france, keep_alive=0)
assert gone("smollm2:135m"), "told with a question"
assert "keep_alive" in refused(400, model="kai", messages=france, keep_alive="soon")

schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
bound = client.chat(model="kai", messages=france, format=schema)
assert set(json.loads(bound.message.content)) == {"city"}, bound
mode = client.generate(model="smollm2:135m", format="json",
                       prompt="What is the capital of France? Answer as JSON with the key \"capital\".")
assert isinstance(json.loads(mode.response), dict), mode



def get_weather(city: str) -> str:
    """The weather now.

    Args:
        city: Where
    """
    return f"31 degrees in {city}"


talk = [{"role": "user", "content": "Is it hot in Paris now?"}]
asked = client.chat(model="kai", messages=talk, tools=[get_weather])
for call in asked.message.tool_calls or []:
    assert call.function.name == "get_weather" and set(call.function.arguments) == {"city"}, asked
assert asked.message.tool_calls or asked.message.content, asked
called = {"role": "assistant", "content": "", "tool_calls": [
    {"function": {"name": "get_weather", "arguments": {"city": "Paris"}}}]}
told = client.chat(model="kai", messages=[*talk, called, {
    "role": "tool", "tool_name": "get_weather", "content": get_weather("Paris")}])
assert told.message.content, told

if embedder := os.environ.get("KAI_EMBEDDER"):
    made = client.embed(model=embedder, input=["one text", "another"], dimensions=64)
    assert [len(vector) for vector in made.embeddings] == [64, 64], made
    assert made.prompt_eval_count > 2 and made.total_duration > 0, made

assert "none:1b" in refused(404, model="none:1b", messages=france)
assert "top_k" in refused(400, model="kai", messages=france, options={"top_k": 5})
print("ollama ok")
