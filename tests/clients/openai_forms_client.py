"""openai-python, as it comes from its registry, against a running kai (KAI_URL): answers in
JSON, tools, logprobs, responses, embeddings (of KAI_EMBEDDER, where there is one)."""
import json
import math
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


# JSON: each member is bound by it, and they are compared by their fields.
schema = {"type": "object", "properties": {"city": {"type": "string"}, "capital": {"type": "boolean"}},
          "required": ["city", "capital"], "additionalProperties": False}
bound = client.chat.completions.create(
    model="kai:auto", messages=france,
    response_format={"type": "json_schema", "json_schema": {"name": "c", "schema": schema, "strict": True}})
city = json.loads(bound.choices[0].message.content)
assert set(city) == {"city", "capital"} and isinstance(city["capital"], bool), city
mode = client.chat.completions.create(
    model="smollm2:135m",
    messages=[{"role": "user",
               "content": "What is the capital of France? Answer as JSON with the key \"capital\"."}],
    response_format={"type": "json_object"})
assert isinstance(json.loads(mode.choices[0].message.content), dict), mode
assert "pattern" in str(refused(
    openai.BadRequestError, model="kai", messages=france,
    response_format={"type": "json_schema", "json_schema": {
        "name": "c", "schema": {"type": "string", "pattern": "a+"}}}))

# Cut by its length, it is no failure.
cut = client.chat.completions.create(
    model="smollm2:135m", messages=france, max_tokens=3,
    response_format={"type": "json_schema", "json_schema": {"name": "c", "schema": schema}})
assert cut.choices[0].finish_reason == "length" and cut.kai["voters"] == 0, cut

# Tools: a call, whole and streamed; what the tool gave, sent back with the message that asked for it.
weather = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather now", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
talk = [{"role": "user", "content": "Is it hot in Paris now?"}]
asked = client.chat.completions.create(model="kai:auto", messages=talk, tools=[weather],
                                       tool_choice="required", max_tokens=200)
call, = asked.choices[0].message.tool_calls
assert asked.choices[0].finish_reason == "tool_calls" and asked.choices[0].message.content is None, asked
assert call.function.name == "get_weather" and call.type == "function" and call.id, call
assert set(json.loads(call.function.arguments)) == {"city"}, call
calls, finish = [], None
for chunk in client.chat.completions.create(model="kai:auto", messages=talk, tools=[weather], stream=True,
                                            tool_choice={"type": "function",
                                                         "function": {"name": "get_weather"}}):
    calls += chunk.choices[0].delta.tool_calls or []
    finish = chunk.choices[0].finish_reason or finish
assert len(calls) == 1 and finish == "tool_calls" and set(json.loads(calls[0].function.arguments)) == {"city"}
told = client.chat.completions.create(
    model="kai:auto", tools=[weather], tool_choice="none", messages=[
        *talk, asked.choices[0].message,
        {"role": "tool", "tool_call_id": call.id, "content": "31 degrees, sunny"}])
assert told.choices[0].message.content and not told.choices[0].message.tool_calls, told
assert refused(openai.BadRequestError, model="kai", messages=talk, tools=[weather],
               tool_choice="always").param == "tool_choice"

# Logprobs: of the tokens that the answer is of, whole and streamed, of one model and of the winner.
def check_tokens(tokens, words, beside):
    told = b"".join(bytes(token.bytes) for token in tokens).decode()
    assert told.strip() == words.strip(), (told, words)
    for token in tokens:
        assert token.logprob <= 0 and len(token.top_logprobs) == beside, token
        assert sum(math.exp(other.logprob) for other in token.top_logprobs) < 1.01, token


for model in ("smollm2:135m", "kai:auto"):
    told = client.chat.completions.create(model=model, messages=france, logprobs=True, top_logprobs=3)
    check_tokens(told.choices[0].logprobs.content, told.choices[0].message.content, 3)
words, tokens = "", []
for chunk in client.chat.completions.create(model="kai:auto", messages=france, logprobs=True, stream=True):
    words += chunk.choices[0].delta.content or ""
    tokens += (chunk.choices[0].logprobs and chunk.choices[0].logprobs.content) or []
assert "Paris" in words, words
check_tokens(tokens, words, 0)
bound = client.chat.completions.create(model="kai:auto", messages=france, logprobs=True, top_logprobs=20,
                                       response_format={"type": "json_schema", "json_schema": {
                                           "name": "c", "schema": schema}})
