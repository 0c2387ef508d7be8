#include "catalog/catalog_service.h"

#include <latch>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <soci/soci.h>

#include "catalog/image_library.h"
#include "catalog/repository_fixture.h"
#include "catalog/source_repository.h"
#include "support/run_task.h"

namespace creel {
namespace {

class CatalogServiceTest : public ::testing::TestWithParam<Database> {
 protected:
  template <class T>
  T run(Task<T> task) {
    return creel::testing::run(loop_, std::move(task));
  }

  TemporaryFolder folder_;
  boost::asio::io_context loop_;
  CatalogService service_{GetParam().open(folder_.path()), 2};
};

INSTANTIATE_TEST_SUITE_P(On, CatalogServiceTest, ::testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(CatalogServiceTest, ReadsWhatWasWritten) {
  const auto source = run(service_.write([](Repositories& in) { return in.images.source("a", "list"); }));
  const auto row = run(service_.write([source](Repositories& in) {
    const auto now = SystemClock{}.now();
    const auto poll = in.images.begin_poll(source, now);
    const FoundImage image{.image_id = "1", .url = "https://a.example/1.png", .host = "a.example"};
    return in.images.see(source, poll, kBackendQueue, std::vector{image}, {}, now).front().row;
  }));
  const auto image = run(service_.read([row](Repositories& in) { return in.library.find(row); }));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->image_id, "1");
  const auto found = run(service_.read([](Repositories& in) { return in.sources.find("a"); }));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, source);
}

TEST_P(CatalogServiceTest, HandsOnWhatTheWorkThrows) {
  EXPECT_THROW(run(service_.read([](Repositories&) -> int { throw std::logic_error("a bug"); })), std::logic_error);
  EXPECT_THROW(run(service_.write([](Repositories&) -> int { throw std::logic_error("a bug"); })), std::logic_error);
  EXPECT_EQ(run(service_.read([](Repositories&) { return 1; })), 1);
}

TEST_P(CatalogServiceTest, ReadsWhileTheWriterIsBusyAndWithAllReadersAtOnce) {
  std::latch readers_met(2);
  std::latch writer_may_end(1);
  int done = 0;
  const auto count = [&done](const std::exception_ptr& failure) {
    EXPECT_FALSE(failure);
    ++done;
  };
  boost::asio::co_spawn(loop_, service_.write([&](Repositories& in) {
    in.images.source("a", "list");
    writer_may_end.wait();
  }),
                        count);
  const auto read = [&](Repositories& in) {
    in.sources.find("a");
    readers_met.arrive_and_wait();
    in.sources.find("a");
  };
  boost::asio::co_spawn(loop_, service_.read(read), count);
  boost::asio::co_spawn(loop_, service_.read(read), count);
  while (done < 2) loop_.run_one();
  EXPECT_EQ(done, 2);
  writer_may_end.count_down();
  loop_.run();
  EXPECT_EQ(done, 3);
}

TEST_P(CatalogServiceTest, LendsTheWriterToThoseWhoKeepItsThread) {
  const auto source =
      run(run_blocking(service_.writer_thread(), [this] { return service_.writer().images.source("a", "list"); }));
  EXPECT_EQ(run(service_.write([](Repositories& in) { return in.images.source("a", "list"); })), source);
}

TEST_P(CatalogServiceTest, RemembersThatItCouldNotWriteUntilItCan) {
  EXPECT_EQ(service_.write_trouble(), std::nullopt);
  const auto fail = [](Repositories&) { throw CatalogUnavailable("the disk is full"); };
  EXPECT_THROW(run(service_.write(fail)), CatalogUnavailable);
  EXPECT_EQ(service_.write_trouble(), "the disk is full");
  // Work that changes nothing proves nothing.
  run(service_.write([](Repositories& in) { in.images.take_back_leases(SystemClock{}.now()); }));
  EXPECT_EQ(service_.write_trouble(), "the disk is full");
  run(service_.try_writing());
  EXPECT_EQ(service_.write_trouble(), std::nullopt);
}

TEST(CatalogServiceProbeTest, FindsOutThatNothingCanBeWritten) {
  const TemporaryFolder folder;
  boost::asio::io_context loop;
  CatalogService service(Catalog::open_sqlite(folder.path() / "creel.db"), 1);
  std::filesystem::rename(folder.path() / "creel.db", folder.path() / "elsewhere");
  creel::testing::run(loop, service.try_writing());
  ASSERT_TRUE(service.write_trouble());
  EXPECT_NE(service.write_trouble()->find("was removed"), std::string::npos);
  std::filesystem::rename(folder.path() / "elsewhere", folder.path() / "creel.db");
  creel::testing::run(loop, service.try_writing());
  EXPECT_EQ(service.write_trouble(), std::nullopt);
}

}  // namespace
}  // namespace creel
