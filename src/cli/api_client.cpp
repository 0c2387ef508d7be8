#include "cli/api_client.h"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "cli/access_token.h"
#include "cli/data_folder.h"
#include "cli/process_environment.h"
#include "cli/serve_config.h"
#include "cli/text_table.h"
#include "net/address_policy.h"
#include "net/resolver.h"

namespace creel {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

/// A test of a source polls it, which may take its time.
constexpr std::chrono::minutes kPatience{10};
constexpr std::chrono::minutes kTokenLife{5};
constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20;
constexpr std::size_t kShownBytes = 300;

HttpClientOptions client_options(const Url& base, const aws::Environment& environment) {
  HttpClientOptions options;
  options.user_agent = user_agent();
  options.address_policy = AddressPolicy::any;
  if (!is_loopback_host(base.host())) options.proxies = proxies_from(environment);
  options.ca_file = ca_file_from(environment);
  options.version = HttpVersion::http1;
  // A test of a source is silent for as long as its poll takes.
  options.stall_timeout = kPatience;
  return options;
}

FailureKind kind_of(int status) {
  switch (status) {
    case 401: return FailureKind::bad_auth;
    case 403: return FailureKind::forbidden;
    case 404:
    case 410: return FailureKind::not_found;
    case 429: return FailureKind::rate_limited;
    // Right in itself, and yet it does not go: the command ends with 1.
    case 409: return FailureKind::cancelled;
    default: return status >= 500 ? FailureKind::server_error : FailureKind::bad_request;
  }
}

std::string advice(int status) {
  if (status == 401) return "\nThe token is not accepted: see `creel token`, --token-file and CREEL_TOKEN";
  if (status == 403) return "\nThe token may only read: this needs one with the scope write";
  return "";
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? shown(value->get_string()) : "";
}

/// "/settings/tag" as people call it: "settings.tag".
std::string field_name(std::string_view pointer) {
  if (pointer.starts_with("/query/")) pointer.remove_prefix(std::string_view("/query").size());
  if (pointer.starts_with('/')) pointer.remove_prefix(1);
  std::string name(pointer);
  std::ranges::replace(name, '/', '.');
  return name;
}

/// A message with a line for each field that is wrong; of a single one the message says nothing else.
std::string with_fields(std::string message, const json::array& errors) {
  std::string lines;
  for (const auto& item : errors) {
    if (!item.is_object()) continue;
    const auto field = field_name(text_member(item.get_object(), "pointer"));
    const auto detail = text_member(item.get_object(), "detail");
    lines += field.empty() ? fmt::format("\n  {}", detail) : fmt::format("\n  {}: {}", field, detail);
  }
  if (errors.size() == 1 && !lines.empty()) return std::string(trim(lines));
  constexpr std::string_view kWhere = ": see 'errors'";
  if (message.ends_with(kWhere)) message.resize(message.size() - kWhere.size() + 1);
  return message + lines;
}

/// Hands on what arrives. Threads: as HttpClient.
class PieceSink final : public BodySink {
 public:
  explicit PieceSink(const std::function<void(std::string_view)>& take) : take_(take) {}

  std::size_t write(std::span<const std::byte> data) override {
    if (failure_) return data.size();
    try {
      take_({reinterpret_cast<const char*>(data.data()), data.size()});
    } catch (...) {
      failure_ = std::current_exception();
    }
    return data.size();
  }

  void check() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const std::function<void(std::string_view)>& take_;
  std::exception_ptr failure_;
};

ServeConfig config_of(const ApiFlags& flags, const aws::Environment& environment) {
  ConfigFlags given;
  if (!flags.data.empty()) given["server.data"] = flags.data;
  return load_serve_config(flags.config, environment, given);
}

Secret find_token(const ApiFlags& flags, const aws::Environment& environment, const Clock& clock) {
  if (!flags.token_file.empty()) return read_secret_text(flags.token_file);
  if (const auto token = environment.find("CREEL_TOKEN")) return Secret(*token);
  const auto config = config_of(flags, environment);
  try {
    return make_access_token(config, Scope::write, kTokenLife, clock.now());
  } catch (const Failure& failure) {
    throw Failure(failure.kind(), fmt::format("no token for the backend: {}; name one with --token-file or CREEL_TOKEN",
                                              failure.what()));
  }
}

Url find_url(const ApiFlags& flags, const aws::Environment& environment) {
  if (!flags.url.empty()) return Url::parse(flags.url);
  if (const auto url = environment.find("CREEL_URL")) return Url::parse(*url);
  const auto data = config_of(flags, environment).server.data;
  const auto running = find_running(data);
  if (!running) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("no backend runs in {}: start `creel serve`, or say where it is with --url, CREEL_URL or "
                              "--data",
                              data.string()));
  }
  return Url::parse(running->url);
}

}  // namespace

void add_api_flags(CLI::App& command, ApiFlags& flags) {
  constexpr const char* kGroup = "Which backend";
  command.add_option("--url", flags.url, "Where the backend is; else CREEL_URL, or the one that runs in --data")
      ->type_name("URL")
      ->group(kGroup);
  command.add_option("--token-file", flags.token_file, "A file with a token; else CREEL_TOKEN, or one made in --data")
      ->type_name("FILE")
      ->group(kGroup);
  command.add_option("--data", flags.data, "The backend's data folder")
      ->type_name("DIR")
      ->default_str("creel-data")
      ->group(kGroup);
  command.add_option("--config", flags.config, "The backend's configuration; else CREEL_CONFIG or ./creel.toml")
      ->type_name("FILE")
      ->group(kGroup);
}

