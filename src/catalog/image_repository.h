#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "catalog/catalog.h"

namespace creel {

enum class SourceId : std::int64_t {};
enum class PollId : std::int64_t {};
enum class ImageRow : std::int64_t {};

/// In which queue an image waits: the number of its poll for a job that runs once, `kBackendQueue` for the backend.
enum class QueueId : std::int64_t {};
inline constexpr QueueId kBackendQueue{0};
inline QueueId queue_of(PollId poll) {
  return QueueId{static_cast<std::int64_t>(poll)};
}

/// Numbers are persisted.
enum class ImageState : std::uint8_t { pending = 0, storing = 1, stored = 2, failed = 3, deleted = 4 };

/// An image as a poll found it. (source, image_id) is its identity.
struct FoundImage {
  std::string image_id;
  std::string url;
  /// The URL's authority: limits, order and back-off go by it.
  std::string host;
  std::string folder;
  std::string file_name;
  /// JSON objects of strings; empty for none.
  std::string fetch_headers;
  std::string meta;
  // What the source tells of it, as in ImageRecord.
  std::optional<std::string> title{};
  std::optional<std::string> description{};
  std::optional<std::string> attribution_id{};
  std::optional<std::string> attribution_name{};
  std::optional<std::string> attribution_url{};
  std::optional<std::string> page_url{};
  /// A content type.
  std::optional<std::string> type{};
  std::optional<std::uint32_t> width{};
  std::optional<std::uint32_t> height{};
  std::optional<bool> nsfw{};
  std::optional<SystemTime> published_at{};
};

/// What the catalog knows of an image that was stored.
struct StoredFacts {
  std::string key;
  std::string final_url;
  std::string etag;
  std::string content_type;
  std::string sha256;
  std::uint64_t size_bytes = 0;
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> height;
  /// Where people find the object; empty if nobody said.
  std::string store_url{};
  /// The origin's validators, as far as it sent any.
  std::string origin_etag{};
  std::string origin_last_modified{};
};

/// Why an image failed.
struct FailureFacts {
  FailureKind kind = FailureKind::internal;
  std::string message;
};

/// What became of an image that a poll found.
struct Sighting {
  enum class What : std::uint8_t {
    /// It waits to be fetched: new, or left over from an earlier poll, or given another chance.
    pending,
    /// It was stored before this poll.
    stored,
    /// It failed for good before this poll.
    failed,
    /// A tombstone: deleted, and not to be brought back.
    deleted,
    /// This poll has seen it already.
    repeated,
  };
  What what = What::pending;
  /// The catalog had not known it.
  bool is_new = false;
  ImageRow row{};
  /// Set for `stored`.
  std::optional<StoredFacts> stored{};
  /// Set for `failed`.
  std::optional<FailureFacts> failure{};
  int attempts = 0;
};

/// Which images that failed get another chance when a poll sees them again. Those whose kind is retryable do so unasked:
/// always in a job that runs once, in the backend when a day has gone by since they failed.
struct RetryFailed {
  bool all = false;
  std::optional<FailureKind> kind;
  /// Brings back what was deleted as well: a person asks for it.
  bool deleted = false;
};

/// An image taken out of the queue to be stored.
struct LeasedImage {
  ImageRow row{};
  SourceId source{};
  FoundImage image;
  /// Tries that have failed.
  int attempts = 0;
  /// An earlier lease ended without an outcome, so the object may be in the store already.
  bool interrupted = false;
  /// When it was found, if it has waited for this lease since then: nothing has been tried before.
  std::optional<SystemTime> waits_since{};
};

/// The keys that an image may come to have, by the type of its bytes.
using PossibleKeys = std::function<std::vector<std::string>(const FoundImage&)>;

struct LeaseQuery {
  QueueId queue{};
  /// Who takes them: the name of a program among those that share the catalog; empty if there are no others.
  std::string owner{};
  SystemTime now;
  SystemTime lease_until;
  std::size_t max_images = 1000;
  /// How many more hosts than those in `room` may be taken from, and how many images from each.
  std::size_t max_new_hosts = 100;
  std::size_t room_per_new_host = 64;
  /// Hosts whose room differs: 0 passes a host over.
  std::unordered_map<std::string, std::size_t> room{};
  /// Where keys are made of names: an image whose name would put it in the place of another gets one of its own (see
  /// own_name.h), and so is one whose name one has that is deleted and whose object is still to be removed. Empty: names stay as they are.
  PossibleKeys possible_keys{};
};

struct Leased {
  std::vector<LeasedImage> images;
  /// True if images of this queue wait that this query passed over: their host had no room, their time has not
  /// come, or a limit was reached. False: nothing waits any more.
  bool more = false;
};

/// How one lease ended.
struct LeaseOutcome {
  /// Back into the queue, to be tried again not before a time.
  struct Again {
    FailureFacts failure;
    SystemTime not_before;
  };
  /// Back into the queue as it was: the work was not done, and that is not the image's fault.
  enum class Released : std::uint8_t {
    /// Nobody began it.
    untouched,
    /// It was begun, so the object may be in the store already.
    interrupted,
  };

