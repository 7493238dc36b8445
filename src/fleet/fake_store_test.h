// A store in memory that keeps only what was inspected, and folders of files for the tests.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace kai {

class FakeStore final : public Store {
 public:
  std::string fault() const override { return {}; }
  std::int64_t dropped() const override { return 0; }
  void begin(const Query&, WallTime) override {}
  void record(const Outcome&) override {}
  void put_card(const CostCard&) override {}
  void put_inspected(const InspectedFile& file) override { files[file.path] = file; }
  void put_speed(const Device& device) override { devices.push_back(device); }
  Result<std::vector<Device>> speeds() override { return devices; }
  Result<std::vector<HistoryRow>> history(int) override { return std::vector<HistoryRow>(); }
  Result<std::string> outcome_json(const std::string&) override {
    return fail(ErrorCode::not_found, "the fake store keeps no outcomes");
  }
  Result<std::vector<CostCard>> cards() override { return std::vector<CostCard>(); }
  Result<std::vector<InspectedFile>> inspected() override {
    if (broken) return fail(ErrorCode::storage, "the fake store is broken");
    std::vector<InspectedFile> rows;
    for (const auto& [path, file] : files) rows.push_back(file);
    return rows;
  }
  Result<QueryId> put_feedback(const std::string& id, const Feedback&) override {
    return fail(ErrorCode::not_found, id + " was forgotten");
  }
  Result<int> forget_feedback() override { return 0; }
  Result<std::vector<Lesson>> lessons(Shape, const LessonRows&) override {
    return std::vector<Lesson>{};
  }
  Result<int> answered_since(Shape, const QueryId&) override { return 0; }
  void put_learned(Shape, const std::string&) override {}
  Result<std::map<Shape, std::string>> learned() override { return std::map<Shape, std::string>{}; }
  bool flush(Duration) override { return true; }

  std::map<std::string, InspectedFile> files;
  std::vector<Device> devices;
  bool broken = false;
};

// A folder that is gone with this.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "kai-fleet-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  // Writes a file, with the folders above it, and gives its path.
  std::string write(std::string_view name, std::string_view text) const {
    const std::filesystem::path file = path / name;
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  // An executable shell script.
  std::string script(std::string_view name, std::string_view body) const {
    const std::string file = write(name, "#!/bin/sh\n" + std::string(body) + "\n");
    std::error_code error;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all, error);
    return file;
  }
  std::string operator/(std::string_view name) const { return (path / name).string(); }

  std::filesystem::path path;
};

}  // namespace kai