ApiTarget find_api(const ApiFlags& flags, const aws::Environment& environment, const Clock& clock) {
  auto url = find_url(flags, environment);
  return {.base = std::move(url), .token = find_token(flags, environment, clock)};
}

std::string problem_message(int status, std::string_view body) {
  boost::system::error_code error;
  const auto value = json::parse({body.data(), body.size()}, error);
  if (error || !value.is_object()) {
    return fmt::format("the server answered {}: {}", status, shown(utf8_prefix(body, kShownBytes)));
  }
  const auto& problem = value.get_object();
  auto message = text_member(problem, "detail");
  if (message.empty()) message = text_member(problem, "title");
  if (message.empty()) message = fmt::format("the server answered {}", status);
  const auto* errors = problem.if_contains("errors");
  return errors != nullptr && errors->is_array() ? with_fields(message, errors->get_array()) : message;
}

class ApiClient::Impl {
 public:
  Impl(ApiTarget target, const aws::Environment& environment, const Clock& clock)
      : target_(std::move(target)),
        clock_(clock),
        resolver_(clock, system_lookup),
        http_(loop_.get_executor(), client_options(target_.base, environment), resolver_) {}

  /// What came back, its body at most so long.
  struct Answer {
    int status = 0;
    HttpHeaders headers;
    std::string body;
  };

  Answer call(HttpMethod method, const std::string& path, const std::string& body) {
    Answer answer;
    run(exchange(make_request(method, path, body), answer));
    return answer;
  }

  /// An answer without its body, unless that says what was wrong.
  Answer peek(const std::string& path) {
    Answer answer;
    run(look(make_request(HttpMethod::get, path, {}), answer));
    return answer;
  }

  void download(const std::string& path, const std::function<void(std::string_view)>& take) {
    PieceSink sink(take);
    run(stream(make_request(HttpMethod::get, path, {}), sink));
    sink.check();
  }

  static json::value checked(const Answer& answer) {
    if (answer.status >= 300) refuse(answer.status, answer.body);
    if (answer.body.empty()) return nullptr;
    boost::system::error_code error;
    auto value = json::parse(answer.body, error);
    if (error) {
      throw Failure(FailureKind::server_error,
                    fmt::format("this is no creel: {} is no JSON", shown(utf8_prefix(answer.body, kShownBytes))));
    }
    return value;
  }

  const Url& base() const { return target_.base; }

 private:
  [[noreturn]] static void refuse(int status, std::string_view body) {
    throw Failure(kind_of(status), problem_message(status, body) + advice(status));
  }

  HttpRequest make_request(HttpMethod method, const std::string& path, std::string_view body) const {
    HttpRequest request{.method = method,
                        .url = target_.base.resolve(path),
                        .headers = {{"Authorization", "Bearer " + target_.token.reveal()}},
                        .body = BodyView(std::as_bytes(std::span(body))),
                        .on_sent = {},
                        .deadline = clock_.steady_now() + kPatience};
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    return request;
  }

  Task<void> exchange(HttpRequest request, Answer& answer) {
    auto response = co_await http_.send(std::move(request));
    answer.status = response.status();
    answer.headers = response.headers();
    answer.body = co_await response.read_text(kMaxAnswerBytes);
  }

  Task<void> look(HttpRequest request, Answer& answer) {
    auto response = co_await http_.send(std::move(request));
    answer.status = response.status();
    answer.headers = response.headers();
    if (answer.status >= 300) answer.body = co_await response.read_text(kMaxAnswerBytes);
  }

  Task<void> stream(HttpRequest request, PieceSink& sink) {
    // An export has no end that could be known beforehand.
    request.deadline = SteadyTime::max();
    auto response = co_await http_.send(std::move(request));
    if (response.status() >= 300) {
      const auto body = co_await response.read_text(kMaxAnswerBytes);
      refuse(response.status(), body);
    }
    co_await response.read(sink);
  }

  void run(Task<void> work) {
    std::exception_ptr failure;
    asio::co_spawn(loop_, std::move(work), [&](const std::exception_ptr& thrown) {
      failure = thrown;
      loop_.stop();
    });
    loop_.restart();
    loop_.run();
    if (failure) std::rethrow_exception(failure);
  }

  const ApiTarget target_;
  const Clock& clock_;
  asio::io_context loop_{1};
  Resolver resolver_;
  HttpClient http_;
};

ApiClient::ApiClient(ApiTarget target, const aws::Environment& environment, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(target), environment, clock)) {}

ApiClient::~ApiClient() = default;

json::value ApiClient::get(const std::string& path) {
  return Impl::checked(impl_->call(HttpMethod::get, path, {}));
}

json::value ApiClient::send(HttpMethod method, const std::string& path) {
  return Impl::checked(impl_->call(method, path, {}));
}

json::value ApiClient::send(HttpMethod method, const std::string& path, const json::value& body) {
  return Impl::checked(impl_->call(method, path, json::serialize(body)));
}

void ApiClient::download(const std::string& path, const std::function<void(std::string_view)>& take) {
  impl_->download(path, take);
}

std::optional<std::string> ApiClient::redirect_of(const std::string& path) {
  const auto answer = impl_->peek(path);
  const auto location = answer.headers.find("Location");
  if (answer.status >= 300 && answer.status < 400 && location) return std::string(*location);
  if (answer.status < 300) return std::nullopt;
  Impl::checked(answer);
  return std::nullopt;
}

const Url& ApiClient::base() const {
  return impl_->base();
}

}  // namespace creel
