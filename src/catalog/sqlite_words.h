#pragma once

namespace soci {
class session;
}

namespace creel {

/// Adds the SQL function `creel_has_words(query, text...)` to an SQLite connection: 1 if the texts hold all words of
/// the query, as `SearchWords::fts5` writes it, by the tokenizer that the index of words has. It is for few texts that
/// other conditions have found, where the index would have to go through all images that have the words.
void add_word_function(soci::session& session);

}  // namespace creel
