"""Runs a scenario of tests/scenarios, and prints what was told of each step in a line: `scenario.py FILE URL`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import vivavoce


def main(path: str, url: str) -> None:
    scenario = json.loads(Path(path).read_text("utf-8"))
    kept: dict[str, Any] = {}
    with vivavoce.Engine(url, **scenario["settings"]) as engine:
        for step in scenario["steps"]:
            try:
                done = told(engine, step, kept)
            except vivavoce.Error as error:
                done = {"error": error.kind, "message": str(error), "retryable": error.retryable}
            except TypeError:
                # Python's own words, for an argument that is not known.
                done = {"error": "invalid_input", "message": None, "retryable": False}
            else:
                if "as" in step:
                    kept[step["as"]] = done
            print(json.dumps(done, ensure_ascii=False))


def told(engine: vivavoce.Engine, step: dict[str, Any], kept: dict[str, Any]) -> Any:
    def id_of(what: str) -> str:
        of: str = kept[step[what]]["id"]
        return of

    keyed = {"idempotency_key": step.get("key")}
    seen = {**keyed, "expected_version": step.get("expected_version")}
    match step["do"]:
        case "create_interview":
            return engine.create_interview(**step["plan"], **keyed).to_dict()
        case "interview":
            return engine.interview(id_of("interview")).to_dict()
        case "list_interviews":
            wanted = dict(step["list"])
            if "after" in step:
                wanted["cursor"] = kept[step["after"]]["next_cursor"]
            return engine.list_interviews(**wanted).to_dict()
        case "update_interview":
            return engine.update_interview(id_of("interview"), **step["plan"], **keyed).to_dict()
        case "delete_draft":
            return engine.delete_draft(id_of("interview"), requested_by=step["by"])
        case "list_evaluations":
            wanted = dict(step["evaluations"])
            if "after" in step:
                wanted["cursor"] = kept[step["after"]]["next_cursor"]
            if "interview" in step:
                wanted["interview_id"] = id_of("interview")
            return engine.list_evaluations(**wanted).to_dict()
        case "start_session":
            return engine.start_session(id_of("interview"), **keyed).to_dict()
        case "session":
            return engine.session(id_of("session")).to_dict()
        case "send_message":
            return engine.send_message(id_of("session"), step["text"], **seen).to_dict()
        case "end_session":
            return engine.end_session(id_of("session"), **seen).to_dict()
        case "abandon_session":
            return engine.abandon_session(id_of("session")).to_dict()
        case "evaluate":
            answers = {int(place): answer for place, answer in step["answers"].items()}
            return engine.evaluate(id_of("interview"), answers).to_dict()
        case "evaluate_answer":
            answered = step["answered"]
            return engine.evaluate_answer(answered["question"], answered["answer"], **step["judging"]).to_dict()
        case "calibrate":
            return engine.calibrate(step["name"], step["graded"], **step["judging"]).to_dict()
        case "evaluation":
            return engine.evaluation(id_of("evaluation")).to_dict()
        case "re_evaluate":
            return engine.re_evaluate(id_of("evaluation")).to_dict()
        case "override_score":
            change = dict(step["change"])
            change.update(change.pop("rating", None) or {})
            return engine.override_score(id_of("evaluation"), **change).to_dict()
        case "verify_audit":
            return engine.verify_audit(id_of("interview")).to_dict()
        case "events":
            return [event.to_dict() for event in engine.events(id_of("session"))]
        case "erase_interview":
            return engine.erase_interview(id_of("interview"), requested_by=step["by"])
        case "erase_candidate":
            return [str(each) for each in engine.erase_candidate(step["external_id"], requested_by=step["by"])]
        case other:
            raise AssertionError(f"no step {other}")


main(*sys.argv[1:])
