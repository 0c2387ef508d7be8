#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/task.h"
#include "net/http_headers.h"
#include "net/url.h"

namespace creel {

/// An image as a source tells of it. Nothing but the URL is needed; what the source does not say stays empty.
struct ImageRecord {
  /// The source's own name for the image. If it is empty, a hash of the URL takes its place.
  std::string image_id;
  /// As the source wrote it; checked when the record is added.
  std::string image_url;
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<std::string> attribution_id;
  std::optional<std::string> attribution_name;
  std::optional<std::string> attribution_url;
  /// The page on which the image is shown.
  std::optional<std::string> page_url;
  /// A content type: "image/png".
  std::optional<std::string> type;
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> height;
  std::optional<bool> nsfw;
  std::optional<SystemTime> published_at;
  /// Parts of the object's key: a folder below the source's own, and the image's id if no name is given.
  std::string folder;
  std::string file_name;
  /// Sent when the image is fetched.
  std::vector<std::pair<std::string, std::string>> fetch_headers;
  /// Whatever else there is to know.
  std::vector<std::pair<std::string, std::string>> meta;
};

enum class SettingType : std::uint8_t { text, secret, url, integer, number, boolean, one_of, headers, text_list };

/// One setting of a kind of source: what its check, its form and its documentation are made from.
struct SettingSpec {
  std::string name;
  SettingType type = SettingType::text;
  bool is_required = false;
  /// JSON text of the default; empty for none.
  std::string default_value{};
  /// For people, in a line.
  std::string help{};
  /// What a form calls it; made of the name if it is empty.
  std::string label{};
  /// For `one_of`.
  std::vector<std::string> choices{};
  /// For numbers.
  std::optional<double> min{};
  std::optional<double> max{};
};

/// What is wrong with one field of a source. `pointer` is a JSON pointer into the source: "/settings/tag".
struct SettingError {
  std::string pointer;
  std::string message;
};

/// A source as its kind sees it. Settings have been checked and completed with their defaults.
struct SourceConfig {
  std::string name;
  std::string type;
  /// Where the source is; empty for kinds that need none.
  std::string url;
  /// JSON texts by name, secrets aside.
  std::map<std::string, std::string> settings;
  std::map<std::string, Secret> secrets;

  // Typed looks at one setting; the value of a setting that is not there is nothing.
  std::optional<std::string> text(std::string_view setting) const;
  std::optional<std::int64_t> integer(std::string_view setting) const;
  std::optional<double> number(std::string_view setting) const;
  bool flag(std::string_view setting) const;
  std::vector<std::string> texts(std::string_view setting) const;
  /// Name and value pairs of an object of strings.
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view setting) const;
  /// Empty if it is not set.
  Secret secret(std::string_view setting) const;
};

struct PollRequest {
  std::string url;
  HttpHeaders headers{};
  /// Sends the ETag and Last-Modified of the last answer from this URL, and remembers those of the new one.
  bool is_conditional = true;
  std::size_t max_bytes = 16UL * 1024 * 1024;
  /// Answers of status 400 and above are given back too, not thrown: for a kind that learns more from their body or headers
  /// than the status says. What they ask of the whole host is noted all the same.
  bool gives_refusals = false;
  /// Whose requests the host counts this one among, if it counts them by account: a key, a Client-ID. `PollRun::hold` holds
  /// back the requests of an account. Nothing but a hash of it is kept.
  std::string account{};
};

/// What a host said about waiting in words that only the kind of source understands.
struct PollHold {
  /// Any URL of the host.
  std::string url;
  /// As in the requests that are meant; empty for all requests to the host.
  std::string account{};
  /// For some hours if the host does not say.
  std::optional<std::chrono::seconds> wait{};
  /// For people.
  std::string reason{};
};

/// An answer to a poll's request, of status 200 to 299 or 304; or 400 and above if the request asked for those.
struct PollPage {
  /// 304: nothing is new; there is no body.
  bool is_unchanged = false;
  int status = 200;
  HttpHeaders headers{};
  std::string body{};
  /// Behind redirects.
  std::string final_url{};
};

