#include "sources/json_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "sources/fake_poll_run.h"
#include "support/run_task.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class JsonKindTest : public ::testing::Test {
 protected:
  JsonKindTest() {
    source_.name = "api";
    source_.type = "json";
    source_.url = "https://a.example/list";
    for (const auto& spec : kind_->settings()) {
      if (!spec.default_value.empty()) source_.settings[spec.name] = spec.default_value;
    }
    program(".items[] | {image_id: .id, image_url: .src}");
  }

  void set(const std::string& name, std::string json) { source_.settings[name] = std::move(json); }
  void program(const std::string& text) { set("program", "\"" + text + "\""); }

  void poll() { creel::testing::run(loop_, kind_->poll(source_, run_)); }

  std::string failure_of_poll() {
    try {
      poll();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      return failure.what();
    }
    return "none";
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& record : run_.records()) all.push_back(record.image_id);
    return all;
  }

  boost::asio::io_context loop_;
  std::unique_ptr<const SourceKind> kind_ = json_kind(std::make_shared<JqRunner>(CREEL_JQ_PROGRAM));
  SourceConfig source_;
  creel::testing::FakePollRun run_;
};

TEST_F(JsonKindTest, AddsWhatTheProgramYields) {
  run_.answer("https://a.example/list",
              R"({"items":[{"id":1,"src":"/1.png"},{"id":2,"src":"https://b.example/2.png"}]})");
  poll();
  ASSERT_THAT(run_.records(), SizeIs(2));
  EXPECT_EQ(run_.records()[0].image_url, "https://a.example/1.png");
  EXPECT_EQ(run_.records()[1].image_url, "https://b.example/2.png");
  EXPECT_TRUE(run_.requests()[0].is_conditional);
}

TEST_F(JsonKindTest, GoesOnToTheNextPageAndEndsAtALoop) {
  program("(.items[] | {image_id: .id, image_url: .src}), {next_url: .more}");
  run_.answer("https://a.example/list", R"({"items":[{"id":1,"src":"/1"}],"more":"?p=2"})");
  run_.answer("https://a.example/list?p=2", R"({"items":[{"id":2,"src":"/2"}],"more":"?p=3"})");
  run_.answer("https://a.example/list?p=3", R"({"items":[{"id":3,"src":"/3"}],"more":"/list"})");
  poll();
  EXPECT_THAT(ids(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(run_.requests(), SizeIs(3));
  EXPECT_FALSE(run_.requests()[1].is_conditional);
}

TEST_F(JsonKindTest, ReadsNoMorePagesThanAllowed) {
  program("(.items[] | {image_id: .id, image_url: .src}), {next_url: .more}");
  set("max_pages", "2");
  run_.answer("https://a.example/list", R"({"items":[],"more":"?p=2"})");
  run_.answer("https://a.example/list?p=2", R"({"items":[],"more":"?p=3"})");
  poll();
  EXPECT_THAT(run_.requests(), SizeIs(2));
}

TEST_F(JsonKindTest, StopsAfterSoManyKnownImages) {
  set("page_param", "\"page\"");
  set("stop_after", "2");
  run_.set_memory("whole:");
  run_.answer("https://a.example/list?page=1", R"({"items":[{"id":3,"src":"/3"},{"id":2,"src":"/2"}]})");
  run_.answer("https://a.example/list?page=2", R"({"items":[{"id":1,"src":"/1"}]})");
  run_.know("2");
  run_.know("1");
  poll();
  EXPECT_THAT(run_.urls(), ElementsAre("https://a.example/list?page=1", "https://a.example/list?page=2"));
}

TEST_F(JsonKindTest, ReadsBehindKnownImagesUntilAPollHasComeToItsEnd) {
  set("page_param", "\"page\"");
  set("stop_after", "2");
  run_.answer("https://a.example/list?page=1", R"({"items":[{"id":4,"src":"/4"},{"id":3,"src":"/3"}]})");
  run_.answer("https://a.example/list?page=2", {.body = "", .status = 500});
  run_.answer("https://a.example/list?page=3", R"({"items":[]})");
  EXPECT_THROW(poll(), Failure);
  run_.answer("https://a.example/list?page=2", R"({"items":[{"id":2,"src":"/2"},{"id":1,"src":"/1"}]})");
  poll();
  EXPECT_EQ(run_.urls().back(), "https://a.example/list?page=3") << "though all of the first page is known";
  poll();
  EXPECT_EQ(run_.urls().back(), "https://a.example/list?page=1");
}

TEST_F(JsonKindTest, ReadsBehindKnownImagesAfterAPollThatBrokeOff) {
  set("page_param", "\"page\"");
  set("stop_after", "2");
  run_.answer("https://a.example/list?page=1", R"({"items":[{"id":1,"src":"/1"}]})");
  run_.answer("https://a.example/list?page=2", R"({"items":[]})");
  poll();
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("whole:"));

  run_.answer("https://a.example/list?page=1", R"({"items":[{"id":6,"src":"/6"},{"id":5,"src":"/5"}]})");
  run_.answer("https://a.example/list?page=2", {.body = "", .status = 500});
  EXPECT_THROW(poll(), Failure);
  run_.break_off();
  run_.answer("https://a.example/list?page=2", R"({"items":[{"id":4,"src":"/4"},{"id":3,"src":"/3"}]})");
  run_.answer("https://a.example/list?page=3", R"({"items":[{"id":2,"src":"/2"},{"id":1,"src":"/1"}]})");
  run_.answer("https://a.example/list?page=4", R"({"items":[]})");
  poll();
  EXPECT_THAT(ids(), ::testing::IsSupersetOf({"4", "3", "2"}));
  EXPECT_FALSE(run_.requests()[4].is_conditional) << "what was missed may lie behind a first page that is unchanged";
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("whole:"));
  poll();
  EXPECT_EQ(run_.urls().back(), "https://a.example/list?page=1") << "now it is whole again";
}

TEST_F(JsonKindTest, HasNothingToDoWhenTheFirstPageIsUnchanged) {
  run_.answer("https://a.example/list", {.body = "", .status = 304});
  poll();
  EXPECT_THAT(run_.records(), IsEmpty());
}

TEST_F(JsonKindTest, LeavesOutRecordsThatCannotBeUsed) {
  run_.answer("https://a.example/list", R"({"items":[{"id":1},{"id":2,"src":"/2"},{"id":[],"src":"/3"}]})");
  poll();
  EXPECT_THAT(ids(), ElementsAre("2"));
}

TEST_F(JsonKindTest, FailsWhenNoRecordOfAPageCanBeUsed) {
  run_.answer("https://a.example/list", R"({"items":[{"id":1},{"id":2}]})");
  EXPECT_EQ(failure_of_poll(),
            "page 1: 2 of 2 records cannot be used (2 have no image_url); the first: record 1: image_url is missing");
}

TEST_F(JsonKindTest, ShowsTheShapeOfAnAnswerThatYieldsNothing) {
  program(".photos[]? | {image_url: .}");
  run_.answer("https://a.example/list", R"({"items":[{"id":1,"src":"/1"},{"id":2,"src":"/2"}],"n":2})");
  poll();
  EXPECT_EQ(run_.shape(), R"({"items":[{"id":1,"src":"/1"},"and 1 more"],"n":2})");
}

TEST_F(JsonKindTest, ShowsTheShapeWhenNoRecordCanBeUsed) {
  run_.answer("https://a.example/list", R"({"items":[{"id":1}]})");
  failure_of_poll();
  EXPECT_EQ(run_.shape(), R"({"items":[{"id":1}]})");
}

TEST_F(JsonKindTest, ShowsTheShapeOfAnAnswerThatTheProgramFailsOn) {
  program(".photos[] | {image_url: .}");
  run_.answer("https://a.example/list", R"({"items":[{"id":1}]})");
  EXPECT_THAT(failure_of_poll(), HasSubstr("Cannot iterate over null"));
  EXPECT_EQ(run_.shape(), R"({"items":[{"id":1}]})");
}

TEST_F(JsonKindTest, TellsOfAProgramThatFails) {
  run_.answer("https://a.example/list", R"({"items":5})");
  EXPECT_EQ(failure_of_poll(), "the jq program ends with an error: Cannot iterate over number (5)");
  run_.answer("https://a.example/list", "<html>");
  EXPECT_THAT(failure_of_poll(), HasSubstr("no JSON"));
}

TEST_F(JsonKindTest, RefusesTwoNextPages) {
  program("{next_url: 1}, {next_url: 2}");
  run_.answer("https://a.example/list", "{}");
  EXPECT_THAT(failure_of_poll(), HasSubstr("two next pages"));
}

TEST_F(JsonKindTest, SendsSecretHeadersToTheSourcesOriginAlone) {
  program("{image_url: .src}, {next_url: .more}");
  set("headers", R"({"X-Plain":"p","Accept":"application/vnd.api+json"})");
  source_.secrets["secret_headers"] = Secret("Authorization: Bearer s3\n\nX-Key:k");
  run_.answer("https://a.example/list", R"({"src":"/1","more":"https://evil.example/2"})");
  run_.answer("https://evil.example/2", R"({"src":"/2"})");
  poll();
  const auto& first = run_.requests()[0].headers;
  EXPECT_EQ(first.find("Authorization"), "Bearer s3");
  EXPECT_EQ(first.find("X-Key"), "k");
  EXPECT_EQ(first.find("X-Plain"), "p");
  EXPECT_EQ(first.find("Accept"), "application/vnd.api+json");
  EXPECT_EQ(run_.requests()[1].headers.find("Authorization"), std::nullopt);
  EXPECT_EQ(run_.requests()[1].headers.find("X-Key"), std::nullopt);
  EXPECT_EQ(run_.requests()[1].headers.find("X-Plain"), "p");
}

class JsonFollowTest : public JsonKindTest {
 protected:
  JsonFollowTest() {
    program(".items[] | {image_id: .id, title: .name, follow: .api}");
    set("follow_program",
        R"(".files[] | {image_id: \"\\($record.image_id)-\\(.n)\", title: $record.title, image_url: .src}")");
    answer_all();
  }

  void answer_all() {
    run_.answer("https://a.example/list",
                R"({"items":[{"id":"a","name":"A","api":"/item/a"},{"id":"b","name":"B","api":"/item/b"}]})");
    run_.answer("https://a.example/item/a", R"({"files":[{"n":1,"src":"1.png"},{"n":2,"src":"2.png"}]})");
    run_.answer("https://a.example/item/b", R"({"files":[{"n":1,"src":"3.png"}]})");
  }
};

TEST_F(JsonFollowTest, HandsTheSecondAnswerToTheSecondProgram) {
  poll();
  EXPECT_THAT(ids(), ElementsAre("a-1", "a-2", "b-1"));
  EXPECT_EQ(run_.records()[0].image_url, "https://a.example/item/1.png");
  EXPECT_EQ(run_.records()[2].title, "B");
}

TEST_F(JsonFollowTest, AsksForEachRecordOnce) {
  poll();
  poll();
  EXPECT_THAT(run_.urls(), ElementsAre("https://a.example/list", "https://a.example/item/a", "https://a.example/item/b",
                                       "https://a.example/list"));
}

TEST_F(JsonFollowTest, LeavesTheRestForTheNextPoll) {
  set("max_follows", "1");
  poll();
  EXPECT_THAT(ids(), ElementsAre("a-1", "a-2"));
  poll();
  EXPECT_THAT(ids(), ElementsAre("a-1", "a-2", "b-1"));
}

TEST_F(JsonFollowTest, AsksForAnyVersionUntilNoFollowIsLeft) {
  set("max_follows", "1");
  set("stop_after", "1");
  poll();
  EXPECT_TRUE(run_.requests().back().url.ends_with("/item/a"));
  poll();
  EXPECT_FALSE(run_.requests()[2].is_conditional);
  EXPECT_EQ(run_.requests().back().url, "https://a.example/item/b") << "though the record before is known";
  run_.answer("https://a.example/list", {.body = "", .status = 304});
  poll();
  EXPECT_TRUE(run_.requests().back().is_conditional);
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("whole:")) << "an unchanged page changes nothing";
}

TEST_F(JsonFollowTest, AsksForAnyVersionAfterAPollThatMayFollowNothing) {
  set("max_follows", "0");
  poll();
  poll();
  EXPECT_FALSE(run_.requests().back().is_conditional);
}

TEST_F(JsonFollowTest, EndsWithMoreFollowsThanItCanRemember) {
  set("max_follows", "0");
  std::string items;
  std::string memory = "seen:";
  for (int i = 0; i < 2000; ++i) memory += fmt::format("{:08x}", i);
  run_.set_memory(memory);
  for (int i = 0; i <= 2000; ++i) items += fmt::format(R"({}{{"id":{},"api":"/item/a"}})", i == 0 ? "" : ",", i);
  run_.answer("https://a.example/list", R"({"items":[)" + items + "]}");
  poll();
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("whole:"));
}

TEST_F(JsonFollowTest, KeepsTheQueryOfAFollowOutOfTheLog) {
  run_.answer("https://a.example/list", R"({"items":[{"id":"a","api":"/item/a?key=hunter2"}]})");
  run_.fail("https://a.example/item/a?key=hunter2", Failure(FailureKind::not_found, "404"));
  poll();
  EXPECT_THAT(run_.unusable_reasons(), ElementsAre("https://a.example/item/a is not there"));
}

TEST_F(JsonFollowTest, GoesOnWhereARecordIsNoLongerThere) {
  run_.fail("https://a.example/item/a", Failure(FailureKind::not_found, "404"));
  poll();
  EXPECT_THAT(ids(), ElementsAre("b-1"));
}

TEST_F(JsonFollowTest, PassesOverARecordWhoseFollowFails) {
  for (const auto kind : {FailureKind::server_error, FailureKind::forbidden, FailureKind::too_large}) {
    run_ = {};
    answer_all();
    run_.fail("https://a.example/item/a", Failure(kind, "no"));
    poll();
    EXPECT_THAT(ids(), ElementsAre("b-1")) << to_string(kind);
    EXPECT_EQ(run_.unusable(), 1U);
    EXPECT_THAT(run_.unusable_reasons(), ElementsAre(HasSubstr("item/a is passed over")));
  }
}

TEST_F(JsonFollowTest, PassesOverARecordWhoseAnswerDoesNotFitTheProgram) {
  for (const auto* body : {R"({"files":null})", R"({"files":[null]})", "<html>"}) {
    run_ = {};
    answer_all();
    run_.answer("https://a.example/item/a", body);
    poll();
    EXPECT_THAT(ids(), ElementsAre("b-1")) << body;
    poll();
    EXPECT_EQ(run_.requests().back().url, "https://a.example/list") << "what is refused once is not asked for again";
  }
}

TEST_F(JsonFollowTest, AsksAgainForWhatMayGoBetter) {
  set("stop_after", "1");
  run_.fail("https://a.example/item/a", Failure(FailureKind::server_error, "500"));
  poll();
  EXPECT_THAT(ids(), ElementsAre("b-1"));
  run_.mend("https://a.example/item/a");
  poll();
  EXPECT_FALSE(run_.requests()[3].is_conditional);
  EXPECT_THAT(ids(), ElementsAre("b-1", "a-1", "a-2"));
}

TEST_F(JsonFollowTest, LooksAtEverythingOnceMoreForARecordThatFails) {
  run_.fail("https://a.example/item/a", Failure(FailureKind::server_error, "500"));
  poll();
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("seen:"));
  poll();
  EXPECT_THAT(run_.memory(), ::testing::StartsWith("whole:"));
  EXPECT_EQ(run_.requests().back().url, "https://a.example/item/a") << "it is asked for whenever it is seen";
}

