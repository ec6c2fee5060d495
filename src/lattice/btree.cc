// Pages, nodes, the search and the walk; see btree.h for the format.
#include "lattice/btree.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace packscope::lattice {
namespace {

constexpr std::size_t kHead = 16, kNodeHead = 8, kKey = 8, kMost = 32; // depth
constexpr std::uint32_t kMagic = 0xBEEFC0DE, kVersion = 1;
constexpr std::uint16_t kBranch = 1, kLeaf = 2, kOverflow = 4, kMeta = 8, kBig = 1;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};

// The format is in the machine's own order.
template <class Int> Int load(const std::uint8_t* at) {
  Int value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
std::uint32_t low_high(const std::uint8_t* node) { // mn_lo, mn_hi stand in the order that a 32-bit number has
  return load<std::uint32_t>(node);
}

} // namespace

struct Btree::Page {
  const std::uint8_t* at = nullptr;
  std::uint64_t number = 0;
  std::uint16_t flags = 0;
  std::size_t count = 0; // nodes
  std::size_t size = 0;

  bool least(std::size_t index) const { return flags == kBranch && index == 0; } // has an empty key
  // Null where the node, with its key, is not inside the page.
  const std::uint8_t* node(std::size_t index) const {
    const std::size_t offset = load<std::uint16_t>(at + kHead + 2 * index);
    if (offset + kNodeHead + (least(index) ? 0 : kKey) > size) return nullptr;
    return at + offset;
  }
  // And its key has eight bytes.
  const std::uint8_t* checked(std::size_t index) const {
    const std::uint8_t* found = node(index);
    return found == nullptr || least(index) || load<std::uint16_t>(found + 6) == kKey ? found : nullptr;
  }
  static std::uint64_t key(const std::uint8_t* node) { return load_be<std::uint64_t>(node + kNodeHead); }
  static std::uint64_t child(const std::uint8_t* node) {
    return low_high(node) | std::uint64_t{load<std::uint16_t>(node + 4)} << 32;
  }
  // The last node whose key is not above `key`, which the first `low` ones are not: 1 of a branch; count: none; above count:
  // damage. Bytes that are no key of eight may lead astray, not outside: whoever takes the node checks it.
  [[gnu::always_inline]] std::size_t last_not_above(std::uint64_t key, std::size_t low) const {
    std::size_t left = count - low;
    while (left > 0) {
      const std::size_t half = left / 2, offset = load<std::uint16_t>(at + kHead + 2 * (low + half));
      if (offset + kNodeHead + kKey > size) return count + 1;
      const bool above = Page::key(at + offset) > key;
      low = above ? low : low + half + 1;
      left = above ? half : left - half - 1;
    }
    return low == 0 ? count : low - 1;
  }
};

[[gnu::always_inline]] inline bool Btree::page(std::uint64_t number, Page& page) const {
  if (number < 2 || number >= pages_) return false;
  page.at = bytes_.data() + number * page_size_;
  page.number = number;
  page.size = page_size_;
  page.flags = load<std::uint16_t>(page.at + 10);
  const std::size_t lower = load<std::uint16_t>(page.at + 12);
  if ((page.flags != kBranch && page.flags != kLeaf) || lower < kHead || lower > page_size_) return false;
  page.count = (lower - kHead) / 2;
  return page.count != 0;
}

[[gnu::always_inline]] inline Bytes Btree::value(const Page& page, std::size_t index) const {
  const std::uint8_t* node = page.checked(index);
  if (node == nullptr) return {};
  const std::uint64_t size = low_high(node);
  const std::uint16_t flags = load<std::uint16_t>(node + 4);
  const std::uint8_t* data = node + kNodeHead + kKey;
  const std::uint64_t room = static_cast<std::uint64_t>(page.at + page_size_ - data);
  if (flags == 0) return size <= room ? Bytes(data, size) : Bytes();
  if (flags != kBig || room < 8) return {};
  const std::uint64_t number = load<std::uint64_t>(data);
  if (number < 2 || number >= pages_) return {};
  const std::uint8_t* over = bytes_.data() + number * page_size_;
  const std::uint64_t left = (pages_ - number) * page_size_ - kHead;
  if (load<std::uint16_t>(over + 10) != kOverflow || size > left) return {};
  return {over + kHead, size};
}

