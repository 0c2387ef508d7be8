#pragma once

#include <string>

#include "aws/environment.h"
#include "net/proxy_settings.h"

namespace creel {

/// The variables and the home folder of this process.
aws::Environment process_environment();

/// The proxies that the variables name: see net/proxy_settings.h.
ProxySettings proxies_from(const aws::Environment& environment);

/// SSL_CERT_FILE: the CA certificates to trust instead of the system's; empty if not set.
std::string ca_file_from(const aws::Environment& environment);

/// What creel calls itself to servers: its name, version and project page.
std::string user_agent();

}  // namespace creel
