#include "config/config.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/options.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A home folder of its own, so that nothing of the machine is read.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string name = (fs::temp_directory_path() / "kai-config-XXXXXX").string();
    home_ = ::mkdtemp(name.data());
    around_.home = home_;
    around_.folder = home_;
    around_.program = home_ + "/bin/kai";
    around_.user = 1234;
  }
  ~ConfigTest() override { fs::remove_all(home_); }

  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = fs::path(home_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  // The message that a file with this text gets, without the file's name; "ok" if it is right.
  std::string complaint(const std::string& text) {
    const auto file = write("checked.toml", text);
    const auto config = check_config(around_, file);
    if (config) return "ok";
    EXPECT_EQ(config.error().code, ErrorCode::invalid_config);
    EXPECT_TRUE(config.error().message.starts_with(file + ':')) << config.error().message;
    EXPECT_FALSE(config.error().message.contains('\n')) << config.error().message;
    return config.error().message.substr(file.size() + 1);
  }
  Result<Config> load(std::vector<Flag> flags = {}) { return load_config(around_, flags); }

  std::string home_;
  Surroundings around_;
};

TEST_F(ConfigTest, ReadsYesAndNo) {
  EXPECT_FALSE(load()->sandbox.run_code);
  EXPECT_TRUE(load({{"sandbox.run_code", "true"}})->sandbox.run_code);
  around_.environment["KAI_SANDBOX_RUN_CODE"] = "true";
  EXPECT_TRUE(load()->sandbox.run_code);
  EXPECT_FALSE(load({{"sandbox.run_code", "false"}})->sandbox.run_code);
  EXPECT_EQ(load({{"sandbox.run_code", "yes"}}).error().message,
            "--set sandbox.run_code: \"yes\" is not true or false");
  EXPECT_EQ(complaint("[sandbox]\nrun_code = true\n"), "ok");
  EXPECT_EQ(complaint("[sandbox]\nrun_code = \"true\"\n"),
            "2: sandbox.run_code must be true or false");
  EXPECT_EQ(complaint("[sandbox]\nrun_code = 1\n"), "2: sandbox.run_code must be true or false");
}

TEST_F(ConfigTest, ReadsListsOfNames) {
  EXPECT_TRUE(load()->serve.hosts.empty());
  around_.environment["KAI_SERVE_HOSTS"] = "kai.example,fd00::2";
  EXPECT_EQ(load()->serve.hosts, (std::vector<std::string>{"kai.example", "fd00::2"}));
  EXPECT_EQ(load({{"serve.hosts", ""}})->serve.hosts, std::vector<std::string>{});
  EXPECT_EQ(load({{"serve.origins", "http://localhost:3000,https://page.example"}})->serve.origins,
            (std::vector<std::string>{"http://localhost:3000", "https://page.example"}));
  EXPECT_EQ(load({{"serve.origins", "*"}}).error().message,
            "--set serve.origins: \"*\" is not a page's origin, such as https://page.example; no "
            "path, no *");
  EXPECT_EQ(complaint("[serve]\nhosts = [\"a\", \"b\"]\norigins = []\n"), "ok");
  EXPECT_EQ(complaint("[serve]\nhosts = \"a\"\n"), "2: serve.hosts must be a list of texts");
  EXPECT_TRUE(complaint("[serve]\nhosts = [\"Kai:80\"]\n").starts_with("2: serve.hosts: "));
  EXPECT_TRUE(show_config(*load()).contains(R"(serve.hosts = ["kai.example", "fd00::2"])"));
}

TEST_F(ConfigTest, ACollectorsAddressIsChecked) {
  EXPECT_TRUE(load()->otlp.url.empty());
  EXPECT_EQ(load({{"telemetry.otlp", "http://127.0.0.1:4318"}})->otlp.url, "http://127.0.0.1:4318");
  EXPECT_FALSE(load({{"telemetry.otlp", "http://collector:4318"}}));
  EXPECT_FALSE(load({{"telemetry.otlp", "http://127.0.0.1:4318/v1/traces"}}));
}

TEST_F(ConfigTest, NeedsNoFile) {
  const auto config = load();
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->store.folder, home_ + "/.local/share/kai");
  EXPECT_EQ(config->fleet.folders, std::vector{home_ + "/.local/share/kai/models"});
  EXPECT_EQ(config->runtime_folder, "/tmp/kai-1234");
  EXPECT_EQ(config->fleet.worker, home_ + "/bin/kai-worker");
}

