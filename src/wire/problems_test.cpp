#include "wire/problems.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace kai::wire {
namespace {

// Each row as a line: "2: question = answer", or "2! why".
std::string told(const std::vector<ProblemRow>& rows) {
  std::string text;
  for (const auto& row : rows) {
    text += row ? fmt::format("{}: {} = {}\n", row->line, row->question, row->answer)
                : fmt::format("{}! {}\n", row.error().line, row.error().why);
  }
  return text;
}

std::vector<ProblemRow> read(std::string_view text, std::size_t piece = 1'000'000,
                             ProblemOptions options = {}) {
  ProblemReader reader(options);
  std::vector<ProblemRow> rows;
  const auto add = [&rows](std::vector<ProblemRow> more) {
    std::ranges::move(more, std::back_inserter(rows));
  };
  for (std::size_t at = 0; at < text.size(); at += piece) add(reader.take(text.substr(at, piece)));
  add(reader.end());
  return rows;
}

struct Case {
  const char* name;
  std::string text;
  std::string rows;
};

class Files : public testing::TestWithParam<Case> {};

TEST_P(Files, AreReadRowByRow) {
  EXPECT_EQ(told(read(GetParam().text)), GetParam().rows);
  EXPECT_EQ(told(read(GetParam().text, 1)), GetParam().rows);
}

const std::string header = "question,answer\n";

INSTANTIATE_TEST_SUITE_P(
    Csv, Files,
    testing::Values(
        Case{"Plain", header + "a,b\nc,d\n", "2: a = b\n3: c = d\n"},
        Case{"NoLastLineEnd", header + "a,b", "2: a = b\n"},
        Case{"Windows", "question,answer\r\na,b\r\n", "2: a = b\n"},
        Case{"ByteOrderMark", "\xEF\xBB\xBFquestion,answer\na,b\n", "2: a = b\n"},
        Case{"OtherColumns", "id,Answer,\"Question\",\n1,b,a,x\n", "2: a = b\n"},
        Case{"Quotes", header + "\"a, \"\"b\"\"\",\"c\"\n", "2: a, \"b\" = c\n"},
        Case{"LinesInsideACell", header + "\"a\nb\",c\nd,e\n", "2: a\nb = c\n4: d = e\n"},
        Case{"FormulasAreText", header + "=1+1,=SUM(A1)\n@x,-1\n",
             "2: =1+1 = =SUM(A1)\n3: @x = -1\n"},
        Case{"QuoteInsideABareCell", header + "5\" disk,x\na,b\n",
             "2! a quote stands inside a cell, or is never closed; RFC 4180 puts quotes around the "
             "whole cell and doubles those inside\n3: a = b\n"},
        Case{"TooFew", header + "a\nb,c\n",
             "2! too few cells: 1, the header wants at least 2\n"
             "3: b = c\n"},
        Case{"Empty", header + "a,\n ,b\n", "2! the answer is empty\n3! the question is empty\n"},
        Case{"NotUtf8", header + "\xFF,b\n", "2! the question is not valid UTF-8\n"},
        Case{"Nul", header + std::string("a\0,b\n", 5), "2! the question contains a NUL byte\n"},
        Case{"BlankLines", "\n\n" + header + "\n  \na,b\n\n", "6: a = b\n"},
        Case{"NoHeader", "a,b\nc,d\n",
             "1! the first line must be the header question,answer, or each line a JSON object "
             "{\"question\": …, \"answer\": …}\n"},
        Case{"Nothing", "", ""}, Case{"OnlyAMark", "\xEF\xBB\xBF", ""},
        Case{"OnlyAHeader", header, ""}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Jsonl, Files,
    testing::Values(
        Case{"Plain",
             R"({"question":"a","answer":"b"})"
             "\n"
             R"({"answer":"d","question":"c"})",
             "1: a = b\n2: c = d\n"},
        Case{"Numbers",
             R"({"question":"a","answer":12})"
             "\n"
             R"({"question":"a","answer":9.5})",
             "1: a = 12\n2: a = 9.5\n"},
        Case{"FurtherFields", R"({"id":1,"question":"a","answer":"b","x":{}})", "1: a = b\n"},
        Case{"Broken", "{\"question\":\"a\"\n{\"question\":\"a\",\"answer\":\"b\"}\n",
             "1! not valid JSON: incomplete JSON\n2: a = b\n"},
        Case{"NoAnswer", R"({"question":"a"})", "1! no \"answer\" that is a text or a number\n"},
        Case{"NoQuestion", R"({"question":null,"answer":"b"})",
             "1! no \"question\" that is a text\n"},
        Case{"NoObject", "{\"question\":\"a\",\"answer\":\"b\"}\n[1]\n",
             "1: a = b\n2! not a JSON object\n"}),
    [](const auto& info) { return info.param.name; });

TEST(ProblemReader, ARowThatIsTooLongIsBrokenAlone) {
  const ProblemOptions options{.row_bytes_max = 20};
  const std::string text = header + std::string(50, 'x') + ",y\na,b\n";
  EXPECT_EQ(told(read(text, 7, options)), "2! longer than 20 bytes\n3: a = b\n");
}

TEST(ProblemReader, AQuoteThatNeverClosesEndsWithItsLine) {
  const ProblemOptions options{.row_bytes_max = 30};
  const std::string text = header + "\"a,b\n" + "c,d and further words to the limit\ne,f\n";
  EXPECT_EQ(told(read(text, 5, options)),
            "2! longer than 30 bytes; is a closing quote missing?\n4: e = f\n");
}

TEST(ProblemReader, AHeaderWithAStrayQuoteIsAWrongOne) {
  const auto rows = read("question,ans\"wer\nquestion,answer\na,b\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].error().why.starts_with("the first line must be the header"));
}

TEST(ProblemReader, AWrongHeaderEndsTheReading) {
  ProblemReader reader;
  EXPECT_EQ(reader.take("prompt,gold\na,b\n").size(), 1u);
  EXPECT_TRUE(reader.useless());
  EXPECT_TRUE(reader.take("c,d\n").empty());
  EXPECT_TRUE(reader.end().empty());
}

// However the file comes, its rows are the same; and whatever its bytes are, reading ends.
RC_GTEST_PROP(ProblemReader, PiecesDoNotMatter, ()) {
  const std::vector<char> bytes = *rc::gen::container<std::vector<char>>(
      rc::gen::elementOf(std::string("a,\"\n\r {}:\xEF\xBB\xBF\xFF")));
  const std::string text =
      (*rc::gen::arbitrary<bool>() ? header : "") + std::string(bytes.begin(), bytes.end());
  const auto piece = static_cast<std::size_t>(*rc::gen::inRange(1, 9));
  const ProblemOptions options{.row_bytes_max = 24};
  RC_ASSERT(told(read(text, piece, options)) == told(read(text, 1'000'000, options)));
}

// What is written by the rules is read back as it was.
RC_GTEST_PROP(ProblemReader, ReadsBackWhatRfc4180Writes, ()) {
  const auto cell = rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::string>(
                                     rc::gen::elementOf(std::string("ab,\"\n")))),
                                 [](std::string text) { return "x" + text; });
  const auto quote = [](const std::string& text) {
    std::string quoted = "\"";
    for (const char byte : text) quoted += byte == '"' ? "\"\"" : std::string(1, byte);
    return quoted + '"';
  };
  const std::string question = *cell;
  const std::string answer = *cell;
  const auto rows = read(header + quote(question) + ',' + quote(answer) + "\nc,d\n");
  RC_ASSERT(rows.size() == 2u);
  RC_ASSERT(rows[0].has_value() && rows[1].has_value());
  RC_ASSERT(rows[0]->question == question && rows[0]->answer == answer);
}

}  // namespace
}  // namespace kai::wire
