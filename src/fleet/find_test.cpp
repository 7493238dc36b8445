// Model files in folders: what is found, what is refused, what is remembered.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "fleet/candidate.h"
#include "fleet/fake_store_test.h"
#include "fleet/fleet.h"
#include "fleet/templates.h"
#include "wire/inspection.h"

namespace kai {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const Search& search) {
  std::vector<std::string> names;
  for (const auto& candidate : search.candidates) names.push_back(candidate.name);
  return names;
}

TEST(Folders, AreSearchedThreeDeep) {
  const TempFolder folder;
  folder.write("a.gguf", "x");
  folder.write("1/B.GGUF", "x");
  folder.write("1/2/3/c.gguf", "x");
  folder.write("1/2/3/4/too-deep.gguf", "x");
  folder.write("1/readme.txt", "x");
  folder.write("1/gguf", "x");
  const auto found = search_folder(folder.path, 256);
  EXPECT_EQ(names_of(found), (std::vector<std::string>{"c.gguf", "B.GGUF", "a.gguf"}));
  EXPECT_TRUE(found.notes.empty());
  EXPECT_EQ(names_of(search_folder(folder / "a.gguf", 256)), std::vector<std::string>{"a.gguf"});
}

TEST(Folders, AFileUnderSeveralNamesIsOneModel) {
  const TempFolder folder;
  const auto real = folder.write("models/a.gguf", "x");
  fs::create_symlink(real, folder / "models/link.gguf");
  fs::create_hard_link(real, folder / "models/twin.gguf");
  fs::create_directory_symlink(folder / "models", folder / "models/cycle");
  EXPECT_EQ(search_folder(folder / "models", 256).candidates.size(), 1u);

  FakeStore store;
  FleetOptions options;
  options.folders = {folder / "models", folder.path.string() + "/", folder / "models/link.gguf"};
  EXPECT_EQ(find_models(options, store, nullptr).models.size(), 1u);
}

TEST(Folders, WhatIsNoFileIsRefusedUnopened) {
  const TempFolder folder;
  folder.write("empty.gguf", "");
  folder.write("folder.gguf/readme", "");
  folder.write("used.gguf/inside.gguf", "x");
  ASSERT_EQ(::mkfifo((folder / "fifo.gguf").c_str(), 0600), 0);
  fs::create_symlink(folder / "loop.gguf", folder / "loop.gguf");
  fs::create_symlink(folder / "nowhere", folder / "dangling.gguf");
  fs::create_symlink("/dev/zero", folder / "device.gguf");
  const auto found = search_folder(folder.path, 256);
  std::map<std::string, std::string> refused;
  for (const auto& candidate : found.candidates) refused[candidate.name] = candidate.refused;
  EXPECT_EQ(refused, (std::map<std::string, std::string>{
                         {"empty.gguf", "is empty (0 bytes); fetch it again"},
                         {"folder.gguf", "is a folder, not a GGUF file"},
                         {"inside.gguf", ""},
                         {"fifo.gguf", "is not an ordinary file; it was not opened"},
                         {"device.gguf", "is not an ordinary file; it was not opened"},
                         {"loop.gguf", "is a link that leads back to itself"},
                         {"dangling.gguf", "is a link to a file that does not exist"},
                     }));
}

TEST(Folders, TheFirstPartOfASplitFileStandsForAll) {
  const TempFolder folder;
  folder.write("big-00001-of-00003.gguf", "1");
  folder.write("big-00002-of-00003.gguf", "22");
  folder.write("big-00003-of-00003.gguf", "333");
  folder.write("gap-00001-of-00002.gguf", "1");
  folder.write("tail-00002-of-00002.gguf", "1");
  const auto found = search_folder(folder.path, 256);
  ASSERT_EQ(names_of(found), (std::vector<std::string>{"big.gguf", "gap.gguf", "tail.gguf"}));
  EXPECT_EQ(found.candidates[0].size, Bytes(6));
  EXPECT_TRUE(found.candidates[0].refused.empty());
  EXPECT_EQ(found.candidates[1].refused, "its part 2 of 2 is missing or broken; fetch it again");
  EXPECT_EQ(found.candidates[2].refused,
            "is part of a split file whose first part is missing; fetch all of them");
  EXPECT_FALSE(split_name("-00001-of-00002.gguf"));
  EXPECT_FALSE(split_name("x-00003-of-00002.gguf"));
  EXPECT_FALSE(split_name("x-00000-of-00002.gguf"));
  EXPECT_FALSE(split_name("x-+0001-of-00002.gguf"));
}

