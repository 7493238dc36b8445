#include "store/database_thread.h"

#include <stdexcept>

#include "store/store_fixture.h"

namespace kai {
namespace {

using DatabaseThreads = StoreFixture;

TEST_F(DatabaseThreads, AReadThatThrowsIsAnErrorAndTheNextOneIsRead) {
  fs::create_directories(options_.folder);
  DatabaseThread thread(options_.folder, {}, [](Database&) {});
  const auto broken = thread.read(
      [](Database&) -> Result<int> { throw std::runtime_error("a number that is none"); });
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::storage);
  EXPECT_TRUE(broken.error().message.contains("a number that is none")) << broken.error().message;
  const auto good = thread.read(
      [](Database& database) -> Result<int> { return database.execAndGet("SELECT 7").getInt(); });
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(*good, 7);
}

}  // namespace
}  // namespace kai
