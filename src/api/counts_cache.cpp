#include "api/counts_cache.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/wakeup.h"
#include "catalog/catalog_service.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// A look is followed by so many times as long without one.
constexpr int kRest = 19;
/// What a request waits for rather than show counts of a moment ago.
constexpr std::chrono::milliseconds kWorthWaiting{25};

}  // namespace

Counts::ByState Counts::of(SourceId source) const {
  const auto found = by_source.find(source);
  return found == by_source.end() ? ByState{} : found->second;
}

Counts add_up(std::vector<ImageCount> rows, SystemTime as_of) {
  Counts counts;
  counts.as_of = as_of;
  counts.rows = std::move(rows);
  for (const auto& row : counts.rows) {
    const auto state = static_cast<std::size_t>(row.state);
    counts.all.at(state) += row.images;
    counts.by_source[row.source].at(state) += row.images;
    if (row.state == ImageState::stored) counts.stored_bytes += row.bytes;
    if (row.state == ImageState::failed && row.failure_kind) counts.by_failure_kind[*row.failure_kind] += row.images;
  }
  return counts;
}

class CountsCache::State : public std::enable_shared_from_this<CountsCache::State> {
 public:
  State(CatalogService& catalog, const Clock& clock) : catalog_(catalog), clock_(clock) {}

  Task<std::shared_ptr<const Counts>> get() {
    const auto self = shared_from_this();
    while (!last_ && looking_) {
      const auto turn = std::make_shared<Wakeup>(co_await asio::this_coro::executor);
      waiting_.push_back(turn);
      co_await turn->wait();
    }
    if (last_ && (looking_ || clock_.steady_now() < next_look_)) co_return last_;
    if (last_ && took_ > kWorthWaiting) {
      looking_ = true;
      asio::co_spawn(co_await asio::this_coro::executor, look(self), [self](const std::exception_ptr&) {
        // What went wrong is told to the next that finds no counts, or goes by itself.
        self->looking_ = false;
      });
      co_return last_;
    }
    co_await look(self);
    co_return last_;
  }

 private:
  static Task<void> look(std::shared_ptr<State> self) {
    self->looking_ = true;
    const auto started = self->clock_.steady_now();
    // Where it fails as well: a database that is away is not asked by every request.
    std::exception_ptr failure;
    try {
      auto rows =
          co_await self->catalog_.read([](Repositories& repositories) { return repositories.library.counts(); });
      self->last_ = std::make_shared<const Counts>(add_up(std::move(rows), self->clock_.now()));
    } catch (...) {
      failure = std::current_exception();
    }
    const auto ended = self->clock_.steady_now();
    self->took_ = ended - started;
    self->next_look_ = ended + kRest * self->took_;
    self->looking_ = false;
    for (const auto& turn : std::exchange(self->waiting_, {})) turn->notify();
    if (failure) std::rethrow_exception(failure);
  }

  CatalogService& catalog_;
  const Clock& clock_;
  std::shared_ptr<const Counts> last_;
  std::chrono::nanoseconds took_{0};
  SteadyTime next_look_{};
  bool looking_ = false;
  /// Those that came before there were any counts.
  std::vector<std::shared_ptr<Wakeup>> waiting_;
};

CountsCache::CountsCache(CatalogService& catalog, const Clock& clock)
    : state_(std::make_shared<State>(catalog, clock)) {}

CountsCache::~CountsCache() = default;

Task<std::shared_ptr<const Counts>> CountsCache::get() {
  return state_->get();
}

}  // namespace creel
