#include "cli/data_folder.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/token_secret.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kLockFile = "serve.lock";
constexpr const char* kAnnouncement = "serve.json";
constexpr const char* kSecretFile = "secret";
constexpr mode_t kOwnerOnly = 0600;

[[noreturn]] void refuse(const fs::path& path, std::string_view what) {
  throw Failure(FailureKind::bad_request, fmt::format("{}: {}", path.string(), what));
}

[[noreturn]] void refuse_by_error(const fs::path& path, std::string_view what) {
  refuse(path, fmt::format("{}: {}", what, std::strerror(errno)));
}

void write_all(const FileDescriptor& file, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const auto written = ::write(file.number(), text.data(), text.size());
    if (written < 0 && errno != EINTR) refuse_by_error(path, "cannot be written");
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// A file for the owner alone, whole or not at all.
void write_privately(const fs::path& path, std::string_view text) {
  const auto temporary = fs::path(path.string() + ".tmp");
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
  if (!file) refuse_by_error(temporary, "cannot be made");
  write_all(file, text, temporary);
  file.reset();
  if (::rename(temporary.c_str(), path.c_str()) != 0) refuse_by_error(path, "cannot be made");
}

FileDescriptor lock_folder(const fs::path& folder) {
  const auto path = folder / kLockFile;
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (!file) refuse_by_error(path, "cannot be made");
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    const auto running = find_running(folder);
    refuse(folder, running ? fmt::format("in use by `creel serve` (process {}, {}): stop it, or choose another --data",
                                         running->pid, running->url)
                           : "in use by another `creel serve`: stop it, or choose another --data");
  }
  return file;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return;
  if (!folder.parent_path().empty()) fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) refuse_by_error(folder, "cannot be made");
}

}  // namespace

DataFolder::DataFolder(fs::path folder) : folder_(std::move(folder)) {
  make_folder(folder_);
  lock_ = lock_folder(folder_);
  std::error_code error;
  // Of one that was killed.
  fs::remove(folder_ / kAnnouncement, error);
}

DataFolder::~DataFolder() {
  std::error_code error;
  if (is_announced_) fs::remove(folder_ / kAnnouncement, error);
}

void DataFolder::announce(const std::string& url) {
  const json::object text{{"pid", ::getpid()}, {"url", url}};
  write_privately(folder_ / kAnnouncement, json::serialize(text) + "\n");
  is_announced_ = true;
}

std::optional<RunningBackend> find_running(const fs::path& folder) {
  std::ostringstream text;
  text << std::ifstream(folder / kAnnouncement).rdbuf();
  boost::system::error_code error;
  const auto value = json::parse(text.str(), error);
  if (error || !value.is_object()) return std::nullopt;
  const auto* pid = value.get_object().if_contains("pid");
  const auto* url = value.get_object().if_contains("url");
  if (pid == nullptr || url == nullptr || !pid->is_int64() || !url->is_string()) return std::nullopt;
  RunningBackend running{.pid = static_cast<pid_t>(pid->get_int64()), .url = std::string(url->get_string())};
  if (running.pid <= 0 || (::kill(running.pid, 0) != 0 && errno != EPERM)) return std::nullopt;
  return running;
}

Secret own_secret(const fs::path& folder) {
  const auto path = folder / kSecretFile;
  std::error_code error;
  if (!fs::is_directory(folder, error)) refuse(folder, "there is no such folder: `creel serve` makes it");
  return load_or_make_secret(path);
}

Secret read_secret_text(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input) refuse_by_error(file, "the secret cannot be read");
  std::ostringstream text;
  text << input.rdbuf();
  const auto whole = std::move(text).str();
  if (trim(whole).empty()) refuse(file, "there is no secret in it");
  return Secret(std::string(trim(whole)));
}

}  // namespace creel
