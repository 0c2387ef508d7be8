#include "aws/sigv4.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "aws/amz_time.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

/// Without blanks around it, and with one blank for each run of blanks inside.
std::string trim_all(std::string_view value) {
  std::string result;
  result.reserve(value.size());
  for (const char c : trim(value)) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank) {
      result += c;
    } else if (result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

/// What a signature says about headers: each as "name:value\n" in the order of
/// their names, and the names alone.
struct CanonicalHeaders {
  std::string lines;
  std::string names;
};

CanonicalHeaders canonical_headers(const SigV4Request& request) {
  std::multimap<std::string, std::string> fields{{"host", trim_all(request.host)}};
  for (const auto& [name, value] : request.headers) fields.emplace(ascii_lower(name), trim_all(value));

  CanonicalHeaders result;
  std::string_view previous;
  for (const auto& [name, value] : fields) {
    if (name == previous) {
      result.lines.pop_back();
      result.lines += ',' + value + '\n';
      continue;
    }
    result.lines += name + ':' + value + '\n';
    if (!result.names.empty()) result.names += ';';
    result.names += name;
    previous = name;
  }
  return result;
}

/// RFC 3986, 5.2.4, and runs of slashes made one, as AWS asks.
std::string normalise(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto segment : split(path, '/')) {
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string result = fmt::format("/{}", fmt::join(kept, "/"));
  if (path.ends_with('/') && !kept.empty()) result += '/';
  return result;
}

std::string canonical_request(const SigV4Request& request, std::string_view path, const CanonicalHeaders& headers) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, path, encode_query(request.query), headers.lines,
                     headers.names, request.payload_hash);
}

}  // namespace

std::string encode_path(const std::vector<std::string_view>& segments) {
  std::string path;
  for (const auto segment : segments) {
    path += '/';
    path += percent_encode(segment);
  }
  return path.empty() ? "/" : path;
}

std::string encode_query(const QueryParameters& parameters) {
  QueryParameters encoded;
  encoded.reserve(parameters.size());
  for (const auto& [name, value] : parameters) encoded.emplace_back(percent_encode(name), percent_encode(value));
  std::ranges::sort(encoded);
  std::string query;
  for (const auto& [name, value] : encoded) {
    if (!query.empty()) query += '&';
    query += name + '=' + value;
  }
  return query;
}

Url signed_url(std::string_view origin, std::string_view encoded_path, const QueryParameters& query) {
  const auto encoded_query = encode_query(query);
  auto text = fmt::format("{}{}", origin, encoded_path);
  if (!encoded_query.empty()) text += '?' + encoded_query;
  auto url = Url::parse(text);
  if (url.encoded_path() != encoded_path || url.encoded_query() != encoded_query) {
    throw Failure(FailureKind::bad_request, fmt::format("no request can carry the path {}", encoded_path));
  }
  return url;
}

void SigV4Signer::sign(SigV4Request& request, const Credentials& credentials, const std::string& region,
                       SystemTime now) {
  const auto scope = this->scope(region, now);
  request.headers.set("X-Amz-Date", scope.time);
  if (!credentials.session_token.empty()) {
    request.headers.set("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  if (flavour_ == SigV4Flavour::s3) request.headers.set("X-Amz-Content-Sha256", request.payload_hash);

  const auto headers = canonical_headers(request);
  const auto signed_text = canonical_request(request, canonical_path(request), headers);
  request.headers.set("Authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                                   credentials.access_key_id, scope.text, headers.names,
                                                   signature(credentials, region, scope, signed_text)));
}

void SigV4Signer::presign(SigV4Request& request, const Credentials& credentials, const std::string& region,
                          SystemTime now, std::chrono::seconds lifetime) {
  const auto scope = this->scope(region, now);
  const auto headers = canonical_headers(request);
  request.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  request.query.emplace_back("X-Amz-Credential", credentials.access_key_id + '/' + scope.text);
  request.query.emplace_back("X-Amz-Date", scope.time);
  request.query.emplace_back("X-Amz-Expires", std::to_string(lifetime.count()));
  request.query.emplace_back("X-Amz-SignedHeaders", headers.names);
  if (!credentials.session_token.empty()) {
    request.query.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  const auto signed_text = canonical_request(request, canonical_path(request), headers);
  request.query.emplace_back("X-Amz-Signature", signature(credentials, region, scope, signed_text));
}

SigV4Signer::Scope SigV4Signer::scope(const std::string& region, SystemTime now) const {
  auto time = format_amz_time(now);
  auto text = fmt::format("{}/{}/{}/aws4_request", std::string_view(time).substr(0, 8), region, service_);
  return {std::move(time), std::move(text)};
}

std::string SigV4Signer::canonical_path(const SigV4Request& request) const {
  if (flavour_ == SigV4Flavour::s3) return request.encoded_path;
  return percent_encode(normalise(request.encoded_path), "/");
}

std::string SigV4Signer::signature(const Credentials& credentials, const std::string& region, const Scope& scope,
                                   std::string_view canonical_request) {
  const auto text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, scope.time, scope.text, to_hex(sha256(canonical_request)));
  const auto& key = signing_key(credentials, region, std::string_view(scope.time).substr(0, 8));
  return to_hex(hmac_sha256(key, text));
}

const Sha256Digest& SigV4Signer::signing_key(const Credentials& credentials, const std::string& region,
                                             std::string_view day) {
  const auto& secret = credentials.secret_access_key;
  if (std::tie(key_origin_.day, key_origin_.region, key_origin_.secret_access_key) == std::tie(day, region, secret) &&
      !key_origin_.day.empty()) {
    return key_;
  }
  const auto first = "AWS4" + secret.reveal();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(first.data());
  const auto day_key = hmac_sha256(std::span(bytes, first.size()), day);
  const auto region_key = hmac_sha256(day_key, region);
  const auto service_key = hmac_sha256(region_key, service_);
  key_ = hmac_sha256(service_key, "aws4_request");
  key_origin_ = {std::string(day), region, secret};
  return key_;
}

}  // namespace creel::aws
