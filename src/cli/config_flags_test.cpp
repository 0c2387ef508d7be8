#include "cli/config_flags.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "cli/config_key.h"

namespace creel {
namespace {

class ConfigFlagsTest : public ::testing::Test {
 protected:
  ConfigFlagsTest() { add_config_flags(app_, flags_); }

  const ConfigFlags& parse(std::vector<std::string> arguments) {
    flags_.clear();
    std::ranges::reverse(arguments);
    app_.parse(std::move(arguments));
    return flags_;
  }

  CLI::App app_;
  ConfigFlags flags_;
};

TEST_F(ConfigFlagsTest, ThereIsOneForEveryKeyThatMayBeSeen) {
  for (const auto& key : config_keys()) {
    EXPECT_EQ(app_.get_option_no_throw(key.flag()) != nullptr, key.is_in_file()) << key.flag();
  }
}

TEST_F(ConfigFlagsTest, NothingIsSaidWhereNoFlagIsGiven) {
  EXPECT_EQ(parse({}), ConfigFlags{});
}

TEST_F(ConfigFlagsTest, TheShortNamesMeanTheSame) {
  const ConfigFlags expected{{"server.listen", "127.0.0.1:0"}, {"store.to", "s3://b"}};
  EXPECT_EQ(parse({"--listen", "127.0.0.1:0", "--to", "s3://b"}), expected);
  EXPECT_EQ(parse({"--server-listen", "127.0.0.1:0", "--store-to=s3://b"}), expected);
}

TEST_F(ConfigFlagsTest, TruthValuesNeedNoText) {
  EXPECT_EQ(parse({"--allow-private-network"}), (ConfigFlags{{"sources.allow_private_network", "true"}}));
  EXPECT_EQ(parse({"--allow-private-network=false"}), (ConfigFlags{{"sources.allow_private_network", "false"}}));
}

TEST_F(ConfigFlagsTest, TheHelpShowsTheDefaults) {
  const auto help = app_.help();
  EXPECT_NE(help.find("--listen,--server-listen"), std::string::npos) << help;
  EXPECT_NE(help.find("127.0.0.1:8080"), std::string::npos) << help;
  EXPECT_NE(help.find("[ingest]"), std::string::npos) << help;
}

}  // namespace
}  // namespace creel
