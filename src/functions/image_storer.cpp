#include "functions/image_storer.h"

#include <algorithm>
#include <optional>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "functions/opt_out.h"
#include "net/http_status.h"
#include "store/object_metadata.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// A short error page is read to its end, so that its connection can serve the next image.
constexpr std::size_t kMaxDiscardedBytes = 64 * 1024;

/// What cannot be cleared away so fast is left to the store's own rules: nobody waits longer for a job to stop.
constexpr std::chrono::seconds kAbortPatience{1};

constexpr std::size_t kMaxValidatorBytes = 256;

/// Where hosts send those who ask for an image that is gone.
constexpr std::string_view kPlaceholderPath = "/removed.png";

void check_answer(const StoreRequest& request, const FollowedResponse& fetched) {
  const int status = fetched.response.status();
  if (status != 200) {
    throw Failure(FailureKind::server_error, fmt::format("the server answered with status {}", status));
  }
  if (fetched.redirects > 0 && fetched.final_url.encoded_path().ends_with(kPlaceholderPath)) {
    throw Failure(FailureKind::placeholder,
                  fmt::format("the host answers with a placeholder, {}", fetched.final_url.str()));
  }
  if (request.opt_outs == OptOuts::obey) {
    if (const auto directive = opt_out_directive(fetched.response.headers())) {
      throw Failure(FailureKind::opted_out, fmt::format("the server says '{}' in X-Robots-Tag", *directive));
    }
  }
}

bool accepts(const std::vector<std::string>& patterns, std::string_view type) {
  return std::ranges::any_of(patterns, [type](std::string_view pattern) {
    if (pattern == "*" || pattern == "*/*") return true;
    if (pattern.ends_with("/*"))
      return ascii_iequals(pattern.substr(0, pattern.size() - 1), type.substr(0, pattern.size() - 1));
    return ascii_iequals(pattern, type);
  });
}

ImageInfo checked_info(const StoreRequest& request, const BodyView& first_bytes) {
  const auto info = probe_image(first_bytes);
  if (!info) throw Failure(FailureKind::not_an_image, "the bytes are not those of an image");
  if (!accepts(request.accept_types, content_type(info->type))) {
    throw Failure(FailureKind::not_an_image,
                  fmt::format("the image is of the type {}, which is not wanted", content_type(info->type)));
  }
  return *info;
}

PutCondition condition_of(const StoreRequest& request) {
  if (request.if_exists == IfExists::skip || request.key.mode == KeyMode::content) return PutCondition::absent_only;
  return request.may_be_stored ? PutCondition::unless_same : PutCondition::always;
}

ObjectMetadata metadata_of(const StoreRequest& request, const ImageInfo& info, const std::string& sha256) {
  std::vector<std::pair<std::string, std::string>> first;
  if (!sha256.empty()) first.emplace_back("sha256", sha256);
  first.emplace_back("source-url", request.image_url.str());
  return object_metadata(content_type(info.type), first, request.image_meta);
}

/// What the origin says of the image, as far as it is of a length that one keeps.
void note_origin(const FollowedResponse& fetched, StoredImage& stored) {
  stored.final_url = fetched.final_url.str();
  const auto keep = [&fetched](std::string_view header) {
    const auto value = fetched.response.headers().find(header).value_or("");
    return value.size() <= kMaxValidatorBytes ? std::string(value) : std::string();
  };
  stored.origin_etag = keep("ETag");
  stored.origin_last_modified = keep("Last-Modified");
}

/// Ends the digest of the whole body and notes it and the size.
Sha256Digest stored_digest(ImageBody& body, StoredImage& stored) {
  const auto digest = body.finish_digest();
  stored.sha256 = to_hex(digest);
  stored.size_bytes = body.total_bytes();
  return digest;
}

/// A name of its own for a large object whose key is known only when all of it has been read.
ObjectKey temporary_key(const StoreRequest& request) {
  return {".creel-unfinished/" + to_hex(sha256(request.image_url.str()))};
}

}  // namespace

