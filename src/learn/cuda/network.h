// A network in a device's memory, and one minibatch through it as products and kernels.
//
// The idea: a bias is the weight of one more input that is always 1. Each layer's weights and biases are then one matrix,
// [outputs][inputs and the 1], which the forward pass, the gradient and Adam each treat in one call. Rows are
// padded to 16 bytes, which cuBLAS's faster kernels ask for; padding stays 0 by itself, its gradient being 0.
#pragma once

#include "learn/cuda/device.h"
#include "learn/network.h"

#include <vector>

namespace packscope::learn::cuda {

constexpr std::size_t stride_of(std::size_t width) { return (width + 1 + 3) / 4 * 4; }

struct DeviceLayer {
  std::size_t inputs, outputs, stride; // of a row of weights
  DeviceArray<float> weight;

  DeviceLayer(Device& device, const Layer& layer, std::span<const float> parameters);
  // Copies an array laid out as `weight` into parameters' layout (network.h).
  void unpack(const Layer& layer, const DeviceArray<float>& from, std::span<float> out) const;
};

struct DeviceNetwork {
  Device& device;
  Shape shape;
  std::vector<Layer> plan;
  std::vector<DeviceLayer> layers;

  DeviceNetwork(Device& device, const Shape& shape, std::span<const float> parameters);
  Function function() const { return shape.activation == Activation::relu ? kRelu : kTanh; }
};

// Room for the values of `rows` samples.
struct Activations {
  std::vector<DeviceArray<float>> value; // [0]: the samples; [i]: after layer i - 1; the last: logits, then their gradient
  std::vector<DeviceArray<float>> delta; // [i]: gradient by value[i + 1], hidden layers alone

  Activations(const DeviceNetwork& network, std::size_t rows);
};

// From value[0] to logits.
void forward(const DeviceNetwork& network, const Activations& room, std::size_t rows);
// From the logits' gradient to every layer's, laid out as its weights.
void backward(const DeviceNetwork& network, const Activations& room, std::size_t rows,
              const std::vector<DeviceArray<float>>& gradient);

} // namespace packscope::learn::cuda
