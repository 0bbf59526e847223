// Vivavoce for C++17: handles that free themselves, and errors that are exceptions.
//
// Every failing call throws vivavoce::Error. Whoever wants none uses the C functions of vivavoce.h on `Engine::get()`, which return a status. Documents are JSON texts, as in
// docs/c-abi.md; this header brings no JSON library.
#ifndef VIVAVOCE_HPP
#define VIVAVOCE_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
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
  friend bool operator==(const Id &one, const Id &other) { return one.to_string() == other.to_string(); }
  friend bool operator!=(const Id &one, const Id &other) { return !(one == other); }

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
    return options;
  }
};

/// A candidate's message and the reply to it.
class Turn {
 public:
  explicit Turn(vv_turn *turn) noexcept : turn_(turn) {}
  /// The words of the reply, which are the turn's own.
  std::string_view reply() const noexcept { return words(vv_turn_reply); }
  /// The candidate's words as they are kept.
  std::string_view message() const noexcept { return words(vv_turn_message); }
  /// The number of the candidate's message, from 1.
  std::uint32_t number() const noexcept { return vv_turn_number(turn_.get()); }
  /// Whether the reply ended the session.
  bool is_last() const noexcept { return vv_turn_is_last(turn_.get()); }
  [[nodiscard]] std::string json() const {
    return detail::text([&](char **out, vv_error **error) { return vv_turn_json(turn_.get(), out, error); });
  }

 private:
  std::string_view words(const char *(*of)(const vv_turn *, std::size_t *)) const noexcept {
    std::size_t length = 0;
    const char *text = of(turn_.get(), &length);
    return text == nullptr ? std::string_view() : std::string_view(text, length);
  }
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

/// The one object that an application opens. It can be moved and not copied; any number of threads may use one at once.
class Engine {
 public:
  /// Opens an engine on a store: "memory:", "sqlite:PATH", "postgres://…". The callbacks in `options` must not throw.
  explicit Engine(const std::string &url, const vv_engine_options *options = nullptr) {
    vv_engine *engine = nullptr;
    vv_error *error = nullptr;
    detail::check(vv_engine_open(url.c_str(), options, &engine, &error), error);
    engine_.reset(engine);
  }

  vv_engine *get() const noexcept { return engine_.get(); }

  /// Ends the engine for all its handles; what is called afterwards throws. It also ends with the last of its handles, and then says nothing of errors.
  void close() {
    vv_error *error = nullptr;
    detail::check(vv_engine_close(get(), &error), error);
  }

  /// The same engine for another tenant, as a handle of its own.
  [[nodiscard]] Engine for_tenant(std::string_view tenant) const {
    vv_engine *other = nullptr;
    vv_error *error = nullptr;
    detail::check(vv_engine_for_tenant(get(), tenant.data(), tenant.size(), &other, &error), error);
    return Engine(other);
  }

  Made create_interview(std::string_view plan, const Options &options = {}) {
    return made([&](vv_id *id, char **out, vv_error **error) {
      const vv_call_options call = options.get();
      return vv_engine_create_interview(get(), plan.data(), plan.size(), &call, id, out, error);
    });
  }

  Made start_session(const Id &interview, std::string_view start = {}, const Options &options = {}) {
    return made([&](vv_id *id, char **out, vv_error **error) {
      const vv_call_options call = options.get();
      return vv_engine_start_session(get(), interview.get(), start.empty() ? nullptr : start.data(), start.size(), &call,
                                     id, out, error);
    });
  }

  Turn send_message(const Id &session, std::string_view text, const Options &options = {}) {
    const vv_call_options call = options.get();
    vv_turn *turn = nullptr;
    vv_error *error = nullptr;
    detail::check(vv_engine_send_message(get(), session.get(), text.data(), text.size(), &call, &turn, &error), error);
    return Turn(turn);
  }

  Made end_session(const Id &session, const Options &options = {}) {
    return made([&](vv_id *id, char **out, vv_error **error) {
      const vv_call_options call = options.get();
      return vv_engine_end_session(get(), session.get(), &call, id, out, error);
    });
  }

  [[nodiscard]] double score(const Id &evaluation) const {
    double score = 0;
    vv_error *error = nullptr;
    detail::check(vv_engine_score(get(), evaluation.get(), &score, &error), error);
    return score;
  }

  [[nodiscard]] std::string interview(const Id &id) const { return read(vv_engine_interview, id); }
  [[nodiscard]] std::string evaluation(const Id &id) const { return read(vv_engine_evaluation, id); }
  [[nodiscard]] std::string session(const Id &id, bool exact = false) const {
    return detail::text(
        [&](char **out, vv_error **error) { return vv_engine_session(get(), id.get(), exact, out, error); });
  }
  /// The scorecard in one of the formats VV_SCORECARD_….
  [[nodiscard]] std::string scorecard(const Id &evaluation, std::uint32_t format) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_scorecard(get(), evaluation.get(), format, out, error);
    });
  }
  /// A page of interviews; `list` is a document, or empty for the newest ten.
  [[nodiscard]] std::string list_interviews(std::string_view list = {}) const {
    return detail::text([&](char **out, vv_error **error) {
      return vv_engine_list_interviews(get(), list.empty() ? nullptr : list.data(), list.size(), out, error);
    });
  }

  void erase_interview(const Id &interview, std::string_view requested_by) {
    vv_error *error = nullptr;
    detail::check(
        vv_engine_erase_interview(get(), interview.get(), requested_by.data(), requested_by.size(), &error), error);
  }

 private:
  explicit Engine(vv_engine *engine) noexcept : engine_(engine) {}

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

}  // namespace vivavoce

#endif
