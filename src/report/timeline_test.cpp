#include "report/timeline.h"

#include <gtest/gtest.h>

#include <string>

namespace kai::report {
namespace {

using namespace std::chrono_literals;

TEST(Timeline, ShowsBothWaysWithTheirEnds) {
  PcTrial trial;
  trial.kai.time = 4s;
  trial.same.time = 12s;
  trial.kai_spans = {{"small<1>", 1, 0s, 1s, 1s, 2s, 4s}, {"on-cpu", 0, 0s, 0s, 0s, 1s, 3s}};
  trial.same_spans = {{"small<1>", 1, 0s, 3s, 3s, 4s, 12s}};
  const std::string svg = timeline_picture(trial, "\"why?\"");
  for (const char* part : {"answer after 4.0 s", "answer after 12.0 s", "small&lt;1&gt;", "on-cpu",
                           "&quot;why?&quot;", "original way, the same models"}) {
    EXPECT_NE(svg.find(part), std::string::npos) << part;
  }
  // A part that did not happen has no box: three for the first, two for the second, three below.
  std::size_t boxes = 0;
  for (auto at = svg.find("<rect"); at != std::string::npos; at = svg.find("<rect", at + 1))
    ++boxes;
  EXPECT_EQ(boxes, 1u + 4u + 3u + 2u + 3u);  // the ground and the legend before them
}

TEST(Timeline, OfNothingIsAPicture) {
  EXPECT_NE(timeline_picture({}, "").find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace kai::report
