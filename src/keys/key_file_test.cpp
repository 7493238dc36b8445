#include "keys/key_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace kai {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class KeyFile : public testing::Test {
 protected:
  KeyFile() {
    std::string name = (fs::temp_directory_path() / "kai-keys-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = key_file_in((folder_ / "data").string());
  }
  ~KeyFile() override { fs::remove_all(folder_); }

  static Key key(const std::string& name, const std::string& secret = "s") {
    return {name, hash_of(secret), *scopes_in("ask,watch"), 60, 4, WallTime(1'700'000'000s), {}};
  }
  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) const {
    fs::create_directories(fs::path(path_).parent_path());
    std::ofstream(path_) << text;
    ::chmod(path_.c_str(), 0600);
  }

  fs::path folder_;
  std::string path_;
};

TEST_F(KeyFile, KeepsEverythingButTheKey) {
  EXPECT_TRUE(read_keys(path_)->empty());
  Key temporary = key("phone", "other");
  temporary.expires = WallTime(1'800'000'000s);
  temporary.scopes = Scopes::all();
  const std::string secret = new_secret();
  ASSERT_TRUE(add_key(path_, key("laptop", secret)));
  ASSERT_TRUE(add_key(path_, temporary));
  const auto keys = read_keys(path_);
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 2u);
  const Key& first = keys->front();
  EXPECT_EQ(first.name, "laptop");
  EXPECT_EQ(first.scopes, *scopes_in("ask,watch"));
  EXPECT_EQ(first.rate_max, 60);
  EXPECT_EQ(first.at_once_max, 4);
  EXPECT_EQ(first.created, WallTime(1'700'000'000s));
  EXPECT_FALSE(first.expires);
  EXPECT_EQ(keys->back().expires, WallTime(1'800'000'000s));
  EXPECT_TRUE(keys->back().expired(WallTime(1'800'000'000s)));
  EXPECT_FALSE(keys->back().expired(WallTime(1'799'999'999s)));
  EXPECT_EQ(find(*keys, hash_of(secret)), &first);
  EXPECT_EQ(find(*keys, hash_of("no key")), nullptr);
  EXPECT_EQ(text().find(secret), std::string::npos);
  struct stat facts{};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(KeyFile, RevokesByName) {
  ASSERT_TRUE(add_key(path_, key("a")));
  ASSERT_TRUE(add_key(path_, key("b")));
  const auto taken = add_key(path_, key("a"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(remove_key(path_, "a"), 1u);
  EXPECT_EQ(remove_key(path_, "a").error().code, ErrorCode::not_found);
  EXPECT_EQ(read_keys(path_)->front().name, "b");
}

TEST_F(KeyFile, RefusesWhatIsNoKeyAndNamesTheLine) {
  const std::string good = "a " + to_hex(hash_of("s")) + " ask 0 0 1700000000 0\n";
  write("# a remark\n\n" + good);
  EXPECT_EQ(read_keys(path_)->size(), 1u);
  const std::string hash = to_hex(hash_of("s"));
  for (const std::string& bad : std::vector<std::string>{
           "a", "a b c d e f g", "a " + hash + " ask 0 0 0", "a " + hash + " ask 0 0 0 0 0",
           "a " + hash + " all 0 0 0 0", "a " + hash + " ask -1 0 0 0",
           "a " + hash + " ask 1.5 0 0 0", "a " + hash + " ask 0 0 0 99999999999",
           "/ " + hash + " ask 0 0 0 0", "a " + hash + "00 ask 0 0 0 0",
           " " + hash + " ask 0 0 0 0"}) {
    write(good + bad + "\n");
    const auto keys = read_keys(path_);
    ASSERT_FALSE(keys) << bad;
    EXPECT_EQ(keys.error().code, ErrorCode::invalid_config) << bad;
    EXPECT_NE(keys.error().message.find(path_ + ":2:"), std::string::npos) << keys.error().message;
  }
  write(good + good);
  EXPECT_FALSE(read_keys(path_));
}

// Whoever can write it makes keys.
TEST_F(KeyFile, RefusesAFileThatOthersMayWrite) {
  write("");
  ::chmod(path_.c_str(), 0666);
  const auto keys = read_keys(path_);
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code, ErrorCode::storage);
  EXPECT_NE(keys.error().message.find("others may write it"), std::string::npos);
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_FALSE(read_keys(path_));
}

TEST_F(KeyFile, RefusesAFileThatIsTooLarge) {
  write(std::string(600 * 1024, '#'));
  EXPECT_FALSE(read_keys(path_));
}

TEST_F(KeyFile, ManyAtOnceLoseNothing) {
  std::atomic<int> added = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 5; ++j) {
        if (add_key(path_, key("k" + std::to_string(i) + "-" + std::to_string(j)))) ++added;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(read_keys(path_)->size(), static_cast<std::size_t>(added));
  EXPECT_GT(added, 0);
}

TEST_F(KeyFile, WhatChangesIsSeenWithinASecond) {
  VirtualClock clock;
  Wait wait;
  const auto pass = [&](Duration length) {
    const auto alarm = clock.ring_at(clock.now() + length, wait);
    clock.advance();
  };
  KeyWatch watch(clock, path_);
  EXPECT_TRUE(watch.keys().empty());
  ASSERT_TRUE(add_key(path_, key("a")));
  pass(1s);
  EXPECT_EQ(watch.keys().size(), 1u);
  ASSERT_TRUE(add_key(path_, key("b")));
  EXPECT_EQ(watch.keys().size(), 1u) << "it looks once a second";
  pass(1s);
  EXPECT_EQ(watch.keys().size(), 2u);
  ASSERT_TRUE(remove_key(path_, "a"));
  watch.look();
  EXPECT_EQ(watch.keys().size(), 1u);
  write("nonsense\n");
  pass(1s);
  EXPECT_EQ(watch.keys().size(), 1u) << "a file that cannot be read changes nothing";
  EXPECT_FALSE(watch.fault().empty());
  fs::remove(path_);
  pass(1s);
  EXPECT_TRUE(watch.keys().empty());
  EXPECT_TRUE(watch.fault().empty());
}

TEST(Scopes, AreNamed) {
  EXPECT_EQ(to_string(*scopes_in("manage,ask")), "ask,manage");
  EXPECT_EQ(scopes_in("ask,watch,manage"), Scopes::all());
  for (const auto* bad : {"", "all", "ask,", ",ask", "ask watch", "Ask"}) {
    EXPECT_FALSE(scopes_in(bad)) << bad;
  }
  for (const auto* good : {"a", "my-phone.2", "A_b"}) EXPECT_TRUE(is_key_name(good)) << good;
  for (const auto* bad : {"", "-a", ".a", "a b", "a/b", "ä", "(own)"}) {
    EXPECT_FALSE(is_key_name(bad)) << bad;
  }
  EXPECT_FALSE(is_key_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace kai
