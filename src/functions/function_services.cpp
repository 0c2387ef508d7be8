#include "functions/function_services.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "aws/credentials_chain.h"
#include "aws/settings.h"
#include "base/failure.h"
#include "functions/own_endpoints.h"
#include "net/ca_file.h"
#include "net/host_limits.h"
#include "net/resolver.h"
#include "store/adaptive_limit.h"
#include "store/folder_store.h"
#include "store/s3_store.h"

namespace creel {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;
/// The program itself, connections and answers.
constexpr std::size_t kBaseBytes = 64 * kMebibyte;
/// If the environment does not say: Lambda's least.
constexpr std::size_t kDefaultMemoryMb = 128;
constexpr std::size_t kDefaultPerHost = 32;
constexpr std::size_t kLookupThreads = 2;
constexpr std::size_t kPutsAtATime = 256;
constexpr const char* kFolderVariable = "CREEL_STORE_FOLDER";
constexpr std::size_t kFileThreads = 2;
/// Places that are remembered while nobody uses them.
constexpr std::size_t kMaxKeptPlaces = 64;
constexpr std::string_view kUserAgent = "creel/" CREEL_VERSION " (+" CREEL_HOMEPAGE ")";

/// @throws Failure bad_request  it is set to something else than a number above 0
std::size_t number_from(const aws::Environment& environment, const char* name, std::size_t fallback) {
  const auto text = environment.find(name);
  if (!text) return fallback;
  std::size_t number = 0;
  const auto* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || stop != end || number == 0) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("the variable {} is '{}', which is no number above 0", name, *text));
  }
  return number;
}

void use_roots(HttpClientOptions& options, const aws::Environment& environment,
               const std::vector<std::string_view>& variables) {
  auto roots = find_ca_roots(variables, [&environment](std::string_view name) { return environment.find(name); });
  options.ca_file = std::move(roots.file);
  options.ca_folder = std::move(roots.folder);
  options.ca_failure = std::move(roots.failure);
}

ProxySettings proxies(const aws::Environment& environment) {
  return proxies_from([&environment](std::string_view name) { return environment.find(name); });
}

HttpClientOptions fetch_options(const aws::Environment& environment, HttpVersion version,
                                std::shared_ptr<HostLimits> limits) {
  const bool allows_private = environment.find("CREEL_ALLOW_PRIVATE_NETWORK").value_or("") == "1";
  HttpClientOptions options{.user_agent = std::string(kUserAgent),
                            .address_policy = allows_private ? AddressPolicy::private_too : AddressPolicy::public_only,
                            .blocked_endpoints = own_endpoints(environment),
                            .proxies = proxies(environment),
                            .version = version,
                            .host_limits = std::move(limits)};
  use_roots(options, environment, {"SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE"});
  return options;
}

aws::S3Options s3_options(const aws::Environment& environment) {
  const auto settings = aws::find_settings({}, environment);
  return {.endpoint_url = settings.endpoint_url,
          .region = settings.region,
          .ca_file = settings.ca_file,
          .user_agent = std::string(kUserAgent)};
}

HttpClientOptions store_http_options(const aws::Environment& environment, const aws::S3Options& s3) {
  auto options = aws::http_client_options(s3, proxies(environment));
  if (options.ca_file.empty()) {
    use_roots(options, environment, {"AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"});
  }
  return options;
}

}  // namespace

std::size_t image_memory(std::size_t function_memory_bytes) {
  const auto left = function_memory_bytes - std::min(function_memory_bytes, kBaseBytes);
  return std::max(ByteBudget::kSmallestCapacity, left / 4 * 3);
}

struct FunctionServices::Parts {
  /// One place, with what puts images there.
  struct Place {
    Place(Parts& parts, const std::string& bucket, const std::string& key_prefix)
        : limit(kPutsAtATime, parts.clock),
          store(make_store(parts, bucket, key_prefix)),
          storer(parts.http, parts.http1, *store, parts.budget, parts.blocks, parts.clock) {}

    std::unique_ptr<ObjectStore> make_store(Parts& parts, const std::string& bucket, const std::string& key_prefix) {
      if (parts.folder) return parts.folder->make_store(key_prefix);
      const S3StoreOptions place{.bucket = bucket, .prefix = key_prefix};
      return std::make_unique<S3Store>(parts.s3, place, limit, nullptr, parts.log);
    }

