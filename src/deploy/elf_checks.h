#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "deploy/elf_file.h"
#include "deploy/preflight.h"

namespace creel::deploy {

/// Follows `bootstrap` and the shared libraries in the zip as the dynamic loader will. Threads: one.
class ElfChecks {
 public:
  /// @param zip, options, findings  must outlive it
  ElfChecks(const ZipReader& zip, const PreflightOptions& options, std::vector<Finding>& findings);

  /// Checks a program and every library of the zip that it needs: findings are errors.
  void check_program(const std::string& name);

  /// Checks the ELF files that nothing led to: they may be for something else, so findings are warnings.
  void check_the_rest();

  /// That of `bootstrap`, or the one that was given.
  std::optional<Architecture> architecture() const { return architecture_; }

 private:
  void check(const std::string& name, std::string_view content, Severity severity);
  void check_type(const std::string& name, const ElfFile& elf);
  void check_architecture(const std::string& name, const ElfFile& elf);
  void check_loader(const std::string& name, const ElfFile& elf);
  void check_libraries(const std::string& name, const ElfFile& elf);
  void check_library(const std::string& name, const ElfFile& elf, const std::string& library);
  void check_version(const std::string& name, const ElfVersionNeed& need);
  std::optional<std::string> place_of(const std::string& library, const std::string& name, const ElfFile& elf) const;
  void add(std::string check, const std::string& name, std::string message);

  const ZipReader& zip_;
  const PreflightOptions& options_;
  std::vector<Finding>& findings_;
  std::optional<Architecture> architecture_;
  Severity severity_ = Severity::error;
  std::string program_;
  std::set<std::string> seen_;
  std::set<std::string> bundled_;
  std::vector<std::string> waiting_;
};

}  // namespace creel::deploy
