#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace creel {

/// A PostgreSQL server of the test program's own, with its data in a temporary folder, reached by a socket in there and
/// in no other way. It ends with the test program, however that ends, and leaves nothing behind.
///
/// PostgreSQL refuses to run as root: then it runs as the user `postgres`, or else `nobody`.
/// Threads: one at a time. Calls block, and throw std::runtime_error with what the server's programs said.
class PostgresCluster {
 public:
  PostgresCluster();
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  /// The cluster that all tests of a program share.
  static PostgresCluster& shared();

  /// For libpq and Catalog::open_postgresql.
  std::string url(const std::string& database) const;

  bool has_database(const std::string& name);
  /// @param like  a database whose contents are copied; nobody may be connected to it
  void create_database(const std::string& name, const std::string& like = "template1");
  void drop_database(const std::string& name);

  /// Ends the server at once; connections are cut off as in a crash.
  void stop();
  void start();
  void restart();

  /// Runs SQL that returns nothing, on a connection of its own.
  void run(const std::string& database, const std::string& sql);

 private:
  void make_folder();
  void start_keeper();
  void run_program(const std::vector<std::string>& arguments) const;
  /// As the user that the server runs as.
  std::vector<std::string> as_its_user(std::vector<std::string> arguments) const;

  std::filesystem::path programs_;
  std::filesystem::path folder_;
  std::string user_;
  pid_t keeper_ = -1;
  /// Closed when this program ends, which is the keeper's sign.
  int keeper_line_ = -1;
};

}  // namespace creel
