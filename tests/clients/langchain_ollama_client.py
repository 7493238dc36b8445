"""langchain-ollama, as it comes from its registry, against a running kai (KAI_URL)."""
import os

from langchain_ollama import ChatOllama, OllamaLLM
from pydantic import BaseModel

model = ChatOllama(base_url=os.environ["KAI_URL"], model="kai:auto", seed=7, num_predict=200,
                   validate_model_on_init=True)


class City(BaseModel):
    name: str
    capital: bool


answer = model.invoke([("system", "Be brief."), ("human", "What is the capital of France?")])
assert "Paris" in answer.content and answer.usage_metadata["output_tokens"] > 0, answer
assert answer.response_metadata["done_reason"] == "stop", answer

chunks = list(ChatOllama(base_url=os.environ["KAI_URL"], model="smollm2:135m", num_predict=40)
              .stream("Explain how the tides come about"))
assert len(chunks) > 5 and "".join(chunk.text for chunk in chunks), chunks

city = model.with_structured_output(City, method="json_schema").invoke(
    "What is the capital of France, as JSON?")
assert isinstance(city, City) and city.name, city



class GetWeather(BaseModel):
    """The weather now."""

    city: str


answer = model.bind_tools([GetWeather]).invoke("Is it hot in Paris?")
assert answer.tool_calls or answer.content, answer
for call in answer.tool_calls:
    assert call["name"] == "GetWeather" and set(call["args"]) == {"city"}, call

words = OllamaLLM(base_url=os.environ["KAI_URL"], model="smollm2:135m", num_predict=10).invoke(
    "Name a colour.")
assert words, words
print("langchain_ollama ok")
