"""openai-python, ollama-python and httpx with a key of kai's, without one, and with one that does
not do."""
import os

import httpx
import ollama
from openai import AuthenticationError, OpenAI, PermissionDeniedError, RateLimitError

url, asker, watcher, slow = (os.environ["KAI_" + name] for name in ("URL", "ASKER", "WATCHER", "SLOW"))
question = [{"role": "user", "content": "What is the capital of France?"}]


def openai(key):
    return OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)


def refused(kind, ask):
    try:
        ask()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


answer = openai(asker).chat.completions.create(
    model="smollm2:135m", messages=question, max_tokens=8)
assert answer.choices[0].message.content, answer

wrong = refused(AuthenticationError, openai("kai_0").models.list)
assert wrong.code == "invalid_api_key" and "kai keys create" in wrong.message, wrong
scope = refused(
    PermissionDeniedError,
    lambda: openai(watcher).chat.completions.create(model="smollm2:135m", messages=question),
)
assert scope.code == "insufficient_scope" and "--scope ask" in scope.message, scope
openai(slow).models.list()
late = refused(RateLimitError, openai(slow).models.list)
assert int(late.response.headers["retry-after"]) > 0, late.response.headers
assert late.response.headers["x-ratelimit-limit-requests"] == "1", late.response.headers

with_key = ollama.Client(host=url, headers={"Authorization": "Bearer " + asker})
assert any(model.model == "kai:auto" for model in with_key.list().models)
bare = refused(ollama.ResponseError, lambda: ollama.Client(host=url).chat("kai", messages=question))
assert bare.status_code == 401 and "wants a key" in bare.error, bare

# As Prometheus sends it.
assert httpx.get(url + "/metrics", auth=("prometheus", watcher)).status_code == 200
assert httpx.get(url + "/metrics", auth=("prometheus", asker)).status_code == 403

print("keys: ok")
