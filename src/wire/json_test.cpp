#include "wire/json.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

using std::chrono::milliseconds;

TEST(Json, TimesAreRfc3339) {
  struct Case {
    std::int64_t ms;
    const char* text;
  };
  const Case cases[] = {{0, "1970-01-01T00:00:00.000Z"},
                        {-1, "1969-12-31T23:59:59.999Z"},
                        {1'709'164'799'007, "2024-02-28T23:59:59.007Z"},
                        {1'709'164'800'000, "2024-02-29T00:00:00.000Z"},
                        {4'102'444'800'000, "2100-01-01T00:00:00.000Z"}};
  for (const auto& [ms, text] : cases) {
    EXPECT_EQ(wire::to_rfc3339(WallTime(milliseconds(ms))), text);
    EXPECT_EQ(wire::from_rfc3339(text), WallTime(milliseconds(ms)));
  }
  EXPECT_EQ(wire::to_rfc3339(WallTime::max()).back(), 'Z');  // insane, but a time
  EXPECT_EQ(wire::to_rfc3339(WallTime::min()).back(), 'Z');
}

TEST(Json, OtherFormsOfATimeAreNotRead) {
  for (const char* text :
       {"", "2026-03-01", "2026-03-01 12:00:00.250Z", "2026-03-01T12:00:00.250",
        "2026-02-30T12:00:00.250Z", "2026-13-01T12:00:00.250Z", "2026-03-01T24:00:00.250Z",
        "2026-03-01T12:60:00.250Z", "2026-03-01T12:00:00.25xZ", "2026-03-01T12:00:00.250Z "}) {
    EXPECT_FALSE(wire::from_rfc3339(text)) << text;
  }
}

TEST(Json, ATimeThatNanosecondsDoNotHoldIsNotRead) {
  for (const char* text : {"1678-01-01T00:00:00.000Z", "2261-12-31T23:59:59.999Z"}) {
    const auto time = wire::from_rfc3339(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(wire::to_rfc3339(*time), text);
  }
  for (const char* text : {"0000-01-01T00:00:00.000Z", "1677-12-31T23:59:59.999Z",
                           "2262-01-01T00:00:00.000Z", "4052-02-01T12:00:00.250Z"}) {
    EXPECT_FALSE(wire::from_rfc3339(text)) << text;
  }
}

TEST(Json, MillisecondsKeepThreeDecimals) {
  EXPECT_EQ(wire::to_line(wire::to_ms(Duration(1'234'567))), "1.235");
  EXPECT_EQ(wire::to_line(wire::to_ms(milliseconds(86'400'000))), "86400000");
  EXPECT_EQ(wire::to_line(wire::to_ms(Duration(0))), "0");
}

TEST(Json, NumbersReadBackTheSame) {
  for (const double number : {0.1, 1.0 / 3, 1e300, 5e-324, -0.0, 123456789.125}) {
    const auto back = wire::parse(wire::to_line(number));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->to_number<double>(), number);
  }
}

TEST(Json, DepthIsBounded) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_FALSE(wire::parse(deep));
  EXPECT_TRUE(wire::parse(std::string(30, '[') + std::string(30, ']')));
}

TEST(Json, HostileTextIsRefused) {
  for (const char* text : {"", "{", "{} {}", "nul", "NaN", "\xEF\xBB\xBF{}", "\"\\ud800\"",
                           "\"\xFF\"", "{\"a\":1,}", "// x\n{}", "'a'", "01", "\"a\nb\""}) {
    const auto value = wire::parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::invalid_request);
  }
}

struct Wanted {
  std::string text;
  std::int64_t number = 0;
  double share = 0;
  std::uint64_t seed = 0;
  Duration time{};
  std::vector<std::string> words;
  bool inner = false;
  std::size_t items = 0;
};

