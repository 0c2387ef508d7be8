#pragma once

#include <memory>
#include <string>

#include "catalog/image_library.h"

namespace soci {
class session;
class statement;
}  // namespace soci

namespace creel {

/// A query for whole rows of images. Threads: as the session.
class ImageRowQuery {
 public:
  /// The columns that a query has to select, from `images i join sources s on s.id = i.source_id`.
  static const std::string& columns();

  /// Reads the rows of a statement that selects `columns()`. Bind what it uses by `bind`, then call `prepare`.
  explicit ImageRowQuery(soci::session& session);
  ~ImageRowQuery();

  void bind(const std::string& name, const long long& value);
  void bind(const std::string& name, const std::string& value);
  void prepare(const std::string& sql);

  /// Runs the query with what the bound variables hold now; true if there is a first row.
  bool execute();
  bool fetch();
  ImageDetails row() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