TEST(Folders, ALimitAndAMissingFolderAreNoted) {
  const TempFolder folder;
  for (const char* name : {"a.gguf", "b.gguf", "c.gguf"}) folder.write(name, "x");
  const auto found = search_folder(folder.path, 2);
  EXPECT_EQ(names_of(found), (std::vector<std::string>{"a.gguf", "b.gguf"}));
  EXPECT_EQ(found.notes,
            std::vector<std::string>{"more than 2 model files: " + (folder / "c.gguf") +
                                     " and those after it are left out"});
  EXPECT_EQ(search_folder(folder / "none", 2).notes,
            std::vector<std::string>{"there is no folder " + (folder / "none")});
}

// A worker of our own beside the files, to see how often and how it is asked.
class FakeWorker : public testing::Test {
 protected:
  void SetUp() override {
    options.folders = {folder / "models"};
    options.inspect_max = std::chrono::seconds(10);
  }
  // The worker prints `text` and ends with `status`, and counts its calls.
  void worker_says(const std::string& text, int status) {
    folder.write("answer", text);
    options.worker =
        folder.script("worker", "echo \"$2\" >> '" + (folder / "calls") + "'\ncat '" +
                                    (folder / "answer") + "'\nexit " + std::to_string(status));
    // Scripts of one second differ all the same.
    fs::last_write_time(options.worker,
                        fs::file_time_type::clock::now() + std::chrono::seconds(++workers_));
  }
  void worker_does(const std::string& body) { options.worker = folder.script("worker", body); }
  int calls() const {
    std::ifstream file(folder / "calls");
    int count = 0;
    for (std::string line; std::getline(file, line);) ++count;
    return count;
  }
  Model only_model() {
    const auto found = find_models(options, store, nullptr);
    EXPECT_EQ(found.models.size(), 1u);
    return found.models.empty() ? Model() : found.models[0];
  }
  std::string facts_json(bool chat_template) const {
    ModelFacts facts;
    facts.name = "Some Model";
    facts.architecture = "llama";
    facts.quantisation = "Q4_0";
    facts.parameters = 1'100'000'000;
    facts.weights = Bytes(600'000'000);
    facts.chat_template = chat_template;
    return wire::encode_facts(facts);
  }

  TempFolder folder;
  FakeStore store;
  FleetOptions options;

 private:
  int workers_ = 0;
};

TEST_F(FakeWorker, FactsAreKeptUntilFileOrWorkerChange) {
  const auto file = folder.write("models/tinyllama.gguf", "x");
  worker_says(facts_json(true), 0);
  EXPECT_EQ(only_model().refused, "");
  EXPECT_EQ(only_model().id.text, "tinyllama:1.1b");
  EXPECT_EQ(only_model().facts.weights, Bytes(600'000'000));
  EXPECT_EQ(calls(), 1);
  folder.write("models/tinyllama.gguf", "longer");
  only_model();
  EXPECT_EQ(calls(), 2);
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
  only_model();
  EXPECT_EQ(calls(), 3);
  worker_says(facts_json(true), 0);  // another kai-worker
  only_model();
  only_model();
  EXPECT_EQ(calls(), 4);
  store.broken = true;  // costs time only
  EXPECT_EQ(only_model().refused, "");
  EXPECT_EQ(calls(), 5);
}

TEST_F(FakeWorker, ARefusalIsKeptWithItsReason) {
  const auto file = folder.write("models/tinyllama.gguf", "x");
  worker_says(R"({"error":{"code":"model_refused","message":")" + file + R"(: is too old"}})", 1);
  EXPECT_EQ(only_model().refused, "is too old");
  EXPECT_EQ(only_model().refused, "is too old");
  EXPECT_EQ(calls(), 1);
}

TEST_F(FakeWorker, ACrashRefusesTheFileAndIsKept) {
  folder.write("models/tinyllama.gguf", "x");
  worker_does("kill -ABRT $$");
  EXPECT_TRUE(only_model().refused.starts_with("kai-worker crashed over it (signal 6)"));
  EXPECT_EQ(store.files.size(), 1u);
}

TEST_F(FakeWorker, ACrashSaysWhatLlamaCppSaidBeforeIt) {
  folder.write("models/tinyllama.gguf", "x");
  worker_does(
      R"(echo '{"error":{"code":"internal","message":"llama.cpp gave up: gguf.cpp:9: no"}}'; )"
      "kill -ABRT $$");
  EXPECT_TRUE(only_model().refused.starts_with(
      "kai-worker crashed over it (signal 6, llama.cpp gave up: gguf.cpp:9: no)"));
}

