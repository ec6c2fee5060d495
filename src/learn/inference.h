// One stream's answer by a network that is laid out for it, in memory that the caller has: the arithmetic behind
// Classifier, and of the image that answers without an OS (boot/).
//
// The idea: at a few thousand instructions an answer, a matrix for a batch would cost more than the arithmetic in it. The
// row of features goes straight into the first layer, a row of weights each; the rest is a hundred numbers. Sums run in
// the order in which the rung reads its features: the same bits everywhere.
#pragma once

#include "learn/cpu/kernels.h"
#include "learn/rung.h"

#include <array>

namespace packscope::learn {

struct InferenceLayer {
  std::size_t inputs = 0, columns = 0; // columns: outputs padded to cpu::kLanes
  const float* weight = nullptr;       // rows of `columns`; of the first layer as the rung folds them
  const float* bias = nullptr;         // `columns`
};

// Does not own what it points to.
struct Inference {
  const Rung* rung = nullptr;
  const cpu::Kernels* kernels = nullptr;
  Activation activation = Activation::relu;
  float temperature = 1.0f;
  std::span<const InferenceLayer> layers;   // at least one
  std::span<const std::uint32_t> heads;     // classes of each question, at least one
  std::span<const float> mean, scale;       // one a feature where the rung is standardised
};

// What an answer is worked out in: one a thread.
struct InferenceRoom {
  std::span<Unit> units;
  std::span<Feature> valued;
  std::span<float> dense, head, probabilities; // of each question's classes, one after the other
  std::array<std::span<float>, 2> layers;
};
struct InferenceAnswer {
  std::uint32_t label = 0; // of the first question
  float confidence = 0;
  deflate::Fault fault = deflate::Fault::none; // of the stream, as far as the rung reads it
};
InferenceAnswer answer(const Inference& network, const Source& source, const InferenceRoom& room);

// Bytes that a room takes, and a room made in as many, which lie on a 64-byte boundary and are zero.
std::size_t inference_room_bytes(const Inference& network);
InferenceRoom inference_room(const Inference& network, std::span<std::uint8_t> bytes);

} // namespace packscope::learn
