#include "emulator/handler_names.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>

#include "base/failure.h"
#include "base/text.h"
#include "base/wakeup.h"
#include "emulator/function_process.h"

namespace creel::emulator {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 1s;
constexpr std::size_t kMaxOutputBytes = 16UL * 1024;

/// A script would most likely start its work, whatever flag it gets.
bool is_elf(const std::filesystem::path& path) {
  std::array<char, 4> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return file && std::string_view(start.data(), start.size()) ==
                     "\x7f"
                     "ELF";
}

struct Heard {
  std::string output;
  std::optional<int> status;
};

bool is_handler_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

std::vector<std::string> names_in(const Heard& heard) {
  if (heard.status != 0 || heard.output.size() > kMaxOutputBytes) return {};
  std::vector<std::string> names;
  for (const auto line : split(heard.output, '\n')) {
    const auto text = trim(line);
    if (text.empty()) continue;
    if (!is_handler_name(text)) return {};
    names.emplace_back(text);
  }
  return names;
}

}  // namespace

Task<std::vector<std::string>> handler_names(boost::asio::any_io_executor executor, std::filesystem::path folder,
                                             std::optional<std::uint32_t> user) {
  if (!is_elf(folder / "bootstrap")) co_return std::vector<std::string>();
  const auto heard = std::make_shared<Heard>();
  const auto ended = std::make_shared<Wakeup>(executor);
  ProcessPlan plan{.programs = {folder / "bootstrap"}, .arguments = {"--list"}, .folder = folder};
  if (user) plan.user = ProcessUser{.user = *user, .group = *user};
  std::unique_ptr<FunctionProcess> process;
  try {
    process =
        std::make_unique<FunctionProcess>(executor, plan,
                                          FunctionProcess::Events{.on_output =
                                                                      [heard](std::string_view piece) {
                                                                        if (heard->output.size() <= kMaxOutputBytes)
                                                                          heard->output += piece;
                                                                      },
                                                                  .on_exit =
                                                                      [heard, ended](int status) {
                                                                        heard->status = status;
                                                                        ended->notify();
                                                                      }});
  } catch (const Failure&) {
    co_return std::vector<std::string>();
  }
  co_await ended->wait(std::chrono::steady_clock::now() + kPatience);
  process.reset();
  co_return names_in(*heard);
}

}  // namespace creel::emulator
