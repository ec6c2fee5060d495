// Streams to decode, and zlib as the oracle of what they hold.
#pragma once

#include "deflate/symbols.h"

#include <zlib.h>

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace packscope::test {

using Buffer = std::vector<std::uint8_t>;

// Text like source: few words, much indentation, some repetition.
inline std::string source_text(std::size_t size, std::uint64_t seed) {
  static constexpr const char* kWords[] = {
      "int ", "return ", "const ", "value", "index", "(", ")",       ";\n  ", " = ", "{\n",
      "}\n",  "std::",   "size",   "if (",  " < ",   "0", "// the ", "->",    "::",  "#include <"};
  std::mt19937_64 random(seed);
  std::string text;
  while (text.size() < size) {
    if (random() % 5 == 0)
      text += std::to_string(random() % 10000);
    else if (random() % 9 == 0)
      text += static_cast<char>('a' + random() % 26);
    else
      text += kWords[random() % std::size(kWords)];
  }
  text.resize(size);
  return text;
}

inline std::string random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

struct DeflateOptions {
  int level = 6;
  int strategy = Z_DEFAULT_STRATEGY;
  int window_bits = 15; // negative: no zlib header
  int mem_level = 8;
  std::size_t flush_every = 0; // 0: never; a flush ends the block and adds an empty stored one
  int flush = Z_SYNC_FLUSH;
};

inline Buffer deflate_text(const std::string& text, const DeflateOptions& options = {}) {
  z_stream stream = {};
  if (deflateInit2(&stream, options.level, Z_DEFLATED, options.window_bits, options.mem_level,
                   options.strategy) != Z_OK)
    throw std::runtime_error("deflateInit2");
  Buffer out(deflateBound(&stream, text.size()) + 64 +
             (options.flush_every ? text.size() / options.flush_every * 16 : 0));
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  std::size_t left = text.size();
  while (options.flush_every != 0 && left > options.flush_every) {
    stream.avail_in = static_cast<uInt>(options.flush_every);
    left -= options.flush_every;
    if (::deflate(&stream, options.flush) != Z_OK) throw std::runtime_error("deflate, flush");
  }
  stream.avail_in = static_cast<uInt>(left);
  if (::deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate, finish");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct Inflated {
  deflate::Fault fault = deflate::Fault::none;
  std::string output;       // up to the fault
  std::size_t consumed = 0; // bytes; where there is no fault
};

// What zlib's inflate says of a raw stream, its messages in our words.
inline Inflated zlib_inflate(Bytes raw) {
  using deflate::Fault;
  static constexpr std::pair<std::string_view, Fault> kMessages[] = {
      {"invalid block type", Fault::block_type},
      {"invalid stored block lengths", Fault::stored_length},
      {"too many length or distance symbols", Fault::too_many_lengths},
      {"invalid code lengths set", Fault::code_length_code},
      {"invalid bit length repeat", Fault::code_length_repeat},
      {"invalid code -- missing end-of-block", Fault::no_end_of_block},
      {"invalid literal/lengths set", Fault::literal_code},
      {"invalid distances set", Fault::distance_code},
      {"invalid literal/length code", Fault::symbol},
      {"invalid distance code", Fault::symbol},
      {"invalid distance too far back", Fault::distance}};
  z_stream stream = {};
  if (inflateInit2(&stream, -15) != Z_OK) throw std::runtime_error("inflateInit2");
  Inflated inflated;
  stream.next_in = const_cast<Bytef*>(raw.data());
  stream.avail_in = static_cast<uInt>(raw.size());
  char buffer[16384];
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    status = inflate(&stream, Z_NO_FLUSH);
    inflated.output.append(buffer, sizeof buffer - stream.avail_out);
  }
  inflated.consumed = stream.total_in;
  if (status == Z_BUF_ERROR) inflated.fault = Fault::truncated;
  if (status == Z_DATA_ERROR) {
    bool known = false;
    for (const auto& [message, fault] : kMessages)
      if (message == stream.msg) inflated.fault = fault, known = true;
    if (!known) throw std::runtime_error(stream.msg);
  }
  inflateEnd(&stream);
  return inflated;
}

// The same from our symbols; where anything about them is not contiguous, that throws.
struct Decoded : Inflated {
  std::uint64_t end_bit = 0;
  std::vector<deflate::BlockHeader> blocks;
  std::vector<deflate::Symbol> symbols;
};
inline void must(bool condition, const char* what) {
  if (!condition) throw std::logic_error(what);
}
inline Decoded decode(Bytes input, std::uint64_t first_bit = 0) {
  using Step = deflate::SymbolReader::Step;
  Decoded decoded;
  deflate::SymbolReader reader(input, first_bit);
  std::uint64_t bit = first_bit;
  for (;;) {
    deflate::Symbol symbol;
    const Step step = reader.next(symbol);
    if (step == Step::block) {
      must(reader.block().bit_begin == bit, "a block begins where the last one ended");
      must(reader.block().bit_end > bit, "a block header has bits");
      bit = reader.block().bit_end;
      decoded.blocks.push_back(reader.block());
    } else if (step == Step::symbol) {
      must(symbol.bit_begin == bit, "a symbol begins where the last one ended");
      must(symbol.out_begin == decoded.output.size(), "output begins where the last one's ended");
      bit = symbol.bit_end;
      decoded.output.resize(decoded.output.size() + symbol.length);
      must(deflate::apply(symbol, input,
                          {reinterpret_cast<std::uint8_t*>(decoded.output.data()), decoded.output.size()}),
           "a symbol's output fits");
      decoded.symbols.push_back(symbol);
    } else {
      must(reader.next(symbol) == step, "the last step repeats");
      must(reader.produced() == decoded.output.size(), "produced is what the symbols made");
      must(reader.position() <= input.size() * 8, "the position is inside the input");
      if (step == Step::end)
        must(reader.position() == bit, "the stream ends where the last symbol ended");
      else
        must(reader.position() >= bit || reader.position() == input.size() * 8,
             "the fault is behind the last symbol");
      decoded.fault = reader.fault();
      decoded.end_bit = bit;
      decoded.consumed = (bit + 7) / 8;
      return decoded;
    }
  }
}

} // namespace packscope::test
