// Floats on a 64-byte boundary, zero at first.
#pragma once

#include <algorithm>
#include <memory>
#include <new>

namespace packscope::learn::cpu {

class Buffer {
public:
  explicit Buffer(std::size_t count = 0)
      : data_(static_cast<float*>(::operator new(std::max<std::size_t>(count, 1) * sizeof(float), kAlignment))),
        count_(count) {
    std::fill_n(data_.get(), count, 0.0f);
  }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return count_; }

private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(float* data) const { ::operator delete(data, kAlignment); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t count_;
};

} // namespace packscope::learn::cpu
