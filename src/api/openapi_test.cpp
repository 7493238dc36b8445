#include "api/openapi.h"

#include <gtest/gtest.h>

#include "api/testing.h"
#include "wire/openapi_testing.h"

namespace kai {
namespace {

class OpenApi : public testing_api::ApiTest {};

TEST_F(OpenApi, DescribesEveryRouteAndNoOther) {
  serve_api();
  const auto routes = api->routes();
  EXPECT_EQ(wire::operations_in(openapi_document()),
            std::set<std::string>(routes.begin(), routes.end()))
      << "src/api/openapi.json and the tables of routes differ";
}

TEST_F(OpenApi, IsServedAsItIsBuilt) {
  serve_api({}, false);
  run([](OpenApi& test) -> Task<void> {
    const auto said = co_await test.get("/openapi.json");
    EXPECT_TRUE(said.contains("HTTP/1.1 200 ") && said.ends_with(openapi_document()));
    EXPECT_TRUE(said.contains(R"("$id": "urn:kai:answer:v1")") ||
                said.contains(R"("$id":"urn:kai:answer:v1")"))
        << "the answer's schema is not put in";
    EXPECT_FALSE(said.contains("@KAI_") || said.contains("@ANSWER_"));
  }(*this));
}

}  // namespace
}  // namespace kai
