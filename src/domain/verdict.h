// Verdict: what the answers say together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace kai {

// The kind of answer a question asks for. Skills are kept per shape.
enum class Shape : std::uint8_t { choice, number, short_text, code, open };

// Members that gave the same answer, strongest group first.
struct Group {
  std::string answer;             // in canonical form: "paris", "9.9", "B"
  std::vector<MemberId> members;  // at least one, in the order of answering
  double weight = 0;              // sum of its members' weights, > 0
};

// A voice that is not in the winning group. Never hidden, never dropped.
struct Dissent {
  MemberId member;
  std::string
      words;  // the dissenter's own, shortened; before them the example that its code failed
};

struct Verdict {
  Shape shape = Shape::open;
  std::string text;           // the one answer, in its author's own words
  MemberId author;            // whose words these are
  std::vector<Group> groups;  // empty while nobody has answered
  double agreement = 0;       // 0..1: share of the voters in the winning group; not a probability
  int voters = 0;             // answers that say something
  int agreeing = 0;           // of them, in the winning group
  std::optional<double> confidence;  // 0..1, only where calibrated
  std::vector<Dissent> dissent;
  std::vector<MemberId> abstained;  // answered, but said nothing that can be counted
  std::string method;               // "vote", "best_member", "single", "tests"
};

// Whether further answers are worth waiting for.
struct Stop {
  bool now = false;
  std::string why;  // a sentence for people; empty while now is false
};

std::string_view to_string(Shape shape);
std::optional<Shape> shape_named(std::string_view name);

}  // namespace kai
