#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/failure.h"
#include "base/hash.h"
#include "emulator/control_fields.h"
#include "emulator/control_json.h"
#include "emulator/control_operations.h"
#include "emulator/control_page.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxZipBytes = 52'428'800;
constexpr std::size_t kMaxUnzippedBytes = 262'144'000;

[[noreturn]] void refuse_parameter(const std::string& message) {
  throw ServiceError(400, "InvalidParameterValueException", message);
}

/// The zip that a request brings along, or names in a bucket.
Task<std::string> zip_of(ControlState& state, json::object source) {
  if (const auto encoded = text_of(source, "ZipFile")) {
    auto zip = base64_decode(*encoded);
    if (!zip) throw ServiceError(400, "SerializationException", "ZipFile is not Base64");
    if (zip->size() > kMaxZipBytes) {
      throw ServiceError(413, "RequestEntityTooLargeException",
                         fmt::format("Zipped size must be smaller than {} bytes", kMaxZipBytes));
    }
    co_return std::move(*zip);
  }
  if (text_of(source, "ImageUri")) refuse_parameter("The emulator runs zips; it has no container images.");
  const auto bucket = text_of(source, "S3Bucket");
  const auto key = text_of(source, "S3Key");
  if (!bucket || !key) refuse_parameter("Please provide a source for function code.");
  if (!state.parts().fetch_object) {
    refuse_parameter(
        "The emulator knows no S3 store to get the code from: start it with --s3-endpoint-url, or send the "
        "code as ZipFile.");
  }
  try {
    co_return co_await state.parts().fetch_object(*bucket, *key);
  } catch (const Failure& failure) {
    refuse_parameter(fmt::format("Error occurred while GetObject. S3 Error Message: {}", failure.what()));
  }
}

/// The code of that digest, if some version of the function has it: then there is nothing to unpack.
std::shared_ptr<const FunctionCode> known_code(const Function* function, const std::string& digest) {
  if (function == nullptr) return nullptr;
  if (function->latest.deployment->code->sha256_base64 == digest) return function->latest.deployment->code;
  for (const auto& [number, version] : function->versions) {
    if (version.deployment->code->sha256_base64 == digest) return version.deployment->code;
  }
  return nullptr;
}

