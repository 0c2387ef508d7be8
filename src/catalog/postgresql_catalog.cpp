#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/text.h"
#include "catalog/catalog_connector.h"
#include "catalog/migrations.h"
#include "catalog/sql_failure.h"

namespace creel {
namespace {

struct Option {
  const char* name;
  const char* value;
};

/// What the URL may say otherwise. A server that has vanished without a word is given up within seconds.
constexpr std::array kDefaults = {
    Option{"application_name", "creel"}, Option{"connect_timeout", "5"},  Option{"keepalives_idle", "10"},
    Option{"keepalives_interval", "5"},  Option{"keepalives_count", "3"}, Option{"tcp_user_timeout", "15000"},
};

/// Set on every connection.
constexpr std::array kSettings = {
    "set client_encoding = 'UTF8'",
    "set default_transaction_isolation = 'read committed'",
    // Plans that are kept are made while tables are still small, and are bad ones later.
    "set plan_cache_mode = force_custom_plan",
    "set jit = off",
    // Another program holds a row for this long only if it hangs.
    "set lock_timeout = '10s'",
    // Sorts and hashes of one statement.
    "set work_mem = '16MB'",
};

using ConninfoOptions = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

bool is_set(const PQconninfoOption& option) {
  return option.val != nullptr && *option.val != '\0';
}

std::string quoted(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text + "'";
}

/// A server's address as libpq reads it, taken apart.
class Conninfo {
 public:
  /// @throws Failure bad_request
  Conninfo(const std::string& url, const CatalogAdvice& advice)
      : options_(PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree) {
    if (options_) return;
    throw Failure(
        FailureKind::bad_request,
        fmt::format("this is no URL of a PostgreSQL database: write it as "
                    "postgresql://user:password@host:port/database, special characters percent-encoded, or {}",
                    advice.choose_another));
  }

  std::string value(std::string_view name) const {
    for (const auto* option = options_.get(); option->keyword != nullptr; ++option) {
      if (name == option->keyword && is_set(*option)) return option->val;
    }
    return {};
  }

  /// For libpq, with what the URL leaves open.
  std::string text() const {
    std::string text;
    for (const auto* option = options_.get(); option->keyword != nullptr; ++option) {
      if (is_set(*option)) text += fmt::format("{}={} ", option->keyword, quoted(option->val));
    }
    for (const auto& [name, otherwise] : kDefaults) {
      if (value(name).empty()) text += fmt::format("{}={} ", name, quoted(otherwise));
    }
    return text;
  }

  /// For people: no password.
  std::string name() const {
    const auto with = [this](std::string_view before, std::string_view option, std::string_view after) {
      const auto found = value(option);
      return found.empty() ? std::string() : fmt::format("{}{}{}", before, found, after);
    };
    return fmt::format("postgresql://{}{}{}{}", with("", "user", "@"), with("", "host", ""), with(":", "port", ""),
                       with("/", "dbname", ""));
  }

 private:
  ConninfoOptions options_;
};

PGconn* connection_of(soci::session& session) {
  return static_cast<soci::postgresql_session_backend&>(*session.get_backend()).conn_;
}

class PostgresqlConnector final : public CatalogConnector {
 public:
  PostgresqlConnector(const Conninfo& conninfo, CatalogAdvice advice)
      : CatalogConnector(Dialect::postgresql, conninfo.name(), std::move(advice)), conninfo_(conninfo.text()) {}

  std::shared_ptr<soci::session> connect() const override {
    std::shared_ptr<soci::session> session;
    try {
      session = std::make_shared<soci::session>(*soci::factory_postgresql(), conninfo_);
    } catch (const soci::postgresql_soci_error&) {
      throw;
    } catch (const soci::soci_error& error) {
      throw CatalogUnavailable(fmt::format("{}: {}", name(), reason(error.get_error_message())));
    }
    // libpq writes what the server remarks to standard error, where the log may be. What matters is answered as an
    // error.
    PQsetNoticeProcessor(connection_of(*session), [](void*, const char*) {}, nullptr);
    for (const auto* setting : kSettings) *session << setting;
    return session;
  }

  /// Asks the server: libpq takes note of a lost connection only at the request after the one that failed.
  bool is_sound(soci::session& session) const override {
    auto* connection = connection_of(session);
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(connection, ""), &PQclear);
    return PQresultStatus(answer.get()) == PGRES_EMPTY_QUERY && PQstatus(connection) == CONNECTION_OK &&
           PQtransactionStatus(connection) == PQTRANS_IDLE;
  }

 private:
  /// libpq's words, in one line, without those of SOCI before them.
  static std::string reason(const std::string& message) {
    std::string text;
    for (const auto line : split(message, '\n')) {
      if (line.starts_with("Cannot establish connection") || trim(line).empty()) continue;
      if (!text.empty()) text += ' ';
      text += trim(line);
    }
    return text.empty() ? "the server cannot be reached" : text;
  }

  /// Holds the password.
  std::string conninfo_;
};

}  // namespace

std::unique_ptr<Catalog> Catalog::open_postgresql(const std::string& url, const CatalogAdvice& advice) {
  const Conninfo conninfo(url, advice);
  auto catalog = std::make_unique<Catalog>(std::make_shared<PostgresqlConnector>(conninfo, advice));
  try {
    auto& session = catalog->session();
    // As long as it takes, while another program changes the schema.
    session << "set lock_timeout = 0";
    migrate(session, Dialect::postgresql, all_migrations(), {catalog->name(), advice}, SystemClock{}.now());
    session << "set lock_timeout = '10s'";
  } catch (const soci::soci_error&) {
    rethrow_named(catalog->name(), advice);
  }
  return catalog;
}

}  // namespace creel
