#include "lambda/error_report.h"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <typeinfo>

#include <boost/json/serialize.hpp>

#include "creel/lambda.h"
#include "lambda/stack_trace.h"
#include "lambda/text.h"
#include "lambda/utf8.h"

namespace creel::lambda {

namespace {

// So that the report of an error is never too large itself.
constexpr std::size_t kMaxMessageBytes = 64 * 1024;
constexpr std::size_t kMaxTypeBytes = 1024;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_service_type(std::string_view type) {
  const auto dot = type.find('.');
  if (dot == std::string_view::npos) return false;
  const auto category = type.substr(0, dot);
  const auto reason = type.substr(dot + 1);
  return (category == "Runtime" || category == "Function") && reason.size() > 1 && is_upper(reason[0]) &&
         std::ranges::all_of(reason, is_letter);
}

// The last part of a C++ name, template arguments apart.
std::string_view last_name(std::string_view type) {
  type = type.substr(0, type.find('<'));
  const auto colons = type.rfind("::");
  return colons == std::string_view::npos ? type : type.substr(colons + 2);
}

// boost::throw_exception wraps what it throws into a type of its own, which says nothing.
std::string unwrapped(std::string type) {
  constexpr std::string_view kWrapper = "boost::wrapexcept<";
  if (!type.starts_with(kWrapper) || !type.ends_with('>')) return type;
  return type.substr(kWrapper.size(), type.size() - kWrapper.size() - 1);
}

const char* name_of_current_exception() {
  const auto* type = abi::__cxa_current_exception_type();
  return type ? type->name() : "unknown";
}

}  // namespace

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return status == 0 && text ? text.get() : name;
}

ErrorReport report_of(const std::exception_ptr& error) {
  ErrorReport report;
  report.stack = describe(trace_of_throw(error));
  try {
    std::rethrow_exception(error);
  } catch (const Error& own) {
    report.type = own.type();
    report.message = own.what();
  } catch (const std::exception& other) {
    report.type = unwrapped(demangled(typeid(other).name()));
    report.message = other.what();
  } catch (const std::string& text) {
    report.type = "std::string";
    report.message = text;
  } catch (const char* text) {
    report.type = "const char*";
    report.message = text ? text : "";
  } catch (...) {
    report.type = demangled(name_of_current_exception());
    report.message = concat({"the handler threw something that is no exception, of type ", report.type});
  }
  return report;
}

std::string to_json(const ErrorReport& report) {
  json::array stack;
  for (const auto& frame : report.stack) stack.emplace_back(frame);
  return json::serialize(json::object{{"errorMessage", valid_utf8(report.message, kMaxMessageBytes)},
                                      {"errorType", valid_utf8(report.type, kMaxTypeBytes)},
                                      {"stackTrace", std::move(stack)}});
}

std::string service_type(std::string_view type) {
  if (is_service_type(type)) return std::string(type);
  std::string reason;
  bool starts_word = true;
  for (char c : last_name(type)) {
    if (!is_letter(c)) {
      starts_word = true;
    } else {
      reason += starts_word ? upper(c) : c;
      starts_word = false;
    }
  }
  return reason.size() > 1 ? "Function." + reason : "Function.Error";
}

ErrorReport answer_too_large() {
  return {"Function.ResponseSizeTooLarge",
          "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
          {}};
}

}  // namespace creel::lambda
