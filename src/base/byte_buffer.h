// Bytes that are about to be written: as std::vector, but what resize() adds is not zeroed first.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace packscope {

template <class T>
struct Unzeroed : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = Unzeroed<U>;
  };
  template <class U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U; // default, not value, initialisation
  }
  template <class U, class... From>
  void construct(U* at, From&&... from) {
    ::new (static_cast<void*>(at)) U(std::forward<From>(from)...);
  }
};

using ByteBuffer = std::vector<std::uint8_t, Unzeroed<std::uint8_t>>;

} // namespace packscope
