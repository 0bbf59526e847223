// Vivavoce for C++17: handles that free themselves, and errors that are exceptions.
//
// Every failing call throws vivavoce::Error. Whoever wants none uses the C functions of vivavoce.h on `Engine::get()`, which return a status. Documents are JSON texts, as in
// docs/c-abi.md; this header brings no JSON library.
#ifndef VIVAVOCE_HPP
#define VIVAVOCE_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "vivavoce.h"

namespace vivavoce {

/// Why a call failed. Its text holds no secret and none of the candidate's words.
class Error : public std::runtime_error {
 public:
  Error(vv_status status, const std::string &message, bool retryable, std::optional<std::chrono::milliseconds> after)
      : std::runtime_error(message), status_(status), retryable_(retryable), retry_after_(after) {}

  /// What the caller should do.
  vv_status status() const noexcept { return status_; }
  /// Whether the same call, made again later, can succeed.
  bool is_retryable() const noexcept { return retryable_; }
  /// How long to wait before that, where it is known.
  std::optional<std::chrono::milliseconds> retry_after() const noexcept { return retry_after_; }

 private:
  vv_status status_;
  bool retryable_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

namespace detail {

/// The error is a reference: it is there only when the call beside it has returned.
inline void check(vv_status status, vv_error *&error) {
  if (status == VV_OK) return;
  struct Free {
    void operator()(vv_error *it) const noexcept { vv_error_free(&it); }
  };
  const std::unique_ptr<vv_error, Free> owned(error);
  const std::int64_t after = vv_error_retry_after_ms(error);
  throw Error(status, vv_error_message(error), vv_error_is_retryable(error),
              after < 0 ? std::nullopt : std::optional(std::chrono::milliseconds(after)));
}

/// Takes text that a call gave out.
inline std::string taken(char *text) {
  struct Free {
    void operator()(char *it) const noexcept { vv_string_free(it); }
  };
  const std::unique_ptr<char, Free> owned(text);
  return std::string(text);
}

/// The text that a call gives out by its last parameter but one.
template <typename Call>
[[nodiscard]] std::string text(Call call) {
  char *out = nullptr;
  vv_error *error = nullptr;
  check(call(&out, &error), error);
  return taken(out);
}

}  // namespace detail

/// An id. Compared and written as text.
class Id {
 public:
  Id(vv_id id) noexcept : id_(id) {}
  explicit Id(std::string_view text) : id_{} {
    vv_error *error = nullptr;
    detail::check(vv_id_parse(text.data(), text.size(), &id_, &error), error);
  }

  vv_id get() const noexcept { return id_; }
  [[nodiscard]] std::string to_string() const {
    char text[37];
    vv_id_write(id_, text);
    return text;
  }
  friend bool operator==(const Id &one, const Id &other) noexcept {
    return std::equal(std::begin(one.id_.bytes), std::end(one.id_.bytes), std::begin(other.id_.bytes));
  }
  friend bool operator!=(const Id &one, const Id &other) noexcept { return !(one == other); }

 private:
  vv_id id_;
};

/// Cancels the calls that have it in their options, from any thread.
class Cancel {
 public:
  Cancel() : cancel_(vv_cancel_new()) {}
  void cancel() const noexcept { vv_cancel_cancel(cancel_.get()); }
  const vv_cancel *get() const noexcept { return cancel_.get(); }

 private:
  struct Free {
    void operator()(vv_cancel *it) const noexcept { vv_cancel_free(&it); }
  };
  std::unique_ptr<vv_cancel, Free> cancel_;
};

/// Options of one call; the texts and the token have to live until it returns.
struct Options {
  std::string_view idempotency_key = {};
  std::chrono::milliseconds timeout = {};
  std::uint64_t expected_version = 0;
  const Cancel *cancel = nullptr;
  bool queued = false;
  std::string_view model = {};
  /// A document; see docs/language-models.md.
  std::string_view provider = {};

