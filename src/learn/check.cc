// The same words for the same mistake, whatever computes.
#include "learn/check.h"

namespace packscope::learn {

Result<void> check(const Shape& shape, std::span<const float> parameters, std::size_t inputs) {
  if (shape.widths.size() < 2) return fail("network: fewer than two layers of units");
  for (const std::uint32_t width : shape.widths)
    if (width == 0) return fail("network: a layer without units");
  if (parameters.size() != parameter_count(shape)) return fail("network: parameters do not fit the shape");
  if (inputs % shape.inputs() != 0) return fail("network: inputs are no whole rows");
  std::uint32_t classes = 0;
  for (const std::uint32_t head : shape.heads) classes += head;
  if (!shape.heads.empty() && classes != shape.classes()) return fail("network: questions do not share out the last layer");
  return {};
}

Result<void> check(const Shape& shape, std::span<const float> parameters, const Samples& samples) {
  if (Result<void> fine = check(shape, parameters, samples.inputs.size()); !fine) return fine;
  const std::size_t count = samples.size(shape);
  const bool fits = samples.rows != nullptr ? samples.rows->width == shape.inputs() && samples.rows->size() == count
                                            : samples.inputs.size() == count * shape.inputs();
  if (!fits || samples.labels.size() % shape.questions() != 0) return fail("samples: rows and labels differ in number");
  for (std::size_t i = 0; i < samples.labels.size(); ++i)
    if (samples.labels[i] >= (shape.heads.empty() ? shape.classes() : shape.heads[i % shape.heads.size()]))
      return fail("samples: label above the classes");
  return {};
}

Result<void> check_order(std::span<const std::uint32_t> order, std::uint32_t batch, std::size_t samples) {
  if (batch == 0) return fail("training: a minibatch of no samples");
  for (const std::uint32_t sample : order)
    if (sample >= samples) return fail("training: order names a sample that is not there");
  return {};
}

} // namespace packscope::learn