check_tokens(bound.choices[0].logprobs.content, bound.choices[0].message.content, 20)
assert refused(openai.BadRequestError, model="kai", messages=france, top_logprobs=2).param == "top_logprobs"
assert refused(openai.BadRequestError, model="kai", messages=france, logprobs=True, top_logprobs=20,
               max_tokens=2000).param == "max_tokens"

asks_logprobs = {"model": "kai:auto", "input": france[0]["content"], "top_logprobs": 2,
                 "include": ["message.output_text.logprobs"]}
said = client.responses.create(**asks_logprobs).output[0].content[0]
check_tokens(said.logprobs, said.text, 2)
with client.responses.stream(**asks_logprobs) as stream:
    deltas = [event for event in stream if event.type == "response.output_text.delta"]
    said = stream.get_final_response().output[0].content[0]
assert "".join(event.delta for event in deltas) == said.text, deltas
told = [token for event in deltas for token in event.logprobs]
assert [token.token for token in told] == [token.token for token in said.logprobs], said

# Tools of responses: a call as an item of its own, whole and streamed; what the tool gave comes back
# behind it.
weather = {"type": "function", "strict": True, **weather["function"]}
asked = client.responses.create(model="kai:auto", input=talk, tools=[weather], tool_choice="required",
                                max_output_tokens=200)
call, = asked.output
assert call.type == "function_call" and call.name == "get_weather" and call.call_id, asked
assert set(json.loads(call.arguments)) == {"city"} and asked.tools[0].name == "get_weather", asked
assert asked.status == "completed" and asked.output_text == "" and asked.tool_choice == "required", asked
with client.responses.stream(model="kai:auto", input=talk, tools=[weather],
                             tool_choice={"type": "function", "name": "get_weather"}) as stream:
    types = [event.type.removeprefix("response.") for event in stream]
    streamed, = stream.get_final_response().output
assert types == ["created", "in_progress", "output_item.added", "function_call_arguments.delta",
                 "function_call_arguments.done", "output_item.done", "completed"], types
assert set(json.loads(streamed.arguments)) == {"city"}, streamed
told = client.responses.create(model="kai:auto", tools=[weather], tool_choice="none", input=[
    *talk, *asked.output,
    {"type": "function_call_output", "call_id": call.call_id, "output": "31 degrees, sunny"}])
assert told.output_text and told.output[0].type == "message", told

reply = client.responses.create(model="kai:auto", input="What is the capital of France?",
                                instructions="Be brief.", store=False)
assert "Paris" in reply.output_text and reply.status == "completed", reply
assert reply.usage.total_tokens > 0 and reply.kai["voters"] >= 1, reply
events = list(client.responses.create(model="kai:simple", input=tides[0]["content"], stream=True,
                                      max_output_tokens=40))
types = [event.type.removeprefix("response.") for event in events]
assert types[:4] == ["created", "in_progress", "output_item.added", "content_part.added"], types
assert types.count("output_text.delta") > 5, types
assert types[-4:-1] == ["output_text.done", "content_part.done", "output_item.done"], types
assert types[-1] in ("completed", "incomplete"), types
assert [event.sequence_number for event in events] == list(range(len(events)))
assert events[-1].response.output_text == events[-4].text, events[-1]
with client.responses.stream(model="kai:auto", input="What is the capital of France?") as stream:
    assert "Paris" in stream.get_final_response().output_text
try:
    client.responses.create(model="kai:auto", input="x", previous_response_id="resp_1")
    raise AssertionError("previous_response_id was not refused")
except openai.BadRequestError as error:
    assert error.param == "previous_response_id", error

if embedder := os.environ.get("KAI_EMBEDDER"):
    texts = ["How do I change my password?", "Resetting a forgotten password", "The recipe needs two eggs"]
    made = client.embeddings.create(model=embedder, input=texts)
    one, two, three = (item.embedding for item in made.data)  # sent as base64, which it asks for
    assert len(one) == 384 and made.usage.prompt_tokens > 10, made.usage

    def likeness(a, b):
        return sum(x * y for x, y in zip(a, b))

    assert abs(likeness(one, one) - 1) < 1e-3 and likeness(one, two) > likeness(one, three) + 0.3
    plain = client.embeddings.create(model=embedder, input=texts[0], encoding_format="float")
    assert max(abs(a - b) for a, b in zip(plain.data[0].embedding, one)) < 1e-5
    assert len(client.embeddings.create(model=embedder, input="x", dimensions=64).data[0].embedding) == 64
    try:
        client.embeddings.create(model="kai:auto", input="x")
        raise AssertionError("kai:auto is no embedding model")
    except openai.NotFoundError:
        pass
print("openai_forms ok")
