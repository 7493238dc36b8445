// Keys, from their making to their end, with a real server.
#include <sys/stat.h>

#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class Keys : public Server {
 protected:
  // What `kai keys create` prints: the key alone.
  std::string create(const std::string& arguments) const {
    const Ran made = shell("\"$KAI\" keys create " + arguments);
    EXPECT_EQ(made.status, 0) << made.err;
    return made.out.substr(0, made.out.find('\n'));
  }
  std::string status_with(const std::string& key, const std::string& target) const {
    return shell("curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer " + key +
                 "' \"$KAI_URL" + target + "\"")
        .out;
  }
};

TEST_F(Keys, AreMadeListedAndRevoked) {
  const Ran none = shell("\"$KAI\" keys");
  EXPECT_EQ(none.status, 0);
  EXPECT_TRUE(none.err.contains("answers everyone on this machine")) << none.err;
  const std::string key = create("laptop --scope ask,watch --rate 60/min --expires 90d");
  EXPECT_TRUE(key.starts_with("kai_") && key.size() == 52) << key;
  const Ran listed = shell("\"$KAI\" keys list");
  EXPECT_TRUE(listed.out.contains("laptop") && listed.out.contains("ask,watch") &&
              listed.out.contains("60/min"))
      << listed.out;
  const Ran document = shell(
      "\"$KAI\" keys list --json | python3 -c 'import json, sys; key = json.load(sys.stdin)\n"
      "assert key[\"name\"] == \"laptop\" and key[\"scopes\"] == [\"ask\", \"watch\"], key\n"
      "assert key[\"rate_max\"] == 60 and key[\"expires\"] and not key[\"expired\"], key'");
  EXPECT_EQ(document.status, 0) << document.err;
  EXPECT_FALSE(read(path("data/keys")).contains(key));
  struct stat facts{};
  ASSERT_EQ(::stat(path("data/keys").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(shell("\"$KAI\" keys create laptop").status, 2);
  EXPECT_EQ(shell("\"$KAI\" keys create 'a b'").status, 2);
  EXPECT_EQ(shell("\"$KAI\" keys create a --scope everything").status, 2);
  EXPECT_EQ(shell("\"$KAI\" keys revoke nobody").status, 2);
  EXPECT_EQ(shell("\"$KAI\" keys revoke laptop").status, 0);
  EXPECT_TRUE(shell("\"$KAI\" keys list").out.empty());
}

TEST_F(Keys, CountFromTheirMakingToTheirEnd) {
  serve();
  wait_until_ready();
  EXPECT_EQ(status_of("/v1/models"), "200");
  const std::string key = create("laptop");
  EXPECT_TRUE(until([&] { return status_of("/v1/models") == "401"; }, 5s));
  EXPECT_EQ(status_of("/healthz"), "200");
  EXPECT_EQ(status_with(key, "/v1/models"), "200");
  EXPECT_EQ(status_with(key, "/metrics"), "403");
  EXPECT_EQ(
      shell("curl -s -o /dev/null -w '%{http_code}' -u \"me:" + key + "\" \"$KAI_URL/v1/models\"")
          .out,
      "200");
  EXPECT_EQ(shell("\"$KAI\" keys revoke laptop").status, 0);
  EXPECT_TRUE(until([&] { return status_with(key, "/v1/models") == "401"; }, 5s));
}

TEST_F(Keys, ThisUsersCommandsNeedNoneAndAnotherKeyIsStatus4) {
  create("somebody");
  serve();
  wait_until_ready();
  const Ran own = shell("\"$KAI\" ask -t simple 'What is the capital of France?'");
  EXPECT_EQ(own.status, 0) << own.err;
  EXPECT_TRUE(own.out.contains("Paris")) << own.out;
  EXPECT_EQ(shell("\"$KAI\" alerts").status, 0);
  const Ran wrong = shell("KAI_API_KEY=kai_0 \"$KAI\" ask 'What is the capital of France?'");
  EXPECT_EQ(wrong.status, 4) << wrong.err << wrong.out;
  EXPECT_TRUE(wrong.err.contains("does not know that key") && wrong.err.contains("KAI_API_KEY"))
      << wrong.err;
  EXPECT_EQ(shell("KAI_API_KEY=kai_0 \"$KAI\" alerts").status, 4);
  const std::string asker = create("asker --scope ask");
  const Ran by_key = shell("KAI_API_KEY=" + asker +
                           " \"$KAI\" ask --json -t simple 'What is the capital of France?'");
  EXPECT_EQ(by_key.status, 0) << by_key.err;
  const Ran valid = holds(by_key.out, "assert 'Paris' in document['text']\n");
  EXPECT_EQ(valid.status, 0) << valid.err;
}

// As they come from their registries; setup/clients.sh has put them there.
TEST_F(Keys, ClientsOfOthersComeInWithOne) {
  const std::string clients = KAI_SOURCE "/.deps/clients";
  if (std::getenv("KAI_TEST_ALL") == nullptr && !std::filesystem::exists(clients)) {
    GTEST_SKIP() << "the clients are not in " << clients << "; run setup/clients.sh";
  }
  set("KAI_ASKER", create("asker --scope ask"));
  set("KAI_WATCHER", create("watcher --scope watch"));
  set("KAI_SLOW", create("slow --rate 1/min"));
  serve();
  wait_until_ready();
  const Ran ran =
      shell("PYTHONPATH='" + clients + "' python3 " KAI_SOURCE "/tests/clients/keys_client.py");
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
  EXPECT_TRUE(ran.out.contains("keys: ok")) << ran.out;
}

TEST_F(Keys, AFileThatCannotBeTrustedStopsTheStart) {
  write("data/keys", "nonsense\n");
  ::chmod(path("data/keys").c_str(), 0600);
  const Ran ran = shell("\"$KAI\" serve --port 0");
  EXPECT_EQ(ran.status, 2) << ran.err;
  EXPECT_TRUE(ran.err.contains("data/keys:1:")) << ran.err;
}

}  // namespace
}  // namespace kai
