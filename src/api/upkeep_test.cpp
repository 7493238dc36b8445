#include "api/upkeep.h"

#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

Task<Result<Duration>> load_named(ModelId model) {
  if (model.text != "small:1b") co_return fail(ErrorCode::nothing_fits, "no device has room");
  co_return std::chrono::milliseconds(1500);
}
Task<Result<bool>> unload_named(ModelId model) {
  if (model.text != "small:1b") co_return fail(ErrorCode::not_found, "there is no such model");
  co_return true;
}

class Upkeep : public testing_api::ApiTest {
 protected:
  void keep_up() {
    UpkeepBackend backend;
    backend.health = [] {
      return std::vector<wire::ModelHealth>{{ModelId("small:1b"), "", {}},
                                            {ModelId("broken:1b"),
                                             "it killed its workers",
                                             {{WallTime(), {ErrorCode::lane_lost, "died"}}}}};
    };
    backend.load = load_named;
    backend.unload = unload_named;
    backend.config = [] {
      return wire::ConfigShown{{"/etc/kai/kai.toml"},
                               {{"serve.port", "11524", "", "0..65535", "where it listens"}}};
    };
    backend.learned = [this] {
      const SkillSheet sheet{.shape = Shape::number, .labels = forgotten ? 0 : 7};
      return wire::encode_learned(models, std::vector<SkillSheet>{sheet});
    };
    backend.forget = [this] { return forget(*this); };
    backend.bench_runs = [this] { return bench_runs(*this); };
    api->keep_up(std::move(backend));
  }

 private:
  static Task<Result<int>> forget(Upkeep& test) {
    if (test.fault) co_return fail(ErrorCode::storage, "the disk is full");
    test.forgotten = true;
    co_return 7;
  }

  static Task<Result<wire::BenchRuns>> bench_runs(Upkeep& test) {
    if (test.fault) co_return fail(ErrorCode::storage, "the disk is silent");
    co_return wire::BenchRuns{{{"one.json", WallTime(), R"({"seed":"1"})"}}, {}};
  }

 public:
  bool forgotten = false;
  bool fault = false;
};

TEST_F(Upkeep, IsClosedUntilTheModelsAreKnown) {
  serve_api({}, false);
  run([](Upkeep& test) -> Task<void> {
    for (const std::string path : {"models/health", "config", "learned", "bench"}) {
      EXPECT_TRUE((co_await test.get("/api/v1/" + path)).contains("HTTP/1.1 503 ")) << path;
    }
    const auto load = co_await test.post("/api/v1/models/load", R"({"model":"small:1b"})");
    EXPECT_TRUE(load.contains("HTTP/1.1 503 "));
  }(*this));
}

TEST_F(Upkeep, TellsHowEachModelDoes) {
  serve_api();
  keep_up();
  run([](Upkeep& test) -> Task<void> {
    const auto said = co_await test.get("/api/v1/models/health");
    EXPECT_TRUE(said.contains(R"({"id":"small:1b","out":null,"last_failure":null})")) << said;
    EXPECT_TRUE(said.contains(R"("out":"it killed its workers","last_failure":{"at":)")) << said;
    EXPECT_TRUE(said.contains(R"("code":"lane_lost","message":"died")")) << said;
  }(*this));
}

TEST_F(Upkeep, LoadsAndUnloadsAModelByName) {
  serve_api();
  keep_up();
  run([](Upkeep& test) -> Task<void> {
    const auto post = [&test](std::string what, std::string body) {
      return test.post("/api/v1/models/" + what, std::move(body));
    };
    EXPECT_TRUE((co_await post("load", R"({"model":"small:1b"})"))
                    .ends_with(R"({"model":"small:1b","load_ms":1500})"));
    EXPECT_TRUE((co_await post("load", R"({"model":"large"})")).contains("HTTP/1.1 422 "));
    EXPECT_TRUE((co_await post("unload", R"({"model":"small:1b"})"))
                    .ends_with(R"({"model":"small:1b","unloaded":true})"));
    EXPECT_TRUE((co_await post("unload", R"({"model":"large"})")).contains("HTTP/1.1 404 "));
    for (const std::string body : {"", "[]", "{}", R"({"model":""})", R"({"model":7})",
                                   R"({"model":"small:1b","force":true})"}) {
      EXPECT_TRUE((co_await post("load", body)).contains("HTTP/1.1 400 ")) << body;
    }
  }(*this));
}

TEST_F(Upkeep, TellsWhatIsConfiguredAndWhichBenchmarksWereRun) {
  serve_api();
  keep_up();
  run([](Upkeep& test) -> Task<void> {
    const auto config = co_await test.get("/api/v1/config");
    EXPECT_TRUE(config.contains(R"("files":["/etc/kai/kai.toml"])")) << config;
    EXPECT_TRUE(config.contains(R"("key":"serve.port","value":"11524","origin":null)")) << config;
    const auto runs = co_await test.get("/api/v1/bench");
    EXPECT_TRUE(runs.contains(R"("name":"one.json")") &&
                runs.contains(R"("document":{"seed":"1"})"))
        << runs;
    test.fault = true;
    EXPECT_TRUE((co_await test.get("/api/v1/bench")).contains("HTTP/1.1 500 "));
  }(*this));
}

TEST_F(Upkeep, ForgetsWhatWasLearned) {
  serve_api();
  keep_up();
  run([](Upkeep& test) -> Task<void> {
    EXPECT_TRUE((co_await test.get("/api/v1/learned")).contains(R"("labels":7)"));
    test.fault = true;
    EXPECT_TRUE((co_await test.send("DELETE", "/api/v1/learned")).contains("HTTP/1.1 500 "));
    test.fault = false;
    EXPECT_TRUE((co_await test.send("DELETE", "/api/v1/learned")).ends_with(R"({"forgotten":7})"));
    EXPECT_TRUE((co_await test.get("/api/v1/learned")).contains(R"("labels":0)"));
  }(*this));
}

}  // namespace
}  // namespace kai
