"""langchain-openai, as it comes from its registry, against a running kai (KAI_URL)."""
import os

from langchain_openai import ChatOpenAI
from pydantic import BaseModel

model = ChatOpenAI(base_url=os.environ["KAI_URL"] + "/v1", api_key="any", model="kai:auto", seed=7,
                   max_retries=0, timeout=90)
talk = [("system", "Be brief."), ("human", "What is the capital of France?")]


class City(BaseModel):
    name: str
    capital: bool


answer = model.invoke(talk)
assert "Paris" in answer.content and answer.usage_metadata["total_tokens"] > 0, answer
assert answer.response_metadata["finish_reason"] == "stop", answer

chunks = list(model.bind(max_tokens=40).stream("Explain how the tides come about"))
assert len(chunks) > 5 and "".join(chunk.text for chunk in chunks), chunks

city = model.with_structured_output(City, method="json_schema").invoke(
    "What is the capital of France, as JSON?")
assert isinstance(city, City) and city.name, city
mode = model.with_structured_output(method="json_mode").invoke(
    "What is the capital of France? Answer as JSON with the key \"capital\".")
assert isinstance(mode, dict), mode



class GetWeather(BaseModel):
    """The weather now."""

    city: str


call, = model.bind_tools([GetWeather], tool_choice="required").invoke("Is it hot in Paris?").tool_calls
assert call["name"] == "GetWeather" and set(call["args"]) == {"city"}, call

answer = ChatOpenAI(base_url=os.environ["KAI_URL"] + "/v1", api_key="any", model="kai:simple",
                    use_responses_api=True, max_retries=0, timeout=90).invoke(talk)
assert "Paris" in answer.text, answer
print("langchain_openai ok")
