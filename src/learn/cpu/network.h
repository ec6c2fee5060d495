// A network in the CPU's layout, and one minibatch through it.
//
// Weights lie transposed against network.h, [inputs][outputs padded to 16], so that lanes run over outputs; hidden layers
// also keep [outputs][inputs padded], which the gradient of their inputs wants. Padding stays 0 by itself: its
// gradient is 0.
#pragma once

#include "learn/backend.h"
#include "learn/cpu/buffer.h"
#include "learn/cpu/kernels.h"

namespace packscope::learn::cpu {

struct CpuLayer {
  std::size_t inputs, outputs, columns; // columns: outputs padded
  Buffer weight;                        // inputs rows and, as one more row, the bias
  Buffer transposed;                    // outputs rows of padded(inputs); empty for the first layer
  const float* bias() const { return weight.data() + inputs * columns; }

  CpuLayer(const Layer& layer, std::span<const float> parameters, bool first);
  // Brings rows [begin, end) of `transposed`'s columns up to date.
  void transpose(std::size_t begin, std::size_t end);
  // Copies a buffer laid out as `weight` into parameters' layout.
  void unpack(const Layer& layer, const Buffer& from, std::span<float> out) const;
};

struct CpuNetwork {
  Shape shape;
  std::vector<Layer> plan;
  std::vector<CpuLayer> layers;

  CpuNetwork(const Shape& shape, std::span<const float> parameters);
};

// Room for the values of `rows` samples.
struct Activations {
  Buffer input;                // rows of shape.inputs(), gathered; of sparse samples none:
  std::vector<std::span<const Feature>> sparse; // their rows instead
  std::vector<Buffer> value;   // after each layer; the last: logits, then the gradient of the loss by them
  std::vector<Buffer> delta;   // gradient by each hidden layer's value
  std::vector<RowLoss> loss;
  std::vector<std::uint32_t> label; // rows times questions

  Activations(const CpuNetwork& network, std::size_t rows, bool sparse);
};

// Rows [begin, end): forward; then, backward, what the loss of each row (times `scale`) asks of every layer's values.
// `input`: null where room.sparse has the rows.
void forward(const Kernels& kernels, const CpuNetwork& network, const float* input, Activations& room, std::size_t begin,
             std::size_t end);
void backward(const Kernels& kernels, const CpuNetwork& network, Activations& room, std::size_t begin, std::size_t end,
              float scale);
// Rows [begin, end) of layer `index`'s weight gradient (row `inputs` is the bias's), over all `samples` rows of `room`.
void weight_gradient(const Kernels& kernels, const CpuNetwork& network, const Activations& room, std::size_t index,
                     std::size_t samples, std::size_t begin, std::size_t end, Buffer& gradient);

} // namespace packscope::learn::cpu
