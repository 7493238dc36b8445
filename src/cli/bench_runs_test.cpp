#include "cli/bench_runs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "wire/comparison.h"

namespace kai {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr WallTime begin(1'700'000'000s);  // 2023-11-14T22:13:20Z

std::string document(const std::string& file) {
  wire::ComparisonDocument document;
  document.file = file;
  for (const Arm arm : all_arms) {
    document.comparison.arms[static_cast<std::size_t>(arm)].arm = arm;
  }
  return wire::encode_comparison(document);
}

class BenchRuns : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / "kai-bench-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Written `age` ago, whenever this test runs.
  void put(const std::string& name, const std::string& text, std::chrono::hours age) {
    fs::create_directories(folder_ + "/bench");
    const fs::path path = folder_ + "/bench/" + name;
    std::ofstream(path) << text;
    fs::last_write_time(path, fs::file_time_type::clock::now() - age);
  }

  std::string folder_;
};

TEST_F(BenchRuns, AreNoneWhereNothingWasKept) {
  const auto runs = read_bench_runs(folder_);
  EXPECT_TRUE(runs.runs.empty() && runs.skipped.empty());
}

TEST_F(BenchRuns, AreToldTheNewestFirstWhoeverPutThemThere) {
  put("old.json", document("old.csv"), 2h);
  ASSERT_TRUE(keep_bench_run(folder_, document("new.csv"), begin));
  const auto runs = read_bench_runs(folder_);
  ASSERT_EQ(runs.runs.size(), 2u);
  EXPECT_EQ(runs.runs[0].name, "quality-20231114T221320Z.json");
  EXPECT_EQ(runs.runs[0].document, document("new.csv"));
  EXPECT_EQ(runs.runs[1].name, "old.json");
  EXPECT_GT(runs.runs[0].at, runs.runs[1].at + 1h);
}

TEST_F(BenchRuns, OnlyKaisOwnOldOnesAreRemoved) {
  put("mine.json", document("mine.csv"), 1000h);
  for (std::size_t run = 1; run <= bench_runs_max; ++run) {
    put("quality-" + std::to_string(run) + ".json", document("a.csv"),
        std::chrono::hours(static_cast<int>(run)));
  }
  ASSERT_TRUE(keep_bench_run(folder_, document("new.csv"), begin));
  const fs::path bench = folder_ + "/bench";
  EXPECT_TRUE(fs::exists(bench / "mine.json"));
  EXPECT_TRUE(fs::exists(bench / "quality-49.json"));
  EXPECT_FALSE(fs::exists(bench / "quality-50.json"));
  EXPECT_EQ(read_bench_runs(folder_).runs.size(), bench_runs_max);
}

TEST_F(BenchRuns, WhatIsNoRunIsNamedWithTheReason) {
  put("torn.json", document("a.csv").substr(0, 200), 1h);
  put("empty.json", "", 2h);
  put("large.json", document("a.csv") + std::string(bench_run_bytes_max, ' '), 3h);
  put("notes.txt", "no run", 4h);
  const auto runs = read_bench_runs(folder_);
  EXPECT_TRUE(runs.runs.empty());
  ASSERT_EQ(runs.skipped.size(), 3u);
  EXPECT_EQ(runs.skipped[0].first, "torn.json");
  EXPECT_EQ(runs.skipped[1].second, "it is empty or cannot be read");
  EXPECT_EQ(runs.skipped[2].second, "it has more than 64000 bytes");
}

TEST_F(BenchRuns, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(folder_ + "/bench") << "a file";
  const auto kept = keep_bench_run(folder_, document("a.csv"), begin);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::storage);
}

}  // namespace
}  // namespace kai
