#include "keys/secret.h"

#include <sodium.h>

#include "base/ensure.h"

namespace kai {

namespace {

constexpr std::size_t random_bytes = 24;
constexpr std::size_t base64_max = 4096;

template <std::size_t size>
std::string hex_of(const std::array<unsigned char, size>& bytes) {
  std::string digits(size * 2 + 1, '\0');  // libsodium ends it with NUL
  sodium_bin2hex(digits.data(), digits.size(), bytes.data(), size);
  digits.pop_back();
  return digits;
}

}  // namespace

SecretHash hash_of(std::string_view secret) {
  SecretHash hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(secret.data()),
                     secret.size());
  return hash;
}

bool same(const SecretHash& a, const SecretHash& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string new_secret() {
  static const bool ready = sodium_init() >= 0;
  ensure(ready, "libsodium found no source of randomness");
  std::array<unsigned char, random_bytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return "kai_" + hex_of(bytes);
}

std::string to_hex(const SecretHash& hash) {
  return hex_of(hash);
}

std::optional<SecretHash> hash_in(std::string_view hex_digits) {
  SecretHash hash{};
  std::size_t size = 0;
  const bool whole = sodium_hex2bin(hash.data(), hash.size(), hex_digits.data(), hex_digits.size(),
                                    nullptr, &size, nullptr) == 0;
  if (!whole || size != hash.size()) return std::nullopt;
  return hash;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() > base64_max) return std::nullopt;
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace kai
