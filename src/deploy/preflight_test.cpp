#include "deploy/preflight.h"

#include <elf.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "deploy/elf_fixture.h"

namespace creel::deploy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

PreflightReport look_at(std::vector<ZipEntry> entries, const PreflightOptions& options = {}) {
  return preflight_zip(write_zip(std::move(entries)), options);
}

ZipEntry program(const MadeElf& elf) {
  return {.name = "bootstrap", .mode = 0755, .bytes = made_elf(elf)};
}

ZipEntry script(const std::string& text) {
  return {.name = "bootstrap", .mode = 0755, .bytes = text};
}

ZipEntry library(const std::string& name, const MadeElf& elf = {.interpreter = ""}) {
  return {.name = name, .bytes = made_elf(elf)};
}

auto error(const std::string& check, const std::string& message) {
  return AllOf(Field(&Finding::severity, Severity::error), Field(&Finding::check, check),
               Field(&Finding::message, HasSubstr(message)));
}

auto warning(const std::string& check, const std::string& message) {
  return AllOf(Field(&Finding::severity, Severity::warning), Field(&Finding::check, check),
               Field(&Finding::message, HasSubstr(message)));
}

TEST(Preflight, HasNothingToSayOfAStaticProgram) {
  const auto report = look_at({program({.type = ET_EXEC, .interpreter = ""})});
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.architecture, Architecture::x86_64);
}

TEST(Preflight, HasNothingToSayOfAProgramThatNeedsWhatTheRuntimeHas) {
  const auto report = look_at({program({.needed = {"libc.so.6", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1"},
                                        .versions = {{"libc.so.6", "GLIBC_2.34", "a"},
                                                     {"libc.so.6", "GLIBC_PRIVATE", "b"},
                                                     {"libstdc++.so.6", "GLIBCXX_3.4.29", "c"}}})});
  EXPECT_THAT(report.findings, IsEmpty());
}

TEST(Preflight, ReadsTheArchitectureFromTheProgram) {
  const auto report = look_at({program({.machine = EM_AARCH64, .interpreter = "/lib/ld-linux-aarch64.so.1"})});
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.architecture, Architecture::arm64);
}

TEST(Preflight, RefusesAnotherArchitectureThanTheFunctions) {
  const auto report = look_at({program({})}, {.architecture = Architecture::arm64});
  EXPECT_THAT(report.findings,
              ElementsAre(error("architecture", "is built for x86_64, but the function is for arm64")));
  EXPECT_TRUE(report.has_errors());
}

TEST(Preflight, RefusesArchitecturesThatLambdaDoesNotHave) {
  EXPECT_THAT(look_at({program({.machine = EM_RISCV, .interpreter = ""})}).findings,
              ElementsAre(error("architecture", "RISC-V")));
}

TEST(Preflight, NamesTheSymbolThatIsTooNew) {
  const auto report = look_at({program({.versions = {{"libc.so.6", "GLIBC_2.36", "arc4random"}}})});
  EXPECT_THAT(report.findings, ElementsAre(error("glibc", "needs GLIBC_2.36 (arc4random) of libc.so.6")));
}

TEST(Preflight, ChecksForTheRuntimeThatWasChosen) {
  const std::vector<ZipEntry> entries{program({.versions = {{"libc.so.6", "GLIBC_2.34", "a"}}})};
  EXPECT_THAT(look_at(entries, {.runtime = find_runtime("provided.al2")}).findings,
              ElementsAre(error("glibc", "GLIBC_2.26")));
}

TEST(Preflight, RefusesPackedRelocations) {
  EXPECT_THAT(look_at({program({.versions = {{"libc.so.6", "GLIBC_ABI_DT_RELR", "a"}}})}).findings,
              ElementsAre(error("glibc", "nopack-relative-relocs")));
}

TEST(Preflight, TellsACompilerThatIsTooNewFromOneThatMayBe) {
  EXPECT_THAT(look_at({program({.versions = {{"libstdc++.so.6", "GLIBCXX_3.4.30", "a"}}})}).findings,
              ElementsAre(warning("libstdc++", "GLIBCXX_3.4.30 (a)")));
  EXPECT_THAT(look_at({program({.versions = {{"libstdc++.so.6", "GLIBCXX_3.4.99", "a"}}})}).findings,
              ElementsAre(error("libstdc++", "-static-libstdc++")));
}

