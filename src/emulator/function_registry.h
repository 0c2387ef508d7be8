#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "emulator/function_reference.h"

namespace creel::emulator {

inline constexpr std::string_view kLatest = "$LATEST";
inline constexpr std::string_view kAccount = "123456789012";

/// What a function is made of but its code; the names are those of the service's API.
struct FunctionConfiguration {
  std::string runtime = "provided.al2023";
  std::string handler = "bootstrap";
  std::string role{};
  std::string description{};
  std::chrono::milliseconds timeout{3'000};
  int memory_mb = 128;
  int ephemeral_storage_mb = 512;
  std::string architecture = "x86_64";
  std::map<std::string, std::string> environment{};
  /// "Text" or "JSON".
  std::string log_format = "Text";
  /// For JSON alone; empty is the service's default.
  std::string application_log_level{};
  std::string system_log_level{};
  /// Empty is /aws/lambda/NAME.
  std::string log_group{};
  std::string dead_letter_target{};
  std::string tracing_mode = "PassThrough";
  std::vector<std::string> layers{};

  bool operator==(const FunctionConfiguration&) const = default;
};

/// A zip, unpacked. The folder goes with the last one that holds the code. Immutable.
struct FunctionCode {
  /// Of the zip.
  std::string sha256_base64;
  std::uint64_t zip_bytes = 0;
  /// Where it lies, and where environments keep what they need beside it.
  std::filesystem::path folder;
  /// The zip itself, for those who ask for the code; empty if it was not kept.
  std::filesystem::path zip_file;

  FunctionCode() = default;
  ~FunctionCode();
  FunctionCode(const FunctionCode&) = delete;
  FunctionCode& operator=(const FunctionCode&) = delete;

  /// Removed at the end, with all that is in it; empty if nothing is to be.
  std::filesystem::path owned_folder;
};

/// What execution environments are made from. Immutable: a change makes a new one, and environments of the old one end
/// when they have done what they are at.
struct Deployment {
  FunctionConfiguration configuration;
  std::shared_ptr<const FunctionCode> code;
};

/// The words of the service's API, e.g. "Active"; an empty reason is none.
struct FunctionStatus {
  std::string state = "Active";
  std::string state_reason{};
  std::string state_reason_code{};
  std::string last_update = "Successful";
  std::string last_update_reason{};
  std::string last_update_reason_code{};
};

/// $LATEST, or what was published from it.
struct FunctionVersion {
  std::string version = std::string(kLatest);
  std::shared_ptr<const Deployment> deployment;
  std::string revision_id;
  SystemTime last_modified{};
  FunctionStatus status{};
};

struct FunctionAlias {
  std::string name;
  std::string version;
  std::string description{};
  /// Other versions and the share of calls, 0 to 1, that goes to them.
  std::map<std::string, double> weights{};
  std::string revision_id{};
};

struct FunctionUrlConfig {
  /// "NONE" or "AWS_IAM"; nothing is checked here.
  std::string auth_type = "NONE";
  /// "BUFFERED" or "RESPONSE_STREAM".
  std::string invoke_mode = "BUFFERED";
  /// The Cors object as it was given, JSON; empty for none.
  std::string cors{};
  SystemTime created{};
  SystemTime last_modified{};
};

struct PolicyStatement {
  std::string sid;
  /// The whole statement, JSON.
  std::string json;
};

/// What becomes of asynchronous invocations; what is not set is the service's default.
struct EventInvokeConfig {
  std::optional<int> max_retries{};
  std::optional<std::chrono::seconds> max_age{};
  /// ARNs; empty for none.
  std::string on_success{};
  std::string on_failure{};
  SystemTime last_modified{};
};

/// A function with all its versions. Keys of the maps by qualifier: "" for the function itself.
struct Function {
  std::string name;
  FunctionVersion latest{};
  /// By number.
  std::map<std::uint64_t, FunctionVersion> versions{};
  std::uint64_t last_published = 0;
  std::map<std::string, FunctionAlias> aliases{};
  std::map<std::string, std::string> tags{};
  std::optional<std::size_t> reserved_concurrency{};
  std::map<std::string, FunctionUrlConfig> urls{};
  std::map<std::string, EventInvokeConfig> event_invoke_configs{};
  std::map<std::string, std::vector<PolicyStatement>> policies{};
  std::map<std::string, std::string> policy_revisions{};
  /// What `bootstrap --list` says, if it says anything.
  std::vector<std::string> handler_names{};

  /// The version of that name ("$LATEST" or a number), or null.
  FunctionVersion* find_version(std::string_view version);
};

/// What a call goes to.
struct InvocationTarget {
  Function* function = nullptr;
  FunctionVersion* version = nullptr;
  /// With the qualifier if one was used.
  std::string invoked_arn;
};

/// The functions that this emulator knows. It answers for one region and one account. Pointers to functions hold until
/// the function is removed. Threads: the emulator's event loop.
class FunctionRegistry {
 public:
  /// Told after a change: of the function `name`, which may have gone.
  using Listener = std::function<void(const std::string& name)>;

  FunctionRegistry(std::string region, const Clock& clock) : region_(std::move(region)), clock_(clock) {}

  const std::string& region() const { return region_; }

  /// "arn:aws:lambda:REGION:ACCOUNT:function:NAME", with ":QUALIFIER" unless that is empty.
  std::string arn(std::string_view name, std::string_view qualifier = "") const;

  Function* find(std::string_view name);

  /// Adds a function whose $LATEST is `deployment`, Active and Successful, with a revision id and today's date.
  /// There is none of that name.
  Function& add(std::string name, Deployment deployment);

  void remove(std::string_view name);

  /// Puts another deployment into $LATEST, with a new revision id and date; its status stays as it is.
  void set_latest(Function& function, Deployment deployment);

  /// Gives $LATEST a number; if nothing has changed since the last one, that one stays and is given back.
  FunctionVersion& publish(Function& function, std::string description = "");

  /// To be called after any other change that matters to running environments, such as concurrency.
  void changed(const Function& function);

  /// Sorted by name.
  std::vector<Function*> all();

  void on_change(Listener listener) { listeners_.push_back(std::move(listener)); }

  /// Finds what a call is for. A qualifier may stand in the reference or beside it; an alias leads to its version, by
  /// weight if it has several.
  /// @param random_share  from 0 to 1, chooses between the versions of an alias
  /// @throws ServiceError 404 ResourceNotFoundException | 400 InvalidParameterValueException, ValidationException
  InvocationTarget resolve(const FunctionReference& reference, std::string_view qualifier, double random_share);

  /// The function of a reference, whatever its qualifier.
  /// @throws ServiceError 404 ResourceNotFoundException
  Function& require(const FunctionReference& reference);

  /// A new UUID, as revision ids are.
  static std::string new_revision_id();

 private:
  std::string region_;
  const Clock& clock_;
  std::map<std::string, std::unique_ptr<Function>, std::less<>> functions_;
  std::vector<Listener> listeners_;
};

}  // namespace creel::emulator
