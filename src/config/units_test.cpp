#include "config/units.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

using namespace std::chrono_literals;

TEST(Units, ReadsDurations) {
  struct Case {
    std::string_view text;
    std::optional<Duration> want;
  };
  for (const auto& [text, want] : std::initializer_list<Case>{{"500ms", 500ms},
                                                              {"30s", 30s},
                                                              {"1.5m", 90s},
                                                              {"2h", 2h},
                                                              {"30 s", 30s},
                                                              {"0", 0s},
                                                              {"", {}},
                                                              {"s", {}},
                                                              {"30", {}},
                                                              {"-1s", {}},
                                                              {"30sec", {}},
                                                              {"1e300h", {}},
                                                              {"nan s", {}},
                                                              {"infs", {}},
                                                              {"30s ", {}},
                                                              {" 30s", {}}}) {
    EXPECT_EQ(parse_duration(text), want) << '"' << text << '"';
  }
}

TEST(Units, ReadsSizes) {
  struct Case {
    std::string_view text;
    std::optional<Bytes> want;
  };
  for (const auto& [text, want] : std::initializer_list<Case>{{"0", Bytes(0)},
                                                              {"512B", Bytes(512)},
                                                              {"64kB", Bytes(64'000)},
                                                              {"7GB", Bytes(7'000'000'000)},
                                                              {"512MiB", 512_MiB},
                                                              {"1.5 KiB", Bytes(1536)},
                                                              {"7", {}},
                                                              {"7gb", {}},
                                                              {"-1GB", {}},
                                                              {"9999999999TiB", {}},
                                                              {"GB", {}}}) {
    EXPECT_EQ(parse_bytes(text), want) << '"' << text << '"';
  }
}

TEST(Units, PrintsWhatItReadsBack) {
  for (const Duration duration : {Duration(0ms), Duration(500ms), Duration(90s), Duration(1h)}) {
    EXPECT_EQ(parse_duration(print_duration(duration)), duration);
  }
  for (const Bytes bytes : {Bytes(0), Bytes(123), 64_MiB, Bytes(7'000'000'000)}) {
    EXPECT_EQ(parse_bytes(print_bytes(bytes)), bytes);
  }
}

TEST(Units, ShortensSizesForPeople) {
  EXPECT_EQ(short_bytes(Bytes(253'113'024)), "253 MB");
  EXPECT_EQ(short_bytes(Bytes(1'250'000'000)), "1.2 GB");
  EXPECT_EQ(short_bytes(Bytes(5)), "5 B");
}

}  // namespace
}  // namespace kai