Result<Wanted> read_wanted(std::string_view text) {
  return wire::decode(text, [](wire::Fields& fields) {
    Wanted wanted;
    wanted.text = fields.text("text");
    wanted.number = fields.integer("number", {1, 64});
    wanted.share = fields.number("share", 0, 1);
    wanted.seed = fields.unsigned64("seed");
    wanted.time = fields.ms("time_ms");
    wanted.words = fields.texts("words");
    wanted.inner = fields.object("inner").flag("on");
    for (auto& item : fields.objects("items")) {
      item.integer("n");
      ++wanted.items;
    }
    return wanted;
  });
}

constexpr std::string_view good =
    R"({"text":"é","number":64,"share":1,"seed":"18446744073709551615","time_ms":1.5,)"
    R"("words":["a","b"],"inner":{"on":true},"items":[{"n":1},{"n":2.0}],"unknown":[]})";

TEST(Json, FieldsAreRead) {
  const auto wanted = read_wanted(good);
  ASSERT_TRUE(wanted) << wanted.error().message;
  EXPECT_EQ(wanted->text, "é");
  EXPECT_EQ(wanted->number, 64);
  EXPECT_EQ(wanted->share, 1);
  EXPECT_EQ(wanted->seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(wanted->time, std::chrono::microseconds(1500));
  EXPECT_EQ(wanted->words, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(wanted->inner);
  EXPECT_EQ(wanted->items, 2U);
}

TEST(Json, WrongFieldsAreNamedByTheirPath) {
  struct Case {
    std::string_view from, to, error;
  };
  const Case cases[] = {
      {R"("number":64)", R"("number":65)", R"(field "number" must be a whole number from 1 to 64)"},
      {R"("share":1)", R"("share":1.01)", R"(field "share" must be a number from 0 to 1)"},
      {R"("share":1)", R"("share":"1")", R"(field "share" must be a number from 0 to 1)"},
      {R"("seed":"18446744073709551615")", R"("seed":"18446744073709551616")", R"(field "seed")"},
      {R"("seed":"18446744073709551615")", R"("seed":-1)", R"(field "seed")"},
      {R"("seed":"18446744073709551615")", R"("seed":"")", R"(field "seed")"},
      {R"("time_ms":1.5)", R"("time_ms":-1)", R"(field "time_ms")"},
      {R"(["a","b"])", R"(["a",1])", R"(field "words" must be a list of strings)"},
      {R"(["a","b"])", R"("ab")", R"(field "words" must be a list of strings)"},
      {R"({"on":true})", R"({"on":1})", R"(field "inner.on" must be true or false)"},
      {R"({"on":true})", R"({})", R"(field "inner.on" is missing)"},
      {R"({"on":true})", R"([])", R"(field "inner" must be an object)"},
      {R"({"n":2.0})", R"({"n":2.5})", R"(field "items[1].n" must be a whole number)"},
      {R"({"n":2.0})", R"(2)", R"(field "items" must be a list of objects)"},
  };
  for (const auto& [from, to, error] : cases) {
    std::string text(good);
    text.replace(text.find(from), from.size(), to);
    const auto wanted = read_wanted(text);
    ASSERT_FALSE(wanted) << text;
    EXPECT_TRUE(wanted.error().message.starts_with(error)) << wanted.error().message;
  }
}

TEST(Json, FirstErrorIsKept) {
  const auto wanted = read_wanted(R"({"number":"x"})");
  ASSERT_FALSE(wanted);
  EXPECT_EQ(wanted.error().message, R"(field "text" is missing)");
}

// Wherever in a text a character stands, it is escaped or not.
TEST(Json, EachCharacterAtEachPlaceIsWrittenAsBoostWouldReadIt) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string alone =
        wire::to_line(wire::json::value(std::string(1, static_cast<char>(c))));
    const std::string inside = alone.substr(1, alone.size() - 2);
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x'), wanted = text;
      text[at] = static_cast<char>(c);
      wanted.replace(at, 1, inside);
      EXPECT_EQ(wire::to_line(wire::json::value(text)), '"' + wanted + '"');
      EXPECT_EQ(wire::parse('"' + wanted + '"')->get_string(), text);
    }
    EXPECT_EQ(inside.size() > 1, c < 0x20 || c == '"' || c == '\\' || c == 0x7F);
  }
}

}  // namespace
}  // namespace kai
