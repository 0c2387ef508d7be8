// The Lambda artifact: the functions `fetch-store-image` and `delete-images` in one file, called `bootstrap` there.

#include <cstdlib>
#include <memory>
#include <mutex>
#include <nss.h>
#include <optional>
#include <string>

#include <spdlog/sinks/base_sink.h>

#include "base/clock.h"
#include "base/log.h"
#include "creel/lambda.h"
#include "functions/delete_images.h"
#include "functions/fetch_store_image.h"
#include "functions/function_services.h"

namespace {

namespace json = boost::json;
namespace lambda = creel::lambda;

/// Passes what our rooms log on to the runtime's log, which knows the request.
class RuntimeLogSink final : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    lambda::log(level_of(message.level), {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  static lambda::LogLevel level_of(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::trace: return lambda::LogLevel::trace;
      case spdlog::level::debug: return lambda::LogLevel::debug;
      case spdlog::level::info: return lambda::LogLevel::info;
      case spdlog::level::warn: return lambda::LogLevel::warn;
      default: return lambda::LogLevel::error;
    }
  }
};

creel::Log runtime_log() {
  auto log = std::make_shared<spdlog::logger>("creel", std::make_shared<RuntimeLogSink>());
  log->set_level(spdlog::level::trace);
  return log;
}

creel::aws::Environment environment() {
  return {.variable = [](std::string_view name) -> std::optional<std::string> {
            const char* value = std::getenv(std::string(name).c_str());
            return value == nullptr ? std::nullopt : std::optional<std::string>(value);
          },
          .home = {}};
}

}  // namespace

int main(int argc, char** argv) {
  // glibc has these two built in. What else a machine's nsswitch.conf names would be loaded from libraries made for
  // another libc than the one in here.
  __nss_configure_lookup("hosts", "files dns");

  const creel::SystemClock clock;
  creel::FunctionServices services(environment(), clock, runtime_log());
  creel::FetchStoreImage fetch_store_image(services, clock);
  creel::DeleteImages delete_images(services);

  return lambda::run(argc, argv,
                     {{"fetch-store-image",
                       [&](json::value event, lambda::Context context) {
                         return fetch_store_image(std::move(event), context.deadline());
                       }},
                      {"delete-images", [&](json::value event, lambda::Context context) {
                         return delete_images(std::move(event), context.deadline());
                       }}});
}
