#include "wire/logprobs.h"

#include <fmt/format.h>

#include "domain/tool_form.h"
#include "wire/chat_parts.h"

namespace kai::wire {

namespace {

constexpr std::size_t tokens_a_piece = 16;
constexpr std::string_view blanks = " \t\r\n";

std::string all_of(std::span<const TokenOdds> tokens) {
  std::string bytes;
  for (const auto& token : tokens) bytes += token.written.bytes;
  return bytes;
}

// Where `words` begin in what the tokens say; npos: they are not these. Of an answer its reasoning
// may have been left out in front, and blanks always are.
std::size_t place_of(std::string_view words, const Answer& author, std::string_view bytes) {
  constexpr auto nowhere = std::string_view::npos;
  const std::string_view text = author.text;
  const std::size_t in_text = text.ends_with(words) ? text.size() - words.size() : text.find(words);
  const std::size_t start = std::min(bytes.find_first_not_of(blanks), bytes.size());
  for (const std::size_t before : {start, std::size_t{0}}) {
    if (in_text != nowhere && bytes.substr(before).starts_with(text)) return before + in_text;
  }
  return nowhere;
}

bool splits_character(std::string_view words, std::size_t at) {
  return at < words.size() && (static_cast<unsigned char>(words[at]) & 0xC0) == 0x80;
}

json::object chance_object(const TokenChance& chance) {
  json::array bytes;
  for (const char byte : chance.bytes) bytes.push_back(static_cast<unsigned char>(byte));
  return {{"token", valid_utf8(chance.bytes)},
          {"logprob", chance.logprob},
          {"bytes", std::move(bytes)}};
}

}  // namespace

void want_logprobs(Fields& fields, int wanted, std::string_view length, ChatRequest& request) {
  Query query;
  query.json_form = request.json_form;
  if (asks_for_tools(query)) fields.reject("logprobs", "cannot be had together with tools");
  const Tokens most = answer_max_with_odds(wanted);
  if (request.answer_max && *request.answer_max > most) {
    fields.reject(length, fmt::format("must be at most {} with so many logprobs", most.count));
  }
  request.top_logprobs = wanted;
}

std::vector<Spelled> spelled(const Outcome& outcome, std::string_view words) {
  if (words.empty()) return {};
  const std::span<const TokenOdds> tokens = outcome.tokens;
  const Answer* author = author_of(outcome);
  const std::string bytes = all_of(tokens);
  const std::size_t from =
      author == nullptr ? std::string_view::npos : place_of(words, *author, bytes);
  if (from == std::string_view::npos) return {{words, {}}};
  std::vector<Spelled> pieces;
  std::size_t first = 0;  // of the next piece's tokens
  std::size_t told = 0;   // bytes of the words that earlier pieces have
  std::size_t end = 0;    // in `bytes`, of the tokens looked at
  for (std::size_t at = 0; at < tokens.size() && told < words.size(); ++at) {
    end += tokens[at].written.bytes.size();
    if (end <= from) {
      first = at + 1;
      continue;
    }
    const std::size_t upto = std::min(end - from, words.size());
    const bool last = upto == words.size();
    if (!last && (at + 1 - first < tokens_a_piece || splits_character(words, upto))) continue;
    pieces.push_back({words.substr(told, upto - told), tokens.subspan(first, at + 1 - first)});
    told = upto;
    first = at + 1;
  }
  return pieces;
}

json::array logprobs_of(std::span<const TokenOdds> tokens) {
  json::array list;
  for (const auto& token : tokens) {
    json::object one = chance_object(token.written);
    json::array beside;
    for (const auto& chance : token.likeliest) beside.push_back(chance_object(chance));
    one["top_logprobs"] = std::move(beside);
    list.push_back(std::move(one));
  }
  return list;
}

json::value all_logprobs(const Outcome& outcome, std::string_view words) {
  json::array all;
  for (const auto& piece : spelled(outcome, words)) {
    for (auto& token : logprobs_of(piece.tokens)) all.push_back(std::move(token));
  }
  return all.empty() ? json::value(nullptr) : json::value(std::move(all));
}

}  // namespace kai::wire