TEST_F(ConfigTest, LaterSourcesWin) {
  write(".config/kai/kai.toml",
        "[tiers.simple]\ntimeout = \"10s\"\nmember_timeout = \"11s\"\n"
        "answer_max = 12\n");
  around_.environment["KAI_TIERS_SIMPLE_MEMBER_TIMEOUT"] = "20s";
  around_.environment["KAI_TIERS_SIMPLE_ANSWER_MAX"] = "21";
  const auto config = load({{"tiers.simple.answer_max", "30"}});
  ASSERT_TRUE(config) << config.error().message;
  const auto& simple = config->coordinator.planner.tiers[0];
  EXPECT_EQ(simple.timeout, 10s);
  EXPECT_EQ(simple.member_timeout, 20s);
  EXPECT_EQ(simple.answer_max, Tokens(30));
  EXPECT_EQ(config->origins.at("tiers.simple.timeout"), home_ + "/.config/kai/kai.toml:2");
  EXPECT_EQ(config->origins.at("tiers.simple.member_timeout"), "KAI_TIERS_SIMPLE_MEMBER_TIMEOUT");
  EXPECT_EQ(config->origins.at("tiers.simple.answer_max"), "--set");
}

TEST_F(ConfigTest, FollowsTheEnvironmentsFolders) {
  around_.environment["XDG_DATA_HOME"] = "/data";
  around_.environment["XDG_CONFIG_HOME"] = "relative";  // counts as not set
  EXPECT_EQ(load()->store.folder, "/data/kai");
  EXPECT_EQ(config_files(around_).back(), home_ + "/.config/kai/kai.toml");
  around_.environment["KAI_DATA_FOLDER"] = "here";
  around_.environment["KAI_MODELS"] = "/a:~/b";
  const auto config = load();
  EXPECT_EQ(config->store.folder, home_ + "/here");
  EXPECT_EQ(config->fleet.folders, (std::vector<std::string>{"/a", home_ + "/b"}));
}

TEST_F(ConfigTest, FindsAnInstalledWorker) {
  write("libexec/kai/kai-worker", "");
  EXPECT_EQ(load()->fleet.worker, home_ + "/libexec/kai/kai-worker");
  write("bin/kai-worker", "");
  EXPECT_EQ(load()->fleet.worker, home_ + "/bin/kai-worker");
}

TEST_F(ConfigTest, ReadsEnginesOfOthers) {
  write("etc/kai.toml",
        "[[engines]]\nname = \"vllm\"\naddress = \"http://gpu-box:8000/v1\"\nmodels = [\"a\", "
        "\"b\"]\n"
        "key_env = \"VLLM_KEY\"\nat_once = 16\nsilence_max = \"1m\"\n"
        "[[engines]]\nname = \"ollama\"\nkind = \"ollama\"\naddress = \"http://127.0.0.1:11434\"\n"
        "context = 8192\nkeep = \"10m\"\n");
  around_.environment["KAI_CONFIG"] = home_ + "/etc/kai.toml";
  const auto config = load();
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->engines.size(), 2u);
  const HostOptions& vllm = config->engines[0];
  EXPECT_EQ(vllm.name, "vllm");
  EXPECT_EQ(vllm.host, "gpu-box");
  EXPECT_EQ(vllm.port, 8000);
  EXPECT_EQ(vllm.models, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(vllm.key_env, "VLLM_KEY");
  EXPECT_EQ(vllm.at_once, 16);
  EXPECT_EQ(vllm.silence_max, std::chrono::minutes(1));
  EXPECT_EQ(config->engines[1].kind, wire::HostKind::ollama);
  EXPECT_EQ(config->engines[1].context, Tokens(8192));
  EXPECT_EQ(config->engines[1].keep, std::chrono::minutes(10));
  write("etc/kai.toml",
        "[[engines]]\nname = \"a\"\naddress = \"http://x\"\n"
        "[[engines]]\nname = \"a\"\naddress = \"http://y\"\n");
  EXPECT_TRUE(load().error().message.contains("two [[engines]] called \"a\""));
}

