// For tests of TLS: an authority, its certificates, and a server on loopback that speaks as told.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace kai::http {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

class Authority {
 public:
  Authority() : key_(EVP_EC_gen("P-256")), own_(issue("Authority", "", 3600, true)) {}

  // `names` as X509v3 has them: "DNS:host.example", "IP:127.0.0.1"; `seconds`: how long it holds.
  Certificate issue(const std::string& subject, const std::string& names, long seconds,
                    bool is_authority = false) {
    Certificate made(X509_new());
    X509* one = made.get();
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(one), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(one), -7200);
    X509_gmtime_adj(X509_getm_notAfter(one), seconds);
    X509_set_pubkey(one, key_.get());
    name(X509_get_subject_name(one), subject);
    name(X509_get_issuer_name(one), "Authority");
    if (is_authority) extend(one, NID_basic_constraints, "critical,CA:TRUE");
    if (!names.empty()) extend(one, NID_subject_alt_name, names);
    EXPECT_GT(X509_sign(one, key_.get(), EVP_sha256()), 0);
    return made;
  }

  void write(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(PEM_write_X509(file, own_.get()), 1);
    EXPECT_EQ(std::fclose(file), 0);
  }

  EVP_PKEY* key() const { return key_.get(); }  // of all its certificates

 private:
  static void name(X509_NAME* of, const std::string& text) {
    X509_NAME_add_entry_by_txt(of, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  }
  static void extend(X509* one, int kind, const std::string& text) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, text.c_str());
    ASSERT_NE(extension, nullptr);
    X509_add_ext(one, extension, -1);
    X509_EXTENSION_free(extension);
  }

  Key key_;
  long serial_ = 0;
  Certificate own_;
};

// Serves one connection after the other on a thread of its own, ten seconds at most each.
class TlsServer {
 public:
  // Called with each session that was agreed on; the connection ends behind it.
  using Serve = std::function<void(SSL*)>;

  TlsServer(const Authority& authority, const Certificate& certificate, Serve serve)
      : serve_(std::move(serve)), context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), authority.key());
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    EXPECT_EQ(::bind(listener_, address, size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    EXPECT_EQ(::getsockname(listener_, address, &size), 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~TlsServer() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::uint16_t port() const { return port_; }
  int agreed() const { return agreed_; }  // sessions

  // The bytes of a request's head and of `body` behind it.
  static std::string take(SSL* session, std::size_t body = 0) {
    std::string all;
    std::string block(64 * 1024, '\0');
    for (;;) {
      const auto head = all.find("\r\n\r\n");
      if (head != std::string::npos && all.size() >= head + 4 + body) return all;
      const int count = SSL_read(session, block.data(), static_cast<int>(block.size()));
      if (count <= 0) return all;
      all.append(block, 0, static_cast<std::size_t>(count));
    }
  }
  static void say(SSL* session, const std::string& text) {
    EXPECT_EQ(SSL_write(session, text.data(), static_cast<int>(text.size())), std::ssize(text));
  }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd ready{listener_, POLLIN, 0};
      if (::poll(&ready, 1, 50) != 1) continue;
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const timeval limit{10, 0};
      ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      const std::unique_ptr<SSL, Free> session(SSL_new(context_.get()));
      SSL_set_fd(session.get(), peer);
      if (SSL_accept(session.get()) == 1) {
        ++agreed_;
        serve_(session.get());
      }
      ::close(peer);
    }
  }

  Serve serve_;
  std::unique_ptr<SSL_CTX, Free> context_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> agreed_ = 0;
  std::jthread thread_;
};

}  // namespace kai::http
