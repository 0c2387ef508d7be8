#include "catalog/clean_text.h"

#include "base/text.h"

namespace creel {

void clean(std::string& text) {
  if (!is_utf8(text)) text = to_utf8(text);
  std::erase(text, '\0');
}

void clean(std::optional<std::string>& text) {
  if (text) clean(*text);
}

}  // namespace creel
