package vivavoce

// Settings are the language models that an engine may ask, and who speaks and judges by them. What is left out has its default. They are also the form of a configuration file in
// JSON.
type Settings struct {
	// Models are the services and their limits; nil for none.
	Models *Models `json:"models,omitempty"`
	// Interviewer is who speaks; nil for the scripted one.
	Interviewer *InterviewerSettings `json:"interviewer,omitempty"`
	// Evaluator is who judges; nil for the built-in one.
	Evaluator *EvaluatorSettings `json:"evaluator,omitempty"`
}

// Models are the language models that an engine may ask, and how.
type Models struct {
	// Providers are the services, one of each kind.
	Providers []Provider `json:"providers"`
	// Retries is how often a request is made again after a failure that may pass, for each model; nil for 2.
	Retries *uint32 `json:"retries,omitempty"`
	// BackoffMS is the longest pause before the first retry, in milliseconds; nil for 500.
	BackoffMS *uint64 `json:"backoff_ms,omitempty"`
	// TimeoutMS is how long a reply may take with all its tries, in milliseconds; nil for 120,000.
	TimeoutMS *uint64 `json:"timeout_ms,omitempty"`
	// ConnectTimeoutMS is how long connecting may take, in milliseconds; nil for 10,000.
	ConnectTimeoutMS *uint64 `json:"connect_timeout_ms,omitempty"`
	// ReadTimeoutMS is how long nothing may come, in milliseconds; nil for 60,000.
	ReadTimeoutMS *uint64 `json:"read_timeout_ms,omitempty"`
	// RateLimits are by model, "provider/model".
	RateLimits map[string]RateLimit `json:"rate_limits,omitempty"`
	// Prices are by model.
	Prices map[string]Price `json:"prices,omitempty"`
	// Budget is what all tenants may use together; nil for no end.
	Budget *Budget `json:"budget,omitempty"`
	// TenantBudget is what each tenant may use; nil for no end.
	TenantBudget *Budget `json:"tenant_budget,omitempty"`
	// CacheBytes is how large the cache of replies may be; nil for 64 MiB.
	CacheBytes *uint64 `json:"cache_bytes,omitempty"`
	// CacheAgeMS is how long a reply is kept, in milliseconds; nil for 30 days.
	CacheAgeMS *uint64 `json:"cache_age_ms,omitempty"`
}

// A ProviderKind is a kind of language-model service: the first part of a model's name.
type ProviderKind string

const (
	// OpenAI is api.openai.com.
	OpenAI ProviderKind = "openai"
	// Azure is Azure OpenAI, a resource's own address.
	Azure ProviderKind = "azure"
	// Anthropic is api.anthropic.com.
	Anthropic ProviderKind = "anthropic"
	// Gemini is generativelanguage.googleapis.com.
	Gemini ProviderKind = "gemini"
	// Ollama is a local Ollama.
	Ollama ProviderKind = "ollama"
	// Compatible is any server that speaks OpenAI's chat completions (llama.cpp, vLLM, LM Studio, Together, Groq …).
	Compatible ProviderKind = "compatible"
)

// A Secret is a text that is not printed by accident.
type Secret string

// String hides it.
func (Secret) String() string { return "[secret]" }

// GoString hides it.
func (Secret) GoString() string { return `"[secret]"` }

// A Provider is a language-model service with its credentials.
type Provider struct {
	// Kind is the wire protocol, and the first part of the names of its models.
	Kind ProviderKind `json:"kind"`
	// Key is needed but for [Ollama] and [Compatible].
	Key Secret `json:"key,omitempty"`
	// BaseURL is needed for [Azure] (the resource's address) and [Compatible]; empty for the service's own.
	BaseURL string `json:"base_url,omitempty"`
	// Responses asks by the Responses API; for [OpenAI] and [Azure].
	Responses bool `json:"responses,omitempty"`
	// XAPIKey sends the key in the header x-api-key; for [Anthropic].
	XAPIKey bool `json:"x_api_key,omitempty"`
	// AllowPlainHTTP lets a key go over http.
	AllowPlainHTTP bool `json:"allow_plain_http,omitempty"`
}

// A RateLimit is what a model may be asked in a minute; 0 for no limit.
type RateLimit struct {
	// Requests a minute, each try counted.
	Requests uint32 `json:"requests,omitempty"`
	// Tokens a minute, read and written; counted by what a request may use at most until it is known what it used.
	Tokens uint32 `json:"tokens,omitempty"`
}

// A Price is what a model costs, in whatever currency the application counts.
type Price struct {
	// Input is for a million tokens that are read.
	Input float64 `json:"input"`
	// Output is for a million tokens that are written.
	Output float64 `json:"output"`
}

// A Period is the time that a budget is for.
type Period string

const (
	// Day is a calendar day, in UTC.
	Day Period = "day"
	// Month is a calendar month, in UTC.
	Month Period = "month"
)

// A Budget is what may be used in a period.
type Budget struct {
	// Tokens, read and written; nil for no limit.
	Tokens *uint64 `json:"tokens,omitempty"`
	// Money, in the currency of the prices: every model that is asked then needs one. Nil for no limit.
	Money *float64 `json:"money,omitempty"`
	// Period is for how long; empty for [Day].
	Period Period `json:"period,omitempty"`
}

// InterviewerSettings say who speaks.
type InterviewerSettings struct {
	// Kind is "scripted" or "conversational".
	Kind string `json:"kind"`
	// Models are asked in their order, "provider/model", each where those before it fail; for a conversational interviewer, and at least one.
	Models []string `json:"models,omitempty"`
	// Parameters are how they sample; nil for a temperature of 0.7.
	Parameters *Parameters `json:"parameters,omitempty"`
	// MaxTokens is the most of a reply; 0 for 1,024.
	MaxTokens uint32 `json:"max_tokens,omitempty"`
	// ScriptedOnFailure has the scripted interviewer speak where the models fail.
	ScriptedOnFailure bool `json:"scripted_on_failure,omitempty"`
}

// EvaluatorSettings say who judges.
type EvaluatorSettings struct {
	// Kind is "builtin", "model" or "panel".
	Kind string `json:"kind"`
	// Models are asked in their order, "provider/model", each where those before it fail; for a model, and at least one.
	Models []string `json:"models,omitempty"`
	// Parameters are how they sample; nil for a temperature of 0. For a model.
	Parameters *Parameters `json:"parameters,omitempty"`
	// MaxTokens is the most of a reply; 0 for 4,096. For a model.
	MaxTokens uint32 `json:"max_tokens,omitempty"`
	// Judges sit on a panel, each "builtin" or "model"; one that is there more than once is asked as often.
	Judges []EvaluatorSettings `json:"judges,omitempty"`
	// Combine is how a panel's scores become one; empty for [CombineMedian].
	Combine Combine `json:"combine,omitempty"`
	// Disagreement is by how much a panel's judges may differ before a person is asked to look, 0 to 1; nil for the library's own measure.
	Disagreement *float64 `json:"disagreement,omitempty"`
}
