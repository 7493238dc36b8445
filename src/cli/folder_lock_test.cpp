#include "cli/folder_lock.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace kai {
namespace {

TEST(FolderLock, TheFirstHasItUntilItsEnd) {
  std::string folder = (std::filesystem::temp_directory_path() / "kai-lock-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::optional<FolderLock> first(folder + "/lock");
  FolderLock second(folder + "/lock");
  EXPECT_TRUE(first->hold());
  EXPECT_FALSE(second.hold());
  EXPECT_TRUE(first->hold());
  first.reset();
  EXPECT_TRUE(second.hold());
  EXPECT_TRUE(FolderLock(folder + "/none/lock").hold());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kai
