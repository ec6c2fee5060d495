// The CPU backend's inner loops, one copy an instruction set, chosen when the program runs.
//
// The idea: every number is ONE sum taken in index order by one thread. Lanes run over a row's columns, never over what
// is summed, so neither the width of a register, nor how many rows a copy holds in registers, nor how threads share the
// rows can change a bit of the result.
#pragma once

#include "learn/network.h"
#include "learn/row.h"

#include <span>

namespace packscope::learn::cpu {

inline constexpr std::size_t kLanes = 16; // floats; rows of every buffer are padded to a multiple
constexpr std::size_t padded(std::size_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

enum class Level : std::uint8_t { baseline, avx2, avx512 };
std::string_view name(Level level);
// What this processor runs, lowest first: never empty. (Not x86-64: the baseline alone.)
std::span<const Level> supported_levels();

// C[r][c] = start[c] + sum over k of A(r, k) * B[k][c], with A(r, k) = a[r * a_row + k * a_step]. A null start is 0.
// `columns` is a multiple of 16; rows of B lie `columns` apart, rows of C too. All three products of a dense layer
// are this: forward (A = inputs), gradient of weights (A = inputs, transposed), gradient of inputs (B = transposed weights).
struct Product {
  const float* a;
  std::size_t a_row, a_step;
  const float* b;
  const float* start;
  float* c;
  std::size_t rows, depth, columns;
};

// out[c] = start[c] + sum over units of b[index][c] + sum over the row's features of value * b[index][c], in order: a
// product whose A is mostly 0.
struct SparseProduct {
  std::span<const Unit> units = {};
  std::span<const Feature> row;
  const float* b;
  const float* start;
  float* out;
  std::size_t columns; // a multiple of 16; rows of B lie as far apart
};

// The rest of an answer to one question of at most 16 classes, of a network with one hidden layer of at most kMostHidden
// units: out = softmax((activated hidden * b + start) / temperature). Rows of b lie 16 apart, `depth` of them.
inline constexpr std::size_t kMostHidden = 256;
struct LastLayer {
  const float* hidden;
  const float* b;
  const float* start;
  float* out; // padded(classes); padding becomes 0
  std::size_t depth, classes;
  Activation activation;
  float inverse_temperature;
};

struct AdamStep {
  float beta1, beta2, epsilon;
  float rate;               // learning rate / (1 - beta1^t)
  float inverse_root_bias2; // 1 / sqrt(1 - beta2^t)
  float decay;              // learning rate * weight decay; 0 for biases
};

// One row's end of the forward pass.
struct RowLoss {
  float loss;
  std::uint32_t right; // how many of its questions' first greatest logits are the labels
};

struct Kernels {
  void (*product)(const Product&);
  void (*sparse_product)(const SparseProduct&);
  // b[index][c] += value * row[c] for every feature: what a sample's row asks of the first layer's gradient.
  void (*add_outer)(std::span<const Feature> features, const float* row, float* b, std::size_t columns);
  std::uint32_t (*last_layer)(const LastLayer&); // the first greatest class
  // Counts are multiples of 16.
  void (*activate)(Activation, float* values, std::size_t count);
  // delta *= the activation's slope, told from its value.
  void (*slope)(Activation, const float* values, float* delta, std::size_t count);
  // Turns a row's logits into probabilities; padded columns become 0.
  void (*softmax)(float* row, std::size_t classes);
  // Turns a row's logits into scale * (softmax - one_hot(label)).
  RowLoss (*cross_entropy)(float* row, std::size_t classes, std::uint32_t label, float scale);
  void (*adam)(const AdamStep&, const float* gradient, float* first, float* second, float* parameters, std::size_t count);
  // exp, log and tanh over whole arrays: for tests.
  void (*math)(char function, const float* in, float* out, std::size_t count);
};
const Kernels& kernels(Level level); // must be supported

} // namespace packscope::learn::cpu
