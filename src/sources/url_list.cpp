#include <utility>

#include "base/text.h"
#include "sources/list_reader.h"

namespace creel {
namespace {

class UrlListReader final : public ListReader {
 public:
  using ListReader::ListReader;

  std::optional<ListItem> next() override {
    while (const auto line = lines_.next_line()) {
      if (line->too_long) return too_long_line(line->number);
      const auto text = trim(line->text);
      if (text.empty() || text.front() == '#') continue;
      std::optional<ListItem> item(std::in_place, std::in_place_type<ListedImage>);
      auto& image = std::get<ListedImage>(*item);
      image.url = text;
      image.position = lines_.position(line->number);
      return item;
    }
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<ListReader> url_list_reader(LineReader lines) {
  return std::make_unique<UrlListReader>(std::move(lines));
}

}  // namespace creel
