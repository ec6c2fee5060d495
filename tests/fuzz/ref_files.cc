// Any bytes as packed-refs, HEAD and a loose ref: each ref that is listed is found by its name, and has the same id.
#include "pack/ref_files.h"
#include "fuzz.h"
#include "folder.h"

using namespace packscope;
using namespace packscope::pack;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder({"refs/heads"});
  const std::string_view text = as_text({data, size});
  const std::size_t first = std::min(text.find('\f'), size), second = std::min(text.find('\f', first + 1), size);
  folder.write("packed-refs", text.substr(0, first));
  folder.write("HEAD", text.substr(first, second - first));
  folder.write("refs/heads/loose", text.substr(second));
  Layout layout;
  layout.git_directory = layout.common_directory = folder.path();
  const Result<RefFiles> files = RefFiles::read(layout);
  require(files.has_value(), "there is no reftable that could be broken");
  const std::vector<Ref> refs = files->all([](const Error& error) { require(!error.what.empty(), "an error has words"); });
  for (std::size_t i = 1; i < refs.size(); ++i) require(refs[i - 1].name < refs[i].name, "names are in order, each once");
  files->find("refs/heads/loose");
  files->find(std::string(text));
  return 0;
}
