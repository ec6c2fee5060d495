// Epochs on the CPU. A step has two parts with a wait between them: rows of the minibatch (forward, backward), then rows
// of the weights (gradient, Adam). Each thread owns its rows in both, so nothing is summed across threads.
#include "learn/cpu/backend.h"

#include "learn/check.h"
#include "learn/cpu/network.h"
#include "learn/cpu/team.h"

#include <cmath>
#include <cstdlib>

namespace packscope::learn::cpu {
namespace {

Level level_in_force() {
  const std::span<const Level> levels = supported_levels();
  if (const char* wanted = std::getenv("PACKSCOPE_CPU"); wanted != nullptr)
    for (const Level level : levels)
      if (name(level) == wanted) return level;
  return levels.back();
}

// Waking a thread costs some microseconds: a step below about a million multiplications is quicker alone.
unsigned threads_for(const Team& team, std::size_t parameters, std::size_t rows) {
  const std::size_t worth = parameters * rows / 500'000 + 1;
  return static_cast<unsigned>(std::min<std::size_t>(team.size(), worth));
}
std::pair<std::size_t, std::size_t> share(std::size_t rows, unsigned index, unsigned count) {
  return {rows * index / count, rows * (index + 1) / count};
}

class CpuSession : public Session {
public:
  CpuSession(const Kernels& kernels, Team& team, const Shape& shape, std::span<const float> parameters,
             const Samples& samples, const Adam& adam)
      : kernels_(kernels), team_(team), network_(shape, parameters), samples_(samples), adam_(adam),
        parameters_(parameters.size()) {
    for (const CpuLayer& layer : network_.layers) {
      gradient_.emplace_back(layer.weight.size());
      first_.emplace_back(layer.weight.size());
      second_.emplace_back(layer.weight.size());
    }
  }

  Result<EpochResult> epoch(std::span<const std::uint32_t> order, std::uint32_t batch, float learning_rate) override {
    if (Result<void> fine = check_order(order, batch, samples_.size(network_.shape)); !fine)
      return std::unexpected(fine.error());
    const std::size_t rows = std::min<std::size_t>(batch, order.size());
    if (!room_ || room_->loss.size() < rows) room_.emplace(network_, rows, samples_.rows != nullptr);
    EpochResult result;
    double loss = 0;
    for (std::size_t at = 0; at < order.size(); at += batch) {
      const std::span<const std::uint32_t> part = order.subspan(at, std::min<std::size_t>(batch, order.size() - at));
      step(part, learning_rate);
      for (std::size_t row = 0; row < part.size(); ++row) {
        loss += static_cast<double>(room_->loss[row].loss);
        result.correct += room_->loss[row].right;
      }
    }
    result.loss = order.empty() ? 0.0 : loss / static_cast<double>(order.size());
    return result;
  }

  Result<void> read_parameters(std::span<float> out) override {
    if (out.size() != parameters_) return fail("network: parameters do not fit the shape");
    for (std::size_t i = 0; i < network_.layers.size(); ++i)
      network_.layers[i].unpack(network_.plan[i], network_.layers[i].weight, out);
    return {};
  }

  // The gradient alone, of all samples as one minibatch.
  double gradient(std::span<float> out) {
    const std::size_t count = samples_.size(network_.shape);
    room_.emplace(network_, count, samples_.rows != nullptr);
    std::vector<std::uint32_t> order(count);
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    team_.run(threads_for(team_, parameters_, order.size()), [&](unsigned i, unsigned n) { rows(order, i, n); });
    double loss = 0;
    for (const RowLoss& row : room_->loss) loss += static_cast<double>(row.loss);
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      const CpuLayer& layer = network_.layers[i];
      weight_gradient(kernels_, network_, *room_, i, order.size(), 0, layer.inputs + 1, gradient_[i]);
      layer.unpack(network_.plan[i], gradient_[i], out);
    }
    return loss / static_cast<double>(count);
  }

private:
  void step(std::span<const std::uint32_t> part, float learning_rate) {
    power1_ *= static_cast<double>(adam_.beta1);
    power2_ *= static_cast<double>(adam_.beta2);
    const AdamStep adam{adam_.beta1, adam_.beta2, adam_.epsilon,
                        static_cast<float>(static_cast<double>(learning_rate) / (1 - power1_)),
                        static_cast<float>(1 / std::sqrt(1 - power2_)), learning_rate * adam_.weight_decay};
    const unsigned threads = threads_for(team_, parameters_, part.size());
    team_.run(threads, [&](unsigned i, unsigned n) { rows(part, i, n); });
    team_.run(threads, [&](unsigned i, unsigned n) { weights(part.size(), adam, i, n); });
  }

  void rows(std::span<const std::uint32_t> part, unsigned index, unsigned count) {
    const auto [begin, end] = share(part.size(), index, count);
    const std::size_t width = network_.shape.inputs(), questions = network_.shape.questions();
    for (std::size_t row = begin; row < end; ++row) {
      if (samples_.rows != nullptr) room_->sparse[row] = (*samples_.rows)[part[row]];
      else std::copy_n(samples_.inputs.data() + part[row] * width, width, room_->input.data() + row * width);
      std::copy_n(samples_.labels.data() + part[row] * questions, questions, room_->label.data() + row * questions);
    }
    forward(kernels_, network_, room_->input.data(), *room_, begin, end);
    backward(kernels_, network_, *room_, begin, end, 1.0f / static_cast<float>(part.size()));
  }