Task<StoredImage> ImageStorer::store(StoreRequest request) {
  const auto started = clock_.steady_now();
  const auto deadline = started + request.timeout;
  ImageBody body(budget_, blocks_, request.max_bytes);
  StoredImage stored;
  {
    std::optional fetched = co_await fetch(http_, request, deadline);
    if (!fetched->response.can_wait() && !body.reserve_at_once(fetched->response)) {
      // Given up, and asked for again in a way that keeps the bytes at the server until there is room for them.
      fetched.reset();
      fetched = co_await fetch(http1_, request, deadline);
    }
    note_origin(*fetched, stored);
    if (co_await body.read(fetched->response) == ImageBody::Part::more_follow) {
      const auto digest = co_await flow(request, *fetched, body, stored);
      co_await compare_kept(request, digest, stored);
      stored.fetch_time = since(started);
      co_return stored;
    }
  }
  stored.fetch_time = since(started);
  const auto digest = co_await put(request, body, stored);
  co_await compare_kept(request, digest, stored);
  stored.store_time = since(started) - stored.fetch_time;
  co_return stored;
}

std::chrono::milliseconds ImageStorer::since(SteadyTime start) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - start);
}

Task<FollowedResponse> ImageStorer::fetch(HttpClient& http, const StoreRequest& request, SteadyTime deadline) {
  HttpRequest get{.url = request.image_url, .headers = request.fetch_headers, .deadline = deadline};
  if (!get.headers.find("Accept")) get.headers.add("Accept", "image/*,*/*;q=0.5");
  auto fetched = co_await get_following_redirects(http, std::move(get));
  if (fetched.response.status() >= 300) {
    const auto failure = failure_for_status(fetched.response.status(), fetched.response.headers(), clock_.now());
    co_await fetched.response.discard(kMaxDiscardedBytes);
    throw Failure(failure);
  }
  check_answer(request, fetched);
  co_return fetched;
}

Task<Sha256Digest> ImageStorer::put(const StoreRequest& request, ImageBody& body, StoredImage& stored) {
  const auto view = body.view();
  const auto digest = stored_digest(body, stored);
  stored.info = checked_info(request, view);
  stored.key = object_key(request.key, request.image_url, stored.info.type, digest);
  auto metadata = metadata_of(request, stored.info, stored.sha256);
  stored.put = co_await store_.put(stored.key, view, digest, std::move(metadata), condition_of(request));
  co_return digest;
}

/// An object that is kept because of its name may be another image's. One that is named after its bytes has them.
Task<void> ImageStorer::compare_kept(const StoreRequest& request, Sha256Digest digest, StoredImage& stored) {
  if (!stored.put.already_there || request.if_exists != IfExists::skip || request.key.mode != KeyMode::named) co_return;
  stored.put.is_another = !co_await store_.holds(stored.key, stored.size_bytes, digest);
}

Task<Sha256Digest> ImageStorer::flow(const StoreRequest& request, FollowedResponse& fetched, ImageBody& body,
                                     StoredImage& stored) {
  stored.info = checked_info(request, body.view());
  const auto type = stored.info.type;
  const bool key_is_known = request.key.mode == KeyMode::named;
  const auto begun = key_is_known ? object_key(request.key, request.image_url, type, {}) : temporary_key(request);
  const auto upload = co_await store_.begin_upload(begun, metadata_of(request, stored.info, ""));

  std::exception_ptr failure;
  try {
    auto part = ImageBody::Part::more_follow;
    while (part == ImageBody::Part::more_follow) {
      co_await upload->add_part(body.view());
      part = co_await body.next_part(fetched.response);
    }
    co_await upload->add_part(body.view());
    const auto digest = stored_digest(body, stored);
    stored.key = object_key(request.key, request.image_url, type, digest);
    stored.put = co_await upload->finish(stored.key, condition_of(request));
    co_return digest;
  } catch (...) {
    failure = std::current_exception();
  }
  // Also when this was cancelled: nothing half done may stay in the store.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  asio::steady_timer patience(co_await asio::this_coro::executor, kAbortPatience);
  using namespace asio::experimental::awaitable_operators;
  co_await (upload->abort() || patience.async_wait(asio::use_awaitable));
  std::rethrow_exception(failure);
}

}  // namespace creel