TEST_F(JsonFollowTest, FailsAtFirstIfNoFollowGoesWell) {
  run_.answer("https://a.example/item/a", R"({"pictures":[]})");
  run_.answer("https://a.example/item/b", R"({"pictures":[]})");
  EXPECT_THAT(failure_of_poll(), HasSubstr("Cannot iterate over null"));
  EXPECT_EQ(run_.shape(), R"({"pictures":[]})");
}

TEST_F(JsonFollowTest, GivesUpWhenOneFollowFailsAfterTheOther) {
  std::string items;
  for (int i = 0; i < 20; ++i) {
    items += fmt::format(R"({}{{"id":{},"api":"/item/{}"}})", i == 0 ? "" : ",", i, i);
    run_.fail(fmt::format("https://a.example/item/{}", i), Failure(FailureKind::timeout, "no answer"));
  }
  run_.set_memory("whole:00000000");
  run_.answer("https://a.example/list", R"({"items":[)" + items + "]}");
  EXPECT_THROW(poll(), Failure);
  EXPECT_THAT(run_.requests(), SizeIs(1 + 5));
}

TEST_F(JsonFollowTest, KeepsWhatWasFoundBeforeAFailure) {
  run_.fail("https://a.example/item/b", Failure(FailureKind::rate_limited, "429"));
  EXPECT_THROW(poll(), Failure);
  EXPECT_THAT(ids(), ElementsAre("a-1", "a-2"));
}

