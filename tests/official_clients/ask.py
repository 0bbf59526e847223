"""Sends one question by an official client to a server that records it: ask.py INTERFACE URL, with the question as JSON on the input.

What the server answers does not matter: the request is all that is wanted.
"""

import json
import sys


def openai_chat(url, question, streamed):
    import openai

    client = openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0)
    more = {"stream_options": {"include_usage": True}} if streamed else {}
    client.chat.completions.create(
        model="m",
        messages=[
            {"role": "system", "content": question["system"]},
            {"role": "user", "content": question["user"]},
        ],
        max_completion_tokens=question["max_tokens"],
        temperature=question["temperature"],
        seed=question["seed"],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": question["name"], "strict": True, "schema": question["schema"]},
        },
        stream=streamed,
        **more,
    )


def openai_responses(url, question, streamed):
    import openai

    client = openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0)
    client.responses.create(
        model="m",
        instructions=question["system"],
        input=[{"role": "user", "content": question["user"]}],
        max_output_tokens=question["max_tokens"],
        temperature=question["temperature"],
        text={
            "format": {
                "type": "json_schema",
                "name": question["name"],
                "strict": True,
                "schema": question["schema"],
            }
        },
        store=False,
        stream=streamed,
    )


def anthropic_messages(url, question, streamed):
    import anthropic

    client = anthropic.Anthropic(auth_token="k", base_url=url, max_retries=0)
    client.messages.create(
        model="m",
        system=question["system"],
        messages=[{"role": "user", "content": question["user"]}],
        max_tokens=question["max_tokens"],
        output_config={"format": {"type": "json_schema", "schema": question["schema"]}},
        **({"stream": True} if streamed else {}),
    )


def gemini(url, question, streamed):
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=url, api_version="v1beta")
    client = genai.Client(api_key="k", http_options=options)
    config = types.GenerateContentConfig(
        system_instruction=question["system"],
        temperature=question["temperature"],
        seed=question["seed"],
        max_output_tokens=question["max_tokens"],
        response_mime_type="application/json",
        response_json_schema=question["schema"],
    )
    if streamed:
        for _ in client.models.generate_content_stream(model="m", contents=question["user"], config=config):
            pass
    else:
        client.models.generate_content(model="m", contents=question["user"], config=config)


def main():
    interface, url, streamed = sys.argv[1], sys.argv[2], sys.argv[3] == "streamed"
    try:
        globals()[interface](url, json.load(sys.stdin), streamed)
    except (ImportError, KeyError, TypeError, AttributeError):
        raise
    except Exception:  # noqa: BLE001 - whatever the client makes of the answer
        pass


main()
