#include "cli/serve_config.h"

#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "cli/config_key.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

aws::Environment surroundings(std::map<std::string, std::string, std::less<>> variables = {}) {
  return {.variable = [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }};
}

class ServeConfigTest : public ::testing::Test {
 protected:
  ServeConfigTest() { fs::create_directories(folder_); }
  ~ServeConfigTest() override { fs::remove_all(folder_); }

  fs::path file(const std::string& text) const {
    const auto path = folder_ / "creel.toml";
    std::ofstream(path) << text;
    return path;
  }

  ServeConfig load(const std::string& text, aws::Environment environment = surroundings(),
                   const ConfigFlags& flags = {}) const {
    return load_serve_config(file(text), environment, flags);
  }

  std::string refusal(const std::string& text, aws::Environment environment = surroundings(),
                      const ConfigFlags& flags = {}) const {
    try {
      load(text, std::move(environment), flags);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      return failure.what();
    }
    ADD_FAILURE() << "nothing was refused: " << text;
    return "";
  }

  fs::path folder_ = fs::path(::testing::TempDir()) /
                     (std::string("creel-config-") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

/// A value that is right for a key and differs from its default.
std::string other_value(const ConfigKey& key) {
  const auto name = key.full_name();
  if (name == "server.listen") return "127.0.0.1:0";
  if (name == "database.url") return "postgresql://creel@db/creel";
  if (name == "store.to") return "s3://bucket/prefix";
  if (name == "store.key_mode") return "content";
  if (name == "store.if_exists") return "skip";
  if (name == "ingest.via") return "lambda:fetch:live";
  if (name == "ingest.accept") return "image/png,image/gif";
  if (name == "log.level") return "debug";
  if (name == "log.format") return "json";
  if (name == "log.output") return "stdout";
  if (name.ends_with("_url")) return "https://a.example/";
  switch (key.type) {
    case ConfigType::integer: return "17";
    case ConfigType::size: return "77MiB";
    case ConfigType::duration: return "77s";
    case ConfigType::boolean: return "true";
    default: return "/somewhere";
  }
}

/// What has to be set beside a key, and as the file says it; nothing for most.
struct Companion {
  std::string text;
  std::function<void(ServeConfig&)> set = [](ServeConfig&) {};
};

Companion companion_of(const ConfigKey& key) {
  if (key.full_name() == "ingest.via") {
    return {"[store]\nto = \"s3://b\"\n", [](ServeConfig& config) { config.store.to = "s3://b"; }};
  }
  if (key.full_name() == "auth.jwks_url") {
    return {"[auth]\naudience = \"a\"\n", [](ServeConfig& config) { config.auth.audience = "a"; }};
  }
  return {};
}

TEST_F(ServeConfigTest, HasItsDefaultsWhenNothingIsSaid) {
  EXPECT_EQ(load(""), ServeConfig{});
}

TEST_F(ServeConfigTest, ReadsTheFileThatItWritesBackAsTheDefaults) {
  const auto text = config_template({});
  ServeConfig config;
  config.ingest.concurrency = 1;
  config.log.level = "error";
  apply_config_text(config, text, "creel.toml");
  EXPECT_EQ(config, ServeConfig{}) << text;
}

TEST_F(ServeConfigTest, WritesEveryKeyWithAComment) {
  const auto text = config_template({});
  for (const auto& key : config_keys()) {
    const auto line = key.is_in_file()
                          ? fmt::format("# {}\n{} = ", key.help, key.name)
                          : fmt::format("# {}: not here, but in the environment: {}", key.help, key.variable());
    EXPECT_THAT(text, HasSubstr(line)) << key.full_name();
  }
}

TEST_F(ServeConfigTest, WritesWhatTheFlagsSayIntoANewFile) {
  const auto text = config_template({{"server.listen", "127.0.0.1:0"}, {"ingest.accept", "image/png, image/gif"}});
  EXPECT_THAT(text, HasSubstr("listen = \"127.0.0.1:0\""));
  EXPECT_THAT(text, HasSubstr("accept = [\"image/png\", \"image/gif\"]"));
}

TEST_F(ServeConfigTest, TakesEveryKeyFromTheFile) {
  for (const auto& key : config_keys()) {
    if (!key.is_in_file()) continue;
    const auto value = other_value(key);
    const auto companion = companion_of(key);
    // Its section may be the key's own, and may be there only once.
    const auto heading = fmt::format("[{}]\n", key.section);
    const auto config =
        load(fmt::format("{}{}{} = {}\n", companion.text, companion.text.starts_with(heading) ? "" : heading, key.name,
                         config_literal(key, value)));
    ServeConfig expected;
    companion.set(expected);
    EXPECT_NE(config, expected) << key.full_name();
    key.set(expected, value, folder_);
    EXPECT_EQ(config, expected) << key.full_name();
  }
}

TEST_F(ServeConfigTest, TakesEveryKeyFromTheEnvironmentAndFromItsFlag) {
  for (const auto& key : config_keys()) {
    const auto value = other_value(key);
    const auto [file, set_companion] = companion_of(key);
    ServeConfig expected;
    set_companion(expected);
    key.set(expected, value, {});
    EXPECT_EQ(load(file, surroundings({{key.variable(), value}})), expected) << key.variable();
    if (key.is_in_file()) {
      EXPECT_EQ(load(file, surroundings(), {{key.full_name(), value}}), expected) << key.flag();
    }
  }
}

TEST_F(ServeConfigTest, PrefersFlagOverEnvironmentOverFile) {
  const std::string text = "[ingest]\nconcurrency = 1\nretries = 1\nbatch = 1\n";
  const auto config = load(text, surroundings({{"CREEL_INGEST_CONCURRENCY", "2"}, {"CREEL_INGEST_RETRIES", "2"}}),
                           {{"ingest.concurrency", "3"}});
  EXPECT_EQ(config.ingest.concurrency, 3U);
  EXPECT_EQ(config.ingest.retries, 2U);
  EXPECT_EQ(config.ingest.batch, 1U);
}

TEST_F(ServeConfigTest, NamesFlagsAndVariablesAfterSectionAndKey) {
  const auto keys = config_keys();
  const auto key = std::ranges::find(keys, "ingest.lambda_endpoint_url", &ConfigKey::full_name);
  ASSERT_NE(key, keys.end());
  EXPECT_EQ(key->flag(), "--ingest-lambda-endpoint-url");
  EXPECT_EQ(key->variable(), "CREEL_INGEST_LAMBDA_ENDPOINT_URL");
}

TEST_F(ServeConfigTest, TakesPathsOfTheFileRelativeToIt) {
  const auto config =
      load("[server]\ndata = \"data\"\n[store]\nto = \"../pictures\"\n[database]\nurl = \"sqlite:a.db\"\n",
           surroundings({{"CREEL_LOG_FILE", "creel.log"}}));
  EXPECT_EQ(config.server.data, folder_ / "data");
  EXPECT_EQ(config.store.to, (folder_.parent_path() / "pictures").string());
  EXPECT_EQ(config.database.url.reveal(), fmt::format("sqlite:{}", (folder_ / "a.db").string()));
  EXPECT_EQ(config.log.file, "creel.log") << "a variable's path is relative to the working directory";
}

TEST_F(ServeConfigTest, PutsDatabaseAndImagesIntoTheDataFolder) {
  const auto config = load("", surroundings(), {{"server.data", "/srv/creel"}});
  EXPECT_EQ(config.database_url().reveal(), "sqlite:/srv/creel/creel.db");
  EXPECT_EQ(config.store_to(), "/srv/creel/images");
}

TEST_F(ServeConfigTest, TakesTheDatabaseUrlOutOfAFile) {
  std::ofstream(folder_ / "url") << "postgresql://creel:hidden@db/creel\n";
  const auto config = load("[database]\nurl_file = \"url\"\n");
  EXPECT_EQ(config.database_url().reveal(), "postgresql://creel:hidden@db/creel");
}

TEST_F(ServeConfigTest, TakesAPasswordFromNeitherFileNorFlag) {
  for (const std::string url : {"postgresql://creel:hidden@db/creel", "postgres://creel@db/creel?password=hidden",
                                "postgresql:///creel?host=/run&password=hidden", "postgresql://creel:hid/den@db/creel",
                                "postgresql://creel:hid?den@db"}) {
    const auto in_file = refusal(fmt::format("[database]\nurl = \"{}\"\n", url));
    EXPECT_THAT(in_file, HasSubstr("creel.toml:2: [database] url: a password does not belong here"));
    EXPECT_THAT(in_file, Not(HasSubstr("hid")));
    const auto in_flag = refusal("", surroundings(), {{"database.url", url}});
    EXPECT_THAT(in_flag, AllOf(HasSubstr("database.url_file"), HasSubstr("CREEL_DATABASE_URL"), Not(HasSubstr("hid"))));
    EXPECT_THROW(config_template({{"database.url", url}}), Failure);
    EXPECT_EQ(load("", surroundings({{"CREEL_DATABASE_URL", url}})).database.url.reveal(), url);
  }
  for (const std::string url :
       {"postgresql://creel@db:5432/creel", "postgresql://creel@/creel?host=/run/a:b",
        "postgresql://creel@[::1]:5432/creel?sslmode=verify-full", "postgresql://db:5432/creel?application_name=a@b"}) {
    EXPECT_EQ(load(fmt::format("[database]\nurl = \"{}\"\n", url)).database.url.reveal(), url);
  }
}

TEST_F(ServeConfigTest, TakesNumbersForSizesAndTimes) {
  const auto config = load("[ingest]\nmax_bytes = 1000\ntimeout = 5\n");
  EXPECT_EQ(config.ingest.max_bytes, 1000U);
  EXPECT_EQ(config.ingest.timeout, std::chrono::seconds(5));
}

TEST_F(ServeConfigTest, LeavesTheSectionsOfDeployAlone) {
  EXPECT_EQ(load("[deploy]\nregion = \"eu-west-1\"\n[[function]]\nname = \"f\"\n"), ServeConfig{});
}

TEST_F(ServeConfigTest, NamesLineAndNearestNameOfWhatItDoesNotKnow) {
  EXPECT_THAT(refusal("[server]\n\nlistne = \"127.0.0.1:1\"\n"),
              HasSubstr("creel.toml:3: [server] has no key 'listne'; did you mean 'listen'?"));
  EXPECT_THAT(refusal("\n[srever]\n"), HasSubstr("creel.toml:2: there is no section 'srever'; did you mean 'server'?"));
  EXPECT_THAT(refusal("listen = \"127.0.0.1:1\"\n"), HasSubstr("creel.toml:1: there is no key outside of a section"));
  EXPECT_THAT(refusal("[log]\nqqqqqqqqqq = 1\n"), HasSubstr("there are level, format"));
}

TEST_F(ServeConfigTest, RefusesWrongTypesWithFileAndLine) {
  EXPECT_THAT(refusal("[ingest]\nconcurrency = \"many\"\n"),
              HasSubstr("creel.toml:2: [ingest] concurrency: it must be a whole number"));
  EXPECT_THAT(refusal("[ingest]\ntimeout = true\n"), HasSubstr("creel.toml:2: [ingest] timeout: it must be a time"));
  EXPECT_THAT(refusal("[ingest]\nignore_opt_out = 1\n"), HasSubstr("it must be true or false"));
  EXPECT_THAT(refusal("[ingest]\naccept = [1]\n"), HasSubstr("it must be a list of texts"));
  EXPECT_THAT(refusal("[server]\ndata = 1\n"), HasSubstr("it must be a text in quotes"));
  EXPECT_THAT(refusal("[server\n"), HasSubstr("creel.toml:1: "));
  EXPECT_THAT(refusal("server = 1\n"), HasSubstr("creel.toml:1: 'server' is a section"));
}

TEST_F(ServeConfigTest, RefusesValuesThatCannotBe) {
  EXPECT_THAT(refusal("[ingest]\nconcurrency = 0\n"), HasSubstr("'0' is no whole number from 1 to 100000"));
  EXPECT_THAT(refusal("[ingest]\nconcurrency = -1\n"), HasSubstr("'-1' is no whole number"));
  EXPECT_THAT(refusal("[ingest]\nmemory = \"1MiB\"\n"), HasSubstr("'1MiB' is less than"));
  EXPECT_THAT(refusal("[ingest]\ntimeout = \"0s\"\n"), HasSubstr("it must be more than 0"));
  EXPECT_THAT(refusal("[ingest]\ntimeout = \"soon\"\n"), HasSubstr("soon"));
  EXPECT_THAT(refusal("[ingest]\nvia = \"fetch\"\n"), HasSubstr("lambda:NAME"));
  EXPECT_THAT(refusal("[ingest]\naccept = \"png\"\n"), HasSubstr("'png' is no type"));
  EXPECT_THAT(refusal("[store]\nto = \"ftp://a\"\n"), HasSubstr("s3://bucket/prefix"));
  EXPECT_THAT(refusal("[store]\nkey_mode = \"random\"\n"), HasSubstr("'random' is none of named, content"));
  EXPECT_THAT(refusal("[auth]\njwks_url = \"a.example\"\n"), HasSubstr("[auth] jwks_url"));
  EXPECT_THAT(refusal("[auth]\njwks_url = \"https://a.example/\"\n"), HasSubstr("without auth.audience"));
  EXPECT_THAT(refusal("[log]\nlevel = \"loud\"\n"), HasSubstr("'loud' is none of trace"));
  EXPECT_THAT(refusal("[server]\nlisten = \"8080\"\n"), HasSubstr("'8080' is no address"));
}

TEST_F(ServeConfigTest, NamesTheVariableOrFlagWhoseValueIsWrong) {
  EXPECT_THAT(refusal("", surroundings({{"CREEL_INGEST_BATCH", "x"}})), HasSubstr("CREEL_INGEST_BATCH: 'x'"));
  EXPECT_THAT(refusal("", surroundings(), {{"ingest.batch", "x"}}), HasSubstr("--ingest-batch: 'x'"));
  EXPECT_THAT(refusal("[ingest]\nbatch = 0\n", surroundings(), {{"ingest.batch", "5"}}), HasSubstr("'0'"))
      << "what a flag hides is checked as well";
}

TEST_F(ServeConfigTest, ShowsNoPasswordOfADatabase) {
  EXPECT_THAT(refusal("[database]\nurl = \"mysql://u:hidden@db/x\"\n"), Not(HasSubstr("hidden")));
}

TEST_F(ServeConfigTest, TakesSecretsFromTheEnvironmentAlone) {
  EXPECT_EQ(load("", surroundings({{"CREEL_AUTH_SECRET", "0123456789"}})).auth.secret.reveal(), "0123456789");
  const auto why = refusal("[auth]\nsecret = \"hidden\"\n");
  EXPECT_THAT(why, HasSubstr("creel.toml:2: [auth] secret: a secret does not belong here"));
  EXPECT_THAT(why, HasSubstr("CREEL_AUTH_SECRET"));
  EXPECT_THAT(why, Not(HasSubstr("hidden")));
}

TEST_F(ServeConfigTest, RefusesWhatDoesNotGoTogether) {
  EXPECT_THAT(refusal("[ingest]\nvia = \"lambda:f\"\n"), HasSubstr("store.to must be s3://"));
  EXPECT_THAT(refusal("[database]\nurl = \"sqlite:a\"\nurl_file = \"b\"\n"), HasSubstr("both set"));
  EXPECT_THAT(refusal("[sources]\nshortest_interval = \"48h\"\n"), HasSubstr("longest_wait"));
}

TEST_F(ServeConfigTest, TakesAFolderForAFunctionOnThisMachineAlone) {
  const std::string via = "[ingest]\nvia = \"lambda:f\"\nlambda_endpoint_url = ";
  EXPECT_EQ(load(via + "\"http://127.0.0.1:9000\"\n[store]\nto = \"/srv/pictures\"\n").store_to(), "/srv/pictures");
  EXPECT_EQ(load(via + "\"http://localhost:9000\"\n").ingest.via, "lambda:f");
  for (const auto* elsewhere : {"https://lambda.eu-west-1.amazonaws.com", "http://10.0.0.1:9000"}) {
    EXPECT_THAT(refusal(via + '"' + elsewhere + "\"\n"), HasSubstr("CREEL_STORE_FOLDER")) << elsewhere;
  }
}

TEST_F(ServeConfigTest, ListensForOthersOnlyIfItIsSaidWhoTheyAre) {
  for (const auto* listen : {"0.0.0.0:8080", ":8080", "[::]:8080", "192.168.1.5:8080"}) {
    EXPECT_THAT(refusal("", surroundings(), {{"server.listen", listen}}), HasSubstr("auth.secret_file")) << listen;
    EXPECT_EQ(load("[auth]\njwks_url = \"https://a.example/\"\naudience = \"creel\"\n", surroundings(),
                   {{"server.listen", listen}})
                  .server.listen,
              listen);
  }
  for (const auto* listen : {"127.0.0.1:0", "127.8.9.1:80", "[::1]:8080", "localhost:8080"}) {
    EXPECT_EQ(load("", surroundings(), {{"server.listen", listen}}).server.listen, listen);
  }
}

TEST(ParseListen, ReadsAddressAndPort) {
  EXPECT_EQ(parse_listen("127.0.0.1:8080").port, 8080);
  EXPECT_EQ(parse_listen("[::1]:1").address, "::1");
  EXPECT_EQ(parse_listen(":1").address, "0.0.0.0");
  EXPECT_EQ(parse_listen("localhost:0").address, "127.0.0.1");
  for (const auto* text : {"", "80", "a.example:80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8o"}) {
    EXPECT_THROW(parse_listen(text), Failure) << text;
  }
}

TEST(NearestWord, FindsWhatIsMeant) {
  constexpr std::string_view kWords[] = {"listen", "data", "max_connections"};
  EXPECT_EQ(nearest_word("listn", kWords), "listen");
  EXPECT_EQ(nearest_word("max_conections", kWords), "max_connections");
  EXPECT_EQ(nearest_word("zzzzzz", kWords), "");
}

}  // namespace
}  // namespace creel