  vv_call_options get() const noexcept {
    vv_call_options options = VV_CALL_OPTIONS_INIT;
    options.idempotency_key = idempotency_key.empty() ? nullptr : idempotency_key.data();
    options.idempotency_key_len = idempotency_key.size();
    options.timeout_ms = timeout.count() > 0 ? static_cast<std::uint64_t>(timeout.count()) : 0;
    options.expected_version = expected_version;
    options.cancel = cancel == nullptr ? nullptr : cancel->get();
    options.queued = queued ? 1 : 0;
    options.model = model.empty() ? nullptr : model.data();
    options.model_len = model.size();
    options.provider = provider.empty() ? nullptr : provider.data();
    options.provider_len = provider.size();
    return options;
  }
};

/// A candidate's message and the reply to it.
class Turn {
 public:
  explicit Turn(vv_turn *turn) noexcept : turn_(turn) {}
  /// The whole turn; what it points to is the turn's own.
  const vv_turn &get() const noexcept { return *turn_; }
  /// The words of the reply.
  std::string_view reply() const noexcept { return {turn_->reply.content, turn_->reply.content_len}; }
  /// The candidate's words as they are kept.
  std::string_view message() const noexcept { return {turn_->message.content, turn_->message.content_len}; }
  /// Whether the reply ended the session.
  bool is_last() const noexcept { return std::string_view(turn_->session_status) == "completed"; }
  [[nodiscard]] std::string json() const {
    return detail::text([&](char **out, vv_error **error) { return vv_turn_json(turn_.get(), out, error); });
  }

 private:
  struct Free {
    void operator()(vv_turn *it) const noexcept { vv_turn_free(&it); }
  };
  std::unique_ptr<vv_turn, Free> turn_;
};

/// An id with the document of what was made.
struct Made {
  Id id;
  std::string document;
};

/// One answer judged by itself.
struct Judged {
  double score;
  std::string document;
};

/// What an audit log was found to be.
struct Verified {
  bool is_sound;
  std::string document;
};

/// The call that an interviewer or an evaluator is asked for. It may be used until the function returns, by any thread.
class Asking {
 public:
  explicit Asking(const vv_answer *answer) noexcept : answer_(answer) {}
  /// How long the call still waits; nothing where it has no limit. At 0 the answer is not wanted any more: the time is over, the call was cancelled, or the engine is closed.
  std::optional<std::chrono::milliseconds> remaining() const noexcept {
    const std::int64_t left = vv_answer_remaining_ms(answer_);
    return left < 0 ? std::nullopt : std::optional(std::chrono::milliseconds(left));
  }

 private:
  const vv_answer *answer_;
};

/// The application's own functions, and what else an engine is opened with. What is left alone means the default.
///
/// A function may be called by any thread, and by several at once. Where the interviewer or the evaluator throws, the call that asked it fails: with the status and the words
/// of a vivavoce::Error, with VV_PROVIDER for anything else. A clock must not throw.
struct EngineOptions {
  /// Takes a document of the scene, and gives the interviewer's words.
  using Interviewer = std::function<std::string(std::string_view scene, const Asking &asking)>;
  /// Takes a document of what is to be judged, and gives the judgement as a document.
  using Evaluator = std::function<std::string(std::string_view request, const Asking &asking)>;
  /// The time in microseconds since 1970.
  using Clock = std::function<std::int64_t()>;

