#include "api/token_secret.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class TokenSecretTest : public ::testing::Test {
 protected:
  TokenSecretTest() {
    std::string pattern = fs::temp_directory_path() / "creel-secret-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    file_ = folder_ / "data" / "secret";
  }
  ~TokenSecretTest() override { fs::remove_all(folder_); }

  void write(std::string_view text, fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) {
    fs::create_directories(file_.parent_path());
    std::ofstream(file_) << text;
    fs::permissions(file_, mode);
  }

  std::string refusal() {
    try {
      load_or_make_secret(file_);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      return failure.what();
    }
    return "";
  }

  fs::path folder_;
  fs::path file_;
};

TEST_F(TokenSecretTest, IsMadeOnceForItsOwnerAlone) {
  const auto secret = load_or_make_secret(file_);
  EXPECT_GE(secret.reveal().size(), 43U);
  EXPECT_EQ(load_or_make_secret(file_), secret);
  EXPECT_EQ(load_secret(file_), secret);
  struct stat status{};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(fs::directory_iterator(file_.parent_path()), fs::directory_iterator()), 1)
      << "nothing is left beside it";
}

TEST_F(TokenSecretTest, IsTheSameForAllThatMakeItAtOneTime) {
  std::vector<Secret> secrets(8);
  std::vector<std::thread> threads;
  for (auto& secret : secrets) threads.emplace_back([&] { secret = load_or_make_secret(file_); });
  for (auto& thread : threads) thread.join();
  for (const auto& secret : secrets) EXPECT_EQ(secret, secrets[0]);
}

TEST_F(TokenSecretTest, IsReadAsTheUserWroteIt) {
  write("  0123456789012345678901234567890123456789\n\n");
  EXPECT_EQ(load_secret(file_).reveal(), "0123456789012345678901234567890123456789");
}

TEST_F(TokenSecretTest, IsRefusedIfItIsShortOrOpenToOthers) {
  write("short\n");
  EXPECT_THAT(refusal(), HasSubstr("32 characters"));
  write(std::string(40, 'x'), fs::perms::owner_read | fs::perms::group_read);
  EXPECT_THAT(refusal(), HasSubstr("chmod 600"));
  fs::remove(file_);
  fs::create_directories(file_);
  EXPECT_THAT(refusal(), HasSubstr("is no file"));
}

TEST_F(TokenSecretTest, MustBeThereForThoseWhoOnlyReadIt) {
  EXPECT_THROW(load_secret(file_), Failure);
  EXPECT_FALSE(fs::exists(file_));
}

TEST(SignToken, RefusesWhatCannotBeAToken) {
  const Secret secret(std::string(32, 'k'));
  EXPECT_THROW(sign_token(Secret("short"), {}, SystemTime()), Failure);
  EXPECT_THROW(sign_token(secret, {.lifetime = std::chrono::seconds(0)}, SystemTime()), Failure);
  EXPECT_NO_THROW(sign_token(secret, {.subject = "\"ä\n"}, SystemTime()));
}

}  // namespace
}  // namespace creel
