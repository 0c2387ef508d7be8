#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/thread_pool.hpp>

#include "base/blocking.h"
#include "base/task.h"
#include "catalog/catalog.h"

namespace creel {

class ImageRepository;
class ImageLibrary;
class SourceRepository;

/// The repositories over one connection. Threads: one at a time.
struct Repositories {
  ImageRepository& images;
  ImageLibrary& library;
  SourceRepository& sources;
};

/// The catalog for coroutines: one thread that writes and some that read, each with a connection of its own, so that a
/// long look does not hold up the work. Threads: any.
class CatalogService {
 public:
  /// @param catalog  the connection of the thread that writes; more are opened for the readers
  CatalogService(std::unique_ptr<Catalog> catalog, std::size_t readers);
  /// Waits for what is under way.
  ~CatalogService();

  enum class Use : std::uint8_t { read, write };
  /// Told how long each `read` and `write` took, on the thread that did it. To be set before the first.
  using Observer = std::function<void(Use use, std::chrono::duration<double> took)>;
  void observe(Observer observer);

  /// Calls `work(Repositories&)` on the thread that writes, and gives back what it returns or throws.
  /// @throws CatalogUnavailable  the database is away for now
  template <class Work>
  Task<std::invoke_result_t<Work&, Repositories&>> write(Work work) {
    return run_blocking(writer_thread(), [this, work = std::move(work)]() mutable {
      const Timing timing(*this, Use::write);
      try {
        return work(writer());
      } catch (const CatalogUnavailable& away) {
        note_trouble(away.what());
        throw;
      }
    });
  }

  /// Why the last write that needed the database could not be done; nothing if all is well. Remembered until
  /// `try_writing` succeeds: a write that happens to change nothing says nothing of a full disk.
  std::optional<std::string> write_trouble() const;

  /// Writes something small, to see whether that is possible; tells by `write_trouble`.
  Task<void> try_writing();

  /// The same on one of the threads that read.
  template <class Work>
  Task<std::invoke_result_t<Work&, Repositories&>> read(Work work) {
    return run_blocking(reader_threads(), [this, work = std::move(work)]() mutable {
      const auto lent = lend_reader();
      const Timing timing(*this, Use::read);
      return work(lent->repositories());
    });
  }

  /// Waits for what is under way. Nothing may be begun after it: for those whose work holds what goes before this.
  void finish();

  /// For those who write much and keep the repository: the thread and what may be used on it alone.
  boost::asio::thread_pool& writer_thread();
  Repositories& writer();

  /// A connection of a reader, given back when the pointer goes.
  class Reader {
   public:
    virtual ~Reader() = default;
    virtual Repositories& repositories() = 0;
  };

 private:
  /// Measures as long as it lives.
  class Timing {
   public:
    Timing(CatalogService& service, Use use) : service_(service), use_(use) {}
    ~Timing() { service_.ended(use_, std::chrono::steady_clock::now() - started_); }
    Timing(const Timing&) = delete;
    Timing& operator=(const Timing&) = delete;

   private:
    CatalogService& service_;
    const Use use_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  };

  void ended(Use use, std::chrono::duration<double> took);
  void note_trouble(const std::string& why);
  boost::asio::thread_pool& reader_threads();
  std::unique_ptr<Reader, void (*)(Reader*)> lend_reader();

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel
