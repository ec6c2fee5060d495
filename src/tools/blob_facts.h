// What the ladder says of blobs (language and facts, each with a confidence), and what their declarations say.
#pragma once

#include "learn/cascade.h"
#include "learn/facts.h"
#include "tools/root_streams.h"

#include <array>

namespace packscope::tools {

// Names of the facts in records, in the order of learn::kFacts: by CONTRACT's kinds where a fact is one of them.
inline constexpr std::array<const char*, learn::kFacts.size()> kFactFields = {
    "has_struct", "has_enum", "has_class", "has_trait", "has_implementation", "has_macro", "has_constant", "has_import",
    "has_module", "has_type"};
using FactAnswers = std::array<std::uint32_t, learn::kFactQuestions>; // classes: no and yes, and the bin of functions

struct PredictedFacts {
  FactAnswers answers;
  std::array<float, learn::kFactQuestions> confidences;
};

struct BlobGuess {
  std::string_view language;
  float confidence = 0;
  std::string_view rung;                // the highest that was read
  std::optional<PredictedFacts> facts;  // of the languages that the facts were learned from
  std::string_view facts_rung = {};     // the highest that has facts, up to `rung`
};

// The shipped models; language climbs as learn::kCascade does, facts are asked at a rung that was read for it anyway.
class BlobGuesser {
public:
  // `rung`: ask there alone.
  static Result<BlobGuesser> load(double confidence, const learn::Rung* rung);

  struct Room {
    learn::Cascade::Room language;
    std::vector<learn::Classifier::Room> facts;
  };
  Room room() const;
  BlobGuess guess(const learn::Source& source, Room& room, deflate::Fault& fault) const;

private:
  learn::Cascade language_;
  std::vector<learn::Classifier> facts_; // low rungs first
  std::vector<bool> learned_;            // by class of language: facts were learned from it
  BlobGuesser(learn::Cascade language, std::vector<learn::Classifier> facts);
};

// The bounds of a bin of functions; the last has no upper one.
std::uint64_t function_bin_low(unsigned bin);
std::optional<std::uint64_t> function_bin_high(unsigned bin);

} // namespace packscope::tools