TEST_F(JsonFollowTest, RefusesAFollowWithoutItsProgram) {
  source_.settings.erase("follow_program");
  EXPECT_THAT(failure_of_poll(), HasSubstr("no follow_program"));
}

TEST_F(JsonKindTest, ChecksItsPrograms) {
  program(".items[] |");
  set("follow_program", "\"$recrd\"");
  const auto errors = kind_->check(source_);
  ASSERT_THAT(errors, SizeIs(2));
  EXPECT_EQ(errors[0].pointer, "/settings/program");
  EXPECT_THAT(errors[0].message, HasSubstr("syntax error"));
  EXPECT_EQ(errors[1].pointer, "/settings/follow_program");
  EXPECT_THAT(errors[1].message, HasSubstr("$recrd is not defined"));
  program("$settings, $url, $page");
  set("follow_program", "\"$record\"");
  EXPECT_THAT(kind_->check(source_), IsEmpty());
}

TEST_F(JsonKindTest, ChecksHeadersWithoutShowingThem) {
  source_.secrets["secret_headers"] = Secret("X-A: 1\nhunter2");
  const auto errors = kind_->check(source_);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].pointer, "/settings/secret_headers");
  EXPECT_THAT(errors[0].message, HasSubstr("line 2"));
  EXPECT_THAT(errors[0].message, ::testing::Not(HasSubstr("hunter2")));
}

TEST_F(JsonKindTest, ChecksThatSettingsGoTogether) {
  set("page_size", "20");
  set("page_param", "\"p\"");
  set("cursor_param", "\"c\"");
  const auto errors = kind_->check(source_);
  ASSERT_THAT(errors, SizeIs(2));
  EXPECT_EQ(errors[0].pointer, "/settings/page_size_param");
  EXPECT_EQ(errors[1].pointer, "/settings/cursor_param");
}

}  // namespace
}  // namespace creel
