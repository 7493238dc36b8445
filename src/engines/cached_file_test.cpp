#include "engines/cached_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace kai {
namespace {

class CachedFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/kai-test-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::ofstream(path("file")) << std::string(1 << 20, 'x');
  }
  void TearDown() override {
    for (const char* name : {"file", "pipe"}) ::unlink(path(name).c_str());
    ::rmdir(folder_.c_str());
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string folder_;
};

TEST_F(CachedFileTest, IsThereOnceItWasWanted) {
  const auto file = CachedFile::open(path("file"));
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->size(), Bytes(1 << 20));
  const Bytes last(file->size() - Bytes(1));
  if (!file->has(last)) GTEST_SKIP() << "this file system does not tell what is in memory";
  file->forget();
  if (*file->has(last)) GTEST_SKIP() << "this file system keeps its files in memory";
  file->want({}, file->size());
  bool there = false;
  for (int look = 0; look < 1000 && !there; ++look) {
    there = *file->has(last);
    if (!there) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(there);
}

TEST_F(CachedFileTest, BehindItsEndNothingIsMissing) {
  const auto file = CachedFile::open(path("file"));
  ASSERT_TRUE(file.has_value());
  file->want(Bytes(1 << 20), Bytes(1 << 20));
  EXPECT_NE(file->has(Bytes(2 << 20)), std::optional(false));
}

TEST_F(CachedFileTest, WhatIsNoFileIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(CachedFile::open(path("pipe")));
  EXPECT_FALSE(CachedFile::open(folder_));
  EXPECT_FALSE(CachedFile::open(path("missing")));
}

}  // namespace
}  // namespace kai
