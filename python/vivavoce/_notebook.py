"""What a notebook shows of sessions, evaluations and tables, and the plot of competencies.

What candidates, models and applications wrote is data in it: none of it can become markup, and what would reorder or hide the text around it is shown as its code points.
The page has no script and loads nothing.
"""

# What matplotlib gives is of no known type.
# pyright: basic

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from vivavoce._errors import InvalidInputError
from vivavoce._native import Evaluation, Exchange, KeyPointCoverage, Message, Quote, Rating, Session

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Characters that are not seen, or change the place of others: controls, soft hyphens, fillers, directions, zero width, tags (Unicode Technical Report 36). Joiners only after
# letters that stand by themselves: pictures, and the scripts of Persia and India, are put together with them.
_UNSEEN = re.compile(
    "(?:[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e00ff]|(?<=[\0-\u058f\u200b-\u200f\u2e80-\u9fff])[\u200c\u200d])+"
)
# How many rows of a table are shown.
_ROWS = 100

# Notebooks are light or dark whatever the system is: colours are the notebook's own, or so thin that they read well on both.
_STYLE = """
.vivavoce { overflow-wrap: anywhere; line-height: 1.5; }
.vivavoce h4 { margin: 1.2em 0 .3em; }
.vivavoce p, .vivavoce ul { margin: .3em 0; }
.vivavoce .vv-text { white-space: pre-wrap; }
.vivavoce .vv-muted { opacity: .75; font-size: .9em; }
.vivavoce .vv-said { margin: .8em 0; padding: .1em 1em; border-inline-start: 3px solid rgba(128, 128, 128, .4); }
.vivavoce .vv-candidate { border-color: #3b86ad; }
.vivavoce .vv-note { margin: .8em 0; padding: .3em 1em; border-inline-start: 4px solid #d99a1e; background: rgba(217, 154, 30, .12); }
.vivavoce .vv-failure { border-color: #c8473b; background: rgba(200, 71, 59, .12); }
.vivavoce mark { background: rgba(255, 196, 0, .35); color: inherit; }
.vivavoce .vv-unseen { border: 1px dotted; font: .75em monospace; }
.vivavoce .vv-wide { overflow-x: auto; }
.vivavoce table { border-collapse: collapse; }
.vivavoce th, .vivavoce td { padding: .3em .8em; border-bottom: 1px solid rgba(128, 128, 128, .3); text-align: start; vertical-align: top; }
.vivavoce th { white-space: nowrap; }
.vivavoce td { min-width: 4em; white-space: pre-wrap; }
"""


class _Words(NamedTuple):
    """What is said in one language, in the words of the scorecard. A language that lacks some cannot be made."""

    quote: str
    colon: str
    score: str
    no_score: str
    judged_by: str
    calibration: str
    question: str
    probe: str
    unplanned: str
    closing: str
    no_answer: str
    not_rated: str
    no_reply: str
    changed: str
    failure: str
    missing: str
    needs_review: str
    flagged: str
    unanswered: str
    competency: str
    weight: str
    ratings: str
    evidence: str
    reason: str
    confidence: str
    key_point: str
    coverage: str
    # By the names of the documents.
    names: dict[str, str]


