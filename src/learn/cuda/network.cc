// Forward and backward: three products a layer, and a kernel between layers.
#include "learn/cuda/network.h"

namespace packscope::learn::cuda {

DeviceLayer::DeviceLayer(Device& device, const Layer& layer, std::span<const float> parameters)
    : inputs(layer.inputs), outputs(layer.outputs), stride(stride_of(inputs)), weight(device, outputs * stride) {
  std::vector<float> rows(outputs * stride);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) rows[o * stride + i] = parameters[layer.weight + o * inputs + i];
    rows[o * stride + inputs] = parameters[layer.bias + o];
  }
  weight.write(rows);
}

void DeviceLayer::unpack(const Layer& layer, const DeviceArray<float>& from, std::span<float> out) const {
  std::vector<float> rows(outputs * stride);
  from.read(rows);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) out[layer.weight + o * inputs + i] = rows[o * stride + i];
    out[layer.bias + o] = rows[o * stride + inputs];
  }
}

DeviceNetwork::DeviceNetwork(Device& on, const Shape& of, std::span<const float> parameters)
    : device(on), shape(of), plan(learn::layers(of)) {
  for (const Layer& layer : plan) layers.emplace_back(device, layer, parameters);
}

Activations::Activations(const DeviceNetwork& network, std::size_t rows) {
  for (const std::uint32_t width : network.shape.widths) value.emplace_back(network.device, rows * stride_of(width));
  for (std::size_t i = 1; i < network.layers.size(); ++i)
    delta.emplace_back(network.device, rows * network.layers[i].stride);
}

void forward(const DeviceNetwork& network, const Activations& room, std::size_t rows) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const DeviceLayer& layer = network.layers[i];
    const std::size_t stride = stride_of(layer.outputs);
    float* out = room.value[i + 1].data();
    network.device.product({.a = room.value[i].data(), .a_stride = layer.stride, .a_transposed = false,
                            .b = layer.weight.data(), .b_stride = layer.stride, .b_transposed = true,
                            .c = out, .c_stride = stride,
                            .rows = rows, .depth = layer.inputs + 1, .columns = layer.outputs});
    if (i + 1 < network.layers.size())
      launch(network.device, rows * (layer.outputs + 1),
             Activate{.values = out, .rows = static_cast<unsigned>(rows), .width = static_cast<unsigned>(layer.outputs),
                      .stride = static_cast<unsigned>(stride), .function = network.function()});
  }
}

void backward(const DeviceNetwork& network, const Activations& room, std::size_t rows,
              const std::vector<DeviceArray<float>>& gradient) {
  const float* above = room.value.back().data();
  for (std::size_t i = network.layers.size(); i-- > 0;) {
    const DeviceLayer& layer = network.layers[i];
    const std::size_t above_stride = stride_of(layer.outputs);
    network.device.product({.a = above, .a_stride = above_stride, .a_transposed = true,
                            .b = room.value[i].data(), .b_stride = layer.stride, .b_transposed = false,
                            .c = gradient[i].data(), .c_stride = layer.stride,
                            .rows = layer.outputs, .depth = rows, .columns = layer.inputs + 1});
    if (i == 0) break; // nobody asks what the samples should have been
    float* delta = room.delta[i - 1].data();
    network.device.product({.a = above, .a_stride = above_stride, .a_transposed = false,
                            .b = layer.weight.data(), .b_stride = layer.stride, .b_transposed = false,
                            .c = delta, .c_stride = layer.stride,
                            .rows = rows, .depth = layer.outputs, .columns = layer.inputs});
    launch(network.device, rows * layer.inputs,
           Slope{.values = room.value[i].data(), .delta = delta, .rows = static_cast<unsigned>(rows),
                 .width = static_cast<unsigned>(layer.inputs), .stride = static_cast<unsigned>(layer.stride),
                 .function = network.function()});
    above = delta;
  }
}

} // namespace packscope::learn::cuda
