#include "fleet/model_folders.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fleet/fake_store_test.h"
#include "wire/inspection.h"

namespace kai {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// A worker that gives every file the same facts.
class ModelFoldersTest : public testing::Test {
 protected:
  ModelFoldersTest() {
    ModelFacts facts;
    facts.architecture = "llama";
    facts.weights = Bytes(1000);
    facts.chat_template = true;
    folder_.write("facts", wire::encode_facts(facts));
    options_.worker = folder_.script("worker", "cat '" + (folder_ / "facts") + "'");
    options_.folders = {folder_ / "models"};
  }
  std::vector<std::string> look() {
    std::vector<std::string> names;
    inspected_ = 0;
    const auto count = [this](const std::string&, int, int) { ++inspected_; };
    for (const auto& model : folders_.look(options_, store_, count, now_)) {
      names.push_back(fs::path(model.path).filename());
    }
    std::ranges::sort(names);
    return names;
  }
  // A folder's time moves in steps of some milliseconds: it gets one that it did not have.
  void note_change(const std::string& name) {
    fs::last_write_time(folder_ / name,
                        fs::file_time_type::clock::now() + std::chrono::seconds(++changes_));
  }
  using Names = std::vector<std::string>;

  TempFolder folder_;
  FakeStore store_;
  FleetOptions options_;
  ModelFolders folders_;
  Time now_{1000s};
  int inspected_ = 0;
  int changes_ = 0;
};

TEST_F(ModelFoldersTest, WhatComesAndGoesIsSeenAtOnce) {
  folder_.write("models/a.gguf", "a");
  EXPECT_EQ(look(), Names({"a.gguf"}));
  EXPECT_EQ(inspected_, 1);
  EXPECT_EQ(look(), Names({"a.gguf"}));  // and is known from now on
  folder_.write("models/deep/b.gguf", "b");
  note_change("models");
  EXPECT_EQ(look(), Names({"a.gguf", "b.gguf"}));
  EXPECT_EQ(inspected_, 1);
  EXPECT_EQ(look().size(), 2u);
  folder_.write("models/deep/c.gguf", "c");
  fs::remove(folder_ / "models/deep/b.gguf");
  note_change("models/deep");
  EXPECT_EQ(look(), Names({"a.gguf", "c.gguf"}));
}

TEST_F(ModelFoldersTest, WhatIsWrittenOverIsSeenASecondLater) {
  folder_.write("models/a.gguf", "a");
  look();
  look();
  folder_.write("models/a.gguf", "longer");
  look();
  EXPECT_EQ(inspected_, 0);
  now_ += 1s;
  look();
  EXPECT_EQ(inspected_, 1);
}

TEST_F(ModelFoldersTest, WhereAllLiesAsItDidTheStoreIsNotAsked) {
  folder_.write("models/a.gguf", "a");
  look();
  look();
  store_.broken = true;  // whoever asks it inspects everything anew
  for (int looks = 0; looks < 3; ++looks, now_ += 10s) {
    EXPECT_EQ(look().size(), 1u);
    EXPECT_EQ(inspected_, 0);
  }
  folders_.forget();
  look();
  EXPECT_EQ(inspected_, 1);
}

TEST_F(ModelFoldersTest, WhatCannotBeKeptIsTriedAgain) {
  folder_.write("models/a.gguf", "a");
  store_.broken = true;
  for (int looks = 0; looks < 2; ++looks) {
    look();
    EXPECT_EQ(inspected_, 1);
  }
}

}  // namespace
}  // namespace kai
