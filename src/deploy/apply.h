#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/task.h"
#include "deploy/observe.h"
#include "deploy/plan.h"
#include "deploy/zip_upload.h"

namespace creel::deploy {

/// Told of the steps of a deployment, on its event loop.
class StepListener {
 public:
  virtual ~StepListener() = default;
  virtual void begun(const std::string& function, StepKind kind) = 0;
  /// @param detail  what came of it: "version 7"; may be empty
  virtual void done(const std::string& function, StepKind kind, const std::string& detail) = 0;
  virtual void waits(const std::string& function, std::string_view what_for) = 0;
};

struct ApplyOptions {
  /// How long a function may take to be ready after each change.
  std::chrono::milliseconds ready_within{300'000};
  /// How long a role may take until Lambda can take it on; one that was there
  /// before need not be waited for as long.
  std::chrono::milliseconds new_role_within{90'000};
  std::chrono::milliseconds role_within{15'000};
  /// Between two looks; grows by half each time.
  std::chrono::milliseconds first_look{250};
  std::chrono::milliseconds longest_look{4'000};
  /// For the answer of a smoke test.
  std::chrono::milliseconds smoke_within{60'000};
};

/// What became of a function.
struct FunctionResult {
  std::string name;
  std::string arn;
  /// Of the new or the old version; empty without an alias.
  std::string version;
  std::string alias;
  /// Empty if there is none.
  std::string url;
};

/// Ready, not yet, or never: why.
struct Readiness {
  enum class Word { ready, waiting, failed };
  Word word;
  std::string reason{};

  bool operator==(const Readiness&) const = default;
};

/// By State and LastUpdateStatus. Pure.
Readiness readiness_of(const aws::FunctionConfiguration& configuration);

/// Carries plans out, step by step. A step that fails ends it; what was done
/// stays, and the next plan goes on from there. Threads: its own event loop.
class Applier {
 public:
  /// All but `options` must outlive it.
  Applier(DeployServices services, ZipUpload& upload, StepListener& listener, const Clock& clock, ApplyOptions options)
      : services_(services), upload_(upload), listener_(listener), clock_(clock), options_(options) {}

  /// @param zip  must outlive the call
  /// @throws Failure function_error  the function did not become ready, or
  /// failed its smoke test: the alias then is where it was
  /// @throws ServiceError  what a service refuses
  Task<FunctionResult> apply(DesiredFunction desired, DeployedFunction deployed, FunctionPlan plan,
                             const DeployZip* zip, std::string region);

 private:
  struct Job;

  Task<std::string> carry_out(Job* job, const Step* step);
  Task<std::string> create_role(Job* job);
  Task<std::string> create_function(Job* job);
  Task<std::string> update_code(Job* job);
  Task<std::string> update_configuration(Job* job);
  Task<std::string> set_tags(Job* job);
  Task<std::string> set_concurrency(Job* job);
  Task<std::string> publish_version(Job* job);
  Task<std::string> move_alias(Job* job);
  Task<std::string> set_url(Job* job);
  Task<std::string> smoke_test(Job* job);
  Task<void> move_back(Job* job, std::string why);

  Task<void> wait_until_ready(std::string function);
  /// Makes a change again while another one is under way.
  template <class Change>
  Task<aws::FunctionConfiguration> change(Job* job, Change make_change);
  template <class Change>
  Task<aws::FunctionConfiguration> with_role(Job* job, Change make_change);

  DeployServices services_;
  ZipUpload& upload_;
  StepListener& listener_;
  const Clock& clock_;
  ApplyOptions options_;
};

}  // namespace creel::deploy
