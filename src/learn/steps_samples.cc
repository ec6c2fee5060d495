// One pass over each stream's first blocks; a few places of each kind are drawn from every block.
#include "learn/steps_samples.h"

#include "deflate/canonical_code.h"
#include "deflate/symbols.h"
#include "deflate/zlib_stream.h"
#include "learn/random.h"

#include <algorithm>
#include <memory>

namespace packscope::learn {
namespace {

using deflate::BlockHeader;
using deflate::BlockType;
using deflate::CanonicalCode;
using deflate::Fault;

constexpr unsigned kHeaderBits = 17, kCodeLengthSymbols = 19, kCodeLengthBits = 7, kLiterals = 286, kDistances = 30, kWordBits = 15;
constexpr unsigned kDrawn = 8;        // symbols of a block, of each kind
// RFC 1951, 3.2.5: how many bits follow a length symbol.
constexpr std::array<std::uint8_t, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

void add_bits(BitReader& reader, unsigned bits, std::size_t first, Row& row) {
  for (unsigned i = 0; i < bits; ++i)
    if (reader.take(1) != 0) row.add(first + i);
}
void add_lengths(std::span<const std::uint8_t> lengths, unsigned longest, Row& row) { // one-hot: exact, and as short a row
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] != 0) row.add(i * longest + lengths[i] - 1u);
}

// The code length code's lengths, by symbol; the reader is left at the first code length.
std::array<std::uint8_t, kCodeLengthSymbols> read_code_lengths(const Source& source, BitReader& reader) {
  reader = BitReader(source.zlib, source.block->bit_begin + kHeaderBits);
  std::array<std::uint8_t, kCodeLengthSymbols> lengths = {};
  for (unsigned i = 0; i < source.block->code_length_lengths; ++i) lengths[deflate::kCodeLengthOrder[i]] = static_cast<std::uint8_t>(reader.take(3));
  return lengths;
}

Fault read_header_bits(const Source& source, Row& row) {
  BitReader reader(source.zlib, source.bit);
  add_bits(reader, kHeaderBits, 0, row);
  return Fault::none;
}
Fault read_code_length(const Source& source, Row& row) {
  BitReader reader(source.zlib);
  add_lengths(read_code_lengths(source, reader), kCodeLengthBits, row);
  reader = BitReader(source.zlib, source.bit);
  add_bits(reader, kCodeLengthBits, kCodeLengthSymbols * kCodeLengthBits, row);
  return Fault::none;
}
Fault read_literal(const Source& source, Row& row) {
  add_lengths(std::span(source.block->literal).first(kLiterals), kWordBits, row);
  BitReader reader(source.zlib, source.bit);
  add_bits(reader, kWordBits, kLiterals * kWordBits, row);
  return Fault::none;
}
Fault read_distance(const Source& source, Row& row) {
  add_lengths(std::span(source.block->distance).first(kDistances), kWordBits, row);
  BitReader reader(source.zlib, source.bit);
  add_bits(reader, kWordBits, kDistances * kWordBits, row);
  return Fault::none;
}
// Used or not, and the length as the logarithm it stands for: the closed form is one weight of 1 a byte.
Fault read_lengths(const Source& source, Row& row) {
  for (std::size_t i = 0; i < kLiterals; ++i)
    if (const unsigned length = source.block->literal[i]; length != 0) {
      row.add(i);
      row.add(kLiterals + i, 0.6931472f * static_cast<float>(16 - length));
    }
  return Fault::none;
}

std::uint64_t compute_header(const Source& source) {
  BitReader reader(source.zlib, source.bit);
  std::uint64_t sum = reader.take(1);
  for (const unsigned bits : {2u, 5u, 5u, 4u}) sum += reader.take(bits);
  return sum;
}
std::uint64_t decode_one(std::span<const std::uint8_t> lengths, const Source& source) {
  CanonicalCode code;
  code.build(lengths);
  BitReader reader(source.zlib, source.bit);
  unsigned length = 0;
  return static_cast<std::uint64_t>(code.decode(reader.peek_word(), length));
}
std::uint64_t compute_code_length(const Source& source) {
  BitReader reader(source.zlib);
  return decode_one(read_code_lengths(source, reader), source);
}
std::uint64_t compute_literal(const Source& source) { return decode_one(std::span(source.block->literal).first(kLiterals), source); }
std::uint64_t compute_distance(const Source& source) { return decode_one(std::span(source.block->distance).first(kDistances), source); }
std::uint64_t compute_histogram(const Source& source) { return static_cast<std::uint64_t>(histogram(source)[' '] * 1000); }

Task task_of(std::string name, std::vector<std::pair<std::string, unsigned>> questions) {
  Task task{std::move(name), TaskKind::place, {}, {}};
  for (const auto& [question, classes] : questions) {
    task.questions.push_back({question, {}});
    for (unsigned i = 0; i < classes; ++i) task.questions.back().labels.push_back(std::to_string(i));
    for (const std::string& label : task.questions.back().labels) task.labels.push_back(question + ":" + label);
  }
  return task;
}