  std::chrono::milliseconds idle_timeout = {};
  std::chrono::milliseconds read_staleness = {};
  std::size_t cached_sessions = 0;
  bool ignore_unanswered = false;
  /// Language models, and who speaks and judges by them: a document, see docs/language-models.md.
  std::string settings = {};
  Clock clock = {};
  Interviewer interviewer = {};
  Evaluator evaluator = {};
  /// What evaluations say of who judged, and the version of its rules.
  std::string evaluator_name = {};
  std::string evaluator_version = {};
};

namespace detail {

template <typename Function>
void delete_function(void *data) noexcept {
  delete static_cast<Function *>(data);
}

/// Calls the application's function, and gives why it failed to the library. `unknown` is when what throws something else than an Error may be tried again, as for vv_error_new.
template <typename Work>
std::int32_t outcome(vv_error **error, Work work, std::int64_t unknown = -1) noexcept {
  const auto failed = [&](vv_status status, std::string_view why, std::int64_t after) {
    *error = vv_error_new(status, why.data(), why.size(), after);
    return static_cast<std::int32_t>(status);
  };
  try {
    work();
    return VV_OK;
  } catch (const Error &thrown) {
    const std::int64_t after = thrown.retry_after() ? thrown.retry_after()->count() : 0;
    return failed(thrown.status(), thrown.what(), thrown.is_retryable() ? after : -1);
  } catch (...) {
    // What it says may hold a candidate's words.
    return failed(VV_PROVIDER, "the application's function threw an exception", unknown);
  }
}

/// Asks the application's function, and gives what it says, or why it failed, to the library.
template <typename Function>
std::int32_t ask(void *data, const char *document, std::size_t len, vv_answer *answer, vv_error **error) noexcept {
  return outcome(error, [&] {
    const std::string said = (*static_cast<Function *>(data))(std::string_view(document, len), Asking(answer));
    vv_answer_set(answer, said.data(), said.size());
  });
}

inline std::int64_t now_us(void *data) noexcept { return (*static_cast<EngineOptions::Clock *>(data))(); }

/// Keeps what a function called back throws until the call that calls it has returned.
class Thrown {
 public:
  template <typename Work>
  void guard(Work work) noexcept {
    if (exception_) return;
    try {
      work();
    } catch (...) {
      exception_ = std::current_exception();
    }
  }
  explicit operator bool() const noexcept { return exception_ != nullptr; }
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::exception_ptr exception_;
};

/// Text that ends with NUL for C, and has none within it.
inline const char *terminated(const std::string &text) {
  if (text.find('\0') != std::string::npos) throw Error(VV_INVALID_INPUT, "a text has a NUL in it", false, std::nullopt);
  return text.c_str();
}

inline const char *or_null(std::string_view text) noexcept { return text.empty() ? nullptr : text.data(); }

inline std::uint64_t ms(std::chrono::milliseconds duration) noexcept {
  return duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0;
}

}  // namespace detail

/// The one object that an application opens. It can be moved and not copied; any number of threads may use one at once.
///
/// Documents are JSON texts. Where one is made, its id comes with it; what is optional may be left empty.
class Engine {
 public:
  /// Opens an engine on a store: "memory:", "sqlite:PATH", "postgres://…".
  explicit Engine(const std::string &url, const EngineOptions &options = {})
      : Engine(options, [name = detail::terminated(url)](const vv_engine_options *given, vv_engine **engine,
                                                         vv_error **error) {
          return vv_engine_open(name, given, engine, error);
        }) {}

  /// Opens an engine on the store that the environment variable DATABASE_URL names, or in memory where that is not set.
  [[nodiscard]] static Engine from_env(const EngineOptions &options = {}) {
    return Engine(options, vv_engine_open_from_env);
  }

  vv_engine *get() const noexcept { return engine_.get(); }

  /// Ends the engine for all its handles; what is called afterwards throws. It also ends with the last of its handles, and then says nothing of errors.
  void close() {
    done([&](vv_error **error) { return vv_engine_close(get(), error); });
  }

  /// The same engine for another tenant, as a handle of its own.
  [[nodiscard]] Engine for_tenant(std::string_view tenant) const {
    vv_engine *other = nullptr;
    done([&](vv_error **error) { return vv_engine_for_tenant(get(), tenant.data(), tenant.size(), &other, error); });
    return Engine(other);
  }

  // Interviews.

  Made create_interview(std::string_view plan, const Options &options = {}) {
    const vv_call_options call = options.get();
    return made([&](vv_id *id, char **out, vv_error **error) {
      return vv_engine_create_interview(get(), plan.data(), plan.size(), &call, id, out, error);
    });
  }

  [[nodiscard]] std::string interview(const Id &id) const { return read(vv_engine_interview, id); }

  /// Replaces the plan of a draft, and gives the interview as it is then.
  std::string update_interview(const Id &id, std::string_view plan, const Options &options = {}) {
    const vv_call_options call = options.get();
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_update_interview(get(), id.get(), plan.data(), plan.size(), &call, out, error);
    });
  }

  /// Erases an interview of which nothing has come yet.
  void delete_draft(const Id &interview, std::string_view requested_by) {
    done([&](vv_error **error) {
      return vv_engine_delete_draft(get(), interview.get(), requested_by.data(), requested_by.size(), error);
    });
  }

