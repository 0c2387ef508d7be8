#include "aws/http_answer.h"

namespace creel::aws {

HttpRequest make_request(HttpMethod method, Url url, SteadyTime deadline) {
  return {
      .method = method, .url = std::move(url), .headers = {}, .body = BodyView(), .on_sent = {}, .deadline = deadline};
}

Task<HttpAnswer> exchange(HttpClient& http, HttpRequest request, std::size_t max_bytes) {
  auto response = co_await http.send(std::move(request));
  HttpAnswer answer{.status = response.status(), .headers = response.headers(), .body = {}};
  answer.body = co_await response.read_text(max_bytes);
  co_return answer;
}

}  // namespace creel::aws