TEST_F(ConfigTest, RefusesInOneLineWithLineAndRemedy) {
  struct Case {
    std::string_view text, want;
  };
  for (const auto& [text, want] : std::initializer_list<Case>{
           {"\n[tiers.simple]\ntimout = \"3s\"",
            "3: there is no option tiers.simple.timout; did you mean tiers.simple.timeout?"},
           {"tiers.simple.timeout = 30",
            "1: tiers.simple.timeout must be a duration such as 30s, 500ms or 2m, in quotes"},
           {"tiers.simple.timeout = \"0s\"",
            "1: tiers.simple.timeout: 0s is out of range; choose 1s..1h"},
           {"tiers.simple.timeout = \"-3s\"",
            "1: tiers.simple.timeout: \"-3s\" is not a duration such as 30s, 500ms or 2m"},
           {"cpu.lanes = 65", "1: cpu.lanes: 65 is out of range; choose 0..64"},
           {"cpu.lanes = 99999999999", "1: cpu.lanes: \"99999999999\" is not a whole number"},
           {"cpu.lanes = \"2\"", "1: cpu.lanes must be a whole number"},
           {"gpu.buffer = \"1XB\"", "1: gpu.buffer: \"1XB\" is not a size such as 7GB or 512MiB"},
           {"planner.time_margin = nan", "1: planner.time_margin: \"nan\" is not a number"},
           {"models = \"/x\"", "1: models must be a list of paths"},
           {"models = [\"x\"]", "1: models: \"x\" must begin with / or ~/"},
           {"zzz = {}", "1: there is no option zzz; `kai config show` lists them all"},
           {"[tiers.simple]\nmembers_min = 3\nmembers_max = 2",
            "2: tiers.simple.members_min is 3, above members_max, which is 2"},
           {"member = 3", "1: write each member as its own [[member]] table"},
           {"[[member]]\nprior = 0.5", "1: [[member]] has no model; add model = \"…\""},
           {"[[member]]\nmodel = \"a\"\nprior = 1.5", "3: [[member]] prior must be 0..1"},
           {"[[member]]\nmodel = \"a\"\ndisabled = \"no\"",
            "3: [[member]] disabled must be true or false"},
           {"[[member]]\nmodel = \"a\"\npriority = 1",
            "3: [[member]] does not know priority; did you mean prior?"},
           {"[[member]]\nmodel = \"a\"\ntemplate = { stop = [\"x\"] }",
            "3: template needs a user_prefix or user_suffix"},
           {"engines = 3", "1: write each engine as its own [[engines]] table"},
           {"[[engines]]\naddress = \"http://x\"", "1: [[engines]] has no name; add name = \"…\""},
           {"[[engines]]\nname = \"a\"", "1: [[engines]] has no address; add address = \"…\""},
           {"[[engines]]\nname = \"gpu1\"\naddress = \"http://x\"",
            "2: [[engines]] name must be 1 to 32 of a-z, 0-9, - and _, beginning with a letter, "
            "and "
            "not cpu, gpu…, kai or auto"},
           {"[[engines]]\nname = \"a\"\naddress = \"http://x\"\nkind = \"vllm\"",
            "4: [[engines]] kind must be \"openai\" or \"ollama\""},
           {"[[engines]]\nname = \"a\"\naddress = \"ftp://x\"",
            "3: [[engines]] address must begin with http:// or https://"},
           {"[[engines]]\nname = \"a\"\naddress = \"http://x\"\nat_once = 0",
            "4: [[engines]] at_once must be a whole number of 1..64"},
           {"[[engines]]\nname = \"a\"\naddress = \"http://x\"\nreach_max = \"1h\"",
            "4: [[engines]] reach_max must be a duration of 100ms..30s, in quotes"},
           {"[[engines]]\nname = \"a\"\naddress = \"http://x\"\nkey_env = \"A\"\nkey_file = \"/b\"",
            "5: [[engines]] has a key_env and a key_file; keep one"},
           {"[[engines]]\nname = \"a\"\naddress = \"http://x\"\nca_file = \"/ca.pem\"",
            "4: [[engines]] ca_file is for an address that begins with https://"},
           {"[[engines]]\nname = \"a\"\naddress = \"https://x\"\nca_file = \"ca.pem\"",
            "4: [[engines]] ca_file must begin with /"},
           {"[[engines]]\nname = \"a\"\naddress = \"http://x\"\nkey = \"sk\"",
            "4: [[engines]] does not know key; remove it"}}) {
    EXPECT_EQ(complaint(std::string(text)), want) << text;
  }
  EXPECT_TRUE(complaint("a = 1\nb = \n").starts_with("2: is not TOML: "));
  EXPECT_TRUE(complaint("a = \"\xff\"").starts_with("1: is not TOML: "));
}

