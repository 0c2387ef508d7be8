#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "aws/environment.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/http_client.h"

namespace CLI {
class App;
}

namespace creel {

/// How a command line says which backend is meant; empty where it says nothing.
struct ApiFlags {
  std::string url;
  std::string token_file;
  std::string data;
  std::string config;
};

/// --url, --token-file, --data and --config.
void add_api_flags(CLI::App& command, ApiFlags& flags);

/// A backend, and what opens it.
struct ApiTarget {
  Url base;
  Secret token;
};

/// Finds the backend: --url, CREEL_URL, or what serve.json in the data folder says; and a token: --token-file, CREEL_TOKEN,
/// or one made for five minutes with the secret that the configuration or the data folder has.
/// @throws Failure bad_request  there is no backend, or no token; the message says what to do
ApiTarget find_api(const ApiFlags& flags, const aws::Environment& environment, const Clock& clock);

/// Calls the API of a backend, one call after the other. Threads: one; every call blocks.
///
/// What the API refuses is thrown as a Failure whose message is for people: what the problem document says, and a line for
/// each field that is wrong. Kinds: bad_request, bad_auth, forbidden, not_found, server_error ...; connect and the like if
/// nobody answers.
class ApiClient {
 public:
  /// @param environment, clock  must outlive it
  ApiClient(ApiTarget target, const aws::Environment& environment, const Clock& clock);
  ~ApiClient();

  /// @param path  with its query, from "/" on
  boost::json::value get(const std::string& path);
  /// The answer; null if it has no body.
  boost::json::value send(HttpMethod method, const std::string& path);
  boost::json::value send(HttpMethod method, const std::string& path, const boost::json::value& body);

  /// Gives an answer's body piece by piece.
  void download(const std::string& path, const std::function<void(std::string_view)>& take);

  /// Where the answer sends those who ask for `path`; nothing if it is no redirect.
  std::optional<std::string> redirect_of(const std::string& path);

  const Url& base() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The message for people in a problem document, or in whatever else came with that status.
std::string problem_message(int status, std::string_view body);

}  // namespace creel
