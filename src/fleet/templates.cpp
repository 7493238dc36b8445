#include "fleet/templates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace kai {

namespace {

// llama_chat_builtin_templates() of the pinned llama.cpp, without the vision models' own.
constexpr auto families = std::to_array<std::string_view>({
    "bailing",
    "bailing-think",
    "bailing2",
    "chatglm3",
    "chatglm4",
    "chatml",
    "command-r",
    "deepseek",
    "deepseek2",
    "deepseek3",
    "exaone-moe",
    "exaone3",
    "exaone4",
    "falcon3",
    "gemma",
    "gigachat",
    "glmedge",
    "gpt-oss",
    "granite",
    "granite-4.0",
    "granite-4.1",
    "grok-2",
    "hunyuan-dense",
    "hunyuan-moe",
    "kimi-k2",
    "llama2",
    "llama2-sys",
    "llama2-sys-bos",
    "llama2-sys-strip",
    "llama3",
    "llama4",
    "megrez",
    "minicpm",
    "mistral-v1",
    "mistral-v3",
    "mistral-v3-tekken",
    "mistral-v7",
    "mistral-v7-tekken",
    "monarch",
    "openchat",
    "orion",
    "pangu-embedded",
    "phi3",
    "phi4",
    "rwkv-world",
    "seed_oss",
    "solar-open",
    "vicuna",
    "vicuna-orca",
    "yandex",
    "zephyr",
});

// By the beginning of a model's id; the first that fits.
constexpr auto likely = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"tinyllama", "zephyr"},   {"zephyr", "zephyr"},       {"stablelm", "zephyr"},
    {"vicuna", "vicuna"},      {"codellama", "llama2"},    {"llama2", "llama2"},
    {"llama3", "llama3"},      {"llama4", "llama4"},       {"mistral", "mistral-v1"},
    {"mixtral", "mistral-v1"}, {"phi3", "phi3"},           {"phi4", "phi4"},
    {"gemma", "gemma"},        {"granite", "granite"},     {"falcon3", "falcon3"},
    {"openchat", "openchat"},  {"command-r", "command-r"}, {"deepseek", "deepseek"},
    {"qwen", "chatml"},        {"smollm", "chatml"},       {"yi", "chatml"},
    {"openhermes", "chatml"},  {"hermes", "chatml"},
});

}  // namespace

ChatTemplate qa_template() {
  ChatTemplate chat;
  chat.preamble =
      "Question: What colour is the sky on a clear day?\nAnswer: Blue\n\n"
      "Question: Who painted the Mona Lisa?\nAnswer: Leonardo da Vinci\n\n";
  chat.user = {"Question: ", "\n"};
  chat.assistant = {"Answer:", "\n\n"};
  chat.stop = {"\n"};
  return chat;
}

std::optional<ChatTemplate> template_named(std::string_view name) {
  if (name == "qa") return qa_template();
  if (std::ranges::find(families, name) == families.end()) return std::nullopt;
  ChatTemplate chat;
  chat.family = name;
  return chat;
}

std::string template_names() {
  return fmt::format("qa, {}", fmt::join(families, ", "));
}

std::optional<ChatTemplate> builtin_template(const ModelId& id) {
  if (id.text.starts_with("gemma3:270m")) return qa_template();
  return std::nullopt;
}

std::string_view likely_template(const ModelId& id, const ModelFacts& facts) {
  for (const auto& [beginning, name] : likely) {
    if (id.text.starts_with(beginning) || facts.architecture == beginning) return name;
  }
  return "qa";
}

}  // namespace kai
