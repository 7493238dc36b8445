"""Speaks kai's own protocol as /openapi.json describes it, and holds every answer against that
description. KAI_URL is the server's address."""

import json
import os
import urllib.error
import urllib.request

import jsonschema

try:
    from openapi_spec_validator import validate as validate_description
except ImportError:  # it comes with setup/clients.sh
    validate_description = None

URL = os.environ["KAI_URL"]


def send(method, path, body=None, headers=None):
    """Status, content type and text of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read().decode()


DESCRIPTION = json.loads(send("GET", "/openapi.json")[2])


def validate(schema, value):
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema,
             "components": DESCRIPTION["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def check(method, template, body=None, query="", wanted=None, **parts):
    """Sends a request and checks that its answer is one that the description has. Its value."""
    operation = DESCRIPTION["paths"][template][method.lower()]
    if wanted is None and "requestBody" in operation and body is not None:
        validate(operation["requestBody"]["content"]["application/json"]["schema"], body)
    status, kind, text = send(method, template.format(**parts) + query, body)
    assert wanted is None or status == wanted, (method, template, status, text)
    responses = operation["responses"]
    assert str(status) in responses, (method, template, status, text)
    content = responses[str(status)].get("content", {})
    assert not content or kind in content, (method, template, status, kind)
    if kind != "application/json":
        return text
    value = json.loads(text)
    validate(content[kind]["schema"], value)
    return value


def events_of(text):
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    for event in events:
        validate({"$ref": "#/components/schemas/Event"}, event)
    numbers = [event["seq"] for event in events]
    assert numbers == sorted(set(numbers)), numbers
    return events


def main():
    if validate_description is not None:
        validate_description(DESCRIPTION)
        print("native: a valid description")
    # Every schema is one.
    for schema in DESCRIPTION["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for path in ("/", "/healthz", "/readyz", "/health", "/v1/models", "/api/version", "/api/tags",
                 "/api/ps", "/api/v1/models", "/api/v1/devices", "/api/v1/queries"):
        check("GET", path, wanted=200)
    question = {"question": "What is the capital of France?", "tier": "simple", "seed": "7",
                "answer_max": 40, "deadline_ms": 60000}
    check("POST", "/api/v1/plan", question)
    query = check("POST", "/api/v1/queries", question, wanted=202)["id"]
    events = events_of(check("GET", "/api/v1/queries/{id}/events", id=query))
    assert events[0]["type"] == "query.asked", events[0]
    assert events[-1]["type"] == "query.completed", events[-1]
    answer = check("GET", "/api/v1/queries/{id}", id=query, wanted=200)
    assert answer == events[-1]["outcome"]
    check("PUT", "/api/v1/queries/{id}/feedback", {"said": "good"}, id=query, wanted=200)
    again = check("POST", "/api/v1/queries/{id}/replay", {"mode": "best"}, id=query, wanted=202)
    events_of(check("GET", "/api/v1/queries/{id}/events", id=again["id"]))
    page = check("GET", "/api/v1/queries", query="?search=capital&limit=1", wanted=200)
    assert page["more"] and page["queries"][0]["id"] == again["id"], page
    page = check("GET", "/api/v1/queries", query="?before=" + again["id"], wanted=200)
    assert [row["id"] for row in page["queries"]] == [query], page
    check("POST", "/api/v1/reload", wanted=200)
    # What is refused is refused as described.
    check("POST", "/api/v1/queries", {"question": "Why?", "depth": 3}, wanted=400)
    check("POST", "/api/v1/queries", {"question": "Why?", "members": ["none"]})
    check("GET", "/api/v1/queries/{id}", id="q_none", wanted=404)
    check("GET", "/api/v1/queries/{id}/events", id="q_none", wanted=404)
    check("DELETE", "/api/v1/queries/{id}", id=query, wanted=409)
    check("PUT", "/api/v1/queries/{id}/feedback", {"said": "so so"}, id=query, wanted=400)
    check("GET", "/api/v1/queries", query="?depth=3", wanted=400)
    check("POST", "/v1/chat/completions", {}, wanted=400)
    check("POST", "/api/chat", {}, wanted=400)
    print("native: all as described")


main()
