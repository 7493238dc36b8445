// The names of the domain's enums, and the sums that everybody needs.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/ensure.h"
#include "domain/answer.h"
#include "domain/checkup.h"
#include "domain/comparison.h"
#include "domain/model.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

namespace {

template <class E, std::size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

template <class E, std::size_t N>
std::string_view name_in(const Names<E, N>& names, E value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  unreachable("an enum value without a name");
}

template <class E, std::size_t N>
std::optional<E> named_in(const Names<E, N>& names, std::string_view wanted) {
  for (const auto& [value, name] : names) {
    if (name == wanted) return value;
  }
  return std::nullopt;
}

constexpr Names<Tier, 4> tiers{{{Tier::simple, "simple"},
                                {Tier::medium, "medium"},
                                {Tier::complex, "complex"},
                                {Tier::expert, "expert"}}};
constexpr Names<Mode, 3> modes{
    {{Mode::adaptive, "adaptive"}, {Mode::all, "all"}, {Mode::best, "best"}}};
constexpr Names<Arm, 4> arms{{{Arm::best, "best"},
                              {Arm::samples, "samples"},
                              {Arm::adaptive, "adaptive"},
                              {Arm::all, "all"}}};
constexpr Names<Role, 3> roles{
    {{Role::system, "system"}, {Role::user, "user"}, {Role::assistant, "assistant"}}};
constexpr Names<Ending, 6> endings{{{Ending::complete, "complete"},
                                    {Ending::token_limit, "token_limit"},
                                    {Ending::deadline, "deadline"},
                                    {Ending::cancelled, "cancelled"},
                                    {Ending::stated, "stated"},
                                    {Ending::failed, "failed"}}};
constexpr Names<Shape, 5> shapes{{{Shape::choice, "choice"},
                                  {Shape::number, "number"},
                                  {Shape::short_text, "short"},
                                  {Shape::code, "code"},
                                  {Shape::open, "open"}}};
constexpr Names<Fit, 3> fits{
    {{Fit::good, "good"}, {Fit::too_short, "too_short"}, {Fit::too_long, "too_long"}}};
constexpr Names<Mark, 3> marks{{{Mark::good, "good"}, {Mark::bad, "bad"}, {Mark::note, "note"}}};
constexpr Names<About, 10> abouts{{{About::config, "config"},
                                   {About::store, "store"},
                                   {About::worker, "worker"},
                                   {About::devices, "devices"},
                                   {About::gpus, "gpus"},
                                   {About::models, "models"},
                                   {About::engines, "engines"},
                                   {About::timeouts, "timeouts"},
                                   {About::locks, "locks"},
                                   {About::sandbox, "sandbox"}}};
constexpr Names<DeviceKind, 3> device_kinds{
    {{DeviceKind::cpu, "cpu"}, {DeviceKind::gpu, "gpu"}, {DeviceKind::remote, "remote"}}};

}  // namespace

std::string_view to_string(Tier tier) {
  return name_in(tiers, tier);
}
std::string_view to_string(Mode mode) {
  return name_in(modes, mode);
}
std::string_view to_string(Arm arm) {
  return name_in(arms, arm);
}
std::string_view to_string(Role role) {
  return name_in(roles, role);
}
std::string_view to_string(Ending ending) {
  return name_in(endings, ending);
}
std::string_view to_string(Shape shape) {
  return name_in(shapes, shape);
}
std::string_view to_string(DeviceKind kind) {
  return name_in(device_kinds, kind);
}
std::string_view to_string(Fit fit) {
  return name_in(fits, fit);
}
std::string_view to_string(Mark mark) {
  return name_in(marks, mark);
}
std::string_view to_string(About about) {
  return name_in(abouts, about);
}

std::optional<Shape> shape_named(std::string_view name) {
  return named_in(shapes, name);
}
std::optional<Tier> tier_named(std::string_view name) {
  return named_in(tiers, name);
}
std::optional<Mode> mode_named(std::string_view name) {
  return named_in(modes, name);
}
std::optional<Ending> ending_named(std::string_view name) {
  return named_in(endings, name);
}

std::vector<DeviceId> devices_here(const Fleet& fleet) {
  std::vector<DeviceId> here;
  for (const auto& device : fleet.devices) {
    if (device.kind != DeviceKind::remote) here.push_back(device.id);
  }
  return here;
}

bool is_host(const Fleet& fleet, const DeviceId& device) {
  return std::ranges::any_of(fleet.devices, [&](const Device& one) {
    return one.id == device && one.kind == DeviceKind::remote;
  });
}

Bytes memory_need(const CostCard& card, Tokens context, int sequences) {
  return card.weights + card.buffers + card.kv_per_token * (context.count * sequences);
}

SplitNeed split_need(const CostCard& card, Tokens context, int sequences, double share) {
  const Bytes whole = memory_need(card, context, sequences);
  const Bytes layers = whole - card.buffers;
  const Bytes there(
      static_cast<std::int64_t>(std::ceil(static_cast<double>(layers.count) * share)));
  return {there + card.buffers, layers - there};
}

}  // namespace kai