  ImageRow row{};
  /// Tries that have failed; not looked at for `Released`.
  int attempts = 0;
  std::variant<StoredFacts, FailureFacts, Again, Released> result;
  /// Of an image that is stored: an object was there under its key, and was left as it is.
  bool object_was_kept = false;
  /// The same, and it has other bytes than the image.
  bool object_is_another = false;
};

/// What `record` does about images with one key and different bytes, of which the store can hold one alone.
enum class KeyClashes : std::uint8_t {
  /// Nothing: the later one wins.
  ignored,
  /// Each comes to have a key of its own. A put replaces what is there.
  settled_where_puts_replace,
  /// The same, where a put keeps what is there.
  settled_where_puts_keep,
};

/// What `record` found out.
struct Recorded {
  /// Were stored and had been deleted meanwhile: nobody else knows that they have objects.
  std::vector<ImageRow> deleted;
  /// The same, but the object under their key is about to be another's again: it is not to be removed.
  std::vector<ImageRow> deleted_in_use;
  /// Are to be fetched anew: their objects may be overwritten, or are another's.
  std::vector<ImageRow> queued_again;
};

/// The objects of an image that was deleted when they may have been on their way into the store.
struct ObjectRemoval {
  ImageRow row{};
  /// Under which it may have one that is no other's.
  std::vector<std::string> keys;
  /// Under which others are stored.
  std::vector<std::string> shared_keys;
  /// An image is being stored that may come to have one of the keys: nothing is to be removed now.
  bool is_held_up = false;
};

struct RemovalQuery {
  SystemTime now;
  /// Until when the removals that are answered with are nobody else's.
  SystemTime until;
  std::size_t max_images = 20;
  PossibleKeys possible_keys;
};

/// How the images of a poll stand.
struct PollCounts {
  std::uint64_t pending = 0;
  std::uint64_t storing = 0;
  std::uint64_t stored = 0;
  std::uint64_t failed = 0;
};

/// How many images of a host wait.
struct WaitingHost {
  std::string host;
  std::uint64_t images = 0;
};

/// The images of the catalog and the queues that they form. Threads: as the catalog, which it must not
/// outlive.
///
/// A call that throws has changed nothing, and the repository can be used on; a connection that was lost is made anew by
/// the next call. One exception: if the connection goes while a call is being committed, nobody knows whether it was.
/// So every call may be repeated: `see` and `record` then change nothing the second time, what a lost `lease` has
/// taken is given back by the next one, and a poll too many has no end.
/// @throws CatalogUnavailable  from every call: the database is away for now
/// @throws Failure internal    from every call: the database cannot be used; the message says what to do
class ImageRepository {
 public:
  explicit ImageRepository(Catalog& catalog);
  ~ImageRepository();

  /// The source of that name, made if there is none.
  SourceId source(const std::string& name, const std::string& type);

  /// Begins a poll of a source.
  PollId begin_poll(SourceId source, SystemTime now);

  /// Notes the end of a poll.
  void end_poll(PollId poll, SystemTime now);

  /// Adds what a poll has found, in one transaction, and says what became of each, in order. New ones wait in `queue`.
  ///
  /// Of the images that are known, those that wait or failed are queued again as the list has them (see RetryFailed),
  /// and those that are stored keep what is known of them. In the backend's queue an image that waits or is being stored
  /// stays as it is, so that polls of the same images over and over cost little.
  ///
  /// Text becomes UTF-8 without NUL.
  std::vector<Sighting> see(SourceId source, PollId poll, QueueId queue, std::span<const FoundImage> images,
                            RetryFailed retry, SystemTime now);

  /// Takes images out of a queue, in one transaction. Goes round the hosts, going on behind the
  /// host where the last call ended, so that a host with a million images never stands before the others;
  /// within a host the order is by time due, then as found. Hosts that are blocked (`block_host`) are passed
  /// over. Programs that lease at the same time never get the same image, and do not wait for each other.
  Leased lease(const LeaseQuery& query);

  /// Records how leases of `owner` ended, in one transaction; those that it does not hold any more are passed over.
  /// Recording the same outcome twice changes nothing.
  Recorded record(std::span<const LeaseOutcome> outcomes, const std::string& owner, SystemTime now,
                  KeyClashes clashes = KeyClashes::ignored);

  /// Prolongs all leases of `owner`. Returns how many it holds.
  std::uint64_t renew_leases(const std::string& owner, SystemTime until);

  /// Puts images back into their queues whose leases ran out: the program that held them is gone, so their objects may
  /// be in the store already. Returns how many.
  std::uint64_t take_back_leases(SystemTime now);

  /// The same with every lease of a queue, or of all: for a catalog that nobody else has open.
  std::uint64_t take_back_all(std::optional<QueueId> queue, SystemTime now);

  /// Takes on the removal of objects of images that were deleted while they were being stored, or after a lease without
  /// an outcome, once nobody can be storing them any more: if a program was killed between the store and its record,
  /// their objects are there. Those that were looked at longest ago come first.
  ///
  /// Until the removals are finished no image is leased with a name that leads to one of the keys; one that had such a
  /// name before is waited for. An image that is brought back meanwhile is not leased before the time is up.
  std::vector<ObjectRemoval> take_removals(const RemovalQuery& query);

  /// The same for the one object of an image that was deleted while it was being stored. False if it is not to be removed
  /// now: `take_removals` will come to it, or another has it.
  bool take_removal(ImageRow row, const std::string& key, const RemovalQuery& query);

  /// The objects are gone. Where puts replace what is there, those that are stored under shared keys may have been
  /// replaced: they go back into the queue. Returns how many.
  std::size_t finish_removals(std::span<const ObjectRemoval> removals, KeyClashes clashes, SystemTime now);

  /// Lets no image of `host` be leased before `until`; a time that has passed lifts it.
  void block_host(const std::string& host, SystemTime until);

  /// The earliest time at which a blocked host or a delayed image of this queue becomes due after `now`, if
  /// any waits.
  std::optional<SystemTime> next_due(QueueId queue, SystemTime now);

  PollCounts counts(PollId poll);

  /// The hosts with the most pending images of this poll, the largest first. Looks at all pending images.
  std::vector<WaitingHost> waiting_hosts(PollId poll, std::size_t max_hosts);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
