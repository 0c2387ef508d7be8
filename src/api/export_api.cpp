#include "api/export_api.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/image_csv.h"
#include "api/image_json.h"
#include "api/image_query.h"
#include "catalog/catalog_service.h"

namespace creel {
namespace {

/// Images that are in memory at a time.
constexpr std::size_t kImagesAtATime = 500;

enum class Format : std::uint8_t { jsonl, csv };

struct Piece {
  std::string text;
  std::string next_cursor;
};

Piece next_piece(Repositories& catalog, const ImageQuery& query, Format format) {
  const auto page = catalog.library.page(query);
  Piece piece{.text = {}, .next_cursor = page.next_cursor};
  for (const auto& image : page.images) {
    if (format == Format::csv) {
      append_image_csv(piece.text, image);
    } else {
      append_image_json(piece.text, image);
      piece.text += '\n';
    }
  }
  return piece;
}

Task<Piece> read_piece(CatalogService& catalog, ImageQuery query, Format format) {
  co_return co_await catalog.read(
      [&query, format](Repositories& repositories) { return next_piece(repositories, query, format); });
}

/// The catalog is looked at page by page, as fast as the client takes them: no connection is held in between.
Task<void> write_rest(CatalogService* catalog, ImageQuery query, Format format, Piece piece, HttpBodyWriter* writer) {
  for (;;) {
    co_await writer->write(piece.text);
    if (piece.next_cursor.empty()) co_return;
    query.cursor = piece.next_cursor;
    piece = co_await read_piece(*catalog, query, format);
  }
}

HttpHeaders headers_of(Format format) {
  const bool is_csv = format == Format::csv;
  return {
      {"Content-Type", is_csv ? "text/csv; charset=utf-8; header=present" : "application/jsonl"},
      {"Content-Disposition", is_csv ? "attachment; filename=\"images.csv\"" : "attachment; filename=\"images.jsonl\""},
      {"X-Content-Type-Options", "nosniff"},
      {"Cache-Control", "no-store"}};
}

}  // namespace

Task<HttpReply> ExportApi::export_images(ApiCall call) {
  const auto format = call.query().choice("format") == "csv" ? Format::csv : Format::jsonl;
  ImageQuery query{.filter = image_filter(call.query()), .sort = ImageSort::oldest_found, .limit = kImagesAtATime};
  // What is found from now on is not part of it, or an export could go on for ever.
  const SystemTime now =
      std::chrono::ceil<std::chrono::milliseconds>(parts_.clock.now()) + std::chrono::milliseconds(1);
  query.filter.found_before = std::min(query.filter.found_before.value_or(now), now);
  // The first piece is read before the answer begins, so that a database that is away is told of.
  auto first = co_await read_piece(parts_.catalog, query, format);
  if (format == Format::csv) first.text.insert(0, image_csv_header());
  HttpReply reply{.headers = headers_of(format)};
  reply.stream = [catalog = &parts_.catalog, query, format, first = std::move(first)](HttpBodyWriter& writer) {
    return write_rest(catalog, query, format, first, &writer);
  };
  co_return reply;
}

void ExportApi::add_routes(Router& router) {
  auto parameters = image_filter_parameters();
  parameters.push_back({.name = "format",
                        .type = ParameterType::one_of,
                        .help = "JSON Lines, or CSV as in RFC 4180 with a first line of names",
                        .choices = {"jsonl", "csv"},
                        .default_value = "jsonl"});
  router.add(
      {.method = "GET",
       .path = "/images/export",
       .name = "export_images",
       .tag = "images",
       .summary = "All images of a filter, as JSON Lines or CSV",
       .help = "The oldest first. The answer is made while it is read; one that is cut off by a failure ends without "
               "its last chunk. In CSV a text that a spreadsheet would take for a formula gets an apostrophe before "
               "it.",
       .query = std::move(parameters),
       .answers = {{.help = "JSON Lines", .schema = R"({"type":"string"})", .media_type = "application/jsonl"},
                   {.help = "CSV", .schema = R"({"type":"string"})", .media_type = "text/csv"}},
       .handler = [this](ApiCall call) { return export_images(std::move(call)); }});
}

}  // namespace creel
