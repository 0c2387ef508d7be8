#include "cli/destination.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/credentials_chain.h"
#include "aws/s3_client.h"
#include "base/failure.h"
#include "base/hash.h"
#include "base/text.h"
#include "store/adaptive_limit.h"
#include "store/folder_store.h"
#include "store/s3_store.h"

namespace creel {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kBucketScheme = "s3://";
constexpr std::size_t kFileThreads = 8;
constexpr std::size_t kShownNameBytes = 60;

/// What a file may be called after a destination, so that people know it when they see it.
std::string readable_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
    if (is_plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  if (name.size() > kShownNameBytes) name = name.substr(name.size() - kShownNameBytes);
  return name;
}

}  // namespace

std::string Destination::text() const {
  if (!is_bucket()) return folder.string();
  return prefix.empty() ? fmt::format("s3://{}", bucket) : fmt::format("s3://{}/{}", bucket, prefix);
}

Destination parse_destination(std::string_view text) {
  Destination destination;
  if (!text.starts_with(kBucketScheme)) {
    if (text.empty() || text.find("://") != std::string_view::npos) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("'{}' is no destination: name a folder, or s3://bucket/prefix", text));
    }
    destination.folder = fs::absolute(fs::path(text)).lexically_normal();
    if (!destination.folder.has_filename()) destination.folder = destination.folder.parent_path();
    return destination;
  }
  auto rest = text.substr(kBucketScheme.size());
  const auto slash = rest.find('/');
  destination.bucket = rest.substr(0, slash);
  if (destination.bucket.empty()) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("'{}' names no bucket: write it like s3://bucket/prefix", text));
  }
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
  while (rest.starts_with('/')) rest.remove_prefix(1);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  destination.prefix = rest;
  return destination;
}

/// What the stores of one bucket share.
struct Stores::Bucket {
  Bucket(const aws::AwsFlags& flags, const aws::Environment& surroundings, std::size_t concurrency, const Clock& clock)
      : environment(surroundings), settings(aws::find_settings(flags, surroundings)), limit(concurrency, clock) {}

  const aws::Environment& environment;
  aws::AwsSettings settings;
  aws::RetryQuota quota;
  AdaptiveLimit limit;
};

namespace {

/// The store of one event loop, with all that it stands on.
struct BucketStore {
  BucketStore(const boost::asio::any_io_executor& executor, const aws::S3Options& options, ProxySettings proxies,
              Resolver& resolver)
      : http(executor, aws::http_client_options(options, std::move(proxies)), resolver) {}

  HttpClient http;
  std::unique_ptr<aws::CredentialsContext> credentials_context;
  std::unique_ptr<aws::CredentialsProvider> credentials;
  std::unique_ptr<aws::S3Client> client;
  std::unique_ptr<S3Store> store;
};

}  // namespace

Stores::Stores(StoresOptions options, const aws::Environment& environment, Resolver& resolver, const Clock& clock,
               Log log, UploadListener& listener)
    : options_(std::move(options)),
      resolver_(resolver),
      clock_(clock),
      log_(std::move(log)),
      listener_(listener),
      files_(kFileThreads) {
  const auto& destination = options_.destination;
  if (destination.is_bucket()) {
    bucket_ = std::make_unique<Bucket>(options_.aws, environment, options_.concurrency, clock);
  } else {
    folder_ = std::make_shared<FolderStore>(destination.folder, files_, &listener);
  }
}

Stores::~Stores() {
  files_.join();
}

std::shared_ptr<ObjectStore> Stores::make(const boost::asio::any_io_executor& executor) {
  if (folder_) return folder_;
  auto s3 = options_.s3;
  s3.endpoint_url = bucket_->settings.endpoint_url;
  s3.region = bucket_->settings.region;
  s3.ca_file = bucket_->settings.ca_file;
  s3.user_agent = options_.user_agent;
  const auto parts = std::make_shared<BucketStore>(executor, s3, options_.proxies, resolver_);
  parts->credentials_context =
      std::make_unique<aws::CredentialsContext>(aws::CredentialsContext{.environment = bucket_->environment,
                                                                        .http = parts->http,
                                                                        .threads = files_,
                                                                        .clock = clock_,
                                                                        .random = system_random()});
  parts->credentials = aws::default_credentials(*parts->credentials_context, options_.aws.profile, log_);
  parts->client = std::make_unique<aws::S3Client>(
      aws::S3Context{parts->http, *parts->credentials, bucket_->quota, clock_, system_random()}, s3);
  parts->store = std::make_unique<S3Store>(
      *parts->client, S3StoreOptions{.bucket = options_.destination.bucket, .prefix = options_.destination.prefix},
      bucket_->limit, &listener_, log_);
  return {parts, parts->store.get()};
}

fs::path default_state_file(const Destination& destination, std::string_view endpoint_url) {
  const auto identity = fmt::format("{}\n{}", destination.text(), endpoint_url);
  return fs::path("creel-data") /
         fmt::format("mirror-{}-{}.db", readable_name(destination.text()), short_hash(identity));
}

}  // namespace creel
