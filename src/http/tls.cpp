// TLS of a client, as a state machine between its bytes and those of a socket: OpenSSL reads and
// writes memory alone, so that a wait for the socket can be given up as any other.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "http/channel.h"
#include "http/socket.h"
#include "http/trust.h"

namespace kai::http {

namespace {

constexpr std::size_t record_max = 16 * 1024;  // of TLS
constexpr std::size_t block_max = 64 * 1024;
constexpr auto protocols =
    std::to_array<unsigned char>({8, 'h', 't', 't', 'p', '/', '1', '.', '1'});

std::string last_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the other side gave no reason" : reason;
}

struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

class TlsChannel final : public Channel {
 public:
  TlsChannel(std::unique_ptr<Socket> socket, const Tls& tls, std::string peer)
      : socket_(std::move(socket)),
        session_(SSL_new(tls.trust.context())),
        arrived_(BIO_new(BIO_s_mem())),
        leaving_(BIO_new(BIO_s_mem())),
        name_(tls.name),
        peer_(std::move(peer)) {
    SSL_set_bio(session_.get(), arrived_, leaving_);
    SSL_set_connect_state(session_.get());
  }

  // Who is not called as it should be gets no byte of the request.
  Task<Result<void>> agree(Clock& clock, Time until) {
    if (!expect_name()) co_return broken("its name cannot stand in a certificate");
    auto done = co_await drive(clock, until, [this] { return SSL_do_handshake(session_.get()); });
    if (!done) co_return std::unexpected(std::move(done.error()));
    if (*done == 0) co_return broken("the connection ended before TLS was agreed on");
    co_return Result<void>();
  }

  Task<Result<std::string>> read(Clock& clock, Time until) override {
    std::string bytes;
    auto done = co_await drive(clock, until, [&] { return take(bytes, block_max); });
    if (!done) co_return std::unexpected(std::move(done.error()));
    co_return bytes;
  }

  Task<Result<void>> write(Clock& clock, std::string bytes, Time until) override {
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::string_view block = rest.substr(0, block_max);
      auto done = co_await drive(clock, until, [&] {
        return SSL_write(session_.get(), block.data(), static_cast<int>(block.size()));
      });
      if (!done) co_return std::unexpected(std::move(done.error()));
      if (*done == 0) co_return broken("the other side has ended it");
      rest.remove_prefix(static_cast<std::size_t>(*done));
    }
    co_return Result<void>();
  }

  bool take_arrived(std::string& bytes, std::size_t bytes_max) override {
    std::string sealed;
    // A part of a record cannot be read: more than this between two answers is a peer to leave.
    if (!socket_->take_arrived(sealed, block_max) || sealed.size() == block_max) return false;
    put(sealed);
    ERR_clear_error();
    std::string all;
    int count = 1;
    while (count > 0 && all.size() < block_max) count = take(all, block_max);
    bytes.append(all, 0, bytes_max - std::min(bytes_max, bytes.size()));
    return count <= 0 && SSL_get_error(session_.get(), count) == SSL_ERROR_WANT_READ;
  }

  void close() override { socket_->close(); }

