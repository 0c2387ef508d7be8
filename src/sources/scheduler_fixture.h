#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/wakeup.h"
#include "catalog/catalog_service.h"
#include "catalog/image_repository.h"
#include "catalog/repository_fixture.h"
#include "net/resolver.h"
#include "sources/scheduler.h"
#include "support/started.h"

namespace creel::testing {

/// What a source of type `scripted` does, by its name. Threads: as the programs that poll it.
struct Script {
  std::vector<ImageRecord> records{};
  std::optional<Failure> failure{};
  /// Gets this page first; no host is there.
  std::optional<std::string> fetches{};
  /// As which account.
  std::string account{};
  /// Says that a host is to be left alone, first of all.
  std::optional<PollHold> holds_back{};
  /// Each poll waits, after it has added its records, until it is released.
  bool holds = false;
  std::optional<std::string> remembers{};
  std::shared_ptr<Wakeup> held{};
  // What polls have seen.
  int polls = 0;
  int under_way = 0;
  int most_under_way = 0;
  std::vector<std::string> memories{};
  std::vector<PollAdded> added{};
  std::vector<std::string> urls{};
};

using Scripts = std::map<std::string, Script>;

class ScriptedKind final : public SourceKind {
 public:
  explicit ScriptedKind(Scripts& scripts) : scripts_(scripts) {}

  std::string_view name() const override { return "scripted"; }
  std::string_view help() const override { return "for tests"; }
  UrlUse url_use() const override { return UrlUse::optional; }
  std::span<const SettingSpec> settings() const override { return {}; }

  Task<void> poll(const SourceConfig& source, PollRun& run) const override {
    struct Counted {
      explicit Counted(Script& counted) : script(counted) {
        script.most_under_way = std::max(script.most_under_way, ++script.under_way);
      }
      ~Counted() { --script.under_way; }
      Script& script;
    };
    auto& script = scripts_[source.name];
    const Counted counted(script);
    ++script.polls;
    script.memories.push_back(run.memory());
    script.urls.push_back(source.url);
    if (script.holds_back) run.hold(*script.holds_back);
    if (script.fetches) {
      PollRequest request;
      request.url = *script.fetches;
      request.account = script.account;
      co_await run.fetch(std::move(request));
    }
    if (!script.records.empty()) script.added.push_back(co_await run.add(script.records));
    if (script.remembers) run.remember(*script.remembers);
    if (script.holds) {
      script.held = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
      const auto held = script.held;
      co_await held->wait();
    }
    if (script.records.empty()) run.note_shape(R"({"items":[]})");
    if (script.failure) throw Failure(*script.failure);
  }

 private:
  Scripts& scripts_;
};

class UnpolledKind final : public SourceKind {
 public:
  std::string_view name() const override { return "direct"; }
  std::string_view help() const override { return "by hand"; }
  UrlUse url_use() const override { return UrlUse::none; }
  std::span<const SettingSpec> settings() const override { return {}; }
  bool is_polled() const override { return false; }
  Task<void> poll(const SourceConfig&, PollRun&) const override { co_return; }
};

struct Heard final : SourceListener {
  void on_source(const SourceRecord& source) override { states[source.definition.name].push_back(source.status.state); }
  void on_source_deleted(SourceId id) override { deleted.push_back(id); }
  void on_poll_ended(SourceId, const PollRecord& poll) override { polls.push_back(poll); }
  void on_images_added(std::size_t count) override { images += count; }

  std::map<std::string, std::vector<SourceState>> states;
  std::vector<SourceId> deleted;
  std::vector<PollRecord> polls;
  std::size_t images = 0;
};

/// A backend: its scheduler with all that it needs, on a loop of its own. When the loop is run no more it is as if the
/// program had been killed.
struct Backend {
  Backend(std::unique_ptr<Catalog> opened, const SourceKinds& kinds, const Clock& clock, SchedulerOptions options)
      : resolver(clock, [](const std::string&) { return Resolver::Addresses{}; }),
        http(loop.get_executor(), HttpClientOptions{}, resolver),
        catalog(std::move(opened), 1),
        scheduler(SchedulerParts{.executor = loop.get_executor(),
                                 .catalog = catalog,
                                 .kinds = kinds,
                                 .http = http,
                                 .listener = heard,
                                 .clock = clock,
                                 .random = [] { return 0.0; },
                                 .log = silent_log()},
                  std::move(options)) {}

