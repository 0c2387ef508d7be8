#include "catalog/catalog_service.h"

#include <mutex>
#include <vector>

#include <soci/soci.h>

#include "catalog/connected.h"
#include "catalog/image_library.h"
#include "catalog/image_repository.h"
#include "catalog/source_repository.h"

namespace creel {
namespace {

/// A change that changes nothing, but is written like any other.
class WriteProbe {
 public:
  WriteProbe(soci::session& session, Dialect) : session_(session) {}
  void write() { session_ << "update migrations set applied_at = applied_at where number = 1"; }

 private:
  soci::session& session_;
};

/// A connection with its repositories.
class Desk {
 public:
  explicit Desk(std::unique_ptr<Catalog> catalog)
      : catalog_(std::move(catalog)), images_(*catalog_), library_(*catalog_), sources_(*catalog_), probe_(*catalog_) {}

  Repositories& repositories() { return repositories_; }
  void try_writing() {
    probe_.write([](WriteProbe& probe) { probe.write(); });
  }

 private:
  std::unique_ptr<Catalog> catalog_;
  ImageRepository images_;
  ImageLibrary library_;
  SourceRepository sources_;
  Connected<WriteProbe> probe_;
  Repositories repositories_{images_, library_, sources_};
};

}  // namespace

class CatalogService::Impl {
 public:
  class ReadingDesk final : public Reader {
   public:
    ReadingDesk(Impl& service, std::unique_ptr<Catalog> catalog) : service_(service), desk_(std::move(catalog)) {}

    Repositories& repositories() override { return desk_.repositories(); }

    static void give_back(Reader* reader) {
      auto* desk = static_cast<ReadingDesk*>(reader);
      const std::scoped_lock lock(desk->service_.mutex_);
      desk->service_.free_.push_back(desk);
    }

   private:
    Impl& service_;
    Desk desk_;
  };

  Impl(std::unique_ptr<Catalog> catalog, std::size_t readers) : reader_threads_(readers) {
    for (std::size_t i = 0; i < readers; ++i) {
      desks_.push_back(std::make_unique<ReadingDesk>(*this, catalog->another()));
      free_.push_back(desks_.back().get());
    }
    writer_ = std::make_unique<Desk>(std::move(catalog));
  }

  ~Impl() {
    reader_threads_.join();
    writer_thread_.join();
  }

  void observe(Observer observer) { observer_ = std::move(observer); }
  void ended(Use use, std::chrono::duration<double> took) {
    if (observer_) observer_(use, took);
  }

  boost::asio::thread_pool& writer_thread() { return writer_thread_; }
  boost::asio::thread_pool& reader_threads() { return reader_threads_; }
  Repositories& writer() { return writer_->repositories(); }

  void note_trouble(const std::string& why) {
    const std::scoped_lock lock(mutex_);
    write_trouble_ = why;
  }
  std::optional<std::string> write_trouble() {
    const std::scoped_lock lock(mutex_);
    return write_trouble_;
  }
  void try_writing() {
    try {
      writer_->try_writing();
      const std::scoped_lock lock(mutex_);
      write_trouble_.reset();
    } catch (const Failure& failure) {
      note_trouble(failure.what());
    }
  }

  /// There are as many desks as threads that ask for one. The one used last is lent first: its connection is the most
  /// likely to be there.
  ReadingDesk* lend() {
    const std::scoped_lock lock(mutex_);
    auto* desk = free_.back();
    free_.pop_back();
    return desk;
  }

 private:
  Observer observer_;
  std::unique_ptr<Desk> writer_;
  std::vector<std::unique_ptr<ReadingDesk>> desks_;
  std::mutex mutex_;
  // Guarded by the mutex.
  std::vector<ReadingDesk*> free_;
  std::optional<std::string> write_trouble_;
  boost::asio::thread_pool writer_thread_{1};
  boost::asio::thread_pool reader_threads_;
};

CatalogService::CatalogService(std::unique_ptr<Catalog> catalog, std::size_t readers)
    : impl_(std::make_unique<Impl>(std::move(catalog), readers)) {}
CatalogService::~CatalogService() = default;

void CatalogService::observe(Observer observer) {
  impl_->observe(std::move(observer));
}

void CatalogService::ended(Use use, std::chrono::duration<double> took) {
  impl_->ended(use, took);
}

void CatalogService::note_trouble(const std::string& why) {
  impl_->note_trouble(why);
}

std::optional<std::string> CatalogService::write_trouble() const {
  return impl_->write_trouble();
}

Task<void> CatalogService::try_writing() {
  return run_blocking(writer_thread(), [this] {
    const Timing timing(*this, Use::write);
    impl_->try_writing();
  });
}

void CatalogService::finish() {
  impl_->writer_thread().join();
  impl_->reader_threads().join();
}

boost::asio::thread_pool& CatalogService::writer_thread() {
  return impl_->writer_thread();
}

boost::asio::thread_pool& CatalogService::reader_threads() {
  return impl_->reader_threads();
}

Repositories& CatalogService::writer() {
  return impl_->writer();
}

std::unique_ptr<CatalogService::Reader, void (*)(CatalogService::Reader*)> CatalogService::lend_reader() {
  return {impl_->lend(), &Impl::ReadingDesk::give_back};
}

}  // namespace creel
