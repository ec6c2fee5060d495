// Least squares, ridge in its dual form, quantiles; see statistics.h.
//
// Ridge: with standardised rows Z, coefficients are Zᵀ(ZZᵀ + penalty)⁻¹(y - mean), so that a fit to n rows of any width
// solves n × n equations (Cholesky: the matrix is symmetric, and positive definite for a penalty above 0).
#include "trace/findings/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace packscope::trace {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Solves a x = b in place for a symmetric positive definite `a`, row after row.
void solve(std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
}

double dot(const std::vector<double>& left, const std::vector<double>& right) {
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0);
}

// Rows as the fit sees them, scaled by figures of all rows but `held_out`.
std::vector<std::vector<double>> scaled_without(std::size_t held_out, std::span<const std::vector<double>> rows,
                                                std::span<const ColumnBlock> blocks) {
  std::vector<std::vector<double>> out(rows.size(), std::vector<double>(rows[0].size()));
  const double count = static_cast<double>(rows.size() - 1);
  for (const ColumnBlock& block : blocks) {
    for (std::size_t column = block.begin; column < block.end; ++column) {
      double sum = 0, squares = 0;
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (i != held_out) sum += rows[i][column];
      const double mean = sum / count;
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (i != held_out) squares += (rows[i][column] - mean) * (rows[i][column] - mean);
      // A column that doesn't vary among the others teaches nothing.
      const double deviation = std::sqrt(squares / count);
      if (deviation < 1e-12) continue;
      const double scale = 1 / (deviation * std::sqrt(static_cast<double>(block.end - block.begin)));
      for (std::size_t i = 0; i < rows.size(); ++i) out[i][column] = (rows[i][column] - mean) * scale;
    }
  }
  return out;
}

} // namespace

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const double at = share * static_cast<double>(values.size() - 1);
  const std::size_t below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (at - static_cast<double>(below));
}

Line fit_line(std::span<const double> x, std::span<const double> y) {
  Line line;
  if (x.empty()) return line;
  const double mean_x = mean_of(x), mean_y = mean_of(y);
  double xx = 0, xy = 0, yy = 0, residual = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  line.slope = xx > 0 ? xy / xx : 0;
  line.intercept = mean_y - line.slope * mean_x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double off = std::fabs(y[i] - line.intercept - line.slope * x[i]);
    residual += off * off;
    line.worst = std::max(line.worst, off);
  }
  line.r2 = yy > 0 ? 1 - residual / yy : 1;
  return line;
}

std::vector<double> ridge_leave_one_out(std::span<const std::vector<double>> rows, std::span<const double> y,
                                        std::span<const ColumnBlock> blocks, double penalty) {
  const std::size_t n = rows.size();
  std::vector<double> predicted(n);
  for (std::size_t held_out = 0; held_out < n; ++held_out) {
    std::vector<std::vector<double>> seen = scaled_without(held_out, rows, blocks);
    const std::vector<double> asked = std::move(seen[held_out]);
    seen.erase(seen.begin() + static_cast<std::ptrdiff_t>(held_out));
    std::vector<double> right(y.begin(), y.end());
    right.erase(right.begin() + static_cast<std::ptrdiff_t>(held_out));
    const double mean = mean_of(right);
    for (double& value : right) value -= mean;
    std::vector<double> gram((n - 1) * (n - 1));
    for (std::size_t i = 0; i + 1 < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) gram[i * (n - 1) + j] = dot(seen[i], seen[j]) + (i == j ? penalty : 0);
    solve(gram, right);
    predicted[held_out] = mean;
    for (std::size_t i = 0; i + 1 < n; ++i) predicted[held_out] += right[i] * dot(seen[i], asked);
  }
  return predicted;
}

double held_out_r2(std::span<const double> y, std::span<const double> predicted) {
  const double sum = std::accumulate(y.begin(), y.end(), 0.0);
  double error = 0, baseline = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double others = (sum - y[i]) / static_cast<double>(y.size() - 1);
    error += (y[i] - predicted[i]) * (y[i] - predicted[i]);
    baseline += (y[i] - others) * (y[i] - others);
  }
  return baseline > 0 ? 1 - error / baseline : 0;
}

} // namespace packscope::trace
