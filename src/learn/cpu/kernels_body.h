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

template <std::size_t registers>
PACKSCOPE_TARGET void sparse_columns(const SparseProduct& p, std::size_t column) {
  Register sum[registers];
#pragma GCC unroll 16
  for (std::size_t v = 0; v < registers; ++v) sum[v] = load_register(p.start + column + v * kRegister);
  const float* const base = p.b + column;
  const std::size_t columns = p.columns;
  for (const Unit unit : p.units) {
    const float* b = base + std::size_t{unit} * columns;
#pragma GCC unroll 16
    for (std::size_t v = 0; v < registers; ++v) sum[v] += load_register(b + v * kRegister);
  }
  for (const Feature& feature : p.row) {
    const float* b = base + feature.index * columns;
#pragma GCC unroll 16
    for (std::size_t v = 0; v < registers; ++v) sum[v] += feature.value * load_register(b + v * kRegister);
  }
#pragma GCC unroll 16
  for (std::size_t v = 0; v < registers; ++v) store_register(p.out + column + v * kRegister, sum[v]);
}

template <std::size_t registers>
PACKSCOPE_TARGET void sparse_rest(const SparseProduct& p, std::size_t column) { // what is left in one pass over the row
  if constexpr (registers > 0) {
    if (p.columns - column == registers * kRegister) return sparse_columns<registers>(p, column);
    sparse_rest<registers - kLanes / kRegister>(p, column);
  }
}

PACKSCOPE_TARGET void sparse_product(const SparseProduct& p) {
  std::size_t column = 0;
  for (; p.columns - column > kSums * kRegister; column += kSums * kRegister) sparse_columns<kSums>(p, column);
  sparse_rest<kSums>(p, column);
}

// One row of a dense product, 16 columns.
PACKSCOPE_TARGET void row_product(const float* a, const float* b, const float* start, float* c, std::size_t depth) {
  constexpr std::size_t kRegisters = kLanes / kRegister;
  Register sum[kRegisters];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < kRegisters; ++v) sum[v] = load_register(start + v * kRegister);
#pragma GCC unroll 4
  for (std::size_t k = 0; k < depth; ++k)
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kRegisters; ++v) sum[v] += a[k] * load_register(b + k * kLanes + v * kRegister);
#pragma GCC unroll 4
  for (std::size_t v = 0; v < kRegisters; ++v) store_register(c + v * kRegister, sum[v]);
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
    store(values + i, activation == Activation::relu ? choose(less(Lanes{}, x), x, Lanes{}) : tanh(x));
  }
}

PACKSCOPE_TARGET void slope(Activation activation, const float* values, float* delta, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const Lanes y = load(values + i), d = load(delta + i);
    store(delta + i, activation == Activation::relu ? choose(less(Lanes{}, y), d, Lanes{}) : d * (1.0f - y * y));
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

PACKSCOPE_TARGET std::uint32_t last_layer(const LastLayer& p) {
  alignas(64) float hidden[kMostHidden];
  for (std::size_t i = 0; i < p.depth; i += kRegister) { // padding is there, and read by none
    const Register x = load_register(p.hidden + i);
    if (p.activation == Activation::relu) store_register(hidden + i, x > 0.0f ? x : Register{});
    else for (std::size_t lane = 0; lane < kRegister; ++lane) hidden[i + lane] = x[lane];
  }
  if (p.activation != Activation::relu)
    for (std::size_t i = 0; i < p.depth; i += kLanes) store(hidden + i, tanh(load(hidden + i)));
  row_product(hidden, p.b, p.start, p.out, p.depth);
  const std::uint32_t best = first_greatest(p.out, p.classes);
  const float greatest = p.out[best] * p.inverse_temperature;
  store(p.out, exp(load(p.out) * p.inverse_temperature - greatest));
  for (std::size_t c = p.classes; c < kLanes; ++c) p.out[c] = 0.0f;
  float sum = 0.0f;
  for (std::size_t c = 0; c < p.classes; ++c) sum += p.out[c];
  store(p.out, load(p.out) / sum);
  return best;
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

inline constexpr Kernels kTable = {product, sparse_product, add_outer, last_layer, activate, slope, softmax, cross_entropy, adam, math};
