#include "net/resolver.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <sys/socket.h>
#include <unordered_map>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/wakeup.h"

namespace creel {
namespace asio = boost::asio;

/// What is known of one name. While it is looked up, those who ask wait for the one answer.
struct Answer {
  bool ready = false;
  Resolver::Addresses addresses;
  std::string failure;
  SteadyTime valid_until{};
  std::vector<std::shared_ptr<Wakeup>> waiting;
};

class Resolver::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const Clock& clock, Lookup lookup, ResolverOptions options)
      : clock_(clock), lookup_(std::move(lookup)), options_(options), threads_(options.threads) {}

  Task<Addresses> resolve(std::string host, SteadyTime deadline) {
    auto answer = find(host);
    if (!answer) {
      const auto executor = co_await asio::this_coro::executor;
      const auto wakeup = std::make_shared<Wakeup>(executor);
      answer = ask(host, wakeup);
      // Nobody is woken who no longer waits: the event loop may be gone when the answer comes.
      struct Asker {
        std::shared_ptr<Impl> impl;
        std::shared_ptr<Answer> answer;
        std::shared_ptr<Wakeup> wakeup;
        ~Asker() { impl->leave(*answer, wakeup); }
      };
      const Asker asker{shared_from_this(), answer, wakeup};
      if (!co_await wakeup->wait(deadline)) {
        throw Failure(FailureKind::dns, fmt::format("looking up '{}' took too long", host));
      }
    }
    const std::scoped_lock lock(mutex_);
    if (answer->addresses.empty()) throw Failure(FailureKind::dns, answer->failure);
    co_return answer->addresses;
  }

  void stop() {
    threads_.stop();
    threads_.join();
  }

 private:
  /// The answer that is known and still believed.
  std::shared_ptr<Answer> find(const std::string& host) {
    const std::scoped_lock lock(mutex_);
    const auto found = answers_.find(host);
    return found != answers_.end() && is_believed(*found->second) ? found->second : nullptr;
  }

  bool is_believed(const Answer& answer) const { return answer.ready && answer.valid_until > clock_.steady_now(); }

  /// Joins the look-up that is under way, or starts one; or notifies at once if one has just ended.
  std::shared_ptr<Answer> ask(const std::string& host, const std::shared_ptr<Wakeup>& wakeup) {
    const std::scoped_lock lock(mutex_);
    make_room();
    auto& slot = answers_[host];
    if (!slot || (slot->ready && !is_believed(*slot))) {
      slot = std::make_shared<Answer>();
      asio::post(threads_, [this, host, answer = slot] { look_up(host, *answer); });
    }
    if (slot->ready) {
      wakeup->notify();
    } else {
      slot->waiting.push_back(wakeup);
    }
    return slot;
  }

  void leave(Answer& answer, const std::shared_ptr<Wakeup>& wakeup) {
    const std::scoped_lock lock(mutex_);
    std::erase(answer.waiting, wakeup);
  }

  void look_up(const std::string& host, Answer& answer) {
    Addresses addresses;
    std::string failure;
    try {
      addresses = lookup_(host);
    } catch (const Failure& reason) {
      failure = reason.what();
    }
    const std::scoped_lock lock(mutex_);
    answer.valid_until = clock_.steady_now() + (addresses.empty() ? options_.negative_ttl : options_.positive_ttl);
    answer.addresses = std::move(addresses);
    answer.failure = failure.empty() ? fmt::format("'{}' has no address", host) : std::move(failure);
    answer.ready = true;
    for (const auto& wakeup : answer.waiting) Wakeup::post_notify(wakeup);
    answer.waiting.clear();
  }

  /// Forgets what is no longer believed once there are too many names, and if need be all that is not under
  /// way.
  void make_room() {
    if (answers_.size() <= options_.max_cached_names) return;
    const auto now = clock_.steady_now();
    std::erase_if(answers_, [&](const auto& entry) { return entry.second->ready && entry.second->valid_until <= now; });
    if (answers_.size() <= options_.max_cached_names) return;
    std::erase_if(answers_, [](const auto& entry) { return entry.second->ready; });
  }

  const Clock& clock_;
  const Lookup lookup_;
  const ResolverOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Answer>> answers_;
  asio::thread_pool threads_;
};

Resolver::Resolver(const Clock& clock, Lookup lookup, ResolverOptions options)
    : impl_(std::make_shared<Impl>(clock, std::move(lookup), options)) {}

Resolver::~Resolver() {
  impl_->stop();
}

Task<Resolver::Addresses> Resolver::resolve(std::string host, SteadyTime deadline) {
  boost::system::error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) co_return Addresses{literal};
  co_return co_await impl_->resolve(std::move(host), deadline);
}

Resolver::Addresses system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    throw Failure(FailureKind::dns, fmt::format("cannot find the host '{}': {}", host, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  Resolver::Addresses addresses;
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      const auto* in = reinterpret_cast<const sockaddr_in*>(entry->ai_addr);
      addresses.emplace_back(asio::ip::address_v4(ntohl(in->sin_addr.s_addr)));
    } else if (entry->ai_family == AF_INET6) {
      const auto* in = reinterpret_cast<const sockaddr_in6*>(entry->ai_addr);
      asio::ip::address_v6::bytes_type bytes;
      std::copy_n(in->sin6_addr.s6_addr, bytes.size(), bytes.begin());
      addresses.emplace_back(asio::ip::address_v6(bytes, in->sin6_scope_id));
    }
  }
  return addresses;
}

}  // namespace creel
