#include "catalog/intake_statements.h"

#include "catalog/bulk_intake.h"
#include "catalog/single_intake.h"

namespace creel {

std::unique_ptr<IntakeStatements> intake_statements(soci::session& session, Dialect dialect, HostTable& hosts) {
  if (dialect == Dialect::postgresql) return std::make_unique<BulkIntake>(session, hosts);
  return std::make_unique<SingleIntake>(session, hosts);
}

}  // namespace creel
