// report: the rows of one panel, each difference with its interval and what it has to reach.
#pragma once

#include <string>
#include <vector>

#include "bench/quality/diagram.h"
#include "bench/quality/trial.h"
#include "bench/rows.h"

namespace kai::bench {

std::vector<Row> closed_rows(const Panel& panel, const TrialOptions& options);
std::vector<Row> open_rows(const Panel& panel, const TrialOptions& options);

// How often the full decision is right where it is how sure, in five bins: out-of-fold.
Reliability reliability(const Panel& panel, const TrialOptions& options);

// Answers that kai's canonical form and the source judge otherwise: question, model, why, forms.
std::vector<std::string> form_disagreements(const Panel& panel);

// What can be read of answers while they are still written, and whether it stays.
std::vector<Row> stated_rows(const Panel& panel);

// Microseconds of decide() and may_stop(), and of hear().
std::vector<Row> speed_rows(const Panel& panel);

}  // namespace kai::bench
