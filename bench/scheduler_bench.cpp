// What the schedule costs by itself: 10,000 sources that are due over an hour, of a kind that does nothing.
//
//   scheduler_bench [SECONDS [SOURCES]]
//
// Prints how many polls there were in that time, and the processor time that the program took, of one core.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "net/resolver.h"
#include "sources/scheduler.h"

namespace {

using namespace creel;

class IdleKind final : public SourceKind {
 public:
  std::string_view name() const override { return "idle"; }
  std::string_view help() const override { return "does nothing"; }
  UrlUse url_use() const override { return UrlUse::none; }
  std::span<const SettingSpec> settings() const override { return {}; }
  Task<void> poll(const SourceConfig&, PollRun&) const override { co_return; }
};

struct Counter final : SourceListener {
  void on_source(const SourceRecord&) override {}
  void on_source_deleted(SourceId) override {}
  void on_poll_ended(SourceId, const PollRecord&) override { ++polls; }
  void on_images_added(std::size_t) override {}
  int polls = 0;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void add_sources(Catalog& catalog, int count, SystemTime now) {
  constexpr std::chrono::milliseconds kHour{3'600'000};
  SourceRepository sources(catalog);
  for (int i = 0; i < count; ++i) {
    SourceDefinition source;
    source.name = fmt::format("source {}", i);
    source.type = "idle";
    source.settings = {{"tag", R"("lighthouses")"}};
    SourceStatus status;
    status.state = SourceState::idle;
    status.next_poll = now + kHour * i / count;
    sources.add(source, status, now);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto seconds = std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 60);
  const int count = argc > 2 ? std::atoi(argv[2]) : 10'000;
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("scheduler_bench_{}", ::getpid());
  std::filesystem::create_directories(folder);
  {
    const SystemClock clock;
    auto catalog = Catalog::open_sqlite(folder / "creel.db");
    // They begin to be due when all of them are there.
    add_sources(*catalog, count, clock.now() + std::chrono::seconds(count / 500));
    const auto first_due = SourceRepository(*catalog).next_due();

    boost::asio::io_context loop;
    Resolver resolver(clock, [](const std::string&) { return Resolver::Addresses{}; });
    HttpClient http(loop.get_executor(), HttpClientOptions{}, resolver);
    std::vector<std::unique_ptr<const SourceKind>> all;
    all.push_back(std::make_unique<IdleKind>());
    const SourceKinds kinds(std::move(all));
    Counter counter;
    CatalogService service(std::move(catalog), 2);
    SchedulerOptions options;
    options.owner = "bench";
    Scheduler scheduler(SchedulerParts{.executor = loop.get_executor(),
                                       .catalog = service,
                                       .kinds = kinds,
                                       .http = http,
                                       .listener = counter,
                                       .clock = clock,
                                       .random = system_random(),
                                       .log = silent_log()},
                        options);
    if (first_due && *first_due > clock.now()) {
      ::usleep(static_cast<useconds_t>((*first_due - clock.now()) / std::chrono::microseconds(1)));
    }
    const auto cpu_before = cpu_seconds();
    const auto begun = clock.steady_now();
    boost::asio::co_spawn(loop, scheduler.run(), [&](const std::exception_ptr& error) {
      loop.stop();
      if (error) std::rethrow_exception(error);
    });
    boost::asio::steady_timer end(loop, seconds);
    end.async_wait([&](const boost::system::error_code&) { scheduler.stop(); });
    loop.run();
    const double took = std::chrono::duration<double>(clock.steady_now() - begun).count();
    const double cpu = cpu_seconds() - cpu_before;
    fmt::print("{} sources due over an hour: {} polls in {:.1f} s, {:.3f} s of processor time, {:.2f} % of a core\n",
               count, counter.polls, took, cpu, 100 * cpu / took);
  }
  std::filesystem::remove_all(folder);
}
