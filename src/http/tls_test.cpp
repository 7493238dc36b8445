// A client's TLS, against a server of OpenSSL's own.
#include <csignal>

#include "http/fixture.h"
#include "http/tls_testing.h"

namespace kai::http {
namespace {

using namespace std::chrono_literals;

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

class TlsTest : public HttpTest {
 public:
  TlsTest() {
    std::signal(SIGPIPE, SIG_IGN);  // the server writes to whoever has left
    authority.write(folder + "/ca.pem");
  }

  Address at(const TlsServer& there, const std::string& name) const {
    Address address("127.0.0.1", there.port());
    address.tls = {Trust::of(folder + "/ca.pem").value(), name};
    return address;
  }

  // What a request comes to: its body, or the error's sentence.
  std::string fetched(const Address& address, std::string body = {}, Duration limit = 10s) {
    std::string said;
    io.restart();
    run([](TlsTest& test, Address to, std::string sent, Duration time,
           std::string& into) -> Task<void> {
      const auto reply = co_await fetch(*test.clock, std::move(to), {"POST", "/", std::move(sent)},
                                        test.clock->now() + time);
      into = reply ? reply->body
                   : std::string(to_string(reply.error().code)) + ": " + reply.error().message;
    }(*this, address, std::move(body), limit, said));
    return said;
  }

  Authority authority;
  const Certificate good = authority.issue("host", "DNS:host.example,IP:127.0.0.1", 3600);
};

TEST_F(TlsTest, ManyRequestsTakeOneConnection) {
  const std::string body(300'000, 'x');
  const TlsServer there(authority, good, [&](SSL* session) {
    while (TlsServer::take(session).starts_with("GET /")) {
      TlsServer::say(session, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body);
    }
  });
  Connections connections(*clock);
  run([](TlsTest& test, Connections& kept, Address to, const std::string& all) -> Task<void> {
    for (int request = 0; request < 3; ++request) {
      auto reply = co_await kept.open(to, {"GET", "/", ""}, test.soon());
      EXPECT_TRUE(reply) << reply.error().message;
      if (!reply) co_return;
      const auto line = co_await (*reply)->next(test.soon());
      EXPECT_TRUE(line && *line == all);
      (*reply)->leave();
    }
  }(*this, connections, at(there, "host.example"), body));
  EXPECT_EQ(there.agreed(), 1);
}

TEST_F(TlsTest, ALongRequestArrivesWhole) {
  const std::string body(1'000'000, 'q');
  const TlsServer there(authority, good, [&](SSL* session) {
    const std::string all = TlsServer::take(session, body.size());
    TlsServer::say(session, all.ends_with("\r\n\r\n" + body) ? hello : "no");
  });
  EXPECT_EQ(fetched(at(there, "host.example"), body), "{}");
}

TEST_F(TlsTest, ANumberMayStandInACertificate) {
  const TlsServer there(authority, good, [](SSL* session) {
    TlsServer::take(session);
    TlsServer::say(session, hello);
  });
  EXPECT_EQ(fetched(at(there, "127.0.0.1")), "{}");
}

// Not one byte of a request, which may hold a key, goes to whom it is not meant for.
TEST_F(TlsTest, WhoIsNotWhoItShouldBeGetsNoRequest) {
  Authority other;
  std::string got;
  const auto listen = [&](SSL* session) { got += TlsServer::take(session); };
  const auto refused = [&](const Authority& of, const Certificate& certificate,
                           const std::string& name) {
    const TlsServer there(of, certificate, listen);
    return fetched(at(there, name));
  };
  EXPECT_TRUE(refused(authority, good, "other.example").contains("hostname mismatch"));
  EXPECT_TRUE(refused(authority, good, "127.0.0.2").contains("IP address mismatch"));
  const auto expired = authority.issue("host", "DNS:host.example", -3600);
  EXPECT_TRUE(refused(authority, expired, "host.example").contains("has expired"));
  const auto foreign = other.issue("host", "DNS:host.example", 3600);
  const std::string said = refused(other, foreign, "host.example");
  EXPECT_TRUE(said.starts_with("lane_lost: ") && said.contains("ca_file")) << said;
  EXPECT_EQ(got, "");
}

TEST_F(TlsTest, ThisMachinesAuthoritiesDoNotKnowOurs) {
  const TlsServer there(authority, good, [](SSL* session) { TlsServer::take(session); });
  Address address = at(there, "host.example");
  address.tls->trust = Trust::of().value();
  EXPECT_TRUE(fetched(address).contains("certificate")) << fetched(address);
}

TEST_F(TlsTest, AServerWithoutTlsIsSaidToBeOne) {
  start_tcp([](Exchange&) -> Task<std::optional<Response>> { co_return Response{.body = "{}"}; });
  Address to = address();
  to.tls = {Trust::of(folder + "/ca.pem").value(), "host.example"};
  const std::string said = fetched(to);
  EXPECT_TRUE(said.starts_with("lane_lost: ") && said.contains("TLS: ")) << said;
}

// The end of a body without a length is the end that TLS says, which nobody else can.
TEST_F(TlsTest, ACutConnectionIsNoEnd) {
  bool ends = true;
  const TlsServer there(authority, good, [&](SSL* session) {
    TlsServer::take(session);
    TlsServer::say(session, "HTTP/1.1 200 OK\r\n\r\nhalf");
    if (ends) SSL_shutdown(session);
  });
  EXPECT_EQ(fetched(at(there, "host.example")), "half");
  ends = false;
  const std::string said = fetched(at(there, "host.example"));
  EXPECT_TRUE(said.starts_with("lane_lost: ") && said.contains("was cut")) << said;
}

TEST_F(TlsTest, ASilentServerIsLeftAtTheDeadline) {
  const auto listener = listen_at(io.get_executor(), Address("127.0.0.1", 0));
  ASSERT_TRUE(listener);
  Address to("127.0.0.1", bound_port((*listener)->descriptor()));
  to.tls = {Trust::of(folder + "/ca.pem").value(), "host.example"};
  EXPECT_TRUE(fetched(to, {}, 100ms).starts_with("deadline: "));
}

TEST_F(TlsTest, AFileWithoutCertificatesIsRefused) {
  for (const std::string& file : {folder + "/none", folder}) {
    const auto trust = Trust::of(file);
    ASSERT_FALSE(trust);
    EXPECT_EQ(trust.error().code, ErrorCode::invalid_config);
    EXPECT_TRUE(trust.error().message.contains("ca_file " + file)) << trust.error().message;
  }
}

}  // namespace
}  // namespace kai::http