  /// What the catalog's threads still do for a program that was killed uses the scheduler.
  ~Backend() { catalog.finish(); }

  void run() { running.emplace(loop, scheduler.run()); }

  boost::asio::io_context loop;
  Resolver resolver;
  HttpClient http;
  CatalogService catalog;
  Heard heard;
  Scheduler scheduler;
  std::optional<Started<void>> running;
  bool is_killed = false;
};

/// Backends on one catalog, under a clock that stands still.
class SchedulerFixture : public ::testing::TestWithParam<Database> {
 protected:
  static constexpr std::chrono::seconds kPatience{30};

  SchedulerFixture()
      : kinds_(make_kinds(scripts_)),
        look_at_(GetParam().open(folder_.path())),
        sources_(*look_at_),
        images_(*look_at_) {}

  /// What holds polls belongs to the loops of the backends, which go before the scripts.
  ~SchedulerFixture() override {
    for (auto& [name, script] : scripts_) script.held.reset();
  }

  static SourceKinds make_kinds(Scripts& scripts) {
    std::vector<std::unique_ptr<const SourceKind>> kinds;
    kinds.push_back(std::make_unique<ScriptedKind>(scripts));
    kinds.push_back(std::make_unique<UnpolledKind>());
    return SourceKinds(std::move(kinds));
  }

  Backend& make_backend(const std::string& owner = "me") {
    backends_.push_back(std::make_unique<Backend>(look_at_->another(), kinds_, clock_, options(owner)));
    return *backends_.back();
  }

  Backend& run_backend(const std::string& owner = "me") {
    auto& backend = make_backend(owner);
    backend.run();
    return backend;
  }

  /// Looks are many, so that tests need not wait; what happens is up to the clock that stands still.
  SchedulerOptions options(const std::string& owner) const {
    SchedulerOptions options;
    options.owner = owner;
    options.concurrency = concurrency_;
    options.renewal = renewal_;
    options.longest_sleep = std::chrono::milliseconds(2);
    options.catalog_backoff = {.base = std::chrono::milliseconds(5), .cap = std::chrono::milliseconds(20)};
    return options;
  }

  void until(const std::function<bool()>& is_so) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (!is_so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "it never came";
      for (const auto& backend : backends_) {
        if (backend->is_killed) continue;
        backend->loop.restart();
        backend->loop.run_one_for(std::chrono::milliseconds(1));
      }
    }
  }

  template <class T>
  T call(Backend& backend, Task<T> task) {
    Started<T> started(backend.loop, std::move(task));
    until([&] { return started.done(); });
    return std::move(started.value());
  }

  void stop(Backend& backend) {
    backend.scheduler.stop();
    until([&] { return backend.running->done(); });
    backend.running->value();
    backend.is_killed = true;
  }

  static SourceDefinition definition(const std::string& name, std::chrono::seconds interval = std::chrono::hours(1)) {
    SourceDefinition source;
    source.name = name;
    source.type = "scripted";
    source.interval = interval;
    return source;
  }

  SourceId add(Backend& backend, const std::string& name, bool start = true) {
    return call(backend, backend.scheduler.add(definition(name), start)).id;
  }

  static ImageRecord image(const std::string& id) {
    ImageRecord record;
    record.image_id = id;
    record.image_url = "https://a.example/" + id + ".png";
    return record;
  }

  SourceStatus status(SourceId id) { return sources_.find(id).value().status; }
  void until_state(SourceId id, SourceState state) {
    until([&] { return status(id).state == state; });
  }
  void until_polled(const std::string& name, int times) {
    until([&] { return scripts_[name].polls >= times; });
  }
  void until_held(const std::string& name) {
    until([&] { return scripts_[name].held != nullptr; });
  }
  void release(const std::string& name) {
    scripts_[name].holds = false;
    scripts_[name].held->notify();
  }

  Scripts scripts_;
  SourceKinds kinds_;
  ManualClock clock_{SystemTime(std::chrono::seconds(1'700'000'000))};
  TemporaryFolder folder_;
  std::size_t concurrency_ = 4;
  std::chrono::milliseconds renewal_{10'000};
  std::unique_ptr<Catalog> look_at_;
  SourceRepository sources_;
  ImageRepository images_;
  std::vector<std::unique_ptr<Backend>> backends_;
};

}  // namespace creel::testing
