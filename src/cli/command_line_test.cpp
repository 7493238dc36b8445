#include "cli/command_line.h"

#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/question.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

Invocation parsed(Words words) {
  const auto invocation = parse_command_line(std::move(words), "1.2.3");
  EXPECT_TRUE(invocation) << invocation.error().text;
  return invocation.value_or(Invocation{});
}

TEST(CommandLine, AQuestionNeedsNoCommand) {
  struct Case {
    Words words;
    Words question;
  };
  for (const auto& [words, question] :
       std::initializer_list<Case>{{{"What is 7 + 5?"}, {"What is 7 + 5?"}},
                                   {{"what", "is", "chat"}, {"what", "is", "chat"}},
                                   {{"ask", "models", "for", "chat"}, {"models", "for", "chat"}},
                                   {{"-t", "simple", "why?"}, {"why?"}},
                                   {{"--no-color", "why?"}, {"why?"}},
                                   {{"--set", "cpu.lanes=1", "why?"}, {"why?"}},
                                   {{"--set=cpu.lanes=1", "why?"}, {"why?"}},
                                   {{"ask", "--set", "cpu.lanes=1", "why?"}, {"why?"}},
                                   {{"--", "--help"}, {"--help"}},
                                   {{"ask", "--", "-5 + 3?"}, {"-5 + 3?"}},
                                   {{}, {}}}) {
    const auto invocation = parsed(words);
    EXPECT_EQ(invocation.command, Command::ask);
    EXPECT_EQ(invocation.ask.words, question);
  }
}

TEST(CommandLine, KnowsItsCommands) {
  struct Case {
    Words words;
    Command command;
    std::string argument;
  };
  for (const auto& [words, command, argument] :
       std::initializer_list<Case>{{{"chat"}, Command::chat, ""},
                                   {{"plan", "why?"}, Command::plan, ""},
                                   {{"bench", "models", "a"}, Command::bench_models, ""},
                                   {{"simulate", "--pc", "f", "why?"}, Command::simulate, ""},
                                   {{"models"}, Command::models_ls, ""},
                                   {{"models", "ls"}, Command::models_ls, ""},
                                   {{"models", "show", "a"}, Command::models_show, "a"},
                                   {{"models", "test", "a"}, Command::models_test, "a"},
                                   {{"doctor"}, Command::doctor, ""},
                                   {{"logs"}, Command::logs_list, ""},
                                   {{"logs", "list", "-n", "3"}, Command::logs_list, ""},
                                   {{"logs", "q_01"}, Command::logs_show, "q_01"},
                                   {{"logs", "show", "q_01", "--json"}, Command::logs_show, "q_01"},
                                   {{"bench", "quality", "f"}, Command::bench_quality, ""},
                                   {{"config"}, Command::config_show, ""},
                                   {{"config", "path"}, Command::config_path, ""},
                                   {{"config", "check", "f"}, Command::config_check, "f"},
                                   {{"completion", "fish"}, Command::completion, "fish"}}) {
    const auto invocation = parsed(words);
    EXPECT_EQ(invocation.command, command) << testing::PrintToString(words);
    EXPECT_EQ(invocation.argument, argument);
  }
}

TEST(CommandLine, ReadsTheOptionsOfAsk) {
  const auto ask =
      parsed({"ask", "-t", "expert", "--mode", "all", "-m", "a:1b,b,a:1b", "--deadline", "1m",
              "--seed", "18446744073709551615", "--min-confidence", "0.8", "-v", "--json", "why?"})
          .ask;
  EXPECT_EQ(ask.tier, Tier::expert);
  EXPECT_EQ(ask.mode, Mode::all);
  EXPECT_EQ(ask.members, (std::vector{ModelId("a:1b"), ModelId("b"), ModelId("a:1b")}));
  EXPECT_EQ(ask.deadline, 60s);
  EXPECT_EQ(ask.seed, 18446744073709551615U);
  EXPECT_EQ(ask.confidence_min, 0.8);
  EXPECT_TRUE(ask.verbose && ask.json && !ask.quiet);
  EXPECT_EQ(parsed({"-t", "auto", "why?"}).ask.tier, std::nullopt);
}

TEST(CommandLine, ReadsTheOptionsOfABenchmark) {
  const auto invocation =
      parsed({"bench", "quality", "--json", "out", "--limit", "5", "--samples", "3", "-m", "a,b",
              "-t", "medium", "--seed", "7", "questions.csv"});
  EXPECT_EQ(invocation.bench.file, "questions.csv");
  EXPECT_EQ(invocation.bench.json_file, "out");
  EXPECT_EQ(invocation.bench.problems_max, 5);
  EXPECT_EQ(invocation.bench.samples, 3);
  EXPECT_EQ(invocation.ask.members, (std::vector{ModelId("a"), ModelId("b")}));
  EXPECT_EQ(invocation.ask.tier, Tier::medium);
  EXPECT_EQ(invocation.ask.seed, 7u);
  EXPECT_EQ(parsed({"bench", "quality", "f"}).bench.samples, std::nullopt);
}

TEST(CommandLine, ReadsTheOptionsOfAPlan) {
  const auto ask = parsed({"plan", "-t", "expert", "--mode", "best", "-m", "a,b", "--deadline",
                           "1m", "--json", "why?"})
                       .ask;
  EXPECT_EQ(ask.words, Words{"why?"});
  EXPECT_EQ(ask.tier, Tier::expert);
  EXPECT_EQ(ask.mode, Mode::best);
  EXPECT_EQ(ask.members, (std::vector{ModelId("a"), ModelId("b")}));
  EXPECT_EQ(ask.deadline, 60s);
  EXPECT_TRUE(ask.json);
}

