#include "emulator/code_store.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sys/stat.h>
#include <system_error>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/blocking.h"
#include "base/failure.h"
#include "base/hash.h"
#include "zip/zip_archive.h"

namespace creel::emulator {
namespace fs = std::filesystem;
namespace {

std::shared_ptr<const FunctionCode> unpack(const std::string& zip, const fs::path& place) {
  auto code = std::make_shared<FunctionCode>();
  code->sha256_base64 = base64_encode(sha256(zip));
  code->zip_bytes = zip.size();
  const auto reader = ZipReader::from_bytes(zip);
  std::error_code error;
  fs::create_directory(place, error);
  if (error)
    throw Failure(FailureKind::internal, fmt::format("cannot make the folder {}: {}", place.string(), error.message()));
  // From here on the folder goes with the code, also if the rest fails.
  code->owned_folder = place;
  code->folder = place / "task";
  ::chmod(place.c_str(), 0755);
  unpack_zip(reader, code->folder);
  code->zip_file = place / "code.zip";
  std::ofstream file(code->zip_file, std::ios::binary);
  file << zip;
  if (!file.flush()) throw Failure(FailureKind::internal, fmt::format("cannot write {}", code->zip_file.string()));
  return code;
}

}  // namespace

CodeStore::CodeStore() {
  auto name = (fs::temp_directory_path() / "creel-emulate-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw Failure(FailureKind::internal, fmt::format("cannot make the folder {}: {}", name, std::strerror(errno)));
  }
  folder_ = name;
  // The functions run as another user, who must get through, and need not see what is there.
  ::chmod(name.c_str(), 0711);
}

CodeStore::~CodeStore() {
  thread_.join();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Task<std::shared_ptr<const FunctionCode>> CodeStore::add(std::string zip) {
  const auto place = folder_ / std::to_string(next_++);
  co_return co_await run_blocking(thread_, [&zip, &place] { return unpack(zip, place); });
}

}  // namespace creel::emulator
