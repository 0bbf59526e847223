// Runs a scenario of tests/scenarios, and prints what was told of each step in a line: `scenario FILE URL`.
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <nlohmann/json.hpp>
#include <vivavoce.hpp>

using nlohmann::json;

class Scenario {
 public:
  explicit Scenario(vivavoce::Engine &engine) : engine_(engine) {}

  void tell(const json &step) {
    json told;
    try {
      const std::string document = steps().at(step.at("do").get<std::string>())(step);
      told = json::parse(document);
      if (step.contains("as")) kept_[step.at("as").get<std::string>()] = told;
    } catch (const vivavoce::Error &error) {
      told = {{"error", vv_status_name(error.status())}, {"message", error.what()}, {"retryable", error.is_retryable()}};
    }
    std::cout << told.dump() << '\n';
  }

 private:
  using Step = std::function<std::string(const json &)>;

  static std::string text(const json &step, const char *name) { return step.value(name, std::string()); }

  vivavoce::Id id(const json &step, const char *what) const {
    return vivavoce::Id(kept_.at(text(step, what)).at("id").get<std::string>());
  }

  std::string list(const json &step) const {
    json list = step.at("list");
    if (step.contains("after")) list["paging"] = {{"cursor", kept_.at(text(step, "after")).at("next_cursor")}};
    return engine_.list_interviews(list.dump());
  }

  std::string evaluations(const json &step) const {
    json list = step.at("evaluations");
    if (step.contains("after")) list["cursor"] = kept_.at(text(step, "after")).at("next_cursor");
    if (step.contains("interview")) list["interview_id"] = kept_.at(text(step, "interview")).at("id");
    return engine_.list_evaluations(list.dump());
  }

  std::map<std::string, Step> steps() {
    const auto with_options = [](auto work) {
      return [work](const json &step) {
        const std::string key = text(step, "key");
        vivavoce::Options options;
        options.idempotency_key = key;
        options.expected_version = step.value("expected_version", std::uint64_t{0});
        return std::string(work(step, options));
      };
    };
    return {
        {"create_interview", with_options([this](const json &step, auto &options) {
           return engine_.create_interview(step.at("plan").dump(), options).document;
         })},
        {"interview", [this](const json &step) { return engine_.interview(id(step, "interview")); }},
        {"list_interviews", [this](const json &step) { return list(step); }},
        {"update_interview", with_options([this](const json &step, auto &options) {
           return engine_.update_interview(id(step, "interview"), step.at("plan").dump(), options);
         })},
        {"delete_draft",
         [this](const json &step) {
           engine_.delete_draft(id(step, "interview"), text(step, "by"));
           return std::string("null");
         }},
        {"list_evaluations", [this](const json &step) { return evaluations(step); }},
        {"start_session", with_options([this](const json &step, auto &options) {
           return engine_.start_session(id(step, "interview"), {}, options).document;
         })},
        {"session", [this](const json &step) { return engine_.session(id(step, "session")); }},
        {"send_message", with_options([this](const json &step, auto &options) {
           return engine_.send_message(id(step, "session"), text(step, "text"), options).json();
         })},
        {"end_session", with_options([this](const json &step, auto &options) {
           return engine_.end_session(id(step, "session"), options).document;
         })},
        {"abandon_session", [this](const json &step) { return engine_.abandon_session(id(step, "session")); }},
        {"evaluate",
         [this](const json &step) {
           return engine_.evaluate(id(step, "interview"), step.at("answers").dump()).document;
         }},
        {"evaluate_answer",
         [this](const json &step) {
           return engine_.evaluate_answer(step.at("answered").dump(), step.at("judging").dump()).document;
         }},
        {"calibrate",
         [this](const json &step) {
           return engine_.calibrate(text(step, "name"), step.at("graded").dump(), step.at("judging").dump());
         }},
        {"evaluation", [this](const json &step) { return engine_.evaluation(id(step, "evaluation")); }},
        {"re_evaluate", [this](const json &step) { return engine_.re_evaluate(id(step, "evaluation")).document; }},
        {"override_score",
         [this](const json &step) {
           return engine_.override_score(id(step, "evaluation"), step.at("change").dump()).document;
         }},
        {"verify_audit", [this](const json &step) { return engine_.verify_audit(id(step, "interview")).document; }},
        {"events", [this](const json &step) { return engine_.next_events(id(step, "session"), 0, {}, {}); }},
        {"erase_interview",
         [this](const json &step) {
           engine_.erase_interview(id(step, "interview"), text(step, "by"));
           return std::string("null");
         }},
        {"erase_candidate",
         [this](const json &step) { return engine_.erase_candidate(text(step, "external_id"), text(step, "by")); }},
    };
  }

  vivavoce::Engine &engine_;
  std::map<std::string, json> kept_;
};

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const json scenario = json::parse(std::ifstream(argv[1]));
  vivavoce::EngineOptions options;
  options.settings = scenario.at("settings").dump();
  vivavoce::Engine engine(argv[2], options);
  Scenario run(engine);
  for (const json &step : scenario.at("steps")) run.tell(step);
  engine.close();
}