_WORDS = {
    "en": _Words(
        quote="“{}”",
        colon=": ",
        score="Score",
        no_score="No score",
        judged_by="Judged by",
        calibration="Calibration",
        question="Question {}",
        probe="Follow-up to question {}",
        unplanned="Further question",
        closing="Closing",
        no_answer="No answer was given.",
        not_rated="This answer was not rated.",
        no_reply="The reply is missing.",
        changed="Changed by a person",
        failure="What could not be done",
        missing="What could not be judged",
        needs_review="A person should look at this",
        flagged="Words that speak to the judge",
        unanswered="Unanswered questions",
        competency="Competency",
        weight="Weight",
        ratings="Ratings",
        evidence="Evidence",
        reason="Reason",
        confidence="Confidence",
        key_point="Key point",
        coverage="Coverage",
        names={
            "interviewer": "Interviewer",
            "candidate": "Candidate",
            "model": "a model’s words",
            "scripted": "scripted: the model failed",
            "guarded": "scripted: the model’s words were held back",
            "active": "Active",
            "abandoned": "Abandoned",
            "pending": "Waiting to be evaluated",
            "running": "Being evaluated",
            "completed": "Complete",
            "partial": "Incomplete",
            "failed": "Failed",
            "reference": "reference answer",
            "key_points": "key points",
            "rubric": "the rubric’s levels",
            "heuristic": "the answer itself, with nothing to compare it with",
            "application": "the application’s own evaluator",
            "person": "a person’s decision",
            "covered": "covered",
            "partly": "partly covered",
            "missing": "missing",
            "instruction": "an instruction",
            "fake_reply": "a judgement of its own",
            "fake_marker": "a marker of a prompt",
            "role_header": "another’s role",
            "hidden_text": "text that is not seen",
            "encoded_text": "text in an encoding",
        },
    ),
    "zh-TW": _Words(
        quote="「{}」",
        colon="：",
        score="分數",
        no_score="無分數",
        judged_by="評估者",
        calibration="校準",
        question="第 {} 題",
        probe="第 {} 題的追問",
        unplanned="其他問題",
        closing="結語",
        no_answer="沒有回答。",
        not_rated="這個回答沒有評分。",
        no_reply="尚未回覆。",
        changed="經人工調整",
        failure="未能完成的部分",
        missing="未能評分的部分",
        needs_review="請由真人檢視",
        flagged="對評審喊話的文字",
        unanswered="未回答的問題",
        competency="能力",
        weight="權重",
        ratings="評分次數",
        evidence="佐證",
        reason="理由",
        confidence="信心",
        key_point="評分要點",
        coverage="涵蓋程度",
        names={
            "interviewer": "面試官",
            "candidate": "應徵者",
            "model": "由模型產生",
            "scripted": "制式用語：模型失敗",
            "guarded": "制式用語：模型的用語未被採用",
            "active": "進行中",
            "abandoned": "已放棄",
            "pending": "等待評估",
            "running": "評估中",
            "completed": "已完成",
            "partial": "部分完成",
            "failed": "評估失敗",
            "reference": "參考答案",
            "key_points": "評分要點",
            "rubric": "評分等級說明",
            "heuristic": "回答本身（沒有可以比對的資料）",
            "application": "應用程式自訂的評估",
            "person": "人工評定",
            "covered": "已涵蓋",
            "partly": "部分涵蓋",
            "missing": "未提到",
            "instruction": "指示",
            "fake_reply": "自行撰寫的評分",
            "fake_marker": "提示詞的標記",
            "role_header": "冒用其他角色",
            "hidden_text": "看不見的文字",
            "encoded_text": "經過編碼的文字",
        },
    ),
}


def _code_points(unseen: re.Match[str]) -> str:
    runs = ((ord(character), len(list(run))) for character, run in groupby(unseen[0]))
    return " ".join(f"U+{code:04X}" if count == 1 else f"U+{code:04X}×{count}" for code, count in runs)


def _plain(data: str) -> str:
    """Data where there is no markup."""
    return _UNSEEN.sub(lambda unseen: f"[{_code_points(unseen)}]", data)


def _text(data: str) -> str:
    """Data as the content of an element."""
    return _UNSEEN.sub(lambda unseen: f'<span class="vv-unseen">{_code_points(unseen)}</span>', escape(data))


def _inline(data: str) -> str:
    """Data within a line, whose direction is its own."""
    return f"<bdi>{_text(data)}</bdi>"


def _block(data: str) -> str:
    return f'<p class="vv-text" dir="auto">{_text(data)}</p>'


