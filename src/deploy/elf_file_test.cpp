#include "deploy/elf_file.h"

#include <fstream>
#include <iterator>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "deploy/elf_fixture.h"

namespace creel::deploy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;

std::string this_program() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string with_everything() {
  return made_elf({.needed = {"libc.so.6", "libfoo.so.1"},
                   .run_path = "$ORIGIN/lib:/opt/lib",
                   .versions = {{"libc.so.6", "GLIBC_2.34", "pthread_create"}, {"libfoo.so.1", "FOO_1", "foo"}}});
}

/// Whatever comes is a result or a failure.
void parse_anything(const std::string& bytes) {
  try {
    parse_elf(bytes);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
  }
}

TEST(ElfFile, TellsWhatTheLoaderWillAskFor) {
  const auto elf = parse_elf(with_everything());
  EXPECT_EQ(elf.type, ElfType::program);
  EXPECT_EQ(elf.machine, EM_X86_64);
  EXPECT_EQ(elf.interpreter, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_THAT(elf.needed, ElementsAre("libc.so.6", "libfoo.so.1"));
  EXPECT_THAT(elf.search_path, ElementsAre("$ORIGIN/lib", "/opt/lib"));
  ASSERT_EQ(elf.versions.size(), 2U);
  EXPECT_EQ(elf.versions[0].library, "libc.so.6");
  EXPECT_EQ(elf.versions[0].version, "GLIBC_2.34");
  EXPECT_THAT(elf.versions[0].symbols, ElementsAre("pthread_create"));
  EXPECT_THAT(elf.versions[1].symbols, ElementsAre("foo"));
}

TEST(ElfFile, ReadsAProgramThatALinkerMade) {
  const auto elf = parse_elf(this_program());
  EXPECT_EQ(elf.type, ElfType::program);
  EXPECT_FALSE(elf.interpreter.empty());
  EXPECT_THAT(elf.needed, Contains("libc.so.6"));
  EXPECT_THAT(elf.versions, Contains(Field(&ElfVersionNeed::library, "libstdc++.so.6")));
  for (const auto& need : elf.versions) EXPECT_FALSE(need.symbols.empty()) << need.version;
}

TEST(ElfFile, TakesAStaticProgramForAProgram) {
  EXPECT_EQ(parse_elf(made_elf({.type = ET_EXEC, .interpreter = ""})).type, ElfType::program);
  EXPECT_EQ(parse_elf(made_elf({.type = ET_DYN, .interpreter = ""})).type, ElfType::program);
  EXPECT_EQ(parse_elf(made_elf({.interpreter = "", .needed = {"libc.so.6"}})).type, ElfType::shared);
  EXPECT_EQ(parse_elf(made_elf({.type = ET_REL})).type, ElfType::other);
}

TEST(ElfFile, RefusesOtherKindsOfMachines) {
  auto small = with_everything();
  small[EI_CLASS] = ELFCLASS32;
  EXPECT_THROW(parse_elf(small), Failure);
  auto big_endian = with_everything();
  big_endian[EI_DATA] = ELFDATA2MSB;
  EXPECT_THROW(parse_elf(big_endian), Failure);
}

TEST(ElfFile, IsKnownByItsFirstBytes) {
  EXPECT_TRUE(is_elf(with_everything()));
  EXPECT_FALSE(is_elf("#!/bin/sh\n"));
  EXPECT_FALSE(is_elf("\x7f"));
  EXPECT_FALSE(is_elf(""));
}

TEST(ElfFile, SurvivesEveryTruncation) {
  const auto whole = with_everything();
  for (std::size_t size = 0; size < whole.size(); ++size) parse_anything(whole.substr(0, size));
}

TEST(ElfFile, SurvivesEveryChangedByte) {
  const auto whole = with_everything();
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (const char change : {'\x01', '\x10', '\x7f', '\x80', '\xff'}) {
      auto changed = whole;
      changed[place] = static_cast<char>(changed[place] ^ change);
      parse_anything(changed);
    }
  }
}

TEST(ElfFile, SurvivesRandomBytesBehindAGoodStart) {
  std::mt19937 random(17);
  std::uniform_int_distribution<int> byte(0, 255);
  const auto whole = with_everything();
  for (int round = 0; round < 3000; ++round) {
    auto changed = whole.substr(0, sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr));
    while (changed.size() < whole.size()) changed += static_cast<char>(byte(random));
    for (int i = 0; i < 3; ++i)
      changed[static_cast<std::size_t>(byte(random)) % changed.size()] = static_cast<char>(byte(random));
    parse_anything(changed);
  }
}

// The records of versions name the place of the next: one that names itself must not keep the reader for ever.
TEST(ElfFile, EndsWithVersionsThatGoInACircle) {
  auto whole = made_elf({.versions = {{"libc.so.6", "GLIBC_2.34", "a"}, {"libc.so.6", "GLIBC_2.35", "b"}}});
  const std::string next(1, static_cast<char>(sizeof(Elf64_Verneed) + sizeof(Elf64_Vernaux)));
  const auto place = whole.find(next + std::string(3, '\0'));
  ASSERT_NE(place, std::string::npos);
  for (const char step : {'\x01', '\xff'}) {
    whole[place] = step;
    parse_anything(whole);
  }
}

}  // namespace
}  // namespace creel::deploy
