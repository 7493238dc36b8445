// What the store survives of disks and files: damaged, foreign, locked, deleted, full, read-only.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

#include "base/random.h"
#include "store/store_fixture.h"

namespace kai {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// A disk of its own, where this process may mount one.
class SmallDisk {
 public:
  SmallDisk(std::string folder, const char* size) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    mounted_ = ::mount("none", folder_.c_str(), "tmpfs", 0, size) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  void set_read_only(bool on) const {
    const unsigned long flags = on ? MS_REMOUNT | MS_RDONLY : MS_REMOUNT;
    EXPECT_EQ(::mount("none", folder_.c_str(), "tmpfs", flags, ""), 0);
  }

 private:
  std::string folder_;
  bool mounted_ = false;
};

class StoreFaults : public StoreFixture {
 protected:
  // Files beside kai.db that were set aside, without their journals.
  std::vector<fs::path> set_aside() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(options_.folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("kai.db.corrupt-") && !name.ends_with("-wal") &&
          !name.ends_with("-shm")) {
        found.push_back(entry.path());
      }
    }
    return found;
  }

  void fill(int questions) const {
    const auto store = open();
    for (int i = 0; i < questions; ++i) {
      store->record(outcome_of(fmt::format("q_{:04}", i), "q", std::string(500, 'a')));
    }
    ASSERT_TRUE(store->flush(seconds(10)));
  }

  static void expect_works(Store& store) {
    EXPECT_EQ(store.fault(), "");
    store.record(outcome_of("q_new", "question", "answer"));
    EXPECT_TRUE(store.flush(seconds(5)));
    ASSERT_TRUE(store.history(1));
    EXPECT_EQ(store.history(1)->front().id.text, "q_new");
    EXPECT_EQ(store.dropped(), 0);
  }

  static void expect_refused(Store& store, std::string_view fault) {
    EXPECT_NE(store.fault().find(fault), std::string::npos) << store.fault();
    store.record(outcome_of("q_new", "question", "answer"));
    EXPECT_EQ(store.dropped(), 1);
    const auto rows = store.history(1);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::storage);
    EXPECT_EQ(rows.error().message, store.fault());
    EXPECT_FALSE(store.flush(milliseconds(10)));
  }
};

