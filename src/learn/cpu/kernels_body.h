// The loops themselves, included once an instruction set by kernels.cc: PACKSCOPE_TARGET is the copy's target attribute,
// kRows and kVectors the block of C that its registers hold. Not a header to include elsewhere, hence no guard.

template <std::size_t rows, std::size_t vectors>
PACKSCOPE_TARGET void product_block(const Product& p, std::size_t row, std::size_t column) {
  Lanes sum[rows][vectors];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v)
      sum[r][v] = p.start == nullptr ? Lanes{} : load(p.start + column + v * kLanes);
  const float* a = p.a + row * p.a_row;
  const float* b = p.b + column;
  for (std::size_t k = 0; k < p.depth; ++k, a += p.a_step, b += p.columns)
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < vectors; ++v) sum[r][v] += a[r * p.a_row] * load(b + v * kLanes);
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) store(p.c + (row + r) * p.columns + column + v * kLanes, sum[r][v]);
}

template <std::size_t vectors>
PACKSCOPE_TARGET void product_columns(const Product& p, std::size_t column) {
  std::size_t row = 0;
  for (; row + kRows <= p.rows; row += kRows) product_block<kRows, vectors>(p, row, column);
  for (; row < p.rows; ++row) product_block<1, vectors>(p, row, column);
}

PACKSCOPE_TARGET void product(const Product& p) {
  std::size_t column = 0;
  for (; column + kVectors * kLanes <= p.columns; column += kVectors * kLanes) product_columns<kVectors>(p, column);
  for (; column < p.columns; column += kLanes) product_columns<1>(p, column);
}

template <std::size_t vectors>
PACKSCOPE_TARGET void sparse_columns(const SparseProduct& p, std::size_t column) {
  Lanes sum[vectors];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < vectors; ++v) sum[v] = load(p.start + column + v * kLanes);
  for (const std::uint32_t unit : p.units) {
    const float* b = p.b + unit * p.columns + column;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) sum[v] += load(b + v * kLanes);
  }
  for (const Feature& feature : p.row) {
    const float* b = p.b + feature.index * p.columns + column;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) sum[v] += feature.value * load(b + v * kLanes);
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < vectors; ++v) store(p.out + column + v * kLanes, sum[v]);
}

PACKSCOPE_TARGET void sparse_product(const SparseProduct& p) {
  constexpr std::size_t kMost = kRows * kVectors >= 16 ? 8 : 4;
  std::size_t column = 0;
  for (; column + kMost * kLanes <= p.columns; column += kMost * kLanes) sparse_columns<kMost>(p, column);
  switch ((p.columns - column) / kLanes) { // what is left in one pass over the row
  case 0: return;
  case 1: return sparse_columns<1>(p, column);
  case 2: return sparse_columns<2>(p, column);
  case 3: return sparse_columns<3>(p, column);
  case 4: return sparse_columns<4>(p, column);
  case 5: return sparse_columns<5>(p, column);
  case 6: return sparse_columns<6>(p, column);
  default: return sparse_columns<7>(p, column);
  }
}

PACKSCOPE_TARGET void add_outer(std::span<const Feature> features, const float* row, float* b, std::size_t columns) {
  for (const Feature& feature : features) {
    float* to = b + feature.index * columns;
    for (std::size_t c = 0; c < columns; c += kLanes) store(to + c, load(to + c) + feature.value * load(row + c));
  }
}

PACKSCOPE_TARGET void activate(Activation activation, float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const Lanes x = load(values + i);
    store(values + i, activation == Activation::relu ? choose(x > 0.0f, x, Lanes{}) : tanh(x));
  }
}

PACKSCOPE_TARGET void slope(Activation activation, const float* values, float* delta, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const Lanes y = load(values + i), d = load(delta + i);
    store(delta + i, activation == Activation::relu ? choose(y > 0.0f, d, Lanes{}) : d * (1.0f - y * y));
  }
}

// exp(row - greatest) in place, padded columns 0; their sum in column order.
PACKSCOPE_TARGET float shifted_exp(float* row, std::size_t classes, float greatest) {
  for (std::size_t c = 0; c < classes; c += kLanes) store(row + c, exp(load(row + c) - greatest));
  for (std::size_t c = classes; c < padded(classes); ++c) row[c] = 0.0f;
  float sum = 0.0f;
  for (std::size_t c = 0; c < classes; ++c) sum += row[c];
  return sum;
}

PACKSCOPE_TARGET void softmax(float* row, std::size_t classes) {
  const float sum = shifted_exp(row, classes, row[first_greatest(row, classes)]);
  for (std::size_t c = 0; c < classes; c += kLanes) store(row + c, load(row + c) / sum);
}

PACKSCOPE_TARGET RowLoss cross_entropy(float* row, std::size_t classes, std::uint32_t label, float scale) {
  const std::uint32_t best = first_greatest(row, classes);
  const float greatest = row[best], own = row[label];
  const float sum = shifted_exp(row, classes, greatest);
  for (std::size_t c = 0; c < classes; c += kLanes) store(row + c, load(row + c) / sum * scale);
  row[label] -= scale;
  return {log(all(sum))[0] - (own - greatest), best == label};
}

PACKSCOPE_TARGET void adam(const AdamStep& step, const float* gradient, float* first, float* second, float* parameters,
                           std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const Lanes g = load(gradient + i);
    const Lanes m = step.beta1 * load(first + i) + (1.0f - step.beta1) * g;
    const Lanes v = step.beta2 * load(second + i) + (1.0f - step.beta2) * (g * g);
    store(first + i, m);
    store(second + i, v);
    Lanes root;
    for (std::size_t lane = 0; lane < kLanes; ++lane) root[lane] = __builtin_sqrtf(v[lane]); // IEEE: exact to a bit
    const Lanes w = load(parameters + i);
    store(parameters + i, w - step.rate * m / (root * step.inverse_root_bias2 + step.epsilon) - step.decay * w);
  }
}

PACKSCOPE_TARGET void math(char function, const float* in, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const Lanes x = load(in + i);
    store(out + i, function == 'e' ? exp(x) : function == 'l' ? log(x) : tanh(x));
  }
}

inline constexpr Kernels kTable = {product, sparse_product, add_outer, activate, slope, softmax, cross_entropy, adam, math};
