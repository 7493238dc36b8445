#include "planner/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/ensure.h"
#include "base/random.h"
#include "domain/tool_form.h"

namespace kai {

namespace {

struct Gathered {
  std::vector<Candidate> candidates;
  std::map<std::size_t, std::string> left_out;  // by index into Fleet::models
  bool any_usable = false;                      // wished for and not refused
};

// ln(p/(1-p)) + ln K: K = 1 / P(same wrong answer | both wrong), between .08
// and .34 on the recorded panels.
double weight_of(double skill) {
  constexpr double same_wrong_answer = 0.25;
  // A panel of weak models must still be able to vote.
  constexpr double least = 0.01;
  const double p = std::clamp(skill, 0.01, 0.99);
  return std::max(least, std::log(p / (1 - p)) - std::log(same_wrong_answer));
}

double say_of(std::size_t model, const PlanInput& input) {
  return input.says.empty() ? weight_of(input.skills[model]) : input.says[model];
}

// Too few answers tell nothing of their length: then as much of the longest as is usual.
void set_length(Candidate& candidate, const PlanInput& input, const PlannerOptions& options) {
  constexpr int answers_min = 5;
  constexpr double usual_sd = 0.7;
  const Tokens most = candidate.fit.answer_max;
  if (!input.lengths.empty() && input.lengths[candidate.model].answers >= answers_min) {
    candidate.length = input.lengths[candidate.model];
    candidate.answer = expected_tokens(candidate.length, most);
    return;
  }
  candidate.answer = std::max(1.0, options.expected_answer * static_cast<double>(most.count));
  candidate.length = {std::log(candidate.answer), options.expected_answer < 1 ? usual_sd : 0, 0};
}

// Short, since every member pays its prefill. The user's own system message goes before ours, and
// a base model would only continue it. The smallest models lose more by a system message than its
// brevity saves: of ten short factual questions, SmolLM2 135M gets six right without one, two with.
std::string instruction_for(const Model& model, const Query& query, Tier tier) {
  constexpr std::int64_t parameters_min = 1'000'000'000;
  if (tier != Tier::simple || model.chat.own_frames()) return {};
  if (model.facts.parameters < parameters_min) return {};
  if (std::ranges::count(query.messages, Role::system, &Message::role) > 0) return {};
  return "Answer briefly and directly.";
}

std::vector<Site> sites_of(const Model& model, const PlanInput& input) {
  std::vector<Site> sites;
  for (std::size_t device = 0; device < input.fleet.devices.size(); ++device) {
    const DeviceId& id = input.fleet.devices[device].id;
    const auto card = std::ranges::find_if(input.cards, [&](const CostCard& one) {
      return one.model == model.id && one.device == id && one.prefill_rate > 0 &&
             one.decode_rate > 0;
    });
    if (card == input.cards.end()) continue;
    const auto room = std::ranges::find(input.room, id, &DeviceRoom::device);
    const auto is_among = [&](const std::vector<ModelId>& models) {
      return std::ranges::count(models, model.id) > 0;
    };
    const bool known = room != input.room.end();
    sites.push_back(
        {device, *card, known && is_among(room->resident), known && is_among(room->in_use)});
  }
  return sites;
}

Gathered gather_candidates(const PlanInput& input, const Aim& aim, const PlannerOptions& options) {
  Gathered result;
  for (std::size_t index = 0; index < input.fleet.models.size(); ++index) {
    const Model& model = input.fleet.models[index];
    std::string& why = result.left_out[index];
    if (aim.wishes[index].voices_max < 1) {
      why = aim.wishes[index].unwanted;
      continue;
    }
    if (!model.refused.empty()) {
      why = model.refused;
      continue;
    }
    result.any_usable = true;
    // Its template has no place for what it would have to be told.
    if (asks_for_tools(input.query) && !takes_tools(model)) {
      why = "its chat template has no system message to tell it of tools";
      continue;
    }
    Candidate candidate{.model = index,
                        .layers = static_cast<int>(model.facts.layers),
                        .skill = input.skills[index],
                        .say = say_of(index, input),
                        .place = input.order.empty() ? 0 : input.order[index],
                        .instruction = instruction_for(model, input.query, aim.tier),
                        .fit = {},
                        .length = {},
                        .sites = sites_of(model, input)};
    const auto fit =
        fit_prompt(input.query.messages, model, candidate.instruction, aim.answer_max, options);
    if (candidate.sites.empty()) {
      why = "no device here can run it";
    } else if (!fit) {
      why = fmt::format("the question takes about {} tokens, its context is {}",
                        prompt_estimate({&input.query.messages.back(), 1}, options).count,
                        model.facts.context_max.count);
    } else {
      candidate.fit = *fit;
      set_length(candidate, input, options);
      result.candidates.push_back(std::move(candidate));
      result.left_out.erase(index);
    }
  }
  return result;
}

DeviceId cpu_of(const Fleet& fleet) {
  const auto cpu = std::ranges::find(fleet.devices, DeviceKind::cpu, &Device::kind);
  ensure(cpu != fleet.devices.end(), "a model is split without a CPU to take the rest");
  return cpu->id;
}

// A further voice that chose as the first does would only repeat it.
Sampling sampling_of(const Query& query, int sample, const PlannerOptions& options) {
  Sampling sampling;
  const double wished = query.temperature.value_or(0);
  sampling.temperature = sample == 1 ? wished : std::max(wished, options.sample_temperature);
  sampling.top_p = query.top_p.value_or(sampling.top_p);
  sampling.stop = query.stop;
  sampling.form = query.json_form;
  sampling.top_logprobs = query.top_logprobs;
  return sampling;
}

std::vector<Ask> asks_of(const Placed& placed, const PlanInput& input, const Aim& aim,
                         const PlannerOptions& options) {
  const Candidate& candidate = *placed.part.candidate;
  const Model& model = input.fleet.models[candidate.model];
  std::vector<Ask> asks;
  for (int sample = 1; sample <= placed.part.voices; ++sample) {
    Ask ask;
    ask.member =
        MemberId(sample == 1 ? model.id.text : fmt::format("{}#{}", model.id.text, sample));
    ask.model = model.id;
    ask.sample = sample;
    ask.sequences = placed.part.voices;
    ask.device = input.fleet.devices[placed.device].id;
    ask.share = placed.share;
    if (placed.share < 1) ask.beside = cpu_of(input.fleet);
    // Six decimals, so that a document reads back the very same number.
    ask.weight = std::round(candidate.say * 1e6) / 1e6;
    ask.instruction = candidate.instruction;
    ask.prompt = candidate.fit.prompt;
    ask.context = candidate.fit.prompt + candidate.fit.answer_max;
    ask.answer_max = candidate.fit.answer_max;
    ask.sampling = sampling_of(input.query, sample, options);
    ask.sampling.seed = derive_seed(input.query.seed, ask.member.text);
    // Where its load and its wait take twice what they should, it may take longer still: its own
    // time begins with its turn (Coordinator::try_member).
    ask.deadline = std::min(aim.deadline, input.now + placed.start + placed.load * 2 + placed.wait +
                                              aim.member_timeout);
    ask.wanted_by = aim.wanted_by;
    ask.start = placed.start;
    ask.load = placed.load;
    ask.wait = placed.wait;
    ask.prefill = placed.prefill;
    ask.decode = placed.decode;
    asks.push_back(std::move(ask));
  }
  return asks;
}

std::vector<LeftOut> named(const std::map<std::size_t, std::string>& reasons, const Fleet& fleet) {
  std::vector<LeftOut> result;
  for (const auto& [index, why] : reasons) result.push_back({fleet.models[index].id, why});
  return result;
}

std::unexpected<Error> nothing_fits(std::span<const LeftOut> left_out) {
  constexpr std::size_t named_max = 5;
  std::string message = "no model can answer this question now";
  for (std::size_t index = 0; index < std::min(left_out.size(), named_max); ++index) {
    message += fmt::format("{} {}: {}", index == 0 ? ":" : ";", left_out[index].model.text,
                           left_out[index].why);
  }
  if (left_out.size() > named_max) {
    message += fmt::format("; and {} more", left_out.size() - named_max);
  }
  return fail(ErrorCode::nothing_fits, message);
}

}  // namespace

Result<Plan> draft(const PlanInput& input, const Aim& aim, const PlannerOptions& options) {
  ensure(!input.query.messages.empty(), "a plan for a query without a message");
  ensure(input.skills.size() == input.fleet.models.size(), "one skill for each model");
  ensure(input.says.empty() || input.says.size() == input.fleet.models.size(),
         "one say for each model");
  ensure(input.lengths.empty() || input.lengths.size() == input.fleet.models.size(),
         "one length for each model");
  ensure(input.order.empty() || input.order.size() == input.fleet.models.size(),
         "one place for each model");
  ensure(aim.wishes.size() == input.fleet.models.size(), "one wish for each model");

  Gathered gathered = gather_candidates(input, aim, options);
  if (!gathered.any_usable) {
    return fail(ErrorCode::no_members, "no usable model; run `kai models` to see why");
  }
  if (aim.deadline <= input.now) {
    return fail(ErrorCode::nothing_fits, "no time is left; give the question a longer time limit");
  }
  const Choice choice{.preference = aim.preference,
                      .members_min = aim.members_min,
                      .members_max = aim.members_max,
                      .within_time = aim.within_time,
                      .passed = input.now - input.query.asked,
                      .limit = aim.deadline - input.query.asked,
                      .aim = aim.finish,
                      .time_margin = options.time_margin,
                      .splits = options.splits};
  Members members = choose_members(gathered.candidates, aim.wishes, input, choice);
  gathered.left_out.merge(members.left_out);

  Plan plan;
  plan.tier = aim.tier;
  plan.mode = aim.mode;
  plan.deadline = aim.deadline;
  plan.left_out = named(gathered.left_out, input.fleet);
  if (members.placed.empty()) return nothing_fits(plan.left_out);
  for (const auto& placed : members.placed) {
    for (auto& ask : asks_of(placed, input, aim, options)) plan.asks.push_back(std::move(ask));
    plan.predicted = std::max(plan.predicted, placed.end());
  }
  plan.predicted_p90 = std::max(plan.predicted, members.end_p90);
  return plan;
}

}  // namespace kai
