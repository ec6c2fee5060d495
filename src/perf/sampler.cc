// Samples from the ring buffer; see sampler.h. A record, as asked for (perf_event_open(2)):
//
//   record := perf_event_header{type, misc, size} body
//   body   := SAMPLE: ip:u64 time:u64 nr:u64 address:u64 × nr     LOST: id:u64 lost:u64
#include "perf/sampler.h"

#include "perf/count.h"

namespace packscope::perf {
namespace {

// Addresses from here on are marks, not addresses: "what follows is of user mode" (PERF_CONTEXT_USER and such).
constexpr std::uint64_t kFirstContextMark = static_cast<std::uint64_t>(-4095);

std::optional<Sample> parse_sample(Bytes body) {
  constexpr std::size_t kFixed = 3 * 8; // ip, time, nr
  if (body.size() < kFixed) return {};
  Sample sample;
  const std::uint64_t ip = load_le<std::uint64_t>(body.data());
  sample.time_ns = load_le<std::uint64_t>(body.data() + 8);
  const std::uint64_t count = load_le<std::uint64_t>(body.data() + 16);
  if (count > (body.size() - kFixed) / 8) return {};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t address = load_le<std::uint64_t>(body.data() + kFixed + i * 8);
    if (address < kFirstContextMark) sample.chain.push_back(address);
  }
  if (sample.chain.empty()) sample.chain.push_back(ip);
  return sample;
}

} // namespace

Sampler::Sampler(SamplerOptions options, const OpenRing& open) : measured_(kNotMeasured) {
  for (const EventKind kind : {EventKind::cycles, EventKind::task_clock}) {
    perf_event_attr attributes = event_attributes(kind);
    attributes.read_format = 0;
    attributes.disabled = 1;
    attributes.freq = 1;
    attributes.sample_freq = options.frequency;
    attributes.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN;
    attributes.exclude_callchain_kernel = 1;
    std::expected<std::unique_ptr<Ring>, Refusal> opened = open(attributes, options.pages);
    if (opened) {
      ring_ = std::move(*opened);
      measured_ = event_name(kind);
      return;
    }
    const std::string refused = refusal_text(kind, opened.error());
    fallback_ = fallback_ ? *fallback_ + "; " + refused : refused;
  }
}

void Sampler::start() {
  if (ring_) ring_->enable();
}

void Sampler::stop() {
  if (!ring_) return;
  ring_->disable();
  drain();
}

void Sampler::drain() {
  if (!ring_) return;
  ring_->drain([&](Bytes record) {
    perf_event_header header;
    if (record.size() < sizeof header) return;
    std::memcpy(&header, record.data(), sizeof header);
    const Bytes body = record.subspan(sizeof header);
    if (header.type == PERF_RECORD_LOST && body.size() >= 16) {
      lost_ += load_le<std::uint64_t>(body.data() + 8);
    } else if (header.type == PERF_RECORD_SAMPLE) {
      if (std::optional<Sample> sample = parse_sample(body)) samples_.push_back(std::move(*sample));
    }
  });
}

} // namespace packscope::perf
