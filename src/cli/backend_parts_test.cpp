#include "cli/backend_parts.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

TEST(BackendParts, ImagesAreTreatedAsTheConfigurationSays) {
  ServeConfig config;
  config.store.key_mode = KeyMode::content;
  config.store.if_exists = IfExists::skip;
  config.ingest.ignore_opt_out = true;
  config.ingest.max_bytes = 1000;
  config.ingest.accept = {"image/png"};
  config.ingest.timeout = 5s;
  const auto job = job_options(config);
  EXPECT_EQ(job.key_mode, KeyMode::content);
  EXPECT_EQ(job.if_exists, IfExists::skip);
  EXPECT_EQ(job.opt_outs, OptOuts::ignore);
  EXPECT_EQ(job.max_bytes, 1000U);
  EXPECT_EQ(job.accept_types, std::vector<std::string>{"image/png"});
  EXPECT_EQ(job.timeout, 5s);
}

TEST(BackendParts, TheIngestNeverEndsByItself) {
  ServeConfig config;
  config.ingest.per_host = 3;
  config.ingest.retries = 1;
  config.ingest.lease = 90s;
  const auto options = ingest_options(config, "me");
  EXPECT_EQ(options.life, IngestLife::until_stopped);
  EXPECT_EQ(options.owner, "me");
  EXPECT_EQ(options.per_host, 3U);
  EXPECT_EQ(options.retries, 1);
  EXPECT_EQ(options.lease, 90s);
  EXPECT_LE(options.concurrency, config.ingest.concurrency);
}

TEST(BackendParts, ThroughLambdaAsManyImagesAreUnderWayAsItsBatchesCarry) {
  ServeConfig config;
  config.store.region = "eu-west-1";
  config.ingest.via = "lambda:fetch:live";
  config.ingest.lambda_endpoint_url = "http://127.0.0.1:9000";
  config.ingest.batch = 100;
  config.ingest.in_flight = 10;
  EXPECT_EQ(ingest_options(config, "").concurrency, 1000U);
  const auto route = route_options(config);
  EXPECT_EQ(route.function, "fetch");
  EXPECT_EQ(route.qualifier, "live");
  EXPECT_EQ(route.region, "eu-west-1");
  EXPECT_EQ(route.endpoint_url, "http://127.0.0.1:9000");
  EXPECT_EQ(route.batch, 100U);
  EXPECT_EQ(route.in_flight, 10U);
  EXPECT_FALSE(route_options(ServeConfig{}).is_used());
}

TEST(BackendParts, ThePollsKeepToTheConfiguredBounds) {
  ServeConfig config;
  config.sources.concurrency = 2;
  config.sources.shortest_interval = 1500ms;
  const auto options = scheduler_options(config, "me", false);
  EXPECT_EQ(options.owner, "me");
  EXPECT_EQ(options.concurrency, 2U);
  EXPECT_EQ(options.shortest_interval, 2s) << "never sooner than asked for";
  EXPECT_EQ(options.rate_limited_wait, 3h);
  EXPECT_EQ(scheduler_options(config, "me", true).renewal, 1s);
}

TEST(BackendParts, PrivateAddressesAreClosedUnlessTheConfigurationOpensThem) {
  ServeConfig config;
  EXPECT_EQ(web_options(config, {}).address_policy, AddressPolicy::public_only);
  config.sources.allow_private_network = true;
  EXPECT_EQ(web_options(config, {}).address_policy, AddressPolicy::private_too);
}

TEST(BackendParts, TheImgurClientIdComesFromTheEnvironmentOrAFile) {
  ServeConfig config;
  EXPECT_TRUE(source_kinds_options(config).fallback_secrets.empty());
  const auto file = std::filesystem::path(::testing::TempDir()) / "creel-imgur-client-id";
  std::ofstream(file) << "from-file\n";
  config.sources.imgur_client_id_file = file;
  EXPECT_EQ(source_kinds_options(config).fallback_secrets.at("imgur.client_id").reveal(), "from-file");
  config.sources.imgur_client_id = Secret("from-variable");
  EXPECT_EQ(source_kinds_options(config).fallback_secrets.at("imgur.client_id").reveal(), "from-variable");
  std::filesystem::remove(file);
}

TEST(BackendParts, FilesMayBeListsWhereNobodyElseMayMakeSources) {
  ServeConfig config;
  EXPECT_EQ(source_kinds_options(config).list_folders, std::vector<std::filesystem::path>{"/"});
  EXPECT_THAT(source_kinds_options(config).closed_list_folders, ::testing::Contains(config.server.data));
  EXPECT_TRUE(source_kinds_options(config).is_for_itself);
  config.server.public_url = "https://creel.example.com";
  EXPECT_TRUE(source_kinds_options(config).list_folders.empty());
  EXPECT_FALSE(source_kinds_options(config).is_for_itself);
  config.server.public_url.clear();
  config.auth.secret = Secret("0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(source_kinds_options(config).list_folders.empty());
  config.sources.list_folders = {"/srv/lists"};
  EXPECT_EQ(source_kinds_options(config).list_folders, std::vector<std::filesystem::path>{"/srv/lists"});
}

TEST(BackendParts, NoTwoProgramsHaveOneName) {
  EXPECT_NE(unique_owner(), unique_owner());
}

TEST(BucketForFunction, IsThatOfTheDestinationOrSaysWhatIsMissing) {
  EXPECT_EQ(bucket_for_function(parse_destination("s3://pictures/2026")), "pictures");
  EXPECT_THAT(bucket_for_function(parse_destination("/srv/pictures")), ::testing::HasSubstr("store-folder"));
}

}  // namespace
}  // namespace creel
