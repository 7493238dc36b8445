// rows: what every benchmark of kai gives: kai and what it is compared with, from one run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/bench_rows.h"

namespace kai::bench {

using Row = wire::BenchRow;

// The middle of the values; at least one.
double median(std::vector<double> values);

// Seconds that `work` takes, wall clock.
double time_of(const std::function<void()>& work);

// Seconds of processor time this process has used so far.
double processor_seconds();

void print(const std::vector<Row>& rows);
// [{"what","value","unit","compared_with","ratio","reach","met"}]. Errors: storage.
Result<> write_json(const std::vector<Row>& rows, const std::string& path);

// The benchmarks. Each measures what is compared interleaved, so that a machine that changes its
// speed changes both.
std::vector<Row> engine_rows();     // the worker against a bare loop, batch against one by one
std::vector<Row> embedding_rows();  // a vector of an answer, and a decision that has them
std::vector<Row> lanes_rows();      // two lanes against one after the other
std::vector<Row> coordinator_rows(const std::string& self);  // path of this program, for callgrind
std::vector<Row> planning_rows();                            // what making a plan takes
std::vector<Row> history_rows();                             // searching 100,000 questions
std::vector<Row> start_rows();  // how soon kai is there, and its first token
// Plays `questions` on 12 scripted members with `tokens` each: what callgrind counts.
void play_questions(int questions, int tokens);

}  // namespace kai::bench
