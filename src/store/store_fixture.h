// store_fixture: a store in a temporary folder of its own, for the tests of this folder.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "store/store.h"
#include "wire/documents.h"

namespace kai {

namespace fs = std::filesystem;

inline Outcome outcome_of(std::string id, std::string question, std::string answer) {
  Outcome outcome;
  outcome.query.id = QueryId(std::move(id));
  outcome.query.messages = {{Role::user, std::move(question)}};
  outcome.asked = WallTime(std::chrono::seconds(1'772'366'400));
  outcome.verdict.text = std::move(answer);
  return outcome;
}

class StoreFixture : public testing::Test {
 protected:
  StoreFixture() {
    std::string name = (fs::temp_directory_path() / "kai-store-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    options_.folder = (folder_ / "data").string();
  }
  ~StoreFixture() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::unique_ptr<Store> open() const { return open_store(options_); }
  fs::path database() const { return fs::path(options_.folder) / "kai.db"; }

  // What SQLite itself says of the file: "ok".
  std::string integrity() const {
    SQLite::Database file(database().string(), SQLite::OPEN_READWRITE, 5000);
    return file.execAndGet("PRAGMA integrity_check").getString();
  }

  fs::path folder_;
  StoreOptions options_;
};

}  // namespace kai
