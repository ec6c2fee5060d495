// The few statistics that findings rest on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace packscope::trace {

// `share` 0..1 of the way through the sorted values, between two of them in proportion; 0 where there are none.
double quantile(std::vector<double> values, double share);
inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

// Least squares: y ≈ intercept + slope x.
struct Line {
  double slope = 0, intercept = 0;
  double r2 = 0;    // 1 - residual / total sum of squares; 1 where y doesn't vary
  double worst = 0; // largest |y - line|
};
Line fit_line(std::span<const double> x, std::span<const double> y);

// Columns [begin, end) of a row; each block counts alike, however many columns it has.
struct ColumnBlock {
  std::size_t begin, end;
};
// Ridge regression, every row predicted by a fit to all others: those alone give means, deviations and coefficients.
// `rows`: at least three, all of one width. The penalty stands against standardised columns, each divided by the square root
// of its block's width; 1 is the weight of one observation.
std::vector<double> ridge_leave_one_out(std::span<const std::vector<double>> rows, std::span<const double> y,
                                        std::span<const ColumnBlock> blocks, double penalty);
// 1 - (squared error of `predicted`) / (squared error of the mean of all others): 0 is no better than that mean.
double held_out_r2(std::span<const double> y, std::span<const double> predicted);

} // namespace packscope::trace
