#include "engines/host_options.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace kai {
namespace {

namespace fs = std::filesystem;

HostOptions openai() {
  HostOptions options;
  options.name = "box";
  return options;
}

TEST(HostAddress, IsANumberOrAName) {
  struct Row {
    std::string text, host;
    int port;
    std::string base;
  };
  for (const auto& [text, host, port, base] :
       {Row{"http://127.0.0.1:8000", "127.0.0.1", 8000, "/v1"},
        Row{"http://gpu-box:8000/v1/", "gpu-box", 8000, "/v1"},
        Row{"http://[::1]:80", "::1", 80, "/v1"}, Row{"http://ray", "ray", 80, "/v1"},
        Row{"http://proxy/team/a", "proxy", 80, "/team/a"}}) {
    HostOptions options = openai();
    const auto set = set_address(options, text);
    ASSERT_TRUE(set) << text << ": " << set.error().message;
    EXPECT_EQ(options.host, host);
    EXPECT_EQ(options.port, port);
    EXPECT_EQ(options.base, base);
  }
  HostOptions cloud = openai();
  ASSERT_TRUE(set_address(cloud, "https://api.example.com/v1"));
  EXPECT_TRUE(cloud.tls);
  EXPECT_EQ(cloud.port, 443);
  EXPECT_EQ(address_of(cloud), "https://api.example.com:443/v1");
  EXPECT_TRUE(read_access(cloud, nullptr)->trust.has_value());
  cloud.ca_file = "/nowhere/ca.pem";
  EXPECT_EQ(read_access(cloud, nullptr).error().code, ErrorCode::invalid_config);
  HostOptions ollama = openai();
  ollama.kind = wire::HostKind::ollama;
  ASSERT_TRUE(set_address(ollama, "http://127.0.0.1:11434"));
  EXPECT_EQ(ollama.base, "");
  EXPECT_EQ(address_of(ollama), "http://127.0.0.1:11434");
}

TEST(HostAddress, RefusesWhatItCannotReach) {
  for (const auto& [text, why] : {std::pair{"ftp://x", "must begin with http://"},
                                  {"127.0.0.1:8000", "address"},
                                  {"http://", "names no host"},
                                  {"http://user:word@x/", "key_env"},
                                  {"http://x/?a=b", "holds a ?"},
                                  {"http://x:0", "port"},
                                  {"http://x:99999", "port"},
                                  {"http://a b", "address"}}) {
    HostOptions options = openai();
    const auto set = set_address(options, text);
    ASSERT_FALSE(set) << text;
    EXPECT_EQ(set.error().code, ErrorCode::invalid_config);
    EXPECT_TRUE(set.error().message.contains(why)) << text << ": " << set.error().message;
  }
}

TEST(HostKey, ComesFromTheEnvironmentOrAFileOfOnesOwn) {
  HostOptions options = openai();
  EXPECT_EQ(read_key(options, nullptr), "");
  options.key_env = "BOX_KEY";
  EXPECT_EQ(read_key(options, "sk-1"), "sk-1");
  EXPECT_FALSE(read_key(options, nullptr));
  const auto broken = read_key(options, "sk\r\nX-Other: 1");
  ASSERT_FALSE(broken);
  EXPECT_FALSE(broken.error().message.contains("sk"));

  std::string folder = (fs::temp_directory_path() / "kai-key-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string file = folder + "/key";
  std::ofstream(file) << "sk-2\n";
  options.key_env = "";
  options.key_file = file;
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read);
  const auto open = read_key(options, nullptr);
  ASSERT_FALSE(open);
  EXPECT_TRUE(open.error().message.contains("chmod 600")) << open.error().message;
  fs::permissions(file, fs::perms::owner_read);
  EXPECT_EQ(read_key(options, nullptr), "sk-2");
  fs::remove_all(folder);
  EXPECT_FALSE(read_key(options, nullptr));
}

}  // namespace
}  // namespace kai
