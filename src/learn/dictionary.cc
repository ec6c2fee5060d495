// A compressor a class, its dictionary already hashed; a text is compressed by copies of them.
#include "learn/dictionary.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>

namespace packscope::learn {
namespace {

// Raw DEFLATE at the highest level; its memory is as large as its hash wants it.
bool open(z_stream& stream) { return deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK; }

} // namespace

struct Dictionaries::State {
  std::vector<std::unique_ptr<z_stream>> primed; // null: a class without texts
  ~State() {
    for (const std::unique_ptr<z_stream>& stream : primed)
      if (stream != nullptr) deflateEnd(stream.get());
  }
};

static std::vector<std::vector<std::uint8_t>> beginnings(const std::vector<std::vector<std::vector<std::uint8_t>>>& texts) {
  std::vector<std::vector<std::uint8_t>> all;
  for (const std::vector<std::vector<std::uint8_t>>& own : texts) {
    std::vector<std::uint8_t>& dictionary = all.emplace_back();
    for (const std::vector<std::uint8_t>& text : own)
      dictionary.insert(dictionary.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(text.size(), Dictionaries::kText)));
  }
  return all;
}

Dictionaries::Dictionaries(const std::vector<std::vector<std::vector<std::uint8_t>>>& texts) : Dictionaries(beginnings(texts)) {}

Dictionaries::Dictionaries(const std::vector<std::vector<std::uint8_t>>& dictionaries) : state_(new State) {
  for (const std::vector<std::uint8_t>& whole : dictionaries) {
    const Bytes dictionary = Bytes(whole).last(std::min(whole.size(), kBytes));
    std::unique_ptr<z_stream>& stream = state_->primed.emplace_back();
    if (dictionary.empty()) continue;
    stream = std::make_unique<z_stream>();
    if (!open(*stream)) throw std::bad_alloc(); // the only way to fail
    deflateSetDictionary(stream.get(), dictionary.data(), static_cast<uInt>(dictionary.size()));
  }
}
Dictionaries::Dictionaries(Dictionaries&&) noexcept = default;
Dictionaries::~Dictionaries() = default;

std::vector<std::uint64_t> Dictionaries::bits(Bytes text) const {
  std::vector<std::uint64_t> bits;
  for (const std::unique_ptr<z_stream>& primed : state_->primed) {
    bits.push_back(UINT64_MAX);
    if (primed == nullptr) continue;
    z_stream copy{};
    if (deflateCopy(&copy, primed.get()) != Z_OK) throw std::bad_alloc();
    std::uint8_t out[kText * 2 + 64]; // a stored block at worst
    copy.next_in = const_cast<Bytef*>(text.data());
    copy.avail_in = static_cast<uInt>(std::min(text.size(), kText));
    copy.next_out = out;
    copy.avail_out = sizeof out;
    // Z_BLOCK leaves the last bits unwritten, and so countable.
    unsigned pending = 0;
    int pending_bits = 0;
    ::deflate(&copy, Z_BLOCK);
    deflatePending(&copy, &pending, &pending_bits);
    bits.back() = (std::uint64_t{copy.total_out} + pending) * 8 + static_cast<unsigned>(pending_bits);
    deflateEnd(&copy);
  }
  return bits;
}

Dictionaries::Answer Dictionaries::answer(Bytes text) const {
  const std::vector<std::uint64_t> all = bits(text);
  const std::size_t least = static_cast<std::size_t>(std::ranges::min_element(all) - all.begin());
  double sum = 0;
  for (const std::uint64_t own : all)
    if (own != UINT64_MAX) sum += std::exp2(-static_cast<double>(own - all[least]));
  return {.label = static_cast<std::uint32_t>(least), .confidence = static_cast<float>(1.0 / std::max(1.0, sum))};
}

std::vector<std::uint8_t> inflate_beginning(Bytes zlib, std::size_t limit) {
  std::vector<std::uint8_t> text(limit);
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  stream.next_in = const_cast<Bytef*>(zlib.data());
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(zlib.size(), UINT32_MAX));
  stream.next_out = text.data();
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(limit, UINT32_MAX));
  inflate(&stream, Z_SYNC_FLUSH); // a fault leaves what came before it
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

} // namespace packscope::learn