Result<Btree> Btree::open(const std::string& path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return std::unexpected(file.error());
  Result<Btree> tree = of(file->bytes(), path);
  if (tree) tree->file_ = std::move(*file);
  return tree;
}

Result<Btree> Btree::of(Bytes file, const std::string& path) {
  Btree tree;
  tree.bytes_ = file;
  tree.path_ = path;
  constexpr std::size_t kMetaBytes = kHead + 4 + 4 + 8 + 8 + 48 + 48 + 8 + 8;
  std::uint64_t newest = 0;
  // The second meta lies a page behind the first, which states how large a page is.
  for (std::uint64_t which = 0; which < 2; ++which) {
    const std::uint64_t offset = which * tree.page_size_;
    if (offset > file.size() || file.size() - offset < kMetaBytes) break;
    const std::uint8_t* at = file.data() + offset;
    if (load<std::uint16_t>(at + 10) != kMeta || load<std::uint32_t>(at + kHead) != kMagic) break;
    if (load<std::uint32_t>(at + kHead + 4) != kVersion) return fail("lattice: not of LMDB's format 1", path, offset);
    const std::uint8_t *free = at + kHead + 24, *main = free + 48;
    const std::uint64_t page_size = load<std::uint32_t>(free), transaction = load<std::uint64_t>(main + 56);
    if (page_size < 512 || page_size > 65536 || (page_size & (page_size - 1)) != 0) return fail("lattice: page size " + std::to_string(page_size), path, offset);
    if (which == 1 && page_size != tree.page_size_) return fail("lattice: two page sizes", path, offset);
    tree.page_size_ = page_size;
    if (which == 1 && transaction < newest) break;
    newest = transaction;
    tree.root_ = load<std::uint64_t>(main + 40);
    tree.entries_ = load<std::uint64_t>(main + 32);
  }
  if (tree.page_size_ == 0) return fail("not a lattice: no LMDB file", path);
  tree.pages_ = file.size() / tree.page_size_;
  tree.flatten();
  return tree;
}

// Level by level from the root, as long as all of a level are sound branches. What is damaged stays below: find() meets it.
void Btree::flatten() {
  constexpr std::size_t kMostPages = std::size_t{1} << 18; // 4 MiB of them and as much of places: down to the leaves of a lattice of 1 GiB
  if (root_ == kNoPage) return;
  std::vector<std::uint64_t> keys = {0}, pages = {root_};
  for (std::size_t depth = 0; depth < kMost; ++depth) {
    std::vector<std::uint64_t> lower_keys, lower_pages;
    const auto expand = [&] {
      for (std::size_t i = 0; i < pages.size(); ++i) {
        Page at;
        if (!page(pages[i], at) || at.flags != kBranch || lower_pages.size() + at.count > kMostPages) return false;
        for (std::size_t node = 0; node < at.count; ++node) {
          const std::uint8_t* found = at.checked(node);
          if (found == nullptr) return false;
          const std::uint64_t key = node == 0 ? keys[i] : Page::key(found);
          if (!lower_keys.empty() && key <= lower_keys.back()) return false;
          lower_keys.push_back(key);
          lower_pages.push_back(Page::child(found));
        }
      }
      return true;
    };
    if (!expand()) break;
    keys = std::move(lower_keys);
    pages = std::move(lower_pages);
  }
  // Two to four places of the table a page.
  const unsigned bits = static_cast<unsigned>(std::bit_width(pages.size())) + 1;
  top_.shift = 64 - bits;
  top_.begins.resize((std::size_t{1} << bits) + 1);
  for (const std::uint64_t key : keys) ++top_.begins[(key >> top_.shift) + 1];
  std::partial_sum(top_.begins.begin(), top_.begins.end(), top_.begins.begin());
  top_.keys = std::move(keys);
  top_.pages = std::move(pages);
}

