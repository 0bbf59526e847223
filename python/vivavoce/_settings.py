"""Who speaks, who judges, and the language models that they ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

if TYPE_CHECKING:
    from vivavoce._protocols import Evaluator

_MILLISECONDS = {"milliseconds": True}
_SEVERAL = {"several": True}


def is_several(value: object) -> bool:
    """Whether it is meant as several things. A text is made of texts, and a document of its names, and neither is."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _plain(value: object) -> object:
    if isinstance(value, _Settings):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in cast("Sequence[object]", value)]
    return value


class _Settings:
    """What all settings have in common: they are the documents of `docs/language-models.md`."""

    _kind: ClassVar[str | None] = None

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]
            if each.metadata.get("several"):
                value = getattr(self, each.name)
                if not is_several(value):
                    raise TypeError(f"{each.name}: expected a list, not {type(value).__name__}")

    def to_dict(self) -> dict[str, Any]:
        """The document. Durations are milliseconds there; what is None is left out, and so is what has its default, which is then the library's own."""
        document: dict[str, Any] = {} if self._kind is None else {"kind": self._kind}
        defaults = self._defaults()
        for each in fields(self):  # type: ignore[arg-type]
            value, default = getattr(self, each.name), defaults.get(each.name, MISSING)
            if each.metadata.get("milliseconds"):
                span = value if isinstance(value, timedelta) else timedelta(seconds=value)
                if span != default:
                    document[f"{each.name}_ms"] = span // timedelta(milliseconds=1)
            elif value is not None and value != default:
                document[each.name] = _plain(value)
        return document

    def _defaults(self) -> dict[str, Any]:
        """The library's: a subclass of the application's may have others."""
        ours = next(of for of in type(self).__mro__ if of.__module__ == __name__)
        return {each.name: _default(each) for each in fields(ours)}


def _default(of: Field[Any]) -> object:
    return of.default if of.default_factory is MISSING else of.default_factory()


@dataclass(frozen=True)
class Provider(_Settings):
    """A language-model service.

    Attributes:
        kind: The service, the first part of its models' names: `openai`, `azure`, `anthropic`, `gemini`, `ollama`, or `compatible` for any server that speaks OpenAI's chat
            completions.
        key: The key; never shown.
        base_url: Where it is, if not at its usual address; https, or a loopback address.
        responses: Whether to use OpenAI's Responses API.
        x_api_key: Whether Anthropic's key goes into `x-api-key` (a key of the console); otherwise it is a bearer token.
        allow_plain_http: Whether the address may be http and not loopback.

    Example:
        >>> from vivavoce import Provider
        >>> Provider("openai", key="sk-secret")
        Provider(kind='openai', base_url=None)
    """

    kind: Literal["openai", "azure", "anthropic", "gemini", "ollama", "compatible"]
    key: str | None = field(default=None, repr=False, kw_only=True)
    base_url: str | None = field(default=None, kw_only=True)
    responses: bool = field(default=False, repr=False, kw_only=True)
    x_api_key: bool = field(default=False, repr=False, kw_only=True)
    allow_plain_http: bool = field(default=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Price(_Settings):
    """What a model costs, in whatever currency the application counts.

    Attributes:
        input: For a million tokens that are read.
        output: For a million tokens that are written.
    """

    input: float
    output: float


@dataclass(frozen=True, kw_only=True)
class RateLimit(_Settings):
    """How much of a model may be used in a minute.

    Attributes:
        requests: Requests a minute, each try counted; without limit where None.
        tokens: Tokens a minute, read and written; without limit where None.
    """

    requests: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, kw_only=True)
class Budget(_Settings):
    """The most that may be used. A call that could exceed it is not made: `LimitedError`.

    Attributes:
        tokens: Tokens, read and written; without limit where None.
        money: Money, in the currency of the prices; without limit where None. Every model that is asked then needs a price.
        period: For how long: a calendar `day` or `month`, in UTC.
    """

    tokens: int | None = None
    money: float | None = None
    period: Literal["day", "month"] = "day"


