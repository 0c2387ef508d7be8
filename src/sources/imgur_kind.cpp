#include "sources/imgur_kind.h"

#include <set>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>

#include "base/failure.h"
#include "base/text.h"
#include "net/address_policy.h"
#include "net/url.h"
#include "sources/imgur_api.h"
#include "sources/imgur_records.h"
#include "sources/seen_memory.h"

namespace creel {
namespace {

namespace asio = boost::asio;

constexpr const char* kNoClientId =
    "is missing, and the program has none of its own: only a Client-ID that you have already can be used, since Imgur "
    "gives "
    "out no new ones";
constexpr const char* kApiElsewhere =
    "is missing: the program's own Client-ID is sent to https://api.imgur.com alone, so a source with another api_url "
    "needs one of its own";

/// Of so many albums that fail, Imgur itself is in trouble.
constexpr std::size_t kMaxUnreadAlbums = 3;

constexpr const char* kPublicApi = "https://api.imgur.com";

std::string api_url(const SourceConfig& source) {
  return source.text("api_url").value_or(kPublicApi);
}

bool is_public_api(const std::string& text) {
  try {
    return Url::parse(text).origin() == Url::parse(kPublicApi).origin();
  } catch (const Failure&) {
    return false;
  }
}

bool is_on_this_machine(const std::string& text) {
  try {
    return is_loopback_host(Url::parse(text).host());
  } catch (const Failure&) {
    return false;
  }
}

const std::vector<SettingSpec>& specs() {
  static const std::vector<SettingSpec> all{
      {.name = "tag", .help = "the tag whose gallery is read; this or album"},
      {.name = "album", .help = "the id or the URL of an album; this or tag"},
      {.name = "client_id", .type = SettingType::secret, .help = "the Client-ID of your application at Imgur"},
      {.name = "sort",
       .type = SettingType::one_of,
       .default_value = "\"time\"",
       .help = "the order of a tag's gallery",
       .choices = {"time", "viral", "top"}},
      {.name = "window",
       .type = SettingType::one_of,
       .default_value = "\"week\"",
       .help = "for sort = top: since when",
       .choices = {"day", "week", "month", "year", "all"}},
      {.name = "animations",
       .type = SettingType::boolean,
       .default_value = "false",
       .help = "also animations that Imgur keeps as video, as mp4"},
      {.name = "albums_at_once",
       .type = SettingType::integer,
       .default_value = "4",
       .help = "albums asked for at the same time, at most",
       .min = 1,
       .max = 16},
      {.name = "max_pages",
       .type = SettingType::integer,
       .default_value = "20",
       .help = "pages of a tag's gallery read in one poll, at most",
       .min = 1,
       .max = 1'000},
      {.name = "stop_after",
       .type = SettingType::integer,
       .default_value = "100",
       .help = "the poll ends when so many images in a row are known already; 0: never",
       .min = 0},
      {.name = "api_url",
       .type = SettingType::url,
       .default_value = "\"https://api.imgur.com\"",
       .help = "where the API is"},
  };
  return all;
}

struct ImgurPlan {
  std::string tag;
  std::string album;
  std::string sort;
  std::string window;
  ImgurAnimations animations = ImgurAnimations::skip;
  std::size_t albums_at_once = 4;
  std::size_t max_pages = 20;
  std::size_t stop_after = 100;
};

ImgurPlan plan_for(const SourceConfig& source) {
  const auto count = [&](const char* name, std::int64_t otherwise) {
    return static_cast<std::size_t>(source.integer(name).value_or(otherwise));
  };
  ImgurPlan plan;
  plan.tag = source.text("tag").value_or("");
  plan.album = imgur_album_id(source.text("album").value_or(""));
  plan.sort = source.text("sort").value_or("time");
  plan.window = source.text("window").value_or("week");
  if (source.flag("animations")) plan.animations = ImgurAnimations::take_mp4;
  plan.albums_at_once = std::max<std::size_t>(count("albums_at_once", 4), 1);
  plan.max_pages = count("max_pages", 20);
  plan.stop_after = count("stop_after", 100);
  return plan;
}

class ImgurPoll {
 public:
  ImgurPoll(ImgurPlan plan, ImgurApi api, PollRun& run)
      : plan_(std::move(plan)), api_(std::move(api)), run_(run), seen_(run.memory()) {
    const bool is_first_poll = run.memory().empty();
    may_stop_ = plan_.stop_after > 0 && seen_.is_whole();
    if (!is_first_poll && !seen_.is_whole()) first_ask_ = ImgurApi::Ask::always;
  }

  Task<void> go() {
    if (!plan_.album.empty()) {
      co_await take_album();
      co_return;
    }
    std::size_t page = 0;
    while (page < plan_.max_pages && co_await take_page(page)) ++page;
    if (page == plan_.max_pages) seen_.set_whole(true);
    run_.remember(seen_.text());
  }

 private:
  Task<void> take_album();
  /// True if the next page is to be read.
  Task<bool> take_page(std::size_t page);
  Task<void> fill_albums(std::vector<ImgurItem>& items);
  Task<void> fill_some(std::vector<ImgurItem*>* waiting);
  Task<void> fill(ImgurItem* album);
  /// True if enough images are known.
  Task<bool> add(std::vector<ImgurItem> items);

  /// An album that has got more images is another one to the memory.
  static std::string name_of(const ImgurItem& album) { return fmt::format("{} {}", album.id, album.images_count); }
  bool is_seen(const ImgurItem& item) const { return item.is_album && seen_.contains(name_of(item)); }

  ImgurPlan plan_;
  ImgurApi api_;
  PollRun& run_;
  SeenMemory seen_;
  /// Unless an earlier poll has come to its end, images may be missing behind those that are known.
  bool may_stop_ = false;
  /// How the first page is asked for.
  ImgurApi::Ask first_ask_ = ImgurApi::Ask::if_changed;
  /// Albums that Imgur would not give; the next poll tries them again.
  std::set<std::string> unread_;
  std::size_t known_in_a_row_ = 0;
  /// Images of albums that were read in an earlier poll, since the last new image.
  std::size_t skipped_in_a_row_ = 0;
};

Task<void> ImgurPoll::take_album() {
  const auto data = co_await api_.get("/album/" + percent_encode(plan_.album), ImgurApi::Ask::if_changed);
  if (data) co_await run_.add(imgur_album(*data, plan_.animations));
}

Task<bool> ImgurPoll::take_page(std::size_t page) {
  const auto path = fmt::format("/gallery/t/{}/{}/{}/{}", percent_encode(plan_.tag), plan_.sort, plan_.window, page);
  const auto data = co_await api_.get(path, page == 0 ? first_ask_ : ImgurApi::Ask::always);
  if (!data) co_return false;
  auto items = imgur_gallery(*data, plan_.animations);
  if (!items) throw Failure(FailureKind::server_error, "Imgur's answer holds no gallery");
  if (items->empty()) {
    seen_.set_whole(true);
    co_return false;
  }
  std::optional<Failure> failure;
  try {
    co_await fill_albums(*items);
  } catch (const Failure& thrown) {
    failure = thrown;
  }
  // What is there is kept, though the poll ends.
  if (failure) std::erase_if(*items, [](const ImgurItem& item) { return !item.is_whole; });
  const bool is_enough = co_await add(std::move(*items));
  if (failure) throw Failure(*failure);
  co_return !is_enough;
}

/// Gets the images of all albums that the gallery shows a part of, so many albums at once.
Task<void> ImgurPoll::fill_albums(std::vector<ImgurItem>& items) {
  std::vector<ImgurItem*> waiting;
  for (auto& item : items) {
    if (!item.is_whole && !is_seen(item)) waiting.push_back(&item);
  }
  if (waiting.empty()) co_return;
  std::ranges::reverse(waiting);

  const auto executor = co_await asio::this_coro::executor;
  using Worker = decltype(asio::co_spawn(executor, fill_some(nullptr), asio::deferred));
  std::vector<Worker> workers;
  for (std::size_t i = std::min(plan_.albums_at_once, waiting.size()); i > 0; --i) {
    workers.push_back(asio::co_spawn(executor, fill_some(&waiting), asio::deferred));
  }
  auto group = asio::experimental::make_parallel_group(std::move(workers));
  const auto [order, failures] =
      co_await group.async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
  // Of the first one that failed: the others were cancelled for it.
  for (const auto index : order) {
    if (failures[index]) std::rethrow_exception(failures[index]);
  }
}

/// Takes albums from the end of `waiting` until there are none.
Task<void> ImgurPoll::fill_some(std::vector<ImgurItem*>* waiting) {
  while (!waiting->empty()) {
    auto* album = waiting->back();
    waiting->pop_back();
    co_await fill(album);
  }
}

Task<void> ImgurPoll::fill(ImgurItem* album) {
  std::optional<boost::json::value> data;
  try {
    data = co_await api_.get("/album/" + percent_encode(album->id), ImgurApi::Ask::always);
  } catch (const Failure& failure) {
    // Deleted since, or broken for Imgur itself; what the gallery shows of it is taken.
    const bool is_broken = failure.kind() == FailureKind::server_error && unread_.size() < kMaxUnreadAlbums;
    if (failure.kind() != FailureKind::not_found && !is_broken) throw;
    if (is_broken) {
      run_.note_unusable(1, fmt::format("album {} cannot be read whole: {}", album->id, failure.what()));
      unread_.insert(album->id);
    }
  }
  if (data) {
    auto records = imgur_album(*data, plan_.animations);
    if (!records.empty()) album->records = std::move(records);
  }
  album->is_whole = true;
}

Task<bool> ImgurPoll::add(std::vector<ImgurItem> items) {
  for (auto& item : items) {
    if (is_seen(item)) {
      skipped_in_a_row_ += item.images_count;
    } else if (!item.records.empty()) {
      const auto count = item.records.size();
      const auto added = co_await run_.add(std::move(item.records));
      known_in_a_row_ = added.known_in_a_row;
      if (known_in_a_row_ < count) skipped_in_a_row_ = 0;
    }
    if (item.is_album && !unread_.contains(item.id)) seen_.remember(name_of(item));
    if (may_stop_ && known_in_a_row_ + skipped_in_a_row_ >= plan_.stop_after) co_return true;
  }
  co_return false;
}

class ImgurKind final : public SourceKind {
 public:
  ImgurKind(Secret client_id, bool is_for_itself) : client_id_(std::move(client_id)), is_for_itself_(is_for_itself) {}

  std::string_view name() const override { return "imgur"; }
  std::string_view help() const override {
    return "The gallery of a tag or one album at Imgur, for those who have a Client-ID.";
  }
  UrlUse url_use() const override { return UrlUse::none; }
  std::span<const SettingSpec> settings() const override { return specs(); }
  SourceDefaults defaults() const override { return {.interval = std::chrono::hours(1), .rate_limit = 60}; }

  std::vector<SettingError> check(const SourceConfig& source) const override {
    std::vector<SettingError> errors;
    const bool has_tag = source.text("tag").has_value();
    const bool has_album = source.text("album").has_value();
    if (!has_tag && !has_album) errors.push_back({"/settings/tag", "is missing: give a tag or an album"});
    if (has_tag && has_album) errors.push_back({"/settings/album", "must be left out where a tag is given"});
    const auto id = client_id(source);
    if (id.empty()) errors.push_back({"/settings/client_id", why_no_client_id()});
    if (!is_header_safe(id.reveal())) errors.push_back({"/settings/client_id", "must be one line"});
    return errors;
  }

  Task<void> poll(const SourceConfig& source, PollRun& run) const override {
    auto id = client_id(source);
    if (id.empty()) throw Failure(FailureKind::bad_auth, fmt::format("client_id {}", why_no_client_id()));
    ImgurPoll poll(plan_for(source), ImgurApi(api_url(source), std::move(id), run), run);
    co_await poll.go();
  }

 private:
  /// The source's own, or else the program's. That one goes to Imgur alone, and where nobody else may add a source to a
  /// stand-in on this machine: others could have it sent anywhere otherwise.
  Secret client_id(const SourceConfig& source) const {
    auto own = source.secret("client_id");
    return own.empty() && may_have_ours(api_url(source)) ? client_id_ : own;
  }
  bool may_have_ours(const std::string& api) const {
    return is_public_api(api) || (is_for_itself_ && is_on_this_machine(api));
  }
  const char* why_no_client_id() const { return client_id_.empty() ? kNoClientId : kApiElsewhere; }

  Secret client_id_;
  bool is_for_itself_;
};

}  // namespace

std::unique_ptr<const SourceKind> imgur_kind(Secret client_id, bool is_for_itself) {
  return std::make_unique<ImgurKind>(std::move(client_id), is_for_itself);
}

}  // namespace creel
