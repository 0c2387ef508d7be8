#include <creel/lambda.h>
#include <string>

#include <boost/json.hpp>

namespace json = boost::json;

// {"name": "Ada"} -> {"greeting": "Hello, Ada!"}
json::value hello(json::value event, creel::lambda::Context context) {
  const auto& name = event.at("name").as_string();
  log(creel::lambda::LogLevel::info, "somebody said hello", context);
  return {{"greeting", "Hello, " + std::string(name) + "!"}};
}

int main(int argc, char** argv) {
  return creel::lambda::run(argc, argv, {{"hello", hello}});
}
