"""What schemathesis is told beyond the OpenAPI document, and where it finds what requests name."""

import atexit
import collections
import itertools
import os
import re
import uuid

import requests
import schemathesis
from schemathesis.specs.openapi.checks import ensure_resource_availability, positive_data_acceptance

# What a request is refused for with 400 although its form is right.
NOT_OF_FORM = re.compile(
    # What would be a pattern on every text.
    r"(graded answer \d+: )?\S+ contains a NUL character"
    # Where things stand: 409 might say so too, and 400 is what the contract has.
    r"|Interview has started"
    r"|Chat session is not active"
    r"|evaluation \S+ (has no score|is not finished)"
    # What the other things that it names are like.
    r"|answers\.question_\d+: the interview has \d+ questions"
    r"|rating: the evaluation has none of this exchange and competency"
    r"|the audit head is of another interview"
    r"|cursor is not one that a page of this list returned"
    # What one part of it says of another, which a schema has no words for.
    r"|rubric\.competencies\[\d+\]\.(levels do not rise in score|name is there twice)"
    r"|raters\[\d+\]\.(scores: \d+ given, \d+ of raters\[0\]|name is there twice)"
    r"|raters\[\d+\]\.scores\[\d+\] is not within 0 to 1, which levels are for"
    r"|resamples: \d+ given, 0 to \d+ allowed for \d+ pairs of \d+ items"
    r"|\d+ graded answers, of which \d+ say something: .*"
    r"|calibration: there is no calibration of this name and version"
    r"|(questions\[\d+\]|graded answer \d+: question)\.competency is not in the (rubric|standard rubric of this type: give a rubric that has it)"
)


@schemathesis.check
def well_formed_is_taken(ctx, response, case):
    """`positive_data_acceptance`, but for what no document can say beforehand."""
    if response.status_code == 400 and NOT_OF_FORM.fullmatch(response.json()["error"]):
        return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.check
def made_is_there(ctx, response, case):
    """`ensure_resource_availability`, which takes DELETE for the only way to do away with a thing."""
    if erased & set(case.path_parameters.values()):
        return None
    return ensure_resource_availability(ctx, response, case)


calls = collections.Counter()
successes = collections.Counter()
erased = set()


@schemathesis.hook
def after_call(ctx, case, response):
    label, succeeded = case.operation.label, response.status_code < 300
    calls[label] += 1
    successes[label] += succeeded
    if succeeded and label == "POST /api/interviews/{id}/erase":
        erased.add(case.path_parameters["id"])
    if succeeded and label == "POST /api/candidates/erase":
        erased.update(response.json()["interviews"])


@atexit.register
def tell():
    """Says which calls did never succeed: what they answer then was not looked at."""
    for label in sorted(calls):
        if not successes[label]:
            print(f"never succeeded: {label}, {calls[label]} times")


# One request in so many finds what it names, made for it alone; the others name what they were told of, or nothing.
FINDS = 4
turn = itertools.count()


@schemathesis.hook
def before_call(ctx, case, kwargs):
    meta = case.meta
    # Sequences of calls name what they made.
    if meta is None or meta.phase.name.value == "stateful" or next(turn) % FINDS:
        return
    make = Maker(case.operation.base_url)
    for name, value in case.path_parameters.items():
        if is_id(value):
            case.path_parameters[name] = make.named(case.operation.path)
    if case.operation.path == "/api/calibrations/{name}":
        case.path_parameters["name"] = make.calibration()
    body = case.body
    if isinstance(body, dict) and meta.generation.mode.is_positive:
        if is_id(body.get("interview_id")):
            body["interview_id"] = make.interview()
        if is_id(body.get("session_id")):
            of = case.path_parameters.get("id") if case.path_parameters else None
            body["session_id"] = make.session(of)
        if body.get("answers"):
            # What is made has one question.
            body["answers"] = {"question_0": next(iter(body["answers"].values()))}
        if body.get("graded"):
            body["graded"] = GRADED
        if case.operation.path == "/api/candidates/erase":
            make.interview(external_id=body["external_id"])


# As many answers as something is learned from.
GRADED = [{"question": "What is a deadlock?", "answer": f"Threads wait for lock {number}.", "score": 0.5} for number in range(10)]


def is_id(value):
    try:
        return bool(uuid.UUID(value))
    except (AttributeError, TypeError, ValueError):
        return False


class Maker:
    """Makes what requests name."""

    def __init__(self, url):
        token = os.environ.get("VIVAVOCE_TOKEN")
        self.url = url.rstrip("/")
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def post(self, path, body, what="id"):
        response = requests.post(f"{self.url}/api{path}", json=body, headers=self.headers, timeout=10)
        response.raise_for_status()
        return response.json()[what]

    def named(self, path):
        """What the last part of the path with an id names."""
        made = {"interviews": self.interview, "chat": self.session, "evaluation": self.evaluation}
        return made[path.split("/")[2]]()

    def interview(self, **more):
        plan = {"candidate_name": "Ada", "interview_type": "technical", "questions": ["What is a deadlock?"]}
        return self.post("/interviews", plan | more)

    def session(self, interview=None):
        return self.post(f"/interviews/{interview or self.interview()}/chat/start", {})

    def calibration(self):
        return self.post("/calibrations", {"name": "deadlocks", "graded": GRADED}, "name")

    def evaluation(self):
        answers = {"question_0": "Two threads each hold a lock the other needs."}
        return self.post("/evaluation", {"interview_id": self.interview(), "answers": answers})
