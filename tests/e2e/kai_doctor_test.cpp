// kai doctor on the real machine, and on one with a card whose driver misbehaves.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

class KaiDoctor : public Kai {
 protected:
  Ran doctor(const std::string& options = "") const { return shell("\"$KAI\" doctor " + options); }

  // Whether `kai doctor --json` ends with this status and prints a valid document, of which the
  // lines of Python hold.
  Ran holds_of_json(const std::string& options, int status, const std::string& python) const {
    Ran ran = doctor("--json " + options);
    if (ran.status != status) return ran.status == 0 ? Ran{-1, ran.out, ran.err} : ran;
    write("doctor.json", ran.out);
    return holds_of(path("doctor.json"), "doctor",
                    "def said(about):\n"
                    "  return [one for one in document['findings'] if one['about'] == about]\n" +
                        python);
  }

  // A worker that finds a card of NVIDIA's too and is else the real one, whose loader finds a
  // library that behaves so.
  void give_card(const std::string& behaviour) const {
    write("worker",
          "#!/bin/sh\n"
          "case $1 in\n"
          "devices) echo '{\"devices\":[{\"id\":\"cpu\",\"kind\":\"cpu\",\"name\":\"a CPU\","
          "\"total_bytes\":8000000000,\"free_bytes\":8000000000,\"bus\":\"\",\"backend\":\"CPU\"},"
          "{\"id\":\"gpu0\",\"kind\":\"gpu\",\"name\":\"NVIDIA GeForce RTX 4070\","
          "\"total_bytes\":8000000000,\"free_bytes\":7000000000,\"bus\":\"0000:0a:00.0\","
          "\"backend\":\"CUDA\"}]}' ;;\n"
          "*) LD_LIBRARY_PATH='" FAKE_NVML "/new' FAKE_NVML=" +
              behaviour + " exec '" KAI_WORKER "' \"$@\" ;;\nesac\n");
    std::filesystem::permissions(path("worker"), std::filesystem::perms::owner_all);
    set("KAI_WORKER", path("worker"));
  }
};

void expect_in(const std::string& part, const Ran& ran) {
  EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in\n" << ran.out << ran.err;
}

TEST_F(KaiDoctor, MeasuresTheProcessorAndPlansWithIt) {
  const std::string show = "\"$KAI\" models show gemma3:270m --set devices=cpu | grep estimated";
  const Ran before = shell(show);
  ASSERT_EQ(before.status, 0) << before.err;
  const Ran ran = doctor("--set devices=cpu");
  EXPECT_EQ(ran.status, 0) << ran.out;
  expect_in("✓ speed of cpu: a lane reads ", ran);
  const Ran after = shell(show);
  EXPECT_EQ(after.status, 0) << after.err;
  EXPECT_NE(after.out, before.out);
}

