// Holds an interview in the terminal: `interview FILE [STORE]`. An answer is a line.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <vivavoce.hpp>

static std::string read_file(const char *path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::string(path) + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

static void hold(const char *path, const char *store) {
  vivavoce::Engine engine(store);
  const auto interview = engine.create_interview(read_file(path));
  const auto session = engine.start_session(interview.id);
  std::cout << engine.next_question(session.id) << '\n';
  bool is_over = false;
  for (std::string answer; !is_over && std::cout << "\n> " << std::flush && std::getline(std::cin, answer);) {
    try {
      const auto turn = engine.send_message(session.id, answer);
      std::cout << '\n' << turn.reply() << '\n';
      is_over = turn.is_last();
    } catch (const vivavoce::Error &error) {
      // A blank line, or one that is too long: to be said again.
      if (error.status() != VV_INVALID_INPUT) throw;
      std::cout << error.what() << '\n';
    }
  }
  const auto evaluation = engine.end_session(session.id);
  std::cout << '\n' << engine.scorecard(evaluation.id, VV_SCORECARD_MARKDOWN);
  engine.close();
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: interview FILE [STORE]\n";
    return 2;
  }
  try {
    hold(argv[1], argc == 3 ? argv[2] : "memory:");
  } catch (const std::exception &error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
