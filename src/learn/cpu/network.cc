// Forward and backward as three uses of one product (cpu/kernels.h).
#include "learn/cpu/network.h"

#include <algorithm>

namespace packscope::learn::cpu {

CpuLayer::CpuLayer(const Layer& layer, std::span<const float> parameters, bool first)
    : inputs(layer.inputs), outputs(layer.outputs), columns(padded(layer.outputs)), weight((inputs + 1) * columns),
      transposed(first ? 0 : outputs * padded(inputs)) {
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i)
      weight.data()[i * columns + o] = parameters[layer.weight + o * inputs + i];
    weight.data()[inputs * columns + o] = parameters[layer.bias + o];
  }
  transpose(0, inputs);
}

void CpuLayer::transpose(std::size_t begin, std::size_t end) {
  if (transposed.size() == 0) return;
  for (std::size_t i = begin; i < end; ++i)
    for (std::size_t o = 0; o < outputs; ++o) transposed.data()[o * padded(inputs) + i] = weight.data()[i * columns + o];
}

void CpuLayer::unpack(const Layer& layer, const Buffer& from, std::span<float> out) const {
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) out[layer.weight + o * inputs + i] = from.data()[i * columns + o];
    out[layer.bias + o] = from.data()[inputs * columns + o];
  }
}

CpuNetwork::CpuNetwork(const Shape& of, std::span<const float> parameters) : shape(of), plan(learn::layers(of)) {
  for (const Layer& layer : plan) layers.emplace_back(layer, parameters, layers.empty());
}

Activations::Activations(const CpuNetwork& network, std::size_t rows, bool is_sparse)
    : input(is_sparse ? 0 : rows * network.shape.inputs()), sparse(is_sparse ? rows : 0), loss(rows),
      label(rows * network.shape.questions()) {
  for (const CpuLayer& layer : network.layers) value.emplace_back(rows * layer.columns);
  for (const CpuLayer& layer : network.layers) delta.emplace_back(rows * layer.columns);
}

void forward(const Kernels& kernels, const CpuNetwork& network, const float* input, Activations& room, std::size_t begin,
             std::size_t end) {
  std::size_t stride = network.shape.inputs();
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const CpuLayer& layer = network.layers[i];
    float* out = room.value[i].data() + begin * layer.columns;
    if (i == 0 && !room.sparse.empty()) {
      for (std::size_t row = begin; row < end; ++row)
        kernels.sparse_product({.row = room.sparse[row], .b = layer.weight.data(), .start = layer.bias(),
                                .out = room.value[0].data() + row * layer.columns, .columns = layer.columns});
    } else kernels.product({.a = input + begin * stride, .a_row = stride, .a_step = 1, .b = layer.weight.data(),
                     .start = layer.bias(), .c = out, .rows = end - begin, .depth = layer.inputs,
                     .columns = layer.columns});
    if (i + 1 < network.layers.size()) kernels.activate(network.shape.activation, out, (end - begin) * layer.columns);
    input = room.value[i].data();
    stride = layer.columns;
  }
}

// One question: the kernel in place. Several: each in a padded copy, as the kernel writes whole vectors.
static RowLoss row_loss(const Kernels& kernels, const Shape& shape, float* logits, const std::uint32_t* labels, float scale) {
  if (shape.heads.empty()) {
    const RowLoss loss = kernels.cross_entropy(logits, shape.classes(), labels[0], scale);
    return {loss.loss, loss.right};
  }
  RowLoss total{0.0f, 0};
  std::vector<float> head;
  for (std::size_t q = 0; q < shape.heads.size(); logits += shape.heads[q++]) {
    head.assign(padded(shape.heads[q]), 0.0f);
    std::copy_n(logits, shape.heads[q], head.data());
    const RowLoss loss = kernels.cross_entropy(head.data(), shape.heads[q], labels[q], scale);
    std::copy_n(head.data(), shape.heads[q], logits);
    total.loss += loss.loss;
    total.right += loss.right;
  }
  return total;
}

void backward(const Kernels& kernels, const CpuNetwork& network, Activations& room, std::size_t begin, std::size_t end,
              float scale) {
  const CpuLayer& last = network.layers.back();
  float* logits = room.value.back().data();
  for (std::size_t row = begin; row < end; ++row)
    room.loss[row] = row_loss(kernels, network.shape, logits + row * last.columns,
                              room.label.data() + row * network.shape.questions(), scale);
  const float* above = logits;
  for (std::size_t i = network.layers.size() - 1; i > 0; --i) {
    const CpuLayer& layer = network.layers[i];
    const std::size_t below = padded(layer.inputs);
    float* delta = room.delta[i - 1].data();
    kernels.product({.a = above + begin * layer.columns, .a_row = layer.columns, .a_step = 1,
                     .b = layer.transposed.data(), .start = nullptr, .c = delta + begin * below, .rows = end - begin,
                     .depth = layer.outputs, .columns = below});
    kernels.slope(network.shape.activation, room.value[i - 1].data() + begin * below, delta + begin * below,
                  (end - begin) * below);
    above = delta;
  }
}

void weight_gradient(const Kernels& kernels, const CpuNetwork& network, const Activations& room, std::size_t index,
                     std::size_t samples, std::size_t begin, std::size_t end, Buffer& gradient) {
  static constexpr float kOne = 1.0f;
  const CpuLayer& layer = network.layers[index];
  const float* above = index + 1 == network.layers.size() ? room.value[index].data() : room.delta[index].data();
  const float* input = index == 0 ? room.input.data() : room.value[index - 1].data();
  const std::size_t stride = index == 0 ? layer.inputs : padded(layer.inputs);
  const std::size_t weights_end = std::min(end, layer.inputs);
  if (index == 0 && !room.sparse.empty()) {
    if (begin < weights_end) std::fill(gradient.data() + begin * layer.columns, gradient.data() + weights_end * layer.columns, 0.0f);
    const auto below = [](const Feature& feature, std::size_t bound) { return feature.index < bound; };
    for (std::size_t row = 0; row < samples; ++row) {
      const std::span<const Feature> all = room.sparse[row];
      const auto from = std::lower_bound(all.begin(), all.end(), begin, below), to = std::lower_bound(from, all.end(), weights_end, below);
      kernels.add_outer({from, to}, above + row * layer.columns, gradient.data(), layer.columns);
    }
  } else if (begin < weights_end)
    kernels.product({.a = input + begin, .a_row = 1, .a_step = stride, .b = above, .start = nullptr,
                     .c = gradient.data() + begin * layer.columns, .rows = weights_end - begin, .depth = samples,
                     .columns = layer.columns});
  if (end > layer.inputs) // the bias: an input that is always 1
    kernels.product({.a = &kOne, .a_row = 0, .a_step = 0, .b = above, .start = nullptr,
                     .c = gradient.data() + layer.inputs * layer.columns, .rows = 1, .depth = samples,
                     .columns = layer.columns});
}

} // namespace packscope::learn::cpu
