// A shared library that is loaded when something of it is first called.
//
// Why: the loader maps, relocates and initialises all that a program is linked to before main() begins. libgit2, with what
// it stands on, costs 2 ms there, OpenSSL 0.7: more than it takes to read the manifests of most repositories, and hardly a
// run calls them. A function is declared under its own name inside the namespace that calls it, so that calls read as ever:
//
//   inline const LazyLibrary kHyperscan(PACKSCOPE_HYPERSCAN_FOLDER, "libhs.so.5");
//   inline const LazyFunction<decltype(::hs_scan)> hs_scan(kHyperscan, "hs_scan");
#pragma once

#include "base/result.h"

#include <atomic>
#include <utility>

namespace packscope {

class LazyLibrary { // never unloaded
public:
  // `folder`: where the library was when this program was built; it is looked for there, then where the loader looks.
  constexpr LazyLibrary(const char* folder, const char* file) : folder_(folder), file_(file) {}

  // Why it cannot be used, if it cannot: to be asked before anything is called.
  Result<void> load() const;
  // Throws std::runtime_error where there is no such library or function.
  void* symbol(const char* name) const;

private:
  const char* folder_;
  const char* file_;
  mutable std::atomic<void*> handle_ = nullptr;
};

template <class Function>
class LazyFunction {
public:
  constexpr LazyFunction(const LazyLibrary& library, const char* name) : library_(library), name_(name) {}

  template <class... Arguments>
  auto operator()(Arguments&&... arguments) const {
    return get()(std::forward<Arguments>(arguments)...);
  }
  Function* get() const { // any number of threads may find the same address
    void* known = address_.load(std::memory_order_acquire);
    if (known == nullptr) address_.store(known = library_.symbol(name_), std::memory_order_release);
    return reinterpret_cast<Function*>(known);
  }

private:
  const LazyLibrary& library_;
  const char* name_;
  mutable std::atomic<void*> address_ = nullptr;
};

} // namespace packscope
