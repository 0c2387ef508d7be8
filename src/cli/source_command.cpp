#include "cli/source_command.h"

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "cli/api_client.h"
#include "cli/api_pages.h"
#include "cli/api_text.h"
#include "cli/setting_value.h"

namespace creel {
namespace {

namespace json = boost::json;

constexpr std::string_view kNoLimit = "none";

struct SourceOptions {
  ApiFlags api;
  bool json = false;
  /// Sources by number or name.
  std::vector<std::string> sources;
  std::string name;
  std::string new_name;
  std::string type;
  std::string url;
  std::string interval;
  std::string rate_limit;
  std::string file;
  SettingFlags settings;
  bool start = false;
};

/// One run of one of the commands. Threads: one.
class SourceRun {
 public:
  SourceRun(const SourceOptions& options, const aws::Environment& environment)
      : options_(options), client_(find_api(options.api, environment, clock_), environment, clock_) {}

  int list() {
    const auto sources = all_pages(client_, "/sources");
    if (options_.json) return print_json(json::object{{"items", sources}, {"next_cursor", nullptr}});
    if (sources.empty()) {
      fmt::print(stderr, "There are no sources: `creel source add` makes one\n");
      return 0;
    }
    fmt::print("{}", sources_text(sources));
    return 0;
  }

  int show() {
    const auto path = path_of(options_.sources.front());
    const auto source = client_.get(path);
    if (options_.json) return print_json(source);
    const auto polls = client_.get(path + "/polls");
    fmt::print("{}", source_text(source.as_object(), polls.at("items").as_array()));
    return 0;
  }

  int add() {
    auto source = body();
    if (!source.contains("name")) {
      throw Failure(FailureKind::bad_request,
                    "the source has no name: write `creel source add NAME ...`, or give one in the --file");
    }
    if (options_.start) source["start"] = true;
    return print_source(client_.send(HttpMethod::post, "/sources", source));
  }

  int edit() {
    const auto path = path_of(options_.sources.front());
    json::object changes;
    if (!options_.new_name.empty()) changes["name"] = options_.new_name;
    add_fields(changes);
    if (!options_.settings.empty()) {
      const auto type = options_.type.empty() ? member_text(client_.get(path).as_object(), "type") : options_.type;
      changes["settings"] = settings_json(options_.settings, type, client_.get("/sources/types"));
    }
    if (changes.empty())
      throw Failure(FailureKind::bad_request, "nothing is to be changed: see creel source edit --help");
    return print_source(client_.send(HttpMethod::patch, path, changes));
  }

  int remove() {
    for (const auto& source : options_.sources) client_.send(HttpMethod::delete_, path_of(source));
    return 0;
  }

  /// start, stop, fetch
  int act(std::string_view action) {
    json::array after;
    for (const auto& source : options_.sources) {
      after.push_back(client_.send(HttpMethod::post, fmt::format("{}/{}", path_of(source), action)));
    }
    if (options_.json) return print_json(after.size() == 1 ? after.front() : json::value(after));
    fmt::print("{}", sources_text(after));
    return 0;
  }

  int test() {
    const bool is_saved = !options_.sources.empty();
    if (!is_saved && options_.type.empty() && options_.file.empty()) {
      throw Failure(FailureKind::bad_request, "name the source to test, or describe one with --type, --url and --set");
    }
    const auto preview = is_saved ? client_.send(HttpMethod::post, path_of(options_.sources.front()) + "/test")
                                  : client_.send(HttpMethod::post, "/sources/test", unnamed_body());
    const auto& found = preview.as_object();
    if (options_.json) {
      print_json(preview);
    } else {
      fmt::print("{}", preview_text(found));
    }
    const auto* failure = found.if_contains("failure");
    return failure == nullptr || failure->is_null() ? 0 : 1;
  }

