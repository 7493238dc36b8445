#include "learning/logistic.h"

#include <algorithm>
#include <cmath>

namespace kai::learning {

namespace {

using Matrix = std::array<Standing, standing_size>;

// Solves matrix * x = right, matrix symmetric and positive: Cholesky.
Standing solved(Matrix matrix, Standing right) {
  for (std::size_t row = 0; row < standing_size; ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      double sum = matrix[row][column];
      for (std::size_t k = 0; k < column; ++k) sum -= matrix[row][k] * matrix[column][k];
      if (row == column) {
        matrix[row][row] = std::sqrt(std::max(sum, 1e-12));
      } else {
        matrix[row][column] = sum / matrix[column][column];
      }
    }
  }
  for (std::size_t row = 0; row < standing_size; ++row) {
    for (std::size_t k = 0; k < row; ++k) right[row] -= matrix[row][k] * right[k];
    right[row] /= matrix[row][row];
  }
  for (std::size_t row = standing_size; row-- > 0;) {
    for (std::size_t k = row + 1; k < standing_size; ++k) right[row] -= matrix[k][row] * right[k];
    right[row] /= matrix[row][row];
  }
  return right;
}

double sigmoid(double value) {
  return 1 / (1 + std::exp(-std::clamp(value, -30.0, 30.0)));
}

double dot(const Standing& a, const Standing& b) {
  double sum = 0;
  for (std::size_t at = 0; at < standing_size; ++at) sum += a[at] * b[at];
  return sum;
}

bool usable(const Sample& sample) {
  return std::ranges::all_of(sample.at, [](double value) { return std::isfinite(value); });
}

double penalised_loss(std::span<const Sample> samples, const Standing& theta, double ridge) {
  double loss = 0;
  for (std::size_t at = 1; at < standing_size; ++at) loss += ridge / 2 * theta[at] * theta[at];
  for (const Sample& sample : samples) {
    if (!usable(sample)) continue;
    const double p = sigmoid(dot(theta, sample.at));
    loss -= std::log(std::max(sample.holds ? p : 1 - p, 1e-12));
  }
  return loss;
}

Standing newton_step(std::span<const Sample> samples, const Standing& theta, double ridge) {
  Standing gradient{};
  Matrix curvature{};
  for (std::size_t at = 0; at < standing_size; ++at) {
    curvature[at][at] = at == 0 ? 1e-6 : ridge;
    gradient[at] = at == 0 ? 0 : -ridge * theta[at];
  }
  for (const Sample& sample : samples) {
    if (!usable(sample)) continue;
    const double p = sigmoid(dot(theta, sample.at));
    const double error = (sample.holds ? 1 : 0) - p;
    for (std::size_t row = 0; row < standing_size; ++row) {
      gradient[row] += error * sample.at[row];
      for (std::size_t column = 0; column <= row; ++column) {
        curvature[row][column] += p * (1 - p) * sample.at[row] * sample.at[column];
      }
    }
  }
  return solved(curvature, gradient);
}

}  // namespace

Logistic fit_logistic(std::span<const Sample> samples, double ridge) {
  constexpr int steps_max = 25;
  constexpr double step_min = 1e-6;
  const auto held = std::ranges::count_if(samples, &Sample::holds);
  const auto all = static_cast<double>(samples.size());
  const double share = (static_cast<double>(held) + 1) / (all + 2);
  Logistic curve;
  curve.theta[0] = std::log(share / (1 - share));
  if (held == 0 || held == std::ssize(samples)) return curve;

  double loss = penalised_loss(samples, curve.theta, ridge);
  for (int step = 0; step < steps_max; ++step) {
    const Standing change = newton_step(samples, curve.theta, ridge);
    double scale = 1;
    Standing next = curve.theta;
    double next_loss = loss;
    // Half the step until it helps: far from the optimum Newton's overshoots.
    for (; scale > 1e-4; scale /= 2) {
      for (std::size_t at = 0; at < standing_size; ++at) {
        next[at] = curve.theta[at] + scale * change[at];
      }
      next_loss = penalised_loss(samples, next, ridge);
      if (next_loss < loss) break;
    }
    if (!(next_loss < loss)) break;
    const bool converged = loss - next_loss < step_min;
    curve.theta = next;
    loss = next_loss;
    if (converged) break;
  }
  return curve;
}

}  // namespace kai::learning
