#pragma once

#include <optional>
#include <string>

#include "aws/service_transport.h"

namespace creel::aws {

/// Where a function's log lines go.
struct LogGroup {
  std::string name;
  /// Nothing: they are kept for ever.
  std::optional<int> retention_days;

  bool operator==(const LogGroup&) const = default;
};

/// Log groups, over CloudWatch Logs' JSON API. Threads: its own event loop.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
class LogsClient {
 public:
  /// @param endpoint_url  of a compatible service; empty for AWS
  /// @throws Failure bad_url
  LogsClient(ServiceContext context, const std::string& region, const std::string& endpoint_url);

  /// All of these throw ServiceError, and what `ServiceTransport::execute`
  /// throws.
  Task<std::optional<LogGroup>> find_group(std::string name);
  /// One that is there already is left as it is.
  Task<void> create_group(std::string name);
  /// @param days  one of those that the service knows: see
  /// `is_log_retention`
  Task<void> put_retention(std::string name, int days);

  const ServiceEndpoint& endpoint() const { return transport_.endpoint(); }

 private:
  Task<std::string> call(std::string operation, std::string name, std::string body);

  ServiceTransport transport_;
};

/// True if the service can keep log lines for this number of days.
bool is_log_retention(int days);

}  // namespace creel::aws