/// What became of records that were added.
struct PollAdded {
  /// Images that the catalog had not known.
  std::size_t new_images = 0;
  /// How many of the last records, in a row, were known before; goes on over calls, for `stop_after`.
  std::size_t known_in_a_row = 0;
};

/// One poll, as the kind of source that carries it out sees it. Every call may be cut short: when the source is
/// stopped the coroutine is cancelled at its next wait, and what was added stays. Threads: the scheduler's loop.
class PollRun {
 public:
  static constexpr std::size_t kMaxShapeBytes = 4096;

  virtual ~PollRun() = default;

  /// Gets a page: keeps to the source's rate limit, the host's back-off and the address policy; follows redirects (a
  /// permanent one of the source's own URL is remembered); takes note of Retry-After, Cache-Control and Expires.
  /// @throws Failure  by the answer's status (bad_request, bad_auth, forbidden, not_found, rate_limited with the wait
  ///                  that was asked for, server_error) and as `HttpClient::send`; too_large
  virtual Task<PollPage> fetch(PollRequest request) = 0;

  /// Adds records to the catalog, in their order. Those that cannot be used (no http URL) are counted and logged.
  virtual Task<PollAdded> add(std::vector<ImageRecord> records) = 0;

  /// Lets no source ask before the time has come: this one, those on the same host, and those of other programs. A fetch
  /// that is held back throws rate_limited.
  virtual void hold(PollHold hold) = 0;

  /// The next poll is to be no sooner than this, as the source itself says (an RSS `ttl`).
  virtual void wait_at_least(std::chrono::seconds wait) = 0;

  /// A small text that the kind keeps from poll to poll, a cursor for example; empty at first. Saved when the poll ends
  /// well. That of a `SeenMemory` is no more whole if the last poll was broken off after it had added new images.
  virtual std::string memory() const = 0;
  virtual void remember(std::string memory) = 0;

  /// Tells of records that the kind itself had to leave out, and why: those that it cannot read, or whose second request
  /// failed. They are counted and logged.
  virtual void note_unusable(std::uint64_t count, std::string reason) = 0;

  /// Told of the shape of an answer that yielded no records, for `test`: a sample of it, cut at `kMaxShapeBytes`.
  virtual void note_shape(std::string sample) = 0;

  virtual SystemTime now() const = 0;
  virtual const Log& log() const = 0;
};

/// Requests a minute that may be a source's rate limit: from one in 16 hours on.
inline constexpr double kLowestRateLimit = 0.001;
inline constexpr double kHighestRateLimit = 1'000'000;

/// What a source of some kind is made with if its user says nothing else.
struct SourceDefaults {
  std::optional<std::chrono::seconds> interval{};
  /// Requests a minute.
  std::optional<double> rate_limit{};
};

/// A kind of source: where images can be found, and how. To make a new one, write one file with a class like this, and
/// add it to the table in source_kinds.cpp. Immutable. Threads: any.
class SourceKind {
 public:
  virtual ~SourceKind() = default;

  virtual std::string_view name() const = 0;
  /// For people, in a line.
  virtual std::string_view help() const = 0;
  /// What a form calls it; made of the name if it is empty.
  virtual std::string_view label() const { return {}; }
  enum class UrlUse : std::uint8_t { needed, optional, none };
  virtual UrlUse url_use() const = 0;
  /// A URL as one of this kind looks, for people; empty for kinds without one.
  virtual std::string_view example_url() const { return {}; }
  /// True if the URL may be the path of a file as well: then `check` has to look at what is no URL.
  virtual bool takes_files() const { return false; }
  virtual std::span<const SettingSpec> settings() const = 0;

  virtual SourceDefaults defaults() const { return {}; }

  /// True for kinds that are made from a preset file.
  virtual bool is_preset() const { return false; }

  /// Finds what the specs cannot say: settings that exclude each other, a program that does not compile. The settings
  /// have passed the specs.
  virtual std::vector<SettingError> check(const SourceConfig&) const { return {}; }

  /// False for kinds that are never polled (`direct`).
  virtual bool is_polled() const { return true; }

  /// Goes over the source once. Throws what ends the poll early; what was added before stays.
  virtual Task<void> poll(const SourceConfig& source, PollRun& run) const = 0;
};

}  // namespace creel
