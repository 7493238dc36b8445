// features: what a question's text shows, as numbers. Private to planner.
#pragma once

#include <string_view>

namespace kai {

// Each 0..1: absent .. as much as counts.
struct Features {
  double length = 0;       // characters, on a logarithmic scale
  double sentences = 0;    // beyond the first
  double fact = 0;         // opens like a look-up and demands nothing more
  double explanation = 0;  // how, why, explain
  double comparison = 0;
  double making = 0;  // write, fix, plan
  double analysis = 0;
  double research = 0;
  double proof = 0;
  double depth = 0;        // distinct words of fields that take study
  double abstraction = 0;  // long words
  double scope = 0;        // in depth, comprehensive
  double constraints = 0;
  double parts = 0;  // list items, several demands, several questions
  double code = 0;
  double numbers = 0;
  double brevity = 0;  // asks for a short answer
};

// Any bytes; linear in their count.
Features features_of(std::string_view question);

}  // namespace kai
