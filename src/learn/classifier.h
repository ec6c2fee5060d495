// A model ready to answer one stream at a time: features read, network run, nothing allocated.
//
// The idea: at a few thousand instructions an answer, a matrix for a batch would cost more than the arithmetic in it. The
// row of features goes straight into the first layer, a row of weights each; the rest is a hundred numbers.
#pragma once

#include "learn/model.h"

#include <memory>

namespace packscope::learn {

class Classifier {
public:
  explicit Classifier(Model model);
  Classifier(Classifier&&) noexcept;
  ~Classifier();

  const Model& model() const;
  // What answer() works in: one a thread.
  class Room {
  public:
    std::span<const float> probabilities() const { return probabilities_; } // of each question's classes, one after the other

  private:
    friend class Classifier;
    std::vector<Unit> units_;
    std::vector<Feature> valued_;
    std::vector<float> dense_, layers_[2], probabilities_, head_;
  };
  Room room() const;

  struct Answer {
    std::uint32_t label = 0;  // of the first question
    float confidence = 0;
    deflate::Fault fault = deflate::Fault::none; // of the stream, as far as the rung reads it
  };
  Answer answer(const Source& source, Room& room) const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace packscope::learn
