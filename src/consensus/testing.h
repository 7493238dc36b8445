// For the tests of consensus: panels of members that said something.
#pragma once

#include <fmt/format.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "consensus/consensus.h"

namespace kai::testing_consensus {

inline constexpr const char* capital = "What is the capital of France?";
inline constexpr const char* sky = "Why is the sky blue?";

// Two that say much the same of the sky, and one that does not.
inline const std::string rayleigh =
    "The sky looks blue because air molecules scatter short wavelengths of sunlight more strongly "
    "than long ones, which is called Rayleigh scattering.";
inline const std::string rayleigh_too =
    "Rayleigh scattering: molecules in the air scatter the short wavelengths of sunlight, the "
    "blue end, far more strongly than the long red ones.";
inline const std::string ocean =
    "It mirrors the colour of the oceans, whose water reflects upwards.";

// A panel under construction: each line a member with its say and what it said.
struct Panel {
  std::vector<Ask> asks;
  std::vector<Answer> answers;

  Panel& asked(const std::string& name, double weight) {
    Ask ask;
    ask.member = MemberId(name);
    ask.model = ModelId(name.substr(0, name.find('#')));
    ask.weight = weight;
    asks.push_back(std::move(ask));
    return *this;
  }
  Panel& said(const std::string& name, double weight, const std::string& text,
              Ending ending = Ending::complete) {
    asked(name, weight);
    Answer answer;
    answer.member = MemberId(name);
    answer.model = asks.back().model;
    answer.ending = ending;
    answer.text = text;
    answers.push_back(std::move(answer));
    return *this;
  }
  Verdict decide(Shape shape, const std::string& question = capital) const {
    return kai::decide(shape, question, asks, answers);
  }
};

// A random panel over few answers, so that ties and groups are frequent.
inline rc::Gen<Panel> any_panel() {
  return rc::gen::exec([] {
    Panel panel;
    const int members = *rc::gen::inRange(1, 9);
    for (int member = 0; member < members; ++member) {
      const std::string name = fmt::format("m{}#{}", *rc::gen::inRange(0, 4), member);
      panel.said(name, *rc::gen::inRange(0, 4) * 0.5, std::to_string(*rc::gen::inRange(1, 4)),
                 *rc::gen::element(Ending::complete, Ending::complete, Ending::failed));
    }
    return panel;
  });
}

}  // namespace kai::testing_consensus