  int types() {
    const auto answer = client_.get("/sources/types");
    const auto& kinds = answer.at("items").as_array();
    if (options_.name.empty()) {
      if (options_.json) return print_json(answer);
      fmt::print("{}", types_text(kinds));
      return 0;
    }
    for (const auto& kind : kinds) {
      if (kind.at("name").as_string() != options_.name) continue;
      if (options_.json) return print_json(kind);
      fmt::print("{}", type_text(kind.as_object()));
      return 0;
    }
    throw Failure(FailureKind::not_found,
                  fmt::format("there is no type '{}': `creel source types` shows them all", options_.name));
  }

 private:
  std::string path_of(const std::string& source) { return fmt::format("/sources/{}", find_source(client_, source)); }

  void add_fields(json::object& body) const {
    if (!options_.type.empty()) body["type"] = options_.type;
    if (!options_.url.empty()) body["url"] = options_.url;
    if (!options_.interval.empty()) body["interval"] = options_.interval;
    if (options_.rate_limit.empty()) return;
    if (options_.rate_limit == kNoLimit) {
      body["rate_limit"] = nullptr;
      return;
    }
    boost::system::error_code error;
    auto rate = json::parse(options_.rate_limit, error);
    if (error || !rate.is_number()) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("--rate-limit: '{}' is no number of requests a minute", options_.rate_limit));
    }
    body["rate_limit"] = std::move(rate);
  }

  /// A source as the flags describe it, on top of what a file does.
  json::object body() {
    json::object body;
    if (!options_.file.empty()) {
      boost::system::error_code error;
      auto value = json::parse(read_input(options_.file), error);
      if (error || !value.is_object()) {
        throw Failure(FailureKind::bad_request, fmt::format("{}: this is no JSON object", options_.file));
      }
      body = std::move(value.get_object());
    }
    if (!options_.name.empty()) body["name"] = options_.name;
    add_fields(body);
    if (!options_.settings.empty()) {
      auto& settings = body["settings"];
      if (!settings.is_object()) settings.emplace_object();
      const auto given = settings_json(options_.settings, member_text(body, "type"), client_.get("/sources/types"));
      for (const auto& [name, value] : given) settings.get_object()[name] = value;
    }
    return body;
  }

  /// The same for a source that is not to be kept: it needs no name.
  json::object unnamed_body() {
    auto source = body();
    source.emplace("name", "test");
    return source;
  }

  int print_source(const json::value& source) {
    if (options_.json) return print_json(source);
    fmt::print("{}", sources_text({source}));
    return 0;
  }

  static int print_json(const json::value& value) {
    fmt::print("{}\n", json::serialize(value));
    return 0;
  }

  const SourceOptions& options_;
  const SystemClock clock_;
  ApiClient client_;
};

void add_description_flags(CLI::App& command, SourceOptions& options) {
  command.add_option("--type", options.type, "Kind of source: see creel source types")->type_name("TYPE");
  command.add_option("--source-url", options.url, "Where the source is, for types that have a URL")->type_name("URL");
  command.add_option("--interval", options.interval, "Time between polls: 90s, 1h, 2d")->type_name("DURATION");
  command.add_option("--rate-limit", options.rate_limit, "Requests a minute that polls may make, or none")
      ->type_name("N");
  command
      .add_option("--set", options.settings.values,
                  "A setting of the type; again for more, for the items of a list, and as headers.NAME=VALUE")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--set-file", options.settings.files, "A setting out of a file: a secret, a program")
      ->type_name("NAME=FILE")
      ->take_all()
      ->allow_extra_args(false);
}

using Action = int (SourceRun::*)();

/// What the group of commands is made from.
class SourceCommands {
 public:
  SourceCommands(CLI::App& group, std::shared_ptr<SourceOptions> options)
      : group_(group), options_(std::move(options)) {}

  CLI::App& add(const std::string& name, const std::string& help, std::function<int(SourceRun&)> run) {
    auto* command = group_.add_subcommand(name, help);
    add_api_flags(*command, options_->api);
    command->add_flag("--json", options_->json, "Print JSON, as the API has it");
    commands_.emplace_back(command, std::move(run));
    return *command;
  }

