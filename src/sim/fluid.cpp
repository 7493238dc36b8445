#include "sim/fluid.h"

#include <algorithm>
#include <limits>

#include "base/ensure.h"

namespace kai {

namespace {

constexpr double rounding = 1e-9;  // seconds, and shares of a part

std::array<double, parts> array_of(const Shares& shares) {
  return {shares.gpu, shares.cpu, shares.link};
}

}  // namespace

Fluid::Fluid(const Shares& shared) : shared_(array_of(shared)) {
  for (const double each : shared_) ensure(each > 0 && each <= 1, "a capacity is 0..1");
}

Fluid::Id Fluid::start(const Work& work) {
  ensure(work.alone.count() >= 0, "work cannot be less than none");
  const auto use = array_of(work.use);
  for (const double each : use) ensure(each >= 0 && each <= 1, "a use is 0..1");
  running_[next_] = {.use = use, .left = work.alone.count(), .speed = 0};
  share_out();
  return next_++;
}

std::vector<Fluid::Id> Fluid::advance() {
  if (idle()) return {};
  return pass(shortest());
}

std::vector<Fluid::Id> Fluid::advance_to(Seconds until) {
  ensure(until >= now_, "time does not go back");
  std::vector<Id> ended;
  do {
    const double left = (until - now_).count();
    if (idle() || shortest() > left + rounding) {
      pass(left);
      now_ = until;
    } else {
      const auto those = pass(std::min(shortest(), left));
      ended.insert(ended.end(), those.begin(), those.end());
      now_ = std::min(now_, until);
    }
  } while (now_ < until);
  return ended;
}

void Fluid::stop(Id id) {
  if (running_.erase(id) > 0) share_out();
}

double Fluid::shortest() const {
  double step = std::numeric_limits<double>::infinity();
  for (const auto& [id, work] : running_) step = std::min(step, work.left / work.speed);
  return step;
}

std::vector<Fluid::Id> Fluid::pass(double duration) {
  now_ += Seconds(duration);
  std::vector<Id> ended;
  for (auto& [id, work] : running_) {
    const bool ends = work.left / work.speed <= duration + rounding;
    const double done = ends ? work.left : duration * work.speed;
    for (std::size_t part = 0; part < parts; ++part) used_[part] += done * work.use[part];
    work.left -= done;
    if (ends) ended.push_back(id);
  }
  for (const Id id : ended) running_.erase(id);
  if (!ended.empty()) share_out();
  return ended;
}

const Fluid::Running& Fluid::running(Id id) const {
  const auto found = running_.find(id);
  ensure(found != running_.end(), "only work that runs is asked about");
  return found->second;
}

double Fluid::speed(Id id) const {
  return running(id).speed;
}

Seconds Fluid::end_of(Id id) const {
  const Running& work = running(id);
  return now_ + Seconds(work.left / work.speed);
}

double Fluid::load(Part part) const {
  double load = 0;
  for (const auto& [id, work] : running_) load += work.speed * work.use[static_cast<int>(part)];
  return load;
}

Seconds Fluid::used(Part part) const {
  return Seconds(used_[static_cast<std::size_t>(part)]);
}

void Fluid::share_out() {
  std::array<double, parts> room{};
  for (std::size_t part = 0; part < parts; ++part) {
    const auto users = std::ranges::count_if(
        running_, [&](const auto& each) { return each.second.use[part] > 0; });
    room[part] = users > 1 ? shared_[part] : 1;
  }
  std::vector<Running*> rising;
  for (auto& [id, work] : running_) rising.push_back(&work);
  double level = 0;
  while (!rising.empty()) {
    double step = 1 - level;
    std::array<double, parts> use{};
    for (std::size_t part = 0; part < parts; ++part) {
      for (const auto* work : rising) use[part] += work->use[part];
      if (use[part] > 0) step = std::min(step, room[part] / use[part]);
    }
    level += step;
    for (std::size_t part = 0; part < parts; ++part) room[part] -= step * use[part];
    const auto stays = [&](const Running* work) {
      if (level >= 1 - rounding) return true;
      for (std::size_t part = 0; part < parts; ++part) {
        if (work->use[part] > 0 && room[part] <= rounding) return true;
      }
      return false;
    };
    for (auto* work : rising) work->speed = level;
    std::erase_if(rising, stays);
  }
}

}  // namespace kai
