// A lattice's file, whatever its bytes: pages are followed, records read, looked up and joined; nothing leads outside.
#include "fuzz.h"
#include "lattice/evidence.h"
#include "lattice/merge.h"
#include "lattice/store.h"
#include "lattice/votes.h"

using namespace packscope;
using namespace packscope::lattice;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<Lattice> lattice = Lattice::of({data, size}, "lattice");
  if (!lattice) return 0;
  std::uint64_t last = 0, count = 0;
  const CursorPtr records = lattice->records();
  for (Record record;; ++count) {
    const Result<bool> more = records->next(record);
    if (!more || !*more) break;
    require(count == 0 || record.key > last, "keys ascend");
    require(record.value.data() >= data && record.value.data() + record.value.size() <= data + size, "values lie in the file");
    require(count <= size, "records end");
    last = record.key;
    bool damaged = false;
    lattice->find(record.key ^ 1, damaged);
    LanguageVotes votes;
    read_votes(record.value, 1, votes, damaged);
    if (const std::optional<Evidence> evidence = Evidence::decode(record.value)) {
      std::string again;
      evidence->encode(again);
      require(again == as_text(record.value), "evidence has one spelling");
    }
  }
  std::vector<CursorPtr> twice;
  for (int i = 0; i < 2; ++i) twice.push_back(lattice->records());
  const CursorPtr joined = merge(std::move(twice));
  for (Record record;;)
    if (const Result<bool> more = joined->next(record); !more || !*more) break;
  return 0;
}
