#include "net/ca_file.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A root directory of its own, and variables.
class CaFile : public ::testing::Test {
 protected:
  CaFile() {
    std::string pattern = fs::temp_directory_path() / "creel-ca-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~CaFile() override { fs::remove_all(root_); }

  std::string add(const std::string& path, std::string_view text = "-----BEGIN CERTIFICATE-----\n") {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
    return root_ + path;
  }

  CaRoots find() {
    return find_ca_roots(
        {"SSL_CERT_FILE", "AWS_CA_BUNDLE", "SSL_CERT_DIR"},
        [this](std::string_view name) -> std::optional<std::string> {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::nullopt : std::optional(found->second);
        },
        root_);
  }

  std::string root_;
  std::map<std::string, std::string, std::less<>> variables_;
};

TEST_F(CaFile, IsFoundWhereEachSystemHasIt) {
  for (const auto* path :
       {"/etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}) {
    const auto file = add(path);
    EXPECT_EQ(find().file, file);
  }
}

TEST_F(CaFile, IsTheOneThatAVariableNames) {
  add("/etc/pki/tls/certs/ca-bundle.crt");
  const auto own = add("/opt/own.pem");
  variables_["AWS_CA_BUNDLE"] = own;
  EXPECT_EQ(find().file, own);
  variables_["SSL_CERT_FILE"] = add("/opt/first.pem");
  EXPECT_EQ(find().file, root_ + "/opt/first.pem");
}

TEST_F(CaFile, MayBeAFolderOfSeveral) {
  add("/opt/certs/1.0");
  variables_["SSL_CERT_DIR"] = root_ + "/opt/none:" + root_ + "/opt/certs";
  EXPECT_EQ(find().folder, root_ + "/opt/certs");
  EXPECT_TRUE(find().file.empty());
}

TEST_F(CaFile, IsNotReplacedByAnotherIfTheNamedOneIsMissing) {
  add("/etc/pki/tls/certs/ca-bundle.crt");
  variables_["SSL_CERT_FILE"] = "/nowhere/ca.pem";
  EXPECT_TRUE(find().file.empty());
  EXPECT_THAT(find().failure, AllOf(HasSubstr("/nowhere/ca.pem"), HasSubstr("SSL_CERT_FILE")));
}

TEST_F(CaFile, SaysWhatWasTriedIfThereIsNone) {
  add("/etc/ssl/cert.pem", "");
  const auto roots = find();
  EXPECT_TRUE(roots.file.empty() && roots.folder.empty());
  EXPECT_THAT(roots.failure, AllOf(HasSubstr("SSL_CERT_FILE, AWS_CA_BUNDLE, SSL_CERT_DIR not set"),
                                   HasSubstr("/etc/ssl/cert.pem"), HasSubstr("/etc/pki/tls/certs/ca-bundle.crt")));
}

}  // namespace
}  // namespace creel