// Where the last key that is not above `key` stands.
[[gnu::always_inline]] inline std::size_t Btree::top_of(std::uint64_t key) const {
  const std::uint64_t place = key >> top_.shift;
  const auto keys = top_.keys.begin();
  return static_cast<std::size_t>(std::upper_bound(keys + top_.begins[place], keys + top_.begins[place + 1], key) - keys) - 1; // the first key is 0
}

[[gnu::always_inline]] inline Bytes Btree::find_in(const Page& leaf, std::uint64_t key, bool& damaged) const {
  const std::size_t index = leaf.last_not_above(key, 0);
  if (index >= leaf.count) {
    damaged |= index > leaf.count;
    return {};
  }
  if (const std::uint8_t* node = leaf.node(index); node != nullptr && Page::key(node) != key) return {};
  const Bytes found = value(leaf, index);
  damaged |= found.empty();
  return found;
}

Bytes Btree::find(std::uint64_t key, bool& damaged) const {
  if (root_ == kNoPage) return {};
  Page at;
  const std::uint64_t number = top_.pages[top_of(key)];
  if (page(number, at) && at.flags == kLeaf) [[likely]] return find_in(at, key, damaged);
  return find_below(number, key, damaged);
}

[[gnu::noinline]] Bytes Btree::find_below(std::uint64_t number, std::uint64_t key, bool& damaged) const {
  Page at;
  for (std::size_t depth = 0; depth < kMost; ++depth) {
    if (!page(number, at)) break;
    if (at.flags == kLeaf) return find_in(at, key, damaged);
    const std::size_t index = at.last_not_above(key, 1);
    const std::uint8_t* node = index < at.count ? at.checked(index) : nullptr;
    if (node == nullptr) break;
    number = Page::child(node);
  }
  damaged = true;
  return {};
}

Error Btree::damage(std::string what, std::uint64_t number) const {
  return {.what = "lattice: " + std::move(what), .file = path_, .offset = number < pages_ ? std::optional(number * page_size_) : std::nullopt};
}

// Depth first. As keys must ascend, a page that is met again ends the walk.
class Btree::Walk : public Cursor {
public:
  explicit Walk(const Btree& tree) : tree_(tree) {}

  Result<bool> next(Record& record) override {
    if (!begun_ && tree_.root_ != kNoPage)
      if (const Result<void> done = descend(tree_.root_); !done) return std::unexpected(done.error());
    begun_ = true;
    while (!stack_.empty()) {
      Level& top = stack_.back();
      if (top.next == top.page.count) {
        stack_.pop_back();
        continue;
      }
      const std::size_t index = top.next++;
      const std::uint8_t* node = top.page.checked(index);
      if (node == nullptr) return broken("a node outside of its page", top.page.number);
      if (top.page.flags == kBranch) {
        if (const Result<void> done = descend(Page::child(node)); !done) return std::unexpected(done.error());
        continue;
      }
      record.key = Page::key(node);
      if (any_ && record.key <= last_) return broken("keys that do not ascend", top.page.number);
      any_ = true;
      last_ = record.key;
      record.value = tree_.value(top.page, index);
      if (record.value.empty()) return broken("a value outside of its page", top.page.number);
      ++count_;
      return true;
    }
    if (count_ != tree_.entries_) return broken("fewer or more records than stated", kNoPage);
    return false;
  }

private:
  struct Level {
    Page page;
    std::size_t next = 0;
  };
  Result<void> descend(std::uint64_t number) {
    Level level;
    // A branch's pages are met once each in a tree: more than there are is a circle.
    if (stack_.size() == kMost || ++entered_ > tree_.pages_ || !tree_.page(number, level.page))
      return std::unexpected(fault("a page that is none of the tree's", number));
    stack_.push_back(level);
    return {};
  }
  Error fault(std::string what, std::uint64_t number) {
    stack_.clear();
    return tree_.damage(std::move(what), number);
  }
  Result<bool> broken(std::string what, std::uint64_t number) { return std::unexpected(fault(std::move(what), number)); }

  const Btree& tree_;
  std::vector<Level> stack_;
  bool begun_ = false, any_ = false;
  std::uint64_t last_ = 0, count_ = 0, entered_ = 0;
};

CursorPtr Btree::records() const { return std::make_unique<Walk>(*this); }

} // namespace packscope::lattice
