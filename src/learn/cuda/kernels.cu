// What is no matrix product, one thread an element (cross_entropy: a row).
//
// The idea: threads never talk to each other, so a kernel is a plain function of its own index. The same text therefore runs
// on the CPU as C++ (tests/learn/cuda/host.h), one index after the other, and no test needs a GPU to know that it is right.
// Compiled by NVRTC when the backend starts (compile.h), for the GPU that is there; without fused multiply-adds, as the
// CPU's backend rounds: these loops wait for memory, not for arithmetic.
#include "learn/cuda/arguments.h"

using namespace packscope::learn::cuda;

namespace {

// 64 bits: rows times columns may exceed 32.
__device__ unsigned long long own_index() { return (unsigned long long)blockIdx.x * blockDim.x + threadIdx.x; }

} // namespace

extern "C" __global__ void gather(Gather a) {
  const unsigned long long index = own_index(), columns = a.width + 1;
  if (index >= a.rows * columns) return;
  const unsigned long long row = index / columns, column = index % columns;
  const unsigned long long from = a.order != nullptr ? a.order[row] : row;
  a.out[row * a.stride + column] = column < a.width ? a.inputs[from * a.width + column] : 1.0f;
}

extern "C" __global__ void activate(Activate a) {
  const unsigned long long index = own_index(), columns = a.width + 1;
  if (index >= a.rows * columns) return;
  const unsigned long long row = index / columns, column = index % columns;
  float* value = a.values + row * a.stride + column;
  if (column == a.width) *value = 1.0f;
  else if (a.function == kTanh) *value = tanhf(*value);
  else *value = *value > 0.0f ? *value : 0.0f;
}

extern "C" __global__ void cross_entropy(CrossEntropy a) {
  const unsigned long long row = own_index();
  if (row >= a.rows) return;
  float* logits = a.logits + row * a.stride;
  const unsigned label = a.labels[a.order != nullptr ? a.order[row] : row];
  unsigned best = 0;
  for (unsigned c = 1; c < a.classes; ++c)
    if (logits[c] > logits[best]) best = c;
  const float greatest = logits[best], own = logits[label];
  float sum = 0.0f;
  for (unsigned c = 0; c < a.classes; ++c) sum += logits[c] = expf(logits[c] - greatest);
  for (unsigned c = 0; c < a.classes; ++c) logits[c] = logits[c] / sum * a.scale;
  logits[label] -= a.scale;
  a.loss[row] = logf(sum) - (own - greatest);
  a.correct[row] = best == label ? 1u : 0u;
}

extern "C" __global__ void slope(Slope a) {
  const unsigned long long index = own_index();
  if (index >= (unsigned long long)a.rows * a.width) return;
  const unsigned long long at = index / a.width * a.stride + index % a.width;
  const float y = a.values[at];
  if (a.function == kTanh) a.delta[at] *= 1.0f - y * y;
  else if (!(y > 0.0f)) a.delta[at] = 0.0f;
}

extern "C" __global__ void adam(AdamStep a) {
  const unsigned long long at = own_index();
  if (at >= (unsigned long long)a.rows * a.stride) return;
  const float g = a.gradient[at];
  const float m = a.beta1 * a.first[at] + (1.0f - a.beta1) * g;
  const float v = a.beta2 * a.second[at] + (1.0f - a.beta2) * (g * g);
  a.first[at] = m;
  a.second[at] = v;
  const float w = a.parameters[at], decay = at % a.stride == a.bias ? 0.0f : a.decay;
  a.parameters[at] = w - a.rate * m / (sqrtf(v) * a.inverse_root_bias2 + a.epsilon) - decay * w;
}
