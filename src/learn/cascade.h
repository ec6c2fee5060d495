// Several rungs as one answer: a stream is asked at the lowest, and climbs while the confidence is below what is wanted.
#pragma once

#include "learn/classifier.h"

#include <algorithm>
#include <array>

namespace packscope::learn {

// What `ast_classifier predict --doubt 0` climbs: header, first symbols, first 512 bytes of text. (R0 and R1 tell
// next to nothing of a whole blob.) Where deltas in doubt are resolved the whole text comes last: R5 costs six times R4, but
// what it says changes less than half as often between a file and its next version.
inline constexpr std::array<std::string_view, 3> kCascade = {"R2", "R3-16", "R4"};
inline constexpr std::string_view kLastResort = "R5";
constexpr bool climbs_to(std::string_view rung, bool resolves) {
  return std::find(kCascade.begin(), kCascade.end(), rung) != kCascade.end() || (resolves && rung == kLastResort);
}

class Cascade {
public:
  // `models`: of one task, at least one, low rungs first. Confidences are the models' calibrated ones.
  Cascade(std::vector<Model> models, double confidence);

  const std::vector<Classifier>& classifiers() const { return classifiers_; }
  using Room = std::vector<Classifier::Room>; // one a thread
  Room room() const;

  struct Answer : Classifier::Answer {
    std::uint8_t rung = 0; // index into classifiers(): the one that answered
  };
  // The first confident answer, else the last rung's. A fault of the stream ends the climb: what could be read answers.
  Answer answer(const Source& source, Room& room) const;

  // The last rung is of text alone, as R5 is: what is resolved is asked there without being compressed first.
  bool ends_in_text() const { return classifiers_.back().model().rung->of_text; }
  // Of an object whose text is at hand, and which would be `packed_size` bytes as a stream, as far as anybody knows: at the
  // last rung. A cascade that does not end in text is asked from below of the text as zlib compresses it.
  Answer answer_text(Bytes text, std::uint64_t packed_size, Room& room) const;

private:
  std::vector<Classifier> classifiers_;
  float confidence_;
};

} // namespace packscope::learn
