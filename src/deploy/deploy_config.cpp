#include "deploy/deploy_config.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "aws/logs_client.h"
#include "base/failure.h"
#include "base/hash.h"
#include "base/units.h"
#include "deploy/config_table.h"
#include "deploy/json_text.h"
#include "deploy/lambda_runtime.h"

namespace creel::deploy {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kFetchStoreImage = "fetch-store-image";
constexpr std::string_view kDeleteImages = "delete-images";
constexpr std::size_t kMaxEnvironmentBytes = 4'096;
constexpr std::size_t kMaxRoleNameBytes = 64;

/// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
constexpr std::string_view kReservedVariables[] = {"_HANDLER",
                                                   "_X_AMZN_TRACE_ID",
                                                   "AWS_DEFAULT_REGION",
                                                   "AWS_REGION",
                                                   "AWS_EXECUTION_ENV",
                                                   "AWS_LAMBDA_FUNCTION_NAME",
                                                   "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                   "AWS_LAMBDA_FUNCTION_VERSION",
                                                   "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                   "AWS_LAMBDA_LOG_GROUP_NAME",
                                                   "AWS_LAMBDA_LOG_STREAM_NAME",
                                                   "AWS_ACCESS_KEY",
                                                   "AWS_ACCESS_KEY_ID",
                                                   "AWS_SECRET_ACCESS_KEY",
                                                   "AWS_SESSION_TOKEN",
                                                   "AWS_LAMBDA_RUNTIME_API",
                                                   "LAMBDA_TASK_ROOT",
                                                   "LAMBDA_RUNTIME_DIR"};

bool matches(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

/// Reads the keys of one function, whether they stand in [deploy] or in its own table, into it.
class FunctionReader {
 public:
  FunctionReader(ConfigTable& table, const fs::path& folder, DesiredFunction& function)
      : table_(table), folder_(folder), function_(function) {}

  void read() {
    read_machine();
    read_environment();
    read_role();
    read_surroundings();
    read_url();
    if (const auto zip = table_.text("zip")) function_.zip = folder_ / *zip;
    if (const auto* smoke = table_.find("smoke")) read_smoke(*smoke);
  }

 private:
  void read_machine() {
    if (const auto runtime = table_.text("runtime")) {
      if (find_runtime(*runtime) == nullptr) table_.refuse("runtime", "it must be provided.al2023 or provided.al2");
      function_.runtime = *runtime;
    }
    if (const auto name = table_.text("architecture")) {
      if (!deploy::architecture(*name)) table_.refuse("architecture", "it must be x86_64 or arm64");
      function_.architecture = *name;
    }
    if (const auto memory = megabytes("memory", 128, 10'240)) function_.memory_mb = *memory;
    if (const auto storage = megabytes("ephemeral_storage", 512, 10'240)) function_.ephemeral_storage_mb = storage;
    if (const auto timeout = seconds("timeout", 1, 900)) function_.timeout_seconds = *timeout;
  }

  void read_environment() {
    if (const auto merge = table_.truth("merge_environment")) function_.merge_environment = *merge;
    auto variables = table_.text_table("environment");
    if (!variables) return;
    for (const auto& [name, value] : *variables) {
      if (!matches(name, "[a-zA-Z][a-zA-Z0-9_]+")) {
        table_.refuse("environment",
                      fmt::format("'{}' is no name of a variable: letters, digits and _, at least two", name));
      }
      if (std::ranges::find(kReservedVariables, std::string_view(name)) != std::end(kReservedVariables)) {
        table_.refuse("environment", fmt::format("{} is set by Lambda itself", name));
      }
      function_.environment[name] = value;
    }
    std::size_t bytes = 0;
    for (const auto& [name, value] : function_.environment) bytes += name.size() + value.size();
    if (bytes > kMaxEnvironmentBytes) {
      table_.refuse("environment", fmt::format("its names and values have {} bytes, and Lambda takes at most {}", bytes,
                                               kMaxEnvironmentBytes));
    }
  }

  void read_role() {
    const auto arn = table_.text("role");
    const auto* create = table_.find("create_role");
    auto buckets = table_.texts("bucket");
    auto access = table_.texts("bucket_access");
    if (arn && create != nullptr) table_.refuse("create_role", "there can be a role or one to create, not both");
    if (arn) {
      if (!matches(*arn, "arn:aws[a-z-]*:iam::\\d{12}:role/.+")) {
        table_.refuse("role", "it must be the ARN of a role: arn:aws:iam::123456789012:role/NAME");
      }
      function_.role = RoleArn{*arn};
    }
    if (create != nullptr) function_.role = OwnRole{.name = role_name(*create)};
    auto* own = std::get_if<OwnRole>(&function_.role);
    if ((buckets || access) && own == nullptr) {
      table_.refuse(buckets ? "bucket" : "bucket_access", "it is for a role that is created: create_role = true");
    }
    if (own == nullptr) return;
    if (buckets) own->buckets = std::move(*buckets);
    if (access) own->bucket_access = checked_access(std::move(*access));
  }

  /// Empty for "true": the name is then made of the function's.
  std::string role_name(const toml::node& node) const {
    if (const auto* name = node.as_string()) {
      if (!matches(name->get(), "[\\w+=,.@-]{1,64}")) table_.refuse("create_role", "that is no name of a role");
      return name->get();
    }
    if (!node.is_boolean() || !node.as_boolean()->get()) {
      table_.refuse("create_role", "it must be true, or the name that the role is to have");
    }
    return {};
  }

  std::vector<std::string> checked_access(std::vector<std::string> access) const {
    for (const auto& right : access) {
      if (right != "get" && right != "put" && right != "list" && right != "delete") {
        table_.refuse("bucket_access", fmt::format("'{}' is none of get, put, list, delete", right));
      }
    }
    return access;
  }

  void read_surroundings() {
    if (const auto days = table_.number("log_retention_days", 1, 3'653)) {
      if (!aws::is_log_retention(*days)) {
        table_.refuse("log_retention_days",
                      "CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, "
                      "731 and whole years up to 3653");
      }
      function_.log_retention_days = days;
    }
    if (const auto* node = table_.find("reserved_concurrency")) {
      if (is_false(*node)) {
        function_.reserved_concurrency = Absent::absent;
      } else {
        function_.reserved_concurrency = *table_.number("reserved_concurrency", 0, 1'000'000);
      }
    }
    if (const auto* node = table_.find("alias")) {
      function_.alias = is_false(*node) ? std::string() : *table_.text("alias");
      if (!is_false(*node) && (!matches(function_.alias, "[a-zA-Z0-9_-]{1,128}") || matches(function_.alias, "\\d+"))) {
        table_.refuse("alias", "it must be letters, digits, - and _, and not digits alone; or false for none");
      }
    }
    if (const auto tags = table_.text_table("tags")) {
      if (!function_.tags) function_.tags.emplace();
      for (const auto& [key, value] : *tags) {
        if (key.starts_with("aws:"))
          table_.refuse("tags", fmt::format("'{}': names that begin with aws: are AWS's", key));
        (*function_.tags)[key] = value;
      }
    }
  }

  void read_url() {
    const auto stream = table_.truth("url_stream");
    if (const auto* node = table_.find("url")) {
      if (is_false(*node)) {
        function_.url = Absent::absent;
      } else {
        const auto* auth = node->as_string();
        const bool is_known = auth != nullptr && (auth->get() == "none" || auth->get() == "iam");
        if (!is_known)
          table_.refuse("url", "it must be \"iam\" (signed calls), \"none\" (everybody may call) or false");
        function_.url = WantedUrl{.auth = auth->get() == "none" ? WantedUrl::Auth::none : WantedUrl::Auth::iam};
      }
    }
    if (!stream) return;
    auto* wanted = function_.url ? std::get_if<WantedUrl>(&*function_.url) : nullptr;
    if (wanted == nullptr) table_.refuse("url_stream", "it is for a function with a url");
    wanted->mode = *stream ? WantedUrl::Mode::response_stream : WantedUrl::Mode::buffered;
  }

  void read_smoke(const toml::node& node) {
    if (is_false(node)) {
      function_.smoke = {.kind = SmokeTest::Kind::none};
      return;
    }
    std::string payload;
    if (const auto* text = node.as_string()) {
      payload = text->get();
      try {
        check_json(payload, "smoke");
      } catch (const Failure& failure) {
        table_.refuse(node, failure.what());
      }
    } else if (node.is_table() || node.is_array()) {
      std::ostringstream out;
      constexpr auto kPlain = toml::format_flags::quote_dates_and_times | toml::format_flags::quote_infinities_and_nans;
      if (node.is_table()) {
        out << toml::json_formatter(*node.as_table(), kPlain);
      } else {
        out << toml::json_formatter(*node.as_array(), kPlain);
      }
      payload = out.str();
    } else {
      table_.refuse("smoke", "it must be JSON in quotes, a table, a list, or false for none");
    }
    function_.smoke = {.kind = SmokeTest::Kind::call, .payload = std::move(payload)};
  }

  static bool is_false(const toml::node& node) { return node.is_boolean() && !node.as_boolean()->get(); }

  /// A number of MB, or a text like "1GiB".
  std::optional<int> megabytes(std::string_view key, int least, int most) {
    const auto* node = table_.find(key);
    if (node == nullptr || !node->is_string()) return table_.number(key, least, most);
    try {
      return bounded(parse_bytes(node->as_string()->get()) >> 20, least, most, "MiB");
    } catch (const Failure& failure) {
      table_.refuse(*node, fmt::format("{}: {}", key, failure.what()));
    }
  }

  /// A number of seconds, or a text like "2m".
  std::optional<int> seconds(std::string_view key, int least, int most) {
    const auto* node = table_.find(key);
    if (node == nullptr || !node->is_string()) return table_.number(key, least, most);
    try {
      const auto time = std::chrono::ceil<std::chrono::seconds>(parse_duration(node->as_string()->get()));
      return bounded(static_cast<std::uint64_t>(time.count()), least, most, "s");
    } catch (const Failure& failure) {
      table_.refuse(*node, fmt::format("{}: {}", key, failure.what()));
    }
  }

  static int bounded(std::uint64_t value, int least, int most, std::string_view unit) {
    if (value < static_cast<std::uint64_t>(least) || value > static_cast<std::uint64_t>(most)) {
      throw Failure(FailureKind::bad_request, fmt::format("it must be from {} to {} {}", least, most, unit));
    }
    return static_cast<int>(value);
  }

  ConfigTable& table_;
  const fs::path& folder_;
  DesiredFunction& function_;
};

/// What a handler of creel's own artifact needs in a bucket.
std::vector<std::string> access_for(std::string_view handler) {
  if (handler == kDeleteImages) return {"delete"};
  return {"get", "put", "list"};
}

/// An event that a handler of creel's own artifact answers with success and without doing anything.
SmokeTest smoke_for(std::string_view handler, const OwnRole* role) {
  if (handler == kFetchStoreImage) return {.kind = SmokeTest::Kind::call, .payload = R"({"requests":[]})"};
  if (handler == kDeleteImages && role != nullptr && !role->buckets.empty()) {
    return {.kind = SmokeTest::Kind::call,
            .payload = fmt::format(R"({{"bucket-name":"{}","keys":[]}})", role->buckets.front())};
  }
  return {.kind = SmokeTest::Kind::dry_run};
}

DesiredFunction read_function(const toml::table& source, const std::string& file, const fs::path& folder,
                              const DesiredFunction& defaults) {
  ConfigTable table(source, file, "[[function]]");
  auto function = defaults;
  const bool has_smoke = source.contains("smoke") || defaults.smoke.kind != SmokeTest::Kind::dry_run;
  const auto name = table.text("name");
  if (!name) table.refuse("name", "a function needs one");
  if (!matches(*name, "[a-zA-Z0-9_-]{1,64}")) {
    table.refuse("name", "it must be at most 64 letters, digits, - and _");
  }
  function.name = *name;
  function.handler = table.text("handler").value_or(function.name);
  function.description = table.text("description");
  FunctionReader(table, folder, function).read();
  table.refuse_unknown();

  auto* own = std::get_if<OwnRole>(&function.role);
  const auto* arn = std::get_if<RoleArn>(&function.role);
  if (arn != nullptr && arn->arn.empty()) {
    table.refuse("role", "the function needs one: role = \"arn:...\", or create_role = true and bucket = \"...\"");
  }
  const bool is_ours = function.handler == kFetchStoreImage || function.handler == kDeleteImages;
  if (own != nullptr && own->buckets.empty() && is_ours) {
    table.refuse("create_role", "name the bucket that the role is for: bucket = \"...\"");
  }
  if (own != nullptr && !own->buckets.empty() && own->bucket_access.empty()) {
    own->bucket_access = access_for(function.handler);
  }
  if (!has_smoke) function.smoke = smoke_for(function.handler, own);
  return function;
}

toml::table parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw Failure(FailureKind::bad_request, fmt::format("{}:{}:{}: {}", file, error.source().begin.line,
                                                        error.source().begin.column, error.description()));
  }
}

/// [functions] and the like are slips, and would be passed over in silence.
void refuse_slips(const ConfigTable& root, const toml::table& document) {
  for (const auto& [key, value] : document) {
    const std::string name(key);
    if (name == "functions" || name == "lambda" || (name == "function" && !value.is_array_of_tables())) {
      root.refuse(value, fmt::format("functions are written as [[function]] tables, not as '{}'", name));
    }
    if (name == "deploy" && !value.is_table()) root.refuse(value, "deploy must be a table: [deploy]");
  }
}

}  // namespace

DeployConfig parse_deploy_config(std::string_view text, const fs::path& path) {
  const auto file = path.string();
  const auto document = parse_toml(text, file);
  const auto folder = path.parent_path();
  ConfigTable root(document, file, "the file");
  refuse_slips(root, document);

  DeployConfig config;
  DesiredFunction defaults;
  if (const auto* shared = document["deploy"].as_table()) {
    ConfigTable table(*shared, file, "[deploy]");
    config.region = table.text("region").value_or("");
    config.profile = table.text("profile").value_or("");
    config.s3_bucket = table.text("s3_bucket").value_or("");
    FunctionReader(table, folder, defaults).read();
    table.refuse_unknown();
  }
  const auto* functions = document["function"].as_array();
  if (functions == nullptr || functions->empty()) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{}: there is no function in it: write a [[function]] table", file));
  }
  for (const auto& item : *functions) {
    config.functions.push_back(read_function(*item.as_table(), file, folder, defaults));
    const auto& name = config.functions.back().name;
    if (std::ranges::count(config.functions, name, &DesiredFunction::name) > 1) {
      root.refuse(item, fmt::format("function '{}' is there twice", name));
    }
  }
  return config;
}

DeployConfig load_deploy_config(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("cannot read {}: {}", file.string(), std::generic_category().message(errno)));
  }
  return parse_deploy_config(text, file);
}

std::string own_role_name(std::string_view function, std::string_view region) {
  auto name = fmt::format("creel-{}-{}", function, region);
  if (name.size() <= kMaxRoleNameBytes) return name;
  const auto hash = short_hash(name);
  name.resize(kMaxRoleNameBytes - hash.size() - 1);
  return fmt::format("{}-{}", name, hash);
}

}  // namespace creel::deploy
