// Lists of free blocks over chunks that only grow; see pool_memory.h.
#include "base/pool_memory.h"

#include "base/memory.h"
#include "base/sanitized.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

namespace packscope {
namespace {

// Whole sizes of blocks, with their headers: multiples of kStep, and above kFine four between one power of two and the next.
constexpr std::size_t kStep = 16, kFine = 1024, kLargest = std::size_t{32} << 10;
constexpr std::size_t kFineClasses = kFine / kStep; // numbered from 1
constexpr std::size_t class_of(std::size_t size) {
  if (size <= kFine) return (size + kStep - 1) / kStep;
  const unsigned quarter = static_cast<unsigned>(std::bit_width(size - 1)) - 3; // bits below the two that tell the quarter
  return kFineClasses + (quarter - 8) * 4 + ((size - 1) >> quarter) - 3;
}
constexpr std::size_t size_of(std::size_t size_class) {
  if (size_class <= kFineClasses) return size_class * kStep;
  const std::size_t at = size_class - kFineClasses - 1;
  return (at % 4 + 5) << (at / 4 + 8);
}
constexpr std::size_t kClasses = class_of(kLargest) + 1;
static_assert([] {
  for (std::size_t size_class = 1; size_class < kClasses; ++size_class)
    if (class_of(size_of(size_class)) != size_class || class_of(size_of(size_class - 1) + 1) != size_class) return false;
  return size_of(kClasses - 1) == kLargest;
}());

class Pool;

// Before each block.
struct alignas(kStep) Header {
  Pool* owner;            // null: malloc's
  std::size_t size_class; // malloc's: its size
};
struct Free {
  Free* next;
};
Header* header_of(void* block) { return static_cast<Header*>(block) - 1; }
const Header* header_of(const void* block) { return static_cast<const Header*>(block) - 1; }

class Pool {
public:
  void* take(std::size_t size_class) { // null: it has grown as far as it may, or there is no memory
    Free*& first = free_[size_class];
    if (first == nullptr && returned_.load(std::memory_order_relaxed) != nullptr) collect();
    if (first != nullptr) {
      void* const block = first;
      first = first->next;
      return block;
    }
    const std::size_t size = size_of(size_class);
    if (static_cast<std::size_t>(end_ - next_) < size && !grow(size)) return nullptr;
    Header* const header = new (next_) Header{this, size_class};
    next_ += size;
    return header + 1;
  }
  void give(void* block) { // by the thread whose pool it is
    Free*& first = free_[header_of(block)->size_class];
    first = new (block) Free{first};
  }
  void give_back(void* block) { // by another thread, where what this one makes would pile up
    Free* const one = new (block) Free{returned_.load(std::memory_order_relaxed)};
    while (!returned_.compare_exchange_weak(one->next, one, std::memory_order_release, std::memory_order_relaxed)) {}
  }

private:
  void collect() {
    for (Free* one = returned_.exchange(nullptr, std::memory_order_acquire); one != nullptr;) {
      Free* const next = one->next;
      give(one);
      one = next;
    }
  }

  // Small chunks first, their pages all at once: a fault costs as much as clearing many. What is left of the last is lost.
  bool grow(std::size_t least) {
    while (chunk_ < least) chunk_ *= 4;
    if (chunk_ > left_) return false;
    const bool huge = chunk_ >= kLargePage;
    const std::size_t room = huge ? 2 * kLargePage : chunk_; // so that there is an aligned part
    void* const got = ::mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | (huge ? 0 : MAP_POPULATE), -1, 0);
    if (got == MAP_FAILED) return false;
    next_ = static_cast<std::byte*>(got);
    if (huge) {
      const std::size_t before = (kLargePage - reinterpret_cast<std::uintptr_t>(next_) % kLargePage) % kLargePage;
      if (before > 0) ::munmap(next_, before);
      next_ += before;
      if (before < kLargePage) ::munmap(next_ + kLargePage, kLargePage - before);
      ::madvise(next_, kLargePage, MADV_HUGEPAGE);
    }
    end_ = next_ + chunk_;
    left_ -= chunk_;
    chunk_ = std::min(chunk_ * 4, kLargePage);
    return true;
  }

  std::array<Free*, kClasses> free_ = {};
  std::atomic<Free*> returned_ = nullptr; // any thread adds one, this one takes all
  std::byte *next_ = nullptr, *end_ = nullptr;
  std::size_t chunk_ = std::size_t{128} << 10;
  std::size_t left_ = std::size_t{64} << 20; // blocks never change their size: what is asked for later, malloc may join
};

// Pools whose threads have ended. Never destroyed: a thread may end after main() has.
struct Idle {
  std::mutex lock;
  std::vector<Pool*> pools;
};
Idle& idle() {
  static Idle* const all = new Idle;
  return *all;
}

constinit thread_local Pool* mine = nullptr;

struct Return {
  ~Return() {
    const std::lock_guard guard(idle().lock);
    idle().pools.push_back(mine);
    mine = nullptr;
  }
};

Pool& first_use() {
  {
    const std::lock_guard guard(idle().lock);
    if (!idle().pools.empty()) {
      mine = idle().pools.back();
      idle().pools.pop_back();
    }
  }
  if (mine == nullptr) mine = new Pool;
  static thread_local const Return at_end;
  return *mine;
}
Pool& pool() { return mine != nullptr ? *mine : first_use(); }

} // namespace

void* pool_allocate(std::size_t size) noexcept {
  if (!kSanitized && size <= kLargest - sizeof(Header))
    if (void* const block = pool().take(class_of(std::max(size, sizeof(Free)) + sizeof(Header)))) return block;
  void* const got = size <= SIZE_MAX - sizeof(Header) ? std::malloc(size + sizeof(Header)) : nullptr;
  return got != nullptr ? new (got) Header{nullptr, size + sizeof(Header)} + 1 : nullptr;
}

void* pool_resize(void* old, std::size_t size) noexcept {
  if (old == nullptr) return pool_allocate(size);
  Header* const header = header_of(old);
  if (header->owner == nullptr) { // and stays malloc's, however small
    void* const got = size <= SIZE_MAX - sizeof(Header) ? std::realloc(header, size + sizeof(Header)) : nullptr;
    return got != nullptr ? new (got) Header{nullptr, size + sizeof(Header)} + 1 : nullptr;
  }
  const std::size_t room = size_of(header->size_class) - sizeof(Header);
  if (size <= room) return old;
  void* const block = pool_allocate(size);
  if (block == nullptr) return nullptr;
  std::memcpy(block, old, room);
  pool_free(old);
  return block;
}

void pool_free(void* block) noexcept {
  if (block == nullptr) return;
  Header* const header = header_of(block);
  if (header->owner == nullptr) return std::free(header);
  header->owner == mine ? mine->give(block) : header->owner->give_back(block);
}

std::size_t pool_block_size(const void* block) noexcept {
  const Header* const header = header_of(block);
  return header->owner != nullptr ? size_of(header->size_class) : header->size_class;
}

void begin_child_pool() {
  static Pool fresh; // no lock: the thread that holds it is not in the child
  mine = &fresh;
}

} // namespace packscope