  void weights(std::size_t samples, const AdamStep& adam, unsigned index, unsigned count) {
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      CpuLayer& layer = network_.layers[i];
      const auto [begin, end] = share(layer.inputs + 1, index, count);
      weight_gradient(kernels_, network_, *room_, i, samples, begin, end, gradient_[i]);
      update(i, adam, begin, std::min(end, layer.inputs));
      if (end > layer.inputs) {
        AdamStep bias = adam;
        bias.decay = 0;
        update(i, bias, layer.inputs, end);
      }
      layer.transpose(begin, std::min(end, layer.inputs));
    }
  }

  void update(std::size_t index, const AdamStep& adam, std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    CpuLayer& layer = network_.layers[index];
    const std::size_t at = begin * layer.columns;
    kernels_.adam(adam, gradient_[index].data() + at, first_[index].data() + at, second_[index].data() + at,
                  layer.weight.data() + at, (end - begin) * layer.columns);
  }

  const Kernels& kernels_;
  Team& team_;
  CpuNetwork network_;
  const Samples samples_;
  const Adam adam_;
  const std::size_t parameters_;
  std::vector<Buffer> gradient_, first_, second_; // as CpuLayer::weight; Adam's two moments
  double power1_ = 1, power2_ = 1;                // beta^t
  std::optional<Activations> room_;
};

class CpuBackend : public Backend {
public:
  CpuBackend(unsigned threads, Level level) : level_(level), kernels_(kernels(level)), team_(threads) {}

  std::string name() const override {
    return "cpu (" + std::string(cpu::name(level_)) + ", " + std::to_string(team_.size()) +
           (team_.size() == 1 ? " thread)" : " threads)");
  }

  Result<std::unique_ptr<Session>> start(const Shape& shape, std::span<const float> parameters, const Samples& samples,
                                         const Adam& adam) override {
    if (Result<void> fine = check(shape, parameters, samples); !fine) return std::unexpected(fine.error());
    return std::make_unique<CpuSession>(kernels_, team_, shape, parameters, samples, adam);
  }

  Result<void> logits(const Shape& shape, std::span<const float> parameters, std::span<const float> inputs,
                      std::span<float> out) override {
    if (Result<void> fine = check(shape, parameters, inputs.size()); !fine) return fine;
    return all_logits(shape, parameters, inputs, nullptr, inputs.size() / shape.inputs(), out);
  }
  Result<void> logits(const Shape& shape, std::span<const float> parameters, const Rows& rows,
                      std::span<float> out) override {
    if (Result<void> fine = check(shape, parameters, 0); !fine) return fine;
    if (rows.width != shape.inputs()) return fail("network: inputs are no whole rows");
    return all_logits(shape, parameters, {}, &rows, rows.size(), out);
  }

  Result<double> gradient(const Shape& shape, std::span<const float> parameters, const Samples& samples,
                          std::span<float> out) override {
    if (Result<void> fine = check(shape, parameters, samples); !fine) return std::unexpected(fine.error());
    if (out.size() != parameters.size()) return fail("network: no room for the gradient");
    if (samples.size(shape) == 0) return fail("samples: none");
    return CpuSession(kernels_, team_, shape, parameters, samples, {}).gradient(out);
  }

private:
  Result<void> all_logits(const Shape& shape, std::span<const float> parameters, std::span<const float> inputs,
                          const Rows* sparse, std::size_t rows, std::span<float> out) {
    const std::size_t width = shape.inputs(), classes = shape.classes();
    if (out.size() != rows * classes) return fail("network: no room for the logits");
    const CpuNetwork network(shape, parameters);
    team_.run(threads_for(team_, parameters.size(), rows), [&](unsigned index, unsigned count) {
      constexpr std::size_t kPiece = 256; // rows whose values stay in the cache
      const auto [begin, end] = share(rows, index, count);
      Activations room(network, std::min(kPiece, end - begin), sparse != nullptr);
      for (std::size_t at = begin; at < end; at += kPiece) {
        const std::size_t piece = std::min(kPiece, end - at);
        if (sparse != nullptr)
          for (std::size_t row = 0; row < piece; ++row) room.sparse[row] = (*sparse)[at + row];
        forward(kernels_, network, sparse != nullptr ? nullptr : inputs.data() + at * width, room, 0, piece);
        for (std::size_t row = 0; row < piece; ++row)
          std::copy_n(room.value.back().data() + row * network.layers.back().columns, classes,
                      out.data() + (at + row) * classes);
      }
    });
    return {};
  }

  const Level level_;
  const Kernels& kernels_;
  Team team_;
};

} // namespace

std::unique_ptr<Backend> make_backend(unsigned threads, Level level) {
  return std::make_unique<CpuBackend>(std::max(threads, 1u), level);
}
std::unique_ptr<Backend> make_backend(unsigned threads) { return make_backend(threads, level_in_force()); }

} // namespace packscope::learn::cpu