def _page(language: str, *parts: str) -> str:
    return (
        f'<div class="vivavoce" lang="{escape(language)}">\n<style>{_STYLE}</style>\n' + "\n".join(parts) + "\n</div>"
    )


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML."""
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="vv-wide"><table>\n<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _time(time: datetime) -> str:
    return f'<time datetime="{time.isoformat()}">{time:%Y-%m-%d %H:%M} UTC</time>'


def _heading(words: _Words, question: int | None, is_probe: bool) -> str:
    if question is None:
        return words.unplanned
    return (words.probe if is_probe else words.question).format(question + 1)


def session(session: Session) -> str:
    """The transcript of a session as HTML."""
    words = _WORDS.get(session.session_language, _WORDS["en"])

    def said(message: Message) -> str:
        about = [f"<strong>{words.names[message.role]}</strong>"]
        if message.kind == "closing":
            about.append(words.closing)
        elif message.role == "interviewer":
            about.append(_heading(words, message.question, message.kind == "probe"))
        if message.origin is not None:
            about.append(words.names.get(message.origin, message.origin))
        about.append(_time(message.created_at))
        return f'<div class="vv-said vv-{message.role}">\n<p class="vv-muted">{" · ".join(about)}</p>\n{_block(message.content)}\n</div>'

    return _page(
        session.session_language,
        f'<p class="vv-muted">{words.names.get(session.status, session.status)} · <code>{session.id}</code></p>',
        *map(said, session.messages),
        f'<p class="vv-note">{words.no_reply}</p>' if session.pending is not None else "",
    )


def evaluation(evaluation: Evaluation) -> str:
    """An evaluation as HTML: what to know first, the scores, and each rating beside the words that it rests on."""
    words = _WORDS.get(evaluation.language, _WORDS["en"])
    parts = [_summary(evaluation, words), *_notes(evaluation, words)]
    if evaluation.feedback.strip():
        parts.append(_block(evaluation.feedback))
    if evaluation.competencies:
        scores = (
            (
                _inline(it.competency),
                f'{it.score:.2f} <meter value="{it.score}"></meter>',
                f"{it.weight:g}",
                str(it.ratings),
            )
            for it in evaluation.competencies
        )
        parts.append(_rows((words.competency, words.score, words.weight, words.ratings), scores))
    parts += (_exchange(evaluation, place, words) for place in range(len(evaluation.exchanges)))
    if evaluation.unanswered:
        numbers = ", ".join(str(question + 1) for question in evaluation.unanswered)
        parts.append(f'<p class="vv-muted">{words.unanswered}{words.colon}{numbers}</p>')
    return _page(evaluation.language, *parts)


def _summary(evaluation: Evaluation, words: _Words) -> str:
    score = words.no_score if evaluation.score is None else f"{words.score} {evaluation.score:.2f}"
    judge = evaluation.evaluator
    corrected = evaluation.calibration
    about = (
        words.names.get(evaluation.status, evaluation.status),
        f"{words.judged_by}{words.colon}{_inline(f'{judge.provider} {judge.model} {judge.version}'.rstrip())}",
        *([] if corrected is None else [f"{words.calibration}{words.colon}{_inline(corrected)}"]),
        _time(evaluation.completed_at or evaluation.created_at),
        f"<code>{evaluation.id}</code>",
    )
    return f'<p><strong>{score}</strong></p>\n<p class="vv-muted">{" · ".join(about)}</p>'


def _notes(evaluation: Evaluation, words: _Words) -> Iterable[str]:
    """What a reader of the score has to know before anything else."""

    def at(exchange: int, competency: str | None = None) -> str:
        of = evaluation.exchanges[exchange]
        where = _heading(words, of.question, of.probe)
        return where if competency is None else f"{where}, {_inline(competency)}"

    def note(title: str, items: Iterable[str], more: str = "") -> Iterable[str]:
        if listed := "".join(f'<li dir="auto">{item}</li>' for item in items):
            yield f'<div class="vv-note{more}"><strong>{title}</strong>\n<ul>{listed}</ul></div>'

    yield from note(
        words.changed,
        (
            f"{words.score if it.rating is None else at(it.rating.exchange, it.rating.competency)}{words.colon}{it.score:.2f}"
            f" – {_inline(it.by)}{words.colon}{_inline(it.reason)}"
            for it in evaluation.overridden
        ),
    )
    # What is missing is what failed, each by itself.
    failure = [] if evaluation.failure is None or evaluation.missing else [_inline(evaluation.failure)]
    yield from note(words.failure, failure, " vv-failure")
    yield from note(
        words.missing,
        (f"{at(it.exchange, it.competency)}{words.colon}{_inline(it.reason)}" for it in evaluation.missing),
        " vv-failure",
    )
    yield from note(words.needs_review, map(_inline, evaluation.needs_review))
    yield from note(
        words.flagged,
        (
            f"{at(it.exchange)}{words.colon}{words.names.get(it.kind, it.kind)}{words.colon}{_quoted(it.span, words)}"
            for it in evaluation.flags
        ),
    )


def _quoted(quote: Quote, words: _Words) -> str:
    return words.quote.format(_inline(quote.text))


def _exchange(evaluation: Evaluation, place: int, words: _Words) -> str:
    exchange = evaluation.exchanges[place]
    ratings = [rating for rating in evaluation.ratings if rating.exchange == place]
    heading = f"<h4>{_heading(words, exchange.question, exchange.probe)}</h4>\n{_block(exchange.question_text)}"
    if not exchange.answer.strip():
        answer = f'<p class="vv-muted">{words.no_answer}</p>'
    else:
        answer = (
            f'<blockquote class="vv-said vv-candidate vv-text" dir="auto">{_marked(exchange, ratings)}</blockquote>'
        )
    if ratings:
        judged = _rows(
            (words.competency, words.score, words.evidence, words.reason),
            (_rating(rating, words) for rating in ratings),
        )
    elif evaluation.completed_at is not None and exchange.answer.strip():
        judged = f'<p class="vv-muted">{words.not_rated}</p>'
    else:
        judged = ""
    points = [_key_point(found, words) for found in evaluation.key_points if found.exchange == place]
    covered = _rows((words.key_point, words.coverage, words.evidence), points) if points else ""
    return f"{heading}\n{answer}\n{judged}\n{covered}"


def _key_point(found: KeyPointCoverage, words: _Words) -> tuple[str, ...]:
    return (
        _inline(found.text),
        f'{words.names.get(found.coverage, found.coverage)}<p class="vv-muted">{found.share:.2f}</p>',
        "<br>".join(_quoted(quote, words) for quote in found.quotes),
    )


def _rating(rating: Rating, words: _Words) -> tuple[str, ...]:
    basis = words.names.get(rating.basis, rating.basis)
    return (
        _inline(rating.competency),
        f"{rating.score:.2f}",
        "<br>".join(_quoted(quote, words) for quote in rating.quotes),
        f'{_inline(rating.reason)}<p class="vv-muted">{basis} · {words.confidence}{words.colon}{rating.confidence:.2f}</p>',
    )


def _marked(exchange: Exchange, ratings: Iterable[Rating]) -> str:
    """The answer with the words marked that ratings rest on; quotes that overlap or touch make one mark."""
    marks: list[list[int]] = []
    for start, end in sorted((quote.start, quote.end) for rating in ratings for quote in rating.quotes):
        if marks and start <= marks[-1][1]:
            marks[-1][1] = max(end, marks[-1][1])
        else:
            marks.append([start, end])
    html, place = "", 0
    for start, end in marks:
        html += f"{_text(exchange.answer[place:start])}<mark>{_text(exchange.answer[start:end])}</mark>"
        place = end
    return html + _text(exchange.answer[place:])


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The beginning of a table as HTML."""

    def cell(value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, tuple):
            return "<br>".join(map(_inline, value))
        if isinstance(value, float):
            return f"{value:.4g}"
        return _time(value) if isinstance(value, datetime) else _inline(str(value))

    left = f'<p class="vv-muted">… {len(rows) - _ROWS} more rows</p>' if len(rows) > _ROWS else ""
    return _page("en", _rows(map(_text, columns), (map(cell, row) for row in rows[:_ROWS])), left)


