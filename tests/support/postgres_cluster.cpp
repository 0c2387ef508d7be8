#include "support/postgres_cluster.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <libpq-fe.h>
#include <memory>
#include <pwd.h>
#include <spawn.h>
#include <stdexcept>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace creel {
namespace {

namespace fs = std::filesystem;

/// Debian keeps the server's programs off the path, in a folder for each version.
fs::path newest_programs() {
  const fs::path versions = "/usr/lib/postgresql";
  fs::path newest;
  int highest = 0;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator(versions, ignored)) {
    const int number = std::atoi(version.path().filename().c_str());
    if (number > highest && fs::exists(version.path() / "bin" / "initdb")) {
      highest = number;
      newest = version.path() / "bin";
    }
  }
  if (newest.empty()) throw std::runtime_error("no PostgreSQL server is installed: install postgresql-15");
  return newest;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// What says where a server is must not come from outside.
std::vector<std::string> environment() {
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/"};
}

pid_t spawn(std::vector<std::string> arguments, posix_spawn_file_actions_t& actions) {
  auto variables = environment();
  const auto arguments_given = pointers(arguments);
  const auto variables_given = pointers(variables);
  pid_t child = -1;
  const int error =
      ::posix_spawnp(&child, arguments_given[0], &actions, nullptr, arguments_given.data(), variables_given.data());
  if (error != 0) throw std::runtime_error(fmt::format("cannot run {}: {}", arguments[0], std::strerror(error)));
  return child;
}

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  posix_spawn_file_actions_t& get() { return actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct ConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

std::string literal(std::string text) {
  for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 2)) text.insert(at, 1, '\'');
  return "'" + text + "'";
}

std::unique_ptr<PGresult, decltype(&PQclear)> execute(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, ConnectionCloser> connection(PQconnectdb(url.c_str()));
  std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(fmt::format("{}: {}", sql, PQerrorMessage(connection.get())));
  }
  return result;
}

}  // namespace

PostgresCluster::PostgresCluster() : programs_(newest_programs()) {
  if (::geteuid() == 0) user_ = ::getpwnam("postgres") != nullptr ? "postgres" : "nobody";
  make_folder();
  start_keeper();
  run_program({programs_ / "initdb", "--pgdata", folder_ / "data", "--username", "creel", "--auth", "trust",
               "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"});
  std::ofstream(folder_ / "data" / "postgresql.auto.conf", std::ios::app)
      << "listen_addresses = ''\n"
      << "unix_socket_directories = '" << folder_.string() << "'\n"
      << "fsync = off\nfull_page_writes = off\n"
      << "shared_buffers = 64MB\nmax_connections = 50\nlog_min_messages = fatal\n";
  start();
}

PostgresCluster::~PostgresCluster() {
  ::close(keeper_line_);
  ::waitpid(keeper_, nullptr, 0);
}

PostgresCluster& PostgresCluster::shared() {
  static PostgresCluster cluster;
  return cluster;
}

void PostgresCluster::make_folder() {
  // The path of a socket is short.
  std::string name = "/tmp/creel-pg-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
  folder_ = name;
  if (user_.empty()) return;
  const auto* user = ::getpwnam(user_.c_str());
  if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error(fmt::format("{}: {}", folder_.string(), std::strerror(errno)));
  }
}

/// Waits for the end of this program, then stops the server and removes its folder.
void PostgresCluster::start_keeper() {
  std::array<int, 2> line{};
  if (::pipe2(line.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const auto script = fmt::format(
      "trap '' INT TERM HUP; cd /; cat > /dev/null; '{}' -D '{}/data' -m immediate -w stop > /dev/null 2>&1; rm -rf "
      "'{}'",
      (programs_ / "pg_ctl").string(), folder_.string(), folder_.string());
  FileActions actions;
  ::posix_spawn_file_actions_adddup2(&actions.get(), line[0], 0);
  ::posix_spawn_file_actions_addopen(&actions.get(), 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions.get(), 2, "/dev/null", O_WRONLY, 0);
  keeper_ = spawn(as_its_user({"/bin/sh", "-c", script}), actions.get());
  ::close(line[0]);
  keeper_line_ = line[1];
}

std::vector<std::string> PostgresCluster::as_its_user(std::vector<std::string> arguments) const {
  if (user_.empty()) return arguments;
  std::vector<std::string> all{
      "setpriv",        "--reuid", user_, "--regid", std::to_string(::getpwnam(user_.c_str())->pw_gid),
      "--clear-groups", "--"};
  all.insert(all.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  return all;
}

void PostgresCluster::run_program(const std::vector<std::string>& arguments) const {
  const auto output = folder_ / "output";
  FileActions actions;
  ::posix_spawn_file_actions_addopen(&actions.get(), 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions.get(), 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::posix_spawn_file_actions_adddup2(&actions.get(), 1, 2);
  ::posix_spawn_file_actions_addchdir_np(&actions.get(), "/");
  const auto child = spawn(as_its_user(arguments), actions.get());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status == 0) return;
  throw std::runtime_error(fmt::format("{} failed: {}{}", arguments[0], text_of(output), text_of(folder_ / "log")));
}

std::string PostgresCluster::url(const std::string& database) const {
  return fmt::format("postgresql://creel@/{}?host={}", database, folder_.string());
}

bool PostgresCluster::has_database(const std::string& name) {
  const auto result =
      execute(url("postgres"), fmt::format("select 1 from pg_database where datname = {}", literal(name)));
  return PQntuples(result.get()) == 1;
}

void PostgresCluster::create_database(const std::string& name, const std::string& like) {
  execute(url("postgres"), fmt::format("create database \"{}\" template \"{}\" strategy file_copy", name, like));
}

void PostgresCluster::drop_database(const std::string& name) {
  execute(url("postgres"), fmt::format("drop database \"{}\" with (force)", name));
}

void PostgresCluster::stop() {
  run_program({programs_ / "pg_ctl", "-D", folder_ / "data", "-m", "immediate", "-w", "stop"});
}

void PostgresCluster::start() {
  run_program({programs_ / "pg_ctl", "-D", folder_ / "data", "-l", folder_ / "log", "-w", "-s", "start"});
}

void PostgresCluster::restart() {
  stop();
  start();
}

void PostgresCluster::run(const std::string& database, const std::string& sql) {
  execute(url(database), sql);
}

}  // namespace creel
