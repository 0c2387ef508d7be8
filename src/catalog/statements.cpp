#include "catalog/statements.h"

#include <soci/soci.h>

namespace creel {

bool query_row(soci::statement& statement) {
  if (!statement.execute(true)) return false;
  while (statement.fetch()) {
  }
  return true;
}

long long change_rows(soci::statement& statement) {
  statement.execute(true);
  return statement.get_affected_rows();
}

}  // namespace creel