TEST(CommandLine, ReadsTheOptionsOfMeasuring) {
  const auto invocation = parsed({"bench", "models", "a", "b", "--deadline", "5s", "--json"});
  EXPECT_EQ(invocation.ask.words, (Words{"a", "b"}));
  EXPECT_EQ(invocation.ask.deadline, 5s);
  EXPECT_TRUE(invocation.json);
}

TEST(CommandLine, ReadsSettingsAnywhere) {
  const auto invocation = parsed({"ask", "why?", "--set", "a=b=c", "--set", "d=", "--no-color"});
  EXPECT_EQ(invocation.settings, (std::vector<Flag>{{"a", "b=c"}, {"d", ""}}));
  EXPECT_TRUE(invocation.no_color);
}

TEST(CommandLine, RunCodeIsASettingOfThisQuestion) {
  const std::vector<Flag> on{{"sandbox.run_code", "true"}};
  EXPECT_EQ(parsed({"--run-code", "why?"}).settings, on);
  EXPECT_EQ(parsed({"ask", "why?", "--run-code"}).settings, on);
  EXPECT_EQ(parsed({"chat", "--run-code"}).settings, on);
  EXPECT_TRUE(parsed({"ask", "why?"}).settings.empty());
}

TEST(CommandLine, RefusesWithTheRemedy) {
  struct Case {
    Words words;
    std::string_view want;
  };
  for (const auto& [words, want] : std::initializer_list<Case>{
           {{"ask", "--tierr", "x", "why?"},
            "\"--tierr\" is not an option of kai ask (did you mean --tier?); see kai ask --help"},
           {{"-t", "hard", "why?"},
            "--tier: there is no tier \"hard\"; choose auto, simple, medium, complex or expert; "
            "see kai ask --help"},
           {{"--mode", "some", "why?"},
            "--mode: there is no mode \"some\"; choose adaptive, all or best; see kai ask --help"},
           {{"--deadline", "5", "why?"},
            "--deadline: \"5\" is not a time from 100ms to 24h, such as 30s or 2m; see kai ask "
            "--help"},
           {{"--deadline", "25h", "why?"},
            "--deadline: \"25h\" is not a time from 100ms to 24h, such as 30s or 2m; see kai ask "
            "--help"},
           {{"--seed", "-1", "why?"},
            "--seed: \"-1\" is not a whole number from 0 to 2^64-1; see kai ask --help"},
           {{"--min-confidence", "nan", "why?"},
            "--min-confidence: \"nan\" is not a number from 0 to 1; see kai ask --help"},
           {{"-m", "a,,b", "why?"},
            "--members: a name is missing; write them as a,b; see kai ask --help"},
           {{"--set", "x", "why?"}, "--set: \"x\" is not key=value; see kai ask --help"},
           {{"models", "shwo"},
            "\"shwo\" is not an argument of kai models (did you mean show?); see kai models "
            "--help"},
           {{"models", "are", "great"},
            "\"are\" is not an argument of kai models; a question that begins with \"models\" "
            "goes in quotes; see kai models --help"}}) {
    const auto invocation = parse_command_line(words, "1");
    ASSERT_FALSE(invocation) << want;
    EXPECT_EQ(invocation.error().status, 2);
    EXPECT_EQ(invocation.error().text, want);
  }
  EXPECT_FALSE(parse_command_line({"ask", "--json", "--quiet", "why?"}, "1"));
  EXPECT_FALSE(parse_command_line({"models", "show"}, "1"));
  EXPECT_FALSE(parse_command_line({"bench"}, "1"));
  EXPECT_FALSE(parse_command_line({"bench", "quality"}, "1"));
  EXPECT_FALSE(parse_command_line({"bench", "quality", "f", "--limit", "0"}, "1"));
  EXPECT_FALSE(parse_command_line({"completion", "tcsh"}, "1"));
}

TEST(CommandLine, WrongOptionsCannotSteerTheTerminal) {
  const auto invocation = parse_command_line({"--\x1b[2J" + std::string(5000, 'x')}, "1");
  ASSERT_FALSE(invocation);
  EXPECT_FALSE(invocation.error().text.contains('\x1b'));
  EXPECT_LT(invocation.error().text.size(), 400);
}

TEST(CommandLine, SaysItsVersionAndHelp) {
  EXPECT_EQ(parse_command_line({"--version"}, "1.2.3").error().text, "kai 1.2.3");
  const auto help = parse_command_line({"ask", "--help"}, "1").error();
  EXPECT_EQ(help.status, 0);
  EXPECT_TRUE(help.text.contains("Usage: kai ask")) << help.text;
}

TEST(CommandLine, BuildsTheQuestion) {
  struct Case {
    Words words;
    std::optional<std::string> input;
    std::string want;
  };
  for (const auto& [words, input, want] :
       std::initializer_list<Case>{{{"what", "is", "it?"}, {}, "what is it?"},
                                   {{}, "from\nstdin\n", "from\nstdin"},
                                   {{"any", "bug?"}, "diff\n", "any bug?\n\ndiff"},
                                   {{"any", "bug?"}, " \n", "any bug?"},
                                   {{"  "}, "x", "x"},
                                   {{}, {}, ""},
                                   {{"", " "}, "\n\t", ""}}) {
    const auto question = question_of(words, input);
    EXPECT_EQ(question.value_or(""), want);
    EXPECT_EQ(question.has_value(), !want.empty());
  }
}

TEST(Completion, KnowsEveryCommandAndOption) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell);
    for (const std::string_view word :
         {"doctor", "show", "min-confidence", "plan", "models", "completion"}) {
      EXPECT_TRUE(script.contains(word)) << shell << ' ' << word;
    }
  }
}

}  // namespace
}  // namespace kai
