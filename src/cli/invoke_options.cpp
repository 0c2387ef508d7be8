#include "cli/invoke_options.h"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "cli/flags.h"
#include "deploy/json_text.h"

namespace creel {
namespace {

constexpr std::size_t kMostAtATime = 1'000;

}  // namespace

aws::InvocationType InvokeOptions::type() const {
  if (dry_run) return aws::InvocationType::dry_run;
  return as_event ? aws::InvocationType::event : aws::InvocationType::request_response;
}

void add_invoke_flags(CLI::App& command, InvokeOptions& options) {
  command.add_option("function", options.function, "Name of the function, NAME:ALIAS, or its ARN")
      ->required()
      ->type_name("NAME");
  auto* payload = command
                      .add_option("--payload", options.payload,
                                  "What the function is given: JSON, @FILE for what a file holds, - for standard input")
                      ->type_name("JSON|@FILE|-")
                      ->default_str("{}");
  command.add_option("--qualifier", options.qualifier, "Version or alias to call")->type_name("VERSION|ALIAS");
  command.add_option("--client-context", options.client_context, "What the function finds as its client context")
      ->type_name("JSON|@FILE");
  auto* as_event =
      command.add_flag("--async", options.as_event, "Only have the call queued; Lambda makes it by itself");
  command.add_flag("--dry-run", options.dry_run, "Only check that the function is there and may be called")
      ->excludes(as_event);
  command.add_flag("--log", options.log, "Show the end of the function's log (4 KiB) on standard error")
      ->excludes(as_event);
  command.add_flag("--json", options.json, "Print status, version, request id and answer as one JSON object");
  command
      .add_option("--batch", options.batch,
                  "Call once for each line of a file of JSON Lines, and print a JSON object for each, in their order")
      ->type_name("FILE.jsonl|-")
      ->excludes(payload);
  command.add_option("--parallel", options.parallel, "With --batch: calls at a time")
      ->check(CLI::Range(std::size_t{1}, kMostAtATime))
      ->capture_default_str();
  add_duration(command, "--timeout", options.timeout, "930s", "How long to wait for an answer");
  command.add_option("--region", options.aws.region, "Region of the function")->type_name("REGION");
  command.add_option("--profile", options.aws.profile, "Profile of the shared AWS files")->type_name("NAME");
  command
      .add_option("--endpoint-url", options.aws.endpoint_url,
                  "Where Lambda is, if not at AWS: http://localhost:9000 for `creel emulate`")
      ->check(is_web_address)
      ->type_name("URL");
  command.footer(
      "creel invoke resize --payload '{\"width\": 200}' --log\n"
      "creel invoke resize --payload @event.json --endpoint-url http://localhost:9000\n"
      "Ends with 0 if the function answered, 1 if it failed or could not be called, 2 if the call was wrong.");
}

std::string read_text_of(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file)
    throw Failure(FailureKind::bad_request,
                  fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  return text;
}

std::string read_json_value(const std::string& value, std::string_view flag) {
  const bool is_file = value.starts_with('@');
  auto text = is_file ? read_text_of(value.substr(1)) : value == "-" ? read_text_of("-") : value;
  const auto what = is_file ? value.substr(1) : value == "-" ? "standard input" : std::string(flag);
  deploy::check_json(text, what);
  return text;
}

}  // namespace creel
