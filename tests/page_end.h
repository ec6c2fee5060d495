// A page behind which no byte can be read: a text that ends there shows who reads too far, sanitized or not.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace packscope::test {

class PageEnd {
public:
  PageEnd() : pages_(::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (pages_ == MAP_FAILED || ::mprotect(end(), kPage, PROT_NONE) != 0) throw std::runtime_error("no page to guard");
  }
  ~PageEnd() { ::munmap(pages_, 2 * kPage); }
  PageEnd(const PageEnd&) = delete;
  PageEnd& operator=(const PageEnd&) = delete;

  // Up to a page long, until the next call.
  std::string_view put(std::string_view text) {
    char* const begin = end() - text.size();
    std::memcpy(begin, text.data(), text.size());
    return {begin, text.size()};
  }

private:
  static constexpr std::size_t kPage = 4096;
  char* end() const { return static_cast<char*>(pages_) + kPage; }
  void* pages_;
};

} // namespace packscope::test
