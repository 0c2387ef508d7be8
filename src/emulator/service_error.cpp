#include "emulator/service_error.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace creel::emulator {
namespace json = boost::json;

HttpReply json_reply(int status, std::string json) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(json)};
}

HttpReply to_reply(const ServiceError& error) {
  json::object body;
  if (!error.reason().empty()) body["Reason"] = error.reason();
  body["Type"] = error.status() < 500 ? "User" : "Service";
  // Recorded from the service: this one exception, alone, spells it with a capital.
  body[error.type() == "ResourceNotFoundException" ? "Message" : "message"] = error.what();
  auto reply = json_reply(error.status(), json::serialize(body));
  reply.headers.add("x-amzn-ErrorType", error.type());
  if (error.retry_after()) reply.headers.add("Retry-After", std::to_string(error.retry_after()->count()));
  return reply;
}

}  // namespace creel::emulator