@dataclass(frozen=True)
class Models(_Settings):
    """The language models that an engine may ask, and how.

    Attributes:
        providers: The services.
        retries: How often a request is made again after a failure that may pass, for each model.
        backoff: The longest pause before the first retry; doubles with each. A `timedelta` or seconds, as all durations here.
        timeout: How long asking may take in all, retries and other models included.
        connect_timeout: How long connecting may take, TLS included.
        read_timeout: How long a service may be silent.
        rate_limits: How much of a model may be used in a minute, by `provider/model`.
        prices: What a model costs, by `provider/model`.
        budget: The most that this engine may use.
        tenant_budget: The most that each tenant may use, by all engines on one store.
        cache_bytes: How large the cache of judging replies may be, in memory and in the store each; 0 for none.
        cache_age: How old such a reply may be.

    Example:
        >>> from vivavoce import Models, Provider
        >>> models = Models([Provider("compatible", base_url="http://127.0.0.1:8000/v1")], timeout=60)
        >>> models.to_dict()["timeout_ms"]
        60000
    """

    providers: Sequence[Provider | Mapping[str, Any]] = field(metadata=_SEVERAL)
    retries: int = field(default=2, kw_only=True)
    backoff: timedelta | float = field(default=timedelta(milliseconds=500), kw_only=True, metadata=_MILLISECONDS)
    timeout: timedelta | float = field(default=timedelta(minutes=2), kw_only=True, metadata=_MILLISECONDS)
    connect_timeout: timedelta | float = field(default=timedelta(seconds=10), kw_only=True, metadata=_MILLISECONDS)
    read_timeout: timedelta | float = field(default=timedelta(minutes=1), kw_only=True, metadata=_MILLISECONDS)
    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict[str, RateLimit], kw_only=True)
    prices: Mapping[str, Price] = field(default_factory=dict[str, Price], kw_only=True)
    budget: Budget | None = field(default=None, kw_only=True)
    tenant_budget: Budget | None = field(default=None, kw_only=True)
    cache_bytes: int = field(default=64 * 1024 * 1024, kw_only=True)
    cache_age: timedelta | float = field(default=timedelta(days=30), kw_only=True, metadata=_MILLISECONDS)

    def __repr__(self) -> str:
        shown = {each.name: getattr(self, each.name) for each in fields(self) if each.repr}
        shown["providers"] = [_without_key(provider) for provider in self.providers]
        return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def _without_key(provider: object) -> object:
    """What may be shown of a provider: of a document or another object, what `Provider` shows of itself, for its key may have any name."""
    if isinstance(provider, Provider):
        return provider
    document = cast("Mapping[str, object]", provider) if isinstance(provider, Mapping) else getattr(provider, "__dict__", {})
    return {name: document[name] for name in ("kind", "base_url") if name in document}


@dataclass(frozen=True)
class ScriptedInterviewer(_Settings):
    """Asks the planned questions and probes by rules, without a language model."""

    _kind = "scripted"


@dataclass(frozen=True)
class ConversationalInterviewer(_Settings):
    """Holds the conversation with the words of a language model; planned questions are asked word for word.

    Attributes:
        models: The models, `provider/model`; the later ones where those before fail.
        temperature: How much chance there is in the words.
        max_tokens: The most tokens of what is said at a time, thinking included.
        scripted_on_failure: Whether the scripted interviewer speaks where all models fail, instead of leaving the turn pending; its messages say so (`Message.origin`).
    """

    models: Sequence[str] = field(metadata=_SEVERAL)
    temperature: float | None = field(default=0.7, kw_only=True)
    max_tokens: int = field(default=1024, kw_only=True)
    scripted_on_failure: bool = field(default=False, kw_only=True)
    _kind = "conversational"

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        return _with_parameters(super().to_dict(), self, self._defaults())


@dataclass(frozen=True)
class BuiltinEvaluator(_Settings):
    """Judges by comparing answers with reference answers and key points, without a language model."""

    _kind = "builtin"


@dataclass(frozen=True)
class ModelEvaluator(_Settings):
    """Has answers judged by a language model: each answer by itself, with quotes that are checked.

    Attributes:
        models: The models, `provider/model`; the later ones where those before fail.
        temperature: How much chance there is in the judgement.
        seed: Where the model's chance begins; not said where None.
        max_tokens: The most tokens of a reply, thinking included.
    """

    models: Sequence[str] = field(metadata=_SEVERAL)
    temperature: float | None = field(default=0.0, kw_only=True)
    seed: int | None = field(default=None, kw_only=True)
    max_tokens: int = field(default=4096, kw_only=True)
    _kind = "model"

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        return _with_parameters(super().to_dict(), self, self._defaults())


@dataclass(frozen=True)
class Panel(_Settings):
    """Several judges, whose scores become one.

    Attributes:
        judges: At least one, by their number: `ModelEvaluator`, `BuiltinEvaluator`, or objects of your own with `judge`.
        combine: How their scores become one.
        disagreement: By how much they may differ before a person is asked to look, 0 to 1.

    Example:
        >>> from vivavoce import BuiltinEvaluator, Engine, Panel
        >>> with Engine(evaluator=Panel([BuiltinEvaluator(), BuiltinEvaluator()])) as engine:
        ...     engine.evaluate_answer("What is a lock?", "It keeps others out.").evaluator.provider
        'panel'
    """

    judges: Sequence[ModelEvaluator | BuiltinEvaluator | Evaluator] = field(metadata=_SEVERAL)
    combine: Literal["median", "mean"] = field(default="median", kw_only=True)
    disagreement: float = field(default=0.35, kw_only=True)
    _kind = "panel"


def _with_parameters(document: dict[str, Any], of: _Settings, defaults: dict[str, Any]) -> dict[str, Any]:
    own = {name: getattr(of, name) for name in ("temperature", "seed") if name in defaults}
    for name in own:
        document.pop(name, None)
    # All of them or none: where one is said, the library takes the others as said, too, and None is left to the model.
    if any(value != defaults[name] for name, value in own.items()):
        document["parameters"] = {name: value for name, value in own.items() if value is not None}
    return document
