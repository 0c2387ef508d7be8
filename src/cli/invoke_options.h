#pragma once

#include <chrono>
#include <string>

#include "aws/lambda_invoker.h"
#include "aws/settings.h"

namespace CLI {
class App;
}

namespace creel {

/// What `creel invoke` was asked to do.
struct InvokeOptions {
  std::string function;
  /// JSON, "@FILE" or "-".
  std::string payload;
  std::string qualifier;
  /// JSON or "@FILE".
  std::string client_context;
  bool as_event = false;
  bool dry_run = false;
  bool log = false;
  bool json = false;
  /// A file with a payload a line; "-" for standard input; empty for none.
  std::string batch;
  std::size_t parallel = 16;
  std::chrono::milliseconds timeout{0};
  aws::AwsFlags aws;

  aws::InvocationType type() const;
};

void add_invoke_flags(CLI::App& command, InvokeOptions& options);

/// The value of a flag that may be JSON, "@FILE" or, for standard input, "-"; checked to be JSON.
/// @throws Failure bad_request  it cannot be read, or is no JSON: with line and column
std::string read_json_value(const std::string& value, std::string_view flag);

/// What a file holds; standard input for "-".
/// @throws Failure bad_request
std::string read_text_of(const std::string& path);

}  // namespace creel
