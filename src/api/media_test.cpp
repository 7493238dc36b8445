#include "api/media.h"

#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

TEST(Media, RefusesWhatItCannotReadOrSend) {
  struct Row {
    std::string name, value, path;
    int status;  // 0: none
  };
  for (const auto& [name, value, path, status] : {
           Row{"accept", "*/*", "/v1/models", 0},
           Row{"accept", "application/json", "/api/tags", 0},
           Row{"accept", "Application/JSON; charset=utf-8", "/api/tags", 0},
           Row{"accept", "text/event-stream", "/v1/chat/completions", 0},
           Row{"accept", "application/json, text/event-stream", "/mcp", 0},
           Row{"accept", "application/x-ndjson", "/api/chat", 0},
           Row{"accept", "application/*", "/v1/models", 0},
           Row{"accept", "text/html,application/xhtml+xml,image/webp,*/*;q=0.8", "/v1/models", 0},
           Row{"accept", "", "/v1/models", 0},
           Row{"accept", "image/png", "/v1/models", 406},
           Row{"accept", "image/*, application/xml", "/api/v1/models", 406},
           Row{"accept", "*/*;q=0", "/v1/models", 406},
           Row{"accept", "*/*;q=0.0, image/png", "/mcp", 406},
           Row{"accept", "image/png", "/assets/icon.png", 0},
           Row{"accept", "application/openmetrics-text", "/metrics", 0},
           Row{"content-encoding", "identity", "/api/chat", 0},
           Row{"content-encoding", "gzip", "/api/chat", 415},
           Row{"content-encoding", "br", "/", 415},
           Row{"user-agent", "gzip", "/api/chat", 0},
       }) {
    const auto mismatch = mismatch_of({{name, value}}, path);
    EXPECT_EQ(mismatch ? mismatch->status : 0, status) << name << ": " << value << " at " << path;
  }
}

TEST(Media, OneOfSeveralAcceptsIsEnough) {
  EXPECT_FALSE(
      mismatch_of({{"accept", "image/png"}, {"accept", "application/json"}}, "/v1/models"));
}

class MediaOverHttp : public testing_api::ApiTest {};

TEST_F(MediaOverHttp, IsSaidInTheFormOfThePath) {
  serve_api();
  run([](MediaOverHttp& test) -> Task<void> {
    const std::string body = R"({"model":"kai","messages":[{"role":"user","content":"Why?"}]})";
    const auto packed = co_await test.say(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip", body);
    EXPECT_TRUE(packed.starts_with("HTTP/1.1 415 ")) << packed;
    EXPECT_TRUE(packed.contains(R"({"error":{"message":"kai reads no bodies of Content-Encoding)"))
        << packed;
    EXPECT_TRUE(packed.contains("Accept-Encoding: identity")) << packed;
    const auto image =
        co_await test.say("POST /api/chat HTTP/1.1\r\nHost: localhost\r\nAccept: image/png", body);
    EXPECT_TRUE(image.starts_with("HTTP/1.1 406 ")) << image;
    EXPECT_TRUE(image.contains(R"({"error":"Accept names nothing)")) << image;
    EXPECT_EQ(test.asked, 0);
  }(*this));
}

}  // namespace
}  // namespace kai