TEST(Preflight, RefusesAMissingLibrary) {
  const auto report = look_at({program({.needed = {"libfoo.so.1"}})});
  EXPECT_THAT(report.findings, ElementsAre(error("library", "needs libfoo.so.1, which neither the zip nor")));
}

TEST(Preflight, FindsLibrariesWhereTheLoaderLooks) {
  EXPECT_THAT(look_at({program({.needed = {"libfoo.so.1"}}), library("lib/libfoo.so.1")}).findings, IsEmpty());
  EXPECT_THAT(look_at({program({.needed = {"libfoo.so.1"}}), library("libfoo.so.1")}).findings, IsEmpty());
  EXPECT_THAT(look_at({program({.needed = {"libfoo.so.1"}, .run_path = "$ORIGIN/../bootstrap/x:${ORIGIN}/other"}),
                       library("other/libfoo.so.1")})
                  .findings,
              IsEmpty());
  EXPECT_THAT(look_at({program({.needed = {"libfoo.so.1"}}), library("other/libfoo.so.1")}).findings,
              ElementsAre(error("library", "in the zip as other/libfoo.so.1")));
}

TEST(Preflight, FollowsLinksToLibraries) {
  const auto link = [](const std::string& target) {
    return ZipEntry{.name = "lib/libfoo.so.1", .type = ZipEntryType::symlink, .bytes = target};
  };
  const auto needs = program({.needed = {"libfoo.so.1"}});
  EXPECT_THAT(look_at({needs, link("libfoo.so.1.2"), library("lib/libfoo.so.1.2")}).findings, IsEmpty());
  EXPECT_TRUE(look_at({needs, link("libfoo.so.1.2")}).has_errors());
  EXPECT_TRUE(look_at({needs, link("libfoo.so.1")}).has_errors());
}

TEST(Preflight, LooksIntoTheLibrariesThatAreNeeded) {
  const auto report = look_at(
      {program({.needed = {"libfoo.so.1"}}),
       library("lib/libfoo.so.1",
               {.interpreter = "", .needed = {"libbar.so.2"}, .versions = {{"libc.so.6", "GLIBC_2.38", "strlcpy"}}})});
  EXPECT_THAT(report.findings, ElementsAre(error("library", "libbar.so.2"), error("glibc", "strlcpy")));
  EXPECT_EQ(report.findings.front().file, "lib/libfoo.so.1");
}

TEST(Preflight, DoesNotAskForVersionsOfALibraryThatComesAlong) {
  EXPECT_THAT(look_at({program({.needed = {"libc.so.6"}, .versions = {{"libc.so.6", "GLIBC_2.38", "strlcpy"}}}),
                       library("lib/libc.so.6")})
                  .findings,
              IsEmpty());
}

TEST(Preflight, WarnsOfFilesThatNothingLeadsTo) {
  const auto report = look_at({program({}), library("plugins/x.so", {.machine = EM_AARCH64, .interpreter = ""})});
  EXPECT_THAT(report.findings, ElementsAre(warning("architecture", "is built for arm64")));
}

TEST(Preflight, WarnsOfLibrariesThatTheRuntimeHasByChance) {
  EXPECT_THAT(look_at({program({.needed = {"libz.so.1"}})}).findings, ElementsAre(warning("library", "libz.so.1")));
}

TEST(Preflight, RefusesForeignLoaders) {
  EXPECT_THAT(look_at({program({.interpreter = "/lib/ld-musl-x86_64.so.1"})}).findings,
              ElementsAre(error("interpreter", "musl")));
  EXPECT_THAT(look_at({program({.interpreter = "/nix/store/x/ld-linux-x86-64.so.2"})}).findings,
              ElementsAre(error("interpreter", "/nix/store")));
  EXPECT_THAT(look_at({program({.interpreter = "/var/task/lib/ld.so"})}).findings,
              ElementsAre(error("interpreter", "the zip has no lib/ld.so")));
  EXPECT_THAT(look_at({program({.interpreter = "/var/task/lib/ld.so"}), library("lib/ld.so")}).findings, IsEmpty());
}