  /// A page of interviews; `list` is a document, or empty for the newest ten.
  [[nodiscard]] std::string list_interviews(std::string_view list = {}) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_list_interviews(get(), detail::or_null(list), list.size(), out, error);
    });
  }

  [[nodiscard]] std::string generate_questions(std::string_view wanted, const Options &options = {}) const {
    const vv_call_options call = options.get();
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_generate_questions(get(), wanted.data(), wanted.size(), &call, out, error);
    });
  }

  // Sessions.

  Made start_session(const Id &interview, std::string_view start = {}, const Options &options = {}) {
    const vv_call_options call = options.get();
    return made([&](vv_id *id, char **out, vv_error **error) {
      return vv_engine_start_session(get(), interview.get(), detail::or_null(start), start.size(), &call, id, out,
                                     error);
    });
  }

  [[nodiscard]] std::string session(const Id &id, bool exact = false) const {
    return detail::text(
        [&](char **out, vv_error **error) { return vv_engine_session(get(), id.get(), exact, out, error); });
  }

  /// What the candidate is to answer now.
  [[nodiscard]] std::string next_question(const Id &session) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_next_question(get(), session.get(), out, nullptr, error);
    });
  }

  Turn send_message(const Id &session, std::string_view text, const Options &options = {}) {
    const vv_call_options call = options.get();
    vv_turn *turn = nullptr;
    done([&](vv_error **error) {
      return vv_engine_send_message(get(), session.get(), text.data(), text.size(), &call, &turn, error);
    });
    return Turn(turn);
  }

  /// Hears the reply while it is found: `hear` is called in this thread with each part of it, and with nothing where what was heard does not count and it begins again. Where
  /// it throws, it hears no more, and its exception is thrown when the turn is done and kept.
  Turn send_message(const Id &session, std::string_view text,
                    const std::function<void(std::optional<std::string_view> words)> &hear, const Options &options = {}) {
    if (!hear) return send_message(session, text, options);
    struct Hearing {
      const std::function<void(std::optional<std::string_view>)> &hear;
      detail::Thrown thrown;
    } hearing{hear, {}};
    const auto heard = [](void *data, const char *words, std::size_t len) {
      auto &hearing = *static_cast<Hearing *>(data);
      hearing.thrown.guard(
          [&] { hearing.hear(words == nullptr ? std::nullopt : std::optional(std::string_view(words, len))); });
    };
    const vv_call_options call = options.get();
    vv_turn *turn = nullptr;
    done([&](vv_error **error) {
      return vv_engine_send_message_heard(get(), session.get(), text.data(), text.size(), &call, heard, &hearing, &turn,
                                          error);
    });
    Turn owned(turn);
    hearing.thrown.rethrow();
    return owned;
  }

  Made end_session(const Id &session, const Options &options = {}) {
    const vv_call_options call = options.get();
    return made([&](vv_id *id, char **out, vv_error **error) {
      return vv_engine_end_session(get(), session.get(), &call, id, out, error);
    });
  }

  std::string abandon_session(const Id &session, const Options &options = {}) {
    const vv_call_options call = options.get();
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_abandon_session(get(), session.get(), &call, out, error);
    });
  }

  std::string abandon_idle_sessions() {
    return detail::text([&](char **out, vv_error **error) { return vv_engine_abandon_idle_sessions(get(), out, error); });
  }

  [[nodiscard]] std::string sessions(const Id &interview) const { return read(vv_engine_sessions, interview); }

  // Evaluations.

  Made evaluate(const Id &interview, std::string_view answers, const Options &options = {}) {
    const vv_call_options call = options.get();
    return made([&](vv_id *id, char **out, vv_error **error) {
      return vv_engine_evaluate(get(), interview.get(), answers.data(), answers.size(), &call, id, out, error);
    });
  }

  [[nodiscard]] Judged evaluate_answer(std::string_view answered, std::string_view judging,
                                       const Options &options = {}) const {
    const vv_call_options call = options.get();
    double score = 0;
    std::string document = detail::text([&](char **out, vv_error **error) {
      return vv_engine_evaluate_answer(get(), answered.data(), answered.size(), judging.data(), judging.size(), &call,
                                       &score, out, error);
    });
    return Judged{score, std::move(document)};
  }

  [[nodiscard]] std::string evaluate_answers(std::string_view answered, std::string_view judging,
                                             const Options &options = {}) const {
    const vv_call_options call = options.get();
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_evaluate_answers(get(), answered.data(), answered.size(), judging.data(), judging.size(), &call,
                                        out, error);
    });
  }

  /// Learns from answers that people graded how the built-in evaluator's scores are to be corrected, and keeps it as the next version of a name. `graded` is a document, a list of
  /// `question`, `answer` and `score`; `judging` is one as that of evaluate_answer. Gives the calibration: see vv_engine_calibrate.
  std::string calibrate(std::string_view name, std::string_view graded, std::string_view judging,
                        const Options &options = {}) {
    const vv_call_options call = options.get();
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_calibrate(get(), name.data(), name.size(), graded.data(), graded.size(), judging.data(),
                                 judging.size(), &call, out, error);
    });
  }

  /// A calibration: the newest of a name, or `name@version`.
  [[nodiscard]] std::string calibration(std::string_view name) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_calibration(get(), name.data(), name.size(), out, error);
    });
  }

  /// All calibrations of this engine's tenant, every version.
  [[nodiscard]] std::string calibrations() const {
    return detail::text([&](char **out, vv_error **error) { return vv_engine_calibrations(get(), out, error); });
  }

  [[nodiscard]] std::string evaluation(const Id &id) const { return read(vv_engine_evaluation, id); }

  [[nodiscard]] double score(const Id &evaluation) const {
    double score = 0;
    done([&](vv_error **error) { return vv_engine_score(get(), evaluation.get(), &score, error); });
    return score;
  }

  [[nodiscard]] std::string evaluations(const Id &interview) const { return read(vv_engine_evaluations, interview); }

  /// A page of evaluations of all interviews; `list` is a document, or empty for the newest ten.
  [[nodiscard]] std::string list_evaluations(std::string_view list = {}) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_list_evaluations(get(), detail::or_null(list), list.size(), out, error);
    });
  }

  /// The scorecard in one of the formats VV_SCORECARD_….
  [[nodiscard]] std::string scorecard(const Id &evaluation, std::uint32_t format) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_scorecard(get(), evaluation.get(), format, out, error);
    });
  }

  Made re_evaluate(const Id &earlier, const Options &options = {}) {
    const vv_call_options call = options.get();
    return made([&](vv_id *id, char **out, vv_error **error) {
      return vv_engine_re_evaluate(get(), earlier.get(), &call, id, out, error);
    });
  }

  Made override_score(const Id &earlier, std::string_view change, const Options &options = {}) {
    const vv_call_options call = options.get();
    return made([&](vv_id *id, char **out, vv_error **error) {
      return vv_engine_override_score(get(), earlier.get(), change.data(), change.size(), &call, id, out, error);
    });
  }

  [[nodiscard]] std::string replay(const Id &evaluation) const { return read(vv_engine_replay, evaluation); }

  /// Makes the evaluations that were left to workers until `stop` is cancelled, and says how many it made.
  std::uint64_t run_worker(const Cancel &stop) {
    std::uint64_t count = 0;
    done([&](vv_error **error) { return vv_engine_run_worker(get(), stop.get(), &count, error); });
    return count;
  }

  [[nodiscard]] std::string spent() const {
    return detail::text([&](char **out, vv_error **error) { return vv_engine_spent(get(), out, error); });
  }

  // Events.

  /// A session's events after the one numbered `after`, as soon as there is one or the time is over. `poll` is how often what other processes write is looked for; at 0 the
  /// database says when (PostgreSQL only). `cancel` ends the waiting.
  [[nodiscard]] std::string next_events(const Id &session, std::uint64_t after, std::chrono::milliseconds poll,
                                        std::chrono::milliseconds timeout, const Cancel *cancel = nullptr) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_next_events(get(), session.get(), after, detail::ms(poll), detail::ms(timeout),
                                   cancel == nullptr ? nullptr : cancel->get(), out, error);
    });
  }

  /// Tells `listener` a session's events after the one numbered `after`, in this thread, until it returns false, throws, or `stop` is cancelled. Gives the number of the last.
  std::uint64_t listen(const Id &session, std::uint64_t after, std::chrono::milliseconds poll, const Cancel &stop,
                       const std::function<bool(std::string_view event)> &listener) const {
    if (!listener) throw Error(VV_INVALID_INPUT, "listener is empty", false, std::nullopt);
    struct Listening {
      const std::function<bool(std::string_view)> &listener;
      detail::Thrown thrown;
    } listening{listener, {}};
    const auto told = [](void *data, const char *event, std::size_t len) {
      auto &listening = *static_cast<Listening *>(data);
      bool goes_on = false;
      listening.thrown.guard([&] { goes_on = listening.listener(std::string_view(event, len)); });
      return goes_on;
    };
    std::uint64_t last = after;
    done([&](vv_error **error) {
      return vv_engine_listen(get(), session.get(), after, detail::ms(poll), stop.get(), told, &listening, &last, error);
    });
    listening.thrown.rethrow();
    return last;
  }

  // Deliveries.

  /// Subscribes to events from now on; `actions` is a document, a list of texts. They are kept until `run_deliveries` has handed them over.
  void subscribe(std::string_view name, std::string_view actions) {
    done([&](vv_error **error) {
      return vv_engine_subscribe(get(), name.data(), name.size(), actions.data(), actions.size(), error);
    });
  }

  /// Ends a subscription, and says whether there was one of this name.
  bool unsubscribe(std::string_view name) {
    bool ended = false;
    done([&](vv_error **error) { return vv_engine_unsubscribe(get(), name.data(), name.size(), &ended, error); });
    return ended;
  }

  [[nodiscard]] std::string subscriptions() const {
    return detail::text([&](char **out, vv_error **error) { return vv_engine_subscriptions(get(), out, error); });
  }

  /// Hands a subscription's events to `deliver` in this thread until `stop` is cancelled, and says how many it handed over. An event at which it throws is tried again later, as
  /// vv_engine_run_deliveries says; one at which it throws an Error that is not retryable is given up.
  std::uint64_t run_deliveries(std::string_view name, const Cancel &stop,
                               const std::function<void(std::string_view delivery)> &deliver) {
    if (!deliver) throw Error(VV_INVALID_INPUT, "deliver is empty", false, std::nullopt);
    struct Delivering {
      const std::function<void(std::string_view)> &deliver;
    } delivering{deliver};
    const auto told = [](void *data, const char *delivery, std::size_t len, vv_error **error) {
      return detail::outcome(error, [&] { static_cast<Delivering *>(data)->deliver(std::string_view(delivery, len)); }, 0);
    };
    std::uint64_t count = 0;
    done([&](vv_error **error) {
      return vv_engine_run_deliveries(get(), name.data(), name.size(), stop.get(), told, &delivering, &count, error);
    });
    return count;
  }

  /// What waits to be done, of all tenants.
  [[nodiscard]] std::string backlog() const {
    return detail::text([&](char **out, vv_error **error) { return vv_engine_backlog(get(), out, error); });
  }

  // Upkeep.

  [[nodiscard]] std::string audit_head(const Id &interview) const { return read(vv_engine_audit_head, interview); }

  /// Verifies an interview's audit log up to `head`, or up to its end where that is empty.
  [[nodiscard]] Verified verify_audit(const Id &interview, std::string_view head = {}) const {
    bool sound = false;
    std::string document = detail::text([&](char **out, vv_error **error) {
      return vv_engine_verify_audit(get(), interview.get(), detail::or_null(head), head.size(), &sound, out, error);
    });
    return Verified{sound, std::move(document)};
  }

  void erase_interview(const Id &interview, std::string_view requested_by) {
    done([&](vv_error **error) {
      return vv_engine_erase_interview(get(), interview.get(), requested_by.data(), requested_by.size(), error);
    });
  }

  std::string erase_candidate(std::string_view external_id, std::string_view requested_by) {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_erase_candidate(get(), external_id.data(), external_id.size(), requested_by.data(),
                                       requested_by.size(), out, error);
    });
  }

  /// Copies everything of all tenants into another engine's store, and says how many interviews it looked at.
  std::uint64_t copy_to(const Engine &target) const {
    std::uint64_t count = 0;
    done([&](vv_error **error) { return vv_engine_copy_to(get(), target.get(), &count, error); });
    return count;
  }

  void backup(const std::string &path) const {
    done([&](vv_error **error) { return vv_engine_backup(get(), detail::terminated(path), error); });
  }

  [[nodiscard]] std::string health() const {
    return detail::text([&](char **out, vv_error **error) { return vv_engine_health(get(), out, error); });
  }

  [[nodiscard]] std::string metrics() const {
    return detail::text([&](char **out, vv_error **error) { return vv_engine_metrics(get(), out, error); });
  }

 private:
  explicit Engine(vv_engine *engine) noexcept : engine_(engine) {}

  template <typename Open>
  Engine(const EngineOptions &options, Open open) {
    const auto text = [](const std::string &it) { return it.empty() ? nullptr : detail::terminated(it); };
    const char *name = text(options.evaluator_name), *version = text(options.evaluator_version);
    // The copies are made next; from there to the call, which takes them, nothing throws.
    auto clock = copied(options.clock);
    auto interviewer = copied(options.interviewer);
    auto evaluator = copied(options.evaluator);
    vv_engine_options given = VV_ENGINE_OPTIONS_INIT;
    given.idle_timeout_ms = detail::ms(options.idle_timeout);
    given.read_staleness_ms = detail::ms(options.read_staleness);
    given.cached_sessions = options.cached_sessions;
    given.ignore_unanswered = options.ignore_unanswered ? 1 : 0;
    given.settings = detail::or_null(options.settings);
    given.settings_len = options.settings.size();
    if (clock) {
      given.clock = {detail::now_us, clock.release(), detail::delete_function<EngineOptions::Clock>};
    }
    if (interviewer) {
      given.interviewer = {detail::ask<EngineOptions::Interviewer>, interviewer.release(),
                           detail::delete_function<EngineOptions::Interviewer>};
    }
    if (evaluator) {
      given.evaluator = {detail::ask<EngineOptions::Evaluator>, name, version, evaluator.release(),
                         detail::delete_function<EngineOptions::Evaluator>};
    }
    vv_engine *engine = nullptr;
    vv_error *error = nullptr;
    detail::check(open(&given, &engine, &error), error);
    engine_.reset(engine);
  }

  template <typename Function>
  static std::unique_ptr<Function> copied(const Function &function) {
    return function ? std::make_unique<Function>(function) : nullptr;
  }

  template <typename Call>
  static void done(Call call) {
    vv_error *error = nullptr;
    detail::check(call(&error), error);
  }

  template <typename Call>
  static Made made(Call call) {
    vv_id id = {};
    std::string document = detail::text([&](char **out, vv_error **error) { return call(&id, out, error); });
    return Made{Id(id), std::move(document)};
  }

  std::string read(vv_status (*call)(const vv_engine *, vv_id, char **, vv_error **), const Id &id) const {
    return detail::text([&](char **out, vv_error **error) { return call(get(), id.get(), out, error); });
  }

  struct Free {
    void operator()(vv_engine *it) const noexcept { vv_engine_free(&it); }
  };
  std::unique_ptr<vv_engine, Free> engine_;
};

