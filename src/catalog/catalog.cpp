#include "catalog/catalog.h"

#include <soci/soci.h>

#include "catalog/catalog_connector.h"
#include "catalog/sql_failure.h"

namespace creel {

Catalog::Catalog(std::shared_ptr<const CatalogConnector> connector) : connector_(std::move(connector)) {}
Catalog::~Catalog() = default;

std::unique_ptr<Catalog> Catalog::another() const {
  return std::make_unique<Catalog>(connector_);
}

Dialect Catalog::dialect() const {
  return connector_->dialect();
}

const std::string& Catalog::name() const {
  return connector_->name();
}

const CatalogAdvice& Catalog::advice() const {
  return connector_->advice();
}

std::shared_ptr<soci::session> Catalog::connect() {
  if (session_) return session_;
  try {
    session_ = connector_->connect();
  } catch (...) {
    rethrow_named(name(), advice());
  }
  return session_;
}

void Catalog::check_in_place() const {
  connector_->check_in_place();
}

bool Catalog::drop_if_broken() {
  if (!session_ || connector_->is_sound(*session_)) return false;
  session_.reset();
  return true;
}

}  // namespace creel
