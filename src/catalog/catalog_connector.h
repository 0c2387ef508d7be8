#pragma once

#include <memory>
#include <string>

#include "catalog/catalog.h"

namespace creel {

/// Makes connections to one database. Threads: any.
class CatalogConnector {
 public:
  CatalogConnector(Dialect dialect, std::string name, CatalogAdvice advice)
      : dialect_(dialect), name_(std::move(name)), advice_(std::move(advice)) {}
  virtual ~CatalogConnector() = default;

  /// A new connection that is set up for the repositories.
  /// @throws soci::soci_error | Failure
  virtual std::shared_ptr<soci::session> connect() const = 0;

  /// Looks, at little cost, whether the database is still the one that was opened; called before each transaction.
  /// @throws CatalogUnavailable  it is not
  virtual void check_in_place() const {}

  /// False for a connection that was lost, or that is stuck in a transaction.
  virtual bool is_sound(soci::session& session) const = 0;

  Dialect dialect() const { return dialect_; }
  const std::string& name() const { return name_; }
  const CatalogAdvice& advice() const { return advice_; }

 private:
  Dialect dialect_;
  std::string name_;
  CatalogAdvice advice_;
};

}  // namespace creel
