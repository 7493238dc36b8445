// svg: what the pictures of this folder share. Private to it.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kai::report {

inline constexpr std::size_t series_max = 6;
inline constexpr int picture_width = 760;  // pixels

// A picture that grows; coordinates are pixels from the left and from the top. Elements have the
// classes of its style: s0 to s5 for lines and f0 to f5 for areas in the colours of a series,
// title, name, small, over (words over lines), axis, grid. Light or dark as the reader's system is.
class Svg {
 public:
  // label: for who cannot see it.
  Svg(int height, std::string_view label);
  void head(std::string_view title, std::string_view below);
  // `more`: further attributes.
  void line(std::string_view kind, double x1, double y1, double x2, double y2,
            std::string_view more = "");
  void box(std::string_view kind, double x, double y, double width, double height,
           std::string_view more = "");
  void words(double x, double y, std::string_view text, std::string_view more = "");
  void add(std::string_view element) { text_ += element; }
  std::string close() && { return std::move(text_) + "</svg>\n"; }

 private:
  std::string text_;
};

// Text that cannot break out of an element.
std::string escaped(std::string_view text);

// The attributes of a series' line.
std::string stroke(std::size_t series);

// 1, 2 or 5 times a power of ten, so that about `count` of them make `range`; both > 0.
double round_step(double range, int count);

// Calls `draw` with each round value from `min` to `max`.
template <class Draw>
void for_ticks(double min, double max, int count, Draw draw) {
  const double step = round_step(max - min, count);
  const auto first = static_cast<std::int64_t>(std::ceil(min / step - 1e-9));
  const auto last = static_cast<std::int64_t>(std::floor(max / step + 1e-9));
  for (std::int64_t at = first; at <= last; ++at) draw(static_cast<double>(at) * step);
}

}  // namespace kai::report
