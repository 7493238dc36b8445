"""litellm as a client, as it comes from its registry, against a running kai (KAI_URL), by OpenAI's
protocol and by Ollama's."""
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks another server for prices

import litellm  # noqa: E402
import openai  # noqa: E402

url = os.environ["KAI_URL"]
france = [{"role": "user", "content": "What is the capital of France?"}]
tides = [{"role": "user", "content": "Explain how the tides come about"}]

for provider, base in (("openai", url + "/v1"), ("ollama_chat", url)):
    def complete(**asked):
        return litellm.completion(api_base=base, api_key="any", timeout=90, num_retries=0, **asked)

    answer = complete(model=f"{provider}/kai:auto", messages=france)
    assert "Paris" in answer.choices[0].message.content, answer
    assert answer.usage.total_tokens > 0, answer
    chunks = list(complete(model=f"{provider}/kai:simple", messages=tides, stream=True, max_tokens=40))
    words = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert len(chunks) > 5 and words, chunks
    try:
        complete(model=f"{provider}/none:1b", messages=france)
        raise SystemExit("none:1b was not refused")
    except openai.APIError as error:  # litellm's own are made of these
        assert "none:1b" in str(error), error
print("litellm ok")