# Faces that have Chinese characters, on Apple's systems, Windows and Linux.
_CHINESE = (
    "PingFang TC",
    "Microsoft JhengHei",
    "Noto Sans TC",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
)


def plot(
    evaluations: Sequence[Evaluation],
    others: Sequence[Evaluation] = (),
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws the competencies of evaluations as horizontal bars from 0 to 1, one group for each competency, in the order of the rubric.

    A competency that an evaluation has no score for is left blank in it.

    Args:
        evaluations: The evaluations to draw.
        others: More of them.
        labels: What to call each of them in the legend; "1", "2" … where None.
        ax: The axes to draw on; where None, new ones of pyplot.

    Raises:
        ImportError: Where matplotlib is not installed.
        InvalidInputError: None of the evaluations has a competency's score, or there are more or fewer labels than evaluations.
    """
    try:
        from matplotlib import font_manager, rcParams
    except ImportError as error:
        raise ImportError("a plot needs matplotlib: pip install vivavoce[plot]") from error

    drawn = [*evaluations, *others]
    for each in drawn:
        if not isinstance(each, Evaluation):
            raise TypeError(f"a plot is made of evaluations, not of {type(each).__name__}")
    names = [str(number) for number in range(1, len(drawn) + 1)] if labels is None else list(labels)
    if isinstance(labels, str) or len(names) != len(drawn):
        raise InvalidInputError(f"labels: expected one for each evaluation, {len(drawn)} in all")
    competencies = list(dict.fromkeys(it.competency for each in drawn for it in each.competencies))
    if not competencies:
        raise InvalidInputError("there is nothing to draw: no competency has a score")

    if ax is None:
        from matplotlib import pyplot

        _, ax = pyplot.subplots(figsize=(7, 1 + 0.25 * len(competencies) * (1 + len(drawn))), layout="constrained")
    # Text as it is: a dollar would begin a formula.
    as_it_is: dict[str, Any] = {"parse_math": False}
    if any(ord(character) > 0x2E7F for text in (*names, *competencies) for character in text):
        known = {face.name for face in font_manager.fontManager.ttflist}
        as_it_is["fontfamily"] = [*rcParams["font.family"], *(face for face in _CHINESE if face in known)]
    height = 0.8 / len(drawn)
    bars = []
    for number, each in enumerate(drawn):
        scores = {it.competency: it.score for it in each.competencies}
        places = [place + height * (number - (len(drawn) - 1) / 2) for place in range(len(competencies))]
        bars.append(ax.barh(places, [scores.get(it, float("nan")) for it in competencies], height))
    ax.set_yticks(range(len(competencies)), list(map(_plain, competencies)), **as_it_is)
    ax.set_ylim(len(competencies) - 0.5, -0.5)
    ax.set_xlim(0, 1)
    if len(drawn) > 1 or labels is not None:
        # Given afterwards: a legend leaves out what begins with an underscore.
        legend = ax.legend(bars, ["?"] * len(bars), loc="center left", bbox_to_anchor=(1, 0.5))
        for text, name in zip(legend.get_texts(), names):
            text.set(text=_plain(name), **as_it_is)
    return ax
