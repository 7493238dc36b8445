#include "tests/e2e/bare_loop.h"

#include <llama.h>

#include "worker/chat.h"

namespace kai {

namespace {

Time now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

BareText bare_loop(const std::string& path, const std::vector<Message>& messages,
                   const ChatTemplate& chat, const BareOptions& options) {
  BareText result;
  Time start = now();
  auto model_params = llama_model_default_params();
  model_params.n_gpu_layers = 0;
  llama_model* model = llama_model_load_from_file(path.c_str(), model_params);
  const llama_vocab* vocab = llama_model_get_vocab(model);
  const char* file_template = llama_model_chat_template(model, nullptr);
  const auto segments = frame(messages, chat, file_template == nullptr ? "" : file_template);
  auto prompt = tokenise(vocab, *segments);
  auto params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(prompt.size()) +
                 static_cast<std::uint32_t>(options.tokens_max) + 8;
  params.n_batch = params.n_ctx;
  params.n_threads = options.threads;
  params.n_threads_batch = options.threads;
  llama_context* context = llama_init_from_model(model, params);
  llama_sampler* sampler = llama_sampler_init_greedy();
  result.load = now() - start;
  result.prompt_tokens = static_cast<int>(prompt.size());

  options.loaded();
  start = now();
  llama_decode(context, llama_batch_get_one(prompt.data(), static_cast<int>(prompt.size())));
  result.prefill = now() - start;
  start = now();
  for (int count = 0; count < options.tokens_max; ++count) {
    llama_token token = llama_sampler_sample(sampler, context, -1);
    ++result.answer_tokens;
    if (!options.past_end && llama_vocab_is_eog(vocab, token)) break;
    char piece[256];
    const int size = llama_token_to_piece(vocab, token, piece, sizeof piece, 0, false);
    if (size > 0) result.text.append(piece, static_cast<std::size_t>(size));
    if (count + 1 < options.tokens_max) llama_decode(context, llama_batch_get_one(&token, 1));
  }
  result.decode = now() - start;
  llama_sampler_free(sampler);
  llama_free(context);
  llama_model_free(model);
  result.text.erase(0, result.text.find_first_not_of(" \t\r\n"));
  return result;
}

}  // namespace kai
