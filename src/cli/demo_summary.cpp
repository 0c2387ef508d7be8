#include "cli/demo_summary.h"

#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/text_table.h"

namespace creel {
namespace {

namespace json = boost::json;

constexpr std::size_t kTitleCharacters = 44;
constexpr std::size_t kReasonCharacters = 80;

struct Sums {
  std::size_t found = 0;
  std::size_t stored = 0;
  std::size_t failed = 0;
};

Sums sums_of(const demo::Verdict& verdict) {
  Sums sums;
  for (const auto& source : verdict.sources) {
    sums.found += source.found;
    sums.stored += source.stored;
    sums.failed += source.failed;
  }
  return sums;
}

std::string sources_table(const demo::Verdict& verdict, const Sums& sums) {
  using enum TextTable::Align;
  TextTable table({{"SOURCE"}, {"TYPE"}, {"FOUND", right}, {"STORED", right}, {"FAILED", right}});
  const auto add = [&table](const std::string& name, std::string_view type, std::size_t found, std::size_t stored,
                            std::size_t failed) {
    table.add({name, std::string(type), std::to_string(found), std::to_string(stored), std::to_string(failed)});
  };
  for (const auto& source : verdict.sources) {
    add(source.source, demo::to_string(source.kind), source.found, source.stored, source.failed);
  }
  add("all", "", sums.found, sums.stored, sums.failed);
  return table.str();
}

std::string failures_table(const demo::Verdict& verdict) {
  if (verdict.failures.empty()) return {};
  TextTable table({{"FAILED AS"}, {"PICTURE"}, {"EXPECTED"}, {"WHY"}});
  for (const auto& failure : verdict.failures) {
    table.add({failure.kind, shortened(failure.title, kTitleCharacters), failure.is_expected ? "yes" : "NO",
               shortened(failure.message, kReasonCharacters)});
  }
  return "\n" + table.str();
}

}  // namespace

std::string demo_text(const demo::Verdict& verdict, std::chrono::duration<double> took) {
  const auto sums = sums_of(verdict);
  auto text = sources_table(verdict, sums) + failures_table(verdict) + "\n";
  if (verdict.is_right()) {
    return text + fmt::format(
                      "All as it must be, after {:.1f} s: {} pictures are stored, each the same as its sample, "
                      "byte for byte;\n{} failed, each for its right reason.\n",
                      took.count(), sums.stored, sums.failed);
  }
  text += fmt::format("Not as it must be, after {:.1f} s:\n", took.count());
  for (const auto& problem : verdict.problems) text += fmt::format("  {}\n", shown(problem));
  return text;
}

std::string demo_json(const demo::Verdict& verdict, std::chrono::duration<double> took) {
  json::array sources;
  for (const auto& source : verdict.sources) {
    sources.push_back({{"name", source.source},
                       {"type", demo::to_string(source.kind)},
                       {"found", source.found},
                       {"stored", source.stored},
                       {"failed", source.failed}});
  }
  json::array failures;
  for (const auto& failure : verdict.failures) {
    failures.push_back({{"source", failure.source},
                        {"url", failure.url},
                        {"title", failure.title},
                        {"kind", failure.kind},
                        {"message", failure.message},
                        {"expected", failure.is_expected}});
  }
  json::array problems;
  for (const auto& problem : verdict.problems) problems.emplace_back(problem);
  return json::serialize(json::object{{"ok", verdict.is_right()},
                                      {"seconds", std::round(took.count() * 1000) / 1000},
                                      {"sources", std::move(sources)},
                                      {"failures", std::move(failures)},
                                      {"problems", std::move(problems)}});
}

}  // namespace creel
