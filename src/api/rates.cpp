#include "api/rates.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace kai {

namespace {

constexpr Duration minute = std::chrono::minutes(1);

}  // namespace

Rates::Verdict Rates::take(const std::string& subject, int per_minute) {
  const Time now = clock_.now();
  const Duration each = minute / per_minute;
  const auto known = full_at_.find(subject);
  const Time full_at = (known == full_at_.end() ? now : std::max(known->second, now)) + each;
  Verdict verdict{.limit = per_minute};
  const auto left = [&](Duration used) { return static_cast<int>((minute - used) / each); };
  if (full_at - now > minute) {
    verdict.allowed = false;
    verdict.full = full_at - each - now;
    verdict.wait = full_at - now - minute;
    return verdict;
  }
  verdict.full = full_at - now;
  verdict.remaining = left(verdict.full);
  if (known != full_at_.end()) {
    known->second = full_at;
    return verdict;
  }
  if (full_at_.size() >= remembered_max) make_room(now);
  full_at_.emplace(subject, full_at);
  return verdict;
}

// Those who would be allowed everything again anyway; else who is nearest to that.
void Rates::make_room(Time now) {
  if (std::erase_if(full_at_, [now](const auto& one) { return one.second <= now; }) > 0) return;
  full_at_.erase(
      std::ranges::min_element(full_at_, {}, [](const auto& one) { return one.second; }));
}

std::string subject_of(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
    return ::inet_ntop(AF_INET, bytes.data() + mapped.size(), text.data(), text.size());
  }
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return std::string(::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size())) + "/64";
}

}  // namespace kai
