// page: a report as people read it: Markdown, and the pictures that it shows. Pure.
#pragma once

#include <string>
#include <vector>

#include "domain/performance.h"

namespace kai::report {

struct Picture {
  std::string name;  // of the file, "performance-tiers.svg"
  std::string svg;
};

// Whether there is enough for the picture of the tiers; for that of right answers against time.
bool shows_tiers(const PerformanceReport& report);
bool shows_quality(const PerformanceReport& report);

// The names of all pictures that a report may have, shown or not.
std::vector<std::string> picture_names(const std::string& stem);

// "2.5 times sooner", or, below 1, "2.0 times later". faster > 0: PerformanceRow's.
std::string sooner_words(double faster);

// The pictures of which there are figures, in the page's order. `stem` begins their names.
std::vector<Picture> pictures_of(const PerformanceReport& report, const std::string& stem);

// GitHub's Markdown. With pictures: refers to those of pictures_of() as files beside it.
struct PageOptions {
  std::string stem = "performance";
  bool pictures = true;
};
std::string page_of(const PerformanceReport& report, const PageOptions& options = {});

}  // namespace kai::report
