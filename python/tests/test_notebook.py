"""What a notebook shows, and the plot."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

import vivavoce
from vivavoce import Engine, Evaluation, Flag, Judgement, JudgeRequest, Missing, Quote, Rating, Rubric

if TYPE_CHECKING:
    from vivavoce.types import Language

SCRIPT = "<script>alert('1')</script> & \"quoted\" <img src=x onerror=alert(1)>"
RIGHT_TO_LEFT = "admin\u202egnp.exe\u202c, ig\u200bnore\u200d, \U000e0041\u200b\u200b \x1b[31m"
ANSWER = f"A lock is held. {SCRIPT} {RIGHT_TO_LEFT} Done."


class Page(HTMLParser):
    """The elements and the text of a page, which must be well formed."""

    VOID = frozenset({"br", "meter"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.marked = ""
        self.feed(html)
        self.close()
        assert self.open == []
        self.text = " ".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)
        if "mark" in self.open:
            self.marked += data


class Judge:
    """Judges as it is told."""

    info = vivavoce.EvaluatorInfo("example", "<b>judge</b>", "1")

    def __init__(self, judge: Callable[[JudgeRequest], Any]) -> None:
        self.judge = judge


def judged(
    judge: Callable[[JudgeRequest], Any],
    answers: dict[int, str],
    *,
    language: Language = "en",
    rubric: Rubric | None = None,
) -> Evaluation:
    with Engine(evaluator=Judge(judge)) as engine:
        interview = engine.create_interview(
            candidate_name=SCRIPT,
            interview_type="technical",
            interview_language=language,
            questions=["What is a <lock>?", "Why?"],
            rubric=rubric,
        )
        return engine.evaluate(interview.id, answers)


def all_of_it(request: JudgeRequest) -> Judgement:
    names = [competency.name for competency in request.rubric.competencies]
    answer = request.exchanges[0].answer
    return Judgement(
        [
            Rating(
                0, names[0], 0.875, quotes=[Quote.find(answer, "A lock"), Quote.find(answer, "lock is")], reason=SCRIPT
            ),
            Rating(0, names[1], 0.25, quotes=[Quote.find(answer, SCRIPT)]),
        ],
        feedback=SCRIPT,
        needs_review=[f"Look {SCRIPT}"],
        missing=[Missing(0, f"Not found {SCRIPT}", competency=names[2])],
        flags=[Flag(0, "fake_reply", Quote.find(answer, "Done."))],
    )


def is_harmless(html: str) -> Page:
    page = Page(html)
    assert set(page.tags).isdisjoint({"script", "img", "link", "iframe", "object", "a", "form", "svg", "title"})
    assert {name for name, _ in page.attributes} <= {"class", "lang", "dir", "scope", "datetime", "value"}
    assert "url(" not in html and "@import" not in html and "://" not in html
    # Line breaks are all that controls: the rest is seen.
    assert not re.search(
        "[\0-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]", html
    )
    return page


def test_an_evaluation_shows_each_rating_beside_the_words_that_it_rests_on() -> None:
    html = judged(all_of_it, {0: ANSWER})._repr_html_()
    page = is_harmless(html)
    assert page.marked == f"A lock is{SCRIPT}"
    row = re.search(r"<tr><td><bdi>Technical knowledge</bdi></td><td>0.88</td>(.*?)</tr>", html, re.DOTALL)
    assert row is not None
    assert "“<bdi>A lock</bdi>”<br>“<bdi>lock is</bdi>”" in row[1]
    assert "&lt;script&gt;" in row[1]
    assert "What is a <lock>?" in page.text
    assert "example <b>judge</b> 1" in page.text


def test_an_evaluation_says_first_what_a_reader_of_the_score_has_to_know() -> None:
    evaluation = judged(all_of_it, {0: ANSWER})
    assert evaluation.status == "partial"
    text = is_harmless(evaluation._repr_html_()).text
    for words in (
        "Incomplete",
        "What could not be judged",
        f"Not found {SCRIPT}",
        "A person should look at this",
        f"Look {SCRIPT}",
        "Words that speak to the judge",
        "a judgement of its own",
        "Unanswered questions: 2",
    ):
        assert words in text


def test_an_evaluation_that_failed_says_why_and_has_no_score() -> None:
    def fails(request: JudgeRequest) -> Judgement:
        raise vivavoce.ProviderError(f"nobody is there {SCRIPT}")

    evaluation = judged(fails, {0: ANSWER})
    assert (evaluation.status, evaluation.score) == ("failed", None)
    text = is_harmless(evaluation._repr_html_()).text
    assert "No score" in text and "Failed" in text and "What could not be done" in text and "nobody is there" in text
    assert "This answer was not rated." in text


def test_an_evaluation_shows_what_a_person_changed() -> None:
    with Engine() as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who?"])
        first = engine.evaluate(interview.id, {0: "A mathematician who writes programs."})
        name = first.ratings[0].competency
        second = engine.override_score(first.id, 0.9, by=f"Grace {SCRIPT}", reason="x<y", exchange=0, competency=name)
        third = engine.override_score(second.id, 0.35, by="Grace", reason="whole")
    text = " ".join(is_harmless(third._repr_html_()).text.split())
    assert "Changed by a person" in text and f"Question 1, {name} : 0.90 – Grace {SCRIPT} : x<y" in text
    assert "Score: 0.35 – Grace : whole" in text
    assert "a person’s decision" in text
    assert "Changed by a person" not in Page(first._repr_html_()).text


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_an_evaluation_shows_what_was_said_of_key_points_and_what_corrected_it(language: Language) -> None:
    question = vivavoce.Question("What is a deadlock?", key_points=["two threads wait", f"a victim is aborted {SCRIPT}"])
    graded = [(question, f"Two threads wait, {place}.", 0.9) for place in range(10)]
    with Engine() as engine:
        engine.calibrate("<b>locks</b>", graded)
        plan: dict[str, Any] = {"interview_type": "general", "interview_language": language, "questions": [question]}
        interview = engine.create_interview(candidate_name="Ada", calibration="<b>locks</b>", **plan)
        evaluation = engine.evaluate(interview.id, {0: "Two threads wait for a lock."})
    assert [it.coverage for it in evaluation.key_points] == ["covered", "missing"]
    words = {
        "en": ("Key point", "covered", "missing", "Calibration"),
        "zh-TW": ("評分要點", "已涵蓋", "未提到", "校準"),
    }[language]
    page = is_harmless(evaluation._repr_html_())
    for text in (*words, "two threads wait", f"a victim is aborted {SCRIPT}", "<b>locks</b>@1"):
        assert text in page.text
    assert words[0] not in Page(judged(all_of_it, {0: ANSWER}, language=language)._repr_html_()).text


def test_an_evaluation_without_a_result_is_shown_as_waiting() -> None:
    with Engine() as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who?"])
        evaluation = engine.evaluate(interview.id, {0: "Somebody."}, queued=True)
    text = is_harmless(evaluation._repr_html_()).text
    assert "Waiting to be evaluated" in text and "No score" in text
    assert "not rated" not in text


def test_characters_that_hide_or_reorder_are_shown_as_their_code_points() -> None:
    text = is_harmless(judged(all_of_it, {0: ANSWER})._repr_html_()).text
    for unseen in ("U+202E", "U+202C", "U+200B", "U+200D", "U+E0041 U+200B×2", "U+001B"):
        assert unseen in text


@pytest.mark.parametrize("text", ["👩‍💻🏽", "می‌خواهم", "क्‍ष", "العربية", "鎖\u3000定", "naïve", "☕️"])
def test_text_that_needs_its_joiners_keeps_them(text: str) -> None:
    with Engine() as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=[text])
        session = engine.start_session(interview.id)
    assert text in session._repr_html_()


def test_an_evaluation_is_in_its_own_language() -> None:
    html = judged(all_of_it, {0: ANSWER}, language="zh-TW")._repr_html_()
    assert html.startswith('<div class="vivavoce" lang="zh-TW">')
    text = is_harmless(html).text
    for words in (
        "部分完成",
        "未能評分的部分",
        "請由真人檢視",
        "自行撰寫的評分",
        "第 1 題",
        "佐證",
        "「 A lock 」",
        "信心",
    ):
        assert words in text
    assert "Question" not in text and "Evidence" not in text


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_words_are_those_of_the_scorecard(language: Language) -> None:
    from vivavoce import _notebook

    words = _notebook._WORDS[language]
    with Engine(evaluator=Judge(all_of_it)) as engine:
        interview = engine.create_interview(
            candidate_name="Ada", interview_type="technical", interview_language=language, questions=["A?", "B?"]
        )
        evaluation = engine.evaluate(interview.id, {0: ANSWER})
        changed = engine.override_score(evaluation.id, 0.5, by="Grace", reason="so")
        card = Page(engine.scorecard(changed.id, format="html").split("<body>")[1].split("</body>")[0]).text
    for word in (
        words.colon,
        words.judged_by,
        words.question.format(1),
        words.missing,
        words.changed,
        words.needs_review,
        words.flagged,
        words.unanswered,
        words.competency,
        words.weight,
        words.ratings,
        words.evidence,
        words.confidence,
        words.names["partial"],
        words.names["application"],
        words.names["fake_reply"],
        words.quote.format("Done."),
    ):
        assert word in card


def test_a_session_shows_the_transcript() -> None:
    with Engine() as engine:
        interview = engine.create_interview(
            candidate_name=SCRIPT, interview_type="technical", questions=["What is a <lock>?"]
        )
        session = engine.start_session(interview.id)
        assert "Active" in is_harmless(session._repr_html_()).text
        while session.status == "active":
            engine.send_message(session.id, ANSWER)
            session = engine.session(session.id)
    text = is_harmless(session._repr_html_()).text
    assert text.count("Candidate") == session.answers_given
    for words in (SCRIPT, "What is a <lock>?", "U+202E", "Complete", "Question 1", "Closing", str(session.id)):
        assert words in text
    assert "missing" not in text


def test_a_session_says_that_a_reply_is_missing() -> None:
    class Leaves:
        def speak(self, scene: vivavoce.Scene) -> str:
            if scene.messages:
                raise vivavoce.ProviderError("gone")
            return "你好。"

    with Engine(interviewer=Leaves()) as engine:
        interview = engine.create_interview(
            candidate_name="Ada", interview_type="general", interview_language="zh-TW", questions=["Who?"]
        )
        session = engine.start_session(interview.id)
        with pytest.raises(vivavoce.ProviderError):
            engine.send_message(session.id, "我是工程師。")
        html = engine.session(session.id)._repr_html_()
    text = is_harmless(html).text
    assert 'lang="zh-TW"' in html and "尚未回覆" in text and "應徵者" in text and "我是工程師。" in text


import matplotlib

matplotlib.use("Agg")


def scored(*scores: float, names: tuple[str, ...] = ("Rust", "Go", "C"), **others: Any) -> Evaluation:
    rubric = vivavoce.Rubric([vivavoce.Competency(name) for name in names[: len(scores)]])

    def judge(request: JudgeRequest) -> list[Rating]:
        return [Rating(0, name, score, reason="so", quotes=[quote(request)]) for name, score in zip(names, scores)]

    def quote(request: JudgeRequest) -> Quote:
        return Quote.find(request.exchanges[0].answer, "lock")

    return judged(judge, {0: "A lock."}, rubric=rubric, **others)


def drawn(ax: Any) -> list[list[float]]:
    return [[bar.get_width() for bar in bars] for bars in ax.containers]


def legend(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def new_axes() -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def test_a_plot_has_a_bar_for_each_competency() -> None:
    given = new_axes()
    ax = scored(0.25, 1.0, 0.0).plot(ax=given)
    assert ax is given
    assert drawn(ax) == [[0.25, 1.0, 0.0]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Rust", "Go", "C"]
    assert ax.get_xlim() == (0, 1)
    assert ax.get_ylim() == (2.5, -0.5)
    assert ax.get_legend() is None
    ax.figure.canvas.draw()


def test_a_plot_compares_candidates_and_leaves_blank_what_one_lacks() -> None:
    ada, grace = scored(0.5, 0.75), scored(0.25, 1.0, names=("Go", "SQL"))
    ax = ada.plot(grace, labels=["Ada", "_Grace $x \u202e"], ax=new_axes())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Rust", "Go", "SQL"]
    first, second = drawn(ax)
    assert first[:2] == [0.5, 0.75] and first[2] != first[2]
    assert second[1:] == [0.25, 1.0] and second[0] != second[0]
    assert legend(ax) == ["Ada", "_Grace $x [U+202E]"]
    edges = [(bar.get_y(), bar.get_y() + bar.get_height()) for bars in ax.containers for bar in bars]
    assert all(-0.5 < low < high < 2.5 for low, high in edges)
    ax.figure.canvas.draw()


def test_what_it_is_called_in_a_plot_is_no_formula() -> None:
    evaluation = scored(0.5, names=("costs $x^$ \\frac",))
    evaluation.plot(labels=["$\\bad{$"], ax=new_axes()).figure.canvas.draw()


def test_a_plot_of_several_without_labels_numbers_them() -> None:
    ax = scored(0.5).plot(scored(0.25), scored(1.0), ax=new_axes())
    assert legend(ax) == ["1", "2", "3"]


def test_chinese_competencies_are_drawn() -> None:
    from matplotlib import font_manager

    from vivavoce import _notebook

    ax = scored(0.5, names=("系統設計",)).plot(labels=["小明"], ax=new_axes())
    with warnings.catch_warnings():
        if not {face.name for face in font_manager.fontManager.ttflist}.intersection(_notebook._CHINESE):
            # This machine has no face for them.
            warnings.simplefilter("ignore")
        ax.figure.canvas.draw()


def test_a_plot_without_axes_makes_them() -> None:
    from matplotlib import pyplot

    ax = scored(0.5).plot()
    assert pyplot.get_fignums() == [pyplot.gcf().number]
    assert ax.figure is pyplot.gcf()
    pyplot.close()


def test_a_plot_that_cannot_be_drawn_is_invalid_input() -> None:
    evaluation = scored(0.5)
    for labels in ([], ["Ada", "Grace"], "A"):
        with pytest.raises(vivavoce.InvalidInputError, match="labels"):
            evaluation.plot(labels=labels, ax=new_axes())
    with Engine() as engine:
        interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who?"])
        waiting = engine.evaluate(interview.id, {0: "Somebody."}, queued=True)
    with pytest.raises(vivavoce.InvalidInputError, match="nothing to draw"):
        waiting.plot(ax=new_axes())
    assert drawn(waiting.plot(evaluation, ax=new_axes()))[1] == [0.5]
    with pytest.raises(TypeError, match="not of int"):
        evaluation.plot(1)  # type: ignore[arg-type]


WITHOUT_PYPLOT = """
import sys, vivavoce
from matplotlib.figure import Figure
with vivavoce.Engine() as engine:
    interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who?"])
    engine.evaluate(interview.id, {0: "A mathematician."}).plot(ax=Figure().add_subplot())
assert "matplotlib.pyplot" not in sys.modules
"""

WITHOUT_MATPLOTLIB = """
import sys, vivavoce
assert "matplotlib" not in sys.modules and "vivavoce._notebook" not in sys.modules
sys.modules["matplotlib"] = None
with vivavoce.Engine() as engine:
    interview = engine.create_interview(candidate_name="Ada", interview_type="general", questions=["Who?"])
    evaluation = engine.evaluate(interview.id, {0: "A mathematician."})
evaluation._repr_html_()
try:
    evaluation.plot()
except ImportError as error:
    assert "pip install vivavoce[plot]" in str(error)
else:
    raise AssertionError
"""


@pytest.mark.parametrize("program", [WITHOUT_PYPLOT, WITHOUT_MATPLOTLIB])
def test_a_plot_needs_no_more_than_it_says(program: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
