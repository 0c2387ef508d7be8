#include <utility>

#include <boost/json/serialize.hpp>

#include "creel/lambda.h"
#include "lambda/text.h"

namespace creel::lambda {

namespace {

constexpr const char* kHttpContentType = "application/vnd.awslambda.http-integration-response";

// The JSON of the head, and what parts it from the payload.
std::string prelude(const HttpHead& head) {
  json::object headers;
  for (const auto& [name, value] : head.headers) headers[name] = value;
  json::array cookies;
  for (const auto& cookie : head.cookies) cookies.emplace_back(cookie);
  const json::object whole{
      {"statusCode", head.status}, {"headers", std::move(headers)}, {"cookies", std::move(cookies)}};
  return json::serialize(whole) + std::string(8, '\0');
}

}  // namespace

ResponseStream::ResponseStream() = default;
ResponseStream::ResponseStream(Sink& sink) : sink_(&sink) {}
ResponseStream::~ResponseStream() = default;

void ResponseStream::must_not_have_started(const char* what) const {
  if (started_) throw std::logic_error(concat({what, " comes before the first write of a response stream"}));
}

void ResponseStream::set_content_type(std::string content_type) {
  must_not_have_started("the content type");
  if (content_type.empty() || content_type.find_first_of("\r\n") != std::string::npos) {
    throw std::invalid_argument("a content type is one line of text");
  }
  content_type_ = std::move(content_type);
}

void ResponseStream::set_http_head(HttpHead head) {
  must_not_have_started("the HTTP head");
  head_ = std::move(head);
}

// What goes out for `bytes`: the HTTP head too, if they are the first.
std::string ResponseStream::with_head(std::string_view bytes) {
  const bool is_first = !std::exchange(started_, true);
  if (!is_first || !head_) return std::string(bytes);
  return prelude(*head_).append(bytes);
}

Task<void> ResponseStream::write(std::string bytes) {
  if (!sink_) {
    started_ = true;
    written_ += bytes;
    co_return;
  }
  if (!started_) bytes = with_head(bytes);
  co_await sink_->write(head_ ? kHttpContentType : content_type_, std::move(bytes));
}

void ResponseStream::write_blocking(std::string_view bytes) {
  if (!sink_) {
    started_ = true;
    written_ += bytes;
  } else if (started_) {
    sink_->write_blocking(head_ ? kHttpContentType : content_type_, bytes);
  } else {
    sink_->write_blocking(head_ ? kHttpContentType : content_type_, with_head(bytes));
  }
}

Task<void> ResponseStream::finish() {
  if (!started_) co_await write("");
}

}  // namespace creel::lambda
