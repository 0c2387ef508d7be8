#include "cli/serve_command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/file_descriptor.h"
#include "cli/backend.h"
#include "cli/config_flags.h"
#include "cli/demo_folder.h"

namespace creel {
namespace {

constexpr const char* kDefaultFile = "creel.toml";

struct ServeOptions {
  std::string config;
  ConfigFlags flags;
  bool init = false;
};

/// Writes a new configuration; one that is there is left alone.
int write_config(const ServeOptions& options) {
  const std::string path = options.config.empty() ? kDefaultFile : options.config;
  const auto text = config_template(options.flags);
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file) {
    const auto* why =
        errno == EEXIST ? "it is there already; remove it, or name another with --config" : std::strerror(errno);
    throw Failure(FailureKind::bad_request, fmt::format("{}: {}", path, why));
  }
  if (::write(file.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw Failure(FailureKind::internal, fmt::format("{}: {}", path, std::strerror(errno)));
  }
  fmt::print("{} written: creel serve --config {}\n", path, path);
  return 0;
}

}  // namespace

Command add_serve_command(CLI::App& program, const aws::Environment& environment, std::span<const WebFile> page) {
  auto* flags = program.add_subcommand("serve", "Run the backend: sources on a schedule, images, HTTP API");
  auto options = std::make_shared<ServeOptions>();
  flags->add_option("--config", options->config, "Configuration; else CREEL_CONFIG, or ./creel.toml if there is one")
      ->type_name("FILE");
  flags->add_flag("--init", options->init, "Write a configuration with every key and its default, and end");
  add_config_flags(*flags, options->flags);
  flags->footer(
      "Each value can also stand in creel.toml, and in the environment as CREEL_SECTION_KEY: flag over environment "
      "over file.\n"
      "SIGTERM or Ctrl-C ends it once what is under way has ended, or after --server-stop-grace; a second one at "
      "once.");
  return {flags, [options, &environment, page] {
            if (options->init) return write_config(*options);
            const auto config = load_serve_config(options->config, environment, options->flags);
            Backend backend(config, environment, {}, page);
            take_over_from_demo(config.server.data);
            backend.run();
            return 0;
          }};
}

}  // namespace creel
