#include "cli/runtime_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kai {
namespace {

namespace fs = std::filesystem;

class RuntimeFolderTest : public testing::Test {
 protected:
  RuntimeFolderTest() {
    std::string name = "/tmp/kai-run-XXXXXX";
    parent_ = ::mkdtemp(name.data());
    base_ = parent_ + "/base";
  }
  ~RuntimeFolderTest() override { fs::remove_all(parent_); }

  std::string parent_, base_;
};

TEST_F(RuntimeFolderTest, IsPrivateAndGoesWithItsProcess) {
  std::string own;
  {
    const auto folder = RuntimeFolder::open(base_);
    ASSERT_TRUE(folder) << folder.error().message;
    own = (*folder)->own();
    EXPECT_EQ(own, base_ + '/' + std::to_string(::getpid()));
    EXPECT_EQ(fs::status(base_).permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::status(own).permissions(), fs::perms::owner_all);
    std::ofstream(own + "/cpu.0.sock") << "left";
  }
  EXPECT_FALSE(fs::exists(own));
  EXPECT_TRUE(fs::exists(base_));
}

TEST_F(RuntimeFolderTest, RemovesWhatTheDeadLeft) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto folder = RuntimeFolder::open(base_);
    ::_exit(folder ? 0 : 1);  // without its destructor, as kill -9 would
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  const std::string left = base_ + '/' + std::to_string(child);
  ASSERT_TRUE(fs::exists(left));
  const auto folder = RuntimeFolder::open(base_);
  ASSERT_TRUE(folder);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists((*folder)->own()));
}

TEST_F(RuntimeFolderTest, LeavesTheLivingAlone) {
  int ready[2], done[2];
  ASSERT_EQ(::pipe(ready) | ::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto folder = RuntimeFolder::open(base_);
    char byte = folder ? 'y' : 'n';
    [[maybe_unused]] auto written = ::write(ready[1], &byte, 1);
    ::close(done[1]);
    [[maybe_unused]] auto count = ::read(done[0], &byte, 1);  // until the test has looked
    ::_exit(0);
  }
  char byte = 'n';
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  const auto folder = RuntimeFolder::open(base_);
  ASSERT_TRUE(folder) << folder.error().message;
  EXPECT_TRUE(fs::exists(base_ + '/' + std::to_string(child)));
  for (const int end : {ready[0], ready[1], done[0], done[1]}) ::close(end);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST_F(RuntimeFolderTest, RefusesWhatOthersCouldReach) {
  const auto message = [](const std::string& path) {
    const auto folder = RuntimeFolder::open(path);
    return folder ? std::string("opened") : folder.error().message;
  };
  fs::create_directory(parent_ + "/open");
  ::chmod((parent_ + "/open").c_str(), 0755);
  EXPECT_TRUE(message(parent_ + "/open").contains("is open to other users"));
  fs::create_directory_symlink(parent_ + "/open", parent_ + "/link");
  EXPECT_TRUE(message(parent_ + "/link").contains("is a link or a file"));
  std::ofstream(parent_ + "/file") << "x";
  EXPECT_TRUE(message(parent_ + "/file").contains("is a link or a file"));
  EXPECT_TRUE(message(parent_ + "/absent/deeper").contains("cannot be made"));
  EXPECT_TRUE(message(parent_ + '/' + std::string(80, 'x')).contains("over 60 characters"));
  EXPECT_TRUE(message("/proc/kai").contains("KAI_RUNTIME_FOLDER"));
}

}  // namespace
}  // namespace kai