// The places of one stream.
class Finder {
public:
  Finder(const StepStream& stream, std::uint32_t index, std::uint64_t seed, StepPlaces& places)
      : stream_(stream), index_(index), random_(seed, (std::uint64_t{3} << 32) | index), places_(places),
        out_(stream.test ? places.test : places.train) {}

  void find() {
    constexpr unsigned kBlocks = 3; // of one stream: a large blob is one of many
    auto reader = std::make_unique<deflate::SymbolReader>(stream_.zlib, deflate::kZlibHeaderBits);
    deflate::Symbol symbol;
    unsigned blocks = 0;
    for (;;) {
      const deflate::SymbolReader::Step step = reader->next(symbol);
      if (step == deflate::SymbolReader::Step::block && blocks < kBlocks) {
        finish_block();
        ++blocks;
        begin_block(reader->block());
      } else if (step == deflate::SymbolReader::Step::symbol) {
        if (symbol.kind != deflate::SymbolKind::stored) symbols_.push_back(symbol);
      } else {
        break;
      }
    }
    finish_block();
  }

private:
  void add(std::size_t step, std::uint64_t bit, std::vector<std::uint32_t> labels) {
    out_[step].push_back({index_, static_cast<std::uint32_t>(places_.headers.size() - 1), bit, std::move(labels)});
  }

  void begin_block(const BlockHeader& header) {
    places_.headers.push_back(header);
    header_ = &places_.headers.back(); // of this block alone: the vector grows with the next
    const bool dynamic = header.type == BlockType::dynamic;
    // What another type of block has not is a class of its own, the last.
    add(0, header.bit_begin, {static_cast<std::uint32_t>(header.type), dynamic ? header.literal_lengths - 257u : 32u,
                              dynamic ? header.distance_lengths - 1u : 32u, dynamic ? header.code_length_lengths - 4u : 16u});
    if (!dynamic) return;
    add_code_lengths();
    // A stream of one block: its lengths tell of all the text.
    if (header.final && header.bit_begin == deflate::kZlibHeaderBits && stream_.inflated_size >= 64) add(kHistogram, header.bit_end, {});
  }

  void add_code_lengths() {
    const Source source{.zlib = stream_.zlib, .block = header_};
    BitReader reader(stream_.zlib);
    CanonicalCode code;
    code.build(read_code_lengths(source, reader));
    std::vector<std::pair<std::uint64_t, std::uint32_t>> all;
    for (unsigned have = 0; have < unsigned{header_->literal_lengths} + header_->distance_lengths;) {
      reader.refill();
      unsigned length = 0;
      const std::uint64_t at = reader.position();
      const int symbol = code.decode(reader.peek_word(), length);
      if (symbol < 0) return; // read_block_header() let it through: not met
      reader.consume(length);
      all.emplace_back(at, static_cast<std::uint32_t>(symbol));
      have += symbol < 16 ? 1u : 0u;
      if (symbol == 16) have += 3 + static_cast<unsigned>(reader.take(2));
      if (symbol == 17) have += 3 + static_cast<unsigned>(reader.take(3));
      if (symbol == 18) have += 11 + static_cast<unsigned>(reader.take(7));
    }
    for (unsigned i = 0; i < kDrawn && !all.empty(); ++i) {
      const auto& [bit, symbol] = all[random_.below(static_cast<std::uint32_t>(all.size()))];
      add(1, bit, {symbol});
    }
  }

  void finish_block() {
    if (header_ != nullptr && header_->type == BlockType::dynamic && !symbols_.empty()) {
      CanonicalCode literals, distances;
      literals.build(std::span(header_->literal).first(kLiterals));
      distances.build(std::span(header_->distance).first(kDistances));
      for (unsigned drawn = 0, i = 0; i < 4 * kDrawn && drawn < kDrawn; ++i) {
        const deflate::Symbol& symbol = symbols_[random_.below(static_cast<std::uint32_t>(symbols_.size()))];
        BitReader reader(stream_.zlib, symbol.bit_begin);
        unsigned length = 0;
        const std::uint32_t value = static_cast<std::uint32_t>(literals.decode(reader.peek_word(), length));
        if (i < kDrawn) add(2, symbol.bit_begin, {value});
        if (symbol.kind != deflate::SymbolKind::match) continue;
        const std::uint64_t at = symbol.bit_begin + length + kLengthExtra[std::min<std::uint32_t>(value - 257u, 28u)];
        reader = BitReader(stream_.zlib, at);
        add(3, at, {static_cast<std::uint32_t>(distances.decode(reader.peek_word(), length))});
        ++drawn;
      }
    }
    symbols_.clear();
    header_ = nullptr;
  }

