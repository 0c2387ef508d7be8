#include "deploy/plan_text.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace creel::deploy {
namespace json = boost::json;
namespace {

std::string_view sign(const FieldChange& change) {
  if (change.before.empty()) return "+";
  return change.after.empty() ? "-" : "~";
}

std::string change_text(const FieldChange& change) {
  if (change.before.empty()) return change.after;
  if (change.after.empty()) return change.before;
  return fmt::format("{} -> {}", change.before, change.after);
}

std::string outcome_words(const FunctionPlan& plan) {
  switch (plan.outcome) {
    case FunctionPlan::Outcome::create: return "will be created";
    case FunctionPlan::Outcome::change: return "will be changed";
    case FunctionPlan::Outcome::unchanged: return "is unchanged";
  }
  throw std::logic_error("unknown outcome");
}

json::object as_json(const Step& step) {
  json::array changes;
  for (const auto& change : step.changes) {
    json::object object{{"field", change.field}};
    object["before"] = change.before.empty() ? json::value(nullptr) : json::value(change.before);
    object["after"] = change.after.empty() ? json::value(nullptr) : json::value(change.after);
    changes.push_back(std::move(object));
  }
  return {{"step", to_string(step.kind)}, {"changes", std::move(changes)}};
}

}  // namespace

bool changes_something(const std::vector<FunctionPlan>& plans) {
  return std::ranges::any_of(plans, [](const FunctionPlan& plan) { return !plan.steps.empty(); });
}

std::string plan_text(const std::vector<FunctionPlan>& plans, const std::string& where) {
  auto text = fmt::format("Functions at {}:\n", where);
  for (const auto& plan : plans) {
    text += fmt::format("\n  {} {}\n", plan.name, outcome_words(plan));
    for (const auto& note : plan.notes) text += fmt::format("    ({})\n", note);
    for (const auto& step : plan.steps) {
      text += fmt::format("    {}\n", describe(step.kind));
      for (const auto& change : step.changes) {
        text += fmt::format("      {} {}: {}\n", sign(change), change.field, change_text(change));
      }
    }
  }
  if (!changes_something(plans)) text += "\nNothing to do.\n";
  return text;
}

std::string plan_json(const std::vector<FunctionPlan>& plans, const std::string& where) {
  json::array functions;
  for (const auto& plan : plans) {
    json::array steps;
    for (const auto& step : plan.steps) steps.push_back(as_json(step));
    json::array notes;
    for (const auto& note : plan.notes) notes.emplace_back(note);
    functions.push_back(json::object{{"name", plan.name},
                                     {"action", to_string(plan.outcome)},
                                     {"steps", std::move(steps)},
                                     {"notes", std::move(notes)}});
  }
  return json::serialize(
      json::object{{"where", where}, {"changes", changes_something(plans)}, {"functions", std::move(functions)}});
}

}  // namespace creel::deploy
