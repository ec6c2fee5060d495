// A model ready to answer one stream at a time, and what it answers in: the owner of what an Inference points to.
#pragma once

#include "learn/cpu/buffer.h"
#include "learn/inference.h"
#include "learn/model.h"

#include <memory>

namespace packscope::learn {

class Classifier {
public:
  explicit Classifier(Model model);
  Classifier(Classifier&&) noexcept;
  ~Classifier();

  const Model& model() const;
  const Inference& network() const; // as long as this lives

  // What answer() works in: one a thread.
  class Room {
  public:
    std::span<const float> probabilities() const { return room_.probabilities; } // of each question's classes, one after the other

  private:
    friend class Classifier;
    cpu::Buffer memory_;
    InferenceRoom room_;
  };
  Room room() const;

  using Answer = InferenceAnswer;
  Answer answer(const Source& source, Room& room) const { return learn::answer(network(), source, room.room_); }

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace packscope::learn
