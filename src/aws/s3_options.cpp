#include "aws/s3_options.h"

namespace creel::aws {

HttpClientOptions http_client_options(const S3Options& options, ProxySettings proxies) {
  HttpClientOptions http;
  http.user_agent = options.user_agent;
  http.address_policy = AddressPolicy::any;
  http.proxies = std::move(proxies);
  http.ca_file = options.ca_file;
  http.connect_timeout = options.connect_timeout;
  http.stall_timeout = options.socket_timeout;
  return http;
}

}  // namespace creel::aws
