#include "api/source_json.h"

#include "api/image_json.h"
#include "api/json_text.h"
#include "sources/source_kinds.h"
#include "sources/source_state.h"

namespace creel {
namespace {

/// Stands for a secret that is set.
constexpr std::string_view kMask = R"("***")";

std::string counts_json(const Counts::ByState& counts) {
  std::string text;
  JsonObjectText object(text);
  for (std::size_t number = 0; number < counts.size(); ++number) {
    object.add(to_string(static_cast<ImageState>(number)), counts.at(number));
  }
  object.close();
  return text;
}

/// The settings that are set; of secrets all that the kind knows, since one that is not set is worth seeing.
std::map<std::string, std::string> shown_settings(const SourceDefinition& source, const SourceKind* kind) {
  auto shown = source.settings;
  if (kind != nullptr) {
    for (const auto& spec : kind->settings()) {
      if (spec.type == SettingType::secret) shown.insert_or_assign(spec.name, "null");
    }
  }
  for (const auto& [name, secret] : source.secrets) shown.insert_or_assign(name, std::string(kMask));
  return shown;
}

std::string settings_json(const SourceDefinition& source, const SourceKind* kind) {
  std::string text;
  JsonObjectText object(text);
  for (const auto& [name, value] : shown_settings(source, kind)) object.add_raw(name, value);
  object.close();
  return text;
}

std::optional<std::string_view> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

std::string failure_json(const FailureFacts& failure) {
  std::string text;
  JsonObjectText(text).add("kind", to_string(failure.kind)).add("message", failure.message).close();
  return text;
}

}  // namespace

void append_source_json(std::string& out, const SourceRecord& source, const SourceKinds& kinds,
                        const Counts::ByState& counts) {
  const auto& definition = source.definition;
  const auto& status = source.status;
  JsonObjectText(out)
      .add("id", static_cast<std::int64_t>(source.id))
      .add("name", definition.name)
      .add("type", definition.type)
      .add("url", unless_empty(definition.url))
      .add("interval", definition.interval.count())
      .add("rate_limit", definition.rate_limit)
      .add("state", to_string(status.state))
      .add("blocked_until", status.blocked_until)
      .add("reason", unless_empty(status.reason))
      .add("last_poll", status.last_poll)
      .add("next_poll", status.next_poll)
      .add_raw("counts", counts_json(counts))
      .add_raw("settings", settings_json(definition, kinds.find(definition.type)))
      .close();
}

std::string source_json(const SourceRecord& source, const SourceKinds& kinds, const Counts::ByState& counts) {
  std::string text;
  append_source_json(text, source, kinds, counts);
  return text;
}

void append_poll_json(std::string& out, const PollRecord& poll) {
  JsonObjectText object(out);
  object.add("id", static_cast<std::int64_t>(poll.id))
      .add("started_at", poll.started_at)
      .add("ended_at", poll.ended_at)
      .add("found", poll.found)
      .add("new", poll.added);
  if (poll.failure) {
    object.add_raw("failure", failure_json(*poll.failure));
  } else {
    object.add_null("failure");
  }
  object.close();
}

}  // namespace creel
