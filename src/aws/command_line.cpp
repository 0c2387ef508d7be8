#include "aws/command_line.h"

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

/// Takes one word off the front of `text`, which starts with it.
std::string take_word(std::string_view& text) {
  std::string word;
  char quote = '\0';
  while (!text.empty() && (quote != '\0' || kBlank.find(text.front()) == std::string_view::npos)) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\\' && quote != '\'' && !text.empty()) {
      const bool is_escape = quote == '\0' || text.front() == '"' || text.front() == '\\';
      if (!is_escape) word += c;
      word += text.front();
      text.remove_prefix(1);
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    } else {
      word += c;
    }
  }
  if (quote != '\0') throw Failure(FailureKind::bad_auth, "the command has a quote that does not end");
  return word;
}

}  // namespace

std::vector<std::string> split_command(std::string_view command) {
  std::vector<std::string> words;
  for (;;) {
    const auto start = command.find_first_not_of(kBlank);
    if (start == std::string_view::npos) break;
    command.remove_prefix(start);
    words.push_back(take_word(command));
  }
  if (words.empty()) throw Failure(FailureKind::bad_auth, "the command is empty");
  return words;
}

}  // namespace creel::aws
