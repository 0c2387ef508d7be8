#include "catalog/sqlite_words.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "base/failure.h"

namespace creel {
namespace {

using namespace sqlite_api;

/// FTS5's own tokenizer. https://www.sqlite.org/fts5.html#custom_tokenizers
class Tokenizer {
 public:
  explicit Tokenizer(sqlite3* connection) {
    auto* api = find_api(connection);
    void* context = nullptr;
    // As the migration sets it for the index of words.
    std::array<const char*, 2> arguments = {"remove_diacritics", "2"};
    if (api == nullptr || api->xFindTokenizer(api, "unicode61", &context, &functions_) != SQLITE_OK ||
        functions_.xCreate(context, arguments.data(), static_cast<int>(arguments.size()), &instance_) != SQLITE_OK) {
      throw Failure(FailureKind::internal, "this SQLite has no full-text search: creel needs one with FTS5");
    }
  }
  ~Tokenizer() {
    if (instance_ != nullptr) functions_.xDelete(instance_);
  }
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  /// Calls `take(word)` for each word of the text.
  template <class Take>
  void tokenize(std::string_view text, Take take) {
    functions_.xTokenize(instance_, &take, FTS5_TOKENIZE_DOCUMENT, text.data(), static_cast<int>(text.size()),
                         [](void* context, int, const char* word, int size, int, int) {
                           (*static_cast<Take*>(context))(std::string_view(word, static_cast<std::size_t>(size)));
                           return SQLITE_OK;
                         });
  }

 private:
  static fts5_api* find_api(sqlite3* connection) {
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection, "select fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
      sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
      sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
  }

  fts5_tokenizer functions_{};
  Fts5Tokenizer* instance_ = nullptr;
};

/// The words of a query, and which of them were seen.
struct Query {
  std::vector<std::string> words;
  bool last_is_prefix = false;

  bool matches(std::size_t index, std::string_view word) const {
    if (last_is_prefix && index + 1 == words.size()) return word.starts_with(words[index]);
    return word == words[index];
  }
};

std::string_view text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

/// The query of a call, read once for a statement.
Query& query_of(Tokenizer& tokenizer, sqlite3_context* context, sqlite3_value* argument, std::unique_ptr<Query>& keep) {
  if (auto* known = static_cast<Query*>(sqlite3_get_auxdata(context, 0)); known != nullptr) return *known;
  keep = std::make_unique<Query>();
  const auto text = text_of(argument);
  tokenizer.tokenize(text, [&](std::string_view word) { keep->words.emplace_back(word); });
  keep->last_is_prefix = text.ends_with('*');
  return *keep;
}

bool has_words(Tokenizer& tokenizer, const Query& query, std::vector<sqlite3_value*> texts) {
  std::vector<bool> seen(query.words.size());
  for (auto* text : texts) {
    tokenizer.tokenize(text_of(text), [&](std::string_view word) {
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = seen[i] || query.matches(i, word);
    });
  }
  return !seen.empty() && std::ranges::find(seen, false) == seen.end();
}

void call(sqlite3_context* context, int count, sqlite3_value** arguments) {
  try {
    auto& tokenizer = *static_cast<Tokenizer*>(sqlite3_user_data(context));
    std::unique_ptr<Query> read;
    const auto& query = query_of(tokenizer, context, arguments[0], read);
    sqlite3_result_int(context, has_words(tokenizer, query, {arguments + 1, arguments + count}) ? 1 : 0);
    if (read) {
      sqlite3_set_auxdata(context, 0, read.release(), [](void* query_data) { delete static_cast<Query*>(query_data); });
    }
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

}  // namespace

void add_word_function(soci::session& session) {
  auto* connection = static_cast<soci::sqlite3_session_backend&>(*session.get_backend()).conn_;
  auto tokenizer = std::make_unique<Tokenizer>(connection);
  // Owns the tokenizer from here on, whether it succeeds or not.
  const int result = sqlite3_create_function_v2(connection, "creel_has_words", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                                tokenizer.release(), &call, nullptr, nullptr,
                                                [](void* context) { delete static_cast<Tokenizer*>(context); });
  if (result != SQLITE_OK) throw soci::sqlite3_soci_error("the function creel_has_words", result);
}

}  // namespace creel
