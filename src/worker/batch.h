// Batch: the tokens of one decode step, of several conversations.
#pragma once

#include <llama.h>

#include "base/ensure.h"

namespace kai {

// Owns llama.cpp's batch. Invariant: size() <= capacity.
class Batch {
 public:
  explicit Batch(int capacity) : raw_(llama_batch_init(capacity, 0, 1)), capacity_(capacity) {}
  ~Batch() { llama_batch_free(raw_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  int capacity() const { return capacity_; }
  void clear() { raw_.n_tokens = 0; }
  // Index of the token in the batch, where its logits will be if `wants_logits`.
  int add(llama_token token, llama_pos position, llama_seq_id sequence, bool wants_logits) {
    ensure(raw_.n_tokens < capacity_, "a decode step exceeds its batch");
    const int index = raw_.n_tokens++;
    raw_.token[index] = token;
    raw_.pos[index] = position;
    raw_.n_seq_id[index] = 1;
    raw_.seq_id[index][0] = sequence;
    raw_.logits[index] = static_cast<std::int8_t>(wants_logits);
    return index;
  }
  int size() const { return raw_.n_tokens; }
  const llama_batch& raw() const { return raw_; }

 private:
  llama_batch raw_;
  int capacity_;
};

}  // namespace kai
