// Each row goes through the CPU's kernel: as it lies where it needs no padding, else in a padded copy.
#include "learn/softmax.h"

#include "learn/cpu/kernels.h"

#include <algorithm>

namespace packscope::learn {

void softmax(std::span<float> rows, std::size_t classes) {
  const cpu::Kernels& kernels = cpu::kernels(cpu::supported_levels().back());
  if (classes == cpu::padded(classes)) {
    for (std::size_t at = 0; at + classes <= rows.size(); at += classes) kernels.softmax(rows.data() + at, classes);
    return;
  }
  std::vector<float> row(cpu::padded(classes));
  for (std::size_t at = 0; at + classes <= rows.size(); at += classes) {
    std::copy_n(rows.data() + at, classes, row.data());
    kernels.softmax(row.data(), classes);
    std::copy_n(row.data(), classes, rows.data() + at);
  }
}

} // namespace packscope::learn
