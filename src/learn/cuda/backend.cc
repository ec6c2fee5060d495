// Epochs on a device. Samples, weights and Adam's moments stay there for a whole session; an epoch sends its order, queues
// every step, and waits once, for the rows' losses.
#include "learn/cuda/backend.h"

#include "learn/check.h"
#include "learn/cuda/network.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <optional>

namespace packscope::learn::cuda {
namespace {

// cuBLAS counts rows in an int.
Result<void> check_rows(std::size_t rows) {
  if (rows > INT_MAX) return fail("backend cuda: more than " + std::to_string(INT_MAX) + " rows at once");
  return {};
}

std::vector<DeviceArray<float>> like_weights(const DeviceNetwork& network) {
  std::vector<DeviceArray<float>> arrays;
  for (const DeviceLayer& layer : network.layers) arrays.emplace_back(network.device, layer.weight.size());
  return arrays;
}

class CudaSession : public Session {
public:
  CudaSession(Device& device, const Shape& shape, std::span<const float> parameters, const Samples& samples,
              const Adam& adam)
      : device_(device), network_(device, shape, parameters), inputs_(device, samples.inputs),
        labels_(device, samples.labels), adam_(adam), samples_(samples.size(shape)), parameters_(parameters.size()),
        gradient_(like_weights(network_)), first_(like_weights(network_)), second_(like_weights(network_)) {}

  Result<EpochResult> epoch(std::span<const std::uint32_t> order, std::uint32_t batch, float learning_rate) override {
    if (Result<void> fine = check_order(order, batch, samples_); !fine) return std::unexpected(fine.error());
    if (Result<void> fine = check_rows(order.size()); !fine) return std::unexpected(fine.error());
    if (Result<void> fine = make_room(order.size(), std::min<std::size_t>(batch, order.size())); !fine)
      return std::unexpected(fine.error());
    order_->write(order);
    for (std::size_t at = 0; at < order.size(); at += batch)
      step(at, std::min<std::size_t>(batch, order.size() - at), learning_rate);
    return collect(order.size());
  }

  Result<void> read_parameters(std::span<float> out) override {
    if (out.size() != parameters_) return fail("network: parameters do not fit the shape");
    for (std::size_t i = 0; i < network_.layers.size(); ++i)
      network_.layers[i].unpack(network_.plan[i], network_.layers[i].weight, out);
    return device_.status();
  }

  // The gradient alone, of all samples as one minibatch.
  Result<double> gradient(std::span<float> out) {
    if (Result<void> fine = make_room(samples_, samples_); !fine) return std::unexpected(fine.error());
    pass(nullptr, 0, samples_);
    for (std::size_t i = 0; i < network_.layers.size(); ++i)
      network_.layers[i].unpack(network_.plan[i], gradient_[i], out);
    const Result<EpochResult> result = collect(samples_);
    if (!result) return std::unexpected(result.error());
    return result->loss;
  }

private:
  // `count` samples an epoch, `rows` at a time. A smaller minibatch may fit where this one did not.
  Result<void> make_room(std::size_t count, std::size_t rows) {
    if (!order_ || order_->size() < count) {
      order_.emplace(device_, count);
      loss_.emplace(device_, count);
      correct_.emplace(device_, count);
    }
    if (!room_ || rows_ < rows) room_.emplace(network_, rows_ = rows);
    Result<void> fine = device_.status();
    if (!fine) {
      for (auto* array : {&order_, &correct_}) array->reset();
      loss_.reset();
      room_.reset();
    }
    return fine;
  }

  // Rows [at, at + rows) of the order (null: of the samples), forward and backward.
  void pass(const std::uint32_t* order, std::size_t at, std::size_t rows) {
    const auto count = static_cast<unsigned>(rows);
    const auto width = network_.shape.inputs(), classes = network_.shape.classes();
    launch(device_, rows * (width + std::size_t{1}),
           Gather{.inputs = inputs_.data(), .order = order, .out = room_->value.front().data(), .rows = count,
                  .width = width, .stride = static_cast<unsigned>(stride_of(width))});
    forward(network_, *room_, rows);
    launch(device_, rows,
           CrossEntropy{.logits = room_->value.back().data(), .labels = labels_.data(), .order = order,
                        .loss = loss_->data() + at, .correct = correct_->data() + at, .rows = count,
                        .classes = classes, .stride = static_cast<unsigned>(stride_of(classes)),
                        .scale = 1.0f / static_cast<float>(rows)});
    backward(network_, *room_, rows, gradient_);
  }

  void step(std::size_t at, std::size_t rows, float learning_rate) {
    power1_ *= static_cast<double>(adam_.beta1);
    power2_ *= static_cast<double>(adam_.beta2);
    pass(order_->data() + at, at, rows);
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      const DeviceLayer& layer = network_.layers[i];
      launch(device_, layer.weight.size(),
             AdamStep{.gradient = gradient_[i].data(), .first = first_[i].data(), .second = second_[i].data(),
                      .parameters = layer.weight.data(), .rows = static_cast<unsigned>(layer.outputs),
                      .bias = static_cast<unsigned>(layer.inputs), .stride = static_cast<unsigned>(layer.stride),
                      .beta1 = adam_.beta1, .beta2 = adam_.beta2, .epsilon = adam_.epsilon,
                      .rate = static_cast<float>(static_cast<double>(learning_rate) / (1 - power1_)),
                      .inverse_root_bias2 = static_cast<float>(1 / std::sqrt(1 - power2_)),
                      .decay = learning_rate * adam_.weight_decay});
    }
  }

