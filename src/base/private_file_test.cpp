#include "base/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace kai {
namespace {

namespace fs = std::filesystem;

class PrivateFile : public testing::Test {
 protected:
  PrivateFile() {
    std::string name = (fs::temp_directory_path() / "kai-private-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~PrivateFile() override { fs::remove_all(folder_); }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  long entries() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
};

TEST_F(PrivateFile, ReplacesWhatWasThere) {
  const std::string path = folder_ / "figures.json";
  std::ofstream(path) << "an older and longer text";
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
  ASSERT_TRUE(write_private(path, "new"));
  EXPECT_EQ(read("figures.json"), "new");
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(entries(), 1);
}

TEST_F(PrivateFile, WhatFailsLeavesNothingBehind) {
  const auto nowhere = write_private(folder_ / "none" / "figures.json", "new");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::storage);
  EXPECT_NE(nowhere.error().message.find("No such file or directory"), std::string::npos)
      << nowhere.error().message;
  // A folder stands where the file shall be, so that everything but the last step works.
  fs::create_directories(folder_ / "figures.json" / "full");
  EXPECT_FALSE(write_private(folder_ / "figures.json", "new"));
  EXPECT_EQ(entries(), 1);
}

}  // namespace
}  // namespace kai
