// Many candidates at a time over one engine: `candidates FILE STORE COUNT`. Each answers in a thread of its own, with a reviewer who listens to what one of them says, and
// two workers that make the evaluations.
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <vivavoce.hpp>

static std::string read_file(const char *path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::string(path) + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Threads, and the first exception of any of them.
class Crew {
 public:
  template <typename Work>
  void add(Work work) {
    threads_.emplace_back([this, work] {
      try {
        work();
      } catch (...) {
        const std::lock_guard<std::mutex> guard(lock_);
        if (!thrown_) thrown_ = std::current_exception();
      }
    });
  }
  /// Waits for all, and throws what the first of them threw.
  void join() {
    wait();
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  ~Crew() { wait(); }

 private:
  void wait() {
    for (auto &thread : threads_) thread.join();
    threads_.clear();
  }

  std::vector<std::thread> threads_;
  std::mutex lock_;
  std::exception_ptr thrown_;
};

/// Answers until the interview is over, and leaves the evaluation to a worker.
static vivavoce::Id answer_all(vivavoce::Engine &engine, const vivavoce::Id &session) {
  for (bool is_over = false; !is_over;) {
    const std::string answer = "You asked: " + engine.next_question(session).substr(0, 100);
    is_over = engine.send_message(session, answer).is_last();
  }
  vivavoce::Options queued;
  queued.queued = true;
  return engine.end_session(session, queued).id;
}

/// Cancels whatever way it is left by, so that nobody is waited for who would not end.
struct Stop {
  const vivavoce::Cancel &cancel;
  ~Stop() { cancel.cancel(); }
};

static void hold(const char *path, const char *store, std::size_t count) {
  if (count == 0) throw std::runtime_error("there are no candidates");
  vivavoce::Engine engine(store);
  const auto interview = engine.create_interview(read_file(path));
  std::vector<vivavoce::Id> sessions;
  for (std::size_t i = 0; i < count; i += 1) sessions.push_back(engine.start_session(interview.id).id);

  const vivavoce::Cancel stop;
  std::uint64_t made[2] = {}, heard = 0;
  Crew workers, candidates, reviewer;
  const Stop stopped{stop};
  for (auto &own : made) workers.add([&] { own = engine.run_worker(stop); });
  reviewer.add([&] {
    // Until the session is over.
    engine.listen(sessions.at(0), 0, std::chrono::milliseconds(200), stop, [&](std::string_view event) {
      heard += 1;
      return event.find("\"session_completed\"") == std::string_view::npos;
    });
  });
  std::vector<std::string> evaluations(count);
  for (std::size_t i = 0; i < count; i += 1) {
    candidates.add([&, i] { evaluations[i] = answer_all(engine, sessions[i]).to_string(); });
  }
  candidates.join();
  reviewer.join();
  // A call that does not leave it to a worker waits for the one that is at it.
  for (std::size_t i = 0; i < count; i += 1) {
    const auto done = engine.end_session(sessions[i]);
    if (done.id.to_string() != evaluations[i]) throw std::runtime_error("a session has two evaluations");
  }
  stop.cancel();
  workers.join();
  std::cout << count << " candidates, " << heard << " events heard, " << made[0] + made[1] << " evaluations made by workers\n";
  engine.close();
}

int main(int argc, char **argv) {
  if (argc != 4) {
    std::cerr << "usage: candidates FILE STORE COUNT\n";
    return 2;
  }
  try {
    hold(argv[1], argv[2], std::stoul(argv[3]));
  } catch (const std::exception &error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
