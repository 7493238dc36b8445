// ForgetfulStore: a store that keeps nothing but counts: for simulations and benchmarks.
#pragma once

#include "store/store.h"

namespace kai {

class ForgetfulStore : public Store {
 public:
  std::string fault() const override { return {}; }
  std::int64_t dropped() const override { return 0; }
  void begin(const Query&, WallTime) override { ++begun; }
  void record(const Outcome&) override { ++recorded; }
  void put_card(const CostCard&) override {}
  void put_inspected(const InspectedFile&) override {}
  Result<std::vector<HistoryRow>> history(int) override { return std::vector<HistoryRow>{}; }
  Result<std::string> outcome_json(const std::string& id) override {
    return fail(ErrorCode::not_found, id + " was forgotten");
  }
  Result<std::vector<CostCard>> cards() override { return std::vector<CostCard>{}; }
  Result<std::vector<InspectedFile>> inspected() override { return std::vector<InspectedFile>{}; }
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

  int begun = 0, recorded = 0;  // calls
};

}  // namespace kai
