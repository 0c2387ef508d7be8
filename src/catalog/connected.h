#pragma once

#include <memory>
#include <type_traits>

#include <soci/soci.h>

#include "catalog/catalog.h"
#include "catalog/sql_failure.h"

namespace creel {

/// What a transaction is for. An SQLite catalog is locked for writing at once, so that no other connection writes
/// between what a transaction reads and what it writes.
enum class Access : std::uint8_t { read, write };

/// A transaction that is rolled back unless it was committed. Threads: as the session.
class Transaction {
 public:
  Transaction(soci::session& session, Dialect dialect, Access access);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  soci::session& session_;
  bool is_over_ = false;
};

/// What a repository has prepared on its connection: a `Parts`, made from (soci::session&, Dialect) when it is first
/// needed, and made anew after a failure and with a new connection. Threads: as the catalog, which it must not outlive.
///
/// A connection that turns out to be lost before a call has done anything is made anew within the call. One that is
/// lost later ends the call as CatalogUnavailable; whether to repeat it is for the caller to decide.
template <class Parts>
class Connected {
 public:
  explicit Connected(Catalog& catalog) : catalog_(catalog) {}

  /// Calls `work(Parts&)` in a transaction, and gives back what it returns. If it throws, nothing is changed.
  /// @throws CatalogUnavailable | Failure internal | what `work` throws
  template <class Work>
  auto write(Work work) {
    return transact(Access::write, std::move(work));
  }

  /// The same for work that only reads.
  template <class Work>
  auto read(Work work) {
    return transact(Access::read, std::move(work));
  }

 private:
  template <class Work>
  std::invoke_result_t<Work&, Parts&> transact(Access access, Work work) {
    try {
      const auto transaction = begin(access);
      if (!parts_) parts_ = std::make_unique<Parts>(*session_, catalog_.dialect());
      if constexpr (std::is_void_v<std::invoke_result_t<Work&, Parts&>>) {
        work(*parts_);
        transaction->commit();
      } else {
        auto result = work(*parts_);
        transaction->commit();
        return result;
      }
    } catch (...) {
      // What the parts remember may have been rolled back.
      parts_.reset();
      const bool is_lost = catalog_.drop_if_broken();
      rethrow_as_failure(catalog_.advice(), is_lost);
    }
  }

  std::unique_ptr<Transaction> begin(Access access) {
    catalog_.check_in_place();
    take(catalog_.connect());
    try {
      return std::make_unique<Transaction>(*session_, catalog_.dialect(), access);
    } catch (const soci::soci_error&) {
      if (!catalog_.drop_if_broken()) throw;
    }
    take(catalog_.connect());
    return std::make_unique<Transaction>(*session_, catalog_.dialect(), access);
  }

  void take(std::shared_ptr<soci::session> session) {
    if (session == session_) return;
    parts_.reset();
    session_ = std::move(session);
  }

  Catalog& catalog_;
  std::shared_ptr<soci::session> session_;
  // Goes before the session that it was prepared on.
  std::unique_ptr<Parts> parts_;
};

}  // namespace creel
