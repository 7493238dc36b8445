// kai on a machine with a GPU that others use too. The GPU is one in name only: its workers run on
// the CPU, and its memory is what a file says.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class KaiMemory : public Kai {
 protected:
  // `serve`: what the worker's program does to serve on the GPU.
  void give_gpu(const std::string& serve) const {
    set_free(7'000'000'000);
    write("worker",
          "#!/bin/sh\n"
          "case \"$1 $5\" in\n"
          "devices*) echo '{\"devices\":[{\"id\":\"cpu\",\"kind\":\"cpu\",\"name\":\"a CPU\","
          "\"total_bytes\":8000000000,\"free_bytes\":8000000000,\"bus\":\"\",\"backend\":\"CPU\"},"
          "{\"id\":\"gpu0\",\"kind\":\"gpu\",\"name\":\"NVIDIA GeForce RTX 4070\","
          "\"total_bytes\":8000000000,\"free_bytes\":7500000000,\"bus\":\"0000:0a:00.0\","
          "\"backend\":\"CUDA\"}]}' ;;\n"
          "'serve gpu0') " +
              serve +
              " ;;\n"
              "*) LD_LIBRARY_PATH='" FAKE_NVML "/new' FAKE_NVML=good FAKE_NVML_FREE='" +
              path("free") + "' exec '" KAI_WORKER "' \"$@\" ;;\nesac\n");
    std::filesystem::permissions(path("worker"), std::filesystem::perms::owner_all);
    set("KAI_WORKER", path("worker"));
  }
  void set_free(long long bytes) const { write("free", std::to_string(bytes)); }

  // A question to all models, on the GPU's one answering lane and one of the CPU: as many threads
  // as there are cores.
  static constexpr const char* ask =
      "\"$KAI\" ask 'Explain how machine learning works and write a long story about it' --json "
      "--tier medium --set cpu.lanes=1 --set cpu.threads=1";
};

// A second after the GPU's first worker has started, the memory is gone.
TEST_F(KaiMemory, WhatOthersTakeMeanwhileIsSeenAndTheQuestionAnswered) {
  give_gpu("(sleep 1; echo 100000000 >'" + path("free") +
           "') >/dev/null 2>&1 & exec '" KAI_WORKER
           "' serve --socket \"$3\" --device cpu --threads 1");
  const Ran ran = shell(std::string(ask) + " --deadline 60s");
  EXPECT_TRUE(ran.status == 0 || ran.status == 5) << ran.err;
  const Ran good =
      holds(ran.out,
            "assert document['text'], document['error']\n"
            "changes = document['device_changes']\n"
            "assert any(c.startswith('gpu0: others have ') for c in changes), changes\n"
            "assert all(m['ending'] != 'failed' for m in document['members'])\n");
  EXPECT_EQ(good.status, 0) << good.err << ran.out << ran.err;
  EXPECT_NE(ran.err.find("gpu0: others have "), std::string::npos) << ran.err;
}

TEST_F(KaiMemory, AGpuWhoseWorkersDoNotStartIsOutAndTheOthersAnswer) {
  give_gpu("echo 'the driver is gone' >&2; exit 1");
  const Ran ran = shell(std::string(ask) + " --deadline 60s");
  EXPECT_TRUE(ran.status == 0 || ran.status == 5) << ran.err;
  const Ran good = holds(ran.out,
                         "assert document['text'], document['error']\n"
                         "changes = document['device_changes']\n"
                         "assert changes[0].startswith('gpu0 is out'), changes\n"
                         "assert 'the driver is gone' in changes[0], changes\n"
                         "assert all(m['device'] == 'cpu' for m in document['members'])\n");
  EXPECT_EQ(good.status, 0) << good.err << ran.out << ran.err;
}

}  // namespace
}  // namespace kai
