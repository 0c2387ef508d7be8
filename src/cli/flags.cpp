#include "cli/flags.h"

#include "base/units.h"
#include "net/url.h"

namespace creel {

CLI::Option* add_parsed(CLI::App& command, const std::string& name, const std::string& type,
                        const std::string& default_text, const std::string& description,
                        const std::function<void(const std::string&)>& parse) {
  auto* option = command.add_option_function<std::string>(
      name,
      [name, parse](const std::string& text) {
        try {
          parse(text);
        } catch (const Failure& failure) {
          throw CLI::ValidationError(name, failure.what());
        }
      },
      description);
  return option->type_name(type)->default_str(default_text);
}

CLI::Option* add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& default_text, const std::string& description) {
  return add_parsed(command, name, "DURATION", default_text, description, [&value](const std::string& text) {
    value = parse_duration(text);
    if (value.count() == 0) throw Failure(FailureKind::bad_request, "it must be more than 0");
  });
}

std::string is_web_address(const std::string& text) {
  try {
    Url::parse(text);
    return {};
  } catch (const Failure& failure) {
    return failure.what();
  }
}

}  // namespace creel