  // Waits, and adds up in the order of the rows.
  Result<EpochResult> collect(std::size_t count) {
    std::vector<float> loss(count);
    std::vector<std::uint32_t> correct(count);
    loss_->read(loss);
    correct_->read(correct);
    if (Result<void> fine = device_.status(); !fine) return std::unexpected(fine.error());
    EpochResult result;
    for (const float row : loss) result.loss += static_cast<double>(row);
    for (const std::uint32_t row : correct) result.correct += row;
    if (count != 0) result.loss /= static_cast<double>(count);
    return result;
  }

  Device& device_;
  DeviceNetwork network_;
  DeviceArray<float> inputs_;
  DeviceArray<std::uint32_t> labels_;
  const Adam adam_;
  const std::size_t samples_, parameters_;
  std::vector<DeviceArray<float>> gradient_, first_, second_; // as the layers' weights; Adam's two moments
  double power1_ = 1, power2_ = 1;                            // beta^t
  std::optional<DeviceArray<std::uint32_t>> order_, correct_;
  std::optional<DeviceArray<float>> loss_;
  std::optional<Activations> room_;
  std::size_t rows_ = 0; // that room_ holds
};

class CudaBackend : public Backend {
public:
  explicit CudaBackend(std::unique_ptr<Device> device) : device_(std::move(device)) {}

  std::string name() const override { return "cuda (" + device_->name() + ")"; }

  Result<std::unique_ptr<Session>> start(const Shape& shape, std::span<const float> parameters, const Samples& samples,
                                         const Adam& adam) override {
    Result<std::unique_ptr<CudaSession>> session = open(shape, parameters, samples, adam);
    if (!session) return std::unexpected(session.error());
    return std::move(*session);
  }

  Result<void> logits(const Shape& shape, std::span<const float> parameters, std::span<const float> inputs,
                      std::span<float> out) override {
    if (Result<void> fine = check(shape, parameters, inputs.size()); !fine) return fine;
    const std::size_t width = shape.inputs(), classes = shape.classes(), rows = inputs.size() / width;
    if (out.size() != rows * classes) return fail("network: no room for the logits");
    constexpr std::size_t kPiece = std::size_t{1} << 16; // rows at a time: bounds the device's memory
    const DeviceNetwork network(*device_, shape, parameters);
    const Activations room(network, std::min(kPiece, rows));
    const DeviceArray<float> samples(*device_, std::min(kPiece, rows) * width);
    std::vector<float> wide(std::min(kPiece, rows) * stride_of(classes));
    if (Result<void> fine = device_->status(); !fine) return fine;
    for (std::size_t at = 0; at < rows; at += kPiece) {
      const std::size_t piece = std::min(kPiece, rows - at);
      samples.write(inputs.subspan(at * width, piece * width));
      launch(*device_, piece * (width + 1),
             Gather{.inputs = samples.data(), .order = nullptr, .out = room.value.front().data(),
                    .rows = static_cast<unsigned>(piece), .width = static_cast<unsigned>(width),
                    .stride = static_cast<unsigned>(stride_of(width))});
      forward(network, room, piece);
      room.value.back().read(std::span(wide).first(piece * stride_of(classes)));
      for (std::size_t row = 0; row < piece; ++row)
        std::copy_n(wide.data() + row * stride_of(classes), classes, out.data() + (at + row) * classes);
    }
    return device_->status();
  }

  Result<double> gradient(const Shape& shape, std::span<const float> parameters, const Samples& samples,
                          std::span<float> out) override {
    if (samples.size(shape) == 0) return fail("samples: none");
    if (out.size() != parameters.size()) return fail("network: no room for the gradient");
    Result<std::unique_ptr<CudaSession>> session = open(shape, parameters, samples, {});
    if (!session) return std::unexpected(session.error());
    return (*session)->gradient(out);
  }

private:
  Result<std::unique_ptr<CudaSession>> open(const Shape& shape, std::span<const float> parameters,
                                            const Samples& samples, const Adam& adam) {
    if (Result<void> fine = check(shape, parameters, samples); !fine) return std::unexpected(fine.error());
    if (Result<void> fine = check_rows(samples.size(shape)); !fine) return std::unexpected(fine.error());
    if (!shape.heads.empty()) return fail("backend cuda: several questions in one network are the CPU backend's (--backend cpu)");
    if (samples.rows != nullptr) { // the device multiplies whole matrices
      const std::vector<float> dense = samples.rows->dense();
      return open(shape, parameters, Samples{dense, samples.labels}, adam);
    }
    auto session = std::make_unique<CudaSession>(*device_, shape, parameters, samples, adam);
    if (Result<void> fine = device_->status(); !fine) return std::unexpected(fine.error());
    return session;
  }

  const std::unique_ptr<Device> device_;
};

} // namespace

std::unique_ptr<Backend> make_backend(std::unique_ptr<Device> device) {
  return std::make_unique<CudaBackend>(std::move(device));
}

} // namespace packscope::learn::cuda
