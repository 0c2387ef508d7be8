#include "demo/picture_answer.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/xml.h"

namespace creel::demo {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kRemovedPath = "/removed.png";
constexpr std::string_view kRemovedSample = "icons/fish-64.png";

constexpr std::string_view kWebPage =
    "<!DOCTYPE html>\n<html><head><title>Members only</title></head>\n"
    "<body><p>Please log in to see this picture.</p></body></html>\n";

HttpReply bytes_reply(const EmbeddedFile& sample) {
  const auto info = probe_image(BodyView(std::as_bytes(std::span(sample.bytes))));
  return {.headers = {{"Content-Type", info ? std::string(content_type(info->type)) : "application/octet-stream"}},
          .body = std::string(sample.bytes)};
}

HttpReply redirect(std::string target) {
  return {.status = 302, .headers = {{"Location", std::move(target)}}};
}

HttpReply text_reply(int status, std::string_view text) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::string(text)};
}

}  // namespace

HttpReply picture_answer(const SiteView& view, const Picture& picture, Asked asked) {
  auto reply = bytes_reply(picture.sample);
  switch (picture.manners) {
    case Manners::well: return reply;
    case Manners::busy_once: {
      if (asked == Asked::again) return reply;
      auto busy = text_reply(429, "Too many requests, come back in a second.\n");
      busy.headers.add("Retry-After", "1");
      return busy;
    }
    case Manners::gone: return text_reply(404, "There is no such picture.\n");
    case Manners::forbidden: return text_reply(403, "No hot links.\n");
    case Manners::page: return {.headers = {{"Content-Type", std::string(kHtml)}}, .body = std::string(kWebPage)};
    case Manners::cut: reply.cut_after_bytes = reply.body.size() / 2; return reply;
    case Manners::loop: return redirect(view.url_of(picture));
    case Manners::removed: return redirect(std::string(kRemovedPath));
    case Manners::opted_out: reply.headers.add("X-Robots-Tag", "noai, noimageai"); return reply;
  }
  return reply;
}

HttpReply removed_notice() {
  return bytes_reply(*std::ranges::find(sample_files(), kRemovedSample, &EmbeddedFile::name));
}

HttpReply picture_page(const SiteView& view, const Picture& picture) {
  const auto title = aws::xml_escape(picture.title.empty() ? picture.id : picture.title);
  return {
      .headers = {{"Content-Type", std::string(kHtml)}},
      .body = fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\n"
                          "<body><h1>{0}</h1><p>{1}</p><p>{2}</p><p><img src=\"{3}\" alt=\"\"></p>\n"
                          "<p>{4}, a site of creel's demonstration.</p></body></html>\n",
                          title, aws::xml_escape(picture.description), aws::xml_escape(picture.author),
                          view.url_of(picture), aws::xml_escape(view.site.source))};
}

}  // namespace creel::demo
