// guard: which requests are looked at at all. A page that a browser shows may send requests to
// this machine; it must neither read an answer nor have models run. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"

namespace kai {

// Whether an address belongs to this machine alone: 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view address);

// By which names others call the server, and which pages elsewhere may use it.
struct Doors {
  bool open = false;                 // others reach its address
  std::vector<std::string> hosts;    // see is_host()
  std::vector<std::string> origins;  // see is_origin()
};
// A name or a number, in lower case, without a port: "kai.example", "192.168.0.2", "fd00::2".
bool is_host(std::string_view text);
// "https://page.example" or "http://localhost:3000": no path, no '*'.
bool is_origin(std::string_view text);

// Not empty: why the request is refused, by its headers: a Host that is not the server's own name
// (DNS rebinding: a foreign name that leads here), an Origin that is neither the server itself nor
// one of the doors', a browser that says the page is from elsewhere. Its own names are this
// machine's and the doors' hosts; where others reach it, any number too: only a name can be made to
// lead here. A request without Host is refused, too.
std::string objection_to(const std::vector<http::Header>& headers, const Doors& doors);

// Of a request without such an objection: whether a page of the server itself sent it, as its
// Origin says.
bool from_own_page(const std::vector<http::Header>& headers, const Doors& doors);
// The Origin where it is one of the doors'; empty: it is not, or there is none.
std::string foreign_origin(const std::vector<http::Header>& headers, const Doors& doors);

}  // namespace kai