TEST_F(KaiDoctor, PrintsTheSameAsData) {
  const Ran ran = holds_of_json(
      "--set devices=cpu --set tiers.simple.timeout=1h", 0,
      "assert document['able'] and document['config_files'] == [], document\n"
      "assert document['worker']['llama_cpp'] and 'CPU' in document['worker']['backends']\n"
      "[cpu] = document['devices']\n"
      "assert cpu['id'] == cpu['kind'] == 'cpu' and cpu['capacity_bytes'] > 1e8, cpu\n"
      "assert cpu['speed']['all_read_bytes_per_s'] > 1e8, cpu\n"
      "assert not cpu['in_use'] and cpu['process'] is None, cpu\n"
      "assert document['gpus'] == [], document\n"
      "assert sorted(one['id'] for one in document['models']) == ['gemma3:270m', 'smollm2:135m']\n"
      "assert document['store']['history'] and document['store']['free_bytes'] > 0, document\n"
      "assert document['timeouts'] == [], document\n"
      "[unmeasured] = said('timeouts')\n"
      "assert unmeasured['level'] == 'note', unmeasured\n"
      "assert unmeasured['remedies'] == ['kai bench models'], unmeasured\n"
      "assert {one['about'] for one in document['findings']} == {'config', 'store', 'worker',\n"
      "  'devices', 'gpus', 'models', 'timeouts', 'locks', 'sandbox'}, document\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  // A device that another kai uses, no models, no worker.
  std::filesystem::create_directories(path("none"));
  write("run/cpu.lock", "4711");
  const Ran unable =
      shell("exec 9<'" + runtime() + "/cpu.lock'; flock 9; KAI_MODELS=" + path("none") +
            " \"$KAI\" doctor --json --set devices=cpu >" + path("held.json"));
  EXPECT_EQ(unable.status, 6) << unable.err;
  const std::string held = read(path("held.json"));
  EXPECT_NE(held.find("\"able\": false"), std::string::npos) << held;
  EXPECT_NE(held.find("\"in_use\": true"), std::string::npos) << held;
  EXPECT_NE(held.find("\"process\": 4711"), std::string::npos) << held;
  EXPECT_NE(held.find("\"speed\": null"), std::string::npos) << held;
  const Ran broken = holds_of_json("--set worker=/none/kai-worker", 6,
                                   "assert not document['able'] and document['devices'] == []\n"
                                   "assert document['worker']['llama_cpp'] is None\n"
                                   "assert said('worker')[0]['level'] == 'bad', document\n");
  EXPECT_EQ(broken.status, 0) << broken.err;
}

TEST_F(KaiDoctor, DoesNotMeasureWhileAnotherKaiIsAtWork) {
  std::filesystem::create_directories(runtime());
  std::filesystem::permissions(runtime(), std::filesystem::perms::owner_all);
  const Ran ran = shell("flock '" + runtime() + "/cpu.lock' \"$KAI\" doctor --set devices=cpu");
  EXPECT_EQ(ran.status, 0) << ran.err;
  expect_in("! speed of cpu: not measured, another kai", ran);
}

TEST_F(KaiDoctor, JudgesTimeoutsOnceModelsAreMeasured) {
  const Ran before = doctor("--set devices=cpu");
  expect_in("! timeouts: not judged, since 2 of 2 models were not measured\n    kai bench models\n",
            before);
  ASSERT_EQ(shell("\"$KAI\" bench models --set devices=cpu").status, 0);
  // An hour is longer than any tier needs with these models, one second too short.
  const Ran after =
      doctor("--set devices=cpu --set tiers.simple.timeout=1h --set tiers.expert.timeout=1s");
  EXPECT_EQ(after.status, 0) << after.err;
  expect_in("its timeout of 1h is longer than needed", after);
  expect_in("    tiers.simple.timeout = \"", after);
  expect_in("its timeout of 1s is too short", after);
  const Ran data = holds_of_json(
      "--set devices=cpu --set tiers.simple.timeout=1h --set tiers.expert.timeout=1s", 0,
      "tiers = {one['tier']: one for one in document['timeouts']}\n"
      "assert tiers['simple']['fit'] == 'too_long', tiers\n"
      "assert 5000 <= tiers['simple']['suggested_ms'] < 3600000, tiers\n"
      "assert tiers['expert']['fit'] == 'too_short' and tiers['expert']['members'] > 0, tiers\n"
      "assert tiers['expert']['suggested_ms'] > tiers['expert']['usual_ms'] > 1000, tiers\n"
      "assert any('tiers.simple.timeout = ' in line\n"
      "           for one in said('timeouts') for line in one['remedies']), document\n");
  EXPECT_EQ(data.status, 0) << data.err;
  // What it prints is taken as it stands.
  ASSERT_EQ(shell("mkdir -p \"$XDG_CONFIG_HOME/kai\"; \"$KAI\" doctor --set devices=cpu --set "
                  "tiers.simple.timeout=1h | sed -n 's/^    tiers/tiers/p' "
                  ">\"$XDG_CONFIG_HOME/kai/kai.toml\"; test -s \"$XDG_CONFIG_HOME/kai/kai.toml\"")
                .status,
            0);
  const Ran accepted = doctor("--set devices=cpu");
  EXPECT_EQ(accepted.status, 0) << accepted.err;
  EXPECT_EQ(accepted.out.find("    tiers.simple.timeout"), std::string::npos) << accepted.out;
}

TEST_F(KaiDoctor, BelievesTheSmallerOfTwoViewsOfACard) {
  give_card("good");
  const Ran ran = doctor();
  EXPECT_EQ(ran.status, 0) << ran.out;
  expect_in(
      "✓ gpu0: NVIDIA GeForce RTX 4070 through CUDA, 7.0 GB of 8.0 GB free; NVIDIA's library "
      "says 5.0 GB, and the smaller counts; others have 3.0 GB of it; 2 processes compute on it\n",
      ran);
  expect_in("✓ device gpu0: NVIDIA GeForce RTX 4070, 3.4 GB for models", ran);
  expect_in("✓ NVIDIA's driver: 580.65.06, 1 card\n", ran);
  const Ran data = holds_of_json(
      "", 0,
      "[gpu] = document['gpus']\n"
      "assert gpu['id'] == 'gpu0' and gpu['backend'] == 'CUDA' and gpu['used'], gpu\n"
      "assert gpu['total_bytes'] == 8e9 and gpu['free_bytes'] == 7e9, gpu\n"
      "assert gpu['nvml'] == {'total_bytes': 8000000000, 'free_bytes': 5000000000,\n"
      "                       'believed': True, 'processes': 2}, gpu\n"
      "assert gpu['believed_free_bytes'] == 5e9 and gpu['others_bytes'] == 3e9, gpu\n"
      "assert document['nvidia']['driver'] == '580.65.06', document\n"
      "[card] = document['nvidia']['cards']\n"
      "assert card['memory'] == gpu['nvml'] and not document['nvidia']['fault'], document\n"
      "[device] = [one for one in document['devices'] if one['kind'] == 'gpu']\n"
      "assert device['capacity_bytes'] < 5e9 and device['buffer_bytes'] == 1e9, device\n");
  EXPECT_EQ(data.status, 0) << data.err;
}

TEST_F(KaiDoctor, ADriverThatHangsDelaysItAndNoMore) {
  give_card("hanging");
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = doctor();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
  EXPECT_EQ(ran.status, 0) << ran.out;
  expect_in("! NVIDIA's library (NVML): no answer within 3 s; kai goes by what llama.cpp says\n",
            ran);
  expect_in("✓ device gpu0: NVIDIA GeForce RTX 4070, 5.4 GB for models", ran);
}

TEST_F(KaiDoctor, ADriverThatLiesOrCrashesIsNotBelieved) {
  give_card("lying");
  const Ran lying = doctor();
  EXPECT_EQ(lying.status, 0) << lying.out;
  expect_in("says 90 GB of 8.0 GB, which cannot be and is ignored", lying);
  const Ran data = holds_of_json("", 0,
                                 "[gpu] = document['gpus']\n"
                                 "assert not gpu['nvml']['believed'], gpu\n"
                                 "assert gpu['believed_free_bytes'] == 7e9, gpu\n");
  EXPECT_EQ(data.status, 0) << data.err;
  expect_in("5.4 GB for models", lying);
  give_card("crashing");
  const Ran crashing = doctor();
  EXPECT_EQ(crashing.status, 0) << crashing.out;
  expect_in("! NVIDIA's library (NVML): it ended kai-worker with status 134", crashing);
}

}  // namespace
}  // namespace kai