/// How far raters agree, people or models: `request` and what is found are documents, as with vv_agreement. No engine is needed.
[[nodiscard]] inline std::string agreement(std::string_view request) {
  return detail::text([&](char **out, vv_error **error) {
    return vv_agreement(request.data(), request.size(), out, error);
  });
}

/// Is told what the library logs: its level, one of VV_LOG_ERROR … VV_LOG_TRACE, and the record as a document.
using LogSink = std::function<void(std::int32_t level, std::string_view record)>;

/// Has the library's log of this level and all that are graver told to `sink`, in the place of the sink before; with an empty one, nothing is logged. It is the whole process's
/// sink, called by any thread, by several at once, and what it throws is dropped.
inline void set_log(LogSink sink, std::int32_t level = VV_LOG_INFO) {
  vv_log log = {nullptr, nullptr, nullptr};
  if (sink) {
    const auto write = [](void *data, std::int32_t of, const char *record, std::size_t len) {
      try {
        (*static_cast<LogSink *>(data))(of, std::string_view(record, len));
      } catch (...) {
      }
    };
    log = {write, new LogSink(std::move(sink)), detail::delete_function<LogSink>};
  }
  vv_error *error = nullptr;
  detail::check(vv_log_set(log, level, &error), error);
}

}  // namespace vivavoce

#endif
