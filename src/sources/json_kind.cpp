#include "sources/json_kind.h"

#include "base/failure.h"
#include "base/text.h"
#include "sources/json_poll.h"

namespace creel {
namespace {

const std::vector<SettingSpec>& specs() {
  static const std::vector<SettingSpec> all{
      {.name = "program",
       .is_required = true,
       .help =
           "a jq program that turns an answer into records {image_id, image_url, title, ...} and, if there is one, the "
           "next page {next_url}, {next_cursor} or {next_query}"},
      {.name = "follow_program",
       .help =
           "a jq program for the answers to second requests, which records ask for with follow; the record is $record"},
      {.name = "headers", .type = SettingType::headers, .help = "sent with every request"},
      {.name = "secret_headers",
       .type = SettingType::secret,
       .help = "headers that nobody may see, one a line: Authorization: Bearer ..."},
      {.name = "page_param", .help = "the URL's parameter that counts pages"},
      {.name = "first_page",
       .type = SettingType::integer,
       .default_value = "1",
       .help = "what it counts from",
       .min = 0},
      {.name = "page_step",
       .type = SettingType::integer,
       .default_value = "1",
       .help = "what is added from page to page: more than 1 for an API that counts records",
       .min = 1},
      {.name = "cursor_param", .help = "the URL's parameter that takes next_cursor"},
      {.name = "page_size_param", .help = "the URL's parameter for the number of records on a page"},
      {.name = "page_size", .type = SettingType::integer, .help = "its value", .min = 1},
      {.name = "max_pages",
       .type = SettingType::integer,
       .default_value = "20",
       .help = "pages read in one poll, at most",
       .min = 1,
       .max = 10'000},
      {.name = "stop_after",
       .type = SettingType::integer,
       .default_value = "100",
       .help = "the poll ends when so many images in a row are known already; 0: never",
       .min = 0},
      {.name = "max_follows",
       .type = SettingType::integer,
       .default_value = "100",
       .help = "second requests in one poll, at most",
       .min = 0,
       .max = 10'000},
  };
  return all;
}

/// The headers of a text of lines.
/// @throws Failure bad_request  naming the line, but not what it says
std::vector<std::pair<std::string, Secret>> secret_headers(const Secret& lines) {
  std::vector<std::pair<std::string, Secret>> headers;
  if (lines.empty()) return headers;
  std::size_t number = 0;
  for (const auto line : split(lines.reveal(), '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      throw Failure(FailureKind::bad_request, fmt::format("line {} is no header: write \"Name: value\"", number));
    }
    const std::string name(trim(line.substr(0, colon)));
    const std::string value(trim(line.substr(colon + 1)));
    try {
      check_user_header(name, value);
    } catch (const Failure&) {
      throw Failure(FailureKind::bad_request, fmt::format("line {} is no header that can be sent", number));
    }
    headers.emplace_back(name, Secret(value));
  }
  return headers;
}

std::size_t count(const SourceConfig& source, std::string_view name) {
  return static_cast<std::size_t>(source.integer(name).value_or(0));
}

JsonPlan plan_for(const SourceConfig& source) {
  JsonPlan plan{.url = Url::parse(source.url), .program = source.text("program").value_or("")};
  plan.follow_program = source.text("follow_program").value_or("");
  plan.headers = source.pairs("headers");
  plan.secret_headers = secret_headers(source.secret("secret_headers"));
  plan.paging = {
      .page_param = source.text("page_param").value_or(""),
      .first_page = source.integer("first_page").value_or(1),
      .page_step = source.integer("page_step").value_or(1),
      .cursor_param = source.text("cursor_param").value_or(""),
      .page_size_param = source.text("page_size_param").value_or(""),
      .page_size = source.integer("page_size").value_or(0),
  };
  plan.max_pages = count(source, "max_pages");
  plan.stop_after = count(source, "stop_after");
  plan.max_follows = count(source, "max_follows");
  return plan;
}

class JsonKind final : public SourceKind {
 public:
  explicit JsonKind(std::shared_ptr<const JqRunner> jq) : jq_(std::move(jq)) {}

  std::string_view name() const override { return "json"; }
  std::string_view label() const override { return "JSON API"; }
  std::string_view help() const override {
    return "Any API that answers in JSON; a jq program says what its answers mean.";
  }
  UrlUse url_use() const override { return UrlUse::needed; }
  std::string_view example_url() const override { return "https://api.example.com/photos?sort=newest"; }
  std::span<const SettingSpec> settings() const override { return specs(); }

  std::vector<SettingError> check(const SourceConfig& source) const override {
    std::vector<SettingError> errors;
    check_program(source, "program", {}, errors);
    check_program(source, "follow_program", "{}", errors);
    try {
      secret_headers(source.secret("secret_headers"));
    } catch (const Failure& failure) {
      errors.push_back({"/settings/secret_headers", failure.what()});
    }
    const bool has_size = source.integer("page_size").has_value();
    if (has_size != source.text("page_size_param").has_value()) {
      errors.push_back({has_size ? "/settings/page_size_param" : "/settings/page_size",
                        "is missing: page_size_param and page_size go together"});
    }
    if (source.text("page_param") && source.text("cursor_param")) {
      errors.push_back(
          {"/settings/cursor_param", "must be left out where page_param is given: an API has one or the other"});
    }
    return errors;
  }

  Task<void> poll(const SourceConfig& source, PollRun& run) const override {
    co_await poll_json(plan_for(source), jq_, run);
  }

 private:
  void check_program(const SourceConfig& source, const char* setting, std::string_view record,
                     std::vector<SettingError>& errors) const {
    const auto program = source.text(setting);
    if (!program) return;
    if (auto error = jq_->compile_error(*program, json_variables({}, "", 1, record))) {
      errors.push_back({fmt::format("/settings/{}", setting), std::move(*error)});
    }
  }

  std::shared_ptr<const JqRunner> jq_;
};

}  // namespace

std::unique_ptr<const SourceKind> json_kind(std::shared_ptr<const JqRunner> jq) {
  return std::make_unique<JsonKind>(std::move(jq));
}

}  // namespace creel