    AdaptiveLimit limit;
    std::unique_ptr<ObjectStore> store;
    ImageStorer storer;
  };

  /// The folder that takes the place of all buckets.
  struct Folder {
    std::unique_ptr<FolderStore> make_store(const std::string& key_prefix) {
      return std::make_unique<FolderStore>(root, files, nullptr, key_prefix);
    }

    std::filesystem::path root;
    asio::thread_pool files{kFileThreads};
  };

  static std::unique_ptr<Folder> folder_from(const aws::Environment& environment) {
    const auto root = environment.find(kFolderVariable);
    if (!root) return nullptr;
    if (!root->starts_with('/')) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("the variable {} is '{}', which is no absolute path", kFolderVariable, *root));
    }
    auto folder = std::make_unique<Folder>();
    folder->root = *root;
    return folder;
  }

  Parts(const asio::any_io_executor& loop, const aws::Environment& environment, const Clock& our_clock, Log our_log)
      : clock(our_clock),
        log(std::move(our_log)),
        options(s3_options(environment)),
        resolver(clock, system_lookup, {.threads = kLookupThreads}),
        budget(image_memory(number_from(environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", kDefaultMemoryMb) * kMebibyte)),
        host_limits(std::make_shared<HostLimits>(number_from(environment, "CREEL_PER_HOST", kDefaultPerHost))),
        http(loop, fetch_options(environment, HttpVersion::best, host_limits), resolver),
        http1(loop, fetch_options(environment, HttpVersion::http1, host_limits), resolver),
        store_http(loop, store_http_options(environment, options), resolver),
        credentials_context{environment, store_http, programs, clock, system_random()},
        credentials(aws::default_credentials(credentials_context, "", log)),
        s3({store_http, *credentials, quota, clock, system_random()}, options),
        folder(folder_from(environment)) {}

  const Clock& clock;
  const Log log;
  const aws::S3Options options;
  Resolver resolver;
  ByteBudget budget;
  BlockPool blocks;
  std::shared_ptr<HostLimits> host_limits;
  HttpClient http;
  HttpClient http1;
  HttpClient store_http;
  /// For profiles that run programs.
  asio::thread_pool programs{1};
  aws::CredentialsContext credentials_context;
  std::unique_ptr<aws::CredentialsProvider> credentials;
  aws::RetryQuota quota;
  aws::S3Client s3;
  /// Null where images go into buckets.
  std::unique_ptr<Folder> folder;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Place>> places;
};

FunctionServices::FunctionServices(aws::Environment environment, const Clock& clock, Log log)
    : environment_(std::move(environment)), clock_(clock), log_(std::move(log)) {}

FunctionServices::~FunctionServices() = default;

FunctionServices::Parts& FunctionServices::parts(const asio::any_io_executor& loop) {
  if (!parts_) parts_ = std::make_unique<Parts>(loop, environment_, clock_, log_);
  return *parts_;
}

Task<std::vector<aws::S3NotDeleted>> FunctionServices::remove(asio::any_io_executor loop, std::string bucket,
                                                              std::vector<std::string> keys) {
  auto& all = parts(loop);
  if (!all.folder) co_return co_await all.s3.delete_objects(std::move(bucket), std::move(keys));
  const auto store = all.folder->make_store("");
  std::vector<aws::S3NotDeleted> left;
  for (auto& key : keys) {
    std::optional<Failure> failure;
    try {
      co_await store->remove(ObjectKey{key});
    } catch (const Failure& thrown) {
      failure = thrown;
    }
    if (failure) left.push_back({std::move(key), *failure});
  }
  co_return left;
}

std::shared_ptr<ImageStorer> FunctionServices::storer(const asio::any_io_executor& loop, const std::string& bucket,
                                                      const std::string& key_prefix) {
  auto& all = parts(loop);
  auto& place = all.places[{bucket, key_prefix}];
  if (!place) {
    place = std::make_shared<Parts::Place>(all, bucket, key_prefix);
    if (all.places.size() > kMaxKeptPlaces) {
      std::erase_if(all.places,
                    [&place](const auto& kept) { return kept.second != place && kept.second.use_count() == 1; });
    }
  }
  return {place, &place->storer};
}

}  // namespace creel
