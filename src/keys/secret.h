// secret: keys as texts, and what is kept of them. Sole user of libsodium.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace kai {

// SHA-256. Keys are 192 random bits, so that nobody finds one by trying, and a slow hash, made for
// passwords that people choose, would only cost time on every request.
using SecretHash = std::array<unsigned char, 32>;
SecretHash hash_of(std::string_view secret);

// Takes equally long wherever they differ.
bool same(const SecretHash& a, const SecretHash& b);

// A new key: "kai_" and 48 hex digits of the system's own randomness.
std::string new_secret();

std::string to_hex(const SecretHash& hash);                      // 64 lower-case digits
std::optional<SecretHash> hash_in(std::string_view hex_digits);  // nothing: not of that form

// RFC 4648, with its padding, at most 4096 characters. Nothing: not of that form.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace kai
