#include "bench/quality/panel.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "fleet/fleet.h"
#include "fleet/naming.h"

namespace kai::bench {

namespace {

constexpr std::size_t line_max = 64 * 1024 * 1024;  // bytes

// Of this panel only the models that the reference figures were measured with.
constexpr auto mmlu_pro_models = std::to_array<std::string_view>(
    {"Meta-Llama-3_1-8B-Instruct", "Yi-34B", "mathstral-7B", "Mixtral-8x7B-Instruct-v0.1",
     "Phi-3-mini-4k-instruct", "c4ai-command-r-v01", "gemma-7b", "Mistral-7B-Instruct-v0.2",
     "Yi-6b-Chat", "Qwen1.5-7B-Chat", "Llama-2-13b-hf"});

bool takes_part(const std::string& panel, const std::string& model) {
  return panel != "mmlu_pro" || std::ranges::find(mmlu_pro_models, model) != mmlu_pro_models.end();
}

// zlib reads what is not compressed as it is.
Result<std::vector<std::string>> lines_of(const std::filesystem::path& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) return fail(ErrorCode::not_found, path.string() + " cannot be opened");
  std::vector<std::string> lines(1);
  std::vector<char> block(1 << 16);
  int count = 0;
  while ((count = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
    for (int at = 0; at < count; ++at) {
      if (block[at] == '\n') {
        lines.emplace_back();
      } else if (lines.back().size() < line_max) {
        lines.back() += block[at];
      }
    }
  }
  if (count < 0) return fail(ErrorCode::invalid_request, path.string() + " is no gzip file");
  std::erase(lines, "");
  return lines;
}

double prior_by_name(const wire::PanelAnswer& answer) {
  ModelFacts facts;
  facts.parameters = static_cast<std::int64_t>(answer.billions * 1e9);
  return prior_of(facts, ModelId(model_name(answer.model, facts)));
}

// What a file of gold answers means: the same as a model that states it.
std::optional<std::string> gold_form(const wire::PanelQuestion& given) {
  if (!given.gold) return std::nullopt;
  std::string quoted;
  for (const char c : *given.gold) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return canonical(given.shape, given.question, "{\"answer\": \"" + quoted + "\"}");
}

Question heard_question(wire::PanelQuestion given, const std::vector<Voter>& voters) {
  Question question{.id = given.id, .shape = given.shape, .shape_read = shape_of(given.question)};
  question.gold = gold_form(given);
  std::map<std::string, int> groups;
  for (const Voter& voter : voters) {
    const auto found =
        std::ranges::find(given.answers, voter.model.text, &wire::PanelAnswer::model);
    Answer& answer = question.answers.emplace_back();
    answer.member = MemberId(voter.model.text);
    answer.model = voter.model;
    const bool asked = found != given.answers.end();
    if (asked) {
      answer.ending = Ending::complete;
      answer.text = std::move(found->text);
    }
    question.heard.push_back(hear(given.shape, given.question, answer));
    question.scores.push_back(asked ? found->score : 0);
    question.ballot.lengths.push_back(static_cast<double>(answer.text.size()));
    question.ballot.costs.push_back(
        asked ? static_cast<double>(answer.text.size()) * found->billions : 0);
    const auto& form = question.heard.back().form;
    const int next = static_cast<int>(groups.size());
    question.ballot.groups.push_back(!asked  ? Ballot::not_asked
                                     : !form ? Ballot::silent
                                             : groups.try_emplace(*form, next).first->second);
  }
  if (question.gold) {
    const auto right = groups.find(*question.gold);
    question.ballot.right = right == groups.end() ? Ballot::silent : right->second;
  }
  question.text = std::move(given.question);
  return question;
}

}  // namespace

Result<std::vector<std::filesystem::path>> panel_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".jsonl.gz") || name.ends_with(".jsonl")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  if (files.empty()) {
    return fail(ErrorCode::not_found, fmt::format("no recorded panels in {}", folder.string()));
  }
  return files;
}

Result<Panel> read_panel(const std::filesystem::path& file) {
  Panel panel;
  const std::string name = file.filename();
  panel.name = name.substr(0, name.find('.'));
  const auto lines = lines_of(file);
  if (!lines) return std::unexpected(lines.error());
  std::vector<wire::PanelQuestion> given;
  for (const auto& line : *lines) {
    auto question = wire::decode_panel_line(line);
    if (!question) {
      return fail(question.error().code, fmt::format("{}, line {}: {}", file.string(),
                                                     given.size() + 1, question.error().message));
    }
    given.push_back(std::move(*question));
  }
  std::map<std::string, std::pair<double, double>> models;  // prior, billions of parameters
  for (const auto& question : given) {
    for (const auto& answer : question.answers) {
      if (takes_part(panel.name, answer.model)) {
        models.try_emplace(answer.model, prior_by_name(answer), answer.billions);
      }
    }
  }
  for (const auto& [model, known] : models) {
    panel.voters.push_back({ModelId(model), known.first});
    panel.billions.push_back(known.second);
  }
  for (auto& question : given) {
    panel.questions.push_back(heard_question(std::move(question), panel.voters));
  }
  return panel;
}

bool is_right(const Question& question, std::size_t voter) {
  const auto& form = question.heard[voter].form;
  return question.gold && form && *form == *question.gold;
}

}  // namespace kai::bench
