// Several rungs as one answer: a stream is asked at the lowest, and climbs while the confidence is below what is wanted.
#pragma once

#include "learn/classifier.h"

#include <array>

namespace packscope::learn {

// What `ast_classifier predict` climbs unless told otherwise: header, first symbols, first 512 bytes of text. (R0 and R1 tell
// next to nothing of a whole blob; R5 costs twenty times R4 for an accuracy within .01.)
inline constexpr std::array<std::string_view, 3> kCascade = {"R2", "R3-16", "R4"};

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

private:
  std::vector<Classifier> classifiers_;
  float confidence_;
};

} // namespace packscope::learn
