// What a client is told whose bytes are no request.
#include <gtest/gtest.h>

#include "http/fixture.h"

namespace kai::http {
namespace {

// Each says what is wrong, in other words than the others.
TEST_F(HttpTest, ARefusalNamesItsFault) {
  start([](Exchange&) -> Task<std::optional<Response>> { co_return Response{}; });
  run([](HttpTest& test) -> Task<void> {
    const std::string post = "POST / HTTP/1.1\r\n";
    const std::pair<std::string, std::string> rows[] = {
        {"\x16\x03\x01\x02", "use http://"},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "send HTTP/1.1"},
        {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "two different Content-Length"},
        {post + "Content-Length: -1\r\n\r\n", "Content-Length is no length"},
        {post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "send one of them"},
        {post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "send one of them"},
        {post + "Transfer-Encoding: chunked\r\n\r\n" + "zz\r\n", "no valid size"},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0 has no chunks"},
        {"GET / HTTP/1.1\r\nno colon here\r\n\r\n", "A header is malformed"},
        {"GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1"},
        {"\x01\x02\r\n\r\n", "is not HTTP"},
    };
    for (const auto& [request, part] : rows) {
      const auto client = co_await test.connect();
      co_await client->write(*test.clock, request, test.soon());
      const auto answer = co_await test.read_all(*client);
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ") && answer.contains(part)) << answer;
    }
  }(*this));
}

}  // namespace
}  // namespace kai::http
