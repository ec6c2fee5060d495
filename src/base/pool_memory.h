// Memory for many blocks of like sizes that live shortly: trees of a text, objects of a pack.
//
// The idea: lists of free blocks by size, of each thread its own, so that the next text is parsed in the memory of the one
// before it. malloc gives such memory back to the system and asks for it again, page by page in any thread but the first: a
// quarter of the time of parsing. Large blocks are malloc's, and all above 64 MiB a thread. A block may be freed by any
// thread, and goes back to the one that made it. A thread that ends leaves its free blocks to the next one; the process gives
// none back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace packscope {

// As malloc, realloc and free.
void* pool_allocate(std::size_t size) noexcept;
void* pool_resize(void* old, std::size_t size) noexcept;
void pool_free(void* block) noexcept;
std::size_t pool_block_size(const void* block) noexcept; // with what stands before it
// In a child of fork(): what the parent holds free is left alone, as to write to it would be to copy it.
void begin_child_pool();

// Of std::vector: blocks of the pool, and what resize() adds is not zeroed first.
template <class T>
struct PoolAllocator {
  using value_type = T;
  template <class U>
  struct rebind {
    using other = PoolAllocator<U>;
  };
  static T* allocate(std::size_t count) {
    void* const block = count <= SIZE_MAX / sizeof(T) ? pool_allocate(count * sizeof(T)) : nullptr;
    if (block == nullptr) throw std::bad_alloc();
    return static_cast<T*>(block);
  }
  static void deallocate(T* block, std::size_t) noexcept { pool_free(block); }
  template <class U>
  static void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U; // default, not value, initialisation
  }
  template <class U, class... From>
  static void construct(U* at, From&&... from) {
    ::new (static_cast<void*>(at)) U(std::forward<From>(from)...);
  }
  bool operator==(const PoolAllocator&) const = default;
};

using ByteBuffer = std::vector<std::uint8_t, PoolAllocator<std::uint8_t>>;

} // namespace packscope
