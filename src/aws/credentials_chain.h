#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/credentials_source.h"
#include "base/log.h"

namespace creel::aws {

/// Asks one source after the other until one has credentials. Threads: its own
/// event loop.
class CredentialsChain final : public CredentialsProvider {
 public:
  explicit CredentialsChain(std::vector<std::unique_ptr<CredentialsSource>> sources) : sources_(std::move(sources)) {}

  /// @throws Failure bad_auth  no source has any, with what each said; or one
  /// has something that is wrong
  Task<Credentials> get() override;

 private:
  std::vector<std::unique_ptr<CredentialsSource>> sources_;
};

/// Credentials as the AWS tools find them, in their order: environment
/// variables, web identity token, the profile in the shared files, container
/// endpoint, instance metadata. They are kept and renewed before they expire.
/// @param context  must outlive what is returned
/// @param profile  by flag: then the environment's own credentials do not
/// count; empty for none
std::unique_ptr<CredentialsProvider> default_credentials(const CredentialsContext& context, const std::string& profile,
                                                         Log log);

}  // namespace creel::aws