 private:
  // Whose certificate it must be: of a name, which is told to the server too, or of a number.
  bool expect_name() {
    SSL* session = session_.get();
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name_.c_str()) == 1) return true;
    ERR_clear_error();
    return SSL_set_tlsext_host_name(session, name_.c_str()) == 1 &&
           SSL_set1_host(session, name_.c_str()) == 1;
  }

  // As SSL_read(), as much as is there, until there are `bytes_max`: what came is appended.
  int take(std::string& bytes, std::size_t bytes_max) {
    std::array<char, record_max> block;
    int count = 1;
    const std::size_t before = bytes.size();
    while (count > 0 && bytes.size() < bytes_max) {
      const std::size_t room = std::min(block.size(), bytes_max - bytes.size());
      count = SSL_read(session_.get(), block.data(), static_cast<int>(room));
      if (count > 0) bytes.append(block.data(), static_cast<std::size_t>(count));
    }
    return bytes.size() > before ? static_cast<int>(bytes.size() - before) : count;
  }

  void put(std::string_view sealed) {
    BIO_write(arrived_, sealed.data(), static_cast<int>(sealed.size()));
  }

  // Calls `step`, one of SSL's functions, until it is done, and does for it what it has to wait
  // for. What it gave; 0: the other side has ended the connection.
  template <class Step>
  Task<Result<int>> drive(Clock& clock, Time until, Step step) {
    for (;;) {
      ERR_clear_error();
      const int done = step();
      const int why = done > 0 ? SSL_ERROR_NONE : SSL_get_error(session_.get(), done);
      const std::string reason = why == SSL_ERROR_SSL ? reason_of_failure() : std::string();
      if (auto sent = co_await send_what_leaves(clock, until); !sent) {
        co_return std::unexpected(std::move(sent.error()));
      }
      if (done > 0) co_return done;
      if (why == SSL_ERROR_ZERO_RETURN) co_return 0;
      if (why != SSL_ERROR_WANT_READ) co_return broken(reason);
      auto sealed = co_await socket_->read(clock, until);
      if (!sealed) co_return std::unexpected(std::move(sealed.error()));
      // Without an end of TLS's own anybody may have cut it.
      if (sealed->empty()) co_return broken("the connection was cut");
      put(*sealed);
    }
  }

  Task<Result<void>> send_what_leaves(Clock& clock, Time until) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(leaving_, &bytes);
    if (size <= 0) co_return Result<void>();
    std::string sealed(bytes, static_cast<std::size_t>(size));
    BIO_reset(leaving_);
    co_return co_await socket_->write(clock, std::move(sealed), until);
  }

  std::string reason_of_failure() const {
    const long verified = SSL_get_verify_result(session_.get());
    if (verified == X509_V_OK) return last_reason();
    return fmt::format(
        "its certificate does not hold for {} ({}); where an authority of your own "
        "signed it, name that one's file with ca_file",
        name_, X509_verify_cert_error_string(verified));
  }

  std::unexpected<Error> broken(std::string_view why) const {
    return fail(ErrorCode::lane_lost,
                fmt::format("The connection at {} broke: TLS: {}; ask again.", peer_, why));
  }

  std::unique_ptr<Socket> socket_;
  std::unique_ptr<SSL, FreeSession> session_;
  BIO* arrived_;  // of the socket, not yet read; both are the session's
  BIO* leaving_;
  std::string name_;
  std::string peer_;  // in messages
};

}  // namespace

void Trust::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Trust::Trust(const Trust& other) : context_(other.context()) {
  SSL_CTX_up_ref(context());
}

Trust& Trust::operator=(const Trust& other) {
  SSL_CTX_up_ref(other.context());
  context_.reset(other.context());
  return *this;
}

Result<Trust> Trust::of(const std::string& file) {
  ERR_clear_error();
  Trust trust(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = trust.context();
  if (context == nullptr) return fail(ErrorCode::internal, "OpenSSL does not start");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context, protocols.data(), protocols.size());
  if (file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    return fail(ErrorCode::invalid_config,
                fmt::format("ca_file {} holds no certificates in PEM, or cannot be read: {}", file,
                            last_reason()));
  }
  return trust;
}

Task<Result<std::unique_ptr<Channel>>> channel_to(Clock& clock, Address address, Time until) {
  auto socket = co_await connect_to(clock, address, until);
  if (!socket) co_return std::unexpected(std::move(socket.error()));
  if (!address.tls) co_return std::unique_ptr<Channel>(*std::move(socket));
  auto channel = std::make_unique<TlsChannel>(*std::move(socket), *address.tls, to_string(address));
  if (auto agreed = co_await channel->agree(clock, until); !agreed) {
    co_return std::unexpected(std::move(agreed.error()));
  }
  co_return std::unique_ptr<Channel>(std::move(channel));
}

}  // namespace kai::http
