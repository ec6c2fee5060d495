// What trains and runs a network: the CPU's backend (learn/cpu), others beside it.
//
// The idea: a call is a whole epoch, or a whole matrix of samples, never one sample; so a backend on another device
// keeps weights and samples there between calls. What a training run computes is defined here, exactly: minibatches of
// `order` in order, mean cross-entropy of the softmax, Adam (Kingma & Ba 2015) with decoupled weight decay (AdamW).
// Backends may differ in rounding; the CPU's rounds the same way on every processor.
#pragma once

#include "learn/network.h"
#include "learn/row.h"

#include <memory>
#include <span>

namespace packscope::learn {

// `inputs`: row after row of Shape::inputs() numbers, or else `rows`: those that are not 0. `labels`: one a row and
// question, each below the question's classes.
struct Samples {
  std::span<const float> inputs;
  std::span<const std::uint32_t> labels;
  const Rows* rows = nullptr;

  std::size_t size(const Shape& shape) const { return labels.size() / shape.questions(); }
};

struct Adam {
  float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
  float weight_decay = 0.0f; // of weights, not of biases; times the learning rate, a step
};

// Both measured during the pass: each minibatch with the weights it met.
struct EpochResult {
  double loss = 0; // mean over the samples
  std::uint64_t correct = 0; // answers, of all questions
};

class Session { // one training run
public:
  virtual ~Session() = default;
  // One pass over the samples that `order` names (each below Samples::size()).
  virtual Result<EpochResult> epoch(std::span<const std::uint32_t> order, std::uint32_t batch, float learning_rate) = 0;
  // Copies the parameters out, laid out as network.h says.
  virtual Result<void> read_parameters(std::span<float> out) = 0;
};

class Backend {
public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0; // "cpu (avx512, 8 threads)"
  // `samples` must outlive the session.
  virtual Result<std::unique_ptr<Session>> start(const Shape& shape, std::span<const float> parameters,
                                                 const Samples& samples, const Adam& adam) = 0;
  // Logits of every row: out.size() == rows * classes.
  virtual Result<void> logits(const Shape& shape, std::span<const float> parameters, std::span<const float> inputs,
                              std::span<float> out) = 0;
  virtual Result<void> logits(const Shape& shape, std::span<const float> parameters, const Rows& rows,
                              std::span<float> out) {
    return logits(shape, parameters, rows.dense(), out);
  }
  // Mean loss over all samples and its gradient, laid out as the parameters: what tests compare backends by.
  virtual Result<double> gradient(const Shape& shape, std::span<const float> parameters, const Samples& samples,
                                  std::span<float> out) = 0;
};

enum class BackendKind : std::uint8_t { automatic, cpu, cuda };
struct Chosen {
  std::unique_ptr<Backend> backend;
  std::string line; // "backend: cpu (avx512, 2 threads): no CUDA backend in this build"
};
// An Error where the kind asked for cannot run here.
Result<Chosen> choose_backend(BackendKind kind, unsigned threads);

} // namespace packscope::learn
