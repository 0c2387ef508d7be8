#include "api/content_coding.h"

#include <array>
#include <optional>
#include <stdexcept>

#include <zlib.h>

#include "base/text.h"

namespace creel {
namespace {

/// zlib's way to ask for the gzip format, with the largest window.
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kUsualMemory = 8;
constexpr std::size_t kPieceBytes = 64UL * 1024;

/// "0", "1", "0.5", "1.000" in thousandths; what is written otherwise counts as 0.
int read_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  int value = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (digit < '0' || digit > '9') return 0;
    value += (digit - '0') * unit;
    unit /= 10;
  }
  return value <= 1000 ? value : 0;
}

/// The quality of one member of the list: "gzip;q=0.5".
int quality_of(std::string_view member) {
  for (const auto parameter : split(member, ';')) {
    const auto text = trim(parameter);
    if (text.size() > 2 && ascii_iequals(text.substr(0, 2), "q=")) return read_quality(text.substr(2));
  }
  return 1000;
}

z_stream stream_over(std::string_view bytes) {
  z_stream stream{};
  // zlib does not write there.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  return stream;
}

/// Runs deflate or inflate to the end; false if the stream does not come to one.
template <class Step>
bool run_to_the_end(z_stream& stream, Step step, std::string& out) {
  std::array<char, kPieceBytes> piece{};
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = step(&stream, Z_FINISH);
    out.append(piece.data(), piece.size() - stream.avail_out);
    // No room is left in the piece: more is to come.
    if (result == Z_BUF_ERROR && stream.avail_out == 0) result = Z_OK;
  }
  return result == Z_STREAM_END;
}

}  // namespace

bool prefers_gzip(std::string_view header) {
  std::optional<int> of_gzip;
  std::optional<int> of_identity;
  std::optional<int> of_others;
  for (const auto member : split(header, ',')) {
    const auto coding = trim(member.substr(0, member.find(';')));
    if (ascii_iequals(coding, "gzip") || ascii_iequals(coding, "x-gzip")) of_gzip = quality_of(member);
    if (ascii_iequals(coding, "identity")) of_identity = quality_of(member);
    if (coding == "*") of_others = quality_of(member);
  }
  const auto quality = of_gzip ? *of_gzip : of_others.value_or(0);
  // Plain bytes that are not named are taken, but not asked for.
  return quality > 0 && quality >= of_identity.value_or(0);
}

std::string gzip(std::string_view bytes) {
  auto stream = stream_over(bytes);
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kUsualMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string out;
  const bool is_whole = run_to_the_end(stream, deflate, out);
  deflateEnd(&stream);
  if (!is_whole) throw std::logic_error("zlib did not come to an end");
  return out;
}

std::string gunzip(std::string_view bytes) {
  auto stream = stream_over(bytes);
  if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) throw std::bad_alloc();
  std::string out;
  const bool is_whole = run_to_the_end(stream, inflate, out);
  inflateEnd(&stream);
  if (!is_whole) throw std::logic_error("bytes that should be compressed are not");
  return out;
}

}  // namespace creel