Task<std::shared_ptr<const FunctionCode>> unpack(ControlState& state, std::string name, json::object source) {
  auto zip = co_await zip_of(state, std::move(source));
  if (auto known = known_code(state.registry().find(name), base64_encode(sha256(zip)))) co_return known;
  try {
    co_return co_await state.code().add(std::move(zip));
  } catch (const Failure& failure) {
    state.parts().log->warn("{}: {}", name, failure.what());
    if (failure.kind() == FailureKind::too_large) {
      refuse_parameter(fmt::format("Unzipped size must be smaller than {} bytes", kMaxUnzippedBytes));
    }
    refuse_parameter("Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
}

FunctionConfiguration new_configuration(const ControlRequest& request) {
  if (!request.text("Role")) refuse_value("null", "role", "Member must not be null");
  if (request.text("PackageType").value_or("Zip") != "Zip") {
    refuse_parameter("The emulator runs functions of the package type Zip alone.");
  }
  if (!request.text("Runtime") || !request.text("Handler")) {
    refuse_parameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  }
  FunctionConfiguration configuration;
  apply_fields(request, configuration);
  if (auto architecture = architecture_field(request)) configuration.architecture = *architecture;
  return configuration;
}

void check_absent(ControlState& state, const std::string& name) {
  if (state.registry().find(name) == nullptr) return;
  throw ServiceError(409, "ResourceConflictException", fmt::format("Function already exist: {}", name));
}

HttpReply version_reply(ControlState& state, int status, const Function& function, const FunctionVersion& version) {
  const auto qualifier = version.version == kLatest ? std::string() : version.version;
  return object_reply(status, configuration_json(state.registry(), function, version, qualifier));
}

}  // namespace

Task<HttpReply> create_function(ControlState& state, ControlRequest request) {
  const auto named = request.text("FunctionName");
  if (!named) refuse_value("null", "functionName", "Member must not be null");
  const auto name = parse_function_reference(*named).name;
  auto configuration = new_configuration(request);
  const auto tags = tags_field(request);
  check_absent(state, name);
  const auto* source = request.object("Code");
  if (source == nullptr) refuse_value("null", "code", "Member must not be null");
  auto code = co_await unpack(state, name, *source);
  // Somebody may have made one of that name meanwhile.
  check_absent(state, name);

  auto& function = state.registry().add(name, {.configuration = std::move(configuration), .code = std::move(code)});
  for (const auto& [key, value] : tags) function.tags[key] = value;
  const bool is_published = request.flag("Publish");
  if (is_published) state.registry().publish(function);
  state.begin_creation(function);
  const auto& version = is_published ? function.versions.begin()->second : function.latest;
  co_return version_reply(state, 201, function, version);
}

Task<HttpReply> update_function_code(ControlState& state, ControlRequest request) {
  const auto reference = request.function();
  const auto name = state.require(reference).name;
  state.check_ready(state.require(reference));
  check_revision(request.text("RevisionId"), state.require(reference).latest.revision_id);
  const auto architecture = architecture_field(request);
  auto code = co_await unpack(state, name, request.body);

  // What was true before the unpacking may be so no more.
  auto& function = state.require(reference);
  state.check_ready(function);
  check_revision(request.text("RevisionId"), function.latest.revision_id);
  auto deployment = *function.latest.deployment;
  deployment.code = std::move(code);
  if (architecture) deployment.configuration.architecture = *architecture;
  if (request.flag("DryRun")) {
    auto version = function.latest;
    version.deployment = std::make_shared<const Deployment>(std::move(deployment));
    co_return version_reply(state, 200, function, version);
  }
  state.registry().set_latest(function, std::move(deployment));
  if (!request.flag("Publish")) {
    state.begin_update(function);
    co_return version_reply(state, 200, function, function.latest);
  }
  const auto& published = state.registry().publish(function);
  state.begin_update(function);
  co_return version_reply(state, 200, function, published);
}

HttpReply update_function_configuration(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  state.check_ready(function);
  check_revision(request.text("RevisionId"), function.latest.revision_id);
  auto deployment = *function.latest.deployment;
  apply_fields(request, deployment.configuration);
  state.registry().set_latest(function, std::move(deployment));
  state.begin_update(function);
  return version_reply(state, 200, function, function.latest);
}

HttpReply get_function_configuration(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  const auto& version = state.require_version(function, reference.qualifier);
  return object_reply(200, configuration_json(state.registry(), function, version, reference.qualifier));
}

HttpReply get_function(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  const auto& version = state.require_version(function, reference.qualifier);
  const auto place = version.version == kLatest ? std::string("latest") : version.version;
  json::object reply{{"Configuration", configuration_json(state.registry(), function, version, reference.qualifier)},
                     {"Code", json::object{{"RepositoryType", "S3"},
                                           {"Location", fmt::format("{}/function-code/{}/{}.zip",
                                                                    state.parts().base_url(), function.name, place)}}}};
  if (!function.tags.empty()) {
    json::object tags;
    for (const auto& [key, value] : function.tags) tags[key] = value;
    reply["Tags"] = std::move(tags);
  }
  if (function.reserved_concurrency) {
    reply["Concurrency"] = json::object{{"ReservedConcurrentExecutions", *function.reserved_concurrency}};
  }
  return object_reply(200, reply);
}

HttpReply get_function_code(ControlState& state, const ControlRequest& request) {
  auto& function = state.require({.name = request.path_parameters[0]});
  auto place = request.path_parameters[1];
  if (place.ends_with(".zip")) place.resize(place.size() - 4);
  const auto& version = state.require_version(function, place == "latest" ? std::string(kLatest) : place);
  std::ifstream file(version.deployment->code->zip_file, std::ios::binary);
  std::string zip{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw ServiceError(404, "ResourceNotFoundException", "The zip of this function was not kept.");
  return {.status = 200, .headers = {{"Content-Type", "application/zip"}}, .body = std::move(zip)};
}

HttpReply delete_function(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  if (reference.qualifier.empty()) {
    state.registry().remove(function.name);
    return no_content();
  }
  if (reference.qualifier == kLatest) {
    refuse_parameter("$LATEST version cannot be deleted without deleting the function.");
  }
  if (function.aliases.contains(reference.qualifier)) {
    refuse_parameter("Deletion of aliases is not currently supported.");
  }
  for (const auto& [name, alias] : function.aliases) {
    if (alias.version == reference.qualifier || alias.weights.contains(reference.qualifier)) {
      throw ServiceError(
          409, "ResourceConflictException",
          fmt::format("Unable to delete version because the following aliases reference it: [{}]", name));
    }
  }
  const auto is_it = [&](const auto& entry) { return entry.second.version == reference.qualifier; };
  std::erase_if(function.versions, is_it);
  state.registry().changed(function);
  return no_content();
}

HttpReply list_functions(ControlState& state, const ControlRequest& request) {
  const bool with_versions = request.parameter("FunctionVersion") == "ALL";
  json::array functions;
  for (const auto* function : state.registry().all()) {
    const auto add = [&](const FunctionVersion& version, const std::string& qualifier) {
      functions.push_back(configuration_json(state.registry(), *function, version, qualifier, Detail::without_state));
    };
    add(function->latest, with_versions ? std::string(kLatest) : std::string());
    if (!with_versions) continue;
    for (const auto& [number, version] : function->versions) add(version, version.version);
  }
  return page_reply(request, "Functions", std::move(functions));
}

}  // namespace creel::emulator
