#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/system_error.hpp>

#include "functions/storer_fixture.h"

namespace creel {
namespace {

using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using End = testing::MemoryStore::Upload::End;

const std::string& large_png() {
  static const std::string png = png_of(20 * kMebibyte);
  return png;
}

/// Images that are larger than what may be held.
class LargeImageTest : public StorerFixture {
 protected:
  void TearDown() override {
    StorerFixture::TearDown();
    EXPECT_TRUE(store_.puts().empty());
    EXPECT_LE(budget_.peak_bytes(), ByteBudget::kLargestTicket);
  }

  StoreRequest large_request() const { return request(server_.url("/large.png")); }

  ScriptedServer server_{[](const WireRequest& asked) {
    if (asked.target == "/cut.png") {
      return WireReply{.bytes = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", large_png().size()) +
                                large_png().substr(0, 12 * kMebibyte),
                       .then = WireReply::Then::close};
    }
    return asked.target == "/unknown.png" ? without_length(large_png()) : WireReply::response(200, large_png());
  }};
};

TEST_F(LargeImageTest, FlowsInPartsAndIsFinishedUnderItsKey) {
  auto wanted = large_request();
  wanted.key = {.folder = "big", .file_name = "a.png"};
  wanted.image_meta = {{"title", "Sunset"}};
  const auto stored = store(wanted);
  EXPECT_EQ(stored.key.value, "big/a.png");
  EXPECT_EQ(stored.size_bytes, large_png().size());
  EXPECT_EQ(stored.info.width, 800U);
  EXPECT_EQ(stored.sha256, to_hex(sha256(large_png())));
  EXPECT_EQ(stored.final_url, wanted.image_url.str());

  ASSERT_EQ(store_.uploads().size(), 1U);
  const auto& upload = *store_.uploads()[0];
  EXPECT_EQ(upload.begun_as, "big/a.png");
  EXPECT_EQ(upload.parts, (std::vector<std::size_t>{8 * kMebibyte, 8 * kMebibyte, 4 * kMebibyte}));
  EXPECT_EQ(upload.condition, PutCondition::always);
  const auto& object = store_.objects().at("big/a.png");
  EXPECT_TRUE(object.bytes == large_png());
  const std::vector<std::pair<std::string, std::string>> metadata = {{"source-url", wanted.image_url.str()},
                                                                     {"title", "Sunset"}};
  EXPECT_EQ(object.metadata.user, metadata);
}

TEST_F(LargeImageTest, FlowsAsWellWhenItsLengthIsUnknown) {
  store(request(server_.url("/unknown.png")));
  EXPECT_TRUE(store_.objects().begin()->second.bytes == large_png());
}

TEST_F(LargeImageTest, GetsItsNameAtTheEndInContentMode) {
  auto wanted = large_request();
  wanted.key.mode = KeyMode::content;
  const auto digest = to_hex(sha256(large_png()));
  const auto stored = store(wanted);
  EXPECT_EQ(stored.key.value, digest.substr(0, 2) + "/" + digest.substr(2, 2) + "/" + digest + ".png");
  EXPECT_TRUE(store_.objects().contains(stored.key.value));
  EXPECT_EQ(store_.objects().size(), 1U);
  EXPECT_TRUE(store_.uploads()[0]->begun_as.starts_with(".creel-unfinished/"));
  EXPECT_EQ(store_.uploads()[0]->condition, PutCondition::absent_only);
}

TEST_F(LargeImageTest, IsLeftInNoPartWhenTheTransferBreaksOff) {
  EXPECT_EQ(kind_of(request(server_.url("/cut.png"))), FailureKind::truncated);
  EXPECT_EQ(store_.uploads().at(0)->end, End::aborted);
}

TEST_F(LargeImageTest, IsLeftInNoPartWhenItProvesTooLarge) {
  auto wanted = request(server_.url("/unknown.png"));
  wanted.max_bytes = 10 * kMebibyte;
  EXPECT_EQ(kind_of(wanted), FailureKind::too_large);
  EXPECT_EQ(store_.uploads().at(0)->end, End::aborted);
}

TEST_F(LargeImageTest, IsLeftInNoPartWhicheverCallOfTheStoreFails) {
  constexpr int kCalls = 5;  // begin, three parts, finish
  for (int call = 1; call <= kCalls; ++call) {
    store_ = {};
    store_.fail_call(call, Failure(FailureKind::store_error, "failed as told"));
    EXPECT_EQ(kind_of(large_request()), FailureKind::store_error) << call;
    ASSERT_EQ(store_.uploads().size(), call == 1 ? 0U : 1U);
    if (call > 1) EXPECT_EQ(store_.uploads()[0]->end, End::aborted) << call;
    EXPECT_EQ(budget_.used_bytes(), 0U);
  }
}

TEST_F(LargeImageTest, OfATypeNotWantedIsNotBegun) {
  auto wanted = large_request();
  wanted.accept_types = {"image/jpeg"};
  EXPECT_EQ(kind_of(wanted), FailureKind::not_an_image);
  EXPECT_TRUE(store_.uploads().empty());
}

TEST_F(LargeImageTest, KeepsNobodyWaitingWhenTheStoreDoesNotAnswerToAnAbort) {
  boost::asio::cancellation_signal cancel;
  bool done = false;
  boost::asio::co_spawn(
      loop_, storer_.store(large_request()),
      boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, auto) { done = true; }));
  run_until(loop_, [&] { return !store_.uploads().empty() && !store_.uploads()[0]->parts.empty(); });
  store_.hold_aborts();
  cancel.emit(boost::asio::cancellation_type::terminal);
  run_until(loop_, [&] { return done; });
  EXPECT_EQ(store_.uploads()[0]->end, End::none);
  EXPECT_TRUE(store_.objects().empty());
}

TEST_F(LargeImageTest, IsLeftInNoPartWhenItsStoringIsCancelled) {
  boost::asio::cancellation_signal cancel;
  std::exception_ptr error;
  bool done = false;
  boost::asio::co_spawn(loop_, storer_.store(large_request()),
                        boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr thrown, auto) {
                          error = std::move(thrown);
                          done = true;
                        }));
  run_until(loop_, [&] { return !store_.uploads().empty() && !store_.uploads()[0]->parts.empty(); });
  store_.hold();
  run_until(loop_, [&] { return store_.waiting() == 1; });
  cancel.emit(boost::asio::cancellation_type::terminal);
  run_until(loop_, [&] { return done; });
  ASSERT_TRUE(error);
  EXPECT_THROW(std::rethrow_exception(error), boost::system::system_error);
  EXPECT_EQ(store_.uploads()[0]->end, End::aborted);
  EXPECT_TRUE(store_.objects().empty());
  EXPECT_EQ(http_.open_connections(), 0U);
}

}  // namespace
}  // namespace creel