TEST_F(FakeWorker, AHangIsCutAndKept) {
  folder.write("models/tinyllama.gguf", "x");
  worker_does("exec sleep 60");
  options.inspect_max = std::chrono::milliseconds(50);
  EXPECT_EQ(only_model().refused,
            "kai-worker took longer than 0 s over it; fetch it again, or `touch` it to have it "
            "tried again");
  EXPECT_EQ(store.files.size(), 1u);
}

TEST_F(FakeWorker, WhatSaysNothingOfTheFileIsNotKept) {
  folder.write("models/tinyllama.gguf", "x");
  worker_does("kill -INT $$");  // Ctrl-C
  EXPECT_TRUE(only_model().refused.starts_with("could not be inspected: "));
  worker_does("kill -KILL $$");  // the kernel, short of memory
  EXPECT_TRUE(only_model().refused.starts_with("could not be inspected: "));
  worker_does("echo hello");
  EXPECT_EQ(only_model().refused, "could not be inspected: kai-worker ended with status 0");
  options.worker = folder / "missing";
  EXPECT_TRUE(only_model().refused.starts_with("could not be inspected: "));
  EXPECT_TRUE(store.files.empty());
}

TEST_F(FakeWorker, OutputWithoutEndIsCut) {
  folder.write("models/tinyllama.gguf", "x");
  worker_does("exec yes");
  EXPECT_TRUE(only_model().refused.starts_with("kai-worker wrote without end over it"));
}

TEST_F(FakeWorker, ProgressCountsOnlyTheUnknown) {
  folder.write("models/a.gguf", "x");
  folder.write("models/b.gguf", "");
  worker_says(facts_json(true), 0);
  find_models(options, store, nullptr);
  folder.write("models/c.gguf", "x");
  folder.write("models/d.gguf", "x");
  std::vector<std::string> seen;
  find_models(options, store, [&](const std::string& path, int done, int total) {
    seen.push_back(fs::path(path).filename().string() + " " + std::to_string(done) + "/" +
                   std::to_string(total));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"c.gguf 0/2", "d.gguf 1/2"}));
}

TEST_F(FakeWorker, AModelWithoutTemplateIsRefusedWithTheRemedy) {
  folder.write("models/tinyllama.gguf", "x");
  worker_says(facts_json(false), 0);
  EXPECT_EQ(only_model().refused,
            "has no chat template that llama.cpp knows; give it one in kai.toml:\n"
            "[[member]]\nmodel = \"tinyllama:1.1b\"\ntemplate = \"zephyr\"");
}

TEST_F(FakeWorker, TheLastOverrideThatMatchesWins) {
  folder.write("models/tinyllama.gguf", "x");
  worker_says(facts_json(false), 0);
  options.overrides = {{"tiny*", *template_named("chatml"), 0.9, true},
                       {"tinyllama:*", qa_template(), 0.25, false},
                       {"other", {}, 0.1, true}};
  const Model model = only_model();
  EXPECT_EQ(model.refused, "");
  EXPECT_EQ(model.prior, 0.25);
  EXPECT_EQ(model.chat.user.prefix, "Question: ");
  EXPECT_EQ(model.chat.stop, std::vector<std::string>{"\n"});
  options.overrides = {{"*", {}, -1, true}};
  EXPECT_EQ(only_model().refused, "is disabled in kai.toml");
  EXPECT_EQ(only_model().prior, prior_of(model.facts, model.id));
}

// The real program over real and hostile files.
class RealWorker : public testing::Test {
 protected:
  void SetUp() override {
    options.worker = KAI_WORKER;
    options.folders = {folder.path};
  }
  // The smallest GGUF header: magic, version 3, then the counts as the case has them.
  static std::string header(std::uint64_t tensors, std::uint64_t keys) {
    std::string bytes("GGUF\3\0\0\0", 8);
    for (const std::uint64_t count : {tensors, keys}) {
      for (int shift = 0; shift < 64; shift += 8) {
        bytes += static_cast<char>(count >> shift & 0xFF);
      }
    }
    return bytes;
  }

  TempFolder folder;
  FakeStore store;
  FleetOptions options;
};

