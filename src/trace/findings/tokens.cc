// Finding: every token of the sample's source has its place in the compressed bits.
//
// That each token has bits follows from DEFLATE itself, once a stream is walked symbol by symbol; how many share none of
// their bits with a neighbour says how sharp the map is.
#include "trace/findings/finding.h"

#include "base/text.h"
#include "deflate/inflate.h"
#include "syntax/parse.h"
#include "trace/symbol_table.h"

#include <algorithm>

namespace packscope::trace {

Result<void> find_tokens(const FindingsInput& input, Finding& out) {
  out.id = "tokens-mapped";
  out.claim = "Each token of the source maps to the compressed bits that carry it";
  out.theirs = 337;
  out.theirs_text = "337 tokens";
  out.unit = "tokens";
  const Bytes text = as_bytes(input.sample);
  syntax::Grammars grammars;
  syntax::Parser parser(grammars);
  syntax::Parsed parsed;
  const syntax::Language language = syntax::language_of(input.sample_path);
  if (const Result<void> done = parser.parse(language, text, parsed); !done) return done;
  if (parsed.tokens.empty())
    return fail("no tokens: language " + std::string(syntax::name(language)) + " has no grammar here", input.sample_path);

  const std::vector<std::uint8_t> stream = learn::compress(text);
  const std::expected<SymbolTable, SymbolTable::Failure> table = SymbolTable::build(stream, std::uint64_t{1} << 30);
  std::vector<std::uint8_t> inflated(text.size());
  std::size_t consumed = 0;
  if (!table || table->output_size() != text.size() ||
      deflate::Inflater().zlib(stream, inflated, consumed) != deflate::Fault::none || !std::ranges::equal(inflated, text))
    return fail("the sample's own stream does not decode to it", input.sample_path);

  std::vector<BitRange> bits;
  for (const syntax::Token& token : parsed.tokens) bits.push_back(table->bits_of(token.begin, token.end));
  std::uint64_t mapped = 0, alone = 0, literal = 0, token_bits = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i].bit_begin >= bits[i].bit_end || bits[i].bit_end > table->bit_end()) continue;
    ++mapped;
    token_bits += bits[i].bit_end - bits[i].bit_begin;
    literal += bits[i].matches == 0;
    alone += (i == 0 || bits[i - 1].bit_end <= bits[i].bit_begin) &&
             (i + 1 == bits.size() || bits[i].bit_end <= bits[i + 1].bit_begin);
  }
  const double count = static_cast<double>(parsed.tokens.size());
  out.ours = static_cast<double>(mapped);
  out.verdict = mapped == parsed.tokens.size()               ? Verdict::holds
                : static_cast<double>(mapped) >= 0.9 * count ? Verdict::in_part
                                                             : Verdict::does_not_hold;
  out.why = human_count(mapped) + " of " + human_count(parsed.tokens.size()) + " tokens (" +
            percent(static_cast<double>(mapped) / count) + ") of the sample, by tree-sitter's grammar of " +
            std::string(syntax::name(language)) + ", have bits in its zlib stream; a token takes " +
            figure(static_cast<double>(token_bits) / std::max(1.0, static_cast<double>(mapped))) + " bits, " +
            percent(static_cast<double>(alone) / count) + " share none with the token before or after, " +
            percent(static_cast<double>(literal) / count) +
            " are literals alone. Holds if all have bits, in part from 90 % on; the count depends on text and grammar.";
  return {};
}

} // namespace packscope::trace