  const StepStream& stream_;
  const std::uint32_t index_;
  Random random_;
  StepPlaces& places_;
  std::array<std::vector<StepPlace>, kLearnedSteps>& out_;
  const BlockHeader* header_ = nullptr;
  std::vector<deflate::Symbol> symbols_;
};

} // namespace

const std::vector<Step>& learned_steps() {
  static const std::vector<Step> kSteps = [] {
    std::vector<Step> steps;
    steps.push_back({"the first 17 bits",
                     {"header bits", "the first 17 bits of a block", kHeaderBits, kHeaderBits, 0, SIZE_MAX, false, read_header_bits},
                     task_of("block header", {{"block type", 3}, {"HLIT", 33}, {"HDIST", 33}, {"HCLEN", 17}}), {64}, compute_header});
    steps.push_back({"19 code length code lengths, the next 7 bits",
                     {"code length bits", "the code length code and the next bits", (kCodeLengthSymbols + 1) * kCodeLengthBits,
                      kCodeLengthSymbols + kCodeLengthBits, 0, SIZE_MAX, false, read_code_length},
                     task_of("code length symbol", {{"", kCodeLengthSymbols}}), {256}, compute_code_length});
    steps.push_back({"286 code lengths, the next 15 bits",
                     {"literal bits", "the literal/length code and the next bits", (kLiterals + 1) * kWordBits,
                      kLiterals + kWordBits, 0, SIZE_MAX, false, read_literal},
                     task_of("literal/length symbol", {{"", kLiterals}}), {128}, compute_literal});
    steps.push_back({"30 code lengths, the next 15 bits",
                     {"distance bits", "the distance code and the next bits", (kDistances + 1) * kWordBits,
                      kDistances + kWordBits, 0, SIZE_MAX, false, read_distance},
                     task_of("distance symbol", {{"", kDistances}}), {256}, compute_distance});
    steps.push_back({"286 code lengths",
                     {"lengths", "the literal/length code", kLiterals * 2, kLiterals, kLiterals, SIZE_MAX, false, read_lengths},
                     task_of("text's histogram", {{"", 256}}), {}, compute_histogram});
    return steps;
  }();
  return kSteps;
}

StepPlaces find_places(const std::vector<StepStream>& streams, const StepOptions& options) {
  constexpr std::size_t kBytes = 8; // of a text, to learn its histogram from
  StepPlaces places;
  for (std::uint32_t i = 0; i < streams.size(); ++i) Finder(streams[i], i, options.seed, places).find();
  for (std::size_t step = 0; step < kLearnedSteps; ++step) {
    const auto cut = [&](std::vector<StepPlace>& all, std::size_t most, std::uint64_t which) {
      Random(options.seed, (std::uint64_t{4} << 32) | (step * 2 + which)).shuffle(std::span(all));
      all.resize(std::min(all.size(), most));
    };
    // The histogram is learned from bytes that are drawn from the text.
    cut(places.train[step], step == kHistogram ? options.train / kBytes : options.train, 0);
    cut(places.test[step], step == kHistogram ? options.test / kBytes : options.test, 1);
  }
  Random random(options.seed, std::uint64_t{5} << 32);
  std::vector<StepPlace> drawn;
  for (const StepPlace& place : places.train[kHistogram]) {
    const std::array<double, 256> shares = histogram(source_at(streams, places, place));
    for (unsigned i = 0; i < kBytes; ++i) {
      double at = (static_cast<double>(random.symmetric()) + 1.0) / 2.0;
      std::uint32_t byte = 0;
      while (byte < 255 && (at -= shares[byte]) >= 0) ++byte;
      drawn.push_back(place);
      drawn.back().labels = {byte};
    }
  }
  places.train[kHistogram] = std::move(drawn);
  return places;
}

Source source_at(const std::vector<StepStream>& streams, const StepPlaces& places, const StepPlace& place) {
  const StepStream& stream = streams[place.stream];
  return {.zlib = stream.zlib, .inflated_size = stream.inflated_size, .packed_size = stream.zlib.size(),
          .block = &places.headers[place.header], .bit = place.bit};
}

std::array<double, 256> histogram(const Source& source) {
  std::vector<std::uint8_t> text(source.inflated_size);
  deflate::SymbolReader reader(source.zlib, deflate::kZlibHeaderBits);
  deflate::Symbol symbol;
  for (deflate::SymbolReader::Step step; (step = reader.next(symbol)) < deflate::SymbolReader::Step::end;)
    if (step == deflate::SymbolReader::Step::symbol && !deflate::apply(symbol, source.zlib, text)) break;
  std::array<std::uint64_t, 256> counts = {};
  const std::size_t made = std::min<std::size_t>(text.size(), reader.produced());
  for (std::size_t i = 0; i < made; ++i) ++counts[text[i]];
  std::array<double, 256> shares = {};
  for (std::size_t i = 0; i < shares.size(); ++i)
    shares[i] = made == 0 ? 0.0 : static_cast<double>(counts[i]) / static_cast<double>(made);
  return shares;
}

} // namespace packscope::learn