TEST(Preflight, ChecksTheInterpreterOfAScript) {
  for (const auto* good :
       {"#!/bin/sh\n", "#! /bin/bash -e\n", "#!/usr/bin/env bash\n", "#!/usr/bin/env -S bash -e\n", "#!/bin/sh"}) {
    const auto report = look_at({script(good)});
    EXPECT_THAT(report.findings, IsEmpty()) << good;
    EXPECT_EQ(report.architecture, std::nullopt);
  }
  EXPECT_THAT(look_at({script("#!/usr/bin/python3\n")}).findings,
              ElementsAre(error("interpreter", "/usr/bin/python3")));
  EXPECT_THAT(look_at({script("#!/usr/bin/env python3\n")}).findings,
              ElementsAre(error("interpreter", "/usr/bin/python3")));
  EXPECT_THAT(look_at({script("#!/opt/bin/php\n")}).findings, ElementsAre(warning("interpreter", "layer")));
  EXPECT_THAT(look_at({script("#!/var/task/bin/lua\n")}).findings, ElementsAre(error("interpreter", "not in the zip")));
  EXPECT_THAT(look_at({script("#!python\n")}).findings, ElementsAre(error("interpreter", "names no interpreter")));
  EXPECT_THAT(look_at({script("#!\n")}).findings, ElementsAre(error("interpreter", "names no interpreter")));
}

TEST(Preflight, RefusesAScriptWithTheLineEndsOfWindows) {
  EXPECT_THAT(look_at({script("#!/bin/sh\r\necho hello\r\n")}).findings, ElementsAre(error("format", "Windows")));
}

TEST(Preflight, RefusesWhatIsNeitherProgramNorScript) {
  EXPECT_THAT(look_at({script("echo hello\n")}).findings, ElementsAre(error("format", "neither")));
  EXPECT_THAT(look_at({script("")}).findings, ElementsAre(error("format", "neither")));
  EXPECT_THAT(look_at({script(made_elf({}).substr(0, 100))}).findings, ElementsAre(error("format", "damaged")));
}

TEST(Preflight, RefusesALibraryOrAnObjectFileAsTheProgram) {
  EXPECT_THAT(look_at({program({.interpreter = "", .needed = {"libc.so.6"}})}).findings,
              ElementsAre(error("format", "shared library")));
  EXPECT_THAT(look_at({program({.type = ET_REL, .interpreter = ""})}).findings,
              ElementsAre(error("format", "object file")));
}

TEST(Preflight, RefusesAZipWithoutBootstrap) {
  EXPECT_THAT(look_at({{.name = "x"}}).findings, ElementsAre(error("bootstrap", "the zip has no bootstrap")));
  EXPECT_THAT(look_at({{.name = "f/bootstrap"}}).findings,
              ElementsAre(error("bootstrap", "there is f/bootstrap: zip the content")));
  EXPECT_THAT(look_at({{.name = "bootstrap", .type = ZipEntryType::folder, .mode = 0755}}).findings,
              ElementsAre(error("bootstrap", "is no file")));
}

TEST(Preflight, RefusesABootstrapThatCannotBeStarted) {
  for (const auto mode : {0644U, 0700U, 0711U}) {
    EXPECT_THAT(look_at({{.name = "bootstrap", .mode = mode, .bytes = "#!/bin/sh\n"}}).findings,
                ElementsAre(error("permissions", "cannot be started")));
  }
}

TEST(Preflight, WarnsOfFilesThatTheFunctionCannotRead) {
  EXPECT_THAT(look_at({script("#!/bin/sh\n"), {.name = "secret", .mode = 0600}}).findings,
              ElementsAre(warning("permissions", "cannot read")));
}

TEST(Preflight, RefusesAFunctionThatIsTooLargeUnzipped) {
  const auto report =
      look_at({script("#!/bin/sh\n"), {.name = "zeros", .bytes = std::string(kMaxUnzippedBytes, '\0')}});
  EXPECT_THAT(report.findings, ElementsAre(error("size", "262144000 at most")));
}

TEST(Preflight, WarnsOfAZipThatMustGoThroughABucket) {
  const auto bytes = write_zip({script("#!/bin/sh\n")});
  const auto zip = ZipReader::from_bytes(bytes);
  EXPECT_THAT(preflight(zip, kMaxDirectUploadBytes, {}).findings, IsEmpty());
  EXPECT_THAT(preflight(zip, kMaxDirectUploadBytes + 1, {}).findings, ElementsAre(warning("size", "S3 bucket")));
}

TEST(Preflight, RefusesWhatIsNoZip) {
  EXPECT_THAT(preflight_zip("hello", {}).findings, ElementsAre(error("zip", "cannot be unpacked")));
}

}  // namespace
}  // namespace creel::deploy
