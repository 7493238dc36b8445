#include "consensus/list.h"

#include <algorithm>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

// Past "12. ", "3) ", "- " or "* "; nothing: the line is no item.
std::optional<std::string_view> item_on(std::string_view line) {
  std::size_t mark = 0;
  while (mark < line.size() && is_digit(line[mark])) ++mark;
  const bool numbered = mark > 0 && mark + 1 < line.size() &&
                        (line[mark] == '.' || line[mark] == ')') && is_space(line[mark + 1]);
  const bool bullet = line.starts_with("- ") || line.starts_with("* ");
  if (!numbered && !bullet) return std::nullopt;
  line = line.substr(mark + 1);
  return line.substr(0, std::min({line.find(": "), line.find(" - "), line.find(" (")}));
}

}  // namespace

std::vector<std::string> items_of(std::string_view point) {
  std::vector<std::string> items;
  std::string text = lowered(point);
  for (const std::string_view joint : {", and ", ", & ", " and ", " & ", "; ", "\n"}) {
    for (std::size_t at = text.find(joint); at != std::string::npos; at = text.find(joint)) {
      text.replace(at, joint.size(), ", ");
    }
  }
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(", ", from), text.size());
    std::string item = folded(std::string_view(text).substr(from, end - from));
    if (item.starts_with("the ")) item.erase(0, 4);
    if (!item.empty()) items.push_back(std::move(item));
    from = end + 2;
  }
  return items;
}

Lines listed_lines(std::string_view text) {
  constexpr std::size_t items_max = 32;
  Lines lines{.items = {}, .alone = true};
  for (std::size_t from = 0; from < text.size() && lines.items.size() < items_max;) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = trimmed(text.substr(from, end - from));
    from = end + 1;
    if (const auto item = item_on(line)) {
      std::string words = folded(*item);
      if (!words.empty()) lines.items.push_back(std::move(words));
    } else if (!line.empty()) {
      lines.alone = false;
    }
  }
  return lines;
}

bool is_enumeration(std::string_view point) {
  constexpr std::size_t items_min = 3, words_max = 3, text_max = 300;
  const std::string low = lowered(beginning(point, text_max));
  const std::size_t last = std::max(low.rfind(" and ") + 1, low.rfind(" & ") + 1);
  if (last == 0 || low.find(", ") > last || low.find(", ", last) != std::string::npos) return false;
  const auto items = items_of(point);
  return items.size() >= items_min && std::ranges::all_of(items, [](const std::string& item) {
           const auto words = words_of(item);
           return words.size() <= words_max &&
                  std::ranges::none_of(words, [](auto word) { return is_function_word(word); });
         });
}

std::optional<std::string> list_form(std::vector<std::string> items, Order order) {
  constexpr std::size_t items_min = 2;
  if (items.size() < items_min) return std::nullopt;
  if (order == Order::counts_not) std::ranges::sort(items);
  std::string form;
  for (const auto& item : items) form += (form.empty() ? "" : ", ") + item;
  return form;
}

}  // namespace kai::consensus