  /// One that works on sources which are named.
  CLI::App& add_on_sources(const std::string& name, const std::string& help, int most,
                           std::function<int(SourceRun&)> run) {
    auto& command = add(name, help, std::move(run));
    command.add_option("SOURCE", options_->sources, "Its number or name")->required()->expected(1, most)->type_name("");
    return command;
  }

  int run(const aws::Environment& environment) const {
    if (!group_.remaining().empty()) return refuse_command(group_);
    for (const auto& [command, run] : commands_) {
      if (!command->parsed()) continue;
      SourceRun source_run(*options_, environment);
      return run(source_run);
    }
    return refuse_command(group_);
  }

 private:
  CLI::App& group_;
  std::shared_ptr<SourceOptions> options_;
  std::vector<std::pair<CLI::App*, std::function<int(SourceRun&)>>> commands_;
};

constexpr int kMany = 1'000'000;

void add_all(SourceCommands& commands, SourceOptions& options) {
  commands.add("list", "All sources", [](SourceRun& run) { return run.list(); });
  commands.add_on_sources("show", "One source with its settings and last polls", 1,
                          [](SourceRun& run) { return run.show(); });
  auto& add = commands.add("add", "Make a source; it starts stopped", [](SourceRun& run) { return run.add(); });
  add.add_option("NAME", options.name, "What it is to be called")->type_name("");
  add_description_flags(add, options);
  add.add_option("--file", options.file, "The source as JSON, as the API takes it; - for standard input")
      ->type_name("FILE");
  add.add_flag("--start", options.start, "Start it at once");
  add.footer("creel source add cats --type feed --source-url https://example.com/feed.xml --interval 1h --start");
  auto& edit = commands.add_on_sources("edit", "Change a source; what is not named stays", 1,
                                       [](SourceRun& run) { return run.edit(); });
  edit.add_option("--name", options.new_name, "A new name")->type_name("NAME");
  add_description_flags(edit, options);
  edit.add_option("--unset", options.settings.unset, "Put a setting back to its default")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  commands.add_on_sources("remove", "Delete sources; their images stay", kMany,
                          [](SourceRun& run) { return run.remove(); });
  commands.add_on_sources("start", "Poll sources when their time comes", kMany,
                          [](SourceRun& run) { return run.act("start"); });
  commands.add_on_sources("stop", "Poll sources no more; a poll under way ends", kMany,
                          [](SourceRun& run) { return run.act("stop"); });
  commands.add_on_sources("fetch", "Poll sources now", kMany, [](SourceRun& run) { return run.act("fetch"); });
  auto& test = commands.add("test",
                            "Poll once, store nothing, and show what was found; the source is one that there is, "
                            "or one that the flags describe",
                            [](SourceRun& run) { return run.test(); });
  test.add_option("SOURCE", options.sources, "Its number or name")->expected(0, 1)->type_name("");
  add_description_flags(test, options);
  test.add_option("--file", options.file, "The source as JSON; - for standard input")->type_name("FILE");
  auto& types = commands.add("types", "The kinds of sources that there are, or the settings of one",
                             [](SourceRun& run) { return run.types(); });
  types.add_option("TYPE", options.name, "Show the settings of this one")->type_name("");
}

}  // namespace

Command add_source_command(CLI::App& program, const aws::Environment& environment) {
  auto* group = program.add_subcommand("source", "Sources of a backend that runs: list, add, start, test and more");
  const auto options = std::make_shared<SourceOptions>();
  const auto commands = std::make_shared<SourceCommands>(*group, options);
  add_all(*commands, *options);
  // Not earlier: the commands would take after it.
  group->allow_extras();
  return {group, [commands, options, &environment] { return commands->run(environment); }};
}

}  // namespace creel
