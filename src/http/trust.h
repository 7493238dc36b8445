// trust: whose word counts that a server is who its name says. Copies share what was read.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace kai::http {

class Trust {
 public:
  // The authorities of this machine, or, where `file` is not empty, those in it alone (PEM).
  // Errors: invalid_config, what is wrong with the file.
  static Result<Trust> of(const std::string& file = {});

  Trust(const Trust& other);
  Trust& operator=(const Trust& other);
  ~Trust() = default;

  ssl_ctx_st* context() const { return context_.get(); }  // never null; for http/ alone

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit Trust(ssl_ctx_st* context) : context_(context) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace kai::http
