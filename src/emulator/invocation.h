#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "base/wakeup.h"

namespace creel::emulator {

/// Payloads of calls that wait and of answers: 6 MiB and 100 bytes; of events: 1 MiB; of streamed answers: 200 MiB.
inline constexpr std::size_t kMaxPayloadBytes = 6 * 1024 * 1024 + 100;
inline constexpr std::size_t kMaxEventBytes = 1024 * 1024;
inline constexpr std::size_t kMaxStreamedBytes = 200UL * 1024 * 1024;

enum class AnswerMode : std::uint8_t { buffered, streamed };

/// One call of a function, on its way through an execution environment.
struct Invocation {
  std::string request_id;
  /// One for each try.
  std::string invocation_id;
  std::string payload;
  std::string invoked_arn;
  std::string trace_id;
  /// JSON; empty for none.
  std::string client_context{};
  std::string cognito_identity{};
  std::string tenant_id{};
  AnswerMode mode = AnswerMode::buffered;
};

/// How a call ended.
struct InvocationResult {
  /// Of a buffered answer, or the error.
  std::string payload{};
  std::string content_type{};
  /// "Unhandled" if the function failed.
  std::string function_error{};
  /// What the error is called, for the stream's last event.
  std::string error_type{};
  std::string executed_version{};
  /// The end of the log.
  std::string log_tail{};
};

/// Carries a streamed answer from the function to its caller, and makes the one wait for the other. At its end stands
/// the result. Threads: the emulator's event loop.
class AnswerStream {
 public:
  explicit AnswerStream(const boost::asio::any_io_executor& executor)
      : readable_(std::make_shared<Wakeup>(executor)), writable_(std::make_shared<Wakeup>(executor)) {}

  /// The function begins its answer.
  void begin(std::string content_type) {
    content_type_ = std::move(content_type);
    begun_ = true;
    readable_->notify();
  }

  /// Waits while much is under way; drops the piece if nobody reads any more.
  Task<void> write(std::string piece) {
    constexpr std::size_t kMaxPieces = 16;
    while (pieces_.size() >= kMaxPieces && !result_ && !is_abandoned_) co_await writable_->wait();
    if (is_abandoned_ || result_) co_return;
    pieces_.push_back(std::move(piece));
    readable_->notify();
  }

  /// No more will come.
  void end(InvocationResult result) {
    if (result_) return;
    result_ = std::move(result);
    readable_->notify();
    writable_->notify();
  }

  /// The reader has gone.
  void abandon() {
    is_abandoned_ = true;
    pieces_.clear();
    writable_->notify();
  }

  /// Waits until the answer has begun, or the call has ended without one.
  Task<void> wait_for_begin() {
    while (!begun_ && !result_) co_await readable_->wait();
  }

  /// The next piece; nothing at the end, when the result is there.
  Task<std::optional<std::string>> read() {
    while (pieces_.empty() && !result_) co_await readable_->wait();
    if (pieces_.empty()) co_return std::nullopt;
    auto piece = std::move(pieces_.front());
    pieces_.pop_front();
    writable_->notify();
    co_return piece;
  }

  bool has_begun() const { return begun_; }
  bool has_ended() const { return result_.has_value(); }
  const std::string& content_type() const { return content_type_; }
  /// Once `has_ended`.
  const InvocationResult& result() const { return *result_; }

 private:
  std::shared_ptr<Wakeup> readable_;
  std::shared_ptr<Wakeup> writable_;
  std::deque<std::string> pieces_;
  std::string content_type_;
  bool begun_ = false;
  bool is_abandoned_ = false;
  std::optional<InvocationResult> result_;
};

/// The reading end of a stream: when the last copy of it goes, the function need not wait for readers any more.
class AnswerReader {
 public:
  explicit AnswerReader(std::shared_ptr<AnswerStream> stream) : stream_(std::move(stream)) {}
  ~AnswerReader() { stream_->abandon(); }
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;

  AnswerStream* operator->() const { return stream_.get(); }

 private:
  std::shared_ptr<AnswerStream> stream_;
};

}  // namespace creel::emulator
