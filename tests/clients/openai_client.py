"""openai-python, as it comes from its registry, against a running kai (KAI_URL)."""
import os

import openai

client = openai.OpenAI(base_url=os.environ["KAI_URL"] + "/v1", api_key="any", max_retries=0, timeout=90)
france = [{"role": "user", "content": "What is the capital of France?"}]
tides = [{"role": "user", "content": "Explain how the tides come about"}]


def refused(kind, **asked):
    try:
        client.chat.completions.create(**asked)
    except kind as error:
        return error
    raise AssertionError(f"{asked} was not refused")


names = [model.id for model in client.models.list()]
assert "kai:auto" in names and "smollm2:135m" in names, names
assert client.models.retrieve("kai:simple").id == "kai:simple"

whole = client.chat.completions.with_raw_response.create(
    model="kai:auto", messages=france, seed=7, extra_body={"kai": {"tier": "simple"}})
assert whole.headers["x-kai-tier"] == "simple", dict(whole.headers)
answer = whole.parse()
assert "Paris" in answer.choices[0].message.content, answer
assert answer.choices[0].finish_reason == "stop"
assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
assert answer.kai["voters"] >= 1 and answer.kai["query_id"].startswith("q_"), answer.kai

words, chunks = "", 0
for chunk in client.chat.completions.create(
        model="kai:simple", messages=tides, stream=True, max_tokens=40,
        stream_options={"include_usage": True}):
    chunks += 1
    if chunk.choices:
        words += chunk.choices[0].delta.content or ""
        last = chunk
assert chunks > 5, "an open answer comes word by word"
assert last.choices[0].finish_reason in ("stop", "length") and last.kai["author"], last
assert chunk.choices == [] and chunk.usage.completion_tokens > 0, chunk

# This helper raises where an answer was cut at max_tokens, and keeps OpenAI's own fields only.
with client.chat.completions.stream(model="smollm2:135m", messages=france) as stream:
    final = stream.get_final_completion()
assert "Paris" in final.choices[0].message.content, final

# The question's steps, by each way that a stream tells them; the helper reads them all, too.
for how in ("comment", "field", "reasoning"):
    steps, words = "", ""
    for chunk in client.chat.completions.create(
            model="smollm2:135m", messages=france, stream=True,
            extra_body={"kai": {"progress": how}}):
        delta = chunk.choices[0].delta
        words += delta.content or ""
        steps += (getattr(chunk, "kai", None) or {}).get("progress", "")
        steps += getattr(delta, "reasoning_content", None) or ""
    assert "Paris" in words and "asks" not in words, words
    assert ("asks smollm2:135m" in steps) == (how != "comment"), (how, steps)
    with client.chat.completions.stream(
            model="smollm2:135m", messages=france, extra_body={"kai": {"progress": how}}) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.role == "assistant" and "asks" not in message.content, message

stopped = client.chat.completions.create(
    model="smollm2:135m", messages=tides, max_tokens=60, stop=[" the"], temperature=0)
assert " the" not in stopped.choices[0].message.content, stopped

assert refused(openai.BadRequestError, model="kai:auto", messages=france, n=2).param == "n"
assert refused(openai.BadRequestError, model="kai:auto", messages=france, tools=[
    {"type": "retrieval"}]).param == "tools[0].type"
refused(openai.NotFoundError, model="gpt-4o", messages=france)
late = refused(openai.InternalServerError, model="kai:simple", messages=tides, max_tokens=2000,
               extra_body={"kai": {"deadline_ms": 100}})
assert late.response.headers["x-should-retry"] == "false", late
print("openai", openai.__version__, "ok")