// complaint() itself checks that it is one line.
TEST_F(ConfigTest, QuotesNothingThatBreaksTheLineOrSteersTheTerminal) {
  for (const std::string_view text :
       {"disabled = tru\nx = 1", "\"time\\nout\" = 1", "[tiers.expert]\nmembers_\"\\n\", x = 1",
        "timeout = \x1B[2J", "\"a\\u001b[2J\" = 1", "cpu.lanes = \"\\r\\n\""}) {
    const std::string said = complaint(std::string(text));
    EXPECT_NE(said, "ok");
    EXPECT_EQ(said.find_first_of("\x1B\r"), std::string::npos) << said;
  }
}

TEST_F(ConfigTest, ALongKeyMakesNoLongComplaint) {
  EXPECT_LT(complaint(std::string(100'000, 'k') + " = 1").size(), 1100u);
}

TEST_F(ConfigTest, RefusesWhatIsNoFile) {
  EXPECT_FALSE(check_config(around_, home_));
  EXPECT_FALSE(check_config(around_, home_ + "/absent"));
  EXPECT_FALSE(check_config(around_, write("large", std::string((1 << 20) + 1, '#'))));
  around_.environment["KAI_CONFIG"] = home_ + "/absent";
  EXPECT_FALSE(load());
}

TEST_F(ConfigTest, RefusesMisspeltNamesOfItsOwnOnly) {
  around_.environment["KAI_MODLES"] = "/x";
  const auto config = load();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message,
            "KAI_MODLES in the environment is unknown; did you mean KAI_MODELS?");
  around_.environment = {{"KAI_SOMEBODY_ELSES", "1"}, {"KAI_BACKEND", "cpu"}};
  EXPECT_TRUE(load());
}

TEST_F(ConfigTest, ReadsMembers) {
  const auto file = write("members.toml",
                          "[[member]]\nmodel = \"a*\"\nprior = 1\n"
                          "[[member]]\nmodel = \"b\"\ndisabled = true\n"
                          "template = { user_prefix = \"Q: \", assistant_prefix = \"A:\", "
                          "stop = [\"\\n\"] }\n"
                          "[[member]]\nmodel = \"c\"\ntemplate = \"qa\"\n");
  const auto config = check_config(around_, file);
  ASSERT_TRUE(config) << config.error().message;
  const auto& members = config->fleet.overrides;
  ASSERT_EQ(members.size(), 3);
  EXPECT_EQ(members[0].prior, 1);
  EXPECT_TRUE(members[1].disabled);
  EXPECT_EQ(members[1].chat.user.prefix, "Q: ");
  EXPECT_EQ(members[1].chat.stop, std::vector<std::string>{"\n"});
  EXPECT_TRUE(members[2].chat.own_frames());
}

TEST_F(ConfigTest, ShowsAFileThatReadsBackTheSame) {
  around_.environment["KAI_MODELS"] = "/a \"b\"\\:/c";
  around_.environment["KAI_CPU_LANES"] = "3";
  const auto config = load();
  const auto again = check_config(around_, write("shown.toml", show_config(*config)));
  ASSERT_TRUE(again) << again.error().message;
  for (const auto& option : option_table()) {
    EXPECT_EQ(option.get(*config), option.get(*again)) << option.key;
  }
}

TEST_F(ConfigTest, AlertsAreToldWhereTheyCanBe) {
  const auto good = load({{"alerts.webhook", "http://127.0.0.1:9095/kai"}});
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->webhook.url, "http://127.0.0.1:9095/kai");
  const auto bad = load({{"alerts.webhook", "https://example.org/"}});
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().message.contains("only http:// is spoken")) << bad.error().message;
}

TEST_F(ConfigTest, EveryDefaultIsWithinItsRange) {
  const auto config = load();
  for (const auto& option : option_table()) {
    Config copy = *config;
    const auto set = option.set(copy, option.get(*config));
    EXPECT_TRUE(set) << option.key << ": " << set.error();
  }
}

TEST_F(ConfigTest, ManualIsUpToDate) {
  std::ifstream file(KAI_SOURCE "/docs/configuration.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), config_manual())
      << "run: kai config show --markdown > docs/configuration.md";
}

}  // namespace
}  // namespace kai
