// A history that was made up, for benchmarks that need a long one.
#pragma once

#include "store/store.h"

namespace kai::bench {

// Records so many questions, each with the answers of four members: a document of some 4 kB. Their
// words are w0, w1, …: a few of them in every second text and most in few, as in a language. The
// same each time. False: not all of them are on disk.
bool make_history(Store& store, int questions);

}  // namespace kai::bench