TEST_F(RealWorker, RefusesDamagedFilesByName) {
  constexpr std::uint64_t huge = std::uint64_t{1} << 63;
  folder.write("text.gguf", "This is no model at all.");
  folder.write("magic.gguf", "GGUF");
  folder.write("header.gguf", header(0, 0));
  folder.write("tensors.gguf", header(huge, 0));
  folder.write("keys.gguf", header(0, huge));
  folder.write("both.gguf", header(huge - 1, huge - 1) + std::string(64, '\xff'));
  folder.write("newline\nin name.gguf", "x");
  folder.write("not utf-8 \xff.gguf", "x");
  const auto found = find_models(options, store, nullptr);
  ASSERT_EQ(found.models.size(), 8u);
  for (const auto& model : found.models) {
    EXPECT_FALSE(model.refused.empty()) << model.path;
    EXPECT_FALSE(model.refused.starts_with("could not be inspected")) << model.refused;
    EXPECT_FALSE(model.refused.contains(model.path)) << model.refused;
  }
  EXPECT_EQ(store.files.size(), 7u);  // the last of them was not opened
}

std::string starter(const char* name) {
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : "") + "/.local/share/kai/models/" + name;
}

TEST_F(RealWorker, RefusesACutOffModel) {
  const auto whole = starter("SmolLM2-135M-Instruct.Q4_1.gguf");
  if (!fs::exists(whole)) GTEST_SKIP() << whole << " is not here (make setup)";
  std::ifstream file(whole, std::ios::binary);
  std::string bytes(5'000'000, '\0');
  file.read(bytes.data(), std::ssize(bytes));
  folder.write("SmolLM2-135M-Instruct.Q4_1.gguf", bytes);
  const auto found = find_models(options, store, nullptr);
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].id.text, "smollm2:135m");
  EXPECT_TRUE(found.models[0].refused.starts_with("is cut off")) << found.models[0].refused;
}

TEST_F(RealWorker, AnEmbeddingModelIsNoMember) {
  const auto minilm = starter("../embedding/all-MiniLM-L6-v2.F16.gguf");
  if (!fs::exists(minilm)) GTEST_SKIP() << minilm << " is not here (setup/models.sh embedding)";
  options.folders = {minilm};
  const auto found = find_models(options, store, nullptr);
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].refused,
            "is an embedding model (bert): it turns text into numbers and writes none, so it is "
            "not asked");
  // In Ollama's store: no engine makes it write.
  fs::create_directories(folder / "blobs");
  const std::string hash(64, 'a');
  fs::create_symlink(minilm, folder / ("blobs/sha256-" + hash));
  folder.write("manifests/registry.ollama.ai/library/all-minilm/22m",
               R"({"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:)" +
                   hash + R"(","size":)" + std::to_string(fs::file_size(minilm)) + "}]}");
  options.folders.clear();
  options.ollama_store = folder.path;
  const auto in_ollama = find_models(options, store, nullptr);
  ASSERT_EQ(in_ollama.models.size(), 1u);
  EXPECT_EQ(in_ollama.models[0].refused, found.models[0].refused);
}

TEST_F(RealWorker, TheStarterModelsAnswerWithoutConfiguration) {
  const auto instruct = starter("SmolLM2-135M-Instruct.Q4_1.gguf");
  const auto base = starter("gemma-3-270m.Q4_K_M.gguf");
  if (!fs::exists(instruct) || !fs::exists(base)) {
    GTEST_SKIP() << "the starter models are not here (make setup)";
  }
  options.folders = {instruct, base};
  const auto found = find_models(options, store, nullptr);
  ASSERT_EQ(found.models.size(), 2u);
  EXPECT_TRUE(found.notes.empty());
  const Model& gemma = found.models[0];
  EXPECT_EQ(gemma.id.text, "gemma3:270m");
  EXPECT_EQ(gemma.refused, "");
  EXPECT_EQ(gemma.chat.preamble, qa_template().preamble);
  // Its family's next elder, carried down to its size: below that family's smallest.
  EXPECT_EQ(gemma.prior, prior_of(gemma.facts, gemma.id));
  EXPECT_LT(gemma.prior, 0.41);
  const Model& smollm = found.models[1];
  EXPECT_EQ(smollm.id.text, "smollm2:135m");
  EXPECT_EQ(smollm.refused, "");
  EXPECT_FALSE(smollm.chat.own_frames());
  EXPECT_EQ(smollm.facts.file, Bytes(98'362'432));
}

}  // namespace
}  // namespace kai