TEST_F(StoreFaults, SetsAsideWhatIsNotADatabase) {
  Random random(1);
  std::string noise;
  for (int i = 0; i < 50'000; ++i) noise += static_cast<char>(random.below(256));
  write_file(database(), noise);
  const auto store = open();
  EXPECT_NE(store->notice().find("set aside"), std::string::npos) << store->notice();
  ASSERT_EQ(set_aside().size(), 1U);
  EXPECT_EQ(bytes_of(set_aside()[0]), noise);
  expect_works(*store);
}

TEST_F(StoreFaults, SetsAsideATruncatedDatabase) {
  fill(500);
  fs::resize_file(database(), fs::file_size(database()) / 3);
  const auto store = open();
  EXPECT_NE(store->notice(), "");
  EXPECT_EQ(set_aside().size(), 1U);
  expect_works(*store);
}

TEST_F(StoreFaults, SetsAsideDamageThatShowsOnlyInUse) {
  fill(2000);
  std::string bytes = bytes_of(database());
  std::fill(bytes.begin() + 100'000, bytes.begin() + 600'000, '\xEE');
  write_file(database(), bytes);
  const auto store = open();
  const auto rows = store->history(100'000);
  if (store->notice().empty()) {
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::storage);
  }
  expect_works(*store);
  EXPECT_NE(store->notice(), "");
  EXPECT_EQ(set_aside().size(), 1U);
}

TEST_F(StoreFaults, SetsAsideDamageMetWhileWriting) {
  fill(2000);
  std::string bytes = bytes_of(database());
  // All but the first pages: the index of ids, which every write reads, is among them.
  std::fill(bytes.begin() + 80'000, bytes.end(), '\xEE');
  write_file(database(), bytes);
  const auto store = open();
  expect_works(*store);
  EXPECT_EQ(set_aside().size(), 1U);
}

TEST_F(StoreFaults, TwoDamagedDatabasesAreBothKept) {
  for (int i = 0; i < 2; ++i) {
    write_file(database(), std::string(10'000, static_cast<char>('a' + i)));
    expect_works(*open());
  }
  EXPECT_EQ(set_aside().size(), 2U);
}

TEST_F(StoreFaults, OddButHarmlessFilesWork) {
  struct Case {
    const char* name;
    std::function<void()> damage;
  };
  const Case cases[] = {
      {"empty database", [&] { write_file(database(), ""); }},
      {"journal of nothing", [&] { write_file(database().string() + "-wal", "not a journal"); }},
      {"stale shared memory", [&] { write_file(database().string() + "-shm", "stale"); }},
      {"old lock", [&] { write_file(database().string() + ".lock", "123"); }},
  };
  for (const auto& [name, damage] : cases) {
    SCOPED_TRACE(name);
    fs::remove_all(options_.folder);
    damage();
    const auto store = open();
    EXPECT_EQ(store->notice(), "");
    expect_works(*store);
  }
}

TEST_F(StoreFaults, WithoutItsJournalTheDatabaseStillOpens) {
  fill(10);
  {
    const auto store = open();
    store->record(outcome_of("q_lost", "q", "a"));
    ASSERT_TRUE(store->history(1));
    fs::copy(options_.folder, folder_ / "copy");
  }
  ASSERT_TRUE(fs::remove(folder_ / "copy" / "kai.db-wal"));
  options_.folder = (folder_ / "copy").string();
  const auto store = open();
  EXPECT_EQ(store->history(100)->size(), 10U);
  expect_works(*store);
}

TEST_F(StoreFaults, ANewerVersionIsLeftUntouched) {
  fs::create_directories(options_.folder);
  {
    SQLite::Database newer(database().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    newer.exec("CREATE TABLE future (x); PRAGMA user_version = 8");
  }
  const std::string before = bytes_of(database());
  {
    const auto store = open();
    expect_refused(*store, "newer kai (schema 8, this one knows 6); update kai");
  }
  EXPECT_EQ(bytes_of(database()), before);
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(StoreFaults, AnotherProgramsDatabaseIsLeftUntouched) {
  fs::create_directories(options_.folder);
  {
    SQLite::Database other(database().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE questions (mine)");
  }
  const std::string before = bytes_of(database());
  expect_refused(*open(), "not kai's");
  EXPECT_EQ(bytes_of(database()), before);
}

TEST_F(StoreFaults, AFolderThatCannotBeIsAFault) {
  write_file(folder_ / "file", "");
  struct Case {
    std::string folder, fault;
  };
  const Case cases[] = {{(folder_ / "file" / "data").string(), "choose another data folder"},
                        {(folder_ / "file").string(), "choose another data folder"},
                        {"/proc/kai", "choose another data folder"},
                        {"", "no data folder is set"}};
  for (const auto& [folder, fault] : cases) {
    SCOPED_TRACE(folder);
    options_.folder = folder;
    const auto store = open();
    EXPECT_NE(store->fault().find(fault), std::string::npos) << store->fault();
    store->record(outcome_of("q_01", "q", "a"));
    const auto rows = store->history(1);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, ErrorCode::storage);
  }
}

TEST_F(StoreFaults, ADirectoryInPlaceOfTheDatabaseIsAFault) {
  fs::create_directories(database());
  const auto store = open();
  EXPECT_NE(store->fault(), "");
  EXPECT_FALSE(store->history(1));
}

TEST_F(StoreFaults, AReadOnlyDiskIsAFaultUntilItIsWritable) {
  const SmallDisk disk(options_.folder, "size=8m");
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small disk";
  fill(3);
  disk.set_read_only(true);
  const auto store = open();
  EXPECT_NE(store->fault().find("make the folder writable"), std::string::npos);
  store->record(outcome_of("q_kept", "asked while it was read-only", "a"));
  EXPECT_FALSE(store->flush(milliseconds(50)));
  disk.set_read_only(false);
  EXPECT_TRUE(store->flush(seconds(5)));
  EXPECT_EQ(store->fault(), "");
  EXPECT_EQ(store->history(1)->front().id.text, "q_kept");
  EXPECT_EQ(store->dropped(), 0);
}

TEST_F(StoreFaults, AFullDiskIsAFaultUntilThereIsSpace) {
  const SmallDisk disk(options_.folder, "size=1m");
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small disk";
  const auto store = open();
  store->record(outcome_of("q_01", "before", "a"));
  ASSERT_TRUE(store->flush(seconds(1)));
  const fs::path ballast = fs::path(options_.folder) / "ballast";
  write_file(ballast, std::string(4'000'000, 'x'));
  store->record(outcome_of("q_02", "while full", std::string(100'000, 'y')));
  EXPECT_FALSE(store->flush(milliseconds(300)));
  EXPECT_NE(store->fault().find("no space is left"), std::string::npos) << store->fault();
  ASSERT_TRUE(store->history(10));  // what is there can still be read
  EXPECT_EQ(store->history(10)->size(), 1U);
  fs::remove(ballast);
  EXPECT_TRUE(store->flush(seconds(5)));
  EXPECT_EQ(store->fault(), "");
  EXPECT_EQ(store->history(10)->size(), 2U);
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(StoreFaults, AFolderOnAFullDiskIsAFault) {
  const SmallDisk disk(options_.folder, "size=64k");
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small disk";
  write_file(fs::path(options_.folder) / "ballast", std::string(100'000, 'x'));
  const auto store = open();
  EXPECT_NE(store->fault().find("no space is left"), std::string::npos) << store->fault();
}

TEST_F(StoreFaults, ADeletedFolderIsMadeAnew) {
  const auto store = open();
  store->record(outcome_of("q_01", "q", "a"));
  ASSERT_TRUE(store->flush(seconds(5)));
  fs::remove_all(options_.folder);
  expect_works(*store);
  EXPECT_TRUE(fs::exists(database()));
}

TEST_F(StoreFaults, AnotherFileUnderTheNameIsNotHarmedByClosing) {
  auto first = open();
  first->record(outcome_of("q_01", "q", "a"));
  ASSERT_TRUE(first->flush(seconds(5)));
  for (const char* part : {"", "-wal", "-shm"}) {
    fs::rename(database().string() + part, folder_ / (std::string("old") + part));
  }
  const auto second = open();
  expect_works(*second);
  first.reset();
  EXPECT_TRUE(fs::exists(database().string() + "-wal"));
  EXPECT_EQ(second->history(10)->size(), 1U);
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(StoreFaults, ALockedDatabaseIsAFaultUntilItIsFree) {
  const auto store = open();
  SQLite::Database other(database().string(), SQLite::OPEN_READWRITE, 1000);
  SQLite::Transaction lock(other, SQLite::TransactionBehavior::IMMEDIATE);
  store->record(outcome_of("q_01", "q", "a"));
  EXPECT_FALSE(store->flush(milliseconds(400)));
  // Told once SQLite has waited for the lock, on a thread that a busy machine may keep waiting,
  // too.
  const auto until = steady_clock::now() + seconds(20);
  while (store->fault().empty() && steady_clock::now() < until) {
    EXPECT_FALSE(store->flush(milliseconds(50)));
  }
  EXPECT_NE(store->fault().find("locked by another program"), std::string::npos);
  EXPECT_TRUE(store->history(1));  // readers do not wait for it
  lock.commit();
  EXPECT_TRUE(store->flush(seconds(5)));
  EXPECT_EQ(store->fault(), "");
  EXPECT_EQ(store->dropped(), 0);
  EXPECT_EQ(store->history(10)->size(), 1U);
}

TEST_F(StoreFaults, ClosingTakesAtMostASecondWhateverIsQueued) {
  auto store = open();
  SQLite::Database other(database().string(), SQLite::OPEN_READWRITE, 1000);
  const SQLite::Transaction lock(other, SQLite::TransactionBehavior::IMMEDIATE);
  for (int i = 0; i < 500; ++i) store->record(outcome_of(fmt::format("q_{}", i), "q", "a"));
  const auto start = steady_clock::now();
  store.reset();
  EXPECT_LT(steady_clock::now() - start, milliseconds(1300));
}

}  // namespace
}  // namespace kai
